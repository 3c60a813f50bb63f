/* Frame blocks: the loops, try and with statements around the statement at hand, and how to leave
 * them. */
#ifndef MKPYC_CODEGEN_FRAME_BLOCK_H
#define MKPYC_CODEGEN_FRAME_BLOCK_H

#include "codegen/unit.h"

/* Enter a block; `exit` may be -1. */
void frame_block_push(struct codegen *g, enum frame_block_kind kind, struct location loc,
                      label block, label exit);
/* Enter the body of try ... finally. */
void frame_block_push_finally(struct codegen *g, struct location loc, label block, label exit,
                              struct stmt_list *finally);
/* Enter a finally clause; `left` is set when a jump leaves it. */
void frame_block_push_finally_end(struct codegen *g, struct location loc, label block, bool *left);
/* Enter the body of a handler; name 0: the exception is not bound. */
void frame_block_push_handler(struct codegen *g, struct location loc, label block, identifier name);
/* Leave the innermost block. */
void frame_block_pop(struct codegen *g);
/* Emit what leaves the blocks around, innermost first: all of them, or up to the innermost loop,
 * which is returned (NULL: none). `preserve_top`: the value on top of the stack is to be kept. */
const struct frame_block *frame_block_unwind(struct codegen *g, struct location *loc,
                                             bool preserve_top, bool to_loop);

#endif
