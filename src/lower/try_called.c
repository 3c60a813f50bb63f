/* try, with and leaving blocks on a block stack, with finally clauses that are called.
 *
 * A finally clause is compiled once. It is entered with NULL (BEGIN_FINALLY: nothing to do
 * afterwards), with a return address (CALL_FINALLY) or with an exception on the stack, and
 * END_FINALLY goes on accordingly. The clause is compiled before the body that it guards, since the
 * body's returns have to know whether the clause itself jumps out
 * ("breaks"), and is moved behind it then; constants, names and inner functions are numbered in
 * that order.
 *
 * Answers to compiler_try_finally, compiler_try_except, compiler_with, compiler_async_with and
 * compiler_unwind_fblock of 3.8's compile.c. */
#include "lower/try_called.h"

#include "codegen/emit.h"
#include "codegen/frame_block.h"
#include "codegen/visit.h"
#include "lower/await.h"
#include "lower/try.h"
#include "syntax/syntax_error.h"

/* Instructions that have been cut out of the sequence, with the labels among them. */
struct cut {
    struct instruction *instructions;
    uint32_t *jumps; /* among them, counted from the first one */
    uint32_t count, jump_count;
    /* the labels made there; those placed are -2 - position while they are out */
    uint32_t first_label, label_end;
};

/* Cut everything from `start` on; labels from `first_label` on go with it. */
static struct cut cut_out(struct codegen *g, uint32_t start, uint32_t first_label)
{
    struct instruction_sequence *s = &g->u->code.sequence;
    unit_close_sequence(g);
    struct cut cut = {.count = s->instructions.count - start,
                      .first_label = first_label,
                      .label_end = s->labels.count};
    uint32_t jumps = s->jumps.count;
    while (jumps > 0 && s->jumps.items[jumps - 1] >= start)
        jumps--;
    cut.jump_count = s->jumps.count - jumps;
    cut.jumps = arena_alloc_array(g->arena, cut.jump_count, sizeof *cut.jumps);
    for (uint32_t j = 0; j < cut.jump_count; j++)
        cut.jumps[j] = s->jumps.items[jumps + j] - start;
    s->jumps.count = jumps;
    for (uint32_t l = cut.first_label; l < cut.label_end; l++) {
        if (s->labels.items[l] >= 0)
            s->labels.items[l] = -2 - (s->labels.items[l] - (int32_t)start);
    }
    cut.instructions = arena_alloc_array(g->arena, cut.count, sizeof *cut.instructions);
    if (cut.count != 0)
        memcpy(cut.instructions, s->instructions.items + start,
               cut.count * sizeof *cut.instructions);
    s->instructions.count = start;
    unit_open_sequence(g);
    return cut;
}

/* Put what was cut out at the end. */
static void paste(struct codegen *g, const struct cut *cut)
{
    struct instruction_sequence *s = &g->u->code.sequence;
    unit_close_sequence(g);
    int32_t start = (int32_t)s->instructions.count;
    array_reserve(g->arena, &s->instructions, cut->count);
    if (cut->count != 0)
        memcpy(s->instructions.items + s->instructions.count, cut->instructions,
               cut->count * sizeof *cut->instructions);
    s->instructions.count += cut->count;
    unit_open_sequence(g);
    for (uint32_t j = 0; j < cut->jump_count; j++)
        array_push(g->arena, &s->jumps, (uint32_t)start + cut->jumps[j]);
    for (uint32_t l = cut->first_label; l < cut->label_end; l++) {
        if (s->labels.items[l] <= -2)
            s->labels.items[l] = start + (-2 - s->labels.items[l]);
    }
}

/* Leave the body of a finally clause: drop its way back, and what the try block put on the stack to
 * match. */
static void leave_finally_end(struct codegen *g, bool preserve_top)
{
    emit_arg(g, NO_LOCATION, OP_POP_FINALLY, preserve_top);
    if (preserve_top)
        emit(g, NO_LOCATION, OP_ROT_TWO);
    emit(g, NO_LOCATION, OP_POP_TOP);
}

/* Leave a try block whose finally clause may jump out: its placeholder goes, too. */
static void leave_try_with_placeholder(struct codegen *g, const struct frame_block *block,
                                       bool preserve_top)
{
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    if (preserve_top) {
        emit(g, NO_LOCATION, OP_ROT_TWO);
        emit(g, NO_LOCATION, OP_POP_TOP);
        emit_jump(g, NO_LOCATION, OP_CALL_FINALLY, block->exit);
    } else {
        emit_jump(g, NO_LOCATION, OP_CALL_FINALLY, block->exit);
        emit(g, NO_LOCATION, OP_POP_TOP);
    }
}

/* Leave the body of a with statement. */
static void leave_with(struct codegen *g, const struct frame_block *block, bool preserve_top)
{
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    if (preserve_top)
        emit(g, NO_LOCATION, OP_ROT_TWO);
    emit(g, NO_LOCATION, OP_BEGIN_FINALLY);
    emit(g, NO_LOCATION, OP_WITH_CLEANUP_START);
    if (block->kind == BLOCK_ASYNC_WITH)
        await_value(g, NO_LOCATION, AWAIT_PLAIN);
    emit(g, NO_LOCATION, OP_WITH_CLEANUP_FINISH);
    emit_arg(g, NO_LOCATION, OP_POP_FINALLY, 0);
}

void try_unwind_finally_called(struct codegen *g, struct location *loc,
                               const struct frame_block *block, bool preserve_top)
{
    (void)loc;
    switch (block->kind) {
    case BLOCK_FOR_LOOP:
    case BLOCK_ASYNC_FOR_LOOP:
        if (preserve_top)
            emit(g, NO_LOCATION, OP_ROT_TWO);
        emit(g, NO_LOCATION, OP_POP_TOP);
        break;
    case BLOCK_FINALLY_END:
        if (block->left != NULL)
            *block->left = true;
        leave_finally_end(g, preserve_top);
        break;
    case BLOCK_TRY_EXCEPT: emit(g, NO_LOCATION, OP_POP_BLOCK); break;
    case BLOCK_FINALLY_TRY:
        emit(g, NO_LOCATION, OP_POP_BLOCK);
        emit_jump(g, NO_LOCATION, OP_CALL_FINALLY, block->exit);
        break;
    case BLOCK_FINALLY_TRY_PLACEHOLDER: leave_try_with_placeholder(g, block, preserve_top); break;
    case BLOCK_WITH:
    case BLOCK_ASYNC_WITH: leave_with(g, block, preserve_top); break;
    case BLOCK_HANDLER_CLEANUP:
        if (preserve_top)
            emit(g, NO_LOCATION, OP_ROT_FOUR);
        if (block->exit >= 0)
            emit(g, NO_LOCATION, OP_POP_BLOCK);
        emit(g, NO_LOCATION, OP_POP_EXCEPT);
        if (block->exit >= 0)
            emit_jump(g, NO_LOCATION, OP_CALL_FINALLY, block->exit);
        break;
    default: break;
    }
}

/* except type as name:        [tb, value, exc -> popped] [tb, value] -> []
 *          <store name>; POP_TOP; SETUP_FINALLY cleanup; <body>; POP_BLOCK; BEGIN_FINALLY
 * cleanup: name = None; del name; END_FINALLY; POP_EXCEPT */
static void named_handler(struct codegen *g, struct excepthandler *h)
{
    label cleanup_end = emit_new_label(g), cleanup_body = emit_new_label(g);
    emit_name_op(g, h->loc, h->v.ExceptHandler.name, Store);
    emit(g, h->loc, OP_POP_TOP);
    emit_jump(g, h->loc, OP_SETUP_FINALLY, cleanup_end);
    emit_label(g, cleanup_body);
    frame_block_push(g, BLOCK_HANDLER_CLEANUP, h->loc, cleanup_body, cleanup_end);
    visit_stmts(g, h->v.ExceptHandler.body);
    emit(g, h->loc, OP_POP_BLOCK);
    emit(g, h->loc, OP_BEGIN_FINALLY);
    frame_block_pop(g);
    emit_label(g, cleanup_end);
    frame_block_push(g, BLOCK_FINALLY_END, h->loc, cleanup_end, -1);
    try_unbind(g, NO_LOCATION, h->v.ExceptHandler.name);
    emit(g, h->loc, OP_END_FINALLY);
    emit(g, h->loc, OP_POP_EXCEPT);
    frame_block_pop(g);
}

/* except type:                [tb, value] -> [] */
static void plain_handler(struct codegen *g, struct excepthandler *h)
{
    label cleanup_body = emit_new_label(g);
    emit(g, h->loc, OP_POP_TOP);
    emit(g, h->loc, OP_POP_TOP);
    emit_label(g, cleanup_body);
    frame_block_push(g, BLOCK_HANDLER_CLEANUP, h->loc, cleanup_body, -1);
    visit_stmts(g, h->v.ExceptHandler.body);
    emit(g, h->loc, OP_POP_EXCEPT);
    frame_block_pop(g);
}

/* One except clause: [tb, value, exc] -> [], on to `end`; or on behind it with the stack as it was.
 */
static void handler(struct codegen *g, struct excepthandler *h, bool last, label end)
{
    if (h->v.ExceptHandler.type == NULL && !last)
        syntax_error_at(g->c, g->u->state, "default 'except:' must be last");
    unit_set_line(g, h->loc);
    label next = emit_new_label(g);
    if (h->v.ExceptHandler.type != NULL) {
        emit(g, h->loc, OP_DUP_TOP);
        visit_expr(g, h->v.ExceptHandler.type);
        emit_exception_match_jump(g, h->loc, next);
    }
    emit(g, h->loc, OP_POP_TOP);
    if (h->v.ExceptHandler.name != 0)
        named_handler(g, h);
    else
        plain_handler(g, h);
    emit_jump_on(g, end);
    emit_label(g, next);
}

/*         SETUP_FINALLY except; <body>; POP_BLOCK; jump to orelse
 * except: <handlers>; END_FINALLY       [tb, value, exc] -> []
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
    emit(g, s->loc, OP_POP_BLOCK);
    frame_block_pop(g);
    emit_jump_on(g, orelse);
    emit_label(g, except);
    for (uint32_t i = 0; i < handlers->count; i++)
        handler(g, handlers->items[i], i + 1 == handlers->count, end);
    emit(g, s->loc, OP_END_FINALLY);
    emit_label(g, orelse);
    visit_stmts(g, s->v.Try.orelse);
    emit_label(g, end);
}

/*      SETUP_FINALLY end; <body>; POP_BLOCK; BEGIN_FINALLY
 * end: <finally>; END_FINALLY           [NULL, address or exception] -> []
 * If the clause may jump out, a placeholder lies below all this, for a return value that is on its
 * way. */
static void try_finally(struct codegen *g, struct stmt *s)
{
    uint32_t start = emit_count(g), first_label = g->u->code.sequence.labels.count;
    label body = emit_new_label(g), end = emit_new_label(g);
    bool breaks = false;
    emit_label(g, end);
    frame_block_push_finally_end(g, s->loc, end, &breaks);
    visit_stmts(g, s->v.Try.finalbody);
    emit(g, s->loc, OP_END_FINALLY);
    if (breaks)
        emit(g, s->loc, OP_POP_TOP);
    frame_block_pop(g);
    struct cut clause = cut_out(g, start, first_label);

    unit_set_line(g, s->loc);
    if (breaks)
        emit_none(g, s->loc);
    emit_jump(g, s->loc, OP_SETUP_FINALLY, end);
    emit_label(g, body);
    frame_block_push(g, breaks ? BLOCK_FINALLY_TRY_PLACEHOLDER : BLOCK_FINALLY_TRY, s->loc, body,
                     end);
    if (s->v.Try.handlers->count != 0)
        try_except(g, s);
    else
        visit_stmts(g, s->v.Try.body);
    emit(g, s->loc, OP_POP_BLOCK);
    emit(g, s->loc, OP_BEGIN_FINALLY);
    frame_block_pop(g);
    paste(g, &clause);
}

void try_finally_called(struct codegen *g, struct stmt *s)
{
    if (s->v.Try.finalbody->count != 0)
        try_finally(g, s);
    else
        try_except(g, s);
}

/* The body of a with statement from the value of __enter__ on, up to the end of the statement. */
static void with_rest(struct codegen *g, struct stmt *s, uint32_t item, bool async, label finally)
{
    const struct withitem *w = s->v.With.items->items[item];
    label block = emit_label_here(g);
    frame_block_push(g, async ? BLOCK_ASYNC_WITH : BLOCK_WITH, s->loc, block, finally);
    if (w->optional_vars != NULL)
        visit_expr(g, w->optional_vars);
    else
        emit(g, s->loc, OP_POP_TOP);
    if (item + 1 == s->v.With.items->count)
        visit_stmts(g, s->v.With.body);
    else if (async)
        with_async_finally_called(g, s, item + 1);
    else
        with_finally_called(g, s, item + 1);
    emit(g, s->loc, OP_POP_BLOCK);
    emit(g, s->loc, OP_BEGIN_FINALLY);
    frame_block_pop(g);
    emit_label(g, finally);
    frame_block_push(g, BLOCK_FINALLY_END, s->loc, finally, -1);
    emit(g, s->loc, OP_WITH_CLEANUP_START);
    if (async)
        await_value(g, NO_LOCATION, AWAIT_PLAIN);
    emit(g, s->loc, OP_WITH_CLEANUP_FINISH);
    emit(g, s->loc, OP_END_FINALLY);
    frame_block_pop(g);
}

/*          <context>; SETUP_WITH finally; <store>; <body>; POP_BLOCK; BEGIN_FINALLY
 * finally: WITH_CLEANUP_START; WITH_CLEANUP_FINISH; END_FINALLY */
void with_finally_called(struct codegen *g, struct stmt *s, uint32_t item)
{
    label finally = emit_new_label(g);
    visit_expr(g, s->v.With.items->items[item]->context_expr);
    emit_jump(g, s->loc, OP_SETUP_WITH, finally);
    with_rest(g, s, item, false, finally);
}

/* The same with an await of __aenter__ and one of __aexit__. */
void with_async_finally_called(struct codegen *g, struct stmt *s, uint32_t item)
{
    if (g->u->kind != UNIT_ASYNC_FUNCTION)
        syntax_error_at(g->c, g->u->state, "'async with' outside async function");
    label finally = emit_new_label(g);
    visit_expr(g, s->v.AsyncWith.items->items[item]->context_expr);
    emit(g, s->loc, OP_BEFORE_ASYNC_WITH);
    await_value(g, NO_LOCATION, AWAIT_PLAIN);
    emit_jump(g, s->loc, OP_SETUP_ASYNC_WITH, finally);
    with_rest(g, s, item, true, finally);
}
