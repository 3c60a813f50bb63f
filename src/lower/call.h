/* Calls. */
#ifndef MKPYC_LOWER_CALL_H
#define MKPYC_LOWER_CALL_H

#include "codegen/unit.h"

/* Slots. */
void call_unified(struct codegen *g, struct expr *e);
void call_arguments_unified(struct codegen *g, struct location loc, int pushed, struct expr_list *args,
                            struct keyword_list *keywords);

/* [callable, NULL or self, n arguments] -> [result] */
void call_plain(struct codegen *g, struct location loc, int n);
/* [decorator, function] -> [result] */
void call_decorator(struct codegen *g, struct location loc);

#endif
