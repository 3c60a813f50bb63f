/* Passes that look at where control goes: unreachable blocks, redundant jumps and NOPs, inlined
 * exits, cold blocks.
 *
 * Answers to the passes of the same names in CPython's flowgraph.c. Their order of traversal is
 * kept where the result shows it.
 */
#include "opt/passes.h"

/* -- unreachable blocks -- */

/* Empty the blocks without predecessors. */
static void empty_unreached(struct cfg *g)
{
    g->no_idle_jumps = false;
    FOR_EACH_BLOCK(g, b)
        if (b->predecessors == 0) {
            if (b->used != 0 && b->classes & CLASS_CONST)
                consts_drop_block(g, b);
            b->used = 0;
            b->classes &= ~(unsigned)CLASS_FLOW_CHANGED;
            b->except_handler = false;
        }
}

/* Count a way into a block and traverse it once for each way there that comes before its first
 * turn. */
static inline void reach(struct cfg *g, int32_t to)
{
    struct block *t = &g->blocks[to];
    t->predecessors++;
    if (t->visited != g->stamp)
        cfg_push(g, to);
}

/* Reach what a block leads to. */
static inline void reach_successors(struct cfg *g, const struct block *b)
{
    const struct instruction *jump = last_jump(b, CLASS_JUMP);
    if (b->next >= 0 && falls_through(b))
        reach(g, b->next);
    if (b->classes & CLASS_BLOCK_PUSH)
        FOR_EACH_INSTRUCTION(b, in)
            if (op_class(in->opcode) & CLASS_BLOCK_PUSH)
                reach(g, in->oparg);
    if (jump != NULL)
        reach(g, jump->oparg);
}

/* A way into a block, if it is one (else any block that has been reached): it is reached from now
 * on. Returns 1 if it has not been before. Without a branch. */
static inline uint32_t reach_first(struct cfg *g, int32_t to, bool is_way)
{
    struct block *t = &g->blocks[to];
    bool fresh = t->visited < g->stamp;
    t->predecessors += is_way;
    t->visited = fresh ? g->stamp : t->visited;
    return fresh;
}

/* Reach what a block leads to without an exception, and count the ways there if they are `counted`;
 * returns how many blocks have not been reached before. */
static inline uint32_t reach_plainly(struct cfg *g, const struct block *b, bool counted)
{
    unsigned class = end_class(b);
    bool jumps = class & CLASS_JUMP, falls = !(class & CLASS_NO_FALLTHROUGH) & (b->next >= 0);
    int32_t target = b->code[b->used - (b->used != 0)].oparg;
    return reach_first(g, either(falls, b->next, b->number), falls & counted) +
           reach_first(g, either(jumps, target, b->number), jumps & counted);
}

/* The same for the handlers that a block sets up. */
static inline uint32_t reach_handlers(struct cfg *g, const struct block *b)
{
    const struct except_node *nodes = g->scratch->except_nodes.items;
    uint32_t fresh = 0;
    if (g->pushes_known)
        for (uint32_t i = b->pushes_from; i != b->pushes_end; i++)
            fresh += reach_first(g, nodes[i].handler, true);
    else if (b->classes & CLASS_BLOCK_PUSH)
        FOR_EACH_INSTRUCTION(b, in)
            if (op_class(in->opcode) & CLASS_BLOCK_PUSH)
                fresh += reach_first(g, in->oparg, true);
    return fresh;
}

/* Start counting predecessors; false: they are, and nothing has changed where control goes. */
static bool start_counting(struct cfg *g)
{
    if (g->reached && cfg_have_no(g, CLASS_FLOW_CHANGED))
        return false;
    for (uint32_t i = 0; i < g->block_count && g->counted; i++)
        g->blocks[i].predecessors = 0;
    g->counted = g->reached = true;
    g->lines_passed = false;
    return true;
}

/* Blocks are reached (marked with the stamp) and then looked at (marked with the next one), in the
 * order of the code as long as that finds any: what is only reached backward needs another round.
 */
void pass_remove_unreachable(struct cfg *g)
{
    uint32_t waiting = 1, left = g->block_count;
    if (!start_counting(g))
        return;
    if (g->block_count == 1) {
        g->blocks[g->entry].predecessors = 1;
        return;
    }
    g->stamp += 2;
    reach_first(g, g->entry, true);
    while (waiting > 0)
        FOR_EACH_BLOCK(g, b)
            if (b->visited == g->stamp) {
                b->visited++;
                b->classes &= ~(unsigned)CLASS_FLOW_CHANGED;
                left--;
                waiting += reach_plainly(g, b, true) + reach_handlers(g, b) - 1;
            }
    g->stamp++;
    if (left != 0)
        empty_unreached(g);
}

void pass_remove_unreachable_revisiting(struct cfg *g)
{
    if (!start_counting(g))
        return;
    cfg_start_traversal(g);
    reach(g, g->entry);
    for (int32_t n; (n = cfg_pop(g)) >= 0;) {
        struct block *b = &g->blocks[n];
        b->visited = g->stamp;
        b->classes &= ~(unsigned)CLASS_FLOW_CHANGED;
        reach_successors(g, b);
    }
    empty_unreached(g);
}

/* The first block from `b` on that has instructions, or `b` if there is none. */
static int32_t skip_empty(struct cfg *g, int32_t b)
{
    int32_t found = next_nonempty_block(g, b);
    return found < 0 ? b : found;
}

void pass_eliminate_empty_basic_blocks(struct cfg *g)
{
    g->reached = g->no_idle_jumps = false;
    FOR_EACH_BLOCK(g, b)
        b->next = next_nonempty_block(g, b->next);
    if (g->blocks[g->entry].used == 0)
        g->entry = skip_empty(g, g->entry);
    FOR_EACH_BLOCK(g, b) {
        struct instruction *last = last_instruction(b);
        if (b->classes & CLASS_BLOCK_PUSH)
            for (uint32_t i = 0; i < b->used; i++)
                if (op_class(b->code[i].opcode) & CLASS_BLOCK_PUSH)
                    b->code[i].oparg = skip_empty(g, b->code[i].oparg);
        if (last != NULL && op_class(last->opcode) & CLASS_JUMP)
            last->oparg = skip_empty(g, last->oparg);
    }
}

/* List the blocks whose last instruction is of some classes, in the order of the code, without a
 * branch for each block; returns how many there are. */
static inline uint32_t list_by_end(struct cfg *g, unsigned classes)
{
    uint32_t *places = cfg_places(g, g->block_count), count = 0;
    FOR_EACH_BLOCK(g, b) {
        places[count] = (uint32_t)b->number;
        count += (end_class(b) & classes) != 0;
    }
    return count;
}

/* -- inlined blocks -- */

bool flow_has_no_lineno(const struct block *b)
{
    for (uint32_t i = 0; i < b->used; i++)
        if (b->code[i].loc.lineno >= 0)
            return false;
    return true;
}

/* Is the block small enough to be copied? */
static bool is_small(const struct block *b)
{
    uint32_t count = b->used;
    for (uint32_t i = 0; i < b->used && count <= MAX_COPY_SIZE; i++)
        if (b->code[i].opcode == OP_LOAD_GLOBAL)
            count += b->code[i].size;
    return count <= MAX_COPY_SIZE;
}

/* Put the target of the jump `last` at the end of `b` in its place, if it is a small exit, or maybe
 * if it has no lines. */
static bool inline_target(struct cfg *g, struct block *b, struct instruction *last,
                          bool without_lines)
{
    struct block *target = &g->blocks[last->oparg];
    bool small_exit = exits_scope(target) && is_small(target);
    bool no_lineno = without_lines && !falls_through(target) && flow_has_no_lineno(target);
    if (!small_exit && !no_lineno)
        return false;
    unsigned removed = last->opcode;
    cfg_set_nop(b, last);
    g->no_nops = false;
    uint32_t count = target->used;
    struct instruction *to = cfg_append_copy(g, b, target);
    if (no_lineno && removed == OP_JUMP && op_class(to[count - 1].opcode) & CLASS_UNCONDITIONAL)
        to[count - 1].opcode = OP_JUMP;
    target->predecessors -= g->counted;
    g->absent = 0;
    return true;
}

const int32_t *flow_last_made_first(struct cfg *g, uint32_t *count)
{
    uint32_t ranks = (uint32_t)g->next_label, n = 0;
    int32_t *order = cfg_numbers(g, g->block_count + ranks + 1);
    int32_t *of_rank =
        order + g->block_count + 1; /* 1 + the block, 0: none; the rank of the entry may be -1 */
    FOR_EACH_BLOCK(g, b)
        of_rank[b->rank] = b->number + 1;
    for (int32_t rank = (int32_t)ranks - 1; rank >= -1; rank--)
        if (of_rank[rank] != 0)
            order[n++] = of_rank[rank] - 1;
    *count = n;
    return order;
}

/* Does the block end in a jump to a small exit without lines? */
static inline bool can_be_extended(const struct cfg *g, const struct block *b)
{
    const struct instruction *last = last_jump(b, CLASS_UNCONDITIONAL);
    if (last == NULL || last->opcode != OP_JUMP)
        return false;
    const struct block *target = &g->blocks[last->oparg];
    if (!exits_scope(target) || target->used > MAX_COPY_SIZE)
        return false;
    for (uint32_t i = 0; i < target->used; i++)
        if (target->code[i].loc.lineno > 0)
            return false;
    return true;
}

/* Put that exit in the place of the jump. */
static void extend_block(struct cfg *g, struct block *b)
{
    struct instruction *last = last_instruction(b);
    struct block *target = &g->blocks[last->oparg];
    cfg_set_nop(b, last);
    cfg_append_copy(g, b, target);
}

void pass_extend_blocks(struct cfg *g)
{
    flow_extend_blocks(g, can_be_extended, extend_block);
}

/* The same for all blocks; true if any changed. */
static inline bool inline_targets(struct cfg *g, bool without_lines)
{
    bool changed = false;
    if (!(g->seen & CLASS_UNCONDITIONAL))
        return false;
    uint32_t count = list_by_end(g, CLASS_UNCONDITIONAL);
    for (uint32_t i = 0; i < count; i++) {
        struct block *b = &g->blocks[g->scratch->places.items[i]];
        changed |= inline_target(g, b, last_instruction(b), without_lines);
    }
    return changed;
}

void pass_inline_small_exit_blocks(struct cfg *g)
{
    inline_targets(g, false);
}

void pass_inline_small_or_no_lineno_blocks(struct cfg *g)
{
    while (inline_targets(g, true))
        continue;
}

/* -- NOPs and jumps -- */

/* The line of the first instruction of a block, -1: none. Where NOPs of no line are passed over, of
 * the first that is no such NOP. */
static int32_t first_line(const struct cfg *g, int32_t block)
{
    if (block < 0)
        return -1;
    const struct block *b = &g->blocks[block];
    for (uint32_t i = 0; i < b->used; i++)
        if (b->code[i].opcode != OP_NOP || b->code[i].loc.lineno != -1 ||
            !HAS(g->c, UNPLACED_NOPS_PASSED_OVER))
            return b->code[i].loc.lineno;
    return -1;
}

/* Is the NOP at `at` not needed for its line? May hand its line to the instruction behind it. */
static bool nop_is_redundant(struct cfg *g, struct block *b, uint32_t at, int32_t previous_line)
{
    int32_t line = b->code[at].loc.lineno;
    if (line < 0 || line == previous_line)
        return true;
    if (at + 1 < b->used) {
        struct instruction *behind = &b->code[at + 1];
        if (behind->loc.lineno == line)
            return true;
        if (behind->loc.lineno >= 0)
            return false;
        behind->loc = b->code[at].loc;
        return true;
    }
    int32_t next = next_nonempty_block(g, b->next);
    return next >= 0 && first_line(g, next) == line;
}

/* May what stands before `to` and `behind` become one instruction? */
static inline bool locals_met(const struct instruction *to, const struct instruction *behind)
{
    unsigned both = op_class(to[-1].opcode) << 1 & op_class(behind->opcode);
    return both & CLASS_LOCAL_NEXT;
}

/* List the NOPs of a block, without a branch for each instruction; returns the end of the list. */
static struct instruction **list_nops(struct cfg *g, const struct block *b)
{
    struct backend_scratch *s = g->scratch;
    uint32_t end = b->nops_end < b->used ? b->nops_end : b->used;
    s->nops.count = 0;
    array_reserve(g->arena, &s->nops, b->used + 1);
    struct instruction **to = s->nops.items;
    for (uint32_t i = b->nops_from; i < end; i++) {
        *to = &b->code[i];
        to += b->code[i].opcode == OP_NOP;
    }
    return to;
}

/* Drop the redundant NOPs of a block; true if there were any. What stays between two that go moves
 * at once. */
static bool remove_nops(struct cfg *g, struct block *b)
{
    struct instruction *to = b->code, *from = to, *end = to + b->used;
    struct instruction *const *last = list_nops(g, b);
    bool has_nop = false, popped = false;

    cfg_forget_nops(b);
    for (struct instruction *const *nop = g->scratch->nops.items; nop != last; nop++) {
        struct instruction *in = *nop;
        to = cfg_move_run(to, from, in);
        from = in;
        int32_t previous_line = to != b->code ? to[-1].loc.lineno : -1;
        if (nop_is_redundant(g, b, (uint32_t)(in - b->code), previous_line)) {
            from++;
            if (to != b->code && from != end)
                b->locals_met |= locals_met(to, from);
        } else {
            has_nop = true;
            cfg_note_nop(b, to); /* where it comes to stand */
        }
        popped |= (in + 1 != end) & (in[in + 1 != end].opcode == OP_POP_TOP);
    }
    to = cfg_move_run(to, from, end);
    bool changed = to != end;
    b->used = (uint32_t)(to - b->code);
    b->classes &= has_nop ? ~0u : ~(unsigned)CLASS_NOP;
    b->classes |= popped ? CLASS_POPPED : 0;
    g->no_idle_jumps &= b->used != 0;
    g->passes_empty |= b->used == 0;
    return changed;
}

bool flow_clean_block(struct cfg *g, struct block *b)
{
    return b->classes & CLASS_NOP && remove_nops(g, b);
}

/* Drop the redundant NOPs of all blocks; true if another look may find more: some are left at the
 * end of a block, where it matters what comes behind, and others are gone. */
static bool remove_all_nops(struct cfg *g)
{
    bool changed = false;
    unsigned left = 0, at_end = 0;
    if (g->no_nops)
        return false;
    FOR_EACH_BLOCK(g, b)
        if (b->classes & CLASS_NOP) {
            changed |= remove_nops(g, b);
            left |= b->classes;
            at_end |= end_class(b);
        }
    g->no_nops = !(left & CLASS_NOP);
    return changed && at_end & CLASS_NOP;
}

void pass_remove_redundant_nops(struct cfg *g)
{
    remove_all_nops(g);
}

/* Does the instruction only push a value that is there anyway? */
static bool loads_copy(const struct instruction *in)
{
    return op_class(in->opcode) & CLASS_COPY_LOAD && (in->opcode != OP_COPY || in->oparg == 1);
}

/* One round over all blocks; true if a pair went. `clean`: without NOPs that are redundant. */
static bool remove_pairs(struct cfg *g, bool clean)
{
    bool changed = false;
    struct block *previous_block = NULL;
    struct instruction *previous = NULL; /* the instruction that surely ran before, or NULL */

    FOR_EACH_BLOCK(g, b) {
        if (!clean && b->classes & CLASS_NOP)
            remove_nops(g, b);
        if (b->label != NO_LABEL)
            previous = NULL;
        /* within a block that is not CLASS_POPPED there is none */
        const struct instruction *end =
            b->code + (b->classes & CLASS_POPPED ? b->used : b->used != 0);
        for (struct instruction *in = b->code; in != end; in++) {
            if (in->opcode != OP_POP_TOP)
                continue;
            if (in != b->code) {
                previous = in - 1;
                previous_block = b;
            }
            if (previous != NULL && loads_copy(previous)) {
                cfg_set_nop(previous_block, previous);
                cfg_set_nop(b, in);
                changed = true;
            }
        }
        if (b->used != 0) {
            previous = &b->code[b->used - 1];
            previous_block = b;
        }
        if ((previous != NULL && op_class(previous->opcode) & CLASS_JUMP) || !falls_through(b))
            previous = NULL;
    }
    return changed;
}

/* May a block of these classes have such a pair? */
static inline bool may_have_pair(unsigned classes)
{
    return classes * (CLASS_POPPED / CLASS_POP) & classes & CLASS_POPPED;
}

/* A pair can also be in two blocks if they are apart by a jump that has become a NOP. */
void pass_remove_redundant_nops_and_pairs(struct cfg *g)
{
    unsigned classes = 0;
    uint32_t count = 0;
    bool pairs = false;
    FOR_EACH_BLOCK(g, b) {
        if (b->classes & CLASS_NOP)
            remove_nops(g, b);
        classes |= b->classes;
        pairs |= may_have_pair(b->classes);
        count++;
    }
    g->no_nops = !(classes & CLASS_NOP);
    g->absent = count == g->block_count ? ~classes : 0;
    if (!pairs && !(classes & CLASS_FLOW_CHANGED))
        return;
    g->absent = 0;
    for (bool clean = true; remove_pairs(g, clean); clean = false)
        g->no_nops = false;
}

/* Jumps to what comes next become NOPs; true if there were any. */
static bool remove_jumps(struct cfg *g)
{
    bool changed = false;
    if (!(g->seen & CLASS_UNCONDITIONAL) || g->no_idle_jumps)
        return false;
    uint32_t count = list_by_end(g, CLASS_UNCONDITIONAL);
    for (uint32_t i = 0; i < count; i++) {
        struct block *b = &g->blocks[g->scratch->places.items[i]];
        struct instruction *last = last_instruction(b);
        int32_t target = next_nonempty_block(g, last->oparg);
        if (target < 0)
            cfg_malformed(g);
        if (target == next_nonempty_block(g, b->next)) {
            cfg_set_nop(b, last);
            g->absent &= ~(unsigned)CLASS_FLOW_CHANGED;
            g->passes_empty |= target != b->next;
            changed = true;
        }
    }
    g->no_nops &= !changed;
    g->no_idle_jumps = !changed;
    return changed;
}

void pass_remove_redundant_jumps(struct cfg *g)
{
    remove_jumps(g);
}

void pass_remove_redundant_nops_and_jumps(struct cfg *g)
{
    bool nops, jumps;
    do {
        nops = remove_all_nops(g);
        jumps = remove_jumps(g);
    } while (nops || jumps);
}

/* -- cold blocks -- */

/* Mark what can be reached without an exception with the stamp, as pass_remove_unreachable does. */
static void mark_warm(struct cfg *g)
{
    uint32_t waiting = 1;
    g->stamp += 2;
    reach_first(g, g->entry, false);
    while (waiting > 0)
        FOR_EACH_BLOCK(g, b)
            if (b->visited == g->stamp) {
                b->visited++;
                waiting += reach_plainly(g, b, false) - 1;
            }
    g->stamp++;
}

/* Mark as cold what else is reached: handlers and what only they lead to. Since predecessors were
 * counted, only a cold block that has come to fall through can lead to others. List the cold blocks
 * that fall through into a warm one, in order; returns how many they are. */
static uint32_t mark_cold(struct cfg *g)
{
    uint32_t *places = cfg_places(g, g->block_count), count = 0;
    bool fallen_into = false;
    FOR_EACH_BLOCK(g, b) {
        const struct block *next = &g->blocks[b->next < 0 ? b->number : b->next];
        b->cold = (b->visited != g->stamp) & ((b->predecessors != 0) | fallen_into);
        fallen_into = b->cold & falls_through(b);
        places[count] = (uint32_t)b->number;
        count += fallen_into & (next->visited == g->stamp);
    }
    return count;
}

/* Put a jump behind the cold block `n` which falls through into a warm one. */
static void add_jump_out_of_cold(struct cfg *g, uint32_t n, unsigned opcode, bool counted)
{
    int32_t next = g->blocks[n].next, jump = cfg_new_block(g);
    struct block *j = &g->blocks[jump];
    *cfg_append(g, j, 1) = (struct instruction){
        .opcode = (uint16_t)opcode,
        .oparg = next,
        .handler = -1,
        .loc = NO_LOCATION,
        .size = (uint16_t)argument_words(g->blocks[next].label),
    };
    j->classes = op_class(opcode) | CLASS_NO_LINE;
    g->seen |= op_class(opcode);
    g->lines_passed = false;
    j->cold = true;
    j->predecessors = counted;
    j->next = next;
    if (counted && g->blocks[next].label == NO_LABEL)
        g->blocks[next].label = g->next_label++;
    g->blocks[n].next = jump;
}

/* Let the blocks of a list follow each other; `next` comes behind the last. */
static void link_blocks(struct cfg *g, const uint32_t *list, uint32_t count, int32_t next)
{
    for (uint32_t i = 0; i + 1 < count; i++)
        g->blocks[list[i]].next = (int32_t)list[i + 1];
    g->blocks[list[count - 1]].next = next;
}

/* Put the cold blocks behind the others; true if there are any. The entry is warm. */
static bool move_cold(struct cfg *g)
{
    uint32_t *warm = cfg_places(g, 2 * g->block_count), *cold = warm + g->block_count;
    uint32_t warm_count = 0, cold_count = 0;
    FOR_EACH_BLOCK(g, b) {
        warm[warm_count] = cold[cold_count] = (uint32_t)b->number;
        warm_count += !b->cold;
        cold_count += b->cold;
    }
    if (cold_count == 0)
        return false;
    link_blocks(g, warm, warm_count, (int32_t)cold[0]);
    link_blocks(g, cold, cold_count, -1);
    return true;
}

/* Both forms of push_cold_blocks_to_end; true if anything moved. */
static bool push_cold(struct cfg *g, unsigned opcode, bool counted)
{
    if (g->blocks[g->entry].next < 0 || !(g->seen & CLASS_BLOCK_PUSH))
        return false;
    g->no_idle_jumps = false;
    mark_warm(g);
    uint32_t count = mark_cold(g);
    g->cold_in_doubt = false;
    for (uint32_t i = 0; i < count; i++)
        add_jump_out_of_cold(g, g->scratch->places.items[i], opcode, counted);
    return move_cold(g);
}

void pass_push_cold_blocks_to_end(struct cfg *g)
{
    if (push_cold(g, OP_JUMP_NO_INTERRUPT, true))
        pass_remove_redundant_nops_and_jumps(g);
}

void pass_push_cold_blocks_to_end_uncounted(struct cfg *g)
{
    if (push_cold(g, OP_JUMP, false))
        remove_jumps(g);
}

/* -- the last changes before encoding -- */

/* Replace the pseudo-instructions of a block. */
static void convert_block(struct cfg *g, struct block *b)
{
    for (uint32_t i = 0; i < b->used; i++) {
        struct instruction *in = &b->code[i];
        if (!(op_class(in->opcode) & (CLASS_LATE | CLASS_POP_BLOCK)))
            continue;
        if (in->opcode == OP_STORE_FAST_MAYBE_NULL)
            in->opcode = OP_STORE_FAST;
        else
            cfg_set_nop(b, in);
    }
    g->no_nops &= !(b->classes & CLASS_NOP);
}

void pass_convert_pseudo_conditional_jumps(struct cfg *g)
{
    if (g->seen & CLASS_JUMP_IF)
        FOR_EACH_BLOCK(g, b) {
            struct instruction *last = last_jump(b, CLASS_JUMP_IF);
            if (last == NULL)
                continue;
            struct instruction *to = cfg_insert_before_last(g, b, 2);
            to[2].opcode =
                to[2].opcode == OP_JUMP_IF_FALSE ? OP_POP_JUMP_IF_FALSE : OP_POP_JUMP_IF_TRUE;
            to[0] = to[1] = to[2];
            to[0].opcode = OP_COPY;
            to[0].oparg = 1;
            to[1].opcode = OP_TO_BOOL;
            to[1].oparg = 0;
        }
}

void pass_convert_pseudo_ops(struct cfg *g)
{
    unsigned classes = CLASS_LATE | CLASS_POP_BLOCK;
    if (g->seen & classes)
        FOR_EACH_BLOCK(g, b)
            if (b->classes & classes)
                convert_block(g, b);
    pass_remove_redundant_nops(g);
}

/* The conditional jump for a direction; other instructions stay. */
static unsigned directed_jump(unsigned opcode, bool forward)
{
    switch (opcode) {
    case OP_POP_JUMP_IF_FALSE:
        return forward ? OP_POP_JUMP_FORWARD_IF_FALSE : OP_POP_JUMP_BACKWARD_IF_FALSE;
    case OP_POP_JUMP_IF_TRUE:
        return forward ? OP_POP_JUMP_FORWARD_IF_TRUE : OP_POP_JUMP_BACKWARD_IF_TRUE;
    case OP_POP_JUMP_IF_NONE:
        return forward ? OP_POP_JUMP_FORWARD_IF_NONE : OP_POP_JUMP_BACKWARD_IF_NONE;
    case OP_POP_JUMP_IF_NOT_NONE:
        return forward ? OP_POP_JUMP_FORWARD_IF_NOT_NONE : OP_POP_JUMP_BACKWARD_IF_NOT_NONE;
    default: return opcode;
    }
}

void pass_direct_jumps(struct cfg *g)
{
    cfg_start_traversal(g);
    FOR_EACH_BLOCK(g, b) {
        struct instruction *last = last_instruction(b);
        b->visited = g->stamp;
        if (last != NULL && op_class(last->opcode) & CLASS_JUMP)
            last->opcode =
                (uint16_t)directed_jump(last->opcode, g->blocks[last->oparg].visited != g->stamp);
    }
}
