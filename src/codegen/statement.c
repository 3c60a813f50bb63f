/* Statements that need no mechanism of their own: assignments, loops, jumps, expressions. Answers
 * to compiler_visit_stmt and the functions that it calls for them. */
#include "codegen/check.h"
#include "codegen/emit.h"
#include "codegen/frame_block.h"
#include "codegen/statement_plain.h"
#include "codegen/visit.h"
#include "syntax/syntax_error.h"

/* A statement without code gets an instruction to stand on, so that a tracer sees its line. */
static void visit_nop(struct codegen *g, struct location loc)
{
    if (HAS(g->c, NOPS_FOR_LINES))
        emit(g, loc, OP_NOP);
}

void visit_stmts(struct codegen *g, struct stmt_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        visit_stmt(g, list->items[i]);
}

/* target = ... = value */
static void visit_assign(struct codegen *g, struct stmt *s)
{
    struct expr_list *targets = s->v.Assign.targets;
    visit_expr(g, s->v.Assign.value);
    for (uint32_t i = 0; i < targets->count; i++) {
        if (i + 1 < targets->count)
            emit_copy(g, s->loc, 1);
        visit_expr(g, targets->items[i]);
    }
}

/* if test: body else: orelse */
void visit_if(struct codegen *g, struct stmt *s)
{
    bool has_else = s->v.If.orelse->count != 0;
    label end = emit_new_label(g);
    label next = has_else ? emit_new_label(g) : end;
    g->slots->jump_if(g, s->loc, s->v.If.test, next, false);
    visit_stmts(g, s->v.If.body);
    if (has_else) {
        emit_jump_on(g, end);
        emit_label(g, next);
        visit_stmts(g, s->v.If.orelse);
    }
    emit_label(g, end);
}

void visit_loop_end(struct codegen *g)
{
    if (HAS(g->c, END_FOR))
        emit(g, NO_LOCATION, OP_END_FOR);
    if (HAS(g->c, END_FOR_POPS_ONE))
        emit(g, NO_LOCATION, HAS(g->c, POP_ITER) ? OP_POP_ITER : OP_POP_TOP);
}

/*      <iter>; GET_ITER
 * start: FOR_ITER cleanup          [iterator] -> [iterator, value]
 * body: <target>; <body>; JUMP start
 * cleanup: END_FOR; POP_TOP        [iterator, NULL] -> []
 *      <orelse>
 * end:                             break comes here */
void visit_for(struct codegen *g, struct stmt *s)
{
    label start = emit_new_label(g), body = emit_new_label(g), cleanup = emit_new_label(g),
          end = emit_new_label(g);
    frame_block_push(g, BLOCK_FOR_LOOP, s->loc, start, end);
    visit_expr(g, s->v.For.iter);
    struct location loc = HAS(g->c, LOCATIONS_OF_PARTS) ? s->v.For.iter->loc : s->loc;
    emit(g, loc, OP_GET_ITER);
    emit_label(g, start);
    emit_jump_before_label(g, loc, OP_FOR_ITER, cleanup);
    emit_label(g, body);
    if (HAS(g->c, NOP_BEFORE_LOOP_TARGET))
        emit(g, s->v.For.target->loc, OP_NOP);
    visit_expr(g, s->v.For.target);
    visit_stmts(g, s->v.For.body);
    unit_lose_line(g);
    emit_jump(g, NO_LOCATION, g->slots->jump_loop, start);
    emit_label(g, cleanup);
    visit_loop_end(g);
    frame_block_pop(g);
    visit_stmts(g, s->v.For.orelse);
    emit_label(g, end);
}

/*      <iter>; GET_AITER
 * start: SETUP_FINALLY except
 *      GET_ANEXT; <await>          [aiter] -> [aiter, value]
 *      POP_BLOCK
 *      <target>; <body>; JUMP start
 * except: END_ASYNC_FOR            [aiter, exc] -> []
 *      <orelse>
 * end: */
void visit_async_for(struct codegen *g, struct stmt *s)
{
    struct location loc = s->loc, iter_loc = s->v.AsyncFor.iter->loc;
    if (g->u->kind != UNIT_ASYNC_FUNCTION && !HAS(g->c, SYMTABLE_CHECKS_NAMES))
        syntax_error_at(g->c, loc, "'async for' outside async function");
    label start = emit_new_label(g), except = emit_new_label(g), end = emit_new_label(g);
    visit_expr(g, s->v.AsyncFor.iter);
    emit(g, HAS(g->c, LOCATIONS_OF_PARTS) ? iter_loc : loc, OP_GET_AITER);
    emit_label(g, start);
    frame_block_push(g, BLOCK_ASYNC_FOR_LOOP, loc, start, end);
    emit_jump(g, loc, OP_SETUP_FINALLY, except);
    emit(g, loc, OP_GET_ANEXT);
    emit_first_send(g, loc);
    label send = emit_label_here(g);
    g->slots->yield_from(g, loc, true);
    emit(g, loc, OP_POP_BLOCK);
    if (HAS(g->c, END_ASYNC_FOR_JUMPS))
        emit(g, loc, OP_NOT_TAKEN);
    visit_expr(g, s->v.AsyncFor.target);
    visit_stmts(g, s->v.AsyncFor.body);
    emit_jump(g, NO_LOCATION, g->slots->jump_loop, start);
    frame_block_pop(g);
    emit_label(g, except);
    if (HAS(g->c, END_ASYNC_FOR_AT_ITERATOR))
        unit_set_line(g, iter_loc);
    else if (HAS(g->c, END_ASYNC_FOR_AT_ELSE) && s->v.AsyncFor.orelse->count != 0)
        unit_set_line(g, s->v.AsyncFor.orelse->items[0]->loc);
    emit_end_async_for(g, iter_loc, send);
    visit_stmts(g, s->v.AsyncFor.orelse);
    emit_label(g, end);
}

/* loop: jump to anchor if not <test>
 * body: <body>; jump to body if <test>
 * anchor: <orelse>
 * end: */
void visit_while(struct codegen *g, struct stmt *s)
{
    label loop = emit_new_label(g), body = emit_new_label(g), third = emit_new_label(g),
          fourth = emit_new_label(g);
    bool else_first = HAS(g->c, ELSE_MADE_BEFORE_END);
    label anchor = else_first ? third : fourth, end = else_first ? fourth : third;
    emit_label(g, loop);
    frame_block_push(g, BLOCK_WHILE_LOOP, s->loc, loop, end);
    g->slots->jump_if(g, s->loc, s->v.While.test, anchor, false);
    emit_label(g, body);
    visit_stmts(g, s->v.While.body);
    if (g->location_by_state)
        unit_set_line(g, s->loc);
    g->slots->jump_if(g, s->loc, s->v.While.test, body, true);
    frame_block_pop(g);
    emit_label(g, anchor);
    visit_stmts(g, s->v.While.orelse);
    emit_label(g, end);
}

/* loop: jump to anchor if not <test>
 *       <body>; JUMP loop
 * anchor: <orelse>
 * end: */
void visit_while_testing_once(struct codegen *g, struct stmt *s)
{
    label loop = emit_label_here(g), end = emit_new_label(g), anchor = emit_new_label(g);
    frame_block_push(g, BLOCK_WHILE_LOOP, s->loc, loop, end);
    g->slots->jump_if(g, s->loc, s->v.While.test, anchor, false);
    visit_stmts(g, s->v.While.body);
    emit_jump(g, NO_LOCATION, g->slots->jump_loop, loop);
    frame_block_pop(g);
    emit_label(g, anchor);
    visit_stmts(g, s->v.While.orelse);
    emit_label(g, end);
}

void visit_return(struct codegen *g, struct stmt *s)
{
    struct location loc = s->loc;
    struct expr *value = s->v.Return.value;
    bool preserve_top = value != NULL && value->kind != Constant_kind;
    check_return(g, s);
    if (preserve_top) {
        visit_expr(g, value);
    } else if (value != NULL) {
        loc = value->loc;
        emit(g, loc, OP_NOP);
    }
    if (value == NULL || value->loc.lineno != s->loc.lineno) {
        loc = s->loc;
        emit(g, loc, OP_NOP);
    }
    frame_block_unwind(g, &loc, preserve_top, false);
    if (value == NULL)
        emit_none(g, loc);
    else if (!preserve_top)
        emit_const(g, loc, value->v.Constant.value);
    emit(g, loc, OP_RETURN_VALUE);
}

void visit_break(struct codegen *g, struct location loc)
{
    emit(g, loc, OP_NOP);
    visit_break_plain(g, loc);
}

void visit_continue(struct codegen *g, struct location loc)
{
    emit(g, loc, OP_NOP);
    visit_continue_plain(g, loc);
}

/* raise, raise exc, raise exc from cause */
static void visit_raise(struct codegen *g, struct stmt *s)
{
    int n = 0;
    if (s->v.Raise.exc != NULL) {
        visit_expr(g, s->v.Raise.exc);
        n++;
        if (s->v.Raise.cause != NULL) {
            visit_expr(g, s->v.Raise.cause);
            n++;
        }
    }
    emit_arg(g, s->loc, OP_RAISE_VARARGS, n);
    if (HAS(g->c, EXPLICIT_BLOCKS))
        emit_label_here(g);
}

/* An expression for its effect. */
static void visit_expr_stmt(struct codegen *g, struct stmt *s)
{
    struct expr *value = s->v.Expr.value;
    if (value->kind == Constant_kind) {
        visit_nop(g, s->loc);
        return;
    }
    visit_expr(g, value);
    unit_lose_line(g);
    emit(g, NO_LOCATION, OP_POP_TOP);
}

/* Push what an augmented assignment works on: [..., old value], with what the store needs below it.
 */
static void load_augmented_target(struct codegen *g, struct expr *e)
{
    struct location loc = e->loc;
    switch ((enum expr_kind)e->kind) {
    case Attribute_kind:
        visit_expr(g, e->v.Attribute.value);
        emit_copy(g, loc, 1);
        loc = visit_attribute_location(g, loc, e);
        unit_move_to(g, loc);
        emit_load_attr(g, loc, e->v.Attribute.attr);
        break;
    case Subscript_kind:
        visit_expr(g, e->v.Subscript.value);
        if (HAS(g->c, SLICE_INSTRUCTIONS) && visit_is_two_part_slice(g, e->v.Subscript.slice)) {
            visit_slice_parts(g, e->v.Subscript.slice);
            emit_copy(g, loc, 3);
            emit_copy(g, loc, 3);
            emit_copy(g, loc, 3);
            emit(g, loc, OP_BINARY_SLICE);
        } else {
            visit_expr(g, e->v.Subscript.slice);
            emit_copy(g, loc, 2);
            emit_copy(g, loc, 2);
            emit_subscript(g, loc);
        }
        break;
    default: emit_name_op(g, loc, e->v.Name.id, Load); break;
    }
}

/* Store the new value: [..., new value] -> [...] */
static void store_augmented_target(struct codegen *g, struct expr *e)
{
    struct location loc = e->loc;
    switch ((enum expr_kind)e->kind) {
    case Attribute_kind:
        loc = visit_attribute_location(g, loc, e);
        unit_move_to(g, loc);
        emit_swap(g, loc, 2);
        emit_name(g, loc, OP_STORE_ATTR, e->v.Attribute.attr);
        break;
    case Subscript_kind:
        if (HAS(g->c, SLICE_INSTRUCTIONS) && visit_is_two_part_slice(g, e->v.Subscript.slice)) {
            emit_swap(g, loc, 4);
            emit_swap(g, loc, 3);
            emit_swap(g, loc, 2);
            emit(g, loc, OP_STORE_SLICE);
        } else {
            emit_swap(g, loc, 3);
            emit_swap(g, loc, 2);
            emit(g, loc, OP_STORE_SUBSCR);
        }
        break;
    default: emit_name_op(g, loc, e->v.Name.id, Store); break;
    }
}

void visit_augmented_assignment(struct codegen *g, struct stmt *s)
{
    unit_move_to(g, s->v.AugAssign.target->loc);
    load_augmented_target(g, s->v.AugAssign.target);
    unit_move_to(g, s->loc);
    visit_expr(g, s->v.AugAssign.value);
    g->slots->binary_op(g, s->loc, s->v.AugAssign.op, true);
    unit_move_to(g, s->v.AugAssign.target->loc);
    store_augmented_target(g, s->v.AugAssign.target);
}

/* A statement with statements inside that may not run. */
static void visit_conditional(struct codegen *g, struct stmt *s)
{
    const struct codegen_slots *slots = g->slots;
    g->u->conditional_depth++;
    switch ((enum stmt_kind)s->kind) {
    case For_kind: slots->for_(g, s); break;
    case AsyncFor_kind: slots->async_for(g, s); break;
    case While_kind: slots->while_(g, s); break;
    case If_kind: slots->if_(g, s); break;
    case With_kind: slots->with(g, s, 0); break;
    case AsyncWith_kind: slots->async_with(g, s, 0); break;
    case Match_kind: slots->match(g, s); break;
    case Try_kind: slots->try_(g, s); break;
    default: slots->try_star(g, s); break;
    }
    g->u->conditional_depth--;
}

/* del targets */
static void visit_delete(struct codegen *g, struct stmt *s)
{
    visit_exprs(g, s->v.Delete.targets);
}

/* pass */
static void visit_pass(struct codegen *g, struct stmt *s)
{
    visit_nop(g, s->loc);
}

/* break */
static void visit_break_stmt(struct codegen *g, struct stmt *s)
{
    g->slots->break_(g, s->loc);
}

/* continue */
static void visit_continue_stmt(struct codegen *g, struct stmt *s)
{
    g->slots->continue_(g, s->loc);
}

/* global and nonlocal: the symbol table knows. */
static void visit_declaration(struct codegen *g, struct stmt *s)
{
    (void)g;
    (void)s;
}

void visit_fill_stmt_visitors(struct codegen *g)
{
    const struct codegen_slots *slots = g->slots;
    stmt_visitor *const visitors[stmt_kind_count] = {
        [FunctionDef_kind] = slots->function,
        [AsyncFunctionDef_kind] = slots->function,
        [ClassDef_kind] = slots->class_,
        [TypeAlias_kind] = slots->type_alias,
        [Return_kind] = slots->return_,
        [Delete_kind] = visit_delete,
        [Assign_kind] = visit_assign,
        [AugAssign_kind] = slots->augmented_assignment,
        [AnnAssign_kind] = slots->annotated_assignment,
        [For_kind] = visit_conditional,
        [AsyncFor_kind] = visit_conditional,
        [While_kind] = visit_conditional,
        [If_kind] = visit_conditional,
        [With_kind] = visit_conditional,
        [AsyncWith_kind] = visit_conditional,
        [Match_kind] = visit_conditional,
        [Try_kind] = visit_conditional,
        [TryStar_kind] = visit_conditional,
        [Raise_kind] = visit_raise,
        [Assert_kind] = slots->assert_,
        [Import_kind] = slots->import,
        [ImportFrom_kind] = slots->import_from,
        [Expr_kind] = visit_expr_stmt,
        [Pass_kind] = visit_pass,
        [Break_kind] = visit_break_stmt,
        [Continue_kind] = visit_continue_stmt,
        [Global_kind] = visit_declaration,
        [Nonlocal_kind] = visit_declaration,
    };
    memcpy(g->stmt_visitors, visitors, sizeof visitors);
}
