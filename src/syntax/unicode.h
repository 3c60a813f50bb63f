/* Unicode as each CPython release knows it.
 *
 * Every question takes the Unicode version that the release was built with, since identifiers,
 * names and printability all depend on it. The tables behind are one union over all versions: a
 * character carries the index of its history, and a history gives the value for each version. ASCII
 * never touches a table.
 *
 * Answers to Objects/unicodetype_db.h, Modules/unicodedata.c and Modules/unicodename_db.h.
 */
#ifndef MKPYC_SYNTAX_UNICODE_H
#define MKPYC_SYNTAX_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* The Unicode versions of CPython 3.4 (6.3) to 3.15 (17.0), oldest first. */
enum unicode_version {
    UNICODE_6_3,  /* 3.4 */
    UNICODE_8_0,  /* 3.5 */
    UNICODE_9_0,  /* 3.6 */
    UNICODE_11_0, /* 3.7 */
    UNICODE_12_1, /* 3.8 */
    UNICODE_13_0, /* 3.9, 3.10 */
    UNICODE_14_0, /* 3.11 */
    UNICODE_15_0, /* 3.12 */
    UNICODE_15_1, /* 3.13 */
    UNICODE_16_0, /* 3.14 */
    UNICODE_17_0, /* 3.15 */
    UNICODE_VERSION_COUNT
};

/* The largest code point. */
#define UNICODE_MAX 0x10FFFFu

/* The code point that stands for "none". */
#define UNICODE_NONE 0xFFFFFFFFu

/* Whether cp may begin an identifier. '_' may; str.isidentifier of the one-character string. */
bool unicode_is_xid_start(uint32_t cp, enum unicode_version version);

/* Whether cp may stand in an identifier after its first character. */
bool unicode_is_xid_continue(uint32_t cp, enum unicode_version version);

/* str.isprintable of the one-character string. */
bool unicode_is_printable(uint32_t cp, enum unicode_version version);

/* str.isspace of the one-character string: the same in all of these versions. */
bool unicode_is_space(uint32_t cp);

/* Whether the version knows cp (its category is not Cn). */
bool unicode_is_assigned(uint32_t cp, enum unicode_version version);

/* Whether unicodedata.name knows cp. */
bool unicode_is_named(uint32_t cp, enum unicode_version version);

/* The quote between which repr() puts a str or bytes with that content. */
char unicode_repr_quote(const char *text, size_t size);

/* Writes cp as repr() of a str shows it between those quotes to at most 10 bytes at out, without a
 * NUL; returns the length. */
size_t unicode_write_repr(char *out, uint32_t cp, char quote, enum unicode_version version);

/* Checks that the size bytes of valid UTF-8 at text are an identifier as str.isidentifier has it.
 * Returns size when they are, else the byte offset of the first character that does not fit
 * (0 for an empty text, which is none: the caller tests size first). */
size_t unicode_identifier_span(const char *text, size_t size, enum unicode_version version);

/* Whether the size bytes of valid UTF-8 at text surely are in NFKC already. May say false for a
 * text that is; never says true for one that is not. ASCII always is. */
bool unicode_is_nfkc_quick(const char *text, size_t size, enum unicode_version version);

/* NFKC of the size bytes of valid UTF-8 at text. The result is either text itself (already normal)
 * or a NUL-terminated copy in the arena; its size goes to *result_size. */
const char *unicode_nfkc(struct arena *arena, const char *text, size_t size,
                         enum unicode_version version, size_t *result_size);

/* What a release accepts in \N{...}; a target's constant. */
struct unicode_name_rules {
    enum unicode_version version;
    bool derived_loose; /* names made of a prefix and letters or digits are found in any case,
                         * without zeros in front, and Tangut ideographs have such; from 3.13.15
                         * (not 3.13.0) */
};

/* The code point that \N{name} stands for, UNICODE_NONE if there is none. Names and aliases are
 * found in any (ASCII) case; named sequences are not, as in CPython's literals. */
uint32_t unicode_lookup_name(const char *name, size_t size, const struct unicode_name_rules *rules);

#endif
