/* yield, and the loop behind yield from and await. Answers to addop_yield, compiler_add_yield_from.
 */
#include "lower/await.h"

#include "codegen/emit.h"

enum resume_argument {
    RESUME_AFTER_YIELD = 1,
    RESUME_AFTER_YIELD_FROM = 2,
    RESUME_AFTER_AWAIT = 3
};

void await_value(struct codegen *g, struct location loc, enum awaitable which)
{
    emit_arg(g, loc, OP_GET_AWAITABLE, (int32_t)which);
    emit_first_send(g, loc);
    g->slots->yield_from(g, loc, true);
}

/* [value] -> [sent value]; the yields of an asynchronous generator are wrapped */
void await_yield_wrapped(struct codegen *g, struct location loc)
{
    if (g->u->ste->ste_generator && g->u->ste->ste_coroutine)
        emit_intrinsic(g, loc, INTRINSIC_ASYNC_GEN_WRAP);
    emit_arg(g, loc, OP_YIELD_VALUE, 0);
    emit_arg(g, loc, OP_RESUME, RESUME_AFTER_YIELD);
}

/* [receiver, None] -> [result]
 * start: SEND exit; YIELD_VALUE; RESUME; jump to start
 * exit: */
void await_send(struct codegen *g, struct location loc, bool await)
{
    label start = emit_new_label(g), resume = emit_new_label(g), exit = emit_new_label(g);
    emit_label(g, start);
    emit_jump(g, loc, OP_SEND, exit);
    emit_label(g, resume);
    emit(g, loc, OP_YIELD_VALUE);
    emit_arg(g, loc, OP_RESUME, await ? RESUME_AFTER_AWAIT : RESUME_AFTER_YIELD_FROM);
    emit_jump(g, loc, OP_JUMP_NO_INTERRUPT, start);
    emit_label(g, exit);
}

/* [receiver, None] -> [result]
 * send: SEND exit
 *       SETUP_FINALLY fail; YIELD_VALUE; POP_BLOCK; RESUME; jump to send
 * fail: CLEANUP_THROW             StopIteration raised in throw() or close()
 * exit: END_SEND */
void await_send_with_cleanup(struct codegen *g, struct location loc, bool await)
{
    label send = emit_new_label(g), fail = emit_new_label(g), exit = emit_new_label(g);
    emit_label(g, send);
    emit_jump(g, loc, OP_SEND, exit);
    emit_jump(g, loc, OP_SETUP_FINALLY, fail);
    emit_arg(g, loc, OP_YIELD_VALUE, HAS(g->c, YIELD_FROM_FLAG) ? 1 : 0);
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    emit_arg(g, loc, OP_RESUME, await ? RESUME_AFTER_AWAIT : RESUME_AFTER_YIELD_FROM);
    emit_jump(g, loc, OP_JUMP_NO_INTERRUPT, send);
    emit_label(g, fail);
    emit(g, loc, OP_CLEANUP_THROW);
    emit_label(g, exit);
    emit(g, loc, OP_END_SEND);
}
