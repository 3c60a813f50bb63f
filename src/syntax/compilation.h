/* The state of one compilation: what all stages share. Made and torn down by the driver. */
#ifndef MKPYC_SYNTAX_COMPILATION_H
#define MKPYC_SYNTAX_COMPILATION_H

#include "syntax/ast.h"
#include "targets/target.h"
#include "util/arena.h"
#include "util/constant.h"
#include "util/diagnostic.h"
#include "util/strings.h"

struct backend_scratch;
struct opcode_effects;
struct word_scratch;
struct buffer;
struct decoded_source;

/* What a stage may have asked of the level of optimisation: levels that answer alike go on from the
 * same state. */
enum level_use {
    LEVEL_DEBUG = 1,      /* is __debug__ true (-O0)? */
    LEVEL_DOCSTRINGS = 2, /* are docstrings dropped (-O2)? */
};

struct compilation {
    const struct target *target;
    struct arena *arena;
    struct unwind unwind;
    struct strings strings;
    struct strings_start *strings_start; /* the worker's */
    struct constants constants;
    struct diagnostics diagnostics;
    const char *filename; /* co_filename, UTF-8, NUL-terminated */
    int optimize;         /* 0, 1, 2 */
    /* enum level_use: what the stages before code generation have asked of it */
    unsigned level_uses;
    /* decoded text: UTF-8, newlines are \n, ends with a newline and then a NUL */
    const char *source;
    size_t source_length;                 /* without the NUL */
    const struct decoded_source *decoded; /* syntax/decode.h: all that decoding found out */
    bool final_newline_added;             /* the file itself did not end in a newline */
    /* Can the lines of the source be read from the file `filename`, so that errors quote them?
     * Asked when there is an error. NULL: they can't. */
    bool (*has_program_text)(const struct compilation *c);
    bool tells_incomplete; /* a source that ends too early is an error of its own */
    uint32_t future_flags; /* enum future_flags of sema/future.h */
    /* of the last __future__ statement in its place; lineno -1: none */
    struct location future_location;
    bool has_odd_names;              /* a name is not ASCII, or has dots (in an import) */
    uint32_t code_count;             /* code objects made so far */
    struct opcode_effects *effects;  /* targets/stack_effect.h: the worker's */
    struct backend_scratch *backend; /* opt/backend.h; NULL at the start */
    struct word_scratch *words;      /* asm/words.c; NULL at the start */
    /* where the back end describes each code unit as it passes, or NULL */
    struct buffer *cfg_dump, *asm_dump;
};

/* The file that an exception or a warning is about: `own`, or that of the module if it is NULL. */
static inline const char *filename_of(const struct compilation *c, const char *own)
{
    return own != NULL ? own : c->filename;
}

/* Does the target have a feature? */
#define HAS(c, FEATURE) ((c)->target->has[FEATURE_##FEATURE])

#endif
