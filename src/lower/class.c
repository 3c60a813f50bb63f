/* Classes: name = __build_class__(function of the body, name, *bases, **keywords). Answers to
 * compiler_class, compiler_class_body. */
#include "lower/class.h"

#include "codegen/emit.h"
#include "codegen/names_tuple.h"
#include "codegen/visit.h"
#include "lower/call.h"
#include "lower/function.h"
#include "lower/type_params.h"

/* The names of self's attributes that methods assign, sorted, as a constant tuple. */
static constant static_attribute_tuple(struct codegen *g)
{
    identifier *names = g->u->static_attributes.items;
    uint32_t count = g->u->static_attributes.count, n = 0;
    unit_sort_names(g, names, count);
    constant *items = arena_alloc_array(g->arena, count, sizeof *items);
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || names[i] != names[i - 1])
            items[n++] = constant_str(&g->c->constants, names[i]);
    }
    return names_tuple_constant(g, items, n);
}

/* Load the qualname of the class at hand. Where no equal constant was there before, the constant is
 * the very object that the code object has for its qualname. */
static void emit_qualname(struct codegen *g, struct location loc)
{
    identifier id = g->u->code.qualname;
    if (id == g->u->code.name) {
        emit_const(g, loc, constant_name(&g->c->constants, id));
        return;
    }
    constant qualname = constant_str(&g->c->constants, id);
    g->u->code.owns_qualname = !(qualname->flags & (CONSTANT_FROM_LITERAL | CONSTANT_FROM_NAME));
    const struct string *s = strings_get(&g->c->strings, id);
    if (g->u->code.owns_qualname && !(s->flags & STRING_IS_QUALNAME) && !strings_is_name(s))
        constant_mark(qualname, CONSTANT_INTERNED_QUALNAME);
    strings_mark_qualname(&g->c->strings, id);
    emit_const(g, loc, qualname);
}

/* What every class body starts with: __module__, __qualname__, __firstlineno__, type parameters,
 * __classdict__. */
static void body_start(struct codegen *g, struct stmt *s, struct location loc)
{
    emit_name_op(g, loc, NAME_dunder_name, Load);
    emit_name_op(g, loc, NAME_dunder_module, Store);
    emit_qualname(g, loc);
    emit_name_op(g, loc, NAME_dunder_qualname, Store);
    if (HAS(g->c, CLASS_FIRST_LINE)) {
        emit_int(g, loc, g->u->code.firstlineno);
        emit_name_op(g, loc, NAME_dunder_firstlineno, Store);
    }
    if (s->v.ClassDef.type_params->count != 0) {
        emit_name_op(g, loc, NAME_dot_type_params, Load);
        emit_name_op(g, loc, NAME_dunder_type_params, Store);
    }
    if (g->u->ste->ste_needs_classdict) {
        emit(g, loc, OP_LOAD_LOCALS);
        emit_arg(g, loc, OP_STORE_DEREF, unit_own_cell_index(g, NAME_dunder_classdict));
    }
    if (g->u->ste->ste_has_conditional_annotations) {
        emit_arg(g, loc, OP_BUILD_SET, 0);
        emit_arg(g, loc, OP_STORE_DEREF,
                 unit_own_cell_index(g, NAME_dunder_conditional_annotations));
    }
}

/* What every class body ends with: __static_attributes__, __classdictcell__, __classcell__, which
 * is returned, too. */
static void body_end(struct codegen *g)
{
    if (HAS(g->c, STATIC_ATTRIBUTES)) {
        emit_const(g, NO_LOCATION, static_attribute_tuple(g));
        emit_name_op(g, NO_LOCATION, NAME_dunder_static_attributes, Store);
    }
    if (g->u->ste->ste_needs_classdict) {
        emit_arg(g, NO_LOCATION, OP_LOAD_CLOSURE, unit_own_cell_index(g, NAME_dunder_classdict));
        emit_name_op(g, NO_LOCATION, NAME_dunder_classdictcell, Store);
    }
    if (g->u->ste->ste_needs_class_closure) {
        emit_arg(g, NO_LOCATION, OP_LOAD_CLOSURE, unit_own_cell_index(g, NAME_dunder_class));
        emit_copy(g, NO_LOCATION, 1);
        emit_name_op(g, NO_LOCATION, NAME_dunder_classcell, Store);
    } else {
        emit_none(g, NO_LOCATION);
    }
    emit(g, NO_LOCATION, OP_RETURN_VALUE);
}

/* [] -> [__build_class__, NULL, function of the body, name] */
static void class_body(struct codegen *g, struct stmt *s, int firstlineno)
{
    unit_enter(g, s->v.ClassDef.name, UNIT_CLASS, symtable_entry_at(g->st, s->scope), firstlineno);
    struct location loc = {firstlineno, 0, firstlineno, 0};
    g->u->private_name = mangling_class(g->c, s->v.ClassDef.name);
    body_start(g, s, loc);
    g->slots->body(g, loc, s->v.ClassDef.body);
    body_end(g);
    const struct code *code = unit_leave(g, true);
    call_null_below(g, s->loc);
    emit(g, s->loc, OP_LOAD_BUILD_CLASS);
    call_null_above(g, s->loc);
    function_make(g, s->loc, code, 0);
    emit_str(g, s->loc, s->v.ClassDef.name);
}

/* The bases with Generic[type parameters] behind them. */
static struct expr_list *generic_bases(struct codegen *g, struct stmt *s)
{
    struct expr_list *bases = s->v.ClassDef.bases;
    struct expr_list *with_generic =
        arena_alloc(g->arena, sizeof *bases + (bases->count + 1) * sizeof *bases->items);
    with_generic->count = bases->count + 1;
    for (uint32_t i = 0; i < bases->count; i++)
        with_generic->items[i] = bases->items[i];
    struct expr *base = ast_expr(g->arena, Name_kind, s->loc);
    base->v.Name.id = NAME_dot_generic_base;
    base->v.Name.ctx = Load;
    with_generic->items[bases->count] = base;
    return with_generic;
}

/* A class with type parameters: [] -> [class] */
static void generic_class(struct codegen *g, struct stmt *s, int firstlineno)
{
    struct location loc = s->loc;
    call_null_below(g, loc);
    if (HAS(g->c, GENERIC_CLASS_LEAKS_NAME))
        g->u->private_name = mangling_class(g->c, s->v.ClassDef.name);
    type_params_enter(g, symtable_entry_at(g->st, s->scope), s->v.ClassDef.name, firstlineno);
    g->u->private_name = mangling_class(g->c, s->v.ClassDef.name);
    type_params_build(g, s->v.ClassDef.type_params);
    emit_name_op(g, loc, NAME_dot_type_params, Store);
    class_body(g, s, firstlineno);
    emit_name_op(g, loc, NAME_dot_type_params, Load);
    emit_intrinsic(g, loc, INTRINSIC_SUBSCRIPT_GENERIC);
    emit_name_op(g, loc, NAME_dot_generic_base, Store);
    g->slots->call_arguments(g, loc, 2, generic_bases(g, s), s->v.ClassDef.keywords);
    type_params_leave(g, loc);
    call_null_above(g, loc);
    call_plain(g, loc, 0);
}

void class_definition(struct codegen *g, struct stmt *s)
{
    struct expr_list *decorators = s->v.ClassDef.decorator_list;
    function_push_decorators(g, decorators);
    int firstlineno = function_first_line(s, decorators);
    if (s->v.ClassDef.type_params->count != 0) {
        generic_class(g, s, firstlineno);
    } else {
        class_body(g, s, firstlineno);
        g->slots->call_arguments(g, s->loc, 2, s->v.ClassDef.bases, s->v.ClassDef.keywords);
    }
    function_apply_decorators(g, decorators);
    emit_name_op(g, s->loc, s->v.ClassDef.name, Store);
}
