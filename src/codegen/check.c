/* See check.h; answers to forbidden_name, check_compare, check_caller, check_subscripter,
 * check_index, validate_keywords. */
#include "codegen/check.h"

#include "syntax/syntax_error.h"

/* Where an error stands. */
static struct location error_location(const struct codegen *g, struct location loc)
{
    return g->location_by_state ? g->u->state : loc;
}

void check_refuse(struct codegen *g, struct location loc, const char *message)
{
    syntax_error_at(g->c, error_location(g, loc), message);
}

void check_warn(struct codegen *g, struct location loc, const char *message)
{
    if (g->warnings_off == 0)
        syntax_warning_at(g->c, error_location(g, loc), message);
}

void check_forbidden_name(struct codegen *g, struct location loc, identifier name,
                          enum expr_context ctx)
{
    if (name != NAME_dunder_debug || HAS(g->c, SYMTABLE_CHECKS_NAMES))
        return;
    if (ctx == Store)
        check_refuse(g, loc, "cannot assign to __debug__");
    if (ctx == Del && HAS(g->c, DELETE_DEBUG_FORBIDDEN))
        check_refuse(g, loc, "cannot delete __debug__");
}

/* A parameter or keyword that is called __debug__ is reported where it stands or, in older
 * releases, at what it belongs to. */
static void check_argument_name(struct codegen *g, struct location around, struct location loc,
                                identifier name)
{
    check_forbidden_name(g, HAS(g->c, FORBIDDEN_NAME_AT_ITSELF) ? loc : around, name, Store);
}

/* The same for a list of parameters. */
static void check_parameter_list(struct codegen *g, struct location loc,
                                 const struct arg_list *args)
{
    for (uint32_t i = 0; i < args->count; i++)
        check_argument_name(g, loc, args->items[i]->loc, args->items[i]->arg);
}

void check_debug_parameters(struct codegen *g, struct location loc, const struct arguments *args)
{
    check_parameter_list(g, loc, args->posonlyargs);
    check_parameter_list(g, loc, args->args);
    if (args->vararg != NULL)
        check_argument_name(g, loc, args->vararg->loc, args->vararg->arg);
    check_parameter_list(g, loc, args->kwonlyargs);
    if (args->kwarg != NULL)
        check_argument_name(g, loc, args->kwarg->loc, args->kwarg->arg);
}

/* SyntaxError for a keyword that repeats another one. */
static _Noreturn void refuse_repeated(struct codegen *g, const struct keyword *keyword)
{
    struct location loc = keyword->loc;
    if (HAS(g->c, REPEATED_KEYWORD_ON_CURRENT_LINE))
        loc.lineno = g->u->state.lineno;
    syntax_error_format(g->c, loc, "keyword argument repeated: %s", name_text(g->c, keyword->arg));
}

/* SyntaxError for the first keyword that repeats another one; there are many. */
static void check_many_keywords(struct codegen *g, struct location loc,
                                const struct keyword_list *keywords)
{
    uint32_t *first = arena_zalloc(g->arena, g->c->strings.count * sizeof *first);
    uint32_t earliest = UINT32_MAX, repeated = 0;
    for (uint32_t i = 0; i < keywords->count; i++) {
        identifier name = keywords->items[i]->arg;
        if (name == 0)
            continue;
        if (first[name] == 0) {
            first[name] = i + 1;
        } else if (first[name] - 1 < earliest) {
            earliest = first[name] - 1;
            repeated = i;
        }
    }
    for (uint32_t i = 0; i <= earliest && i < keywords->count; i++)
        check_argument_name(g, loc, keywords->items[i]->loc, keywords->items[i]->arg);
    if (earliest != UINT32_MAX)
        refuse_repeated(g, keywords->items[repeated]);
}

void check_some_keywords(struct codegen *g, struct location loc,
                         const struct keyword_list *keywords)
{
    if (keywords->count > 64) {
        check_many_keywords(g, loc, keywords);
        return;
    }
    for (uint32_t i = 0; i < keywords->count; i++) {
        identifier name = keywords->items[i]->arg;
        if (name == 0)
            continue;
        check_argument_name(g, loc, keywords->items[i]->loc, name);
        for (uint32_t j = i + 1; j < keywords->count; j++) {
            if (keywords->items[j]->arg == name)
                refuse_repeated(g, keywords->items[j]);
        }
    }
}

void check_return(struct codegen *g, const struct stmt *s)
{
    if (!unit_is_function_like(g))
        syntax_error_at(g->c, s->loc, "'return' outside function");
    if (s->v.Return.value != NULL && g->u->ste->ste_coroutine && g->u->ste->ste_generator)
        syntax_error_at(g->c, s->loc, "'return' with value in async generator");
}

/* The type of a constant. */
static const char *constant_type_name(constant value)
{
    static const char *const names[] = {
        [CONSTANT_NONE] = "NoneType", [CONSTANT_FALSE] = "bool",
        [CONSTANT_TRUE] = "bool",     [CONSTANT_ELLIPSIS] = "ellipsis",
        [CONSTANT_INT] = "int",       [CONSTANT_BIGINT] = "int",
        [CONSTANT_FLOAT] = "float",   [CONSTANT_COMPLEX] = "complex",
        [CONSTANT_STR] = "str",       [CONSTANT_BYTES] = "bytes",
        [CONSTANT_TUPLE] = "tuple",   [CONSTANT_FROZENSET] = "frozenset",
        [CONSTANT_SLICE] = "slice",   [CONSTANT_CODE] = "code",
    };
    return names[value->kind];
}

/* The type that an expression surely has, or NULL. */
static const char *infer_type(const struct expr *e)
{
    switch ((enum expr_kind)e->kind) {
    case Tuple_kind: return "tuple";
    case List_kind:
    case ListComp_kind: return "list";
    case Dict_kind:
    case DictComp_kind: return "dict";
    case Set_kind:
    case SetComp_kind: return "set";
    case GeneratorExp_kind: return "generator";
    case Lambda_kind: return "function";
    case TemplateStr_kind:
    case Interpolation_kind:
        return e->kind == TemplateStr_kind ? "string.templatelib.Template"
                                           : "string.templatelib.Interpolation";
    case JoinedStr_kind:
    case FormattedValue_kind: return "str";
    case Constant_kind: return constant_type_name(e->v.Constant.value);
    default: return NULL;
    }
}

/* Not a literal, or one of the singletons that "is" is meant for. */
static bool may_be_compared_by_identity(struct codegen *g, const struct expr *e)
{
    if (e->kind == Tuple_kind && HAS(g->c, GRAPH_FOLDING)) {
        for (uint32_t i = 0; i < e->v.Tuple.elts->count; i++) {
            if (e->v.Tuple.elts->items[i]->kind != Constant_kind)
                return true;
        }
        return false;
    }
    return e->kind != Constant_kind || e->v.Constant.value->kind <= CONSTANT_ELLIPSIS;
}

void check_compare(struct codegen *g, const struct expr *e)
{
    const struct expr *left = e->v.Compare.left;
    for (uint32_t i = 0; i < e->v.Compare.ops->count; i++) {
        uint8_t op = e->v.Compare.ops->items[i];
        const struct expr *right = e->v.Compare.comparators->items[i];
        if (op == Is || op == IsNot) {
            bool left_is_literal = !may_be_compared_by_identity(g, left);
            if (left_is_literal || !may_be_compared_by_identity(g, right)) {
                const char *type = infer_type(left_is_literal ? left : right);
                const char *format = "\"%s\" with a literal. Did you mean \"%s\"?";
                if (HAS(g->c, IS_WARNING_NAMES_TYPE))
                    check_warn(
                        g, e->loc,
                        arena_printf(g->arena, "\"%s\" with '%s' literal. Did you mean \"%s\"?",
                                     op == Is ? "is" : "is not", type, op == Is ? "==" : "!="));
                else
                    check_warn(g, e->loc,
                               arena_printf(g->arena, format, op == Is ? "is" : "is not",
                                            op == Is ? "==" : "!="));
                return;
            }
        }
        left = right;
    }
}

void check_caller(struct codegen *g, const struct expr *e)
{
    switch ((enum expr_kind)e->kind) {
    case Constant_kind:
    case Tuple_kind:
    case List_kind:
    case ListComp_kind:
    case Dict_kind:
    case DictComp_kind:
    case Set_kind:
    case SetComp_kind:
    case GeneratorExp_kind:
    case JoinedStr_kind:
    case TemplateStr_kind:
    case FormattedValue_kind:
    case Interpolation_kind:
        check_warn(g, e->loc,
                   arena_printf(g->arena,
                                "'%s' object is not callable; perhaps you missed a comma?",
                                infer_type(e)));
        break;
    default: break;
    }
}

/* Can the value surely not be subscripted? */
static bool is_not_subscriptable(const struct expr *e)
{
    switch ((enum expr_kind)e->kind) {
    case Set_kind:
    case SetComp_kind:
    case GeneratorExp_kind:
    case Lambda_kind:
    case TemplateStr_kind:
    case Interpolation_kind: return true;
    case Constant_kind:
        switch ((enum constant_kind)e->v.Constant.value->kind) {
        case CONSTANT_STR:
        case CONSTANT_BYTES:
        case CONSTANT_TUPLE:
        case CONSTANT_SLICE:
        case CONSTANT_CODE: return false;
        default: return true;
        }
    default: return false;
    }
}

/* Is the value a sequence that only integers and slices index? */
static bool is_sequence(const struct expr *e)
{
    switch ((enum expr_kind)e->kind) {
    case Tuple_kind:
    case List_kind:
    case ListComp_kind:
    case JoinedStr_kind:
    case FormattedValue_kind: return true;
    case Constant_kind: {
        uint8_t kind = e->v.Constant.value->kind;
        return kind == CONSTANT_STR || kind == CONSTANT_BYTES || kind == CONSTANT_TUPLE;
    }
    default: return false;
    }
}

/* Is the index one that a sequence takes, as far as one can see? */
static bool may_index(const struct expr *e)
{
    if (infer_type(e) == NULL)
        return true;
    if (e->kind != Constant_kind)
        return false;
    switch ((enum constant_kind)e->v.Constant.value->kind) {
    case CONSTANT_FALSE:
    case CONSTANT_TRUE:
    case CONSTANT_INT:
    case CONSTANT_BIGINT:
    case CONSTANT_SLICE: return true;
    default: return false;
    }
}

void check_subscript(struct codegen *g, const struct expr *value, const struct expr *index)
{
    if (is_not_subscriptable(value))
        check_warn(g, value->loc,
                   arena_printf(g->arena,
                                "'%s' object is not subscriptable; perhaps you missed a comma?",
                                infer_type(value)));
    if (is_sequence(value) && !may_index(index))
        check_warn(g, value->loc,
                   arena_printf(g->arena,
                                "%s indices must be integers or slices, not %s; perhaps you "
                                "missed a comma?",
                                infer_type(value), infer_type(index)));
}
