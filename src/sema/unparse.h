/* An expression back to source text, for annotations under `from __future__ import annotations`.
 * Answers to Python/ast_unparse.c and the repr() of constants. */
#ifndef MKPYC_SEMA_UNPARSE_H
#define MKPYC_SEMA_UNPARSE_H

#include "syntax/ast.h"
#include "syntax/compilation.h"

/* The text of an expression. */
identifier unparse_expr(struct compilation *c, const struct expr *e);

#endif
