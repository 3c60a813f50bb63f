/* Functions, lambdas, type parameters, type aliases. */
#ifndef MKPYC_LOWER_FUNCTION_H
#define MKPYC_LOWER_FUNCTION_H

#include "codegen/unit.h"

/* Slots. */
void function_definition(struct codegen *g, struct stmt *s);
void function_lambda(struct codegen *g, struct expr *e);
void function_make_with_flags(struct codegen *g, struct location loc, const struct code *code,
                              int flags);
void function_make_with_attributes(struct codegen *g, struct location loc, const struct code *code,
                                   int flags);

/* Push the decorators. */
void function_push_decorators(struct codegen *g, struct expr_list *decorators);
/* [decorators, object] -> [object] */
void function_apply_decorators(struct codegen *g, struct expr_list *decorators);
/* The line of the first decorator, or that of the statement. */
int function_first_line(const struct stmt *s, const struct expr_list *decorators);
/* [] -> [function]: make a function of a code object that has been finished; `flags` says what lies
 * below. */
void function_make(struct codegen *g, struct location loc, const struct code *code, int flags);
/* The end of a generator's body: nothing falls into the handler of StopIteration. */
void function_end_generator(struct codegen *g);

#endif
