/* See statement_plain.h. Answers to compiler_if, compiler_while, compiler_return, compiler_break,
 * compiler_continue and compiler_augassign of the older compile.c. */
#include "codegen/statement_plain.h"

#include "codegen/check.h"
#include "codegen/emit.h"
#include "codegen/frame_block.h"
#include "codegen/visit.h"
#include "syntax/syntax_error.h"

enum truth { ALWAYS_FALSE, ALWAYS_TRUE, UNDECIDED };

/* What a condition is known to be. */
static enum truth truth_of(struct codegen *g, const struct expr *e)
{
    if (e->kind != Constant_kind)
        return UNDECIDED;
    return constant_is_true(&g->c->constants, e->v.Constant.value) ? ALWAYS_TRUE : ALWAYS_FALSE;
}

/* Visit statements that cannot run. */
static void visit_silently(struct codegen *g, struct stmt_list *list)
{
    g->silent++;
    visit_stmts(g, list);
    g->silent--;
}

void visit_if_decided(struct codegen *g, struct stmt *s)
{
    enum truth truth = truth_of(g, s->v.If.test);
    if (truth == UNDECIDED) {
        visit_if(g, s);
        return;
    }
    if (truth == ALWAYS_TRUE) {
        visit_stmts(g, s->v.If.body);
        visit_silently(g, s->v.If.orelse);
    } else {
        visit_silently(g, s->v.If.body);
        visit_stmts(g, s->v.If.orelse);
    }
    emit_label_here(g);
}

/* while with a condition that is never true. */
static void visit_dead_while(struct codegen *g, struct stmt *s)
{
    frame_block_push(g, BLOCK_WHILE_LOOP, s->loc, -1, -1);
    visit_silently(g, s->v.While.body);
    frame_block_pop(g);
    visit_stmts(g, s->v.While.orelse);
}

/* loop: jump to anchor if not <test>; <body>; jump to loop
 * anchor: <orelse>
 * end: */
void visit_while_decided(struct codegen *g, struct stmt *s)
{
    enum truth truth = truth_of(g, s->v.While.test);
    if (truth == ALWAYS_FALSE) {
        visit_dead_while(g, s);
        return;
    }
    label end = emit_new_label(g), anchor = emit_new_label(g), loop = emit_label_here(g);
    frame_block_push(g, BLOCK_WHILE_LOOP, s->loc, loop, end);
    if (truth == UNDECIDED)
        g->slots->jump_if(g, s->loc, s->v.While.test, anchor, false);
    visit_stmts(g, s->v.While.body);
    emit_jump(g, s->loc, g->slots->jump_loop, loop);
    if (truth == UNDECIDED)
        emit_label(g, anchor);
    frame_block_pop(g);
    visit_stmts(g, s->v.While.orelse);
    emit_label(g, end);
}

void visit_return_plain(struct codegen *g, struct stmt *s)
{
    struct expr *value = s->v.Return.value;
    struct location loc = s->loc;
    bool preserve_top = value != NULL && value->kind != Constant_kind;
    check_return(g, s);
    if (preserve_top)
        visit_expr(g, value);
    frame_block_unwind(g, &loc, preserve_top, false);
    if (value == NULL)
        emit_none(g, loc);
    else if (!preserve_top)
        visit_expr(g, value);
    emit(g, loc, OP_RETURN_VALUE);
}

void visit_return_nops(struct codegen *g, struct stmt *s)
{
    struct expr *value = s->v.Return.value;
    struct location loc = s->loc;
    bool preserve_top = value != NULL && value->kind != Constant_kind;
    check_return(g, s);
    if (preserve_top) {
        visit_expr(g, value);
    } else if (value != NULL) {
        unit_set_line(g, value->loc);
        emit(g, loc, OP_NOP);
    }
    if (value == NULL || value->loc.lineno != s->loc.lineno) {
        unit_set_line(g, s->loc);
        emit(g, loc, OP_NOP);
    }
    frame_block_unwind(g, &loc, preserve_top, false);
    if (value == NULL)
        emit_none(g, loc);
    else if (!preserve_top)
        emit_const(g, loc, value->v.Constant.value);
    emit(g, loc, OP_RETURN_VALUE);
    if (HAS(g->c, EXPLICIT_BLOCKS))
        emit_label_here(g);
}

/* Refuse a jump that has unwound all blocks and found no loop. To 3.10 only the line is that of the
 * jump; the columns and the end are left from what was unwound. */
static _Noreturn void refuse_without_loop(struct codegen *g, struct location origin,
                                          const char *message)
{
    struct location at = HAS(g->c, LOOP_ERROR_AT_JUMP) ? origin : g->u->state;
    at.lineno = origin.lineno;
    syntax_error_at(g->c, at, message);
}

void visit_break_plain(struct codegen *g, struct location loc)
{
    struct location origin = loc;
    const struct frame_block *loop = frame_block_unwind(g, &loc, false, true);
    if (loop == NULL)
        refuse_without_loop(g, origin, "'break' outside loop");
    g->slots->unwind(g, &loc, loop, false);
    emit_jump(g, loc, g->slots->jump_loop, loop->exit);
}

void visit_continue_plain(struct codegen *g, struct location loc)
{
    struct location origin = loc;
    const struct frame_block *loop = frame_block_unwind(g, &loc, false, true);
    if (loop == NULL)
        refuse_without_loop(g, origin, "'continue' not properly in loop");
    emit_jump(g, loc, g->slots->jump_loop, loop->block);
}

/* Push what an augmented assignment works on. */
static void load_target(struct codegen *g, struct expr *e)
{
    switch ((enum expr_kind)e->kind) {
    case Attribute_kind:
        visit_expr(g, e->v.Attribute.value);
        emit(g, e->loc, OP_DUP_TOP);
        if (HAS(g->c, METHOD_ON_ITS_LINE))
            g->u->state.lineno = e->loc.end_lineno;
        emit_load_attr(g, e->loc, e->v.Attribute.attr);
        break;
    case Subscript_kind:
        visit_expr(g, e->v.Subscript.value);
        visit_expr(g, e->v.Subscript.slice);
        emit(g, e->loc, OP_DUP_TOP_TWO);
        emit(g, e->loc, OP_BINARY_SUBSCR);
        break;
    default: emit_name_op(g, e->loc, e->v.Name.id, Load); break;
    }
}

/* Store the result. */
static void store_target(struct codegen *g, struct expr *e)
{
    switch ((enum expr_kind)e->kind) {
    case Attribute_kind:
        if (HAS(g->c, METHOD_ON_ITS_LINE))
            g->u->state.lineno = e->loc.end_lineno;
        emit(g, e->loc, OP_ROT_TWO);
        emit_name(g, e->loc, OP_STORE_ATTR, e->v.Attribute.attr);
        break;
    case Subscript_kind:
        emit(g, e->loc, OP_ROT_THREE);
        emit(g, e->loc, OP_STORE_SUBSCR);
        break;
    default: emit_name_op(g, e->loc, e->v.Name.id, Store); break;
    }
}

/* Go to the line of an expression for a while; what to go back to. */
static struct location go_to(struct codegen *g, struct location loc)
{
    struct location saved = g->u->state;
    if (loc.lineno != saved.lineno)
        g->u->line_set = false;
    g->u->state = loc;
    return saved;
}

void visit_augmented_assignment_dup(struct codegen *g, struct stmt *s)
{
    struct expr *target = s->v.AugAssign.target;
    struct location saved = go_to(g, target->loc);
    load_target(g, target);
    go_to(g, saved);
    visit_expr(g, s->v.AugAssign.value);
    g->slots->binary_op(g, s->loc, s->v.AugAssign.op, true);
    saved = go_to(g, target->loc);
    store_target(g, target);
    if (HAS(g->c, LINE_ONCE))
        go_to(g, saved);
}

void visit_yield_plain(struct codegen *g, struct location loc)
{
    emit(g, loc, OP_YIELD_VALUE);
}

void visit_yield_from_plain(struct codegen *g, struct location loc, bool await)
{
    (void)await;
    emit(g, loc, OP_YIELD_FROM);
}
