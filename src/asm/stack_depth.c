/* How deep the stack gets.
 *
 * Answers to calculate_stackdepth of CPython's flowgraph.c; the effects are in the target's opcode
 * table. Each block is entered once, at the depth of the first way that leads there.
 */
#include "opt/passes.h"

enum { NOT_REACHED = -1 };

/* The effects of all opcodes of the target. */
static void find_effects(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    if (s->effects != NULL)
        return;
    s->effects = arena_alloc_array(g->arena, OPCODE_COUNT, sizeof *s->effects);
    for (int op = 0; op < OPCODE_COUNT; op++) {
        s->effects[op] = stack_effect_of(&g->opcodes[op]);
        s->effects[op].stop = s->effects[op].special || op_class((unsigned)op) & CLASS_TARGET;
    }
}

/* Enter a block that has not been. */
static void enter(struct cfg *g, int32_t block, int32_t depth)
{
    struct block *b = &g->blocks[block];
    if (b->startdepth == NOT_REACHED) {
        b->startdepth = depth;
        cfg_push(g, block);
    } else if (b->startdepth != depth) {
        diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_VALUE_ERROR,
                               "Invalid CFG, inconsistent stackdepth");
    }
}

/* Enter the target of a jump or SETUP_* before which the depth is `depth`; returns the greatest
 * depth seen so far. */
static uint32_t enter_target(struct cfg *g, const struct instruction *in, int32_t depth,
                             uint32_t deepest)
{
    int32_t target =
        depth + opcode_stack_effect(&g->opcodes[in->opcode], (uint32_t)in->oparg, true);
    enter(g, in->oparg, target);
    return (uint32_t)target > deepest ? (uint32_t)target : deepest;
}

/* Walk a block; returns the greatest depth seen so far. Depths count as unsigned, so that one below
 * 0 is the greatest of all. */
static uint32_t walk_block(struct cfg *g, struct block *b, uint32_t deepest)
{
    const struct stack_effect *effects = g->scratch->effects;
    int32_t depth = b->startdepth;
    FOR_EACH_INSTRUCTION(b, in) {
        const struct stack_effect *e = &effects[in->opcode];
        int32_t after = depth + e->base + e->factor * (int32_t)((uint32_t)in->oparg & e->mask);
        if (__builtin_expect(e->stop, 0)) {
            if (e->special)
                after = depth +
                        opcode_stack_effect(&g->opcodes[in->opcode], (uint32_t)in->oparg, false);
            if (op_class(in->opcode) & CLASS_TARGET)
                deepest = enter_target(g, in, depth, deepest);
        }
        deepest = (uint32_t)after > deepest ? (uint32_t)after : deepest;
        depth = after;
    }
    if (deepest > INT32_MAX)
        diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_VALUE_ERROR,
                               "Invalid CFG, stack underflow");
    if (b->next >= 0 && falls_through(b))
        enter(g, b->next, depth);
    return deepest;
}

/* Both forms of calculate_stackdepth. */
static void calculate(struct cfg *g, int32_t depth)
{
    uint32_t deepest = 0;
    FOR_EACH_BLOCK(g, b)
        b->startdepth = NOT_REACHED;
    find_effects(g);
    cfg_start_traversal(g);
    enter(g, g->entry, depth);
    for (int32_t n; (n = cfg_pop(g)) >= 0;)
        deepest = walk_block(g, &g->blocks[n], deepest);
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
