/* co_linetable with PEP 657 positions. */
#ifndef MKPYC_ASM_POSITIONS_H
#define MKPYC_ASM_POSITIONS_H

#include "opt/cfg.h"

/* The table for code of g->code_size, where runs[count] starts. */
struct byte_string positions_write(struct cfg *g, const struct location_run *runs, uint32_t count);
/* Give instruction `in` of a block the location of what follows; nothing follows what ends a block.
 */
void positions_take_next(struct cfg *g, struct block *b, struct instruction *in);

/* A location as two words, quick to compare. */
struct location_words {
    uint64_t start, end;
};

static inline struct location_words location_words(const struct location *loc)
{
    struct location_words words;
    memcpy(&words.start, &loc->lineno, sizeof words.start);
    memcpy(&words.end, &loc->end_lineno, sizeof words.end);
    return words;
}

static inline bool location_differs(struct location_words a, struct location_words b)
{
    return ((a.start ^ b.start) | (a.end ^ b.end)) != 0;
}

#endif
