/* yield, yield from and await. */
#ifndef MKPYC_LOWER_AWAIT_H
#define MKPYC_LOWER_AWAIT_H

#include "codegen/unit.h"

/* Slots. */
void await_yield_wrapped(struct codegen *g, struct location loc);
void await_send(struct codegen *g, struct location loc, bool await);
void await_send_with_cleanup(struct codegen *g, struct location loc, bool await);

#endif
