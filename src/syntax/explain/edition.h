/* Editions: the generations of CPython's tokenizer and grammar.
 *
 * Every alternative of the grammar (grammar_*.def) and some messages belong to a set of editions. A
 * set is a mask, so nothing here compares versions: a target is in exactly one edition and a thing
 * applies when the masks meet.
 */
#ifndef MKPYC_SYNTAX_EXPLAIN_EDITION_H
#define MKPYC_SYNTAX_EXPLAIN_EDITION_H

#include "syntax/unicode.h"
#include "targets/target.h"

enum edition_mask {
    E38 = 1,
    E39 = 2,
    E310 = 4,
    E311 = 8,
    E312 = 16,
    E313 = 32,  /* 3.13.0 */
    E313P = 64, /* the later patch releases of 3.13 */
    E314 = 128,
    E315 = 256,
    EDITIONS_ALL = 511,
};
#define SINCE(edition) (EDITIONS_ALL & ~((edition)-1))
#define BEFORE(edition) ((edition)-1)
#define BETWEEN(first, last) (SINCE(first) & (BEFORE(last) | (last)))

struct edition {
    enum edition_mask mask;
};

/* The edition of a target. */
const struct edition *edition_of(const struct target *target);

/* Whether the edition is in a set. */
static inline bool edition_in(const struct edition *e, unsigned set)
{
    return (e->mask & set) != 0;
}

#endif
