/* Which names a fresh interpreter of a release holds as interned strings before it reads a source.
 */
#ifndef MKPYC_OUT_KNOWN_NAMES_H
#define MKPYC_OUT_KNOWN_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A bit of known_name_releases for each reference release. */
enum known_names {
    KNOWN_NAMES_3_8_18,
    KNOWN_NAMES_3_9_18,
    KNOWN_NAMES_3_10_13,
    KNOWN_NAMES_3_11_7,
    KNOWN_NAMES_3_12_1,
    KNOWN_NAMES_3_13_0,
    KNOWN_NAMES_3_13_15,
    KNOWN_NAMES_3_14_8,
    KNOWN_NAMES_3_15_0,
};

/* The table, in gen/known_names.c: sorted texts with a NUL behind each, where they begin, and who
 * knows them. */
extern const char known_name_text[];
extern const uint32_t known_name_offsets[];
extern const uint16_t known_name_releases[];
extern const uint32_t known_name_count;

/* Does the interpreter know the name? */
bool is_known_name(enum known_names release, const char *bytes, size_t length);

#endif
