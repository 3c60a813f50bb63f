/* Reading a code object back from marshal data, to list it or to write it again. */
#ifndef MKPYC_OUT_UNMARSHAL_H
#define MKPYC_OUT_UNMARSHAL_H

#include "out/code.h"
#include "syntax/compilation.h"

/* The code object in `bytes`, in the layout of c->target. Sets c->filename to its co_filename when
 * that is NULL. Leaves with a ValueError when the data is not a code object of that layout; the
 * data need not be trusted. */
struct code *unmarshal_code(struct compilation *c, const uint8_t *bytes, size_t length);

#endif
