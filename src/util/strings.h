/* Interned strings: one table per module for identifiers, attribute names and string constants.
 *
 * A string is its content (UTF-8; surrogates as three bytes, like CPython's "surrogatepass") and
 * gets a small dense number, an `identifier`. Number 0 means "no string". The numbers of keywords
 * and of the names that the compiler itself uses are fixed (names.def), so they can be compared and
 * switched on. Bytes are not copied when they already live as long as the module (the source text).
 */
#ifndef MKPYC_UTIL_STRINGS_H
#define MKPYC_UTIL_STRINGS_H

#include "util/arena.h"

typedef uint32_t identifier;
/* There are fewer, so that a few bits more have room beside one. */
enum { IDENTIFIER_LIMIT = 1 << 29 };

enum string_flags {
    STRING_ASCII = 1, /* every byte < 0x80 */
    /* only [A-Za-z0-9_], the empty string included: CPython interns such constants */
    STRING_NAME_CHARS = 2,
    STRING_IS_QUALNAME = 4, /* dotted qualname of a code object (strings_mark_qualname) */
    STRING_IS_PART = 8,     /* part of a dotted name (strings_unmark_part) */
    STRING_IS_FIRST = 16,   /* first of the names of a code object (strings_mark_first) */
    /* the bits above count how often it stands as a name in the source (strings_mark_name) */
    STRING_ONE_NAME = 32,
};

struct string {
    const char *bytes; /* not necessarily NUL-terminated */
    uint32_t length;   /* in bytes */
    uint32_t flags;
    uint64_t prefix[2]; /* the first 16 bytes as they lie in memory, zeros behind a shorter text */
};

struct strings {
    struct arena *arena;
    struct string *items; /* items[0] is unused */
    uint32_t count;       /* next identifier */
    uint32_t capacity;
    identifier *slots; /* open addressing, 0: free; a hash's highest bits say where to look */
    uint32_t mask, shift;
    bool has_private; /* one starts with two underscores and does not end so: see mangle_name */
};

/* Start a table that holds the fixed names. */
void strings_init(struct strings *t, struct arena *arena);
struct strings_start;
/* The same for those who start many: what each starts with is kept, made when it is first asked
 * for. There is room at once for as many more as are expected. */
void strings_init_from(struct strings *t, struct arena *arena, struct strings_start *start,
                       size_t expected);
/* The order of two texts by their bytes, in UTF-8 that of their code points: less than 0, 0 or
 * more.
 */
static inline int strings_order(const void *a, size_t a_length, const void *b, size_t b_length)
{
    size_t shared = a_length < b_length ? a_length : b_length;
    int order = shared != 0 ? memcmp(a, b, shared) : 0;
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

/* The hash of any bytes. */
uint32_t strings_hash(const char *bytes, size_t length);
/* The number of a string; `bytes` must outlive the module. */
identifier strings_intern(struct strings *t, const char *bytes, size_t length);
/* The same where 16 bytes can be read even if it is shorter; `ascii`: known to be in ASCII. */
identifier strings_intern_text(struct strings *t, const char *bytes, size_t length, bool ascii);
/* The number of a name of letters, digits and underscores in ASCII. */
identifier strings_intern_name(struct strings *t, const char *bytes, size_t length);
/* strings_intern_words where the first slot does not hold the name. */
identifier strings_intern_words_slow(struct strings *t, const char *bytes, size_t length,
                                     const uint64_t words[2]);
/* The number of two names of the table with `middle`, which is no part of a name, between them. Its
 * 16 bytes are read, however long it is. */
identifier strings_intern_joined(struct strings *t, identifier first, const char middle[16],
                                 size_t middle_length, identifier last);
/* The number of a NUL-terminated literal. */
identifier strings_intern_literal(struct strings *t, const char *text);
/* The number of a string whose bytes do not last: copied when new. */
identifier strings_intern_copy(struct strings *t, const char *bytes, size_t length);

/* The string of a number. */
static inline const struct string *strings_get(const struct strings *t, identifier id)
{
    return &t->items[id];
}

/* Note that the string is a name of the source: CPython's parser has interned it before any
 * constant is. */
static inline void strings_mark_name(struct strings *t, identifier id)
{
    t->items[id].flags += STRING_ONE_NAME;
}

/* Take one mark back: it was only part of a dotted name there. */
static inline void strings_unmark_part(struct strings *t, identifier id)
{
    t->items[id].flags -= STRING_ONE_NAME;
    t->items[id].flags |= STRING_IS_PART;
}

/* Is it a name of the source? */
static inline bool strings_is_name(const struct string *s)
{
    return s->flags >= STRING_ONE_NAME;
}

/* Note that a code object has the string as its qualname. */
static inline void strings_mark_qualname(struct strings *t, identifier id)
{
    t->items[id].flags |= STRING_IS_QUALNAME;
}

/* Note that it is the first name in a tuple of names that a code object has. */
static inline void strings_mark_first(struct strings *t, identifier id)
{
    t->items[id].flags |= STRING_IS_FIRST;
}

/* The hash of at most 16 bytes, from their words. All of it depends on all of them, its highest
 * bits most. The second word is turned so that bytes do not meet bytes. */
static inline uint32_t strings_hash_words(const uint64_t words[2])
{
    uint64_t h = (words[0] ^ (words[1] << 29 | words[1] >> 35)) * 0x9FB21C651E98DF25u;
    return (uint32_t)(h >> 32);
}

/* strings_intern_name of a name of at most 16 bytes, given as words that have zeros behind it. */
static inline identifier strings_intern_words(struct strings *t, const char *bytes, size_t length,
                                              const uint64_t words[2])
{
    uint32_t hash = strings_hash_words(words);
    identifier id = t->slots[hash >> t->shift];
    struct string *s = &t->items[id];
    if (s->prefix[0] != words[0] || s->prefix[1] != words[1] || s->length != length)
        return strings_intern_words_slow(t, bytes, length, words);
    s->flags += STRING_ONE_NAME;
    return id;
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

/* What a table holds at its start; all zeros at first. */
struct strings_start {
    bool made;
    struct string items[NAME_FIXED_COUNT];
};

#endif
