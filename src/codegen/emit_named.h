/* Operators with an instruction each, and variables without type-parameter scopes: slots of older
 * releases. */
#ifndef MKPYC_CODEGEN_EMIT_NAMED_H
#define MKPYC_CODEGEN_EMIT_NAMED_H

#include "codegen/unit.h"

/* COMPARE_OP for everything, `in` and `is` too (to 3.8). */
void emit_compare_all(struct codegen *g, struct location loc, enum cmpop_kind op);
/* COMPARE_OP, IS_OP, CONTAINS_OP (3.9 to 3.11). */
void emit_compare_split(struct codegen *g, struct location loc, enum cmpop_kind op);
/* BINARY_ADD, INPLACE_ADD ... (to 3.10). */
void emit_binary_named(struct codegen *g, struct location loc, enum operator_kind op, bool inplace);
/* UNARY_POSITIVE ... (to 3.11). */
void emit_unary_named(struct codegen *g, struct location loc, enum unaryop_kind op);
/* A variable: LOAD_CLASSDEREF in class bodies, LOAD_GLOBAL without a bit for NULL (to 3.10). */
void emit_name_op_classic(struct codegen *g, const struct location *loc, identifier name,
                          enum expr_context ctx);

#endif
