/* The parser that accepts: source text to AST, as fast as it can.
 *
 * Hand-written, with precedence climbing for operators; targets are parsed as expressions and
 * converted. It accepts exactly what the target's own parser accepts; otherwise it calls
 * explain_syntax_error, which does not return.
 *
 * Answers to Grammar/python.gram (Grammar/Grammar and Python/ast.c for 3.8).
 */
#ifndef MKPYC_SYNTAX_PARSER_H
#define MKPYC_SYNTAX_PARSER_H

#include "syntax/ast.h"
#include "syntax/compilation.h"

/* Parse c->source. */
struct module_ast *parse_module(struct compilation *c);

#endif
