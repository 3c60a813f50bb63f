/* The entry of the slow path; see explain.h.
 *
 * As in CPython the source is parsed once without and, if that fails, once with the rules for
 * invalid code. An exception of the first pass is final (the second one then does nothing), but for
 * what the rest of the source may hold.
 */
#include "syntax/explain.h"

#include "syntax/explain/peg.h"

/* Puts the advice on print and exec in the place of a SyntaxError's message, as the exception
 * itself did to 3.9 whatever the fault: when a line without an opening parenthesis has such a
 * statement at its start or behind its first colon. */
static void advise_on_print(struct compilation *c, struct diagnostic *e)
{
    if (e->type != EXCEPTION_SYNTAX_ERROR || !e->has_text ||
        memchr(e->text, '(', e->text_length) != NULL)
        return;
    const char *end = e->text + e->text_length, *s = e->text;
    for (int round = 0; round < 2; round++) {
        while (s < end && (*s == ' ' || (*s >= '\t' && *s <= '\r') || (*s >= 0x1c && *s <= 0x1f)))
            s++;
        if (end - s >= 6 && memcmp(s, "print ", 6) == 0) {
            const char *start = s + 6, *stop = memchr(start, ';', (size_t)(end - start));
            stop = stop ? stop : end;
            while (start < stop && strchr(" \t\r\n", *start) != NULL)
                start++;
            while (stop > start && strchr(" \t\r\n", stop[-1]) != NULL)
                stop--;
            e->message = arena_printf(
                c->arena, "Missing parentheses in call to 'print'. Did you mean print(%.*s%s)?",
                (int)(stop - start), start, stop > start && stop[-1] == ',' ? " end=\" \"" : "");
            return;
        }
        if (end - s >= 5 && memcmp(s, "exec ", 5) == 0) {
            e->message = "Missing parentheses in call to 'exec'";
            return;
        }
        s = memchr(e->text, ':', e->text_length);
        if (s == NULL)
            return;
        s++;
    }
}

void explain_check(struct compilation *c)
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
    if (!peg_parse(p)) {
        if (edition_in(p->edition, BEFORE(E310)))
            advise_on_print(c, &p->error);
        diagnostic_raise(&c->diagnostics, &p->error);
    }
}

_Noreturn void explain_syntax_error(struct compilation *c)
{
    explain_check(c);
    diagnostic_raise_plain(
        &c->diagnostics, EXCEPTION_SYSTEM_ERROR,
        "the fast parser refuses a source in which the exact one finds no fault");
}

void explain_warn(struct compilation *c, enum warning_category category, int lineno,
                  const char *message)
{
    if (!diagnostic_try_warn(&c->diagnostics, category, lineno, message))
        explain_syntax_error(c);
}
