/* Line numbers for what the code generator left without.
 *
 * Answers to duplicate_exits_without_lineno and propagate_line_numbers of CPython's flowgraph.c:
 * PEP 626 wants a line for every instruction that leaves the frame, so an exit without one is
 * copied for each jump to it.
 */
#include "opt/passes.h"

/* Does the block, whose first instruction has no line, have none at all and leave the code object,
 * or (with `checks`) look for signals? */
static bool leaves_without_line(const struct block *b, bool checks)
{
    if (!flow_has_no_lineno(b))
        return false;
    if (exits_scope(b))
        return true;
    for (uint32_t i = 0; checks && i < b->used; i++)
        if (op_class(b->code[i].opcode) & CLASS_EVAL_BREAK)
            return true;
    return false;
}

/* The same for any block. */
static inline bool wants_line(const struct block *b, bool checks)
{
    return b->used != 0 && b->code[0].loc.lineno < 0 && leaves_without_line(b, checks);
}

/* A copy of `target`, behind it, for the jump at the end of `b`. */
static void copy_exit(struct cfg *g, int32_t b, int32_t target)
{
    int32_t copy = cfg_new_block(g);
    struct block *t = &g->blocks[target], *n = &g->blocks[copy];
    struct instruction *last = last_instruction(&g->blocks[b]);

    cfg_append_copy(g, n, t);
    n->classes |= CLASS_FLOW_CHANGED;
    n->code[0].loc = last->loc;
    last->oparg = copy;
    g->no_idle_jumps = false;
    g->cold_in_doubt = true;
    t->predecessors--;
    n->predecessors = 1;
    n->label = n->rank;
    n->next = t->next;
    t->next = copy;
}

/* If the block jumps to an exit without a line that others reach too, make it a copy. */
static void own_exit(struct cfg *g, int32_t n, bool checks)
{
    struct instruction *last = last_jump(&g->blocks[n], CLASS_JUMP);
    if (last == NULL)
        return;
    int32_t target = next_nonempty_block(g, last->oparg);
    if (target < 0)
        cfg_malformed(g);
    if (g->blocks[target].predecessors > 1 && wants_line(&g->blocks[target], checks))
        copy_exit(g, n, target);
}

/* List the blocks that may be exits without a line, by what is known without a look at all of their
 * instructions, and without a branch for each block; returns how many there are. */
static inline uint32_t list_exits(struct cfg *g, struct exit_place **list, bool checks)
{
    unsigned leaves = checks ? CLASS_SCOPE_EXIT | CLASS_EVAL_BREAK : CLASS_SCOPE_EXIT;
    struct block *before = &g->blocks[g->entry];
    uint32_t count = 0;
    g->scratch->exits.count = 0;
    array_reserve(g->arena, &g->scratch->exits, g->block_count);
    *list = g->scratch->exits.items;
    FOR_EACH_BLOCK(g, b) {
        (*list)[count] = (struct exit_place){b, before};
        count += (b->used != 0) & (b->code[0].loc.lineno < 0) & ((b->classes & leaves) != 0);
        before = b;
    }
    return count;
}

/* Exits without a line that are only fallen into take the line of the block before. */
static inline void place_exits(const struct exit_place *exits, uint32_t count, bool checks)
{
    for (uint32_t i = 0; i < count; i++) {
        struct block *b = exits[i].block;
        const struct block *before = exits[i].before;
        if (leaves_without_line(b, checks) && b != before && before->used != 0 &&
            falls_through(before))
            b->code[0].loc = last_instruction(before)->loc;
    }
}

/* Is there an exit without a line with more than one predecessor? */
static inline bool any_shared_exit(const struct exit_place *exits, uint32_t count, bool checks)
{
    bool shared = false;
    for (uint32_t i = 0; i < count; i++)
        shared |= exits[i].block->predecessors > 1 && leaves_without_line(exits[i].block, checks);
    return shared;
}

/* No exit without a line keeps more than one predecessor. */
static inline void duplicate_exits(struct cfg *g, bool checks)
{
    if (g->lines_passed)
        return;
    struct exit_place *exits;
    uint32_t count = list_exits(g, &exits, checks);
    if (any_shared_exit(exits, count, checks)) {
        for (int32_t n = g->entry; n >= 0; n = g->blocks[n].next)
            own_exit(g, n, checks);
        count = list_exits(g, &exits, checks);
    }
    place_exits(exits, count, checks);
}

void pass_duplicate_exits_without_lineno(struct cfg *g)
{
    duplicate_exits(g, true);
}

void pass_duplicate_mere_exits_without_lineno(struct cfg *g)
{
    duplicate_exits(g, false);
}

void pass_duplicate_mere_exits_last_made_first(struct cfg *g)
{
    struct exit_place *exits;
    uint32_t count = list_exits(g, &exits, false), blocks;
    if (any_shared_exit(exits, count, false)) {
        const int32_t *order = flow_last_made_first(g, &blocks);
        for (uint32_t i = 0; i < blocks; i++)
            own_exit(g, order[i], false);
        count = list_exits(g, &exits, false);
    }
    place_exits(exits, count, false);
}

/* An instruction without a location has that of the one before. Every instruction is written, so
 * that there is no branch for each. */
static void fill_lines(struct block *b)
{
    const struct instruction *end = b->code + b->used;
    for (struct instruction *in = b->code + 1; in < end; in++) {
        const struct instruction *from = in - (in->loc.lineno == -1);
        in->loc = from->loc;
    }
}

/* The first instruction of a block with one predecessor takes that one's last location. */
static inline void pass_location(struct cfg *g, int32_t to, const struct location *loc)
{
    struct block *t = &g->blocks[to];
    if (t->waits && t->used != 0 && t->code[0].loc.lineno == -1) {
        t->code[0].loc = *loc;
        t->classes |= CLASS_NO_LINE; /* behind the first one */
    }
}

/* List the blocks, in order, that wait for a location or lead to one that does, without a branch
 * for each block; returns how many there are. */
static uint32_t list_around_waiting(struct cfg *g)
{
    uint32_t *places = cfg_places(g, g->block_count), count = 0;
    FOR_EACH_BLOCK(g, b) {
        const struct instruction *last = &b->code[b->used - (b->used != 0)];
        bool jumps = op_class(last->opcode) & CLASS_JUMP;
        int32_t target = either(jumps, last->oparg, b->number);
        int32_t next = either(b->next >= 0, b->next, b->number);
        places[count] = (uint32_t)b->number;
        count += (b->waits | g->blocks[target].waits | g->blocks[next].waits) & (b->used != 0);
    }
    return count;
}

/* Pass locations on to the blocks that wait for them; each is filled when it comes up. Returns how
 * many blocks have got one. */
static uint32_t pass_lines(struct cfg *g)
{
    uint32_t count = list_around_waiting(g), filled = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct block *b = &g->blocks[g->scratch->places.items[i]];
        const struct instruction *last = last_instruction(b);
        if (b->waits && b->code[0].loc.lineno >= 0) {
            fill_lines(b);
            b->classes &= ~(unsigned)CLASS_NO_LINE;
            filled++;
        }
        if (b->next >= 0 && g->blocks[b->next].waits && falls_through(b))
            pass_location(g, b->next, &last->loc);
        if (b->classes & CLASS_JUMP && op_class(last->opcode) & CLASS_JUMP)
            pass_location(g, last->oparg, &last->loc);
    }
    return filled;
}

/* Were the instructions of the block put elsewhere when it grew? */
static inline bool has_moved(const struct cfg *g, const struct block *b)
{
    const struct instruction_sequence *q = &g->u->sequence;
    return (uintptr_t)b->code - (uintptr_t)q->instructions.items >=
           q->instructions.count * sizeof *b->code;
}

/* Lines within the blocks, and then those that pass from one to the next. `cut`: only blocks that
 * have moved need to be filled, else all that may have something to fill. */
static inline void propagate(struct cfg *g, bool cut)
{
    uint32_t waiting = 0; /* blocks */
    FOR_EACH_BLOCK(g, b) {
        if (cut ? has_moved(g, b) : b->classes & CLASS_NO_LINE)
            fill_lines(b);
        bool unplaced = (b->used != 0) & (b->code[0].loc.lineno < 0);
        b->classes &= ~(unsigned)CLASS_NO_LINE;
        b->waits = unplaced & (b->predecessors == 1) & !b->except_handler;
        waiting += b->waits;
    }
    g->lines_passed = waiting == 0 || pass_lines(g) == waiting;
}

void pass_propagate_line_numbers(struct cfg *g)
{
    if (!g->lines_passed)
        propagate(g, false);
}

void pass_propagate_line_numbers_as_cut(struct cfg *g)
{
    struct instruction **unplaced = g->scratch->unplaced;
    for (uint32_t i = 0; i < g->unplaced; i++)
        if (__builtin_expect(unplaced[i]->loc.lineno == -1, 1)) /* not NEXT_LOCATION */
            unplaced[i]->loc = unplaced[i][-1].loc;
    propagate(g, true);
}

void pass_guarantee_lineno_for_exits(struct cfg *g)
{
    int32_t line = g->u->firstlineno;
    FOR_EACH_BLOCK(g, b) {
        struct instruction *last = last_instruction(b);
        if (last == NULL)
            continue;
        if (last->loc.lineno >= 0)
            line = last->loc.lineno;
        else if (last->opcode == OP_RETURN_VALUE)
            for (uint32_t i = 0; i < b->used; i++)
                b->code[i].loc.lineno = line;
    }
}
