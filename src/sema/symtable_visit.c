/* The first pass: a walk over the tree that opens scopes and notes what is said of each name.
 *
 * Answers to symtable_visit_* in Python/symtable.c, in the order in which they visit: the errors
 * that they find depend on it, and so does the order of scopes. Recursion is bounded by the depth
 * counter of ENTER.
 */
#include "sema/sema.h"
#include "sema/symtable.h"

#include "sema/fold.h"
#include "sema/future.h"
#include "syntax/syntax_error.h"
#include "util/out_of_line.h"

struct builder {
    struct symtable *st;
    struct compilation *c;
    struct symtable_entry *cur;
    struct symtable_entry *top;
    identifier private; /* the class whose names are mangled, or 0 */
    int depth, depth_limit;
    const uint32_t *names; /* module_ast.names, or NULL */
    int method_levels;     /* the levels that a method takes which is called */
    bool future_annotations;
    bool deferred;        /* annotations have scopes of their own (3.14) */
    bool checks_names;    /* __debug__ and misplaced await are found here, not in code generation */
    bool brackets;        /* scopes are called <lambda>, not lambda */
    bool error_at_symbol; /* errors point at the name, not at the scope it is in */
};

#define ENTER(b)                                                                                   \
    do {                                                                                           \
        if (++(b)->depth > (b)->depth_limit)                                                       \
            sema_recursion_error((b)->c);                                                          \
    } while (0)
#define LEAVE(b) ((void)(b)->depth--)

static void visit_expr(struct builder *b, struct expr *e);
static void visit_stmts(struct builder *b, struct stmt_list *body);
static void visit_body(struct builder *b, uint32_t place, struct stmt_list *body);

/* ---- scopes ---- */

/* A new scope inside the current one; not entered yet. */
static struct symtable_entry *new_entry(struct builder *b, identifier name, enum block_type type,
                                        struct location loc)
{
    struct symtable_entry *e;
    const size_t size = sizeof *e + SYMTABLE_FEW_SYMBOLS * sizeof(struct symbol);
    e = arena_alloc(b->c->arena, size);
    clear_struct(e, size);
    e->symbols = (struct symbol *)(e + 1);
    e->symbol_capacity = SYMTABLE_FEW_SYMBOLS;
    e->id = b->st->entries.count;
    array_push(b->c->arena, &b->st->entries, e);
    e->name = name;
    e->type = (uint8_t)type;
    e->loc = loc;
    e->ste_directives_end = &e->ste_directives;
    if (b->cur != NULL) {
        e->ste_nested = b->cur->ste_nested || symtable_is_function_like(b->cur);
        e->ste_method = b->cur->type == ClassBlock && type == FunctionBlock;
    }
    return e;
}

/* Make a scope the current one. */
static void enter_entry(struct builder *b, struct symtable_entry *e, bool add_to_children)
{
    struct symtable_entry *outer = b->cur;
    e->parent = outer;
    b->cur = e;
    if (outer == NULL)
        return;
    e->ste_comp_iter_expr = outer->ste_comp_iter_expr;
    if (e->type != ClassBlock)
        e->mangled_names_of = outer->mangled_names_of;
    /* Annotations that stay strings have no effect on the table. */
    if (add_to_children && !(e->type == AnnotationBlock && b->future_annotations))
        array_push(b->c->arena, &outer->children, e);
}

/* Leave the current scope. */
static void exit_block(struct builder *b)
{
    b->cur = b->cur->parent;
}

/* Open a scope. */
static struct symtable_entry *enter_block(struct builder *b, identifier name, enum block_type type,
                                          struct location loc)
{
    struct symtable_entry *e = new_entry(b, name, type, loc);
    enter_entry(b, e, true);
    if (b->deferred &&
        (type == AnnotationBlock || type == TypeVariableBlock || type == TypeAliasBlock)) {
        symtable_add_new(b->st, e, NAME_dot_format)->flags = DEF_PARAM | USE;
    }
    return e;
}

/* ---- names ---- */

/* The name as it is in the scope. */
static inline identifier mangled(const struct builder *b, const struct symtable_entry *e,
                                 identifier name)
{
    return b->private == 0 ? name : mangle_name_in(b->c, b->private, e, name);
}

/* Flags of a name in a scope; 0 if it is not there. */
static int lookup_flags(struct builder *b, struct symtable_entry *e, identifier name)
{
    const struct symbol *s = symtable_find(b->st, e, mangled(b, e, name));
    return s == NULL ? 0 : s->flags;
}

/* SyntaxError about a name, at the name or (older releases) at the scope. */
static _Noreturn void error_about(struct builder *b, const struct symtable_entry *e,
                                  struct location loc, const char *before, identifier name,
                                  const char *after)
{
    char *message = arena_printf(b->c->arena, "%s'%s'%s", before, name_text(b->c, name), after);
    syntax_error_at(b->c, b->error_at_symbol ? loc : e->loc, message);
}

/* Older releases report := one column to the left. */
static _Noreturn void error_at_named_expr(struct builder *b, struct location loc,
                                          const char *message)
{
    if (!b->error_at_symbol)
        loc.col_offset--;
    syntax_error_at(b->c, loc, message);
}

/* A definition that may clash with what is known of the name, or says something of other scopes. */
static OUT_OF_LINE void check_def(struct builder *b, struct symtable_entry *e, struct symbol *s,
                                  identifier name, int flag, const struct location *loc)
{
    if (flag & s->flags & DEF_PARAM) {
        error_about(b, e, *loc,
                    HAS(b->c, SAYS_DUPLICATE_PARAMETER) ? "duplicate parameter "
                                                        : "duplicate argument ",
                    name, " in function definition");
    }
    if (flag & s->flags & DEF_TYPE_PARAM)
        error_about(b, e, *loc, "duplicate type parameter ", name, "");
    int flags = s->flags | flag;
    if (e->ste_comp_iter_target) {
        if (flags & (DEF_GLOBAL | DEF_NONLOCAL))
            error_about(b, e, *loc,
                        "comprehension inner loop cannot rebind assignment expression target ",
                        name, "");
        flags |= DEF_COMP_ITER;
    }
    s->flags = (uint16_t)flags;
    if (flag & DEF_GLOBAL)
        symtable_add(b->st, b->top, s->name)->flags |= (uint16_t)flag;
}

/* Does the flag say no more than that of a name's symbol in the scope? */
static inline bool is_plain_def(const struct symtable_entry *e, const struct symbol *s, int flag)
{
    return !(flag & s->flags & (DEF_PARAM | DEF_TYPE_PARAM)) && !e->ste_comp_iter_target &&
           !(flag & DEF_GLOBAL);
}

/* add_def_to of any name. */
static OUT_OF_LINE void add_any_def_to(struct builder *b, struct symtable_entry *e, identifier name,
                                       int flag, const struct location *loc)
{
    struct symbol *s = symtable_add(b->st, e, mangled(b, b->cur, name));
    if (is_plain_def(e, s, flag))
        s->flags |= (uint16_t)flag;
    else
        check_def(b, e, s, name, flag, loc);
}

/* Note that `flag` holds for a name in scope `e`; the name is mangled as in the current scope. */
static void add_def_to(struct builder *b, struct symtable_entry *e, identifier name, int flag,
                       const struct location *loc)
{
    struct symbol *s = NULL;
    if (b->private == 0 || !mangle_may_change(b->c, name))
        s = symtable_reach(b->st, e, name);
    if (s != NULL && is_plain_def(e, s, flag))
        s->flags |= (uint16_t)flag;
    else
        add_any_def_to(b, e, name, flag, loc);
}

/* __debug__ can be neither bound nor deleted. */
static void check_name(struct builder *b, identifier name, struct location loc,
                       enum expr_context ctx)
{
    if (name == NAME_dunder_debug && ctx != Load)
        syntax_error_at(b->c, loc,
                        ctx == Store ? "cannot assign to __debug__" : "cannot delete __debug__");
}

/* Note that `flag` holds for a name in the current scope. */
static inline void add_def_ctx(struct builder *b, identifier name, int flag,
                               const struct location *loc, enum expr_context ctx)
{
    if (b->checks_names && flag & (DEF_PARAM | DEF_LOCAL | DEF_IMPORT))
        check_name(b, name, *loc, ctx);
    if (flag & DEF_TYPE_PARAM && b->cur->mangled_names_of != NULL)
        array_push(b->c->arena, &b->cur->mangled_names_of->ste_mangled_names, name);
    add_def_to(b, b->cur, name, flag, loc);
}

/* The same for a binding or a use. */
static void add_def(struct builder *b, identifier name, int flag, const struct location *loc)
{
    add_def_ctx(b, name, flag, loc, flag == USE ? Load : Store);
}

/* Remember where a name was declared. */
static void record_directive(struct builder *b, identifier name, struct location loc)
{
    struct directive *d = arena_alloc(b->c->arena, sizeof *d);
    *d = (struct directive){.name = mangled(b, b->cur, name), .loc = loc};
    *b->cur->ste_directives_end = d;
    b->cur->ste_directives_end = &d->next;
}

/* Is nothing to be said of the name but that it is used: is it no target of a comprehension, not
 * mangled and not `super`? */
static inline bool is_plain_use(const struct builder *b, const struct expr *e)
{
    identifier name = e->v.Name.id;
    return e->v.Name.ctx == Load && name != NAME_super && !b->cur->ste_comp_iter_target &&
           !b->cur->ste_in_unevaluated_annotation &&
           (b->private == 0 || !mangle_may_change(b->c, name));
}

/* A name of which there is more to say. `super` in a function uses __class__ too. */
static OUT_OF_LINE void visit_special_name(struct builder *b, struct expr *e)
{
    identifier name = e->v.Name.id;
    if (b->cur->ste_in_unevaluated_annotation)
        return;
    if (e->v.Name.ctx != Load) {
        add_def_ctx(b, name, DEF_LOCAL, &e->loc, e->v.Name.ctx);
        return;
    }
    add_def_to(b, b->cur, name, USE, &e->loc);
    if (name == NAME_super && symtable_is_function_like(b->cur))
        add_def_to(b, b->cur, NAME_dunder_class, USE, &e->loc);
}

/* A use of a name that has to be looked for. */
static OUT_OF_LINE void find_plain_use(struct builder *b, identifier name)
{
    symtable_add(b->st, b->cur, name)->flags |= USE;
}

/* A use of a name that was not last found in the scope. */
static OUT_OF_LINE void add_plain_use(struct builder *b, const struct expr *e)
{
    identifier name = e->v.Name.id;
    struct symbol *s = symtable_reach(b->st, b->cur, name);
    if (s != NULL)
        s->flags |= USE;
    else
        find_plain_use(b, name);
}

/* A name. Most are found where they were last found. */
static inline void visit_name(struct builder *b, struct expr *e)
{
    if (!is_plain_use(b, e))
        visit_special_name(b, e);
    else if (symtable_has_place(b->st, b->cur, e->v.Name.id))
        b->cur->symbols[b->st->places[e->v.Name.id].symbol].flags |= USE;
    else
        add_plain_use(b, e);
}

/* ---- errors about places ---- */

/* yield, await and := are not allowed in annotations, bounds, aliases and type parameters. */
static void raise_if_annotation_block(struct builder *b, const char *what, const struct expr *e)
{
    const char *where;
    switch ((enum block_type)b->cur->type) {
    case AnnotationBlock:
        if (HAS(b->c, ANNOTATION_ERROR_QUOTES))
            syntax_error_format(b->c, e->loc, "'%s' can not be used within an annotation", what);
        where = "an annotation";
        break;
    case TypeVariableBlock: where = b->cur->ste_scope_info; break;
    case TypeAliasBlock: where = "a type alias"; break;
    case TypeParametersBlock: where = "the definition of a generic"; break;
    default: return;
    }
    syntax_error_format(b->c, e->loc, "%s cannot be used within %s", what, where);
}

/* yield is not allowed in a comprehension. */
static _Noreturn void raise_yield_in_comprehension(struct builder *b, struct location loc)
{
    static const char *const messages[] = {
        [ListComprehension] = "'yield' inside list comprehension",
        [SetComprehension] = "'yield' inside set comprehension",
        [DictComprehension] = "'yield' inside dict comprehension",
        [GeneratorExpression] = "'yield' inside generator expression",
    };
    syntax_error_at(b->c, loc, messages[b->cur->comprehension]);
}

/* 3.12 refuses lambdas and comprehensions in annotation scopes of a class. */
static void raise_if_class_annotation(struct builder *b, const char *what, const struct expr *e)
{
    if (b->cur->ste_can_see_class_scope && HAS(b->c, NO_FUNCTIONS_IN_CLASS_ANNOTATIONS))
        syntax_error_format(b->c, e->loc, "Cannot use %s in annotation scope within class scope",
                            what);
}

/* lazy imports are allowed at module level only, outside try. */
static void check_lazy_import(struct builder *b, const struct stmt *s, const char *form)
{
    if (b->cur->ste_in_try_block)
        syntax_error_format(b->c, s->loc, "lazy %s not allowed inside try/except blocks", form);
    if (b->cur->type == ClassBlock)
        syntax_error_format(b->c, s->loc, "lazy %s not allowed inside classes", form);
    if (b->cur->type != ModuleBlock)
        syntax_error_format(b->c, s->loc, "lazy %s not allowed inside functions", form);
}

/* ---- expressions ---- */

/* A list of expressions, NULLs passed over. */
static void visit_exprs(struct builder *b, struct expr_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i] != NULL)
            visit_expr(b, list->items[i]);
    }
}

/* An expression or NULL. */
static void visit_opt(struct builder *b, struct expr *e)
{
    if (e != NULL)
        visit_expr(b, e);
}

/* The values of keyword arguments, when there are any. */
static OUT_OF_LINE void visit_some_keywords(struct builder *b, struct keyword_list *list)
{
    if (b->checks_names) {
        for (uint32_t i = 0; i < list->count; i++)
            check_name(b, list->items[i]->arg, list->items[i]->loc, Store);
    }
    for (uint32_t i = 0; i < list->count; i++)
        visit_expr(b, list->items[i]->value);
}

/* The values of keyword arguments. */
static inline void visit_keywords(struct builder *b, struct keyword_list *list)
{
    if (list->count != 0)
        visit_some_keywords(b, list);
}

/* Bind := in a comprehension in the nearest function or module around, as nonlocal or global. */
static void extend_namedexpr_scope(struct builder *b, struct expr *target)
{
    identifier name = target->v.Name.id;
    for (struct symtable_entry *e = b->cur; e != NULL; e = e->parent) {
        identifier key = HAS(b->c, NAMED_EXPR_LOOKS_UP_MANGLED) ? mangled(b, e, name) : name;
        const struct symbol *s = symtable_find(b->st, e, key);
        int flags = s == NULL ? 0 : s->flags;
        if (e->comprehension != NoComprehension) {
            if (flags & DEF_COMP_ITER &&
                (flags & DEF_LOCAL || !HAS(b->c, INLINED_COMPREHENSIONS))) {
                error_at_named_expr(
                    b, target->loc,
                    arena_printf(
                        b->c->arena,
                        "assignment expression cannot rebind comprehension iteration variable '%s'",
                        name_text(b->c, name)));
            }
            continue;
        }
        switch ((enum block_type)e->type) {
        case FunctionBlock:
            add_def(b, name, flags & DEF_GLOBAL ? DEF_GLOBAL : DEF_NONLOCAL, &target->loc);
            record_directive(b, name, target->loc);
            add_def_to(b, e, name, DEF_LOCAL, &target->loc);
            return;
        case ModuleBlock:
            add_def(b, name, DEF_GLOBAL, &target->loc);
            record_directive(b, name, target->loc);
            add_def_to(b, e, name, DEF_GLOBAL, &target->loc);
            return;
        case ClassBlock:
            error_at_named_expr(
                b, target->loc,
                "assignment expression within a comprehension cannot be used in a class body");
        case TypeParametersBlock:
            error_at_named_expr(b, target->loc,
                                "assignment expression within a comprehension cannot be used "
                                "within the definition of a generic");
        case TypeAliasBlock:
            error_at_named_expr(
                b, target->loc,
                "assignment expression within a comprehension cannot be used in a type alias");
        case TypeVariableBlock:
            error_at_named_expr(
                b, target->loc,
                "assignment expression within a comprehension cannot be used in a TypeVar bound");
        case AnnotationBlock: break;
        }
    }
}

/* target := value */
static void visit_named_expr(struct builder *b, struct expr *e)
{
    if (b->cur->ste_comp_iter_expr > 0)
        error_at_named_expr(
            b, e->loc,
            "assignment expression cannot be used in a comprehension iterable expression");
    if (b->cur->comprehension != NoComprehension)
        extend_namedexpr_scope(b, e->v.NamedExpr.target);
    visit_expr(b, e->v.NamedExpr.value);
    visit_expr(b, e->v.NamedExpr.target);
}

/* A further `for` of a comprehension. */
static void visit_comprehension_clause(struct builder *b, struct comprehension *clause)
{
    b->cur->ste_comp_iter_target = true;
    visit_expr(b, clause->target);
    b->cur->ste_comp_iter_target = false;
    b->cur->ste_comp_iter_expr++;
    visit_expr(b, clause->iter);
    b->cur->ste_comp_iter_expr--;
    visit_exprs(b, clause->ifs);
    if (clause->is_async)
        b->cur->ste_coroutine = true;
}

/* In 3.14 an asynchronous comprehension in the wrong place is found here. */
static void check_async_comprehension(struct builder *b, const struct expr *e)
{
    bool in_async_def = b->cur->type == FunctionBlock && b->cur->ste_coroutine;
    if (!in_async_def && b->cur->comprehension == NoComprehension)
        syntax_error_at(b->c, e->loc,
                        "asynchronous comprehension outside of an asynchronous function");
}

/* A comprehension or generator expression: the outermost iterable belongs to the scope around. */
static void visit_comprehension(struct builder *b, struct expr *e, enum comprehension_type kind,
                                identifier name, struct comprehension_list *generators,
                                struct expr *elt, struct expr *value)
{
    bool is_generator = kind == GeneratorExpression;
    struct comprehension *outermost = generators->items[0];
    raise_if_class_annotation(b, "comprehension", e);
    b->cur->ste_comp_iter_expr++;
    visit_expr(b, outermost->iter);
    b->cur->ste_comp_iter_expr--;
    struct symtable_entry *scope = enter_block(b, name, FunctionBlock, e->loc);
    e->scope = scope->id;
    scope->comprehension = (uint8_t)kind;
    if (outermost->is_async)
        scope->ste_coroutine = true;
    add_def(b, NAME_dot_0, DEF_PARAM, &e->loc);
    scope->ste_comp_iter_target = true;
    visit_expr(b, outermost->target);
    scope->ste_comp_iter_target = false;
    visit_exprs(b, outermost->ifs);
    for (uint32_t i = 1; i < generators->count; i++)
        visit_comprehension_clause(b, generators->items[i]);
    visit_opt(b, value);
    visit_expr(b, elt);
    if (scope->ste_generator)
        raise_yield_in_comprehension(b, e->loc);
    scope->ste_generator = is_generator;
    exit_block(b);
    if (scope->ste_coroutine && !is_generator && HAS(b->c, ASYNC_COMPREHENSION_MAKES_COROUTINE)) {
        if (b->checks_names)
            check_async_comprehension(b, e);
        b->cur->ste_coroutine = true;
    }
}

/* The parameters, as names of the function's scope. */
static void visit_params(struct builder *b, struct arg_list *args)
{
    for (uint32_t i = 0; i < args->count; i++)
        add_def(b, args->items[i]->arg, DEF_PARAM, &args->items[i]->loc);
}

/* All parameters of a function or lambda. */
static void visit_arguments(struct builder *b, struct arguments *a)
{
    visit_params(b, a->posonlyargs);
    visit_params(b, a->args);
    visit_params(b, a->kwonlyargs);
    if (a->vararg != NULL) {
        add_def(b, a->vararg->arg, DEF_PARAM, &a->vararg->loc);
        b->cur->ste_varargs = true;
    }
    if (a->kwarg != NULL) {
        add_def(b, a->kwarg->arg, DEF_PARAM, &a->kwarg->loc);
        b->cur->ste_varkeywords = true;
    }
}

/* lambda ...: ... */
static void visit_lambda(struct builder *b, struct expr *e, identifier name)
{
    raise_if_class_annotation(b, "lambda", e);
    visit_exprs(b, e->v.Lambda.args->defaults);
    visit_exprs(b, e->v.Lambda.args->kw_defaults);
    e->scope = enter_block(b, name, FunctionBlock, e->loc)->id;
    visit_arguments(b, e->v.Lambda.args);
    visit_expr(b, e->v.Lambda.body);
    exit_block(b);
}

/* yield and yield from */
static void visit_yield(struct builder *b, struct expr *e, struct expr *value)
{
    raise_if_annotation_block(b, "yield expression", e);
    visit_opt(b, value);
    b->cur->ste_generator = true;
    if (b->cur->comprehension != NoComprehension && b->error_at_symbol)
        raise_yield_in_comprehension(b, e->loc);
}

/* await */
static void visit_await(struct builder *b, struct expr *e)
{
    raise_if_annotation_block(b, "await expression", e);
    if (b->checks_names) {
        if (!symtable_is_function_like(b->cur))
            syntax_error_at(b->c, e->loc, "'await' outside function");
        bool in_async_def = b->cur->type == FunctionBlock && b->cur->ste_coroutine;
        if (!in_async_def && b->cur->comprehension == NoComprehension)
            syntax_error_at(b->c, e->loc, "'await' outside async function");
    }
    visit_expr(b, e->v.Await.value);
    b->cur->ste_coroutine = true;
}

/* What is called; a method without a level of recursion of its own. */
static void visit_callee(struct builder *b, struct expr *func)
{
    if (func->kind != Attribute_kind) {
        visit_expr(b, func);
        return;
    }
    b->depth += b->method_levels;
    if (b->depth > b->depth_limit)
        sema_recursion_error(b->c);
    if (b->checks_names)
        check_name(b, func->v.Attribute.attr, func->loc, func->v.Attribute.ctx);
    visit_expr(b, func->v.Attribute.value);
    b->depth -= b->method_levels;
}

/* object.name, and all such in a row. */
static OUT_OF_LINE void visit_attributes(struct builder *b, struct expr *e)
{
    int depth = b->depth;
    do {
        ENTER(b);
        if (b->checks_names)
            check_name(b, e->v.Attribute.attr, e->loc, e->v.Attribute.ctx);
        e = e->v.Attribute.value;
    } while (e->kind == Attribute_kind);
    visit_expr(b, e);
    b->depth = depth;
}

/* Any expression but names, constants and attributes. */
static OUT_OF_LINE void visit_composite(struct builder *b, struct expr *e)
{
    ENTER(b);
    switch ((enum expr_kind)e->kind) {
    case Name_kind:
    case Constant_kind:
    case Attribute_kind: break;
    case Call_kind:
        visit_callee(b, e->v.Call.func);
        visit_exprs(b, e->v.Call.args);
        visit_keywords(b, e->v.Call.keywords);
        break;
    case NamedExpr_kind:
        raise_if_annotation_block(b, "named expression", e);
        visit_named_expr(b, e);
        break;
    case BoolOp_kind: visit_exprs(b, e->v.BoolOp.values); break;
    case BinOp_kind:
        visit_expr(b, e->v.BinOp.left);
        visit_expr(b, e->v.BinOp.right);
        break;
    case UnaryOp_kind: visit_expr(b, e->v.UnaryOp.operand); break;
    case Lambda_kind: visit_lambda(b, e, b->brackets ? NAME_lambda_code : NAME_lambda); break;
    case IfExp_kind:
        visit_expr(b, e->v.IfExp.test);
        visit_expr(b, e->v.IfExp.body);
        visit_expr(b, e->v.IfExp.orelse);
        break;
    case Dict_kind:
        visit_exprs(b, e->v.Dict.keys);
        visit_exprs(b, e->v.Dict.values);
        break;
    case Set_kind: visit_exprs(b, e->v.Set.elts); break;
    case ListComp_kind:
        visit_comprehension(b, e, ListComprehension,
                            b->brackets ? NAME_listcomp_code : NAME_listcomp,
                            e->v.ListComp.generators, e->v.ListComp.elt, NULL);
        break;
    case SetComp_kind:
        visit_comprehension(b, e, SetComprehension, b->brackets ? NAME_setcomp_code : NAME_setcomp,
                            e->v.SetComp.generators, e->v.SetComp.elt, NULL);
        break;
    case DictComp_kind:
        visit_comprehension(b, e, DictComprehension,
                            b->brackets ? NAME_dictcomp_code : NAME_dictcomp,
                            e->v.DictComp.generators, e->v.DictComp.key, e->v.DictComp.value);
        break;
    case GeneratorExp_kind:
        visit_comprehension(b, e, GeneratorExpression,
                            b->brackets ? NAME_genexpr_code : NAME_genexpr,
                            e->v.GeneratorExp.generators, e->v.GeneratorExp.elt, NULL);
        break;
    case Yield_kind: visit_yield(b, e, e->v.Yield.value); break;
    case YieldFrom_kind: visit_yield(b, e, e->v.YieldFrom.value); break;
    case Await_kind: visit_await(b, e); break;
    case Compare_kind:
        visit_expr(b, e->v.Compare.left);
        visit_exprs(b, e->v.Compare.comparators);
        break;
    case FormattedValue_kind:
        visit_expr(b, e->v.FormattedValue.value);
        visit_opt(b, e->v.FormattedValue.format_spec);
        break;
    case Interpolation_kind:
        visit_expr(b, e->v.Interpolation.value);
        visit_opt(b, e->v.Interpolation.format_spec);
        break;
    case JoinedStr_kind: visit_exprs(b, e->v.JoinedStr.values); break;
    case TemplateStr_kind: visit_exprs(b, e->v.TemplateStr.values); break;
    case Subscript_kind:
        visit_expr(b, e->v.Subscript.value);
        visit_expr(b, e->v.Subscript.slice);
        break;
    case Starred_kind: visit_expr(b, e->v.Starred.value); break;
    case List_kind: visit_exprs(b, e->v.List.elts); break;
    case Tuple_kind: visit_exprs(b, e->v.Tuple.elts); break;
    case Slice_kind:
        visit_opt(b, e->v.Slice.lower);
        visit_opt(b, e->v.Slice.upper);
        visit_opt(b, e->v.Slice.step);
        break;
    case expr_kind_none:
    case expr_kind_count: break;
    }
    LEAVE(b);
}

/* Any expression. Most are names that the scope has seen, and constants. */
static void visit_expr(struct builder *b, struct expr *e)
{
    if (e->kind != Name_kind && e->kind != Constant_kind) {
        if (e->kind == Attribute_kind)
            visit_attributes(b, e);
        else
            visit_composite(b, e);
        return;
    }
    if (b->depth >= b->depth_limit)
        sema_recursion_error(b->c);
    if (e->kind == Name_kind)
        visit_name(b, e);
}

/* ---- type parameters ---- */

/* Open the scope of type parameters around a function, class or alias. */
static struct symtable_entry *enter_type_params(struct builder *b, identifier name,
                                                const struct arguments *args, bool is_class,
                                                struct location loc)
{
    bool in_class = b->cur->type == ClassBlock;
    struct symtable_entry *e = enter_block(b, name, TypeParametersBlock, loc);
    if (in_class) {
        e->ste_can_see_class_scope = true;
        add_def(b, NAME_dunder_classdict, USE, &loc);
    }
    if (is_class) {
        add_def(b, NAME_dot_type_params, DEF_LOCAL, &loc);
        add_def(b, NAME_dot_type_params, USE, &loc);
        if (HAS(b->c, GENERIC_CLASS_MANGLES_ALL))
            b->private = mangling_class(b->c, name);
        add_def(b, NAME_dot_generic_base, DEF_LOCAL, &loc);
        add_def(b, NAME_dot_generic_base, USE, &loc);
    }
    if (args == NULL)
        return e;
    /* CPython counts a function as having defaults whenever the parser made a list for them, and
     * that is always. */
    add_def(b, NAME_dot_defaults, DEF_PARAM, &loc);
    for (uint32_t i = 0; i < args->kw_defaults->count; i++) {
        if (args->kw_defaults->items[i] != NULL) {
            add_def(b, NAME_dot_kwdefaults, DEF_PARAM, &loc);
            break;
        }
    }
    return e;
}

/* A bound or default in a scope of its own; gives the scope's number, 0 without an expression. */
static uint32_t visit_bound_or_default(struct builder *b, struct expr *e, identifier name,
                                       const struct type_param *tp, const char *scope_info)
{
    if (name == NAME_dunder_classdict && HAS(b->c, RESERVES_CLASSDICT))
        syntax_error_at(b->c, tp->loc,
                        "reserved name '__classdict__' cannot be used for type parameter");
    if (e == NULL)
        return 0;
    bool in_class = b->cur->ste_can_see_class_scope;
    struct location loc = HAS(b->c, TYPE_PARAMETER_DEFAULTS) ? e->loc : tp->loc;
    struct symtable_entry *scope = enter_block(b, name, TypeVariableBlock, loc);
    scope->ste_can_see_class_scope = in_class;
    if (in_class)
        add_def(b, NAME_dunder_classdict, USE, &e->loc);
    scope->ste_scope_info = scope_info;
    visit_expr(b, e);
    exit_block(b);
    return scope->id;
}

/* One type parameter. */
static void visit_type_param(struct builder *b, struct type_param *tp)
{
    ENTER(b);
    switch ((enum type_param_kind)tp->kind) {
    case TypeVar_kind: {
        identifier name = tp->v.TypeVar.name;
        struct expr *bound = tp->v.TypeVar.bound;
        bool constraint =
            bound != NULL && bound->kind == Tuple_kind && HAS(b->c, TYPE_PARAMETER_DEFAULTS);
        add_def(b, name, DEF_TYPE_PARAM | DEF_LOCAL, &tp->loc);
        tp->scope = visit_bound_or_default(b, bound, name, tp,
                                           constraint ? "a TypeVar constraint" : "a TypeVar bound");
        tp->default_scope =
            visit_bound_or_default(b, tp->v.TypeVar.default_value, name, tp, "a TypeVar default");
        break;
    }
    case TypeVarTuple_kind:
        add_def(b, tp->v.TypeVarTuple.name, DEF_TYPE_PARAM | DEF_LOCAL, &tp->loc);
        tp->scope = visit_bound_or_default(b, tp->v.TypeVarTuple.default_value,
                                           tp->v.TypeVarTuple.name, tp, "a TypeVarTuple default");
        break;
    case ParamSpec_kind:
        add_def(b, tp->v.ParamSpec.name, DEF_TYPE_PARAM | DEF_LOCAL, &tp->loc);
        tp->scope = visit_bound_or_default(b, tp->v.ParamSpec.default_value, tp->v.ParamSpec.name,
                                           tp, "a ParamSpec default");
        break;
    case type_param_kind_none:
    case type_param_kind_count: break;
    }
    LEAVE(b);
}

/* All type parameters. */
static void visit_type_params(struct builder *b, struct type_param_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        visit_type_param(b, list->items[i]);
}

/* ---- annotations ---- */

/* The annotation of a variable where annotations are evaluated at once (to 3.13): with the future
 * they only are looked through for what they must not hold. */
static void visit_eager_annotation(struct builder *b, struct expr *annotation)
{
    bool apart = b->future_annotations && HAS(b->c, FUTURE_ANNOTATION_SCOPES);
    if (apart)
        enter_block(b, NAME_annotation_scope, AnnotationBlock, annotation->loc);
    visit_expr(b, annotation);
    if (apart)
        exit_block(b);
}

/* The annotation of a variable where annotations are deferred: one scope for all of a class or
 * module. */
static void visit_deferred_annotation(struct builder *b, struct expr *annotation)
{
    struct symtable_entry *owner = b->cur;
    bool unevaluated = owner->type == FunctionBlock;
    bool conditional = owner->type == ModuleBlock ||
                       (owner->type == ClassBlock && owner->ste_in_conditional_block);
    if (conditional && !owner->ste_has_conditional_annotations) {
        owner->ste_has_conditional_annotations = true;
        add_def(b, NAME_dunder_conditional_annotations, USE, &annotation->loc);
    }
    if (owner->ste_annotation_block == NULL) {
        owner->ste_annotation_block =
            enter_block(b, NAME_dunder_annotate, AnnotationBlock, annotation->loc);
        if (owner->type == ClassBlock && !b->future_annotations) {
            b->cur->ste_can_see_class_scope = true;
            add_def(b, NAME_dunder_classdict, USE, &annotation->loc);
        }
    } else {
        enter_entry(b, owner->ste_annotation_block, false);
    }
    b->cur->ste_in_unevaluated_annotation = unevaluated;
    visit_expr(b, annotation);
    b->cur->ste_in_unevaluated_annotation = false;
    exit_block(b);
}

/* The annotation of a variable. */
static void visit_annotation(struct builder *b, struct expr *annotation)
{
    if (b->deferred)
        visit_deferred_annotation(b, annotation);
    else
        visit_eager_annotation(b, annotation);
}

/* The annotation of one parameter. */
static void visit_arg_annotation(struct builder *b, const struct arg *arg)
{
    if (arg != NULL && arg->annotation != NULL) {
        b->cur->ste_annotations_used = true;
        visit_expr(b, arg->annotation);
    }
}

/* The annotations of a function's parameters. */
static void visit_arg_annotations(struct builder *b, const struct arguments *a)
{
    for (uint32_t i = 0; i < a->posonlyargs->count; i++)
        visit_arg_annotation(b, a->posonlyargs->items[i]);
    for (uint32_t i = 0; i < a->args->count; i++)
        visit_arg_annotation(b, a->args->items[i]);
    visit_arg_annotation(b, a->vararg);
    visit_arg_annotation(b, a->kwarg);
    for (uint32_t i = 0; i < a->kwonlyargs->count; i++)
        visit_arg_annotation(b, a->kwonlyargs->items[i]);
}

/* The annotations of a function, evaluated at once. */
static void visit_eager_annotations(struct builder *b, const struct stmt *s,
                                    const struct arguments *a, struct expr *returns)
{
    bool apart = b->future_annotations && HAS(b->c, FUTURE_ANNOTATION_SCOPES);
    if (apart)
        enter_block(b, NAME_annotation_scope, AnnotationBlock, s->loc);
    if (a->annotated)
        visit_arg_annotations(b, a);
    if (apart)
        exit_block(b);
    if (returns != NULL)
        visit_eager_annotation(b, returns);
}

/* The annotations of a function in a scope of their own. */
static void visit_deferred_annotations(struct builder *b, const struct stmt *s,
                                       const struct arguments *a, struct expr *returns,
                                       struct symtable_entry *function)
{
    bool in_class = b->cur->ste_can_see_class_scope || b->cur->type == ClassBlock;
    struct symtable_entry *e = enter_block(b, NAME_dunder_annotate, AnnotationBlock, s->loc);
    function->function_annotations = e;
    if (in_class) {
        e->ste_can_see_class_scope = true;
        add_def(b, NAME_dunder_classdict, USE, &s->loc);
    }
    visit_arg_annotations(b, a);
    if (returns != NULL) {
        e->ste_annotations_used = true;
        visit_expr(b, returns);
    }
    exit_block(b);
}

/* ---- statements ---- */

/* def and async def */
static void visit_function(struct builder *b, struct stmt *s, identifier name,
                           struct arguments *args, struct stmt_list *body,
                           struct expr_list *decorators, struct expr *returns,
                           struct type_param_list *type_params)
{
    bool decorators_first = HAS(b->c, TYPE_PARAMETERS);
    struct symtable_entry *around = NULL;
    uint32_t place = s->scope;
    add_def(b, name, DEF_LOCAL, &s->loc);
    visit_exprs(b, args->defaults);
    visit_exprs(b, args->kw_defaults);
    if (decorators_first)
        visit_exprs(b, decorators);
    if (type_params->count > 0) {
        around = enter_type_params(b, name, args, false, s->loc);
        visit_type_params(b, type_params);
    }
    struct symtable_entry *function;
    if (b->deferred) {
        function = new_entry(b, name, FunctionBlock, s->loc);
        if (args->annotated || returns != NULL)
            visit_deferred_annotations(b, s, args, returns, function);
        else
            function->ste_no_annotations = !b->future_annotations;
        enter_entry(b, function, true);
    } else {
        visit_eager_annotations(b, s, args, returns);
        if (!decorators_first)
            visit_exprs(b, decorators);
        function = enter_block(b, name, FunctionBlock, s->loc);
    }
    s->scope = function->id;
    function->type_params_block = around;
    function->ste_has_docstring = ast_docstring(body) != NULL;
    function->ste_coroutine = s->kind == AsyncFunctionDef_kind;
    visit_arguments(b, args);
    visit_body(b, place, body);
    exit_block(b);
    if (around != NULL)
        exit_block(b);
}

/* class */
static void visit_class(struct builder *b, struct stmt *s)
{
    bool decorators_first = HAS(b->c, TYPE_PARAMETERS);
    struct type_param_list *type_params = s->v.ClassDef.type_params;
    struct symtable_entry *around = NULL;
    identifier name = s->v.ClassDef.name, outer_private = b->private;
    uint32_t place = s->scope;
    add_def(b, name, DEF_LOCAL, &s->loc);
    if (decorators_first)
        visit_exprs(b, s->v.ClassDef.decorator_list);
    if (type_params->count > 0) {
        around = enter_type_params(b, name, NULL, true, s->loc);
        b->private = mangling_class(b->c, name);
        if (HAS(b->c, GENERIC_CLASS_MANGLES_ALL))
            outer_private = b->private; /* it stays in force behind the class, too */
        else
            around->mangled_names_of = around;
        visit_type_params(b, type_params);
    }
    visit_exprs(b, s->v.ClassDef.bases);
    visit_keywords(b, s->v.ClassDef.keywords);
    if (!decorators_first)
        visit_exprs(b, s->v.ClassDef.decorator_list);
    struct symtable_entry *class_ = enter_block(b, name, ClassBlock, s->loc);
    s->scope = class_->id;
    class_->type_params_block = around;
    b->private = mangling_class(b->c, name);
    if (around != NULL) {
        add_def(b, NAME_dunder_type_params, DEF_LOCAL, &s->loc);
        add_def(b, NAME_dot_type_params, USE, &s->loc);
    }
    class_->ste_has_docstring = ast_docstring(s->v.ClassDef.body) != NULL;
    visit_body(b, place, s->v.ClassDef.body);
    exit_block(b);
    if (around != NULL)
        exit_block(b);
    b->private = outer_private;
}

/* type X[T] = ... */
static void visit_type_alias(struct builder *b, struct stmt *s)
{
    visit_expr(b, s->v.TypeAlias.name);
    identifier name = s->v.TypeAlias.name->v.Name.id;
    bool in_class = b->cur->type == ClassBlock;
    struct symtable_entry *around = NULL;
    if (s->v.TypeAlias.type_params->count > 0) {
        around = enter_type_params(b, name, NULL, false, s->loc);
        visit_type_params(b, s->v.TypeAlias.type_params);
    }
    struct symtable_entry *e = enter_block(b, name, TypeAliasBlock, s->loc);
    s->scope = e->id;
    e->type_params_block = around;
    e->ste_can_see_class_scope = in_class;
    if (in_class)
        add_def(b, NAME_dunder_classdict, USE, &s->v.TypeAlias.value->loc);
    visit_expr(b, s->v.TypeAlias.value);
    exit_block(b);
    if (around != NULL)
        exit_block(b);
}

/* target: annotation = value */
static void visit_ann_assign(struct builder *b, struct stmt *s)
{
    struct expr *target = s->v.AnnAssign.target;
    b->cur->ste_annotations_used = true;
    if (target->kind == Name_kind) {
        identifier name = target->v.Name.id;
        int flags = lookup_flags(b, b->cur, name);
        if (flags & (DEF_GLOBAL | DEF_NONLOCAL) && b->cur != b->top && s->v.AnnAssign.simple) {
            syntax_error_format(b->c, s->loc, "annotated name '%s' can't be %s",
                                name_text(b->c, name), flags & DEF_GLOBAL ? "global" : "nonlocal");
        }
        if (s->v.AnnAssign.simple)
            add_def(b, name, DEF_ANNOT | DEF_LOCAL, &target->loc);
        else if (s->v.AnnAssign.value != NULL)
            add_def(b, name, DEF_LOCAL, &target->loc);
    } else {
        visit_expr(b, target);
    }
    visit_annotation(b, s->v.AnnAssign.annotation);
    visit_opt(b, s->v.AnnAssign.value);
}

/* global and nonlocal */
static void visit_declaration(struct builder *b, const struct stmt *s,
                              const struct identifier_list *names, int flag)
{
    const char *what = flag == DEF_GLOBAL ? "global" : "nonlocal";
    for (uint32_t i = 0; i < names->count; i++) {
        identifier name = names->items[i];
        int flags = lookup_flags(b, b->cur, name);
        const char *text =
            flags & (DEF_PARAM | DEF_LOCAL | USE | DEF_ANNOT) ? name_text(b->c, name) : NULL;
        if (flags & DEF_PARAM)
            syntax_error_format(b->c, s->loc, "name '%s' is parameter and %s", text, what);
        if (flags & USE)
            syntax_error_format(b->c, s->loc, "name '%s' is used prior to %s declaration", text,
                                what);
        if (flags & DEF_ANNOT)
            syntax_error_format(b->c, s->loc, "annotated name '%s' can't be %s", text, what);
        if (flags & DEF_LOCAL)
            syntax_error_format(b->c, s->loc, "name '%s' is assigned to before %s declaration",
                                text, what);
        add_def(b, name, flag, &s->loc);
        record_directive(b, name, s->loc);
    }
}

/* What an import binds: the part before the first dot, or the name after `as`. */
static void visit_alias(struct builder *b, const struct alias *a)
{
    identifier name = a->asname != 0 ? a->asname : a->name;
    if (name == NAME_star) {
        if (b->cur->type != ModuleBlock)
            syntax_error_at(b->c, b->error_at_symbol ? a->loc : b->cur->loc,
                            "import * only allowed at module level");
        return;
    }
    const struct string *s = strings_get(&b->c->strings, name);
    const char *dot = memchr(s->bytes, '.', s->length);
    if (dot != NULL)
        name = strings_intern(&b->c->strings, s->bytes, (size_t)(dot - s->bytes));
    add_def(b, name, DEF_IMPORT, &a->loc);
}

/* import and from ... import */
static void visit_import(struct builder *b, const struct stmt *s, const struct alias_list *names,
                         bool is_lazy)
{
    bool from = s->kind == ImportFrom_kind;
    if (is_lazy) {
        check_lazy_import(b, s, from ? "from ... import" : "import");
        for (uint32_t i = 0; from && i < names->count; i++) {
            if (names->items[i]->name == NAME_star)
                syntax_error_at(b->c, s->loc, "lazy from ... import * is not allowed");
        }
    }
    for (uint32_t i = 0; i < names->count; i++)
        visit_alias(b, names->items[i]);
    if (from && b->checks_names && future_is_late(b->c, s))
        syntax_error_at(b->c, s->loc,
                        "from __future__ imports must occur at the beginning of the file");
}

/* with items: ... */
static void visit_withitems(struct builder *b, const struct withitem_list *items)
{
    for (uint32_t i = 0; i < items->count; i++) {
        visit_expr(b, items->items[i]->context_expr);
        visit_opt(b, items->items[i]->optional_vars);
    }
}

/* except handlers */
static void visit_handlers(struct builder *b, const struct excepthandler_list *handlers)
{
    for (uint32_t i = 0; i < handlers->count; i++) {
        struct excepthandler *h = handlers->items[i];
        visit_opt(b, h->v.ExceptHandler.type);
        if (h->v.ExceptHandler.name != 0)
            add_def(b, h->v.ExceptHandler.name, DEF_LOCAL, &h->loc);
        visit_stmts(b, h->v.ExceptHandler.body);
    }
}

/* try */
static void visit_try(struct builder *b, struct stmt_list *body,
                      const struct excepthandler_list *handlers, struct stmt_list *orelse,
                      struct stmt_list *finalbody)
{
    bool was_in_try = b->cur->ste_in_try_block;
    b->cur->ste_in_try_block = true;
    visit_stmts(b, body);
    if (HAS(b->c, HANDLERS_VISITED_BEFORE_ELSE)) {
        visit_handlers(b, handlers);
        visit_stmts(b, orelse);
    } else {
        visit_stmts(b, orelse);
        visit_handlers(b, handlers);
    }
    visit_stmts(b, finalbody);
    b->cur->ste_in_try_block = was_in_try;
}

/* 3.14 finds async statements outside async functions here. */
static void check_async_statement(struct builder *b, const struct stmt *s, const char *message)
{
    if (b->checks_names && !b->cur->ste_coroutine)
        syntax_error_at(b->c, s->loc, message);
}

static void visit_pattern(struct builder *b, struct pattern *p);

/* A list of patterns. */
static void visit_patterns(struct builder *b, const struct pattern_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        visit_pattern(b, list->items[i]);
}

/* Bind a captured name, if there is one. */
static void visit_capture(struct builder *b, identifier name, struct location loc)
{
    if (name != 0)
        add_def(b, name, DEF_LOCAL, &loc);
}

/* Any pattern. */
static void visit_pattern(struct builder *b, struct pattern *p)
{
    ENTER(b);
    switch ((enum pattern_kind)p->kind) {
    case MatchValue_kind: visit_expr(b, p->v.MatchValue.value); break;
    case MatchSingleton_kind: break;
    case MatchSequence_kind: visit_patterns(b, p->v.MatchSequence.patterns); break;
    case MatchStar_kind: visit_capture(b, p->v.MatchStar.name, p->loc); break;
    case MatchMapping_kind:
        visit_exprs(b, p->v.MatchMapping.keys);
        visit_patterns(b, p->v.MatchMapping.patterns);
        visit_capture(b, p->v.MatchMapping.rest, p->loc);
        break;
    case MatchClass_kind:
        visit_expr(b, p->v.MatchClass.cls);
        visit_patterns(b, p->v.MatchClass.patterns);
        if (b->checks_names) {
            for (uint32_t i = 0; i < p->v.MatchClass.kwd_attrs->count; i++)
                check_name(b, p->v.MatchClass.kwd_attrs->items[i],
                           p->v.MatchClass.kwd_patterns->items[i]->loc, Store);
        }
        visit_patterns(b, p->v.MatchClass.kwd_patterns);
        break;
    case MatchAs_kind:
        if (p->v.MatchAs.pattern != NULL)
            visit_pattern(b, p->v.MatchAs.pattern);
        visit_capture(b, p->v.MatchAs.name, p->loc);
        break;
    case MatchOr_kind: visit_patterns(b, p->v.MatchOr.patterns); break;
    case pattern_kind_none:
    case pattern_kind_count: break;
    }
    LEAVE(b);
}

/* match */
static void visit_match(struct builder *b, const struct match_case_list *cases)
{
    for (uint32_t i = 0; i < cases->count; i++) {
        struct match_case *m = cases->items[i];
        visit_pattern(b, m->pattern);
        visit_opt(b, m->guard);
        visit_stmts(b, m->body);
    }
}

/* The parts of statements that may not run, where annotations are conditional. */
static void visit_conditional(struct builder *b, struct stmt *s)
{
    bool was_conditional = b->cur->ste_in_conditional_block;
    b->cur->ste_in_conditional_block = true;
    switch ((enum stmt_kind)s->kind) {
    case For_kind:
        visit_stmts(b, s->v.For.body);
        visit_stmts(b, s->v.For.orelse);
        break;
    case AsyncFor_kind:
        visit_stmts(b, s->v.AsyncFor.body);
        visit_stmts(b, s->v.AsyncFor.orelse);
        break;
    case While_kind:
        visit_stmts(b, s->v.While.body);
        visit_stmts(b, s->v.While.orelse);
        break;
    case If_kind:
        visit_stmts(b, s->v.If.body);
        visit_stmts(b, s->v.If.orelse);
        break;
    case Match_kind: visit_match(b, s->v.Match.cases); break;
    case Try_kind:
        visit_try(b, s->v.Try.body, s->v.Try.handlers, s->v.Try.orelse, s->v.Try.finalbody);
        break;
    case TryStar_kind:
        visit_try(b, s->v.TryStar.body, s->v.TryStar.handlers, s->v.TryStar.orelse,
                  s->v.TryStar.finalbody);
        break;
    case With_kind:
        visit_withitems(b, s->v.With.items);
        visit_stmts(b, s->v.With.body);
        break;
    case AsyncWith_kind:
        visit_withitems(b, s->v.AsyncWith.items);
        visit_stmts(b, s->v.AsyncWith.body);
        break;
    default: break;
    }
    b->cur->ste_in_conditional_block = was_conditional;
}

/* Any statement. */
static void visit_stmt(struct builder *b, struct stmt *s)
{
    ENTER(b);
    switch ((enum stmt_kind)s->kind) {
    case FunctionDef_kind:
        visit_function(b, s, s->v.FunctionDef.name, s->v.FunctionDef.args, s->v.FunctionDef.body,
                       s->v.FunctionDef.decorator_list, s->v.FunctionDef.returns,
                       s->v.FunctionDef.type_params);
        break;
    case AsyncFunctionDef_kind:
        visit_function(b, s, s->v.AsyncFunctionDef.name, s->v.AsyncFunctionDef.args,
                       s->v.AsyncFunctionDef.body, s->v.AsyncFunctionDef.decorator_list,
                       s->v.AsyncFunctionDef.returns, s->v.AsyncFunctionDef.type_params);
        break;
    case ClassDef_kind: visit_class(b, s); break;
    case TypeAlias_kind: visit_type_alias(b, s); break;
    case Return_kind: visit_opt(b, s->v.Return.value); break;
    case Delete_kind: visit_exprs(b, s->v.Delete.targets); break;
    case Assign_kind:
        visit_exprs(b, s->v.Assign.targets);
        visit_expr(b, s->v.Assign.value);
        break;
    case AnnAssign_kind: visit_ann_assign(b, s); break;
    case AugAssign_kind:
        visit_expr(b, s->v.AugAssign.target);
        visit_expr(b, s->v.AugAssign.value);
        break;
    case For_kind:
        visit_expr(b, s->v.For.target);
        visit_expr(b, s->v.For.iter);
        visit_conditional(b, s);
        break;
    case AsyncFor_kind:
        check_async_statement(b, s, "'async for' outside async function");
        visit_expr(b, s->v.AsyncFor.target);
        visit_expr(b, s->v.AsyncFor.iter);
        visit_conditional(b, s);
        break;
    case While_kind:
        visit_expr(b, s->v.While.test);
        visit_conditional(b, s);
        break;
    case If_kind:
        visit_expr(b, s->v.If.test);
        visit_conditional(b, s);
        break;
    case Match_kind:
        visit_expr(b, s->v.Match.subject);
        visit_conditional(b, s);
        break;
    case AsyncWith_kind:
        check_async_statement(b, s, "'async with' outside async function");
        visit_conditional(b, s);
        break;
    case With_kind:
    case Try_kind:
    case TryStar_kind: visit_conditional(b, s); break;
    case Raise_kind:
        visit_opt(b, s->v.Raise.exc);
        visit_opt(b, s->v.Raise.cause);
        break;
    case Assert_kind:
        visit_expr(b, s->v.Assert.test);
        visit_opt(b, s->v.Assert.msg);
        break;
    case Import_kind: visit_import(b, s, s->v.Import.names, s->v.Import.is_lazy); break;
    case ImportFrom_kind: visit_import(b, s, s->v.ImportFrom.names, s->v.ImportFrom.is_lazy); break;
    case Global_kind: visit_declaration(b, s, s->v.Global.names, DEF_GLOBAL); break;
    case Nonlocal_kind: visit_declaration(b, s, s->v.Nonlocal.names, DEF_NONLOCAL); break;
    case Expr_kind: visit_expr(b, s->v.Expr.value); break;
    case Pass_kind:
    case Break_kind:
    case Continue_kind:
    case stmt_kind_none:
    case stmt_kind_count: break;
    }
    LEAVE(b);
}

/* A suite. */
static void visit_stmts(struct builder *b, struct stmt_list *body)
{
    for (uint32_t i = 0; i < body->count; i++)
        visit_stmt(b, body->items[i]);
}

/* ---- names instead of trees ---- */

/* A node among the names, in the scope at hand. */
static OUT_OF_LINE void visit_name_node(struct builder *b, const struct name_node *n)
{
    struct symtable_entry *e = b->cur;
    int level = (int)(n->head & NAME_LEVEL);
    if (n->node == NULL)
        return;
    b->depth += level;
    e->ste_in_conditional_block = level != 0;
    e->ste_in_try_block = (n->head & NAME_IN_TRY) != 0;
    if (n->head & NAME_EXPRESSION) {
        b->depth++;
        visit_expr(b, n->node);
        b->depth--;
    } else {
        visit_stmt(b, n->node);
    }
    e->ste_in_conditional_block = e->ste_in_try_block = false;
    b->depth -= level;
}

/* A name that was not last found in the scope, or is mangled, or `super`. */
static OUT_OF_LINE void add_name(struct builder *b, identifier name, unsigned flag)
{
    symtable_add(b->st, b->cur, mangled(b, b->cur, name))->flags |= (uint16_t)flag;
    if (name == NAME_super && flag == USE && symtable_is_function_like(b->cur))
        symtable_add(b->st, b->cur, NAME_dunder_class)->flags |= USE;
}

/* Is there more to a name than that it is used or bound as it stands: is it mangled, or `super`? */
static inline bool is_special_name(const struct builder *b, identifier name)
{
    return name == NAME_super || (b->private != 0 && mangle_may_change(b->c, name));
}

/* What the word of a name says of it. */
static inline unsigned flag_of(uint32_t word)
{
    return word & NAME_BINDING ? DEF_LOCAL : USE;
}

/* The names in some words up to one that is not for this function; gives its place. For a scope
 * that lost no place, and so needs no search: a symbol is found or made without a branch. */
static OUT_OF_LINE const uint32_t *visit_names_at_places(const struct builder *b,
                                                         const uint32_t *at, const uint32_t *end)
{
    struct symtable_entry *e = b->cur, **entries = b->st->entries.items;
    struct symbol_place *places = b->st->places;
    struct symbol *symbols = e->symbols;
    const uint32_t id = e->id, room = e->symbol_capacity;
    uint32_t count = e->symbol_count;
    for (; at < end && !(*at & NAME_NODE) && count < room; at++) {
        identifier name = *at / 2;
        if (is_special_name(b, name))
            break;
        struct symbol_place *place = &places[name];
        bool fresh = place->entry != id;
        uint32_t symbol = place->symbol;
        symbol += (count - symbol) & (0 - (uint32_t)fresh);
        entries[place->entry]->places_lost |= fresh;
        place->entry = id;
        symbols[symbol].name = name;
        symbols[symbol].flags |= (uint16_t)flag_of(*at);
        place->symbol = symbol;
        count += fresh;
    }
    e->symbol_count = count;
    return at;
}

/* The names in some words of module_ast.names. */
static void visit_names(struct builder *b, const uint32_t *at, const uint32_t *end)
{
    const struct symtable_entry *e = b->cur;
    while (at < end) {
        if (*at & NAME_NODE) {
            struct name_node n;
            memcpy(&n, at, sizeof n);
            visit_name_node(b, &n);
            at = b->names + n.end;
            continue;
        }
        if (!e->places_lost && e->slots == NULL) {
            const uint32_t *start = at;
            at = visit_names_at_places(b, at, end);
            if (at != start)
                continue;
        }
        identifier name = *at / 2;
        if (!is_special_name(b, name) && symtable_has_place(b->st, e, name))
            e->symbols[b->st->places[name].symbol].flags |= (uint16_t)flag_of(*at);
        else
            add_name(b, name, flag_of(*at));
        at++;
    }
}

/* Can the scope be made of names? Not near the limit of nesting: there the tree is walked to see if
 * it is too deep. A token is at most three levels. */
static inline bool takes_names(const struct builder *b)
{
    return b->names != NULL &&
           b->depth + 3 * STMT_PLAIN_TOKENS + STMT_PLAIN_NESTING + 8 < b->depth_limit;
}

/* The body of a function or class, which has that place among the names. */
static void visit_body(struct builder *b, uint32_t place, struct stmt_list *body)
{
    if (!takes_names(b)) {
        visit_stmts(b, body);
        return;
    }
    struct name_node n;
    memcpy(&n, b->names + place, sizeof n);
    visit_names(b, b->names + place + NAME_NODE_WORDS, b->names + n.end);
}

struct symtable *symtable_build(struct compilation *c, struct module_ast *m)
{
    struct symtable *st = arena_zalloc(c->arena, sizeof *st);
    st->c = c;
    st->place_count = c->strings.count + c->strings.count / 8 + 16;
    st->places = arena_zalloc(c->arena, st->place_count * sizeof *st->places);
    array_push(c->arena, &st->entries, arena_zalloc(c->arena, sizeof *st->top));
    struct builder b = {
        .st = st,
        .c = c,
        .depth_limit = c->target->sema->symtable_depth_limit,
        .names = strings_is_name(strings_get(&c->strings, NAME_dunder_debug)) ? NULL : m->names,
        .method_levels = c->target->sema->method_levels,
        .future_annotations = (c->future_flags & FUTURE_ANNOTATIONS) != 0,
        .deferred = HAS(c, DEFERRED_ANNOTATIONS),
        .checks_names = HAS(c, SYMTABLE_CHECKS_NAMES),
        .brackets = HAS(c, SCOPE_NAMES_IN_BRACKETS),
        .error_at_symbol = HAS(c, ERROR_END_POSITIONS),
    };
    struct location start = {0, 0, 0, 0};
    st->top = b.top = enter_block(&b, NAME_top, ModuleBlock, start);
    st->top->ste_has_docstring = ast_docstring(m->body) != NULL;
    if (takes_names(&b))
        visit_names(&b, m->names, m->names + m->name_count);
    else
        visit_stmts(&b, m->body);
    exit_block(&b);
    symtable_analyze(st);
    return st;
}
