/* Comprehensions and generator expressions. */
#ifndef MKPYC_LOWER_COMPREHENSION_H
#define MKPYC_LOWER_COMPREHENSION_H

#include "codegen/unit.h"

/* Slot. */
void comprehension_function(struct codegen *g, struct expr *e);
void comprehension_inline(struct codegen *g, struct expr *e);

#endif
