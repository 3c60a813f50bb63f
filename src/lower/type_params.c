/* Type parameters (3.12): a scope of their own around the function, class or alias; bounds and
 * defaults are evaluated when they are asked for, in a scope each; from 3.14 through a function of
 * the form in which they are wanted. Answers to compiler_type_params,
 * compiler_type_param_bound_or_default, compiler_typealias. */
#include "lower/type_params.h"

#include "codegen/emit.h"
#include "codegen/visit.h"
#include "lower/annotation.h"
#include "lower/call.h"
#include "lower/function.h"

#include "syntax/syntax_error.h"

/* "<generic parameters of NAME>" */
static identifier scope_name(struct codegen *g, identifier name)
{
    static const char prefix[] = "<generic parameters of ";
    const struct string *s = strings_get(&g->c->strings, name);
    size_t length = sizeof prefix - 1 + s->length + 1;
    char *text = arena_alloc(g->arena, length);
    memcpy(text, prefix, sizeof prefix - 1);
    memcpy(text + sizeof prefix - 1, s->bytes, s->length);
    text[length - 1] = '>';
    return strings_intern(&g->c->strings, text, length);
}

void type_params_enter(struct codegen *g, struct symtable_entry *inner, identifier name, int lineno)
{
    unit_enter(g, scope_name(g, name), UNIT_TYPE_PARAMETERS, inner->type_params_block, lineno);
}

void type_params_leave(struct codegen *g, struct location loc)
{
    const struct code *code = unit_leave(g, false);
    function_make(g, loc, code, 0);
}

/* The value of a bound or default is returned. */
static void return_value(struct codegen *g, struct location loc, struct expr *e, bool allow_star)
{
    if (allow_star && e->kind == Starred_kind) {
        visit_expr(g, e->v.Starred.value);
        emit_arg(g, e->loc, OP_UNPACK_SEQUENCE, 1);
    } else {
        visit_expr(g, e);
    }
    emit(g, loc, OP_RETURN_VALUE);
}

/* [] -> [function that evaluates a bound or default] */
void type_params_evaluator_plain(struct codegen *g, struct location loc, struct expr *e,
                                 identifier name, struct symtable_entry *scope, bool allow_star)
{
    unit_enter(g, name, UNIT_TYPE_PARAMETERS, scope, e->loc.lineno);
    return_value(g, loc, e, allow_star);
    const struct code *code = unit_leave(g, true);
    function_make(g, loc, code, 0);
}

/* [] -> [(1,)], the default of an evaluator's parameter: the form that has values */
static void push_format(struct codegen *g, struct location loc)
{
    constant one = constant_int(&g->c->constants, 1);
    emit_const(g, loc, constant_tuple(&g->c->constants, &one, 1));
}

/* The same for a function that is told in which form the value is wanted. */
void type_params_evaluator_by_format(struct codegen *g, struct location loc, struct expr *e,
                                     identifier name, struct symtable_entry *scope, bool allow_star)
{
    push_format(g, loc);
    annotation_enter_scope(g, loc, scope, name);
    return_value(g, loc, e, allow_star);
    const struct code *code = unit_leave(g, true);
    function_make(g, loc, code, FUNCTION_DEFAULTS);
}

/* What the making of an evaluator is about. */
static struct location part_location(const struct codegen *g, const struct type_param *p,
                                     const struct expr *part)
{
    return HAS(g->c, LOCATIONS_OF_PARTS) ? part->loc : p->loc;
}

/* [] -> [type parameter without its default] */
static void make_parameter(struct codegen *g, struct type_param *p)
{
    emit_str(g, p->loc, p->v.TypeVar.name);
    if (p->kind == ParamSpec_kind) {
        emit_intrinsic(g, p->loc, INTRINSIC_PARAMSPEC);
    } else if (p->kind == TypeVarTuple_kind) {
        emit_intrinsic(g, p->loc, INTRINSIC_TYPEVARTUPLE);
    } else if (p->v.TypeVar.bound == NULL) {
        emit_intrinsic(g, p->loc, INTRINSIC_TYPEVAR);
    } else {
        g->slots->type_evaluator(g, part_location(g, p, p->v.TypeVar.bound), p->v.TypeVar.bound,
                                 p->v.TypeVar.name, symtable_entry_at(g->st, p->scope), false);
        emit_intrinsic_2(g, p->loc,
                         p->v.TypeVar.bound->kind == Tuple_kind
                             ? INTRINSIC_2_TYPEVAR_WITH_CONSTRAINTS
                             : INTRINSIC_2_TYPEVAR_WITH_BOUND);
    }
}

/* The default of a type parameter, or NULL. */
static struct expr *default_of(const struct type_param *p)
{
    switch ((enum type_param_kind)p->kind) {
    case ParamSpec_kind: return p->v.ParamSpec.default_value;
    case TypeVarTuple_kind: return p->v.TypeVarTuple.default_value;
    default: return p->v.TypeVar.default_value;
    }
}

void type_params_build(struct codegen *g, struct type_param_list *params)
{
    bool seen_default = false;
    for (uint32_t i = 0; i < params->count; i++) {
        struct type_param *p = params->items[i];
        identifier name = p->v.TypeVar.name;
        struct expr *value = default_of(p);
        make_parameter(g, p);
        if (value != NULL) {
            uint32_t scope = p->kind == TypeVar_kind ? p->default_scope : p->scope;
            g->slots->type_evaluator(g, part_location(g, p, value), value, name,
                                     symtable_entry_at(g->st, scope), p->kind == TypeVarTuple_kind);
            emit_intrinsic_2(g, p->loc, INTRINSIC_2_SET_TYPEPARAM_DEFAULT);
            seen_default = true;
        } else if (seen_default) {
            syntax_error_format(g->c, p->loc,
                                "non-default type parameter '%s' follows default type parameter",
                                name_text(g->c, name));
        }
        emit_copy(g, p->loc, 1);
        emit_name_op(g, p->loc, name, Store);
    }
    emit_arg(g, params->items[0]->loc, OP_BUILD_TUPLE, (int32_t)params->count);
}

/* [name, type parameters or None] -> [type alias] */
static void alias_body(struct codegen *g, struct stmt *s)
{
    identifier name = s->v.TypeAlias.name->v.Name.id;
    struct symtable_entry *scope = symtable_entry_at(g->st, s->scope);
    bool by_format = HAS(g->c, DEFERRED_ANNOTATIONS);
    if (by_format) {
        push_format(g, s->loc);
        annotation_enter_scope(g, s->loc, scope, name);
    } else {
        unit_enter(g, name, UNIT_FUNCTION, scope, s->loc.lineno);
        unit_const(g, g->c->constants.none);
    }
    visit_expr(g, s->v.TypeAlias.value);
    emit(g, s->loc, OP_RETURN_VALUE);
    const struct code *code = unit_leave(g, false);
    function_make(g, s->loc, code, by_format ? FUNCTION_DEFAULTS : 0);
    emit_arg(g, s->loc, OP_BUILD_TUPLE, 3);
    emit_intrinsic(g, s->loc, INTRINSIC_TYPEALIAS);
}

void type_params_alias(struct codegen *g, struct stmt *s)
{
    struct location loc = s->loc;
    identifier name = s->v.TypeAlias.name->v.Name.id;
    bool generic = s->v.TypeAlias.type_params->count != 0;
    if (generic) {
        call_null_below(g, loc);
        type_params_enter(g, symtable_entry_at(g->st, s->scope), name, loc.lineno);
        emit_str(g, loc, name);
        type_params_build(g, s->v.TypeAlias.type_params);
    } else {
        emit_str(g, loc, name);
        emit_none(g, loc);
    }
    alias_body(g, s);
    if (generic) {
        type_params_leave(g, loc);
        call_null_above(g, loc);
        call_plain(g, loc, 0);
    }
    emit_name_op(g, loc, name, Store);
}
