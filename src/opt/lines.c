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

/* The same for any block. Whether it has CLASS_NO_LINE is harder to guess than what the first
 * instruction says. */
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

/* Exits without a line that are only fallen into take the line of the block before. */
static inline void place_exits(struct cfg *g, bool checks)
{
    const struct block *before = &g->blocks[g->entry];
    FOR_EACH_BLOCK(g, b) {
        if (wants_line(b, checks) && b != before && before->used != 0 && falls_through(before))
            b->code[0].loc = last_instruction(before)->loc;
        before = b;
    }
}

/* Is there an exit without a line with more than one predecessor? */
static inline bool any_shared_exit(struct cfg *g, bool checks)
{
    bool shared = false;
    FOR_EACH_BLOCK(g, b)
        shared |= b->predecessors > 1 && wants_line(b, checks);
    return shared;
}

/* No exit without a line keeps more than one predecessor. */
static inline void duplicate_exits(struct cfg *g, bool checks)
{
    if (g->all_placed)
        return;
    if (any_shared_exit(g, checks))
        for (int32_t n = g->entry; n >= 0; n = g->blocks[n].next)
            own_exit(g, n, checks);
    place_exits(g, checks);
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
    uint32_t count;
    if (any_shared_exit(g, false)) {
        const int32_t *order = flow_last_made_first(g, &count);
        for (uint32_t i = 0; i < count; i++)
            own_exit(g, order[i], false);
    }
    place_exits(g, false);
}

/* An instruction without a location has that of the one before. */
static void fill_lines(struct block *b)
{
    const struct instruction *end = b->code + b->used;
    struct instruction *in = b->code;
    while (in != end && in->loc.lineno == -1)
        in++;
    if (in == end)
        return;
    for (in++; in != end; in++)
        if (in->loc.lineno == -1)
            in->loc = in[-1].loc;
    if (b->code[0].loc.lineno >= 0)
        b->classes &= ~(unsigned)CLASS_NO_LINE;
}

/* The first instruction of a block with one predecessor takes that one's last location. */
static inline void pass_location(struct cfg *g, int32_t to, const struct location *loc)
{
    struct block *t = &g->blocks[to];
    if (t->classes & CLASS_NO_LINE && t->predecessors == 1 && t->used != 0 &&
        t->code[0].loc.lineno == -1)
        t->code[0].loc = *loc;
}

/* Pass locations on to the blocks that wait for them; each block is filled by itself. True: no
 * instruction is left without a line. */
static bool pass_lines(struct cfg *g)
{
    unsigned classes = 0;
    FOR_EACH_BLOCK(g, b) {
        const struct instruction *last = last_instruction(b);
        if (last == NULL)
            continue;
        if (b->classes & CLASS_NO_LINE && b->code[0].loc.lineno >= 0)
            fill_lines(b); /* it has got one */
        if (b->next >= 0 && g->blocks[b->next].classes & CLASS_NO_LINE && falls_through(b))
            pass_location(g, b->next, &last->loc);
        if (b->classes & CLASS_JUMP && op_class(last->opcode) & CLASS_JUMP)
            pass_location(g, last->oparg, &last->loc);
        classes |= b->classes;
    }
    return !(classes & CLASS_NO_LINE);
}

void pass_propagate_line_numbers(struct cfg *g)
{
    bool waits = false; /* does a block wait for a location from the only block before it? */
    unsigned classes = 0;
    if (g->all_placed)
        return;
    FOR_EACH_BLOCK(g, b) {
        if (!(b->classes & CLASS_NO_LINE) || b->used == 0)
            continue;
        fill_lines(b);
        classes |= b->classes;
        waits |= b->classes & CLASS_NO_LINE && b->predecessors == 1 && !b->except_handler;
    }
    g->all_placed = waits ? pass_lines(g) : !(classes & CLASS_NO_LINE);
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
