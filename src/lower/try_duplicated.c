/* try, with and leaving blocks on a block stack, with finally clauses that are compiled once for
 * each way in: behind the body, for an exception, and wherever a return, break or continue leaves
 * the body.
 *
 * An exception is three values on the stack: [traceback, value, type]. What is emitted for no line
 * of the source has none where the release knows such instructions (emit_nowhere, unit_lose_line),
 * and the line at hand where it does not.
 *
 * Answers to compiler_try_finally, compiler_try_except, compiler_with, compiler_async_with,
 * compiler_unwind_fblock of compile.c in 3.9 and 3.10. */
#include "lower/try_duplicated.h"

#include "codegen/emit.h"
#include "codegen/frame_block.h"
#include "codegen/visit.h"
#include "lower/await.h"
#include "lower/try.h"
#include "syntax/syntax_error.h"

/* [exit] -> [result]: exit(None, None, None) */
static void call_exit_with_nones(struct codegen *g)
{
    emit_none(g, g->u->state);
    emit(g, g->u->state, OP_DUP_TOP);
    emit(g, g->u->state, OP_DUP_TOP);
    emit_arg(g, g->u->state, OP_CALL_FUNCTION, 3);
}

/* RERAISE, with the depth of the saved instruction offset where it has an argument. */
static void reraise(struct codegen *g, int depth)
{
    emit_arg(g, g->u->state, OP_RERAISE, HAS(g->c, RERAISE_ARGUMENT) ? depth : 0);
}

/* Leave a try block with a finally clause: run a copy of the clause. */
static void leave_finally_try(struct codegen *g, struct location *loc,
                              const struct frame_block *block, bool preserve_top)
{
    emit(g, *loc, OP_POP_BLOCK);
    if (preserve_top)
        frame_block_push(g, BLOCK_POP_VALUE, *loc, -1, -1);
    struct location saved = g->u->state;
    visit_stmts(g, block->finally);
    g->u->state.lineno = saved.lineno;
    if (HAS(g->c, FINALLY_COPY_LOSES_LINE))
        unit_lose_line(g);
    if (preserve_top)
        frame_block_pop(g);
}

/* Leave the body of a finally clause that handles an exception. */
static void leave_finally_end(struct codegen *g, struct location *loc, bool preserve_top)
{
    if (preserve_top)
        emit(g, *loc, OP_ROT_FOUR);
    for (int i = 0; i < 3; i++)
        emit(g, *loc, OP_POP_TOP);
    if (preserve_top)
        emit(g, *loc, OP_ROT_FOUR);
    emit(g, *loc, OP_POP_EXCEPT);
}

/* Leave the body of a with statement. */
static void leave_with(struct codegen *g, struct location *loc, const struct frame_block *block,
                       bool preserve_top)
{
    if (HAS(g->c, WITH_EXIT_ON_ITS_LINE))
        unit_set_line(g, block->loc);
    emit(g, *loc, OP_POP_BLOCK);
    if (preserve_top)
        emit(g, *loc, OP_ROT_TWO);
    call_exit_with_nones(g);
    if (block->kind == BLOCK_ASYNC_WITH)
        await_value(g, g->u->state, AWAIT_PLAIN);
    emit(g, *loc, OP_POP_TOP);
    if (HAS(g->c, WITH_EXIT_ON_ITS_LINE))
        unit_lose_line(g);
}

/* Leave the body of an except clause. */
static void leave_handler(struct codegen *g, struct location *loc, const struct frame_block *block,
                          bool preserve_top)
{
    if (block->name != 0)
        emit(g, *loc, OP_POP_BLOCK);
    if (preserve_top)
        emit(g, *loc, OP_ROT_FOUR);
    emit(g, *loc, OP_POP_EXCEPT);
    if (block->name != 0)
        try_unbind(g, g->u->state, block->name);
}

void try_unwind_finally_duplicated(struct codegen *g, struct location *loc,
                                   const struct frame_block *block, bool preserve_top)
{
    switch (block->kind) {
    case BLOCK_FOR_LOOP:
    case BLOCK_ASYNC_FOR_LOOP:
    case BLOCK_POP_VALUE:
        if (preserve_top)
            emit(g, *loc, OP_ROT_TWO);
        emit(g, *loc, OP_POP_TOP);
        break;
    case BLOCK_TRY_EXCEPT: emit(g, *loc, OP_POP_BLOCK); break;
    case BLOCK_FINALLY_TRY: leave_finally_try(g, loc, block, preserve_top); break;
    case BLOCK_FINALLY_END: leave_finally_end(g, loc, preserve_top); break;
    case BLOCK_WITH:
    case BLOCK_ASYNC_WITH: leave_with(g, loc, block, preserve_top); break;
    case BLOCK_HANDLER_CLEANUP: leave_handler(g, loc, block, preserve_top); break;
    default: break;
    }
}

/* except type as name:        [tb, value] -> [], on to `end`
 *          <store name>; POP_TOP; SETUP_FINALLY cleanup; <body>; POP_BLOCK; POP_EXCEPT;
 *          name = None; del name; jump to end
 * cleanup: name = None; del name; RERAISE */
static void named_handler(struct codegen *g, struct excepthandler *h, label end)
{
    identifier name = h->v.ExceptHandler.name;
    label cleanup_end = emit_new_label(g), cleanup_body = emit_new_label(g);
    emit_name_op(g, h->loc, name, Store);
    emit(g, h->loc, OP_POP_TOP);
    emit_jump(g, h->loc, OP_SETUP_FINALLY, cleanup_end);
    emit_label(g, cleanup_body);
    frame_block_push_handler(g, h->loc, cleanup_body, name);
    visit_stmts(g, h->v.ExceptHandler.body);
    frame_block_pop(g);
    unit_lose_line(g);
    emit(g, h->loc, OP_POP_BLOCK);
    emit(g, h->loc, OP_POP_EXCEPT);
    try_unbind(g, g->u->state, name);
    emit_jump(g, h->loc, g->slots->jump_on, end);
    emit_label(g, cleanup_end);
    unit_lose_line(g);
    try_unbind(g, g->u->state, name);
    reraise(g, 1);
}

/* except type:                [tb, value] -> [], on to `end` */
static void plain_handler(struct codegen *g, struct excepthandler *h, label end)
{
    label cleanup_body = emit_new_label(g);
    emit(g, h->loc, OP_POP_TOP);
    emit(g, h->loc, OP_POP_TOP);
    emit_label(g, cleanup_body);
    frame_block_push_handler(g, h->loc, cleanup_body, 0);
    visit_stmts(g, h->v.ExceptHandler.body);
    frame_block_pop(g);
    unit_lose_line(g);
    emit(g, h->loc, OP_POP_EXCEPT);
    emit_jump(g, h->loc, g->slots->jump_on, end);
}

/* One except clause: [tb, value, exc] -> [], on to `end`; or on behind it with the stack as it was.
 */
static void handler(struct codegen *g, struct excepthandler *h, bool last, label end)
{
    if (h->v.ExceptHandler.type == NULL && !last)
        syntax_error_at(g->c, HAS(g->c, DEFAULT_EXCEPT_REFUSED_AT_ITSELF) ? h->loc : g->u->state,
                        "default 'except:' must be last");
    unit_set_line(g, h->loc);
    label next = emit_new_label(g);
    if (h->v.ExceptHandler.type != NULL) {
        emit(g, h->loc, OP_DUP_TOP);
        visit_expr(g, h->v.ExceptHandler.type);
        emit_exception_match_jump(g, h->loc, next);
    }
    emit(g, h->loc, OP_POP_TOP);
    if (h->v.ExceptHandler.name != 0)
        named_handler(g, h, end);
    else
        plain_handler(g, h, end);
    emit_label(g, next);
}

/*         SETUP_FINALLY except; <body>; POP_BLOCK; jump to orelse
 * except: <handlers>; RERAISE           [tb, value, exc] -> []
 * orelse: <orelse>
 * end: */
static void try_except(struct codegen *g, struct stmt *s)
{
    struct excepthandler_list *handlers = s->v.Try.handlers;
    label body = emit_new_label(g), except = emit_new_label(g), orelse = emit_new_label(g),
          end = emit_new_label(g);
    emit_jump(g, s->loc, OP_SETUP_FINALLY, except);
    emit_label(g, body);
    frame_block_push(g, BLOCK_TRY_EXCEPT, s->loc, body, -1);
    visit_stmts(g, s->v.Try.body);
    frame_block_pop(g);
    emit_nowhere(g, OP_POP_BLOCK);
    emit_jump_nowhere(g, g->slots->jump_on, orelse);
    emit_label(g, except);
    frame_block_push(g, BLOCK_EXCEPTION_HANDLER, s->loc, -1, -1);
    for (uint32_t i = 0; i < handlers->count; i++)
        handler(g, handlers->items[i], i + 1 == handlers->count, end);
    frame_block_pop(g);
    unit_lose_line(g);
    reraise(g, 0);
    emit_label(g, orelse);
    visit_stmts(g, s->v.Try.orelse);
    emit_label(g, end);
}

/*      SETUP_FINALLY end; <body>; POP_BLOCK; <finally>; jump to exit
 * end: <finally>; RERAISE               [tb, value, exc] -> never
 * exit: */
static void try_finally(struct codegen *g, struct stmt *s)
{
    label body = emit_new_label(g), end = emit_new_label(g), exit = emit_new_label(g);
    emit_jump(g, s->loc, OP_SETUP_FINALLY, end);
    emit_label(g, body);
    frame_block_push_finally(g, s->loc, body, end, s->v.Try.finalbody);
    if (s->v.Try.handlers->count != 0)
        try_except(g, s);
    else
        visit_stmts(g, s->v.Try.body);
    emit_nowhere(g, OP_POP_BLOCK);
    frame_block_pop(g);
    visit_stmts(g, s->v.Try.finalbody);
    emit_jump_nowhere(g, g->slots->jump_on, exit);
    emit_label(g, end);
    frame_block_push(g, BLOCK_FINALLY_END, s->loc, end, -1);
    visit_stmts(g, s->v.Try.finalbody);
    frame_block_pop(g);
    reraise(g, 0);
    emit_label(g, exit);
}

void try_finally_duplicated(struct codegen *g, struct stmt *s)
{
    if (s->v.Try.finalbody->count != 0)
        try_finally(g, s);
    else
        try_except(g, s);
}

/* [exit, tb, value, exc, result] -> []: raise again unless the result is true */
static void finish_exception(struct codegen *g)
{
    label swallowed = emit_new_label(g);
    emit_jump(g, g->u->state, OP_POP_JUMP_IF_TRUE, swallowed);
    reraise(g, 1);
    emit_label(g, swallowed);
    for (int i = 0; i < 3; i++)
        emit(g, g->u->state, OP_POP_TOP);
    emit(g, g->u->state, OP_POP_EXCEPT);
    emit(g, g->u->state, OP_POP_TOP);
}

/* The places of a with statement, in the order in which CPython makes the blocks. */
struct with_labels {
    label block, final, exit;
};

static struct with_labels new_with_labels(struct codegen *g)
{
    struct with_labels l;
    l.block = emit_new_label(g);
    l.final = emit_new_label(g);
    l.exit = emit_new_label(g);
    return l;
}

/* A with statement from the value of __enter__ on.
 * block: <store>; <body>; POP_BLOCK; exit(None, None, None); POP_TOP; jump to exit
 * final: WITH_EXCEPT_START; jump to swallowed if true; RERAISE
 * swallowed: POP_TOP * 3; POP_EXCEPT; POP_TOP
 * exit: */
static void with_rest(struct codegen *g, struct stmt *s, uint32_t item, bool async,
                      const struct with_labels *l)
{
    const struct withitem *w = s->v.With.items->items[item];
    emit_label(g, l->block);
    frame_block_push(g, async ? BLOCK_ASYNC_WITH : BLOCK_WITH, s->loc, l->block, l->final);
    if (w->optional_vars != NULL)
        visit_expr(g, w->optional_vars);
    else
        emit(g, s->loc, OP_POP_TOP);
    if (item + 1 == s->v.With.items->count)
        visit_stmts(g, s->v.With.body);
    else if (async)
        with_async_exit_called(g, s, item + 1);
    else
        with_exit_called(g, s, item + 1);
    if (HAS(g->c, WITH_EXIT_ON_ITS_LINE) && !async)
        unit_lose_line(g);
    emit(g, s->loc, OP_POP_BLOCK);
    frame_block_pop(g);
    if (HAS(g->c, WITH_EXIT_ON_ITS_LINE))
        unit_set_line(g, s->loc);
    call_exit_with_nones(g);
    if (async)
        await_value(g, g->u->state, AWAIT_PLAIN);
    emit(g, s->loc, OP_POP_TOP);
    emit_jump(g, s->loc, async ? g->slots->jump_loop : g->slots->jump_on, l->exit);
    emit_label(g, l->final);
    emit(g, s->loc, OP_WITH_EXCEPT_START);
    if (async)
        await_value(g, g->u->state, AWAIT_PLAIN);
    finish_exception(g);
    emit_label(g, l->exit);
}

void with_exit_called(struct codegen *g, struct stmt *s, uint32_t item)
{
    struct with_labels l = new_with_labels(g);
    visit_expr(g, s->v.With.items->items[item]->context_expr);
    emit_jump(g, s->loc, OP_SETUP_WITH, l.final);
    with_rest(g, s, item, false, &l);
}

void with_async_exit_called(struct codegen *g, struct stmt *s, uint32_t item)
{
    if (g->u->kind != UNIT_ASYNC_FUNCTION)
        syntax_error_at(g->c, g->u->state, "'async with' outside async function");
    struct with_labels l = new_with_labels(g);
    visit_expr(g, s->v.AsyncWith.items->items[item]->context_expr);
    emit(g, s->loc, OP_BEFORE_ASYNC_WITH);
    await_value(g, g->u->state, AWAIT_PLAIN);
    emit_jump(g, s->loc, OP_SETUP_ASYNC_WITH, l.final);
    with_rest(g, s, item, true, &l);
}
