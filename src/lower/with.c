/* with statements. To 3.13 BEFORE_WITH pushes the bound __exit__ and calls __enter__. From 3.14
 * LOAD_SPECIAL pushes __exit__ and the object itself, so that one value more lies on the stack.
 * Answers to compiler_with, compiler_async_with, compiler_with_except_finish,
 * compiler_call_exit_with_nones. */
#include "lower/with.h"

#include "codegen/emit.h"
#include "codegen/frame_block.h"
#include "codegen/visit.h"
#include "lower/await.h"
#include "lower/call.h"
#include "lower/try.h"
#include "syntax/syntax_error.h"

/* [exit] or [exit, self] -> [result of exit(None, None, None)] */
static void call_exit(struct codegen *g, struct location loc)
{
    emit_none(g, loc);
    emit_none(g, loc);
    emit_none(g, loc);
    call_plain(g, loc, HAS(g->c, LOAD_SPECIAL) ? 3 : 2);
}

/* [exit, lasti, exc_info, exc, result of exit] -> [], or raise again
 *        jump to suppress if the result is true; RERAISE
 * suppress: POP_TOP; POP_BLOCK; POP_EXCEPT; POP_TOP; POP_TOP; jump to exit
 * cleanup: COPY 3; POP_EXCEPT; RERAISE
 * exit: */
static void finish_exception(struct codegen *g, label cleanup)
{
    bool early = HAS(g->c, WITH_CLEANUP_BEFORE_END);
    unit_lose_line(g);
    label suppress = emit_new_label(g);
    emit_bool_jump(g, NO_LOCATION, true, suppress);
    emit_arg(g, NO_LOCATION, OP_RERAISE, 2);
    if (early) {
        emit_label(g, cleanup);
        try_pop_except_and_reraise(g, NO_LOCATION);
    }
    emit_label(g, suppress);
    emit(g, NO_LOCATION, OP_POP_TOP);
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    emit(g, NO_LOCATION, OP_POP_EXCEPT);
    emit(g, NO_LOCATION, OP_POP_TOP);
    emit(g, NO_LOCATION, OP_POP_TOP);
    if (HAS(g->c, LOAD_SPECIAL))
        emit(g, NO_LOCATION, OP_POP_TOP);
    if (early)
        return;
    label exit = emit_new_label(g);
    emit_jump_on(g, exit);
    emit_label(g, cleanup);
    try_pop_except_and_reraise(g, NO_LOCATION);
    emit_label(g, exit);
}

/* [manager] -> [exit, result of enter], with self above exit where it is not bound */
static void enter(struct codegen *g, struct location loc, bool async)
{
    enum { SPECIAL_ENTER = 0, SPECIAL_EXIT = 1, SPECIAL_AENTER = 2, SPECIAL_AEXIT = 3 };
    if (!HAS(g->c, LOAD_SPECIAL)) {
        emit(g, loc, async ? OP_BEFORE_ASYNC_WITH : OP_BEFORE_WITH);
        return;
    }
    emit_copy(g, loc, 1);
    emit_arg(g, loc, OP_LOAD_SPECIAL, async ? SPECIAL_AEXIT : SPECIAL_EXIT);
    emit_swap(g, loc, 2);
    emit_swap(g, loc, 3);
    emit_arg(g, loc, OP_LOAD_SPECIAL, async ? SPECIAL_AENTER : SPECIAL_ENTER);
    call_plain(g, loc, 0);
}

/* [result of enter] -> [] */
static void store_result(struct codegen *g, struct location loc, const struct withitem *item)
{
    if (item->optional_vars != NULL)
        visit_expr(g, item->optional_vars);
    else
        emit(g, loc, OP_POP_TOP);
}

/* One item of a with statement and all that it encloses; of async with `async`.
 *        <context>; <enter>              [] -> [exit, result of enter]
 *        SETUP_WITH final; <store>; <body>; POP_BLOCK
 *        <exit(None, None, None)>; POP_TOP; jump to exit
 * final: SETUP_CLEANUP cleanup; PUSH_EXC_INFO; WITH_EXCEPT_START; <finish>
 * exit: */
static void with_item(struct codegen *g, struct stmt *s, uint32_t n, bool async)
{
    const struct withitem *item = s->v.With.items->items[n];
    label block = emit_new_label(g), final = emit_new_label(g), exit = emit_new_label(g),
          cleanup = emit_new_label(g);
    visit_expr(g, item->context_expr);
    struct location loc = HAS(g->c, LOCATIONS_OF_PARTS) ? item->context_expr->loc : s->loc;
    enter(g, loc, async);
    if (async)
        await_value(g, loc, AWAIT_AENTER);
    emit_jump(g, loc, OP_SETUP_WITH, final);
    emit_label(g, block);
    frame_block_push(g, async ? BLOCK_ASYNC_WITH : BLOCK_WITH, loc, block, final);
    store_result(g, loc, item);
    if (n + 1 == s->v.With.items->count)
        visit_stmts(g, s->v.With.body);
    else
        with_item(g, s, n + 1, async);
    emit(g, async ? loc : NO_LOCATION, OP_POP_BLOCK);
    frame_block_pop(g);
    unit_move_to(g, loc);
    call_exit(g, loc);
    if (async)
        await_value(g, loc, AWAIT_AEXIT);
    emit(g, loc, OP_POP_TOP);
    emit_jump(g, loc, g->slots->jump_loop, exit);
    emit_label(g, final);
    emit_jump(g, loc, OP_SETUP_CLEANUP, cleanup);
    emit(g, loc, OP_PUSH_EXC_INFO);
    emit(g, loc, OP_WITH_EXCEPT_START);
    if (async)
        await_value(g, loc, AWAIT_AEXIT);
    finish_exception(g, cleanup);
    emit_label(g, exit);
}

void with_exit_on_stack(struct codegen *g, struct stmt *s, uint32_t n)
{
    with_item(g, s, n, false);
}

void with_async_exit_on_stack(struct codegen *g, struct stmt *s, uint32_t n)
{
    if (g->u->kind != UNIT_ASYNC_FUNCTION && !HAS(g->c, SYMTABLE_CHECKS_NAMES))
        syntax_error_at(g->c, s->loc, "'async with' outside async function");
    with_item(g, s, n, true);
}

void with_unwind(struct codegen *g, struct location *loc, const struct frame_block *block,
                 bool preserve_top)
{
    *loc = block->loc;
    unit_move_to(g, *loc);
    emit(g, *loc, OP_POP_BLOCK);
    if (preserve_top && HAS(g->c, LOAD_SPECIAL))
        emit_swap(g, *loc, 3);
    emit_swap_if(g, *loc, preserve_top);
    call_exit(g, *loc);
    if (block->kind == BLOCK_ASYNC_WITH)
        await_value(g, *loc, AWAIT_AEXIT);
    emit(g, *loc, OP_POP_TOP);
    unit_lose_line(g);
    *loc = NO_LOCATION;
}
