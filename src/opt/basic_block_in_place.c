/* Local rewrites within a block, all in one walk.
 *
 * Answers to optimize_basic_block as it was while a jump was threaded in place: constants, tuples,
 * jumps and SWAPs are looked at together, from the first instruction of the block to the last.
 */
#include "opt/passes.h"
#include "opt/rewrites.h"

/* What is looked at: of CLASS_PAIR_END only PUSH_NULL, which comes first here. */
#define IN_PLACE_CLASSES (CLASS_PEEPHOLE | CLASS_SWAP | CLASS_CONST | CLASS_JUMP | CLASS_PAIR_END)

/* Let the jump go where its target jumps to, as `opcode`; true: look at it again. */
static bool thread_in_place(struct cfg *g, struct block *b, struct instruction *in,
                            const struct instruction *target, unsigned opcode)
{
    bool same_line = in->loc.lineno == target->loc.lineno ||
                     (target->loc.lineno == -1 && HAS(g->c, THREADS_JUMP_OF_NO_LINE));
    if (!same_line || in->oparg == target->oparg)
        return false;
    cfg_set(b, in, opcode, target->oparg);
    b->classes |= CLASS_FLOW_CHANGED;
    return true;
}

/* JUMP_IF_*_OR_POP to another test of the same value. */
static bool thread_or_pop(struct cfg *g, struct block *b, struct instruction *in,
                          const struct instruction *target)
{
    bool value = in->opcode == OP_JUMP_IF_TRUE_OR_POP;
    unsigned same = in->opcode, same_pop = value ? OP_POP_JUMP_IF_TRUE : OP_POP_JUMP_IF_FALSE;
    unsigned other = value ? OP_JUMP_IF_FALSE_OR_POP : OP_JUMP_IF_TRUE_OR_POP;
    unsigned other_pop = value ? OP_POP_JUMP_IF_FALSE : OP_POP_JUMP_IF_TRUE;

    if (target->opcode == same_pop)
        return thread_in_place(g, b, in, target, same_pop);
    if (target->opcode == OP_JUMP || target->opcode == same)
        return thread_in_place(g, b, in, target, same);
    if ((target->opcode == other || target->opcode == other_pop) &&
        in->loc.lineno == target->loc.lineno) {
        int32_t behind = next_nonempty_block(g, g->blocks[in->oparg].next);
        if (behind < 0)
            cfg_malformed(g);
        cfg_set(b, in, same_pop, behind);
        b->classes |= CLASS_FLOW_CHANGED;
        return true;
    }
    return false;
}

/* Thread the jump `in`; true: look at it again. */
static bool optimize_jump(struct cfg *g, struct block *b, struct instruction *in)
{
    in->oparg = next_nonempty_block(g, in->oparg);
    if (in->oparg < 0)
        cfg_malformed(g);
    const struct instruction *target = &g->blocks[in->oparg].code[0];
    if (in->opcode == OP_JUMP_IF_FALSE_OR_POP || in->opcode == OP_JUMP_IF_TRUE_OR_POP)
        return thread_or_pop(g, b, in, target);
    return target->opcode == OP_JUMP && thread_in_place(g, b, in, target, in->opcode);
}

/* The rewrites of one block. */
static void optimize_block(struct cfg *g, struct block *b)
{
    bool through_copy = HAS(g->c, CONSTANT_FOLLOWED_THROUGH_COPY);
    bool constant_on_top = false; /* of this index */
    int32_t index = 0;

    for (uint32_t i = 0; i < b->used; i++) {
        struct instruction *in = &b->code[i];
        if (through_copy && constant_on_top && in->opcode == OP_COPY && in->oparg == 1) {
            rewrite_const_use(g, b, i, rewrite_const_value(g, index), index);
            continue;
        }
        constant_on_top = in->opcode == OP_LOAD_CONST;
        if (!(op_class(in->opcode) & IN_PLACE_CLASSES))
            continue;
        switch (in->opcode) {
        case OP_LOAD_CONST:
            index = in->oparg;
            rewrite_const_use(g, b, i, rewrite_const_value(g, index), index);
            break;
        case OP_BUILD_TUPLE: rewrite_build_tuple(g, b, i); break;
        case OP_JUMP_IF_FALSE_OR_POP:
        case OP_JUMP_IF_TRUE_OR_POP:
        case OP_POP_JUMP_IF_NOT_NONE:
        case OP_POP_JUMP_IF_NONE:
        case OP_POP_JUMP_IF_FALSE:
        case OP_POP_JUMP_IF_TRUE:
        case OP_JUMP:
            if (optimize_jump(g, b, in))
                i--;
            break;
        case OP_SWAP:
            if (in->oparg == 1) {
                cfg_set_nop(b, in);
                break;
            }
            swaps_shorten(g, b, &i);
            swaps_apply(b, i);
            break;
        case OP_PUSH_NULL:
            if (opcode_behind(b, i) == OP_LOAD_GLOBAL) {
                cfg_set_nop(b, in);
                in[1].oparg |= 1;
            }
            break;
        default: break;
        }
    }
}

void pass_optimize_blocks_in_place(struct cfg *g)
{
    FOR_EACH_BLOCK(g, b)
        if (b->classes & IN_PLACE_CLASSES)
            optimize_block(g, b);
}

void pass_optimize_and_clean_blocks(struct cfg *g)
{
    FOR_EACH_BLOCK(g, b) {
        if (b->classes & IN_PLACE_CLASSES)
            optimize_block(g, b);
        flow_clean_block(g, b);
    }
}
