/* Fast locals: which loads must check, and which pairs of instructions become one.
 *
 * Answers to add_checks_for_loads_of_uninitialized_variables and insert_superinstructions of
 * CPython's flowgraph.c. A bit for each of the first 64 locals says that it may be unbound; beyond
 * those only what happens within one block counts.
 */
#include "opt/passes.h"

enum { MASK_LOCALS = 64 };

/* Tell a block what may be unbound when it starts; look at it again if it has been looked at and
 * that is news. */
static inline void add_unsafe(struct cfg *g, int32_t block, uint64_t mask)
{
    struct block *b = &g->blocks[block];
    uint64_t before = b->unsafe_locals;
    b->unsafe_locals = before | mask;
    if (b->scanned & (b->unsafe_locals != before))
        cfg_push(g, block);
}

/* The bit of the local that an instruction of some classes concerns, 0: it concerns none that has
 * one. Not asked by a branch, which would often be wrong. */
static inline uint64_t local_bit(unsigned class, int32_t oparg)
{
    uint64_t concerned = (class & CLASS_LOCAL) / CLASS_LOCAL & (oparg < MASK_LOCALS);
    return concerned << (oparg & (MASK_LOCALS - 1));
}

/* Follow the locals through any block. Returns what may be unbound behind it. */
static uint64_t follow_with_care(struct cfg *g, struct block *b)
{
    uint64_t unsafe = b->unsafe_locals;
    int32_t told = -1; /* a handler that knows of all that is unsafe, -1: none */

    FOR_EACH_INSTRUCTION(b, in) {
        if (in->handler != told) {
            told = in->handler;
            if (told >= 0)
                add_unsafe(g, told, unsafe);
        }
        unsigned class = op_class(in->opcode);
        uint64_t bit = local_bit(class, in->oparg);
        if (class & CLASS_UNBINDS) {
            unsafe |= bit;
            told = -1;
        } else if (unsafe & bit) {
            if (in->opcode == OP_LOAD_FAST)
                in->opcode = OP_LOAD_FAST_CHECK;
            unsafe &= ~bit;
            if (unsafe == 0 && !(b->classes & CLASS_UNBINDS))
                return 0;
        }
    }
    return unsafe;
}

/* The same for a block that unbinds none and has no handlers, in a unit where each local has a bit.
 * Only when all of it has been seen is there a look at whether a load must check. */
static uint64_t follow_locals(struct cfg *g, struct block *b)
{
    uint64_t unsafe = b->unsafe_locals, unchecked = 0;
    FOR_EACH_INSTRUCTION(b, in) {
        uint64_t concerned = op_class(in->opcode) / CLASS_LOCAL & 1;
        uint64_t bit = concerned << ((uint32_t)in->oparg & (MASK_LOCALS - 1));
        unchecked |= in->opcode == OP_LOAD_FAST ? unsafe & bit : 0;
        unsafe &= ~bit;
    }
    return unchecked != 0 ? follow_with_care(g, b) : unsafe;
}

/* Tell the successors of a block what may be unbound behind it. Where there is none it is the block
 * itself, which learns nothing: that is cheaper than a branch. */
static inline void tell_successors(struct cfg *g, const struct block *b, uint64_t unsafe)
{
    if (b->used == 0) {
        if (b->next >= 0)
            add_unsafe(g, b->next, unsafe);
        return;
    }
    const struct instruction *last = &b->code[b->used - 1];
    unsigned class = op_class(last->opcode);
    bool jumps = class & CLASS_JUMP;
    bool falls = !(class & CLASS_NO_FALLTHROUGH) & (b->next >= 0);
    add_unsafe(g, either(falls, b->next, b->number), unsafe & -(uint64_t)falls);
    add_unsafe(g, either(jumps, last->oparg, b->number), unsafe & -(uint64_t)jumps);
}

/* Look at a block, with care if it has handlers or one of those classes; there is nothing to do if
 * nothing is unsafe, and will not be. */
static inline void scan_block(struct cfg *g, struct block *b, unsigned care)
{
    b->scanned = true;
    b->scanned_locals = b->unsafe_locals;
    if (b->unsafe_locals == 0 && !(b->classes & CLASS_UNBINDS))
        return;
    bool with_care = b->caught | ((b->classes & care) != 0);
    tell_successors(g, b, with_care ? follow_with_care(g, b) : follow_locals(g, b));
}

/* Locals from the 65th on: bound only by what the same block did before. */
static void scan_many_locals(struct cfg *g, uint32_t nlocals)
{
    int32_t *bound_in = cfg_numbers(g, nlocals - MASK_LOCALS);
    int32_t number = 0;

    FOR_EACH_BLOCK(g, b) {
        number++;
        for (uint32_t i = 0; i < b->used; i++) {
            struct instruction *in = &b->code[i];
            if (!(op_class(in->opcode) & CLASS_LOCAL) || in->oparg < MASK_LOCALS)
                continue;
            if ((uint32_t)in->oparg >= nlocals)
                cfg_malformed(g);
            int32_t *bound = &bound_in[in->oparg - MASK_LOCALS];
            switch (in->opcode) {
            case OP_DELETE_FAST:
            case OP_LOAD_FAST_AND_CLEAR:
            case OP_STORE_FAST_MAYBE_NULL: *bound = number - 1; break;
            case OP_STORE_FAST: *bound = number; break;
            case OP_LOAD_FAST:
                if (*bound != number)
                    in->opcode = OP_LOAD_FAST_CHECK;
                *bound = number;
                break;
            default: break;
            }
        }
    }
}

/* The bits from `from` up to `until`. */
static uint64_t bits_between(uint32_t from, uint32_t until)
{
    if (from >= until)
        return 0;
    uint64_t below = until >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << until) - 1;
    return below & ~(((uint64_t)1 << from) - 1);
}

void pass_add_checks_for_loads_of_uninitialized_variables(struct cfg *g)
{
    uint32_t nlocals = g->u->varnames.count;
    if (nlocals == 0 || !(g->seen & CLASS_LOCAL))
        return;
    unsigned care = CLASS_UNBINDS;
    if (nlocals > MASK_LOCALS) {
        scan_many_locals(g, nlocals);
        nlocals = MASK_LOCALS;
        care = CLASS_LOCAL;
    }
    uint64_t unbound = bits_between((uint32_t)g->u->parameter_count, nlocals);
    if (unbound == 0 && !(g->seen & CLASS_UNBINDS))
        return;
    cfg_start_traversal(g);
    add_unsafe(g, g->entry, unbound);
    FOR_EACH_BLOCK(g, b)
        scan_block(g, b, care);
    for (int32_t n; (n = cfg_pop(g)) >= 0;) {
        struct block *b = &g->blocks[n];
        if (b->unsafe_locals != b->scanned_locals)
            scan_block(g, b, care);
    }
}

/* The one instruction for two that concern locals, OP_NOP: there is none. */
static unsigned joined(unsigned first, unsigned second)
{
    if (second == OP_LOAD_FAST)
        return first == OP_LOAD_FAST    ? OP_LOAD_FAST_LOAD_FAST
               : first == OP_STORE_FAST ? OP_STORE_FAST_LOAD_FAST
                                        : OP_NOP;
    return first == OP_STORE_FAST && second == OP_STORE_FAST ? OP_STORE_FAST_STORE_FAST : OP_NOP;
}

/* Make one instruction of two that concern locals if both arguments fit in four bits and they are
 * on one line; true: the second one has nothing left to do, not even for its line. */
static bool join(struct block *b, struct instruction *first)
{
    struct instruction *second = first + 1;
    unsigned opcode = joined(first->opcode, second->opcode);
    int32_t line = first->loc.lineno, other = second->loc.lineno;
    if (opcode == OP_NOP || (line >= 0 && other >= 0 && line != other) || first->oparg >= 16 ||
        second->oparg >= 16)
        return false;
    first->opcode = (uint16_t)opcode;
    first->oparg = first->oparg << 4 | second->oparg;
    if (other < 0 || other == line)
        return true;
    cfg_set_nop(b, second);
    return false;
}

/* List the instructions of a block that concern a local and have another such one behind them;
 * returns how many. */
static uint32_t list_pairs(struct cfg *g, const struct block *b, uint32_t **places)
{
    *places = cfg_places(g, b->used + 1);
    uint32_t count = 0, i = 0;
    unsigned class = 0;
    FOR_EACH_INSTRUCTION(b, in) {
        unsigned before = class;
        class = op_class(in->opcode);
        (*places)[count] = i++ - 1;
        count += (before << 1 & class & CLASS_LOCAL_NEXT) != 0;
    }
    return count;
}

/* Join what can be joined in a block. */
static void join_pairs(struct cfg *g, struct block *b)
{
    uint32_t *places, count = list_pairs(g, b, &places);
    struct instruction *to = b->code, *from = to, *end = to + b->used;
    for (uint32_t i = 0; i < count; i++) {
        struct instruction *first = &b->code[places[i]];
        if (first < from || !join(b, first)) /* it has gone already */
            continue;
        to = cfg_move_run(to, from, first + 1); /* and the second one goes */
        from = first + 2;
    }
    b->nops_from = b->classes & CLASS_NOP ? 0 : b->nops_from; /* they have moved down */
    if (from != b->code)
        b->used = (uint32_t)(cfg_move_run(to, from, end) - b->code);
}

void pass_insert_superinstructions(struct cfg *g)
{
    if (g->seen & CLASS_LOCAL)
        FOR_EACH_BLOCK(g, b)
            if (b->locals_met) {
                join_pairs(g, b);
                g->no_nops &= !(b->classes & CLASS_NOP);
            }
    pass_remove_redundant_nops(g);
}
