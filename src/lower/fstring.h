/* f-strings and template strings. */
#ifndef MKPYC_LOWER_FSTRING_H
#define MKPYC_LOWER_FSTRING_H

#include "codegen/unit.h"

/* Slots. */
void fstring_join(struct codegen *g, struct expr *e);
void fstring_format_flags(struct codegen *g, struct expr *e);
void fstring_format_value(struct codegen *g, struct expr *e);

/* Template strings (3.14). */
void fstring_template(struct codegen *g, struct expr *e);
void fstring_interpolation(struct codegen *g, struct expr *e);

#endif
