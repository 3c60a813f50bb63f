/* yield, yield from and await. */
#ifndef MKPYC_LOWER_AWAIT_H
#define MKPYC_LOWER_AWAIT_H

#include "codegen/unit.h"

/* What is awaited: the argument of GET_AWAITABLE. */
enum awaitable { AWAIT_PLAIN = 0, AWAIT_AENTER = 1, AWAIT_AEXIT = 2 };

/* [awaitable] -> [result] */
void await_value(struct codegen *g, struct location loc, enum awaitable which);

/* Slots. */
void await_yield_wrapped(struct codegen *g, struct location loc);
void await_send(struct codegen *g, struct location loc, bool await);
void await_send_with_cleanup(struct codegen *g, struct location loc, bool await);

#endif
