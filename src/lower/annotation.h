/* Annotations of variables and of functions. */
#ifndef MKPYC_LOWER_ANNOTATION_H
#define MKPYC_LOWER_ANNOTATION_H

#include "codegen/unit.h"

/* Slots. */
void annotation_eager(struct codegen *g, struct stmt *s);
void annotation_body_eager(struct codegen *g, struct location loc, struct stmt_list *body);

/* [] -> [annotations] if there are any; the flag for MAKE_FUNCTION, or 0. */
int annotation_function(struct codegen *g, struct location loc, struct arguments *args, struct expr *returns);

#endif
