/* Constant values, one record per distinct value of a module.
 *
 * Values are hash-consed when made, with the equality of CPython's _PyCode_ConstantKey (type and
 * value; 0.0 and -0.0 differ; True and 1 differ; NaN equals nothing; code objects are compared by
 * whoever makes them). So "the same constant" is pointer equality and `id` indexes side tables.
 * Values are never changed once made. Frozensets of the same items in another order are records of
 * their own until they are entered into a code object: see constant_entered.
 *
 * Records lie in the table's arena and last as long as it. Items and limbs that are handed in are
 * copied, bytes are not. When memory runs out it unwinds as the arena does.
 */
#ifndef MKPYC_UTIL_CONSTANT_H
#define MKPYC_UTIL_CONSTANT_H

#include "util/strings.h"

enum constant_kind {
    CONSTANT_NONE,
    CONSTANT_FALSE,
    CONSTANT_TRUE,
    CONSTANT_ELLIPSIS,
    CONSTANT_INT,    /* fits int64_t */
    CONSTANT_BIGINT, /* does not fit int64_t */
    CONSTANT_FLOAT,
    CONSTANT_COMPLEX,
    CONSTANT_STR,
    CONSTANT_BYTES,
    CONSTANT_TUPLE,
    CONSTANT_FROZENSET, /* items in source (insertion) order */
    CONSTANT_SLICE,     /* three items: start, stop, step */
    CONSTANT_CODE,
};

enum constant_flags {
    CONSTANT_FROM_NAME = 1, /* str that an identifier brought into the code before any literal did:
                               interned whatever its characters; tuple that is one with the names
                               of a code object, which holds for the items of that */
    /* one-character str made anew by folding ('%' out of '%%'): not the shared object */
    CONSTANT_NOT_SINGLETON = 2,
    /* tuple that is an object of its own, one record for each (peephole folding to 3.9); empty
       bytes that are not the shared ones (constant_no_bytes) */
    CONSTANT_UNSHARED = 4,
    /* str that a literal brought into the code before any identifier did: the object that equal
       constants are replaced by is not the interned one */
    CONSTANT_FROM_LITERAL = 8,
    /* int from 0 to 255: what LOAD_SMALL_INT loads */
    CONSTANT_SMALL_INT = 16,
    /* None, False, True, -1 or '': what LOAD_COMMON_CONSTANT loads in the later releases */
    CONSTANT_COMMON = 32,
    /* frozenset that is a constant of a code object: what equal ones are replaced by */
    CONSTANT_ENTERED = 64,
    /* str that is the qualname of the first code object with that qualname */
    CONSTANT_INTERNED_QUALNAME = 128,
};

struct code;

struct constant {
    uint8_t kind;
    uint8_t flags;
    bool strings; /* TUPLE: it has items, all of them STR */
    uint32_t id;  /* dense number, in order of making */
    uint32_t hash;
    uint32_t length; /* BYTES: bytes; TUPLE, FROZENSET, SLICE: items; BIGINT: 32-bit limbs */
    union {
        int64_t integer; /* INT */
        struct {
            bool negative;
            const uint32_t *limbs; /* BIGINT magnitude, least significant first, top limb not 0 */
        } big;
        double number; /* FLOAT */
        struct {
            double real, imag; /* COMPLEX */
        } complex;
        identifier str;                      /* STR: content in the module's strings */
        const char *bytes;                   /* BYTES */
        const struct constant *const *items; /* TUPLE, FROZENSET, SLICE */
        struct code *code;                   /* CODE */
    } v;
};

typedef const struct constant *constant;

struct constant_slot {
    uint32_t hash;
    struct constant *constant; /* NULL: free */
};

enum { CONSTANT_SMALL_COUNT = 256 };

struct constants {
    struct arena *arena;
    struct strings *strings;
    struct constant_slot *slots; /* open addressing */
    uint32_t mask, used;
    uint32_t count;               /* next id */
    struct constant **strings_of; /* CONSTANT_STR by identifier; these are not in the table */
    uint32_t strings_of_count;
    constant none, false_, true_, ellipsis, empty_tuple;
    constant no_bytes;            /* constant_no_bytes, once it is made */
    constant entered_empty_bytes; /* the first empty bytes that a code object got, or NULL */
    constant small[CONSTANT_SMALL_COUNT]; /* small integers, once they are made */
};

/* Start a table that holds the singletons and the empty tuple, with room at once for as many as may
 * be expected. */
void constants_init(struct constants *t, struct arena *arena, struct strings *strings,
                    size_t expected);
constant constant_bool(struct constants *t, bool value);
constant constant_int(struct constants *t, int64_t value);
/* From a magnitude in 32-bit limbs (copied, normalised): gives CONSTANT_INT when it fits. */
constant constant_bigint(struct constants *t, bool negative, const uint32_t *limbs, uint32_t count);
constant constant_float(struct constants *t, double value);
constant constant_complex(struct constants *t, double real, double imag);
/* The record of a string that has none yet. */
struct constant *constant_add_str(struct constants *t, identifier content);
/* A string constant that comes from an identifier: marks the shared record CONSTANT_FROM_NAME if no
 * literal was entered before. */
constant constant_name(struct constants *t, identifier name);
/* `bytes` must outlive the module. */
constant constant_bytes(struct constants *t, const char *bytes, size_t length);
/* The empty bytes that repeating other bytes makes: an object apart from the shared one. Equal ones
 * are merged when they are entered, so that one record is enough. */
constant constant_no_bytes(struct constants *t);
constant constant_tuple(struct constants *t, const constant *items, size_t count);
/* A tuple that is an object of its own even if an equal one exists. */
constant constant_tuple_unshared(struct constants *t, const constant *items, size_t count);
constant constant_frozenset(struct constants *t, const constant *items,
                            size_t count); /* drops repeated items */
/* A frozenset that is an object of its own, with its items in the order in which they are given. */
constant constant_frozenset_unshared(struct constants *t, const constant *items, size_t count);
constant constant_slice(struct constants *t, constant start, constant stop, constant step);
/* Always a new record. */
constant constant_code(struct constants *t, struct code *code);
/* Add a flag to the shared record; flags are all of it that may change. */
static inline void constant_mark(constant c, enum constant_flags flag)
{
    ((struct constant *)c)->flags |= (uint8_t)flag; /* a record of ours, so it may be written */
}
/* Is it a tuple or frozenset? */
static inline bool constant_has_items(constant c)
{
    return c->kind == CONSTANT_TUPLE || c->kind == CONSTANT_FROZENSET;
}
/* constant_enter of all items. */
void constant_enter_items(constant c);
/* constant_enter of what has no items: one flag is set, without a branch that asks. */
static inline void constant_enter_plain(constant c)
{
    bool literal = (c->kind == CONSTANT_STR) & !(c->flags & CONSTANT_FROM_NAME);
    constant_mark(c, (enum constant_flags)(literal * CONSTANT_FROM_LITERAL));
}
/* Note that a constant is now one of a code object's: the strings in it that no identifier brought
 * before are CONSTANT_FROM_LITERAL. Answers to merge_const_one's table of all constants of a
 * module. */
static inline void constant_enter(constant c)
{
    if (constant_has_items(c))
        constant_enter_items(c);
    else
        constant_enter_plain(c);
}
/* Is it no more than its record, so that constant_entered need not be asked? */
static inline bool constant_is_plain(constant c)
{
    return c->kind < CONSTANT_BYTES;
}
/* The constant that a code object gets for `c`: for a frozenset the first of those equal to it, in
 * whatever order, that a code object of the module got, and so for empty bytes. Answers to the same
 * table. */
constant constant_entered(struct constants *t, constant c);
/* A code object has shared empty bytes that are merged with constants. */
void constant_enter_empty_bytes(struct constants *t);
/* Truth value, as bool() of it. */
bool constant_is_true(struct constants *t, constant c);

/* The one record of a string. */
static inline constant constant_str(struct constants *t, identifier content)
{
    if (content < t->strings_of_count && t->strings_of[content] != NULL)
        return t->strings_of[content];
    return constant_add_str(t, content);
}

#endif
