/* Classes. */
#ifndef MKPYC_LOWER_CLASS_H
#define MKPYC_LOWER_CLASS_H

#include "codegen/unit.h"

/* Slot. */
void class_definition(struct codegen *g, struct stmt *s);

#endif
