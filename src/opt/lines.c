/* Line numbers for what the code generator left without.
 *
 * Answers to duplicate_exits_without_lineno and propagate_line_numbers of CPython's flowgraph.c: PEP 626 wants a line for every
 * instruction that leaves the frame, so an exit without one is copied for each jump to it.
 */
#include "opt/passes.h"

/* Does the block, all without lines, leave the code object or look for signals? */
static bool wants_line(const struct block *b)
{
    if (b->used == 0 || !(b->classes & CLASS_NO_LINE) || !flow_has_no_lineno(b))
        return false;
    if (exits_scope(b))
        return true;
    for (uint32_t i = 0; i < b->used; i++)
        if (op_class(b->code[i].opcode) & CLASS_EVAL_BREAK)
            return true;
    return false;
}

/* A copy of `target`, behind it, for the jump at the end of `b`. */
static void copy_exit(struct cfg *g, int32_t b, int32_t target)
{
    int32_t copy = cfg_new_block(g);
    struct block *t = &g->blocks[target], *n = &g->blocks[copy];
    struct cfg_instruction *last = last_instruction(&g->blocks[b]);

    memcpy(cfg_append(g, n, t->used), t->code, t->used * sizeof *t->code);
    n->classes = t->classes;
    n->code[0].loc = last->loc;
    last->oparg = copy;
    t->predecessors--;
    n->predecessors = 1;
    n->is_target = true;
    n->next = t->next;
    t->next = copy;
}

/* No exit without a line keeps more than one predecessor. */
static void duplicate_exits(struct cfg *g)
{
    for (int32_t n = g->entry; n >= 0; n = g->blocks[n].next) {
        struct cfg_instruction *last = last_instruction(&g->blocks[n]);
        if (last == NULL || !(op_class(last->opcode) & CLASS_JUMP))
            continue;
        int32_t target = next_nonempty_block(g, last->oparg);
        if (target < 0)
            cfg_malformed(g);
        if (g->blocks[target].predecessors > 1 && wants_line(&g->blocks[target]))
            copy_exit(g, n, target);
    }
    for EACH_BLOCK(g, b) {
        if (b->used == 0 || b->next < 0 || !falls_through(b))
            continue;
        struct block *next = &g->blocks[b->next];
        if (wants_line(next))
            next->code[0].loc = last_instruction(b)->loc;
    }
}

/* The first instruction of a block with one predecessor takes that one's last location. */
static void pass_location(struct cfg *g, int32_t to, const struct location *loc)
{
    struct block *t = &g->blocks[to];
    if (t->predecessors == 1 && t->used != 0 && t->code[0].loc.lineno < 0)
        t->code[0].loc = *loc;
}

/* An instruction without a location has that of the one before; returns the last one. */
static const struct location *fill_lines(struct block *b)
{
    static const struct location none = {-1, -1, -1, -1};
    const struct location *previous = &none;
    for (uint32_t i = 0; i < b->used; i++) {
        if (b->code[i].loc.lineno < 0)
            b->code[i].loc = *previous;
        else
            previous = &b->code[i].loc;
    }
    if (b->code[0].loc.lineno >= 0)
        b->classes &= (uint16_t)~CLASS_NO_LINE;
    return previous;
}

/* Do that in all blocks, and for those with one predecessor. */
static void propagate(struct cfg *g)
{
    for EACH_BLOCK(g, b) {
        struct cfg_instruction *last = last_instruction(b);
        if (last == NULL)
            continue;
        const struct location *previous = b->classes & CLASS_NO_LINE ? fill_lines(b) : &last->loc;
        if (b->next >= 0 && falls_through(b))
            pass_location(g, b->next, previous);
        if (op_class(last->opcode) & CLASS_JUMP)
            pass_location(g, last->oparg, previous);
    }
}

void pass_resolve_line_numbers(struct cfg *g)
{
    duplicate_exits(g);
    propagate(g);
}
