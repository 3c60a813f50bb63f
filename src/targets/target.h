/* A target: one CPython release as one flat constant.
 *
 * Everything that depends on the release is a field here: the opcode table, named features
 * (yes/no), and slots (functions named after the mechanism that they implement). Nothing outside
 * src/targets compares version numbers. Each target lists every field; none is derived from another
 * target.
 */
#ifndef MKPYC_TARGETS_TARGET_H
#define MKPYC_TARGETS_TARGET_H

#include "targets/opcode.h"

#include <stddef.h>

enum feature {
#define FEATURE(name, from, until) FEATURE_##name,
#include "targets/features.def"
#undef FEATURE
    FEATURE_COUNT
};

/* Slots are grouped by the stage that owns them; each stage's header defines its struct. */
struct codegen_slots; /* codegen/codegen.h */
struct backend_slots; /* opt/backend.h: optimiser passes, assembler, line table */
struct out_slots;     /* out/out.h: marshal rules, code layout, header */
struct syntax_rules;  /* syntax/syntax_rules.h: unicode version, codecs, error texts, limits */
struct sema_slots;    /* sema/sema.h: symbol table and folding rules */

struct target {
    const char *name;                  /* "3.13" */
    const char *reference;             /* "3.13.0": the patch release this was verified against */
    const char *cache_tag;             /* "cpython-313" */
    uint16_t magic;                    /* 3571 */
    bool final;                        /* a final release, eligible as the default */
    const struct opcode_info *opcodes; /* [OPCODE_COUNT] */
    const struct syntax_rules *syntax;
    const struct sema_slots *sema;
    const struct codegen_slots *codegen;
    const struct backend_slots *backend;
    const struct out_slots *out;
    bool has[FEATURE_COUNT];
};

/* For a target's file: #define TARGET_VERSION PY(3, 13, 0) and then `.has = { TARGET_FEATURES }`
 * through features_of.h. */
#define PY(major, minor, patch) ((major)*10000 + (minor)*100 + (patch))

/* All targets, oldest first. */
extern const struct target *const targets[];
extern const size_t target_count;
/* "3.13" (the newest patch release known), "3.13.0", "cpython-313", or NULL. */
const struct target *target_find(const char *name);
/* The newest final release known. */
const struct target *target_default(void);

#endif
