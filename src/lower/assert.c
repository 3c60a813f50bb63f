/* assert test, message. Answers to compiler_assert. */
#include "lower/assert.h"

#include "codegen/check.h"
#include "codegen/emit.h"
#include "codegen/visit.h"
#include "lower/call.h"

/* Warn of assert (test, message). */
static void check_test(struct codegen *g, const struct stmt *s)
{
    const struct expr *test = s->v.Assert.test;
    bool tuple =
        (test->kind == Tuple_kind && test->v.Tuple.elts->count != 0) ||
        (HAS(g->c, ASSERT_WARNED_IF_CONSTANT) && test->kind == Constant_kind &&
         test->v.Constant.value->kind == CONSTANT_TUPLE && test->v.Constant.value->length != 0);
    if (tuple)
        check_warn(g, s->loc, "assertion is always true, perhaps remove parentheses?");
}

/*      jump to end if <test>
 *      LOAD_ASSERTION_ERROR; [<message>; CALL]; RAISE_VARARGS
 * end: */
void assert_call(struct codegen *g, struct stmt *s)
{
    if (!HAS(g->c, ASSERT_WARNED_IF_STRIPPED) && g->c->optimize > 0)
        return;
    check_test(g, s);
    if (g->c->optimize > 0)
        return;
    label end = emit_new_label(g);
    g->slots->jump_if(g, s->loc, s->v.Assert.test, end, true);
    if (HAS(g->c, COMMON_CONSTANTS))
        emit_arg(g, s->loc, OP_LOAD_COMMON_CONSTANT, 0);
    else if (HAS(g->c, LOAD_ASSERTION_ERROR))
        emit(g, s->loc, OP_LOAD_ASSERTION_ERROR);
    else
        emit_name(g, s->loc, OP_LOAD_GLOBAL, NAME_AssertionError);
    if (s->v.Assert.msg != NULL) {
        visit_expr(g, s->v.Assert.msg);
        call_plain(g, s->loc, 0);
    }
    emit_arg(g, HAS(g->c, LOCATIONS_OF_PARTS) ? s->v.Assert.test->loc : s->loc, OP_RAISE_VARARGS,
             1);
    emit_label(g, end);
}
