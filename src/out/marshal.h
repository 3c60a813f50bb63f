/* Marshalling a finished code object: the body of a .pyc file. */
#ifndef MKPYC_OUT_MARSHAL_H
#define MKPYC_OUT_MARSHAL_H

#include "out/code.h"
#include "syntax/compilation.h"
#include "util/buffer.h"

/* Append `code` and all that hangs on it, in the layout of the target. With `canonical` an object
 * carries the reference flag exactly when it is written more than once; else as a fresh process of
 * that CPython flags it (where that is one definite byte string: from 3.11; canonical before).
 * Leaves the compilation on failure. */
void marshal_code(struct compilation *c, const struct code *code, bool canonical,
                  struct buffer *out);

#endif
