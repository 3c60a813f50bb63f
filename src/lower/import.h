/* Imports. */
#ifndef MKPYC_LOWER_IMPORT_H
#define MKPYC_LOWER_IMPORT_H

#include "codegen/unit.h"

/* Slots. */
void import_modules(struct codegen *g, struct stmt *s);
void import_names(struct codegen *g, struct stmt *s);

#endif
