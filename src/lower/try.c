/* try statements. From 3.11 a block costs nothing until an exception is raised: SETUP_* and
 * POP_BLOCK only mark which instructions a handler covers, and become the exception table
 * (try_exception_table). A finally clause is compiled twice, once for each way into it. Answers to
 * compiler_try_finally, compiler_try_except, compiler_try_star_except, compiler_unwind_fblock. */
#include "lower/try.h"

#include "codegen/emit.h"
#include "codegen/frame_block.h"
#include "codegen/visit.h"
#include "lower/with.h"
#include "syntax/syntax_error.h"

void try_pop_except_and_reraise(struct codegen *g, struct location loc)
{
    emit_copy(g, loc, 3);
    emit(g, loc, OP_POP_EXCEPT);
    emit_arg(g, loc, OP_RERAISE, 1);
}

void try_unbind(struct codegen *g, struct location loc, identifier name)
{
    emit_none(g, loc);
    emit_name_op(g, loc, name, Store);
    emit_name_op(g, loc, name, Del);
}

/* The code of try ... finally around what `inner` emits:
 *        SETUP_FINALLY end; <inner>; POP_BLOCK; <finally>; jump to exit
 * end:   SETUP_CLEANUP cleanup; PUSH_EXC_INFO; <finally>; RERAISE     [exc] -> [exc_info, exc]
 * cleanup: COPY 3; POP_EXCEPT; RERAISE
 * exit: */
static void try_finally(struct codegen *g, struct location loc, struct stmt_list *finalbody,
                        void (*inner)(struct codegen *, struct stmt *), struct stmt *s)
{
    label body = emit_new_label(g), end = emit_new_label(g), exit = emit_new_label(g),
          cleanup = emit_new_label(g);
    emit_jump(g, loc, OP_SETUP_FINALLY, end);
    emit_label(g, body);
    frame_block_push_finally(g, loc, body, end, finalbody);
    inner(g, s);
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    frame_block_pop(g);
    visit_stmts(g, finalbody);
    emit_jump_on(g, exit);
    emit_label(g, end);
    unit_lose_line(g);
    emit_jump(g, NO_LOCATION, OP_SETUP_CLEANUP, cleanup);
    emit(g, NO_LOCATION, OP_PUSH_EXC_INFO);
    frame_block_push(g, BLOCK_FINALLY_END, NO_LOCATION, end, -1);
    visit_stmts(g, finalbody);
    frame_block_pop(g);
    struct location last = g->location_by_state ? g->u->state : NO_LOCATION;
    emit_arg(g, last, OP_RERAISE, 0);
    emit_label(g, cleanup);
    try_pop_except_and_reraise(g, last);
    emit_label(g, exit);
}

/* except type as name: the body runs in a try ... finally that unbinds the name.
 * [exc_info, exc] -> [], then on to `end` */
static void named_handler(struct codegen *g, struct excepthandler *h, label end)
{
    identifier name = h->v.ExceptHandler.name;
    label cleanup_end = emit_new_label(g), cleanup_body = emit_new_label(g);
    emit_name_op(g, h->loc, name, Store);
    emit_jump(g, h->loc, OP_SETUP_CLEANUP, cleanup_end);
    emit_label(g, cleanup_body);
    frame_block_push_handler(g, h->loc, cleanup_body, name);
    visit_stmts(g, h->v.ExceptHandler.body);
    frame_block_pop(g);
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    emit(g, NO_LOCATION, OP_POP_EXCEPT);
    try_unbind(g, NO_LOCATION, name);
    emit_jump_on(g, end);
    emit_label(g, cleanup_end);
    try_unbind(g, NO_LOCATION, name);
    emit_arg(g, NO_LOCATION, OP_RERAISE, 1);
}

/* except type: [exc_info, exc] -> [], then on to `end` */
static void plain_handler(struct codegen *g, struct excepthandler *h, label end)
{
    label cleanup_body = emit_new_label(g);
    emit(g, h->loc, OP_POP_TOP);
    emit_label(g, cleanup_body);
    frame_block_push_handler(g, h->loc, cleanup_body, 0);
    visit_stmts(g, h->v.ExceptHandler.body);
    frame_block_pop(g);
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    emit(g, NO_LOCATION, OP_POP_EXCEPT);
    emit_jump_on(g, end);
}

/* One except clause: go on behind it if the exception does not match. */
static void handler(struct codegen *g, struct excepthandler *h, bool last, label end)
{
    if (h->v.ExceptHandler.type == NULL && !last)
        syntax_error_at(g->c, h->loc, "default 'except:' must be last");
    unit_move_to(g, h->loc);
    label next = emit_new_label(g);
    if (h->v.ExceptHandler.type != NULL) {
        visit_expr(g, h->v.ExceptHandler.type);
        emit(g, h->loc, OP_CHECK_EXC_MATCH);
        emit_pop_jump(g, h->loc, false, next);
    }
    if (h->v.ExceptHandler.name != 0)
        named_handler(g, h, end);
    else
        plain_handler(g, h, end);
    emit_label(g, next);
}

/*        SETUP_FINALLY except; <body>; POP_BLOCK; <orelse>; jump to end
 * except: SETUP_CLEANUP cleanup; PUSH_EXC_INFO          [exc] -> [exc_info, exc]
 *        <handlers>; RERAISE
 * cleanup: COPY 3; POP_EXCEPT; RERAISE
 * end: */
static void try_except(struct codegen *g, struct stmt *s)
{
    struct location loc = s->loc;
    struct excepthandler_list *handlers = s->v.Try.handlers;
    label body = emit_new_label(g), except = emit_new_label(g), end = emit_new_label(g),
          cleanup = emit_new_label(g);
    emit_jump(g, loc, OP_SETUP_FINALLY, except);
    emit_label(g, body);
    frame_block_push(g, BLOCK_TRY_EXCEPT, loc, body, -1);
    visit_stmts(g, s->v.Try.body);
    frame_block_pop(g);
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    visit_stmts(g, s->v.Try.orelse);
    emit_jump_on(g, end);
    emit_label(g, except);
    unit_lose_line(g);
    emit_jump(g, NO_LOCATION, OP_SETUP_CLEANUP, cleanup);
    emit(g, NO_LOCATION, OP_PUSH_EXC_INFO);
    frame_block_push(g, BLOCK_EXCEPTION_HANDLER, loc, -1, -1);
    for (uint32_t i = 0; i < handlers->count; i++)
        handler(g, handlers->items[i], i + 1 == handlers->count, end);
    unit_lose_line(g);
    frame_block_pop(g);
    emit_arg(g, NO_LOCATION, OP_RERAISE, 0);
    emit_label(g, cleanup);
    try_pop_except_and_reraise(g, NO_LOCATION);
    emit_label(g, end);
}

/* The inside of try ... finally: with handlers or without. */
static void try_body(struct codegen *g, struct stmt *s)
{
    if (s->v.Try.handlers->count != 0)
        try_except(g, s);
    else
        visit_stmts(g, s->v.Try.body);
}

void try_exception_table(struct codegen *g, struct stmt *s)
{
    if (s->v.Try.finalbody->count != 0)
        try_finally(g, s->loc, s->v.Try.finalbody, try_body, s);
    else
        try_except(g, s);
}

/* The body of an except* clause: what it raises goes into the list of results.
 * [orig, results, rest] -> the same, at `next` or at `with_error` */
static void star_handler_body(struct codegen *g, struct excepthandler *h, label next,
                              label with_error)
{
    identifier name = h->v.ExceptHandler.name;
    label cleanup_end = emit_new_label(g), cleanup_body = emit_new_label(g);
    if (name != 0)
        emit_name_op(g, h->loc, name, Store);
    else
        emit(g, h->loc, OP_POP_TOP);
    emit_jump(g, h->loc, OP_SETUP_CLEANUP, cleanup_end);
    emit_label(g, cleanup_body);
    frame_block_push_handler(g, h->loc, cleanup_body, name);
    visit_stmts(g, h->v.ExceptHandler.body);
    frame_block_pop(g);
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    if (name != 0)
        try_unbind(g, NO_LOCATION, name);
    emit_jump_on(g, next);
    emit_label(g, cleanup_end);
    if (name != 0)
        try_unbind(g, NO_LOCATION, name);
    emit_arg(g, NO_LOCATION, OP_LIST_APPEND, 3);
    emit(g, NO_LOCATION, OP_POP_TOP);
    emit_jump_on(g, with_error);
}

/* One except* clause: [orig, results, rest] -> [orig, results, what is left of it]; the first one
 * starts with [orig]. */
static void star_handler(struct codegen *g, struct excepthandler *h, bool first)
{
    unit_move_to(g, h->loc);
    label next = emit_new_label(g), with_error = emit_new_label(g), no_match = emit_new_label(g);
    if (first && HAS(g->c, EXCEPT_STAR_COPIES_FIRST)) {
        emit_copy(g, h->loc, 1);
        emit_arg(g, h->loc, OP_BUILD_LIST, 0);
        emit_swap(g, h->loc, 2);
    } else if (first) {
        emit_arg(g, h->loc, OP_BUILD_LIST, 0);
        emit_copy(g, h->loc, 2);
    }
    if (h->v.ExceptHandler.type != NULL) {
        visit_expr(g, h->v.ExceptHandler.type);
        emit(g, h->loc, OP_CHECK_EG_MATCH);
        emit_copy(g, h->loc, 1);
        emit_jump(g, h->loc, OP_POP_JUMP_IF_NONE, no_match);
    }
    star_handler_body(g, h, next, with_error);
    emit_label(g, next);
    emit(g, NO_LOCATION, OP_NOP);
    emit_jump_on(g, with_error);
    emit_label(g, no_match);
    unit_move_to(g, h->loc);
    emit(g, h->loc, OP_POP_TOP);
    emit_label(g, with_error);
}

/* [orig, results] -> [], or raise what is left. */
static void reraise_star(struct codegen *g, label end)
{
    label reraise = emit_new_label(g);
    if (HAS(g->c, INTRINSICS))
        emit_intrinsic_2(g, NO_LOCATION, INTRINSIC_2_PREP_RERAISE_STAR);
    else
        emit(g, NO_LOCATION, OP_PREP_RERAISE_STAR);
    emit_copy(g, NO_LOCATION, 1);
    emit_jump(g, NO_LOCATION, OP_POP_JUMP_IF_NOT_NONE, reraise);
    emit(g, NO_LOCATION, OP_POP_TOP);
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    emit(g, NO_LOCATION, OP_POP_EXCEPT);
    emit_jump_on(g, end);
    emit_label(g, reraise);
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    emit_swap(g, NO_LOCATION, 2);
    emit(g, NO_LOCATION, OP_POP_EXCEPT);
    emit_arg(g, NO_LOCATION, OP_RERAISE, 0);
}

/*        SETUP_FINALLY except; <body>; POP_BLOCK; jump to orelse
 * except: SETUP_CLEANUP cleanup; PUSH_EXC_INFO; <handlers>
 *        LIST_APPEND                                  [orig, results, rest] -> [orig, results]
 *        <raise what is left>; jump to end
 * cleanup: COPY 3; POP_EXCEPT; RERAISE
 * orelse: <orelse>
 * end: */
static void try_star_except(struct codegen *g, struct stmt *s)
{
    struct location loc = s->loc;
    struct excepthandler_list *handlers = s->v.TryStar.handlers;
    label body = emit_new_label(g), except = emit_new_label(g), orelse = emit_new_label(g),
          end = emit_new_label(g);
    label cleanup = emit_new_label(g), raise_rest = emit_new_label(g);
    emit_jump(g, loc, OP_SETUP_FINALLY, except);
    emit_label(g, body);
    frame_block_push(g, BLOCK_TRY_EXCEPT, loc, body, -1);
    visit_stmts(g, s->v.TryStar.body);
    frame_block_pop(g);
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    emit_jump_on(g, orelse);
    emit_label(g, except);
    unit_lose_line(g);
    emit_jump(g, NO_LOCATION, OP_SETUP_CLEANUP, cleanup);
    emit(g, NO_LOCATION, OP_PUSH_EXC_INFO);
    frame_block_push(g, BLOCK_EXCEPTION_GROUP_HANDLER, loc, -1, -1);
    for (uint32_t i = 0; i < handlers->count; i++)
        star_handler(g, handlers->items[i], i == 0);
    unit_lose_line(g);
    emit_arg(g, NO_LOCATION, OP_LIST_APPEND, 1);
    emit_jump_on(g, raise_rest);
    frame_block_pop(g);
    emit_label(g, raise_rest);
    reraise_star(g, end);
    emit_label(g, cleanup);
    try_pop_except_and_reraise(g, NO_LOCATION);
    emit_label(g, orelse);
    visit_stmts(g, s->v.TryStar.orelse);
    emit_label(g, end);
}

/* The inside of try ... finally. */
static void try_star_body(struct codegen *g, struct stmt *s)
{
    if (s->v.TryStar.handlers->count != 0)
        try_star_except(g, s);
    else
        visit_stmts(g, s->v.TryStar.body);
}

void try_star_exception_table(struct codegen *g, struct stmt *s)
{
    if (s->v.TryStar.finalbody->count != 0)
        try_finally(g, s->loc, s->v.TryStar.finalbody, try_star_body, s);
    else
        try_star_except(g, s);
}

/* Leave the body of try ... finally: run the finally clause here. */
static void unwind_finally(struct codegen *g, struct location *loc, const struct frame_block *block,
                           bool preserve_top)
{
    emit(g, *loc, OP_POP_BLOCK);
    if (preserve_top)
        frame_block_push(g, BLOCK_POP_VALUE, *loc, -1, -1);
    visit_stmts(g, block->finally);
    if (preserve_top)
        frame_block_pop(g);
    unit_lose_line(g);
    *loc = NO_LOCATION;
}

/* Leave a loop: pop the iterator, and its index where there is one. */
static void unwind_loop(struct codegen *g, struct location loc, bool preserve_top)
{
    bool index = HAS(g->c, ITERATORS_WITH_INDEX);
    if (preserve_top)
        emit_swap(g, loc, index ? 3 : 2);
    emit(g, loc, OP_POP_TOP);
    if (index)
        emit(g, loc, OP_POP_TOP);
}

/* Leave a handler: forget the exception, unbind its name. */
static void unwind_handler(struct codegen *g, struct location loc, const struct frame_block *block,
                           bool preserve_top)
{
    if (block->name != 0)
        emit(g, loc, OP_POP_BLOCK);
    emit_swap_if(g, loc, preserve_top);
    emit(g, loc, OP_POP_BLOCK);
    emit(g, loc, OP_POP_EXCEPT);
    if (block->name != 0)
        try_unbind(g, loc, block->name);
}

void try_unwind_exception_table(struct codegen *g, struct location *loc,
                                const struct frame_block *block, bool preserve_top)
{
    switch (block->kind) {
    case BLOCK_FINALLY_TRY_PLACEHOLDER:
    case BLOCK_WHILE_LOOP:
    case BLOCK_EXCEPTION_HANDLER:
    case BLOCK_EXCEPTION_GROUP_HANDLER:
    case BLOCK_ASYNC_COMPREHENSION:
    case BLOCK_INLINED_COMPREHENSION:
    case BLOCK_STOP_ITERATION: break;
    case BLOCK_FOR_LOOP: unwind_loop(g, *loc, preserve_top); break;
    case BLOCK_ASYNC_FOR_LOOP:
    case BLOCK_POP_VALUE:
        emit_swap_if(g, *loc, preserve_top);
        emit(g, *loc, OP_POP_TOP);
        break;
    case BLOCK_TRY_EXCEPT: emit(g, *loc, OP_POP_BLOCK); break;
    case BLOCK_FINALLY_TRY: unwind_finally(g, loc, block, preserve_top); break;
    case BLOCK_FINALLY_END:
        emit_swap_if(g, *loc, preserve_top);
        emit(g, *loc, OP_POP_TOP);
        emit_swap_if(g, *loc, preserve_top);
        emit(g, *loc, OP_POP_BLOCK);
        emit(g, *loc, OP_POP_EXCEPT);
        break;
    case BLOCK_WITH:
    case BLOCK_ASYNC_WITH: with_unwind(g, loc, block, preserve_top); break;
    case BLOCK_HANDLER_CLEANUP: unwind_handler(g, *loc, block, preserve_top); break;
    }
}
