/* How deep the stack gets. See opt/stack_depth.h; the effects are in the target's opcode table. */
#include "opt/stack_depth.h"

#include "opt/passes.h"

void depth_invalid(struct cfg *g, bool underflow)
{
    diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_VALUE_ERROR,
                           underflow ? "Invalid CFG, stack underflow"
                                     : "Invalid CFG, inconsistent stackdepth");
}

/* A pseudo-instruction that has done its work. */
static void convert(struct cfg *g, struct block *b, struct instruction *in)
{
    if (in->opcode == OP_STORE_FAST_MAYBE_NULL) {
        in->opcode = OP_STORE_FAST;
    } else {
        cfg_set_nop(b, in);
        g->no_nops = false;
    }
}

int32_t depth_behind_rare(struct depth_walk *w, struct block *b, struct instruction *in,
                          int32_t depth)
{
    const struct opcode_info *info = &w->g->opcodes[in->opcode];
    unsigned class = op_class(in->opcode);
    uint32_t oparg = (uint32_t)in->oparg;
    if (class & CLASS_BLOCK_PUSH)
        depth_enter(w, &w->g->blocks[in->oparg], depth + opcode_stack_effect(info, oparg, true));
    if (w->converts && class & CLASS_LATE)
        convert(w->g, b, in);
    return depth + opcode_stack_effect(info, oparg, false);
}

int32_t depth_walk_block(struct depth_walk *w, struct block *b)
{
    const struct stack_effect *effects = w->effects;
    int32_t depth = b->startdepth;
    uint32_t deepest = (uint32_t)depth > w->deepest ? (uint32_t)depth : w->deepest;
    FOR_EACH_INSTRUCTION(b, in) {
        const struct stack_effect *e = &effects[in->opcode];
        if (__builtin_expect(e->stops, 0))
            depth = depth_behind_rare(w, b, in, depth);
        else
            depth += stack_effect_change(e, in->oparg);
        deepest = (uint32_t)depth > deepest ? (uint32_t)depth : deepest;
    }
    w->deepest = deepest;
    return depth;
}

void depth_walk_plainly(struct depth_walk *w, int32_t depth)
{
    depth_walk_blocks(w, depth, depth_walk_block);
}

void pass_calculate_stackdepth(struct cfg *g)
{
    struct depth_walk w = depth_start(g, true);
    depth_walk_plainly(&w, 0);
}

void pass_calculate_stackdepth_of_prefix(struct cfg *g)
{
    struct depth_walk w = depth_start(g, false);
    depth_walk_plainly(&w, g->u->is_generator_like);
}
