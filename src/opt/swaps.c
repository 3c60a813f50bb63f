/* Fewer SWAPs.
 *
 * Answers to swaptimize and apply_static_swaps of CPython's flowgraph.c: a run of SWAPs is a
 * permutation, and is written again with the fewest; a SWAP before stores and pops goes away when
 * those can change places instead.
 */
#include "opt/passes.h"

/* Write the permutation over the run of `length` instructions, from its end; what is left over
 * becomes NOP. */
static void write_permutation(struct cfg *g, struct block *b, struct instruction *run,
                              uint32_t length, int32_t *stack, int32_t depth)
{
    enum { VISITED = -1 };
    uint32_t left = length;
    for (int32_t i = 0; i < depth; i++) {
        if (stack[i] == VISITED || stack[i] == i)
            continue;
        for (int32_t j = i;
             ;) { /* one cycle; each swap is with the top, so 0 is taken into every cycle */
            if (j != 0) {
                left--;
                run[left].opcode = OP_SWAP;
                run[left].oparg = j + 1;
                if (run[left].loc.lineno < 0) /* a NOP was there */
                    cfg_note_no_line(g, b);
            }
            if (stack[j] == VISITED)
                break;
            int32_t next = stack[j];
            stack[j] = VISITED;
            j = next;
        }
    }
    while (left > 0)
        cfg_set_nop(b, &run[--left]);
}

void swaps_shorten(struct cfg *g, struct block *b, uint32_t *at)
{
    struct instruction *run = &b->code[*at];
    uint32_t length = 1, limit = b->used - *at;
    int32_t depth = run[0].oparg;
    bool several = false;

    for (; length < limit && (run[length].opcode == OP_SWAP || run[length].opcode == OP_NOP);
         length++) {
        if (run[length].opcode == OP_SWAP) {
            several = true;
            if (run[length].oparg > depth)
                depth = run[length].oparg;
        }
    }
    if (!several)
        return;
    int32_t *stack = cfg_numbers(g, (uint32_t)depth);
    for (int32_t i = 0; i < depth; i++)
        stack[i] = i;
    for (uint32_t i = 0; i < length; i++) {
        if (run[i].opcode == OP_SWAP) {
            int32_t top = stack[0];
            stack[0] = stack[run[i].oparg - 1];
            stack[run[i].oparg - 1] = top;
        }
    }
    write_permutation(g, b, run, length, stack, depth);
    *at += length - 1;
}

/* Can the instruction change places with another such one? */
static bool is_swappable(unsigned opcode)
{
    return opcode == OP_STORE_FAST || opcode == OP_STORE_FAST_MAYBE_NULL || opcode == OP_POP_TOP;
}

/* The local that an instruction stores to, -1: none. */
static int32_t stores_to(const struct instruction *in)
{
    return in->opcode == OP_STORE_FAST || in->opcode == OP_STORE_FAST_MAYBE_NULL ? in->oparg : -1;
}

/* The next swappable instruction behind `i`, over NOPs, all on `line` unless that is negative; -1:
 * none. */
static int64_t next_swappable(const struct block *b, int64_t i, int32_t line)
{
    while (++i < (int64_t)b->used) {
        const struct instruction *in = &b->code[i];
        if (line >= 0 && in->loc.lineno != line)
            return -1;
        if (in->opcode == OP_NOP)
            continue;
        return is_swappable(in->opcode) ? i : -1;
    }
    return -1;
}

/* Would exchanging j and k change which value a local ends with? */
static bool stores_conflict(const struct block *b, int64_t j, int64_t k)
{
    int32_t at_j = stores_to(&b->code[j]), at_k = stores_to(&b->code[k]);
    if (at_j < 0 && at_k < 0)
        return false;
    if (at_j == at_k)
        return true;
    for (int64_t i = j + 1; i < k; i++) {
        int32_t at = stores_to(&b->code[i]);
        if (at >= 0 && (at == at_j || at == at_k))
            return true;
    }
    return false;
}

void swaps_apply(struct block *b, uint32_t at)
{
    for (int64_t i = at; i >= 0; i--) {
        struct instruction *swap = &b->code[i];
        if (swap->opcode != OP_SWAP) {
            if (swap->opcode == OP_NOP || is_swappable(swap->opcode))
                continue;
            return;
        }
        int64_t j = next_swappable(b, i, -1);
        if (j < 0)
            return;
        int64_t k = j;
        for (int32_t count = swap->oparg - 1; count > 0; count--) {
            k = next_swappable(b, k, b->code[j].loc.lineno);
            if (k < 0)
                return;
        }
        if (stores_conflict(b, j, k))
            return;
        cfg_set_nop(b, swap);
        struct instruction kept = b->code[j];
        b->code[j] = b->code[k];
        b->code[k] = kept;
        b->locals_met = true;
    }
}
