/* Calls of 3.6 to 3.10: CALL_FUNCTION (positional), CALL_FUNCTION_KW (names of keywords as a tuple
 * on top), CALL_FUNCTION_EX (a tuple and perhaps a dictionary), CALL_METHOD behind LOAD_METHOD.
 *
 * With stars, 3.8 builds the parts and joins them (call_arguments_split_unpack); from 3.9 they
 * extend a list and a dictionary (call_arguments_split). Answers to compiler_call,
 * maybe_optimize_method_call, compiler_call_helper. */
#include "lower/call_split.h"

#include "codegen/check.h"
#include "codegen/emit.h"
#include "codegen/visit.h"
#include "lower/call.h"

/* Can the call be made through LOAD_METHOD? */
static bool is_method_call(struct codegen *g, const struct expr *e)
{
    const struct expr *method = e->v.Call.func;
    if (method->kind != Attribute_kind || method->v.Attribute.ctx != Load ||
        e->v.Call.keywords->count != 0)
        return false;
    if (HAS(g->c, BIG_DISPLAYS_IN_STEPS) && e->v.Call.args->count >= STACK_USE_GUIDELINE)
        return false;
    return !call_has_unpacking(e->v.Call.args, e->v.Call.keywords);
}

/* object.method(arguments) */
static void call_method(struct codegen *g, struct expr *e)
{
    struct expr *method = e->v.Call.func;
    struct location saved = g->u->state;
    visit_expr(g, method->v.Attribute.value);
    if (HAS(g->c, METHOD_ON_ITS_LINE))
        g->u->state.lineno = method->loc.end_lineno;
    emit_name(g, e->loc, OP_LOAD_METHOD, method->v.Attribute.attr);
    visit_exprs(g, e->v.Call.args);
    emit_arg(g, e->loc, OP_CALL_METHOD, (int32_t)e->v.Call.args->count);
    if (HAS(g->c, METHOD_ON_ITS_LINE))
        g->u->state.lineno = saved.lineno;
}

void call_split(struct codegen *g, struct expr *e)
{
    if (HAS(g->c, REPEATED_KEYWORDS_IN_COMPILER))
        check_keywords(g, e->loc, e->v.Call.keywords);
    if (is_method_call(g, e)) {
        call_method(g, e);
        return;
    }
    check_caller(g, e->v.Call.func);
    visit_expr(g, e->v.Call.func);
    g->slots->call_arguments(g, e->loc, 0, e->v.Call.args, e->v.Call.keywords);
}

/* Positional arguments and keywords, no stars: [callable, pushed arguments] -> [result] */
static void call_plain_arguments(struct codegen *g, struct location loc, int pushed,
                                 struct expr_list *args, struct keyword_list *keywords)
{
    visit_exprs(g, args);
    int32_t n = pushed + (int32_t)args->count;
    if (keywords->count == 0) {
        emit_arg(g, loc, OP_CALL_FUNCTION, n);
        return;
    }
    for (uint32_t i = 0; i < keywords->count; i++)
        visit_expr(g, keywords->items[i]->value);
    emit_const(g, loc, call_keyword_names(g, keywords, 0, keywords->count));
    emit_arg(g, loc, OP_CALL_FUNCTION_KW, n + (int32_t)keywords->count);
}

void call_arguments_split(struct codegen *g, struct location loc, int pushed,
                          struct expr_list *args, struct keyword_list *keywords)
{
    if (HAS(g->c, REPEATED_KEYWORDS_IN_COMPILER))
        check_keywords(g, loc, keywords);
    bool many = HAS(g->c, BIG_DISPLAYS_IN_STEPS) &&
                args->count + (uint64_t)keywords->count * 2 > STACK_USE_GUIDELINE;
    if (many || call_has_unpacking(args, keywords))
        call_unpacked(g, loc, pushed, args, keywords);
    else
        call_plain_arguments(g, loc, pushed, args, keywords);
}

/* Positional arguments with stars: [pushed arguments] -> [tuple] */
static void join_positional(struct codegen *g, struct location loc, int pushed,
                            struct expr_list *args)
{
    int32_t seen = pushed, parts = 0;
    for (uint32_t i = 0; i < args->count; i++) {
        struct expr *e = args->items[i];
        if (e->kind != Starred_kind) {
            visit_expr(g, e);
            seen++;
            continue;
        }
        if (seen != 0) {
            emit_arg(g, loc, OP_BUILD_TUPLE, seen);
            seen = 0;
            parts++;
        }
        visit_expr(g, e->v.Starred.value);
        parts++;
    }
    if (seen != 0) {
        emit_arg(g, loc, OP_BUILD_TUPLE, seen);
        parts++;
    }
    if (parts > 1)
        emit_arg(g, loc, OP_BUILD_TUPLE_UNPACK_WITH_CALL, parts);
    else if (parts == 0)
        emit_arg(g, loc, OP_BUILD_TUPLE, 0);
}

/* Keywords begin to end, none of them a `**`: [] -> [dict] */
static void build_keyword_dict(struct codegen *g, struct location loc,
                               const struct keyword_list *keywords, uint32_t begin, uint32_t end)
{
    if (end - begin == 1) {
        emit_str(g, loc, keywords->items[begin]->arg);
        visit_expr(g, keywords->items[begin]->value);
        emit_arg(g, loc, OP_BUILD_MAP, 1);
        return;
    }
    for (uint32_t i = begin; i < end; i++)
        visit_expr(g, keywords->items[i]->value);
    emit_const(g, loc, call_keyword_names(g, keywords, begin, end));
    emit_arg(g, loc, OP_BUILD_CONST_KEY_MAP, (int32_t)(end - begin));
}

/* [] -> [dictionary of the keywords]; says whether there is one */
static bool join_keywords(struct codegen *g, struct location loc,
                          const struct keyword_list *keywords)
{
    uint32_t seen = 0;
    int32_t parts = 0;
    for (uint32_t i = 0; i <= keywords->count; i++) {
        bool end = i == keywords->count;
        if (!end && keywords->items[i]->arg != 0) {
            seen++;
            continue;
        }
        if (seen != 0) {
            build_keyword_dict(g, loc, keywords, i - seen, i);
            parts++;
            seen = 0;
        }
        if (!end) {
            visit_expr(g, keywords->items[i]->value);
            parts++;
        }
    }
    if (parts > 1)
        emit_arg(g, loc, OP_BUILD_MAP_UNPACK_WITH_CALL, parts);
    return parts != 0;
}

void call_arguments_split_unpack(struct codegen *g, struct location loc, int pushed,
                                 struct expr_list *args, struct keyword_list *keywords)
{
    if (!call_has_unpacking(args, keywords)) {
        call_plain_arguments(g, loc, pushed, args, keywords);
        return;
    }
    join_positional(g, loc, pushed, args);
    bool with_keywords = join_keywords(g, loc, keywords);
    emit_arg(g, loc, OP_CALL_FUNCTION_EX, with_keywords);
}
