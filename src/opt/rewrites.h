/* Local rewrites that several forms of optimize_basic_block share. */
#ifndef MKPYC_OPT_REWRITES_H
#define MKPYC_OPT_REWRITES_H

#include "opt/cfg.h"

/* The opcode behind instruction `i`, OP_CACHE at the end of the block. */
static inline unsigned opcode_behind(const struct block *b, uint32_t i)
{
    return i + 1 < b->used ? b->code[i + 1].opcode : (unsigned)OP_CACHE;
}

/* Its classes. */
static inline unsigned class_behind(const struct block *b, uint32_t i)
{
    return i + 1 < b->used ? op_class(b->code[i + 1].opcode) : 0;
}

/* The constant with an index in the unit. */
static inline constant rewrite_const_value(struct cfg *g, int32_t index)
{
    if ((uint32_t)index >= g->u->consts.count)
        cfg_malformed(g);
    return g->u->consts.items[index];
}

/* Something that folds constants may stand behind a new one. */
static inline void rewrite_note_folds(struct cfg *g, struct block *b)
{
    b->classes |= CLASS_PAIRED;
    g->seen |= CLASS_PAIRED;
}

/* What follows a constant, loaded or copied at instruction `i`; `index` is its place in the unit
 * where that may be asked. */
void rewrite_const_use(struct cfg *g, struct block *b, uint32_t i, constant value, int32_t index);
/* BUILD_TUPLE at instruction `i`: unpacked at once, it is a SWAP or nothing (then true); of
 * constants, it is a constant. */
bool rewrite_build_tuple(struct cfg *g, struct block *b, uint32_t i);
/* The part of that which concerns unpacking. */
bool rewrite_unpacked_tuple(struct block *b, uint32_t i);
/* A jump at instruction `i` whose target jumps on as `opcode`: a NOP and a jump there; true: look
 * at instruction `i` again. */
bool rewrite_threaded_jump(struct cfg *g, struct block *b, uint32_t i, unsigned opcode);
/* Rewrites of single instructions in the releases without folding, BUILD_TUPLE apart; true: look at
 * instruction `i` again. */
bool rewrite_plain(struct cfg *g, struct block *b, uint32_t i);

/* The rewrites of instruction `i`; true: look at it again. */
typedef bool rewriter(struct cfg *g, struct block *b, uint32_t i);
/* Rewrite the jumps of all blocks, the pairs of instructions that are looked for, what folds
 * constants (its classes are `folding`), and the SWAPs. */
void rewrite_blocks(struct cfg *g, unsigned folding, rewriter *rewrite);

#endif
