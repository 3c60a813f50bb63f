/* Validation of UTF-8, and CPython's words for what is wrong with it.
 *
 * Valid means what CPython's decoder means: no overlong forms, no surrogates, nothing above
 * U+10FFFF.
 */
#ifndef MKPYC_SYNTAX_UTF8_H
#define MKPYC_SYNTAX_UTF8_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* What a first pass over a text finds. */
struct utf8_scan {
    size_t valid_size; /* the bytes before the first one that starts no valid character; size if
                          none */
    bool ascii;        /* no byte above 0x7F (before that place) */
};

/* Scans the size bytes at text. */
struct utf8_scan utf8_scan(const char *text, size_t size);

/* Whether the size bytes at text are valid UTF-8. */
bool utf8_is_valid(const char *text, size_t size);

/* One undecodable place: what UnicodeDecodeError holds. */
struct utf8_fault {
    size_t start;
    size_t end;
    /* "invalid start byte", "invalid continuation byte", "unexpected end of data" */
    const char *reason;
};

/* The first fault of the size bytes at text; they must not be valid. */
struct utf8_fault utf8_find_fault(const char *text, size_t size);

/* str() of the UnicodeDecodeError that decoding the size bytes at text as UTF-8 raises, e.g.
 * "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"; they must not be valid.
 */
const char *utf8_fault_message(struct arena *arena, const char *text, size_t size);

/* The size bytes at text with each fault replaced by U+FFFD, as decode("utf-8", "replace") does;
 * text itself when it is valid. The result's size goes to *result_size. */
const char *utf8_replace_faults(struct arena *arena, const char *text, size_t size,
                                size_t *result_size);

#endif
