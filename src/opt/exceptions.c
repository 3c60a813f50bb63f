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

/* The stack without handlers is the first one. */
enum { NO_HANDLERS = 0 };

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

/* Visit a block with the given stack of handlers unless it has been. It is put on the list of those
 * to come in any case, and counted if it belongs there: that is cheaper than a branch. */
static inline void visit_with(struct cfg *g, int32_t block, int32_t stack)
{
    struct backend_scratch *s = g->scratch;
    struct block *b = &g->blocks[block];
    bool fresh = b->visited != g->stamp;
    b->visited = g->stamp;
    b->except_stack = either(fresh, stack, b->except_stack);
    s->stack.items[s->stack.count] = block;
    s->stack.count += fresh;
}

/* A handler on top of a stack; returns the new stack. */
static int32_t push_node(struct cfg *g, int32_t handler, int32_t stack, int32_t depth)
{
    struct backend_scratch *s = g->scratch;
    struct except_node node = {.handler = handler, .parent = stack, .depth = depth};
    array_push(g->arena, &s->except_nodes, node);
    return (int32_t)s->except_nodes.count - 1;
}

/* Enter the SETUP_* instruction's handler on the stack. */
static int32_t push_handler(struct cfg *g, const struct instruction *setup, int32_t stack)
{
    g->blocks[setup->oparg].preserve_lasti |=
        (setup->opcode == OP_SETUP_WITH) | (setup->opcode == OP_SETUP_CLEANUP);
    visit_with(g, setup->oparg, stack);
    return push_node(g, setup->oparg, stack, g->scratch->except_nodes.items[stack].depth + 1);
}

/* Label the instructions of a block; returns the stack behind it. */
static inline int32_t label_instructions(struct cfg *g, struct block *b, enum depth_teller teller)
{
    const struct backend_scratch *s = g->scratch;
    int32_t stack = b->except_stack;
    int32_t handler = s->except_nodes.items[stack].handler;
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
        } else if (in->opcode == OP_POP_BLOCK) {
            in->handler = -1;
            if (stack == NO_HANDLERS)
                cfg_malformed(g);
            stack = s->except_nodes.items[stack].parent;
            handler = s->except_nodes.items[stack].handler;
            if (teller == RESUME_TELLS)
                cfg_set_nop(b, in);
        } else if (in->opcode == OP_RETURN_GENERATOR) {
            in->handler = -1;
        } else if (in->opcode == OP_YIELD_VALUE && teller != NOBODY_TELLS) {
            last_yield_depth = s->except_nodes.items[stack].depth;
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

/* Label one block and pass the stack of handlers on, to itself where there is nothing behind it:
 * that is cheaper than a branch. Where no handler is in force, and nothing changes or asks for
 * that, its instructions are as they were made. */
static inline void label_block(struct cfg *g, struct block *b, enum depth_teller teller)
{
    int32_t stack = b->except_stack;
    unsigned looked_for = b->classes & (CLASS_BLOCK_PUSH | CLASS_POP_BLOCK | CLASS_YIELD);
    b->caught = (stack != NO_HANDLERS) | ((looked_for & CLASS_BLOCK_PUSH) != 0);
    b->pushes_from = g->scratch->except_nodes.count;
    if (looked_for | (unsigned)(stack - NO_HANDLERS))
        stack = label_instructions(g, b, teller);
    b->pushes_end = g->scratch->except_nodes.count;
    unsigned class = end_class(b);
    bool jumps = class & CLASS_JUMP, falls = !(class & CLASS_NO_FALLTHROUGH) & (b->next >= 0);
    int32_t target = b->code[b->used - (b->used != 0)].oparg;
    visit_with(g, either(jumps, target, b->number), stack);
    visit_with(g, either(falls, b->next, b->number), stack);
}

/* Label all blocks that can be reached. */
static inline void label_blocks(struct cfg *g, enum depth_teller teller)
{
    struct backend_scratch *s = g->scratch;
    if (!(g->seen & CLASS_BLOCK_PUSH))
        return;
    s->except_nodes.count = 0;
    push_node(g, -1, NO_HANDLERS, 0);
    cfg_start_traversal(g);
    array_reserve(g->arena, &s->stack, g->block_count + 1);
    visit_with(g, g->entry, NO_HANDLERS);
    for (int32_t b; (b = cfg_pop(g)) >= 0;)
        label_block(g, &g->blocks[b], teller);
    g->pushes_known = true;
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
