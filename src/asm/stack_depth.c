/* How deep the stack gets.
 *
 * Answers to calculate_stackdepth of CPython's flowgraph.c; the effects are in the target's opcode
 * table. Each block is entered once, at the depth of the first way that leads there.
 */
#include "opt/passes.h"

/* A way into a block at a depth; true: it has not been reached before. */
static inline bool enter(struct cfg *g, int32_t block, int32_t depth)
{
    struct block *b = &g->blocks[block];
    int32_t known = b->startdepth;
    if (known != NOT_REACHED && known != depth)
        diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_VALUE_ERROR,
                               "Invalid CFG, inconsistent stackdepth");
    b->startdepth = depth;
    return known == NOT_REACHED;
}

/* Enter what comes behind a block that ends at a depth; returns how many blocks have not been
 * reached before. Where there is nothing it is the block itself: that is cheaper than a branch. */
static inline uint32_t enter_successors(struct cfg *g, const struct block *b, int32_t depth)
{
    if (b->used == 0)
        return b->next >= 0 && enter(g, b->next, depth);
    const struct instruction *last = &b->code[b->used - 1];
    const struct opcode_info *info = &g->opcodes[last->opcode];
    unsigned class = op_class(last->opcode);
    bool jumps = class & CLASS_JUMP;
    bool falls = !(class & CLASS_NO_FALLTHROUGH) & (b->next >= 0);
    int32_t at_target = depth + info->jump - info->base;
    uint32_t fresh =
        enter(g, either(jumps, last->oparg, b->number), either(jumps, at_target, b->startdepth));
    return fresh + enter(g, either(falls, b->next, b->number), either(falls, depth, b->startdepth));
}

/* A walk over a block. Depths count as unsigned, so that one below 0 is the greatest of all. */
struct walk {
    int32_t depth;    /* behind the block */
    uint32_t deepest; /* so far */
    uint32_t fresh;   /* blocks that have not been reached before */
};

/* An instruction that names a handler, or whose effect has a rare form. */
OUT_OF_LINE static void stop_at(struct cfg *g, const struct instruction *in, struct walk *w)
{
    const struct opcode_info *info = &g->opcodes[in->opcode];
    uint32_t oparg = (uint32_t)in->oparg;
    if (op_class(in->opcode) & CLASS_BLOCK_PUSH)
        w->fresh += enter(g, in->oparg, w->depth + opcode_stack_effect(info, oparg, true));
    w->depth += opcode_stack_effect(info, oparg, false);
    w->deepest = (uint32_t)w->depth > w->deepest ? (uint32_t)w->depth : w->deepest;
}

/* Walk a block. */
static inline struct walk walk_block(struct cfg *g, const struct stack_effect *effects,
                                     const struct block *b, uint32_t deepest)
{
    int32_t depth = b->startdepth;
    uint32_t fresh = 0;
    deepest = (uint32_t)depth > deepest ? (uint32_t)depth : deepest;
    FOR_EACH_INSTRUCTION(b, in) {
        const struct stack_effect *e = &effects[in->opcode];
        if (__builtin_expect(e->stops, 0)) {
            struct walk w = {depth, deepest, fresh};
            stop_at(g, in, &w);
            depth = w.depth;
            deepest = w.deepest;
            fresh = w.fresh;
        } else {
            depth += stack_effect_change(e, in->oparg);
            deepest = (uint32_t)depth > deepest ? (uint32_t)depth : deepest;
        }
    }
    return (struct walk){depth, deepest, fresh};
}

/* Both forms of calculate_stackdepth. Blocks that have been reached are walked in the order of the
 * code as long as that finds any: see pass_remove_unreachable. */
static void calculate(struct cfg *g, int32_t depth)
{
    const struct stack_effect *effects = stack_effects_of(g->c->effects, g->opcodes);
    uint32_t deepest = 0, waiting = 1;
    g->stamp++;
    enter(g, g->entry, depth);
    while (waiting > 0)
        FOR_EACH_BLOCK(g, b) {
            if ((b->startdepth == NOT_REACHED) | (b->visited == g->stamp))
                continue;
            b->visited = g->stamp;
            struct walk w = walk_block(g, effects, b, deepest);
            deepest = w.deepest;
            if (deepest > INT32_MAX)
                diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_VALUE_ERROR,
                                       "Invalid CFG, stack underflow");
            waiting += w.fresh + enter_successors(g, b, w.depth) - 1;
        }
    g->stacksize = (int)deepest;
}

void pass_calculate_stackdepth(struct cfg *g)
{
    calculate(g, 0);
}

void pass_calculate_stackdepth_of_prefix(struct cfg *g)
{
    calculate(g, g->u->is_generator_like);
}
