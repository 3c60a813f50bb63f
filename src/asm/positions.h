/* co_linetable with PEP 657 positions, written as the walk over the instructions goes. */
#ifndef MKPYC_ASM_POSITIONS_H
#define MKPYC_ASM_POSITIONS_H

#include "opt/cfg.h"

/* A table on its way. Up to the limit there is room for one entry of any form and then for all code
 * units, if they take the frequent forms. */
struct position_table {
    struct cfg *g;
    uint8_t *to, *limit;
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

/* A location as two words, quick to compare. */
struct location_words {
    uint64_t start, end;
};

static inline struct location_words location_words(const struct location *loc)
{
    struct location_words words;
    memcpy(&words, loc, sizeof words);
    return words;
}

static inline bool location_is(const struct location *loc, struct location_words words)
{
    struct location_words own = location_words(loc);
    return own.start == words.start && own.end == words.end;
}

#endif
