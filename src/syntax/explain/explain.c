/* The entry of the slow path; see explain.h.
 *
 * As in CPython the source is parsed once without and, if that fails, once with the rules for invalid code.
 * An exception of the first pass is final (the second one then does nothing), but for what the rest of the
 * source may hold.
 */
#include "syntax/explain.h"

#include "syntax/explain/peg.h"

/* Goes back to the start for the second pass. */
static void begin_second_pass(struct parser *p)
{
    for (uint32_t i = 0; i < p->tokens.count; i++)
        p->tokens.items[i]->memo = NULL;
    p->mark = 0;
    p->call_invalid = true;
}

/* Whether the pending exception is a SyntaxError of some kind. */
static bool is_syntax_error(const struct parser *p)
{
    return p->error.type == EXCEPTION_SYNTAX_ERROR || p->error.type == EXCEPTION_INDENTATION_ERROR ||
           p->error.type == EXCEPTION_TAB_ERROR;
}

_Noreturn void explain_syntax_error(struct compilation *c)
{
    const char *fault;
    struct parser *p = arena_alloc(c->arena, sizeof *p);
    c->diagnostics.warnings = NULL;
    c->diagnostics.tail = &c->diagnostics.warnings;
    peg_init(p, c);
    p->grammar = grammar_load(c->arena, p->edition, &fault);
    if (p->grammar == NULL)
        diagnostic_raise_plain(&c->diagnostics, EXCEPTION_SYSTEM_ERROR,
                               arena_printf(c->arena, "fault in the grammar at: %s", fault));
    if (peg_run(p) == NULL || peg_error_set(p)) {
        if (!peg_error_set(p) || is_syntax_error(p)) {
            struct peg_token *last = p->tokens.items[p->tokens.count - 1];
            begin_second_pass(p);
            peg_run(p);
            peg_conclude(p, last);
        }
        diagnostic_raise(&c->diagnostics, &p->error);
    }
    diagnostic_raise_plain(&c->diagnostics, EXCEPTION_SYSTEM_ERROR,
                           "the fast parser refuses a source in which the exact one finds no fault");
}
