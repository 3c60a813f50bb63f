/* try, with and leaving blocks, where a finally clause is compiled once and called (CALL_FINALLY;
 * to 3.8). */
#ifndef MKPYC_LOWER_TRY_CALLED_H
#define MKPYC_LOWER_TRY_CALLED_H

#include "codegen/unit.h"

/* Slots. */
void try_finally_called(struct codegen *g, struct stmt *s);
void try_unwind_finally_called(struct codegen *g, struct location *loc,
                               const struct frame_block *block, bool preserve_top);
void with_finally_called(struct codegen *g, struct stmt *s, uint32_t item);
void with_async_finally_called(struct codegen *g, struct stmt *s, uint32_t item);

#endif
