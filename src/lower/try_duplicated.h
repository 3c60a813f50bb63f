/* try, with and leaving blocks on a block stack, with finally clauses that are compiled once for
 * each way in (3.9, 3.10). */
#ifndef MKPYC_LOWER_TRY_DUPLICATED_H
#define MKPYC_LOWER_TRY_DUPLICATED_H

#include "codegen/unit.h"

/* Slots. */
void try_finally_duplicated(struct codegen *g, struct stmt *s);
void try_unwind_finally_duplicated(struct codegen *g, struct location *loc,
                                   const struct frame_block *block, bool preserve_top);
void with_exit_called(struct codegen *g, struct stmt *s, uint32_t item);
void with_async_exit_called(struct codegen *g, struct stmt *s, uint32_t item);

#endif
