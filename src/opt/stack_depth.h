/* How deep the stack is where blocks start: the walk that asm/stack_depth.c and opt/borrow.c share.
 *
 * Answers to calculate_stackdepth of CPython's flowgraph.c. Each block is walked once, at the depth
 * of the first way that leads there.
 */
#ifndef MKPYC_OPT_STACK_DEPTH_H
#define MKPYC_OPT_STACK_DEPTH_H

#include "opt/cfg.h"

struct depth_walk {
    struct cfg *g;
    const struct stack_effect *effects;
    /* Depths count as unsigned, so that one below 0 is the greatest of all. */
    uint32_t deepest; /* so far */
    uint32_t waiting; /* blocks that have been reached and not walked */
    bool converts;    /* pseudo-instructions have done their work when they have been walked over */
};

/* Walks a block from b->startdepth on; returns the depth behind it. */
typedef int32_t depth_walker(struct depth_walk *w, struct block *b);

/* The walker that looks at nothing but the depth. */
depth_walker depth_walk_block;
/* An instruction that names a handler, has an effect of a rare form, or is replaced when it has
 * been walked over; returns the depth behind it. */
int32_t depth_behind_rare(struct depth_walk *w, struct block *b, struct instruction *in,
                          int32_t depth);
/* The whole walk without a look at anything else. */
void depth_walk_plainly(struct depth_walk *w, int32_t depth);
/* "Invalid CFG" */
_Noreturn void depth_invalid(struct cfg *g, bool underflow);

/* Start to walk. */
static inline struct depth_walk depth_start(struct cfg *g, bool converts)
{
    return (struct depth_walk){
        .g = g, .effects = stack_effects_of(g->c->effects, g->opcodes), .converts = converts};
}

/* A way into a block at a depth. */
static inline void depth_enter(struct depth_walk *w, struct block *b, int32_t depth)
{
    int32_t known = b->startdepth;
    bool fresh = known == NOT_REACHED;
    if ((!fresh & (known != depth)) | (depth < 0))
        depth_invalid(w->g, depth < 0);
    b->startdepth = depth;
    w->waiting += fresh;
}

/* Enter what comes behind a block that ends at a depth. Where there is nothing it is the block
 * itself: that is cheaper than a branch. */
static inline void depth_enter_successors(struct depth_walk *w, struct block *b, struct block *next,
                                          int32_t depth)
{
    struct cfg *g = w->g;
    if (b->used == 0) {
        if (next != NULL)
            depth_enter(w, next, depth);
        return;
    }
    const struct instruction *last = &b->code[b->used - 1];
    const struct opcode_info *info = &g->opcodes[last->opcode];
    unsigned class = op_class(last->opcode);
    bool jumps = class & CLASS_JUMP;
    bool falls = !(class & CLASS_NO_FALLTHROUGH) & (b->next >= 0);
    int32_t there = depth + info->jump - info->base;
    depth_enter(w, &g->blocks[either(jumps, last->oparg, b->number)],
                either(jumps, there, b->startdepth));
    depth_enter(w, &g->blocks[either(falls, b->next, b->number)],
                either(falls, depth, b->startdepth));
}

/* Walk the blocks that wait, in the order of the code as long as that finds any: what is only
 * reached backward needs another round. Inline, so that `walk` is. */
static inline void depth_walk_waiting(struct depth_walk *w, depth_walker *walk)
{
    struct cfg *g = w->g;
    g->stamp++;
    while (w->waiting > 0)
        for (struct block *b = &g->blocks[g->entry], *next; b != NULL; b = next) {
            next = cfg_block_behind(g, b);
            if ((b->startdepth == NOT_REACHED) | (b->visited == g->stamp))
                continue;
            b->visited = g->stamp;
            w->waiting--;
            depth_enter_successors(w, b, next, walk(w, b));
        }
}

/* Walk all blocks from the entry on, which starts at a depth. */
static inline void depth_walk_blocks(struct depth_walk *w, int32_t depth, depth_walker *walk)
{
    struct cfg *g = w->g;
    struct block *entry = &g->blocks[g->entry];
    depth_enter(w, entry, depth);
    if (g->block_count == 1)
        walk(w, entry);
    else
        depth_walk_waiting(w, walk);
    if (w->deepest > INT32_MAX)
        depth_invalid(g, true);
    g->stacksize = (int)w->deepest;
}

#endif
