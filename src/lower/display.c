/* Displays. From 3.9: a star extends a list that is being built (display_extend). Answers to
 * starunpack_helper, compiler_list, compiler_tuple, compiler_set, compiler_subdict, compiler_dict.
 */
#include "lower/display.h"

#include "codegen/emit.h"
#include "codegen/visit.h"

enum display_kind { DISPLAY_LIST, DISPLAY_SET, DISPLAY_TUPLE };

/* How a kind of display is built in steps; a tuple is built as a list. */
static const struct {
    uint16_t build, add, extend;
} steps[] = {
    [DISPLAY_LIST] = {OP_BUILD_LIST, OP_LIST_APPEND, OP_LIST_EXTEND},
    [DISPLAY_SET] = {OP_BUILD_SET, OP_SET_ADD, OP_SET_UPDATE},
    [DISPLAY_TUPLE] = {OP_BUILD_LIST, OP_LIST_APPEND, OP_LIST_EXTEND},
};

/* [list] -> [tuple] */
static void list_to_tuple(struct codegen *g, struct location loc)
{
    if (HAS(g->c, INTRINSICS))
        emit_intrinsic(g, loc, INTRINSIC_LIST_TO_TUPLE);
    else
        emit(g, loc, OP_LIST_TO_TUPLE);
}

/* Three or more constants: build from a constant tuple (for a set: a frozenset). */
static void build_from_constants(struct codegen *g, struct location loc, struct expr_list *elements,
                                 int pushed, enum display_kind kind)
{
    constant folded = visit_constant_tuple(g, elements, 0, elements->count);
    if (kind == DISPLAY_TUPLE && (pushed == 0 || HAS(g->c, CONSTANT_ARGUMENTS_LOSE_PUSHED))) {
        emit_const(g, loc, folded);
        return;
    }
    if (kind == DISPLAY_SET)
        folded = constant_frozenset(&g->c->constants, folded->v.items, folded->length);
    emit_arg(g, loc, steps[kind].build, pushed);
    emit_const(g, loc, folded);
    emit_arg(g, loc, steps[kind].extend, 1);
    if (kind == DISPLAY_TUPLE)
        list_to_tuple(g, loc);
}

/* One element after the other into a list or set on the stack. */
static void build_in_steps(struct codegen *g, struct location loc, struct expr_list *elements,
                           int pushed, enum display_kind kind, bool big)
{
    bool built = big;
    if (big)
        emit_arg(g, loc, steps[kind].build, pushed);
    for (uint32_t i = 0; i < elements->count; i++) {
        struct expr *e = elements->items[i];
        bool starred = e->kind == Starred_kind;
        if (starred && !built) {
            emit_arg(g, loc, steps[kind].build, (int32_t)i + pushed);
            built = true;
        }
        visit_expr(g, starred ? e->v.Starred.value : e);
        if (built)
            emit_arg(g, loc, starred ? steps[kind].extend : steps[kind].add, 1);
    }
    if (kind == DISPLAY_TUPLE)
        list_to_tuple(g, loc);
}

/* Is one of the elements starred? */
static bool has_star(const struct expr_list *elements)
{
    for (uint32_t i = 0; i < elements->count; i++) {
        if (elements->items[i]->kind == Starred_kind)
            return true;
    }
    return false;
}

/* [pushed values] -> [display of these and of the elements] */
static void build(struct codegen *g, struct location loc, struct expr_list *elements, int pushed,
                  enum display_kind kind)
{
    uint32_t n = elements->count;
    if (n > 2 && !HAS(g->c, GRAPH_FOLDING) && visit_all_constant(elements, 0, n)) {
        build_from_constants(g, loc, elements, pushed, kind);
        return;
    }
    bool big =
        (uint64_t)n + (uint64_t)pushed > STACK_USE_GUIDELINE && HAS(g->c, BIG_DISPLAYS_IN_STEPS);
    if (big || has_star(elements)) {
        build_in_steps(g, loc, elements, pushed, kind, big);
        return;
    }
    visit_exprs(g, elements);
    if (kind == DISPLAY_TUPLE)
        emit_build_tuple(g, loc, (int32_t)n + pushed);
    else
        emit_arg(g, loc, steps[kind].build, (int32_t)n + pushed);
}

void display_extend(struct codegen *g, struct expr *e, struct expr_list *elements)
{
    build(g, e->loc, elements, 0,
          e->kind == Tuple_kind ? DISPLAY_TUPLE
          : e->kind == Set_kind ? DISPLAY_SET
                                : DISPLAY_LIST);
}

void display_argument_tuple(struct codegen *g, struct location loc, struct expr_list *elements,
                            int pushed)
{
    build(g, loc, elements, pushed, DISPLAY_TUPLE);
}

/* Items begin to end of a dictionary display, none of them a `**`: [] -> [dict] */
static void build_items(struct codegen *g, struct expr *e, uint32_t begin, uint32_t end)
{
    struct location loc = e->loc;
    struct expr_list *keys = e->v.Dict.keys, *values = e->v.Dict.values;
    uint32_t n = end - begin;
    bool big = n * 2 > STACK_USE_GUIDELINE && HAS(g->c, BIG_DISPLAYS_IN_STEPS);
    if (n > 1 && !big && HAS(g->c, BUILD_CONST_KEY_MAP) && visit_all_constant(keys, begin, end)) {
        for (uint32_t i = begin; i < end; i++)
            visit_expr(g, values->items[i]);
        emit_const(g, loc, visit_constant_tuple(g, keys, begin, end));
        emit_arg(g, loc, OP_BUILD_CONST_KEY_MAP, (int32_t)n);
        return;
    }
    if (big)
        emit_arg(g, loc, OP_BUILD_MAP, 0);
    for (uint32_t i = begin; i < end; i++) {
        visit_expr(g, keys->items[i]);
        visit_expr(g, values->items[i]);
        if (big)
            emit_arg(g, loc, OP_MAP_ADD, 1);
    }
    if (!big)
        emit_arg(g, loc, OP_BUILD_MAP, (int32_t)n);
}

/* The items that have been seen go into the dictionary; says whether there is one. */
static bool flush_items(struct codegen *g, struct expr *e, uint32_t begin, uint32_t end,
                        bool have_dict)
{
    build_items(g, e, begin, end);
    if (have_dict)
        emit_arg(g, e->loc, OP_DICT_UPDATE, 1);
    return true;
}

void display_dict(struct codegen *g, struct expr *e)
{
    struct location loc = e->loc;
    enum { PART_MAX_WITHOUT_STEPS = 0xFFFF };
    uint32_t n = e->v.Dict.values->count, elements = 0;
    uint32_t most =
        HAS(g->c, BIG_DISPLAYS_IN_STEPS) ? STACK_USE_GUIDELINE / 2 : PART_MAX_WITHOUT_STEPS - 1;
    bool have_dict = false;
    for (uint32_t i = 0; i < n; i++) {
        if (e->v.Dict.keys->items[i] == NULL) {
            if (elements != 0)
                have_dict = flush_items(g, e, i - elements, i, have_dict);
            elements = 0;
            if (!have_dict)
                emit_arg(g, loc, OP_BUILD_MAP, 0);
            have_dict = true;
            visit_expr(g, e->v.Dict.values->items[i]);
            emit_arg(g, loc, OP_DICT_UPDATE, 1);
        } else if (elements > most) {
            have_dict = flush_items(g, e, i - elements, i + 1, have_dict);
            elements = 0;
        } else {
            elements++;
        }
    }
    if (elements != 0)
        have_dict = flush_items(g, e, n - elements, n, have_dict);
    if (!have_dict)
        emit_arg(g, loc, OP_BUILD_MAP, 0);
}
