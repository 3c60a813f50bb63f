/* Arithmetic on constants with Python's results: what folding on the tree and on the graph share.
 *
 * Every function gives NULL where Python would raise an exception, or where the result passes the
 * limits of the release's compiler (a product of more than 128 bits, a string of more than 4096
 * characters ...): such an expression stays as it is.
 */
#ifndef MKPYC_SEMA_CONST_EVAL_H
#define MKPYC_SEMA_CONST_EVAL_H

#include "syntax/ast.h"
#include "syntax/compilation.h"

/* left op right; MatMult always gives NULL. */
constant const_binary(struct compilation *c, enum operator_kind op, constant left, constant right);
/* op operand. */
constant const_unary(struct compilation *c, enum unaryop_kind op, constant operand);
/* container[index], index being an int, a bool or a slice constant. */
constant const_subscript(struct compilation *c, constant container, constant index);
/* The number of characters of a string. */
size_t const_str_length(const struct compilation *c, identifier str);

#endif
