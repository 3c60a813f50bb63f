/* Calls. */
#ifndef MKPYC_LOWER_CALL_H
#define MKPYC_LOWER_CALL_H

#include "codegen/unit.h"

/* Is one of the arguments starred, or a `**`? */
bool call_has_unpacking(const struct expr_list *args, const struct keyword_list *keywords);
/* The names of keywords begin to end as a constant tuple. */
constant call_keyword_names(struct codegen *g, const struct keyword_list *keywords, uint32_t begin,
                            uint32_t end);
/* A call with stars or with many arguments: [callable, pushed arguments] -> [result] by a tuple and
 * a dictionary. */
void call_unpacked(struct codegen *g, struct location loc, int pushed, struct expr_list *args,
                   struct keyword_list *keywords);

/* Slots. */
void call_unified(struct codegen *g, struct expr *e);
void call_arguments_unified(struct codegen *g, struct location loc, int pushed,
                            struct expr_list *args, struct keyword_list *keywords);

/* [callable, NULL or self, n arguments] -> [result] */
void call_plain(struct codegen *g, struct location loc, int n);
/* The NULL that goes with a callable that is no method: below the callable (3.11, 3.12) or above it
 * (from 3.13). */
void call_null_below(struct codegen *g, struct location loc);
void call_null_above(struct codegen *g, struct location loc);
/* [decorator, function] -> [result] */
void call_decorator(struct codegen *g, struct location loc);

#endif
