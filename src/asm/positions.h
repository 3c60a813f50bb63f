/* co_linetable with PEP 657 positions, written as the walk over the instructions goes. */
#ifndef MKPYC_ASM_POSITIONS_H
#define MKPYC_ASM_POSITIONS_H

#include "opt/cfg.h"

enum {
    ENTRY_MAX = 8,      /* code units of an entry */
    ENTRY_BYTES = 32,   /* no entry is longer */
    FORM_ONE_LINE = 10, /* + lines to the previous entry, 0 to 2 */
    FORM_NO_COLUMNS = 13,
    FORM_LONG = 14,
    FORM_NONE = 15,
};

/* A table on its way. */
struct position_table {
    struct cfg *g;
    uint8_t *to, *limit; /* where it is written; before the limit there is room for an entry */
    int32_t line;        /* of the entry before */
};

/* Start an empty table. */
struct position_table positions_start(struct cfg *g);
/* All entries of one location, of any form. */
void positions_write_any(struct position_table *t, const struct location *loc, uint32_t units);
/* Give instruction `in` of a block the location of what follows; nothing follows what ends a block.
 */
void positions_take_next(struct cfg *g, struct block *b, struct instruction *in);
/* The table is done. */
struct byte_string positions_finish(struct position_table *t);

/* All entries of one location, by way of the two most frequent forms: both are made, the length
 * tells which one stays. */
static inline void positions_write(struct position_table *t, const struct location *loc,
                                   uint32_t units)
{
    uint32_t line = (uint32_t)loc->lineno, delta = line - (uint32_t)t->line;
    uint32_t column = (uint32_t)loc->col_offset, end_column = (uint32_t)loc->end_col_offset,
             width = end_column - column;
    uint32_t other =
        ((uint32_t)loc->end_lineno ^ line) | line >> 31 | (column | end_column) >> 7 | (delta > 2);
    if (other != 0 || units - 1 >= ENTRY_MAX || t->to > t->limit) {
        positions_write_any(t, loc, units);
        return;
    }
    uint32_t is_short = (delta == 0) & (column < 80) & (width < 16),
             mask = 0u - is_short; /* a branch would often be wrong */
    uint32_t form = (column >> 3 & mask) | ((FORM_ONE_LINE + delta) & ~mask);
    t->to[0] = (uint8_t)(128 | (units - 1) | form << 3);
    t->to[1] = (uint8_t)((((column & 7) << 4 | width) & mask) | (column & ~mask));
    t->to[2] = (uint8_t)end_column;
    t->to += 3 - is_short;
    t->line = (int32_t)line;
}

/* Are two locations the same? */
static inline bool positions_same(const struct location *a, const struct location *b)
{
    uint64_t x[2], y[2];
    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

#endif
