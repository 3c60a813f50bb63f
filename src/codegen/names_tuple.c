/* See names_tuple.h. */
#include "codegen/names_tuple.h"

#include "codegen/unit.h"
#include "out/code.h"
#include "out/out.h"

/* Some names of a code object. */
struct names {
    const identifier *items;
    uint32_t count;
};

enum { NAMES_MAX = 4 };

/* The tuples of names that a code object of this release has; returns how many. */
static uint32_t list_tuples(const struct codegen *g, const struct code *code,
                            struct names tuples[NAMES_MAX])
{
    uint32_t n = 0;
    tuples[n++] = (struct names){code->names, code->name_count};
    if (g->c->target->out->localsplus_layout) {
        if (!code->localsplus_unshared)
            tuples[n++] = (struct names){code->localsplusnames, code->localsplus_count};
        return n;
    }
    tuples[n++] = (struct names){code->varnames, code->varname_count};
    tuples[n++] = (struct names){code->cellvars, code->cellvar_count};
    tuples[n++] = (struct names){code->freevars, code->freevar_count};
    return n;
}

/* Is there a constant in the source that is also a name, but is interned only as that? */
static bool has_odd_literal(const struct compilation *c)
{
    uint32_t count = c->constants.strings_of_count;
    if (count > c->strings.count)
        count = c->strings.count;
    for (identifier id = 1; id < count; id++) {
        const struct string *s = strings_get(&c->strings, id);
        if (c->constants.strings_of[id] != NULL && !(s->flags & STRING_NAME_CHARS) &&
            strings_is_name(s))
            return true;
    }
    return false;
}

void names_tuple_start(struct codegen *g)
{
    g->literal_count = g->c->constants.count;
    g->has_odd_literal = g->c->has_odd_names && has_odd_literal(g->c);
}

/* Mark the constants that are equal to tuples of names of the code objects that are finished: each
 * is looked at once, so that asking for every constant takes no longer than there are names. */
static void mark_finished(struct codegen *g)
{
    struct names tuples[NAMES_MAX];
    for (; g->marked_count < g->finished.count; g->marked_count++) {
        uint32_t n = list_tuples(g, g->finished.items[g->marked_count], tuples);
        while (n-- > 0) {
            if (tuples[n].count == 0)
                continue;
            constant *items = arena_alloc_array(g->arena, tuples[n].count, sizeof *items);
            for (uint32_t i = 0; i < tuples[n].count; i++)
                items[i] = constant_str(&g->c->constants, tuples[n].items[i]);
            constant_mark(constant_tuple(&g->c->constants, items, tuples[n].count),
                          CONSTANT_FROM_NAME);
        }
    }
}

/* Note the first of some names. */
static inline void mark_first(struct codegen *g, const identifier *names, uint32_t count)
{
    if (count != 0)
        strings_mark_first(&g->c->strings, names[0]);
}

void names_tuple_note(struct codegen *g, const struct code *code)
{
    mark_first(g, code->names, code->name_count);
    mark_first(g, code->varnames, code->varname_count);
    mark_first(g, code->cellvars, code->cellvar_count);
    mark_first(g, code->freevars, code->freevar_count);
    array_push(g->arena, &g->finished, code);
    if (g->has_odd_literal)
        mark_finished(g);
}

/* Would entering the tuple enter an item that is a literal somewhere? Else nobody will ask. */
static bool may_matter(const struct codegen *g, constant tuple)
{
    for (uint32_t i = 0; i < tuple->length; i++) {
        constant item = tuple->v.items[i];
        if (item->id < g->literal_count &&
            !(item->flags & (CONSTANT_FROM_NAME | CONSTANT_FROM_LITERAL)))
            return true;
    }
    return false;
}

void names_tuple_check(struct codegen *g, constant tuple)
{
    if (tuple->length == 0 || tuple->v.items[0]->kind != CONSTANT_STR)
        return;
    const struct string *first = strings_get(&g->c->strings, tuple->v.items[0]->v.str);
    if (first->flags & STRING_IS_FIRST && may_matter(g, tuple))
        mark_finished(g);
}

constant names_tuple_constant(struct codegen *g, const constant *items, uint32_t count)
{
    constant tuple = constant_tuple(&g->c->constants, items, count);
    names_tuple_check(g, tuple);
    for (uint32_t i = 0; i < count && !(tuple->flags & CONSTANT_FROM_NAME); i++)
        constant_name(&g->c->constants, items[i]->v.str);
    return tuple;
}
