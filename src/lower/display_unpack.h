/* Displays whose starred parts are joined at the end (to 3.8). */
#ifndef MKPYC_LOWER_DISPLAY_UNPACK_H
#define MKPYC_LOWER_DISPLAY_UNPACK_H

#include "codegen/unit.h"

/* Slots. */
void display_unpack(struct codegen *g, struct expr *e, struct expr_list *elements);
void display_dict_unpack(struct codegen *g, struct expr *e);

#endif
