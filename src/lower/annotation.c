/* Annotations. To 3.13 they are evaluated where they stand, or kept as text under the __future__
 * import (annotation_eager). For 3.14 see annotation_deferred.c. Answers to compiler_annassign,
 * compiler_visit_annotations, compiler_body, find_ann. */
#include "lower/annotation.h"

#include "codegen/check.h"
#include "codegen/docstring.h"
#include "codegen/emit.h"
#include "codegen/names_tuple.h"
#include "codegen/visit.h"
#include "sema/fold.h"
#include "sema/future.h"
#include "sema/unparse.h"

bool annotation_as_text(const struct codegen *g)
{
    return (g->c->future_flags & FUTURE_ANNOTATIONS) != 0;
}

/* [] -> [text of the annotation] */
static void push_text(struct codegen *g, const struct expr *annotation)
{
    emit_const(g, annotation->loc, constant_str(&g->c->constants, unparse_expr(g->c, annotation)));
}

/* [] -> [annotation] */
static void push_annotation(struct codegen *g, struct expr *annotation)
{
    if (annotation_as_text(g))
        push_text(g, annotation);
    else
        visit_expr(g, annotation);
}

/* One parameter: [] -> [name, annotation] if it has one; how many values. */
static int32_t push_parameter(struct codegen *g, struct location loc, identifier name,
                              struct expr *annotation)
{
    if (annotation == NULL)
        return 0;
    if (!HAS(g->c, ANNOTATIONS_BY_KEY_TUPLE))
        emit_str(g, loc, unit_mangle(g, name));
    if (annotation->kind == Starred_kind && !annotation_as_text(g)) {
        visit_expr(g, annotation->v.Starred.value);
        emit_arg(g, loc, OP_UNPACK_SEQUENCE, 1);
    } else {
        push_annotation(g, annotation);
    }
    return 2;
}

/* The same for a list of parameters. */
static int32_t push_parameters(struct codegen *g, struct location loc, const struct arg_list *args)
{
    int32_t n = 0;
    for (uint32_t i = 0; i < args->count; i++)
        n += push_parameter(g, loc, args->items[i]->arg, args->items[i]->annotation);
    return n;
}

/* The names of the parameters that are annotated, in the order in which the annotations are
 * evaluated. */
static constant parameter_names(struct codegen *g, const struct arguments *args,
                                const struct expr *returns, uint32_t n)
{
    const struct arg_list *lists[] = {args->args, args->posonlyargs, NULL, args->kwonlyargs, NULL};
    const struct arg *singles[] = {NULL, NULL, args->vararg, NULL, args->kwarg};
    constant *names = arena_alloc_array(g->arena, n, sizeof *names);
    uint32_t found = 0;
    for (int k = 0; k < 5; k++) {
        for (uint32_t i = 0; lists[k] != NULL && i < lists[k]->count; i++) {
            if (lists[k]->items[i]->annotation != NULL)
                names[found++] =
                    constant_str(&g->c->constants, unit_mangle(g, lists[k]->items[i]->arg));
        }
        if (singles[k] != NULL && singles[k]->annotation != NULL)
            names[found++] = constant_str(&g->c->constants, unit_mangle(g, singles[k]->arg));
    }
    if (returns != NULL)
        names[found++] = constant_str(&g->c->constants, NAME_return);
    return names_tuple_constant(g, names, found);
}

int32_t annotation_push_function(struct codegen *g, struct stmt *s)
{
    struct arguments *args = s->v.FunctionDef.args;
    struct location loc = s->loc;
    bool in_order = HAS(g->c, POSITIONAL_ONLY_ANNOTATED_FIRST);
    int32_t n = push_parameters(g, loc, in_order ? args->posonlyargs : args->args);
    n += push_parameters(g, loc, in_order ? args->args : args->posonlyargs);
    if (args->vararg != NULL)
        n += push_parameter(g, loc, args->vararg->arg, args->vararg->annotation);
    n += push_parameters(g, loc, args->kwonlyargs);
    if (args->kwarg != NULL)
        n += push_parameter(g, loc, args->kwarg->arg, args->kwarg->annotation);
    return n + push_parameter(g, loc, NAME_return, s->v.FunctionDef.returns);
}

int annotation_function_eager(struct codegen *g, struct stmt *s)
{
    if (!s->v.FunctionDef.args->annotated && s->v.FunctionDef.returns == NULL)
        return 0;
    int32_t n = annotation_push_function(g, s);
    if (HAS(g->c, ANNOTATIONS_BY_KEY_TUPLE)) {
        emit_const(
            g, s->loc,
            parameter_names(g, s->v.FunctionDef.args, s->v.FunctionDef.returns, (uint32_t)n / 2));
        emit_arg(g, s->loc, OP_BUILD_CONST_KEY_MAP, n / 2);
    } else {
        emit_build_tuple(g, s->loc, n);
    }
    return FUNCTION_ANNOTATIONS;
}

/* Is there an annotated assignment among the statements, at any depth of this scope? */
static bool has_annotation(const struct codegen *g, const struct stmt_list *body);

/* The same in the parts of a try statement. */
static bool try_has_annotation(const struct codegen *g, const struct stmt *s)
{
    for (uint32_t i = 0; i < s->v.Try.handlers->count; i++) {
        if (has_annotation(g, s->v.Try.handlers->items[i]->v.ExceptHandler.body))
            return true;
    }
    return has_annotation(g, s->v.Try.body) || has_annotation(g, s->v.Try.finalbody) ||
           has_annotation(g, s->v.Try.orelse);
}

/* The same in the cases of a match statement: some releases do not look there. */
static bool match_has_annotation(const struct codegen *g, const struct stmt *s)
{
    for (uint32_t i = 0; HAS(g->c, ANNOTATIONS_FOUND_IN_MATCH) && i < s->v.Match.cases->count;
         i++) {
        if (has_annotation(g, s->v.Match.cases->items[i]->body))
            return true;
    }
    return false;
}

/* The same in one statement. */
static bool stmt_has_annotation(const struct codegen *g, const struct stmt *s)
{
    switch ((enum stmt_kind)s->kind) {
    case AnnAssign_kind: return true;
    case For_kind:
    case AsyncFor_kind:
        return has_annotation(g, s->v.For.body) || has_annotation(g, s->v.For.orelse);
    case While_kind:
        return has_annotation(g, s->v.While.body) || has_annotation(g, s->v.While.orelse);
    case If_kind: return has_annotation(g, s->v.If.body) || has_annotation(g, s->v.If.orelse);
    case With_kind:
    case AsyncWith_kind: return has_annotation(g, s->v.With.body);
    case Try_kind:
    case TryStar_kind: return try_has_annotation(g, s);
    case Match_kind: return match_has_annotation(g, s);
    default: return false;
    }
}

static bool has_annotation(const struct codegen *g, const struct stmt_list *body)
{
    for (uint32_t i = 0; i < body->count; i++) {
        if (stmt_has_annotation(g, body->items[i]))
            return true;
    }
    return false;
}

uint32_t annotation_store_docstring(struct codegen *g, const struct stmt_list *body)
{
    constant doc = ast_docstring(body);
    if (doc == NULL)
        return 0;
    if (g->c->optimize >= 2)
        return HAS(g->c, STRIPPED_DOCSTRING_SKIPPED) ? 1 : 0;
    struct location saved = g->u->state;
    if (g->location_by_state) {
        if (body->items[0]->loc.lineno != saved.lineno)
            g->u->line_set = false;
        g->u->state = body->items[0]->v.Expr.value->loc;
    }
    emit_const(g, body->items[0]->v.Expr.value->loc, docstring_clean(g, doc));
    if (saved.lineno != g->u->state.lineno)
        g->u->line_set = false;
    g->u->state = saved;
    emit_name_op(g, HAS(g->c, DOCSTRING_STORE_UNPLACED) ? NO_LOCATION : saved, NAME_dunder_doc,
                 Store);
    return 1;
}

void annotation_body_eager(struct codegen *g, struct location loc, struct stmt_list *body)
{
    if (g->u->kind == UNIT_MODULE && body->count != 0) {
        loc = body->items[0]->loc;
        if (g->location_by_state)
            g->u->state = loc;
    }
    if (has_annotation(g, body))
        emit(g, loc, OP_SETUP_ANNOTATIONS);
    for (uint32_t i = annotation_store_docstring(g, body); i < body->count; i++)
        visit_stmt(g, body->items[i]);
}

/* Evaluate an expression for its errors. */
static void evaluate(struct codegen *g, struct expr *e)
{
    visit_expr(g, e);
    emit(g, e->loc, OP_POP_TOP);
}

/* Evaluate the parts of a subscript for their errors. */
static void evaluate_index(struct codegen *g, struct expr *e)
{
    if (e->kind == Slice_kind) {
        struct expr *parts[] = {e->v.Slice.lower, e->v.Slice.upper, e->v.Slice.step};
        for (int i = 0; i < 3; i++) {
            if (parts[i] != NULL)
                evaluate(g, parts[i]);
        }
    } else if (e->kind == Tuple_kind) {
        for (uint32_t i = 0; i < e->v.Tuple.elts->count; i++)
            evaluate_index(g, e->v.Tuple.elts->items[i]);
    } else {
        evaluate(g, e);
    }
}

bool annotation_is_kept(const struct codegen *g)
{
    return g->u->kind == UNIT_MODULE || g->u->kind == UNIT_CLASS;
}

void annotation_evaluate_target(struct codegen *g, struct expr *target)
{
    if (target->kind == Attribute_kind) {
        evaluate(g, target->v.Attribute.value);
    } else {
        evaluate(g, target->v.Subscript.value);
        evaluate_index(g, target->v.Subscript.slice);
    }
}

void annotation_store(struct codegen *g, struct stmt *s)
{
    push_annotation(g, s->v.AnnAssign.annotation);
    emit_name(g, s->loc, OP_LOAD_NAME, NAME_dunder_annotations);
    emit_str(g, s->loc, unit_mangle(g, s->v.AnnAssign.target->v.Name.id));
    emit(g, s->loc, OP_STORE_SUBSCR);
}

void annotation_eager(struct codegen *g, struct stmt *s)
{
    struct expr *target = s->v.AnnAssign.target;
    bool has_value = s->v.AnnAssign.value != NULL;
    if (has_value) {
        visit_expr(g, s->v.AnnAssign.value);
        visit_expr(g, target);
    }
    bool checked = HAS(g->c, FORBIDDEN_NAMES_IN_COMPILER);
    if (target->kind == Name_kind) {
        if (checked)
            check_forbidden_name(g, s->loc, target->v.Name.id, Store);
        if (s->v.AnnAssign.simple && annotation_is_kept(g))
            annotation_store(g, s);
    } else {
        if (checked && target->kind == Attribute_kind)
            check_forbidden_name(g, s->loc, target->v.Attribute.attr, Store);
        if (!has_value)
            annotation_evaluate_target(g, target);
    }
    if (!s->v.AnnAssign.simple &&
        !(annotation_as_text(g) && HAS(g->c, TEXT_ANNOTATIONS_NOT_EVALUATED)) &&
        annotation_is_kept(g))
        evaluate(g, s->v.AnnAssign.annotation);
}
