/* How deep the stack gets.
 *
 * Answers to calculate_stackdepth of CPython's flowgraph.c; the effects are in the target's opcode
 * table. Each block is entered once, at the depth of the first way that leads there.
 */
#include "opt/passes.h"

enum { NOT_REACHED = -1 };

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

/* Learn the effect of an opcode; nothing, if it has another form. */
static void learn_effect(const struct opcode_info *info, struct stack_effect *e, unsigned opcode)
{
    *e = stack_effect_of(info);
    e->walk = e->special || op_class(opcode) & CLASS_TARGET ? WALK_SPECIAL : WALK_PLAIN;
    if (e->special) {
        e->base = e->factor = 0;
        e->mask = 0;
    }
}

/* Before an instruction whose opcode is not known to be plain, at the depth `depth`: enter the
 * target. Returns the change of the depth that the table does not say. */
OUT_OF_LINE static int32_t stop_at(struct cfg *g, const struct instruction *in, int32_t depth)
{
    const struct opcode_info *info = &g->opcodes[in->opcode];
    struct stack_effect *e = &g->scratch->effects[in->opcode];
    if (e->walk == WALK_UNKNOWN)
        learn_effect(info, e, in->opcode);
    if (op_class(in->opcode) & CLASS_TARGET)
        enter(g, in->oparg, depth + opcode_stack_effect(info, (uint32_t)in->oparg, true));
    return e->special ? opcode_stack_effect(info, (uint32_t)in->oparg, false) : 0;
}

/* Walk a block; returns the greatest depth seen so far. Depths count as unsigned, so that one below
 * 0 is the greatest of all. */
static uint32_t walk_block(struct cfg *g, struct block *b, uint32_t deepest)
{
    const struct stack_effect *effects = g->scratch->effects;
    int32_t depth = b->startdepth;
    deepest = (uint32_t)depth > deepest ? (uint32_t)depth : deepest;
    FOR_EACH_INSTRUCTION(b, in) {
        const struct stack_effect *e = &effects[in->opcode];
        if (__builtin_expect(e->walk != WALK_PLAIN, 0))
            depth += stop_at(g, in, depth);
        depth += stack_effect_change(e, in->oparg);
        deepest = (uint32_t)depth > deepest ? (uint32_t)depth : deepest;
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
    cfg_reserve_effects(g);
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
