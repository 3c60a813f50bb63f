/* How deep the stack gets.
 *
 * Answers to calculate_stackdepth of CPython's flowgraph.c; the effects are in the target's opcode table.
 * Each block is entered once, at the depth of the first way that leads there.
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
        diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_VALUE_ERROR, "Invalid CFG, inconsistent stackdepth");
    }
}

/* Walk a block; returns the greatest depth seen so far. */
static int32_t walk_block(struct cfg *g, struct block *b, int32_t deepest)
{
    int32_t depth = b->startdepth;
    for (uint32_t i = 0; i < b->used; i++) {
        const struct cfg_instruction *in = &b->code[i];
        const struct opcode_info *info = &g->opcodes[in->opcode];
        int32_t after = depth + (info->rule == EFFECT_CONSTANT ? info->base : opcode_stack_effect(info, (uint32_t)in->oparg, false));
        if (after < 0)
            diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_VALUE_ERROR, "Invalid CFG, stack underflow");
        if (after > deepest)
            deepest = after;
        if (op_class(in->opcode) & CLASS_TARGET) {
            int32_t target = depth + opcode_stack_effect(info, (uint32_t)in->oparg, true);
            if (target > deepest)
                deepest = target;
            enter(g, in->oparg, target);
        }
        depth = after;
    }
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
