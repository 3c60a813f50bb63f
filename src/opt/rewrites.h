/* Local rewrites that several forms of optimize_basic_block share. */
#ifndef MKPYC_OPT_REWRITES_H
#define MKPYC_OPT_REWRITES_H

#include "opt/cfg.h"

/* The opcode behind instruction `i`, OP_CACHE at the end of the block. */
static inline unsigned opcode_behind(const struct block *b, uint32_t i)
{
    return i + 1 < b->used ? b->code[i + 1].opcode : (unsigned)OP_CACHE;
}

/* The constant with an index in the unit. */
constant rewrite_const_value(struct cfg *g, int32_t index);
/* What follows a constant with the given index, loaded or copied at instruction `i`. */
void rewrite_const_use(struct cfg *g, struct block *b, uint32_t i, int32_t index);
/* BUILD_TUPLE at instruction `i`: unpacked at once, it is a SWAP or nothing (then true); of constants, it is a constant. */
bool rewrite_build_tuple(struct cfg *g, struct block *b, uint32_t i);

#endif
