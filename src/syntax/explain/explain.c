/* The entry of the slow path; see explain.h.
 *
 * As in CPython the source is parsed once without and, if that fails, once with the rules for invalid code.
 * An exception of the first pass is final (the second one then does nothing), but for what the rest of the
 * source may hold.
 */
#include "syntax/explain.h"

#include "syntax/explain/peg.h"

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
    if (!peg_parse(p))
        diagnostic_raise(&c->diagnostics, &p->error);
    diagnostic_raise_plain(&c->diagnostics, EXCEPTION_SYSTEM_ERROR,
                           "the fast parser refuses a source in which the exact one finds no fault");
}
