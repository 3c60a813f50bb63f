/* Annotations from 3.14 (PEP 649): those that are not kept as text are evaluated by a function that
 * is made for them,
 * __annotate__; a set in __conditional_annotations__ tells it which statements have been reached.
 * The module's function is made first of all, in place of ANNOTATIONS_PLACEHOLDER, so that
 * annotations can be asked for while the module runs. Answers to codegen_setup_annotations_scope,
 * codegen_leave_annotations_scope, codegen_deferred_annotations_body,
 * codegen_process_deferred_annotations, codegen_function_annotations, codegen_annassign. */
#include "lower/annotation.h"

#include "codegen/emit.h"
#include "codegen/visit.h"
#include "lower/function.h"

/*       LOAD_FAST .format; LOAD_CONST 2; COMPARE_OP >; jump to body if false
 *       raise NotImplementedError
 * body: */
void annotation_enter_scope(struct codegen *g, struct location loc, struct symtable_entry *scope,
                            identifier name)
{
    enum { VALUE_WITH_FAKE_GLOBALS = 2, NOT_IMPLEMENTED_ERROR = 1 };
    unit_enter(g, name, UNIT_ANNOTATIONS, scope, loc.lineno);
    g->u->code.posonlyargcount = 1;
    label body = emit_new_label(g);
    emit_arg(g, loc, OP_LOAD_FAST, 0);
    emit_int(g, loc, VALUE_WITH_FAKE_GLOBALS);
    g->slots->compare_op(g, loc, Gt);
    emit_pop_jump(g, loc, false, body);
    emit_arg(g, loc, OP_LOAD_COMMON_CONSTANT, NOT_IMPLEMENTED_ERROR);
    emit_arg(g, loc, OP_RAISE_VARARGS, 1);
    emit_label(g, body);
}

/* The parameter is called "format", whatever the scope calls it. */
static void rename_parameter(struct codegen *g, struct code *code)
{
    identifier *names = arena_alloc_array(g->arena, code->localsplus_count + 1, sizeof *names);
    for (uint32_t i = 1; i < code->localsplus_count; i++)
        names[i] = code->localsplusnames[i];
    names[0] = NAME_format;
    code->localsplusnames = names;
    code->localsplus_unshared = true;
}

/* The dictionary of annotations on the stack is returned; the scope ends: [] -> [function] */
static void leave_scope(struct codegen *g, struct location loc)
{
    emit(g, loc, OP_RETURN_VALUE);
    const struct code *code = unit_leave(g, true);
    if (g->dump == NULL)
        rename_parameter(g, (struct code *)code);
    function_make(g, loc, code, 0);
}

int annotation_function_deferred(struct codegen *g, struct stmt *s)
{
    struct symtable_entry *scope = symtable_entry_at(g->st, s->scope)->function_annotations;
    if (scope == NULL || !scope->ste_annotations_used)
        return 0;
    annotation_enter_scope(g, s->loc, scope, scope->name);
    if (HAS(g->c, ANNOTATIONS_NAMED_AFTER_FUNCTION))
        unit_name_after_function(g, s->v.FunctionDef.name);
    int32_t n = annotation_push_function(g, s);
    emit_arg(g, s->loc, OP_BUILD_MAP, n / 2);
    leave_scope(g, s->loc);
    return FUNCTION_ANNOTATE;
}

/* Add an annotation to the dictionary, if its statement has been reached: [dict] -> [dict] */
static void evaluate_deferred(struct codegen *g, struct location loc,
                              const struct deferred_annotation *d, bool in_class)
{
    const struct stmt *s = d->s;
    label not_set = emit_new_label(g);
    if (d->index >= 0) {
        emit_int(g, s->loc, d->index);
        if (in_class)
            emit_arg(g, s->loc, OP_LOAD_DEREF,
                     unit_free_index(g, NAME_dunder_conditional_annotations));
        else
            emit_arg(g, s->loc, OP_LOAD_GLOBAL,
                     unit_name_index(g, NAME_dunder_conditional_annotations));
        g->slots->compare_op(g, s->loc, In);
        emit_pop_jump(g, s->loc, false, not_set);
    }
    visit_expr(g, s->v.AnnAssign.annotation);
    emit_copy(g, s->loc, 2);
    emit_str(g, s->loc, mangle_name(g->c, g->u->private_name, s->v.AnnAssign.target->v.Name.id));
    emit(g, loc, OP_STORE_SUBSCR);
    emit_label(g, not_set);
}

/* Make the function __annotate__ of the module or class at hand, and store it. */
static void make_annotate(struct codegen *g, struct location loc)
{
    struct unit *owner = g->u;
    bool in_class = owner->kind == UNIT_CLASS;
    struct symtable_entry *scope = owner->ste->ste_annotation_block;
    annotation_enter_scope(g, loc, scope, scope->name);
    emit_arg(g, loc, OP_BUILD_MAP, 0);
    for (uint32_t i = 0; i < owner->deferred_annotations.count; i++)
        evaluate_deferred(g, loc, &owner->deferred_annotations.items[i], in_class);
    leave_scope(g, loc);
    emit_name_op(g, loc, in_class ? NAME_dunder_annotate_func : NAME_dunder_annotate, Store);
}

/* The same into the sequence that takes the place of ANNOTATIONS_PLACEHOLDER. */
static void make_module_annotate(struct codegen *g, struct location loc)
{
    struct code_unit *code = &g->u->code;
    unit_close_sequence(g);
    struct instruction_sequence whole = code->sequence;
    code->sequence = code->annotations_code;
    array_reserve(g->arena, &code->sequence.instructions, 1); /* a place to point at */
    unit_open_sequence(g);
    g->dump_apart = true;
    make_annotate(g, loc);
    g->dump_apart = false;
    unit_close_sequence(g);
    code->annotations_code = code->sequence;
    code->sequence = whole;
    unit_open_sequence(g);
}

void annotation_body_deferred(struct codegen *g, struct location loc, struct stmt_list *body)
{
    bool module = g->u->kind == UNIT_MODULE;
    if (module && body->count != 0)
        loc = body->items[0]->loc;
    if (module && g->u->ste->ste_has_conditional_annotations) {
        emit_arg(g, loc, OP_BUILD_SET, 0);
        emit_arg(g, loc, OP_STORE_NAME, unit_name_index(g, NAME_dunder_conditional_annotations));
    }
    if (annotation_as_text(g) && g->u->ste->ste_annotations_used)
        emit(g, loc, OP_SETUP_ANNOTATIONS);
    for (uint32_t i = annotation_store_docstring(g, body); i < body->count; i++)
        visit_stmt(g, body->items[i]);
    if (g->u->deferred_annotations.count == 0)
        return;
    if (module)
        make_module_annotate(g, loc);
    else
        make_annotate(g, loc);
}

/* Remember an annotation; note that its statement has been reached, if it may not be. */
static void defer(struct codegen *g, struct stmt *s)
{
    struct unit *u = g->u;
    bool conditional = u->kind == UNIT_MODULE || u->conditional_depth != 0;
    struct deferred_annotation d = {s, conditional ? u->next_conditional++ : -1};
    array_push(g->arena, &u->deferred_annotations, d);
    if (!conditional)
        return;
    if (u->kind == UNIT_CLASS)
        emit_arg(g, s->loc, OP_LOAD_DEREF,
                 unit_own_cell_index(g, NAME_dunder_conditional_annotations));
    else
        emit_arg(g, s->loc, OP_LOAD_NAME, unit_name_index(g, NAME_dunder_conditional_annotations));
    emit_int(g, s->loc, d.index);
    emit_arg(g, s->loc, OP_SET_ADD, 1);
    emit(g, s->loc, OP_POP_TOP);
}

void annotation_deferred(struct codegen *g, struct stmt *s)
{
    struct expr *target = s->v.AnnAssign.target;
    bool has_value = s->v.AnnAssign.value != NULL;
    if (has_value) {
        visit_expr(g, s->v.AnnAssign.value);
        visit_expr(g, target);
    }
    if (target->kind != Name_kind) {
        if (!has_value)
            annotation_evaluate_target(g, target);
    } else if (s->v.AnnAssign.simple && annotation_is_kept(g)) {
        if (annotation_as_text(g))
            annotation_store(g, s);
        else
            defer(g, s);
    }
}
