/* A code object as text, for people: `mkpyc dis`. */
#ifndef MKPYC_OUT_LISTING_H
#define MKPYC_OUT_LISTING_H

#include "out/code.h"
#include "syntax/compilation.h"
#include "util/buffer.h"

/* How the places of instructions are recorded. */
enum line_table_form {
    LINES_BY_DELTAS,    /* co_lnotab (to 3.9) */
    LINES_BY_RANGES,    /* PEP 626 (3.10) */
    LINES_WITH_COLUMNS, /* PEP 657 (from 3.11) */
};

/* Append the listing of a code object and of those among its constants. */
void list_code(struct compilation *c, const struct code *code, struct buffer *out);

#endif
