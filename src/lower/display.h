/* List, tuple, set and dictionary displays, and the positional arguments of a call with stars. */
#ifndef MKPYC_LOWER_DISPLAY_H
#define MKPYC_LOWER_DISPLAY_H

#include "codegen/unit.h"

/* Slots. */
void display_extend(struct codegen *g, struct expr *e, struct expr_list *elements);
void display_dict(struct codegen *g, struct expr *e);

/* [pushed values] -> [tuple of these and of the elements] */
void display_argument_tuple(struct codegen *g, struct location loc, struct expr_list *elements,
                            int pushed);

#endif
