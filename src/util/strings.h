/* Interned strings: one table per module for identifiers, attribute names and string constants.
 *
 * A string is its content (UTF-8; surrogates as three bytes, like CPython's "surrogatepass") and gets a small dense
 * number, an `identifier`. Number 0 means "no string". The numbers of keywords and of the names that the compiler itself uses
 * are fixed (names.def), so they can be compared and switched on. Bytes are not copied when they already live
 * as long as the module (the source text).
 */
#ifndef MKPYC_UTIL_STRINGS_H
#define MKPYC_UTIL_STRINGS_H

#include "util/arena.h"

typedef uint32_t identifier;

enum string_flags {
    STRING_ASCII = 1,      /* every byte < 0x80 */
    STRING_IS_NAME = 4,    /* stands as a name somewhere in the source (strings_mark_name) */
    STRING_NAME_CHARS = 2, /* only [A-Za-z0-9_], the empty string included: CPython interns such constants */
};

struct string {
    const char *bytes; /* not necessarily NUL-terminated */
    uint32_t length;   /* in bytes */
    uint32_t hash;
    uint32_t flags;
    uint64_t prefix;   /* the first 8 bytes as they lie in memory, zeros behind a shorter text */
};

struct string_slot {
    uint32_t hash;
    identifier id;     /* 0: free */
};

struct strings {
    struct arena *arena;
    struct string *items; /* items[0] is unused */
    uint32_t count;       /* next identifier */
    uint32_t capacity;
    struct string_slot *slots; /* open addressing */
    uint32_t mask;
};

/* Start a table that holds the fixed names. */
void strings_init(struct strings *t, struct arena *arena);
/* The hash that strings_intern_hashed expects: feed it the same bytes. */
uint32_t strings_hash(const char *bytes, size_t length);
/* The number of a string; `bytes` must outlive the module. */
identifier strings_intern(struct strings *t, const char *bytes, size_t length);
/* The number of a name of letters, digits and underscores in ASCII; 8 bytes must be readable from each of its bytes on. */
identifier strings_intern_name(struct strings *t, const char *bytes, size_t length);
/* The number of a NUL-terminated literal. */
identifier strings_intern_literal(struct strings *t, const char *text);
/* The number of a string whose bytes do not last: copied when new. */
identifier strings_intern_copy(struct strings *t, const char *bytes, size_t length);
/* printf and intern. */
identifier strings_intern_printf(struct strings *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The string of a number. */
static inline const struct string *strings_get(const struct strings *t, identifier id)
{
    return &t->items[id];
}

/* Note that the string is a name of the source: CPython's parser has interned it before any constant is. */
static inline void strings_mark_name(struct strings *t, identifier id)
{
    t->items[id].flags |= STRING_IS_NAME;
}

/* Fixed identifiers: NAME_KEYWORD(False) gives NAME_False; see names.def. */
enum fixed_name {
    NAME_NONE_ = 0,
#define NAME(symbol, text) NAME_##symbol,
#include "util/names.def"
#undef NAME
    NAME_FIXED_COUNT,
    NAME_KEYWORD_LAST = NAME_yield,
    NAME_SOFT_KEYWORD_LAST = NAME_type,
};

#endif
