/* assert. */
#ifndef MKPYC_LOWER_ASSERT_H
#define MKPYC_LOWER_ASSERT_H

#include "codegen/unit.h"

/* Slot. */
void assert_call(struct codegen *g, struct stmt *s);

#endif
