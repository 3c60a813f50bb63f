/* How deep the stack gets.
 *
 * Answers to calculate_stackdepth of CPython's flowgraph.c; the effects are in the target's opcode
 * table. Each block is entered once, at the depth of the first way that leads there.
 */
#include "opt/passes.h"

/* A way into a block at a depth. True: it has not been reached before, and its turn is over. */
static inline bool enter(struct cfg *g, struct block *b, int32_t depth)
{
    int32_t known = b->startdepth;
    bool fresh = known == NOT_REACHED;
    if (!fresh & (known != depth))
        diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_VALUE_ERROR,
                               "Invalid CFG, inconsistent stackdepth");
    b->startdepth = depth;
    return fresh & (b->visited == g->stamp);
}

/* Enter what comes behind a block that ends at a depth; true: some of that needs another turn.
 * Where there is nothing it is the block itself: that is cheaper than a branch. */
static inline bool enter_successors(struct cfg *g, struct block *b, struct block *next,
                                    int32_t depth)
{
    if (b->used == 0)
        return next != NULL && enter(g, next, depth);
    const struct instruction *last = &b->code[b->used - 1];
    const struct opcode_info *info = &g->opcodes[last->opcode];
    unsigned class = op_class(last->opcode);
    bool jumps = class & CLASS_JUMP;
    struct block *target = &g->blocks[either(jumps, last->oparg, b->number)];
    bool again = enter(g, target, either(jumps, depth + info->jump - info->base, b->startdepth));
    if (next == NULL)
        return again;
    bool falls = !(class & CLASS_NO_FALLTHROUGH);
    return again | enter(g, next, either(falls, depth, next->startdepth));
}

/* A walk over a block. Depths count as unsigned, so that one below 0 is the greatest of all. */
struct walk {
    int32_t depth;    /* behind the block */
    uint32_t deepest; /* so far */
    bool again;       /* a block needs another turn */
};

/* An instruction that names a handler, or whose effect has a rare form. */
OUT_OF_LINE static void stop_at(struct cfg *g, const struct instruction *in, struct walk *w)
{
    const struct opcode_info *info = &g->opcodes[in->opcode];
    uint32_t oparg = (uint32_t)in->oparg;
    if (op_class(in->opcode) & CLASS_BLOCK_PUSH)
        w->again |=
            enter(g, &g->blocks[in->oparg], w->depth + opcode_stack_effect(info, oparg, true));
    w->depth += opcode_stack_effect(info, oparg, false);
    w->deepest = (uint32_t)w->depth > w->deepest ? (uint32_t)w->depth : w->deepest;
}

/* Walk a block. */
static inline struct walk walk_block(struct cfg *g, const struct stack_effect *effects,
                                     const struct block *b, uint32_t deepest)
{
    int32_t depth = b->startdepth;
    bool again = false;
    deepest = (uint32_t)depth > deepest ? (uint32_t)depth : deepest;
    FOR_EACH_INSTRUCTION(b, in) {
        const struct stack_effect *e = &effects[in->opcode];
        if (__builtin_expect(e->stops, 0)) {
            struct walk w = {depth, deepest, again};
            stop_at(g, in, &w);
            depth = w.depth;
            deepest = w.deepest;
            again = w.again;
        } else {
            depth += stack_effect_change(e, in->oparg);
            deepest = (uint32_t)depth > deepest ? (uint32_t)depth : deepest;
        }
    }
    return (struct walk){depth, deepest, again};
}

/* Walk the blocks that have been reached, in the order of the code; true: some were reached when
 * their turn was over. */
static bool walk_blocks(struct cfg *g, const struct stack_effect *effects, uint32_t *deepest)
{
    bool again = false;
    uint32_t so_far = *deepest;
    g->stamp++;
    for (struct block *b = &g->blocks[g->entry], *next; b != NULL; b = next) {
        next = cfg_block_behind(g, b);
        b->visited = g->stamp;
        if (b->startdepth == NOT_REACHED)
            continue;
        struct walk w = walk_block(g, effects, b, so_far);
        so_far = w.deepest;
        again |= w.again | enter_successors(g, b, next, w.depth);
    }
    *deepest = so_far;
    return again;
}

/* Both forms of calculate_stackdepth. */
static void calculate(struct cfg *g, int32_t depth)
{
    const struct stack_effect *effects = stack_effects_of(g->c->effects, g->opcodes);
    uint32_t deepest = 0;
    g->blocks[g->entry].startdepth = depth;
    while (walk_blocks(g, effects, &deepest))
        continue;
    if (deepest > INT32_MAX)
        diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_VALUE_ERROR,
                               "Invalid CFG, stack underflow");
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
