/* with and async with. */
#ifndef MKPYC_LOWER_WITH_H
#define MKPYC_LOWER_WITH_H

#include "codegen/unit.h"

/* Slots. */
void with_exit_on_stack(struct codegen *g, struct stmt *s, uint32_t item);
void with_async_exit_on_stack(struct codegen *g, struct stmt *s, uint32_t item);

/* Leave the body of a with statement: call __exit__(None, None, None). */
void with_unwind(struct codegen *g, struct location *loc, const struct frame_block *block,
                 bool preserve_top);

#endif
