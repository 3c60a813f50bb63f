/* Calls with one instruction for each kind of argument list (3.6 to 3.10). */
#ifndef MKPYC_LOWER_CALL_SPLIT_H
#define MKPYC_LOWER_CALL_SPLIT_H

#include "codegen/unit.h"

/* Slots. */
void call_split(struct codegen *g, struct expr *e);
void call_arguments_split(struct codegen *g, struct location loc, int pushed,
                          struct expr_list *args, struct keyword_list *keywords);
void call_arguments_split_unpack(struct codegen *g, struct location loc, int pushed,
                                 struct expr_list *args, struct keyword_list *keywords);

#endif
