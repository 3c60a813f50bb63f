/* Finding the exception for a source that the parser rejected.
 *
 * The fast parser only says no. This is the slow path that answers what CPython would have said: it
 * reads the decoded source again with an exact copy of the target's behaviour (tokenizer, grammar
 * with the rules for invalid code, and what the parser's actions check) and raises that exception,
 * with all attributes, through diagnostic_raise.
 */
#ifndef MKPYC_SYNTAX_EXPLAIN_H
#define MKPYC_SYNTAX_EXPLAIN_H

#include "syntax/compilation.h"

/* Raises the exception that the target's tokenizer and parser raise for c->source. A source in
 * which they find no fault is a SystemError: the two parsers of this program disagree. */
_Noreturn void explain_syntax_error(struct compilation *c);

/* The same for a source that may hold a fault or none, which the fast parser leaves undecided:
 * returns if there is none. */
void explain_check(struct compilation *c);

/* Notes a warning of the fast parser; if it is refused, raises it as the SyntaxError that the
 * target makes of it. */
void explain_warn(struct compilation *c, enum warning_category category, int lineno,
                  const char *message);

#endif
