/* How deep the stack gets.
 *
 * Answers to calculate_stackdepth of CPython's flowgraph.c; the effects are in the target's opcode table.
 * Each block is entered once, at the depth of the first way that leads there.
 */
#include "opt/passes.h"

enum { NOT_REACHED = -1 };

/* The linear form of an effect. */
static struct linear_effect linear_effect(const struct opcode_info *info)
{
    struct linear_effect e = {.base = info->base, .mask = UINT32_MAX};
    switch ((enum stack_effect_rule)info->rule) {
    case EFFECT_CONSTANT:
    case EFFECT_NOT_LOADABLE:
        e.mask = 0;
        break;
    case EFFECT_PLUS_ARG:
        e.factor = 1;
        break;
    case EFFECT_MINUS_ARG:
        e.factor = -1;
        break;
    case EFFECT_MINUS_2ARG:
        e.factor = -2;
        break;
    case EFFECT_LOW_BIT:
        e.factor = 1;
        e.mask = 1;
        break;
    case EFFECT_MINUS_LOW_BIT:
        e.factor = -1;
        e.mask = 1;
        break;
    default:
        e.special = true;
        break;
    }
    return e;
}

/* The effects of all opcodes of the target. */
static void find_effects(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    if (s->effects != NULL)
        return;
    s->effects = arena_alloc_array(g->arena, OPCODE_COUNT, sizeof *s->effects);
    for (int op = 0; op < OPCODE_COUNT; op++)
        s->effects[op] = linear_effect(&g->opcodes[op]);
}

/* Enter a block that has not been. */
static void enter(struct cfg *g, int32_t block, int32_t depth)
{
    struct block *b = &g->blocks[block];
    if (b->startdepth == NOT_REACHED) {
        b->startdepth = depth;
        cfg_push(g, block);
    } else if (b->startdepth != depth) {
        diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_VALUE_ERROR, "Invalid CFG, inconsistent stackdepth");
    }
}

/* Enter the target of a jump or SETUP_* before which the depth is `depth`; returns the greatest depth seen so far. */
static int32_t enter_target(struct cfg *g, const struct instruction *in, int32_t depth, int32_t deepest)
{
    int32_t target = depth + opcode_stack_effect(&g->opcodes[in->opcode], (uint32_t)in->oparg, true);
    enter(g, in->oparg, target);
    return target > deepest ? target : deepest;
}

/* Walk a block; returns the greatest depth seen so far. */
static int32_t walk_block(struct cfg *g, struct block *b, int32_t deepest)
{
    const struct linear_effect *effects = g->scratch->effects;
    unsigned with_target = b->classes & CLASS_TARGET;
    int32_t depth = b->startdepth, lowest = 0;
    for EACH_INSTRUCTION(b, in) {
        const struct linear_effect *e = &effects[in->opcode];
        int32_t after = depth + e->base + e->factor * (int32_t)((uint32_t)in->oparg & e->mask);
        if (e->special)
            after = depth + opcode_stack_effect(&g->opcodes[in->opcode], (uint32_t)in->oparg, false);
        lowest = after < lowest ? after : lowest;
        deepest = after > deepest ? after : deepest;
        if (op_class(in->opcode) & with_target)
            deepest = enter_target(g, in, depth, deepest);
        depth = after;
    }
    if (lowest < 0)
        diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_VALUE_ERROR, "Invalid CFG, stack underflow");
    if (b->next >= 0 && falls_through(b))
        enter(g, b->next, depth);
    return deepest;
}

/* Both forms of calculate_stackdepth. */
static void calculate(struct cfg *g, int32_t depth)
{
    int32_t deepest = 0;
    for EACH_BLOCK(g, b)
        b->startdepth = NOT_REACHED;
    find_effects(g);
    cfg_start_traversal(g);
    enter(g, g->entry, depth);
    for (int32_t n; (n = cfg_pop(g)) >= 0;)
        deepest = walk_block(g, &g->blocks[n], deepest);
    g->stacksize = deepest;
}

void pass_calculate_stackdepth(struct cfg *g)
{
    calculate(g, 0);
}

void pass_calculate_stackdepth_of_prefix(struct cfg *g)
{
    calculate(g, g->u->is_generator_like);
}
