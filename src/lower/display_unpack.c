/* Displays of the releases to 3.8: the parts around a star are tuples (sets in a set), and one
 * instruction joins them all. Answers to starunpack_helper, compiler_subdict and compiler_dict
 * there. */
#include "lower/display_unpack.h"

#include "codegen/emit.h"
#include "codegen/visit.h"

/* The instructions of a kind of display: without a star, for the parts, to join them. */
struct steps {
    uint16_t single, part, join;
};

void display_unpack(struct codegen *g, struct expr *e, struct expr_list *elements)
{
    static const struct steps list = {OP_BUILD_LIST, OP_BUILD_TUPLE, OP_BUILD_LIST_UNPACK};
    static const struct steps tuple = {OP_BUILD_TUPLE, OP_BUILD_TUPLE, OP_BUILD_TUPLE_UNPACK};
    static const struct steps set = {OP_BUILD_SET, OP_BUILD_SET, OP_BUILD_SET_UNPACK};
    const struct steps *steps = e->kind == List_kind    ? &list
                                : e->kind == Tuple_kind ? &tuple
                                                        : &set;
    int32_t seen = 0, parts = 0;
    for (uint32_t i = 0; i < elements->count; i++) {
        struct expr *element = elements->items[i];
        if (element->kind != Starred_kind) {
            visit_expr(g, element);
            seen++;
            continue;
        }
        if (seen != 0) {
            emit_arg(g, e->loc, steps->part, seen);
            seen = 0;
            parts++;
        }
        visit_expr(g, element->v.Starred.value);
        parts++;
    }
    if (parts == 0) {
        emit_arg(g, e->loc, steps->single, seen);
        return;
    }
    if (seen != 0) {
        emit_arg(g, e->loc, steps->part, seen);
        parts++;
    }
    emit_arg(g, e->loc, steps->join, parts);
}

/* Items begin to end of a dictionary display, none of them a `**`: [] -> [dict] */
static void build_items(struct codegen *g, struct expr *e, uint32_t begin, uint32_t end)
{
    struct expr_list *keys = e->v.Dict.keys, *values = e->v.Dict.values;
    if (end - begin > 1 && visit_all_constant(keys, begin, end)) {
        for (uint32_t i = begin; i < end; i++)
            visit_expr(g, values->items[i]);
        emit_const(g, e->loc, visit_constant_tuple(g, keys, begin, end));
        emit_arg(g, e->loc, OP_BUILD_CONST_KEY_MAP, (int32_t)(end - begin));
        return;
    }
    for (uint32_t i = begin; i < end; i++) {
        visit_expr(g, keys->items[i]);
        visit_expr(g, values->items[i]);
    }
    emit_arg(g, e->loc, OP_BUILD_MAP, (int32_t)(end - begin));
}

void display_dict_unpack(struct codegen *g, struct expr *e)
{
    enum { PART_MAX = 0xFFFF };
    uint32_t n = e->v.Dict.values->count, elements = 0;
    int32_t parts = 0;
    bool unpacking = false;
    for (uint32_t i = 0; i < n; i++) {
        unpacking = e->v.Dict.keys->items[i] == NULL;
        if (elements == PART_MAX || (elements != 0 && unpacking)) {
            build_items(g, e, i - elements, i);
            parts++;
            elements = 0;
        }
        if (unpacking) {
            visit_expr(g, e->v.Dict.values->items[i]);
            parts++;
        } else {
            elements++;
        }
    }
    if (elements != 0 || parts == 0) {
        build_items(g, e, n - elements, n);
        parts++;
    }
    if (parts > 1 || unpacking)
        emit_arg(g, e->loc, OP_BUILD_MAP_UNPACK, parts);
}
