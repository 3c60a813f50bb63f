/* co_linetable with PEP 657 positions, written as the walk over the instructions goes. */
#ifndef MKPYC_ASM_POSITIONS_H
#define MKPYC_ASM_POSITIONS_H

#include "opt/cfg.h"

/* A table on its way. Before each location there is room for all code units that are still to come,
 * if they take the frequent forms. */
struct position_table {
    struct cfg *g;
    uint8_t *to;
    int32_t line; /* of the entry before, from 0 */
};

/* Start an empty table for code of g->code_size. */
struct position_table positions_start(struct cfg *g);
/* All entries of one location. */
void positions_add(struct position_table *t, const struct location *loc, uint32_t units);
/* Give instruction `in` of a block the location of what follows; nothing follows what ends a block.
 */
void positions_take_next(struct cfg *g, struct block *b, struct instruction *in);
/* The table is done. */
struct byte_string positions_finish(struct position_table *t);

/* Are two locations the same? */
static inline bool positions_same(const struct location *a, const struct location *b)
{
    uint64_t x[2], y[2];
    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    return x[0] == y[0] && x[1] == y[1];
}

#endif
