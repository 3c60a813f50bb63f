/* See fold.h.
 *
 * One walk serves both eras. To 3.13 constants are folded on the tree (fold_tree); from 3.14 the
 * tree is only prepared (preprocess_tree): `%` formats become f-strings, __debug__ a constant,
 * patterns' numbers one constant, docstrings go away at level 2, and jumps out of `finally` are
 * warned about, while arithmetic waits for the graph. Answers to Python/ast_opt.c and
 * Python/ast_preprocess.c, in their order, which decides who reports a recursion first.
 */
#include "sema/fold.h"

#include "sema/const_eval.h"
#include "sema/future.h"
#include "sema/sema.h"
#include "syntax/syntax_error.h"

#include <stdio.h>

/* Where a jump out of `finally` would be noticed. */
enum jump_context { JUMPS_UNKNOWN, JUMPS_IN_FINALLY, JUMPS_IN_FUNCTION, JUMPS_IN_LOOP };

struct folder {
    struct compilation *c;
    int depth, depth_limit;
    bool arithmetic;       /* fold on the tree (to 3.13) */
    bool skip_annotations; /* they stay strings */
    bool text_annotations; /* they become strings */
    bool in_text;          /* in one that does */
    bool formats;          /* '%s' % (x,) becomes an f-string */
    bool named_exprs;      /* the value of := is folded */
    bool drops_docstrings;
    /* the first enum stmt_plain whose statements are looked at: STMT_PLAIN if the module has a
     * __debug__, STMT_PLAIN_COMPOUND if docstrings are dropped */
    uint8_t plain_seen;
    bool percent_seen; /* the module has a constant '%' already: the first one decides what object
                          it is */
    constant percent;  /* the constant '%' */
    enum jump_context jumps;
};

#define ENTER(f)                                                                                   \
    do {                                                                                           \
        if (++(f)->depth > (f)->depth_limit)                                                       \
            sema_recursion_error((f)->c);                                                          \
    } while (0)
#define LEAVE(f) ((void)(f)->depth--)

static inline void fold_expr(struct folder *f, struct expr *e);
static void fold_stmts(struct folder *f, struct stmt_list *body);
static void fold_body(struct folder *f, struct stmt_list *body);

constant ast_docstring(const struct stmt_list *body)
{
    if (body->count == 0 || body->items[0]->kind != Expr_kind)
        return NULL;
    const struct expr *e = body->items[0]->v.Expr.value;
    return e->kind == Constant_kind && e->v.Constant.value->kind == CONSTANT_STR
               ? e->v.Constant.value
               : NULL;
}

/* Turn a node into a constant; NULL leaves it as it is. */
static void make_const(struct expr *e, constant value)
{
    if (value == NULL)
        return;
    e->kind = Constant_kind;
    e->u_prefix = false;
    e->v.Constant.value = value;
}

/* ---- operators ---- */

/* not a in b: not in; only operators whose opposite is exact. */
static void fold_not_compare(struct expr *e)
{
    static const uint8_t opposite[] = {[Is] = IsNot, [IsNot] = Is, [In] = NotIn, [NotIn] = In};
    struct expr *compare = e->v.UnaryOp.operand;
    if (compare->kind != Compare_kind || compare->v.Compare.ops->count != 1)
        return;
    uint8_t op = compare->v.Compare.ops->items[0];
    if (op >= Is) {
        compare->v.Compare.ops->items[0] = opposite[op];
        memcpy(e, compare, ast_expr_size(Compare_kind));
    }
}

/* -x, +x, ~x, not x */
static void fold_unary(struct folder *f, struct expr *e)
{
    const struct expr *operand = e->v.UnaryOp.operand;
    if (operand->kind == Constant_kind)
        make_const(e, const_unary(f->c, e->v.UnaryOp.op, operand->v.Constant.value));
    else if (e->v.UnaryOp.op == Not)
        fold_not_compare(e);
}

/* Is there a *x in the list? */
static bool has_starred(const struct expr_list *elts)
{
    for (uint32_t i = 0; i < elts->count; i++) {
        if (elts->items[i]->kind == Starred_kind)
            return true;
    }
    return false;
}

/* A string constant without a place. */
static struct expr *string_node(struct folder *f, constant value)
{
    struct expr *e = ast_expr(f->c->arena, Constant_kind, NO_LOCATION);
    e->v.Constant.value = value;
    return e;
}

/* Note which '%' comes first: one from the source or one that a format left. */
static void see_percent(struct folder *f, constant value, bool from_format)
{
    if (value != f->percent || f->percent_seen)
        return;
    f->percent_seen = true;
    if (from_format && HAS(f->c, PERCENT_NOT_SHARED))
        constant_mark(value, CONSTANT_NOT_SINGLETON);
}

/* The text of a format up to the next conversion, %% being one %; NULL if there is none. */
static struct expr *parse_literal(struct folder *f, const struct string *format, uint32_t *at)
{
    uint32_t start = *at, pos = start, percents = 0;
    while (pos < format->length) {
        if (format->bytes[pos] != '%') {
            pos++;
        } else if (pos + 1 < format->length && format->bytes[pos + 1] == '%') {
            percents++;
            pos += 2;
        } else {
            break;
        }
    }
    *at = pos;
    if (pos == start)
        return NULL;
    char *text = arena_alloc(f->c->arena, pos - start);
    uint32_t n = 0;
    for (uint32_t i = start; i < pos; i++) {
        text[n++] = format->bytes[i];
        if (format->bytes[i] == '%')
            i++;
    }
    constant value = constant_str(&f->c->constants, strings_intern(&f->c->strings, text, n));
    see_percent(f, value, percents != 0);
    return string_node(f, value);
}

/* Up to two digits; -1: more than that. */
static int parse_digits(const struct string *format, uint32_t *at)
{
    int value = 0, digits = 0;
    while (*at < format->length && format->bytes[*at] >= '0' && format->bytes[*at] <= '9') {
        value = value * 10 + (format->bytes[(*at)++] - '0');
        if (++digits >= 3)
            return -1;
    }
    return value;
}

/* One conversion behind its %: %s, %r or %a with flags, width and precision, as a replacement
 * field; NULL for any other. */
static struct expr *parse_format(struct folder *f, const struct string *format, uint32_t *at,
                                 struct expr *arg)
{
    bool left = false, has_width = false, has_precision = false;
    int width = 0, precision = 0;
    const char *flags = HAS(f->c, FORMAT_FLAG_Z) ? "-+ #0z" : "-+ #0";
    for (; *at < format->length && format->bytes[*at] != '\0' &&
           strchr(flags, format->bytes[*at]) != NULL;
         ++*at)
        left |= format->bytes[*at] == '-';
    if (*at < format->length && format->bytes[*at] >= '0' && format->bytes[*at] <= '9') {
        has_width = true;
        width = parse_digits(format, at);
    }
    if (*at < format->length && format->bytes[*at] == '.') {
        ++*at;
        has_precision = true;
        precision = parse_digits(format, at);
    }
    if (width < 0 || precision < 0 || *at >= format->length)
        return NULL;
    char conversion = format->bytes[(*at)++];
    if (conversion != 's' && conversion != 'r' && conversion != 'a')
        return NULL;
    char spec[16], *p = spec;
    if (!left && has_width && width > 0)
        *p++ = '>';
    if (has_width)
        p += snprintf(p, 4, "%d", width);
    if (has_precision)
        p += snprintf(p, 5, ".%d", precision);
    struct expr *field = ast_expr(f->c->arena, FormattedValue_kind, arg->loc);
    field->v.FormattedValue.value = arg;
    field->v.FormattedValue.conversion = conversion;
    if (p != spec) {
        identifier text = strings_intern_copy(&f->c->strings, spec, (size_t)(p - spec));
        field->v.FormattedValue.format_spec = string_node(f, constant_str(&f->c->constants, text));
    }
    return field;
}

/* 'format' % (a, b) as an f-string, if every conversion is simple and the numbers agree. */
static void fold_format(struct folder *f, struct expr *e, identifier format_id,
                        const struct expr_list *elts)
{
    struct string format = *strings_get(&f->c->strings, format_id);
    struct expr_list *values = arena_alloc(
        f->c->arena, sizeof *values + ((size_t)elts->count * 2 + 1) * sizeof *values->items);
    uint32_t at = 0, used = 0;
    values->count = 0;
    for (;;) {
        struct expr *literal = parse_literal(f, &format, &at);
        if (literal != NULL)
            values->items[values->count++] = literal;
        if (at >= format.length)
            break;
        if (used >= elts->count)
            return;
        at++;
        struct expr *field = parse_format(f, &format, &at, elts->items[used++]);
        if (field == NULL)
            return;
        values->items[values->count++] = field;
    }
    if (used < elts->count)
        return;
    e->kind = JoinedStr_kind;
    e->parenthesized = 0;
    e->v.JoinedStr.values = values;
}

/* left op right */
static void fold_binary(struct folder *f, struct expr *e)
{
    const struct expr *left = e->v.BinOp.left, *right = e->v.BinOp.right;
    if (left->kind != Constant_kind)
        return;
    constant value = left->v.Constant.value;
    if (f->formats && e->v.BinOp.op == Mod && right->kind == Tuple_kind &&
        value->kind == CONSTANT_STR && !has_starred(right->v.Tuple.elts)) {
        fold_format(f, e, value->v.str, right->v.Tuple.elts);
        return;
    }
    if (!f->arithmetic || right->kind != Constant_kind)
        return;
    if (e->v.BinOp.op == Mod && (value->kind == CONSTANT_STR || value->kind == CONSTANT_BYTES))
        return;
    make_const(e, const_binary(f->c, e->v.BinOp.op, value, right->v.Constant.value));
}

/* The values of a list of constants, or NULL. */
static constant *constant_items(struct folder *f, const struct expr_list *elts)
{
    for (uint32_t i = 0; i < elts->count; i++) {
        if (elts->items[i]->kind != Constant_kind)
            return NULL;
    }
    constant *items = arena_alloc_array(f->c->arena, elts->count, sizeof *items);
    for (uint32_t i = 0; i < elts->count; i++)
        items[i] = elts->items[i]->v.Constant.value;
    return items;
}

/* (a, b) of constants */
static void fold_tuple(struct folder *f, struct expr *e)
{
    const struct expr_list *elts = e->v.Tuple.elts;
    if (e->v.Tuple.ctx != Load)
        return;
    constant *items = constant_items(f, elts);
    if (items != NULL)
        make_const(e, constant_tuple(&f->c->constants, items, elts->count));
}

/* constant[constant] */
static void fold_subscript(struct folder *f, struct expr *e)
{
    const struct expr *value = e->v.Subscript.value, *slice = e->v.Subscript.slice;
    if (e->v.Subscript.ctx == Load && value->kind == Constant_kind && slice->kind == Constant_kind)
        make_const(e, const_subscript(f->c, value->v.Constant.value, slice->v.Constant.value));
}

/* A list or set that is only iterated over or searched: a tuple or frozenset will do. */
static void fold_iter(struct folder *f, struct expr *e)
{
    if (e->kind == List_kind) {
        struct expr_list *elts = e->v.List.elts;
        enum expr_context ctx = e->v.List.ctx;
        if (has_starred(elts))
            return;
        e->kind = Tuple_kind;
        e->v.Tuple.elts = elts;
        e->v.Tuple.ctx = ctx;
        constant *items = constant_items(f, elts);
        if (items != NULL)
            make_const(e, constant_tuple(&f->c->constants, items, elts->count));
    } else if (e->kind == Set_kind) {
        const struct expr_list *elts = e->v.Set.elts;
        constant *items = constant_items(f, elts);
        if (items != NULL)
            make_const(e, (f->in_text ? constant_frozenset_unshared
                                      : constant_frozenset)(&f->c->constants, items, elts->count));
    }
}

/* a in [1, 2] */
static void fold_compare(struct folder *f, struct expr *e)
{
    uint32_t last = e->v.Compare.ops->count - 1;
    uint8_t op = e->v.Compare.ops->items[last];
    if (op == In || op == NotIn)
        fold_iter(f, e->v.Compare.comparators->items[last]);
}

/* ---- expressions ---- */

/* A list of expressions, NULLs passed over. */
static void fold_exprs(struct folder *f, struct expr_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i] != NULL)
            fold_expr(f, list->items[i]);
    }
}

/* An expression or NULL. */
static void fold_opt(struct folder *f, struct expr *e)
{
    if (e != NULL)
        fold_expr(f, e);
}

/* The annotation of a parameter or result, unless it stays a string. */
static void fold_annotation(struct folder *f, struct expr *annotation)
{
    if (f->skip_annotations)
        return;
    f->in_text = f->text_annotations;
    fold_opt(f, annotation);
    f->in_text = false;
}

/* Annotations of parameters. */
static void fold_args(struct folder *f, const struct arg_list *args)
{
    for (uint32_t i = 0; i < args->count; i++)
        fold_annotation(f, args->items[i]->annotation);
}

/* Parameters with annotations and defaults. */
static void fold_arguments(struct folder *f, struct arguments *a)
{
    fold_args(f, a->posonlyargs);
    fold_args(f, a->args);
    if (a->vararg != NULL)
        fold_annotation(f, a->vararg->annotation);
    fold_args(f, a->kwonlyargs);
    fold_exprs(f, a->kw_defaults);
    if (a->kwarg != NULL)
        fold_annotation(f, a->kwarg->annotation);
    fold_exprs(f, a->defaults);
}

/* The for and if parts of a comprehension. */
static void fold_comprehensions(struct folder *f, struct comprehension_list *generators)
{
    for (uint32_t i = 0; i < generators->count; i++) {
        struct comprehension *g = generators->items[i];
        fold_expr(f, g->target);
        fold_expr(f, g->iter);
        fold_exprs(f, g->ifs);
        if (f->arithmetic)
            fold_iter(f, g->iter);
    }
}

/* Keyword arguments. */
static void fold_keywords(struct folder *f, struct keyword_list *keywords)
{
    for (uint32_t i = 0; i < keywords->count; i++)
        fold_expr(f, keywords->items[i]->value);
}

/* What is called; a method without a level of recursion of its own. */
static void fold_callee(struct folder *f, struct expr *func)
{
    if (func->kind != Attribute_kind) {
        fold_expr(f, func);
        return;
    }
    int levels = f->c->target->sema->method_levels;
    f->depth += levels;
    if (f->depth > f->depth_limit)
        sema_recursion_error(f->c);
    fold_expr(f, func->v.Attribute.value);
    f->depth -= levels;
}

/* __debug__ */
static void fold_debug(struct folder *f, struct expr *e)
{
    if (e->v.Name.ctx != Load && !HAS(f->c, FOLDS_DEBUG_EVERYWHERE))
        return;
    f->c->level_uses |= LEVEL_DEBUG;
    make_const(e, constant_bool(&f->c->constants, f->c->optimize == 0));
}

/* Any expression but names and constants. */
static void fold_composite(struct folder *f, struct expr *e)
{
    ENTER(f);
    switch ((enum expr_kind)e->kind) {
    case Attribute_kind: fold_expr(f, e->v.Attribute.value); break;
    case Call_kind:
        fold_callee(f, e->v.Call.func);
        fold_exprs(f, e->v.Call.args);
        fold_keywords(f, e->v.Call.keywords);
        break;
    case BoolOp_kind: fold_exprs(f, e->v.BoolOp.values); break;
    case BinOp_kind:
        fold_expr(f, e->v.BinOp.left);
        fold_expr(f, e->v.BinOp.right);
        fold_binary(f, e);
        break;
    case UnaryOp_kind:
        fold_expr(f, e->v.UnaryOp.operand);
        if (f->arithmetic)
            fold_unary(f, e);
        break;
    case Lambda_kind:
        fold_arguments(f, e->v.Lambda.args);
        fold_expr(f, e->v.Lambda.body);
        break;
    case IfExp_kind:
        fold_expr(f, e->v.IfExp.test);
        fold_expr(f, e->v.IfExp.body);
        fold_expr(f, e->v.IfExp.orelse);
        break;
    case Dict_kind:
        fold_exprs(f, e->v.Dict.keys);
        fold_exprs(f, e->v.Dict.values);
        break;
    case Set_kind: fold_exprs(f, e->v.Set.elts); break;
    case ListComp_kind:
        fold_expr(f, e->v.ListComp.elt);
        fold_comprehensions(f, e->v.ListComp.generators);
        break;
    case SetComp_kind:
        fold_expr(f, e->v.SetComp.elt);
        fold_comprehensions(f, e->v.SetComp.generators);
        break;
    case DictComp_kind:
        fold_expr(f, e->v.DictComp.key);
        fold_opt(f, e->v.DictComp.value);
        fold_comprehensions(f, e->v.DictComp.generators);
        break;
    case GeneratorExp_kind:
        fold_expr(f, e->v.GeneratorExp.elt);
        fold_comprehensions(f, e->v.GeneratorExp.generators);
        break;
    case Await_kind: fold_expr(f, e->v.Await.value); break;
    case Yield_kind: fold_opt(f, e->v.Yield.value); break;
    case YieldFrom_kind: fold_expr(f, e->v.YieldFrom.value); break;
    case Compare_kind:
        fold_expr(f, e->v.Compare.left);
        fold_exprs(f, e->v.Compare.comparators);
        if (f->arithmetic)
            fold_compare(f, e);
        break;
    case FormattedValue_kind:
        fold_expr(f, e->v.FormattedValue.value);
        fold_opt(f, e->v.FormattedValue.format_spec);
        break;
    case Interpolation_kind:
        fold_expr(f, e->v.Interpolation.value);
        fold_opt(f, e->v.Interpolation.format_spec);
        break;
    case JoinedStr_kind: fold_exprs(f, e->v.JoinedStr.values); break;
    case TemplateStr_kind: fold_exprs(f, e->v.TemplateStr.values); break;
    case Subscript_kind:
        fold_expr(f, e->v.Subscript.value);
        fold_expr(f, e->v.Subscript.slice);
        if (f->arithmetic)
            fold_subscript(f, e);
        break;
    case Starred_kind: fold_expr(f, e->v.Starred.value); break;
    case Slice_kind:
        fold_opt(f, e->v.Slice.lower);
        fold_opt(f, e->v.Slice.upper);
        fold_opt(f, e->v.Slice.step);
        break;
    case List_kind: fold_exprs(f, e->v.List.elts); break;
    case Tuple_kind:
        fold_exprs(f, e->v.Tuple.elts);
        if (f->arithmetic)
            fold_tuple(f, e);
        break;
    case NamedExpr_kind:
        if (f->named_exprs)
            fold_expr(f, e->v.NamedExpr.value);
        break;
    case Name_kind:
    case Constant_kind:
    case expr_kind_none:
    case expr_kind_count: break;
    }
    LEAVE(f);
}

/* Any expression. */
static inline void fold_expr(struct folder *f, struct expr *e)
{
    if (e->kind != Name_kind && e->kind != Constant_kind) {
        fold_composite(f, e);
        return;
    }
    if (f->depth >= f->depth_limit)
        sema_recursion_error(f->c);
    if (e->kind == Constant_kind)
        see_percent(f, e->v.Constant.value, false);
    else if (e->v.Name.id == NAME_dunder_debug)
        fold_debug(f, e);
}

/* ---- patterns ---- */

/* Where folding waits for the graph: -1, +1 and 1+2j in patterns, nothing else. */
static void fold_pattern_number(struct folder *f, struct expr *e)
{
    if (e->kind == UnaryOp_kind && (e->v.UnaryOp.op == USub || e->v.UnaryOp.op == UAdd) &&
        e->v.UnaryOp.operand->kind == Constant_kind) {
        make_const(e, const_unary(f->c, e->v.UnaryOp.op, e->v.UnaryOp.operand->v.Constant.value));
    } else if (e->kind == BinOp_kind && (e->v.BinOp.op == Add || e->v.BinOp.op == Sub) &&
               e->v.BinOp.right->kind == Constant_kind) {
        fold_pattern_number(f, e->v.BinOp.left);
        if (e->v.BinOp.left->kind == Constant_kind) {
            make_const(e, const_binary(f->c, e->v.BinOp.op, e->v.BinOp.left->v.Constant.value,
                                       e->v.BinOp.right->v.Constant.value));
        }
    }
}

/* The value of a pattern or the key of one. */
static void fold_pattern_value(struct folder *f, struct expr *e)
{
    if (f->arithmetic)
        fold_expr(f, e);
    else
        fold_pattern_number(f, e);
}

static void fold_pattern(struct folder *f, struct pattern *p);

/* A list of patterns. */
static void fold_patterns(struct folder *f, const struct pattern_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        fold_pattern(f, list->items[i]);
}

/* Any pattern. */
static void fold_pattern(struct folder *f, struct pattern *p)
{
    ENTER(f);
    switch ((enum pattern_kind)p->kind) {
    case MatchValue_kind: fold_pattern_value(f, p->v.MatchValue.value); break;
    case MatchSequence_kind: fold_patterns(f, p->v.MatchSequence.patterns); break;
    case MatchMapping_kind:
        for (uint32_t i = 0; i < p->v.MatchMapping.keys->count; i++)
            fold_pattern_value(f, p->v.MatchMapping.keys->items[i]);
        fold_patterns(f, p->v.MatchMapping.patterns);
        break;
    case MatchClass_kind:
        fold_expr(f, p->v.MatchClass.cls);
        fold_patterns(f, p->v.MatchClass.patterns);
        fold_patterns(f, p->v.MatchClass.kwd_patterns);
        break;
    case MatchAs_kind:
        if (p->v.MatchAs.pattern != NULL)
            fold_pattern(f, p->v.MatchAs.pattern);
        break;
    case MatchOr_kind: fold_patterns(f, p->v.MatchOr.patterns); break;
    case MatchSingleton_kind:
    case MatchStar_kind:
    case pattern_kind_none:
    case pattern_kind_count: break;
    }
    LEAVE(f);
}

/* ---- statements ---- */

/* Type parameters. */
static void fold_type_params(struct folder *f, const struct type_param_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        struct type_param *tp = list->items[i];
        switch ((enum type_param_kind)tp->kind) {
        case TypeVar_kind:
            fold_opt(f, tp->v.TypeVar.bound);
            fold_opt(f, tp->v.TypeVar.default_value);
            break;
        case ParamSpec_kind: fold_opt(f, tp->v.ParamSpec.default_value); break;
        case TypeVarTuple_kind: fold_opt(f, tp->v.TypeVarTuple.default_value); break;
        case type_param_kind_none:
        case type_param_kind_count: break;
        }
    }
}

/* A suite in which jumps mean something else. */
static void fold_suite_in(struct folder *f, struct stmt_list *body, enum jump_context jumps)
{
    enum jump_context outer = f->jumps;
    f->jumps = jumps;
    fold_stmts(f, body);
    f->jumps = outer;
}

/* def and async def */
static void fold_function(struct folder *f, struct type_param_list *type_params,
                          struct arguments *args, struct stmt_list *body,
                          struct expr_list *decorators, struct expr *returns)
{
    enum jump_context outer = f->jumps;
    fold_type_params(f, type_params);
    fold_arguments(f, args);
    f->jumps = JUMPS_IN_FUNCTION;
    fold_body(f, body);
    f->jumps = outer;
    fold_exprs(f, decorators);
    fold_annotation(f, returns);
}

/* with items */
static void fold_withitems(struct folder *f, const struct withitem_list *items)
{
    for (uint32_t i = 0; i < items->count; i++) {
        fold_expr(f, items->items[i]->context_expr);
        fold_opt(f, items->items[i]->optional_vars);
    }
}

/* try */
static void fold_try(struct folder *f, struct stmt_list *body,
                     const struct excepthandler_list *handlers, struct stmt_list *orelse,
                     struct stmt_list *finalbody)
{
    fold_stmts(f, body);
    for (uint32_t i = 0; i < handlers->count; i++) {
        fold_opt(f, handlers->items[i]->v.ExceptHandler.type);
        fold_stmts(f, handlers->items[i]->v.ExceptHandler.body);
    }
    fold_stmts(f, orelse);
    fold_suite_in(f, finalbody, JUMPS_IN_FINALLY);
}

/* return, break or continue that would swallow an exception (PEP 765). */
static void warn_of_jump(struct folder *f, const struct stmt *s, const char *keyword)
{
    if (f->jumps == JUMPS_IN_FINALLY && HAS(f->c, WARNS_OF_JUMPS_IN_FINALLY))
        syntax_warning_at(f->c, s->loc,
                          arena_printf(f->c->arena, "'%s' in a 'finally' block", keyword));
}

/* return */
static void fold_return(struct folder *f, struct stmt *s)
{
    warn_of_jump(f, s, "return");
    fold_opt(f, s->v.Return.value);
}

/* The first enum stmt_plain whose statements are looked at here: where folding would go too deep in
 * them or warns of jumps, all. A token is at most three levels. */
static inline unsigned plain_seen(const struct folder *f)
{
    bool deep = f->depth + 3 * STMT_PLAIN_TOKENS + STMT_PLAIN_NESTING + 8 >= f->depth_limit;
    return deep || f->jumps == JUMPS_IN_FINALLY ? STMT_PLAIN : f->plain_seen;
}

/* Any statement. */
static void fold_stmt(struct folder *f, struct stmt *s)
{
    ENTER(f);
    switch ((enum stmt_kind)s->kind) {
    case FunctionDef_kind:
        fold_function(f, s->v.FunctionDef.type_params, s->v.FunctionDef.args, s->v.FunctionDef.body,
                      s->v.FunctionDef.decorator_list, s->v.FunctionDef.returns);
        break;
    case AsyncFunctionDef_kind:
        fold_function(f, s->v.AsyncFunctionDef.type_params, s->v.AsyncFunctionDef.args,
                      s->v.AsyncFunctionDef.body, s->v.AsyncFunctionDef.decorator_list,
                      s->v.AsyncFunctionDef.returns);
        break;
    case ClassDef_kind:
        fold_type_params(f, s->v.ClassDef.type_params);
        fold_exprs(f, s->v.ClassDef.bases);
        fold_keywords(f, s->v.ClassDef.keywords);
        fold_body(f, s->v.ClassDef.body);
        fold_exprs(f, s->v.ClassDef.decorator_list);
        break;
    case Return_kind: fold_return(f, s); break;
    case Delete_kind: fold_exprs(f, s->v.Delete.targets); break;
    case Assign_kind:
        fold_exprs(f, s->v.Assign.targets);
        fold_expr(f, s->v.Assign.value);
        break;
    case AugAssign_kind:
        fold_expr(f, s->v.AugAssign.target);
        fold_expr(f, s->v.AugAssign.value);
        break;
    case AnnAssign_kind:
        fold_expr(f, s->v.AnnAssign.target);
        fold_annotation(f, s->v.AnnAssign.annotation);
        fold_opt(f, s->v.AnnAssign.value);
        break;
    case TypeAlias_kind:
        fold_expr(f, s->v.TypeAlias.name);
        fold_type_params(f, s->v.TypeAlias.type_params);
        fold_expr(f, s->v.TypeAlias.value);
        break;
    case For_kind:
        fold_expr(f, s->v.For.target);
        fold_expr(f, s->v.For.iter);
        fold_suite_in(f, s->v.For.body, JUMPS_IN_LOOP);
        fold_stmts(f, s->v.For.orelse);
        if (f->arithmetic)
            fold_iter(f, s->v.For.iter);
        break;
    case AsyncFor_kind:
        fold_expr(f, s->v.AsyncFor.target);
        fold_expr(f, s->v.AsyncFor.iter);
        fold_suite_in(f, s->v.AsyncFor.body, JUMPS_IN_LOOP);
        fold_stmts(f, s->v.AsyncFor.orelse);
        break;
    case While_kind:
        fold_expr(f, s->v.While.test);
        fold_suite_in(f, s->v.While.body, JUMPS_IN_LOOP);
        fold_stmts(f, s->v.While.orelse);
        break;
    case If_kind:
        fold_expr(f, s->v.If.test);
        fold_stmts(f, s->v.If.body);
        fold_stmts(f, s->v.If.orelse);
        break;
    case With_kind:
        fold_withitems(f, s->v.With.items);
        fold_stmts(f, s->v.With.body);
        break;
    case AsyncWith_kind:
        fold_withitems(f, s->v.AsyncWith.items);
        fold_stmts(f, s->v.AsyncWith.body);
        break;
    case Raise_kind:
        fold_opt(f, s->v.Raise.exc);
        fold_opt(f, s->v.Raise.cause);
        break;
    case Try_kind:
        fold_try(f, s->v.Try.body, s->v.Try.handlers, s->v.Try.orelse, s->v.Try.finalbody);
        break;
    case TryStar_kind:
        fold_try(f, s->v.TryStar.body, s->v.TryStar.handlers, s->v.TryStar.orelse,
                 s->v.TryStar.finalbody);
        break;
    case Assert_kind:
        fold_expr(f, s->v.Assert.test);
        fold_opt(f, s->v.Assert.msg);
        break;
    case Expr_kind: fold_expr(f, s->v.Expr.value); break;
    case Match_kind:
        fold_expr(f, s->v.Match.subject);
        for (uint32_t i = 0; i < s->v.Match.cases->count; i++) {
            struct match_case *m = s->v.Match.cases->items[i];
            fold_pattern(f, m->pattern);
            fold_opt(f, m->guard);
            fold_stmts(f, m->body);
        }
        break;
    case Break_kind: warn_of_jump(f, s, "break"); break;
    case Continue_kind: warn_of_jump(f, s, "continue"); break;
    case Import_kind:
    case ImportFrom_kind:
    case Global_kind:
    case Nonlocal_kind:
    case Pass_kind:
    case stmt_kind_none:
    case stmt_kind_count: break;
    }
    LEAVE(f);
}

/* A suite. */
static void fold_stmts(struct folder *f, struct stmt_list *body)
{
    unsigned seen = plain_seen(f);
    for (uint32_t i = 0; i < body->count; i++) {
        unsigned plain = body->items[i]->plain;
        if (plain == STMT_NOT_PLAIN || plain >= seen)
            fold_stmt(f, body->items[i]);
    }
}

/* Take the docstring away; a body that was nothing else gets a `pass`. */
static void remove_docstring(struct folder *f, struct stmt_list *body)
{
    if (body->count == 1 && HAS(f->c, PASS_FOR_DOCSTRING)) {
        struct location loc = body->items[0]->loc;
        loc.end_lineno = loc.lineno;
        loc.end_col_offset = loc.col_offset + 4;
        body->items[0] = ast_stmt(f->c->arena, Pass_kind, loc);
        return;
    }
    memmove(body->items, body->items + 1, (body->count - 1) * sizeof *body->items);
    body->count--;
}

/* The body of a module, class or function: a string that folding has made of its first statement is
 * no docstring. */
static void fold_body(struct folder *f, struct stmt_list *body)
{
    bool docstring = ast_docstring(body) != NULL;
    if (docstring && f->drops_docstrings) {
        remove_docstring(f, body);
        docstring = false;
    }
    fold_stmts(f, body);
    if (docstring || ast_docstring(body) == NULL)
        return;
    struct stmt *first = body->items[0];
    struct expr_list *values = arena_alloc(f->c->arena, sizeof *values + sizeof *values->items);
    values->count = 1;
    values->items[0] = first->v.Expr.value;
    struct expr *joined = ast_expr(f->c->arena, JoinedStr_kind, first->loc);
    joined->v.JoinedStr.values = values;
    first->v.Expr.value = joined;
}

/* The walk, with or without arithmetic. */
static void walk(struct compilation *c, struct module_ast *m, bool arithmetic)
{
    bool text_annotations = (c->future_flags & FUTURE_ANNOTATIONS) != 0;
    bool has_debug = strings_is_name(strings_get(&c->strings, NAME_dunder_debug));
    bool drops_docstrings = !arithmetic && c->optimize >= 2;
    if (!arithmetic)
        c->level_uses |= LEVEL_DOCSTRINGS; /* most modules have some */
    struct folder f = {
        .c = c,
        .depth_limit = c->target->sema->fold_depth_limit,
        .arithmetic = arithmetic,
        .skip_annotations = text_annotations && HAS(c, FOLD_SKIPS_STRING_ANNOTATIONS),
        .text_annotations = text_annotations,
        .formats = HAS(c, FOLDS_FORMATS),
        .named_exprs = HAS(c, FOLDS_NAMED_EXPRS),
        .drops_docstrings = drops_docstrings,
        .plain_seen = has_debug          ? STMT_PLAIN
                      : drops_docstrings ? STMT_PLAIN_COMPOUND
                                         : STMT_PLAIN_COMPOUND + 1,
        .percent = constant_str(&c->constants, strings_intern_literal(&c->strings, "%")),
    };
    fold_body(&f, m->body);
}

void fold_tree(struct compilation *c, struct module_ast *m)
{
    walk(c, m, true);
}

void preprocess_tree(struct compilation *c, struct module_ast *m)
{
    walk(c, m, false);
}

bool fold_drops_docstrings(const struct target *target)
{
    return target->sema->fold == preprocess_tree;
}

void fold_module(struct compilation *c, struct module_ast *m)
{
    c->target->sema->fold(c, m);
}
