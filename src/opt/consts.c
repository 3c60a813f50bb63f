/* The constants of a code unit while it is optimised.
 *
 * Answers to add_const and remove_unused_consts of CPython's flowgraph.c. Equal constants are one
 * record, so a constant is found by its number.
 */
#include "opt/passes.h"

/* Make the table from a constant's number to its place in the unit. */
static void index_consts(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    uint32_t count = g->c->constants.count;
    if (count > s->const_index_capacity) {
        s->const_index_capacity = count * 2;
        s->const_index = arena_zalloc(g->arena, s->const_index_capacity * sizeof *s->const_index);
    }
    for (uint32_t i = g->u->consts.count; i-- > 0;)
        s->const_index[g->u->consts.items[i]->id] = i + 1;
    g->consts_indexed = true;
}

/* Make the table all zero again, for the next unit. */
static void forget_index(struct cfg *g)
{
    if (!g->consts_indexed)
        return;
    for (uint32_t i = 0; i < g->u->consts.count; i++)
        g->scratch->const_index[g->u->consts.items[i]->id] = 0;
    g->consts_indexed = false;
}

int32_t consts_add(struct cfg *g, constant value)
{
    value = constant_entered(&g->c->constants, value);
    if (!g->consts_indexed || value->id >= g->scratch->const_index_capacity)
        index_consts(g);
    uint32_t *index = &g->scratch->const_index[value->id];
    if (*index == 0) {
        constant_enter(value);
        array_push(g->arena, &g->u->consts, value);
        *index = g->u->consts.count;
    }
    return (int32_t)*index - 1;
}

/* Is the block the return of None that was added at the end of the unit? One that stands in the
 * source may be last, too, but it was cut with a NOP before it. */
static bool is_added_return(const struct cfg *g, const struct block *b)
{
    const struct code_unit *u = g->u;
    const struct instruction *end = u->sequence.instructions.items + u->sequence.instructions.count;
    return b->used == 2 && b->code + 2 == end && b->code->opcode == OP_LOAD_CONST &&
           u->consts.items[b->code->oparg]->kind == CONSTANT_NONE;
}

void consts_drop_block(struct cfg *g, const struct block *b)
{
    bool known = g->u->end == ENDS_IN_KNOWN_NONE && is_added_return(g, b);
    g->consts_dropped |= !known;
}

/* List the instructions that name a constant; returns how many there are. What each instruction is
 * cannot be foreseen, so no branch asks for it. */
static uint32_t list_const_users(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    s->const_users.count = 0;
    FOR_EACH_BLOCK(g, b) {
        if (!(b->classes & CLASS_CONST) || b->used == 0)
            continue;
        array_reserve(g->arena, &s->const_users, b->used);
        struct instruction **to = s->const_users.items + s->const_users.count;
        FOR_EACH_INSTRUCTION(b, in) {
            *to = in;
            to += op_class(in->opcode) / CLASS_CONST & 1;
        }
        s->const_users.count = (uint32_t)(to - s->const_users.items);
    }
    return s->const_users.count;
}

/* May a constant have lost its last use? Each was used when code generation entered it, but for the
 * first, which always stays. */
static bool may_be_unused(struct cfg *g)
{
    return g->consts_dropped || !cfg_have_no(g, CLASS_CONST_DROPPED);
}

void pass_remove_unused_consts(struct cfg *g)
{
    uint32_t count = g->u->consts.count, kept = 0;
    /* While optimising, constants were looked up: the last one may have come into use again, or
     * others stand behind it. */
    bool added = g->consts_indexed;
    if (count == 0)
        return;
    forget_index(g);
    if (!may_be_unused(g) & !(g->last_const_dropped & added)) {
        g->u->consts.count -= g->last_const_dropped;
        return;
    }
    int32_t *place = cfg_numbers(g, count);
    uint32_t user_count = list_const_users(g);
    struct instruction *const *users = g->scratch->const_users.items;
    for (uint32_t i = 0; i < user_count; i++) {
        if ((uint32_t)users[i]->oparg >= count)
            cfg_malformed(g);
        place[users[i]->oparg] = 1;
    }
    place[0] = 1;
    for (uint32_t i = 0; i < count; i++) {
        int32_t used = place[i];
        g->u->consts.items[kept] = g->u->consts.items[i];
        place[i] = (int32_t)kept;
        kept += (uint32_t)used;
    }
    if (kept == count)
        return;
    g->u->consts.count = kept;
    for (uint32_t i = 0; i < user_count; i++)
        users[i]->oparg = place[users[i]->oparg];
}

void pass_trim_unused_consts(struct cfg *g)
{
    uint32_t count = g->u->consts.count, last = 0;
    if (count == 0)
        return;
    forget_index(g);
    if (!may_be_unused(g))
        return;
    FOR_EACH_BLOCK(g, b)
        for (uint32_t i = 0; i < b->used && b->classes & CLASS_CONST; i++)
            if (op_class(b->code[i].opcode) & CLASS_CONST && (uint32_t)b->code[i].oparg > last)
                last = (uint32_t)b->code[i].oparg;
    if (last >= count)
        cfg_malformed(g);
    g->u->consts.count = last + 1;
}
