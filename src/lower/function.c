/* Functions and lambdas. From 3.13 MAKE_FUNCTION takes the code object alone and
 * SET_FUNCTION_ATTRIBUTE adds the rest (function_make_with_attributes). Answers to
 * compiler_function, compiler_function_body, compiler_lambda, compiler_make_closure,
 * compiler_default_arguments, wrap_in_stopiteration_handler. */
#include "lower/function.h"

#include "codegen/check.h"
#include "codegen/docstring.h"
#include "codegen/emit.h"
#include "codegen/frame_block.h"
#include "codegen/names_tuple.h"
#include "codegen/visit.h"
#include "lower/annotation.h"
#include "lower/call.h"
#include "lower/type_params.h"
#include "sema/fold.h"
#include "syntax/syntax_error.h"

/* CO_OPTIMIZED: every code object that has fast locals, so all functions and no class body. */
enum { CODE_OPTIMIZED = 1 };

void function_push_decorators(struct codegen *g, struct expr_list *decorators)
{
    visit_exprs(g, decorators);
}

void function_apply_decorators(struct codegen *g, struct expr_list *decorators)
{
    for (uint32_t i = decorators->count; i-- > 0;)
        call_decorator(g, decorators->items[i]->loc);
}

int function_first_line(const struct stmt *s, const struct expr_list *decorators)
{
    return decorators->count != 0 ? decorators->items[0]->loc.lineno : s->loc.lineno;
}

/* A dictionary from names to their numbers, as repr() has it. */
static void put_numbered_names(struct codegen *g, struct buffer *text, const identifier *names,
                               uint32_t count)
{
    buffer_byte(text, '{');
    for (uint32_t i = 0; i < count; i++)
        buffer_printf(text, "%s'%s': %u", i == 0 ? "" : ", ", name_text(g->c, names[i]), i);
    buffer_byte(text, '}');
}

/* The same of symbols to their flags, with the scope in the bits above them. */
static void put_symbols(struct codegen *g, struct buffer *text, const struct symtable_entry *e)
{
    const char *separator = "";
    buffer_byte(text, '{');
    for (uint32_t i = 0; i < e->symbol_count; i++) {
        const struct symbol *s = &e->symbols[i];
        if (s->name == 0)
            continue;
        buffer_printf(text, "%s'%s': %u", separator, name_text(g->c, s->name),
                      (unsigned)s->scope * (DEF_COMP_CELL * 2) | s->flags);
        separator = ", ";
    }
    buffer_byte(text, '}');
}

/* A name that the closure needs means nothing here. CPython's message holds an address, too; ours
 * is always 0. */
static void put_unknown_scope(struct codegen *g, struct buffer *text, identifier name)
{
    const struct code_unit *u = &g->u->code;
    buffer_printf(text, "_PyST_GetScope(name='%s') failed: unknown scope in unit %s (0); symbols: ",
                  name_text(g->c, name), name_text(g->c, u->name));
    put_symbols(g, text, g->u->ste);
    buffer_text(text, "; locals: ");
    put_numbered_names(g, text, u->varnames.items, u->varnames.count);
    buffer_text(text, "; globals: ");
    put_numbered_names(g, text, u->names.items, u->names.count);
}

/* It means something, but there is no variable for it. */
static void put_unknown_place(struct codegen *g, struct buffer *text, identifier name, int reftype,
                              const struct code *code)
{
    buffer_printf(
        text, "compiler_lookup_arg(name='%s') with reftype=%d failed in %s; freevars of code %s: (",
        name_text(g->c, name), reftype, name_text(g->c, g->u->code.name),
        name_text(g->c, code->name));
    for (uint32_t i = 0; i < code->freevar_count; i++)
        buffer_printf(text, i == 0 ? "'%s'" : ", '%s'", name_text(g->c, code->freevars[i]));
    buffer_text(text, code->freevar_count == 1 ? ",)" : ")");
}

/* CPython's own compiler finds no variable for the closure, as for __class__ in a lambda in a
 * comprehension in a class body. */
static _Noreturn void lookup_failed(struct codegen *g, identifier name, int reftype,
                                    const struct code *code)
{
    struct buffer text;
    buffer_init(&text, &g->c->unwind);
    if (reftype == SCOPE_NONE)
        put_unknown_scope(g, &text, name);
    else
        put_unknown_place(g, &text, name, reftype, code);
    const char *message = arena_copy(g->arena, (const char *)text.bytes, text.length);
    buffer_free(&text);
    diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_SYSTEM_ERROR, message);
}

/* The place of a name in a list, or -1. */
static int32_t find_name(const identifier *names, uint32_t count, identifier name)
{
    uint32_t i = count;
    while (i-- > 0 && names[i] != name)
        continue;
    return (int32_t)i;
}

/* The number of a free variable of a nested scope among the cells and free variables of this one.
 * In a class, __class__,
 * __classdict__ and __conditional_annotations__ are the cells that the class itself makes. */
static int32_t closure_index(struct codegen *g, identifier name, const struct code *code)
{
    const struct code_unit *u = &g->u->code;
    bool own =
        g->u->kind == UNIT_CLASS && (name == NAME_dunder_class || name == NAME_dunder_classdict ||
                                     name == NAME_dunder_conditional_annotations);
    int32_t index =
        own ? find_name(u->cellvars.items, u->cellvars.count, name) : unit_cell_index(g, name);
    if (index < 0)
        lookup_failed(g, name, own ? CELL : unit_name(g, name)->scope, code);
    return index;
}

/* [] -> [tuple of cells], if the code has free variables */
static int push_closure(struct codegen *g, struct location loc, const struct code *code)
{
    if (code->freevar_count == 0)
        return 0;
    for (uint32_t i = 0; i < code->freevar_count; i++)
        emit_arg(g, loc, OP_LOAD_CLOSURE, closure_index(g, code->freevars[i], code));
    emit_arg(g, loc, OP_BUILD_TUPLE, (int32_t)code->freevar_count);
    return FUNCTION_CLOSURE;
}

void function_make_with_attributes(struct codegen *g, struct location loc, const struct code *code,
                                   int flags)
{
    static const uint8_t order[] = {FUNCTION_CLOSURE, FUNCTION_ANNOTATIONS, FUNCTION_ANNOTATE,
                                    FUNCTION_KWDEFAULTS, FUNCTION_DEFAULTS};
    flags |= push_closure(g, loc, code);
    emit_const(g, loc, unit_code_constant(g, code));
    emit(g, loc, OP_MAKE_FUNCTION);
    for (size_t i = 0; flags != 0 && i < sizeof order; i++) {
        if (flags & order[i])
            emit_arg(g, loc, OP_SET_FUNCTION_ATTRIBUTE, order[i]);
    }
}

void function_make_with_flags(struct codegen *g, struct location loc, const struct code *code,
                              int flags)
{
    flags |= push_closure(g, loc, code);
    if (!emit_is_silent(g))
        emit_const(g, loc, unit_code_constant(g, code));
    if (HAS(g->c, QUALNAME_TO_MAKE_FUNCTION)) {
        bool class_body = !(code->flags & CODE_OPTIMIZED);
        identifier name = class_body ? code->name : code->qualname;
        emit_const(g, loc,
                   name == code->name ? constant_name(&g->c->constants, name)
                                      : constant_str(&g->c->constants, name));
    }
    emit_arg(g, loc, OP_MAKE_FUNCTION, flags);
}

void function_make(struct codegen *g, struct location loc, const struct code *code, int flags)
{
    g->slots->make_function(g, loc, code, flags);
}

/* Defaults of keyword-only parameters: [] -> [dict]; whether there are any. From 3.14 the names
 * stand between the values. */
static bool push_kwonly_defaults(struct codegen *g, struct location loc,
                                 const struct arguments *args)
{
    const struct arg_list *names = args->kwonlyargs;
    bool const_keys = HAS(g->c, BUILD_CONST_KEY_MAP);
    constant *keys = arena_alloc_array(g->arena, names->count, sizeof *keys);
    uint32_t n = 0;
    for (uint32_t i = 0; i < names->count; i++) {
        struct expr *value = args->kw_defaults->items[i];
        if (value == NULL)
            continue;
        identifier name = unit_mangle(g, names->items[i]->arg);
        keys[n++] = constant_str(&g->c->constants, name);
        if (!const_keys)
            emit_const(g, loc, constant_name(&g->c->constants, name));
        visit_expr(g, value);
    }
    if (n == 0)
        return false;
    if (const_keys)
        emit_const(g, loc, names_tuple_constant(g, keys, n));
    emit_arg(g, loc, const_keys ? OP_BUILD_CONST_KEY_MAP : OP_BUILD_MAP, (int32_t)n);
    return true;
}

/* Defaults of parameters: [] -> [tuple of defaults][dict of keyword-only defaults]; flags for what
 * is there. */
static int push_defaults(struct codegen *g, struct location loc, const struct arguments *args)
{
    int flags = 0;
    if (args->defaults->count != 0) {
        visit_exprs(g, args->defaults);
        emit_arg(g, loc, OP_BUILD_TUPLE, (int32_t)args->defaults->count);
        flags |= FUNCTION_DEFAULTS;
    }
    if (push_kwonly_defaults(g, loc, args))
        flags |= FUNCTION_KWDEFAULTS;
    return flags;
}

void function_end_generator(struct codegen *g)
{
    if (g->u->stop_iteration < 0)
        return;
    emit_none(g, NO_LOCATION);
    emit(g, NO_LOCATION, OP_RETURN_VALUE);
    emit_label(g, g->u->stop_iteration);
    emit_intrinsic(g, NO_LOCATION, INTRINSIC_STOPITERATION_ERROR);
    emit_arg(g, NO_LOCATION, OP_RERAISE, 1);
}

/* The docstring, or None in its place, is the first constant of a function. How many statements it
 * takes. */
static uint32_t add_docstring(struct codegen *g, const struct stmt_list *body)
{
    constant doc = ast_docstring(body);
    bool kept = doc != NULL && g->c->optimize < 2;
    if (kept)
        unit_const(g, docstring_clean(g, doc));
    else if (!HAS(g->c, DOCSTRING_FLAG))
        unit_const(g, g->c->constants.none);
    if (!HAS(g->c, DOCSTRING_STATEMENT_SKIPPED))
        return 0;
    return kept || (doc != NULL && HAS(g->c, STRIPPED_DOCSTRING_SKIPPED)) ? 1 : 0;
}

/* Compile the body of a function and make the function: [defaults ...] -> [function] */
static void function_body(struct codegen *g, struct stmt *s, int flags, int firstlineno)
{
    struct stmt_list *body = s->v.FunctionDef.body;
    enum unit_kind kind = s->kind == AsyncFunctionDef_kind ? UNIT_ASYNC_FUNCTION : UNIT_FUNCTION;
    unit_enter(g, s->v.FunctionDef.name, kind, symtable_entry_at(g->st, s->scope), firstlineno);
    if (g->joins == JOINS_IN_PLACE && kind == UNIT_FUNCTION && !s->v.FunctionDef.args->body_catches)
        g->u->joins = JOINS; /* without handlers it does not matter what is left in a place */
    uint32_t first = add_docstring(g, body);
    unit_set_arguments(g, s->v.FunctionDef.args);
    bool counts = g->u->stop_iteration >= 0 && HAS(g->c, STOP_ITERATION_BLOCK);
    if (counts)
        frame_block_push(g, BLOCK_STOP_ITERATION, NO_LOCATION, -1, -1);
    for (uint32_t i = first; i < body->count; i++)
        visit_stmt(g, body->items[i]);
    function_end_generator(g);
    if (counts)
        frame_block_pop(g);
    const struct code *code = unit_leave(g, true);
    function_make(g, s->loc, code, flags);
}

/* Enter the scope of the type parameters; the defaults come in as its parameters. How many there
 * are. */
static int enter_generic(struct codegen *g, struct stmt *s, int flags, int firstlineno)
{
    int n = ((flags & FUNCTION_DEFAULTS) != 0) + ((flags & FUNCTION_KWDEFAULTS) != 0);
    if (n == 2)
        emit_swap(g, s->loc, 2);
    type_params_enter(g, symtable_entry_at(g->st, s->scope), s->v.FunctionDef.name, firstlineno);
    type_params_build(g, s->v.FunctionDef.type_params);
    for (int i = 0; i < n; i++)
        emit_arg(g, s->loc, OP_LOAD_FAST, i);
    return n;
}

/* [type parameters, function] -> [function] in the scope of the type parameters, which is left and
 * called. */
static void leave_generic(struct codegen *g, struct location loc, int arguments)
{
    emit_swap(g, loc, 2);
    emit_intrinsic_2(g, loc, INTRINSIC_2_SET_FUNCTION_TYPE_PARAMS);
    g->u->code.argcount = arguments;
    type_params_leave(g, loc);
    if (arguments == 0) {
        call_null_above(g, loc);
        call_plain(g, loc, 0);
        return;
    }
    emit_swap(g, loc, arguments + 1);
    call_plain(g, loc, HAS(g->c, NULL_BELOW_CALLABLE) ? arguments : arguments - 1);
}

void function_definition(struct codegen *g, struct stmt *s)
{
    struct arguments *args = s->v.FunctionDef.args;
    struct expr_list *decorators = s->v.FunctionDef.decorator_list;
    bool generic = s->v.FunctionDef.type_params->count != 0;
    int firstlineno = function_first_line(s, decorators), arguments = 0;
    if (HAS(g->c, FORBIDDEN_NAMES_IN_COMPILER))
        check_parameters(g, s->loc, args);
    function_push_decorators(g, decorators);
    if (generic)
        call_null_below(g, s->loc);
    int flags = push_defaults(g, s->loc, args);
    if (generic)
        arguments = enter_generic(g, s, flags, firstlineno);
    flags |= g->slots->function_annotations(g, s);
    function_body(g, s, flags, firstlineno);
    if (generic)
        leave_generic(g, s->loc, arguments);
    function_apply_decorators(g, decorators);
    emit_name_op(g, s->loc, s->v.FunctionDef.name, Store);
}

void function_lambda(struct codegen *g, struct expr *e)
{
    struct expr *body = e->v.Lambda.body;
    if (HAS(g->c, FORBIDDEN_NAMES_IN_COMPILER))
        check_parameters(g, e->loc, e->v.Lambda.args);
    int flags = push_defaults(g, e->loc, e->v.Lambda.args);
    unit_enter(g, NAME_lambda_code, UNIT_LAMBDA, symtable_entry_at(g->st, e->scope), e->loc.lineno);
    if (!HAS(g->c, DOCSTRING_FLAG))
        unit_const(g, g->c->constants.none);
    unit_set_arguments(g, e->v.Lambda.args);
    visit_expr(g, body);
    bool generator = g->u->ste->ste_generator;
    struct location line = {e->loc.lineno, 0, e->loc.lineno, 0};
    if (!generator)
        emit(g, HAS(g->c, LOCATIONS_OF_PARTS) ? body->loc : line, OP_RETURN_VALUE);
    const struct code *code = unit_leave(g, !generator);
    function_make(g, e->loc, code, flags);
}
