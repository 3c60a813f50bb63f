/* Which handler catches what an instruction raises.
 *
 * Answers to mark_except_handlers and label_exception_targets of CPython's flowgraph.c. A stack of
 * handlers is a list whose nodes are never changed, so the blocks that control splits into share
 * it.
 */
#include "opt/passes.h"

/* RESUME's argument tells that only the generator's own wrapper catches here, in the bit behind
 * those for the place. */
enum { RESUME_AT_FUNC_START = 0, RESUME_DEPTH1 = 4, RESUME_DEPTH1_BEHIND_THREE_BITS = 8 };

/* Who tells how many handlers are in force at a yield. */
enum depth_teller { NOBODY_TELLS, YIELD_TELLS, RESUME_TELLS };

void pass_mark_except_handlers(struct cfg *g)
{
    if (!(g->seen & CLASS_BLOCK_PUSH))
        return;
    const struct instruction_sequence *q = &g->u->sequence; /* the graph is still as it was cut */
    for (uint32_t j = 0; j < q->jumps.count; j++) {
        const struct instruction *in = &q->instructions.items[q->jumps.items[j]];
        g->blocks[in->oparg].except_handler |= (op_class(in->opcode) & CLASS_BLOCK_PUSH) != 0;
    }
}

/* Visit a block with the given stack of handlers unless it has been. */
static void visit_with(struct cfg *g, int32_t block, int32_t stack)
{
    struct block *b = &g->blocks[block];
    if (b->visited == g->stamp)
        return;
    b->visited = g->stamp;
    b->except_stack = stack;
    cfg_push(g, block);
}

/* Enter the SETUP_* instruction's handler on the stack. */
static int32_t push_handler(struct cfg *g, const struct instruction *setup, int32_t stack)
{
    struct backend_scratch *s = g->scratch;
    struct block *target = &g->blocks[setup->oparg];
    if (setup->opcode == OP_SETUP_WITH || setup->opcode == OP_SETUP_CLEANUP)
        target->preserve_lasti = true;
    visit_with(g, setup->oparg, stack);
    struct except_node node = {
        .handler = setup->oparg,
        .parent = stack,
        .depth = stack < 0 ? 1 : s->except_nodes.items[stack].depth + 1,
    };
    array_push(g->arena, &s->except_nodes, node);
    return (int32_t)s->except_nodes.count - 1;
}

/* The handler on top of a stack, -1: there is none. */
static inline int32_t top_handler(const struct cfg *g, int32_t stack)
{
    return stack < 0 ? -1 : g->scratch->except_nodes.items[stack].handler;
}

/* How many handlers are on a stack. */
static int32_t stack_depth(const struct cfg *g, int32_t stack)
{
    return stack < 0 ? 0 : g->scratch->except_nodes.items[stack].depth;
}

/* Label a block with instructions that change the stack of handlers or tell of it; returns the
 * stack behind it. */
static inline int32_t label_changing(struct cfg *g, struct block *b, enum depth_teller teller)
{
    int32_t stack = b->except_stack;
    int32_t handler = top_handler(g, stack);
    int last_yield_depth = -1;

    FOR_EACH_INSTRUCTION(b, in) {
        unsigned class = op_class(in->opcode);
        in->handler = handler;
        if (!(class & (CLASS_BLOCK_PUSH | CLASS_POP_BLOCK | CLASS_YIELD)))
            continue;
        if (class & CLASS_BLOCK_PUSH) {
            in->handler = -1;
            stack = push_handler(g, in, stack);
            handler = in->oparg;
            b->caught = true;
        } else if (in->opcode == OP_POP_BLOCK) {
            in->handler = -1;
            if (stack < 0)
                cfg_malformed(g);
            stack = g->scratch->except_nodes.items[stack].parent;
            handler = top_handler(g, stack);
            if (teller == RESUME_TELLS)
                cfg_set_nop(b, in);
        } else if (in->opcode == OP_RETURN_GENERATOR) {
            in->handler = -1;
        } else if (in->opcode == OP_YIELD_VALUE && teller != NOBODY_TELLS) {
            last_yield_depth = stack_depth(g, stack);
            if (teller == YIELD_TELLS)
                in->oparg = last_yield_depth;
        } else if (in->opcode == OP_RESUME && in->oparg != RESUME_AT_FUNC_START &&
                   teller == RESUME_TELLS) {
            if (last_yield_depth == 1)
                in->oparg |= HAS(g->c, RESUME_PLACE_OF_THREE_BITS) ? RESUME_DEPTH1_BEHIND_THREE_BITS
                                                                   : RESUME_DEPTH1;
            last_yield_depth = -1;
        }
    }
    return stack;
}

/* Label one block and pass the stack of handlers on. Where no handler is in force its instructions
 * are as they were made. */
static inline void label_block(struct cfg *g, struct block *b, enum depth_teller teller)
{
    int32_t stack = b->except_stack;
    b->caught = stack >= 0;
    if (b->classes & (CLASS_BLOCK_PUSH | CLASS_POP_BLOCK | CLASS_YIELD)) {
        stack = label_changing(g, b, teller);
    } else if (stack >= 0) {
        int32_t handler = top_handler(g, stack);
        FOR_EACH_INSTRUCTION(b, in)
            in->handler = handler;
    }
    const struct instruction *jump = last_jump(b, CLASS_JUMP);
    if (jump != NULL)
        visit_with(g, jump->oparg, stack);
    if (b->next >= 0 && falls_through(b))
        visit_with(g, b->next, stack);
}

/* Label all blocks that can be reached. */
static inline void label_blocks(struct cfg *g, enum depth_teller teller)
{
    if (!(g->seen & CLASS_BLOCK_PUSH))
        return;
    g->scratch->except_nodes.count = 0;
    cfg_start_traversal(g);
    visit_with(g, g->entry, -1);
    for (int32_t b; (b = cfg_pop(g)) >= 0;)
        label_block(g, &g->blocks[b], teller);
}

void pass_label_exception_targets(struct cfg *g)
{
    label_blocks(g, RESUME_TELLS);
}

void pass_label_exception_targets_yield_depth(struct cfg *g)
{
    label_blocks(g, YIELD_TELLS);
}

void pass_label_exception_targets_plain(struct cfg *g)
{
    label_blocks(g, NOBODY_TELLS);
}
