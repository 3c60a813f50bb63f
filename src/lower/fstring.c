/* f-strings: the parts are pushed and joined. From 3.13 the conversion and the formatting are
 * instructions of their own (fstring_format_value). Answers to compiler_joined_str,
 * compiler_formatted_value. */
#include "lower/fstring.h"

#include "codegen/emit.h"
#include "codegen/visit.h"
#include "lower/call.h"

/* ''.join([...]), for many parts. */
static void join_many(struct codegen *g, struct expr *e)
{
    struct location loc = e->loc;
    struct expr_list *values = e->v.JoinedStr.values;
    emit_const(g, loc, constant_str(&g->c->constants, NAME_empty));
    emit_load_method(g, loc, NAME_join);
    emit_arg(g, loc, OP_BUILD_LIST, 0);
    for (uint32_t i = 0; i < values->count; i++) {
        visit_expr(g, values->items[i]);
        emit_arg(g, loc, OP_LIST_APPEND, 1);
    }
    if (HAS(g->c, SPLIT_CALLS))
        emit_arg(g, loc, OP_CALL_METHOD, 1);
    else
        call_plain(g, loc, 1);
}

void fstring_join(struct codegen *g, struct expr *e)
{
    struct expr_list *values = e->v.JoinedStr.values;
    if (values->count > STACK_USE_GUIDELINE && HAS(g->c, BIG_DISPLAYS_IN_STEPS)) {
        join_many(g, e);
        return;
    }
    visit_exprs(g, values);
    if (values->count > 1)
        emit_arg(g, e->loc, OP_BUILD_STRING, (int32_t)values->count);
    else if (values->count == 0 && !HAS(g->c, EMPTY_STRING_IS_BUILT))
        emit_const(g, e->loc, constant_str(&g->c->constants, NAME_empty));
    else if (values->count == 0)
        emit_arg(g, e->loc, OP_BUILD_STRING, 0);
}

/* <value>; [<spec>;] FORMAT_VALUE with both in its argument (to 3.12) */
void fstring_format_flags(struct codegen *g, struct expr *e)
{
    enum { HAVE_SPEC = 4 };
    int conversion = e->v.FormattedValue.conversion;
    int oparg = conversion == -1 ? 0 : conversion == 's' ? 1 : conversion == 'r' ? 2 : 3;
    visit_expr(g, e->v.FormattedValue.value);
    if (e->v.FormattedValue.format_spec != NULL) {
        visit_expr(g, e->v.FormattedValue.format_spec);
        oparg |= HAVE_SPEC;
    }
    emit_arg(g, e->loc, OP_FORMAT_VALUE, oparg);
}

/* <value>; CONVERT_VALUE; FORMAT_SIMPLE, or <spec>; FORMAT_WITH_SPEC */
void fstring_format_value(struct codegen *g, struct expr *e)
{
    visit_expr(g, e->v.FormattedValue.value);
    int conversion = e->v.FormattedValue.conversion;
    if (conversion != -1)
        emit_arg(g, e->loc, OP_CONVERT_VALUE, conversion == 's' ? 1 : conversion == 'r' ? 2 : 3);
    if (e->v.FormattedValue.format_spec != NULL) {
        visit_expr(g, e->v.FormattedValue.format_spec);
        emit(g, e->loc, OP_FORMAT_WITH_SPEC);
    } else {
        emit(g, e->loc, OP_FORMAT_SIMPLE);
    }
}

/* The literal parts that follow each other from `i` on, as one: [] -> [str]; the index behind them.
 */
static uint32_t join_literals(struct codegen *g, struct location loc, struct expr_list *values,
                              uint32_t i)
{
    visit_expr(g, values->items[i++]);
    for (; i < values->count && values->items[i]->kind != Interpolation_kind; i++) {
        visit_expr(g, values->items[i]);
        g->slots->binary_op(g, loc, Add, true);
    }
    return i;
}

/* The literal parts of a template, an empty one wherever two interpolations meet: [] -> [str, ...];
 * how many. */
static int32_t push_literals(struct codegen *g, struct location loc, struct expr_list *values)
{
    constant empty = constant_str(&g->c->constants, NAME_empty);
    bool after_interpolation = true;
    int32_t n = 0;
    for (uint32_t i = 0; i < values->count;) {
        if (values->items[i]->kind != Interpolation_kind) {
            i = join_literals(g, loc, values, i);
            after_interpolation = false;
            n++;
            continue;
        }
        if (after_interpolation) {
            emit_const(g, loc, empty);
            n++;
        }
        after_interpolation = true;
        i++;
    }
    if (after_interpolation) {
        emit_const(g, loc, empty);
        n++;
    }
    return n;
}

/* <literals>; BUILD_TUPLE; <interpolations>; BUILD_TUPLE; BUILD_TEMPLATE */
void fstring_template(struct codegen *g, struct expr *e)
{
    struct expr_list *values = e->v.TemplateStr.values;
    emit_build_tuple(g, e->loc, push_literals(g, e->loc, values));
    int32_t interpolations = 0;
    for (uint32_t i = 0; i < values->count; i++) {
        if (values->items[i]->kind != Interpolation_kind)
            continue;
        visit_expr(g, values->items[i]);
        interpolations++;
    }
    emit_build_tuple(g, e->loc, interpolations);
    emit(g, e->loc, OP_BUILD_TEMPLATE);
}

/* <value>; LOAD_CONST text; [<spec>;] BUILD_INTERPOLATION */
void fstring_interpolation(struct codegen *g, struct expr *e)
{
    int conversion = e->v.Interpolation.conversion;
    visit_expr(g, e->v.Interpolation.value);
    emit_const(g, e->loc, e->v.Interpolation.str);
    int32_t oparg = 2;
    if (e->v.Interpolation.format_spec != NULL) {
        oparg++;
        visit_expr(g, e->v.Interpolation.format_spec);
    }
    if (conversion != -1)
        oparg |= (conversion == 's' ? 1 : conversion == 'r' ? 2 : 3) << 2;
    emit_arg(g, e->loc, OP_BUILD_INTERPOLATION, oparg);
}
