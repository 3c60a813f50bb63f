/* Tuples of names, which are merged with equal constants.
 *
 * Answers to what merge_const_one does with co_names and the tuples of variables: they get into the
 * table of all constants as they are, without their items, and stay there for equal tuples that
 * come later; and what is interned in one is interned in all, for they are one object. A tuple
 * constant that is such a tuple has the flag CONSTANT_FROM_NAME.
 */
#ifndef MKPYC_CODEGEN_NAMES_TUPLE_H
#define MKPYC_CODEGEN_NAMES_TUPLE_H

#include "codegen/codegen.h"

/* Before the first unit is entered. */
void names_tuple_start(struct codegen *g);
/* Note the tuples of names of a code object that is finished. */
void names_tuple_note(struct codegen *g, const struct code *code);
/* Before a tuple becomes a constant: mark it if it is one of those and if that may matter. */
void names_tuple_check(struct codegen *g, constant tuple);
/* The constant for a tuple of identifiers (those of keyword arguments, for instance), given as
 * string constants. */
constant names_tuple_constant(struct codegen *g, const constant *items, uint32_t count);

#endif
