/* match. */
#ifndef MKPYC_LOWER_MATCH_H
#define MKPYC_LOWER_MATCH_H

#include "codegen/unit.h"

/* Slot. */
void match_statement(struct codegen *g, struct stmt *s);

#endif
