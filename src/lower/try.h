/* try, and what leaves the blocks that surround a return, break or continue. */
#ifndef MKPYC_LOWER_TRY_H
#define MKPYC_LOWER_TRY_H

#include "codegen/unit.h"

/* Slots. */
void try_exception_table(struct codegen *g, struct stmt *s);
void try_star_exception_table(struct codegen *g, struct stmt *s);
void try_unwind_exception_table(struct codegen *g, struct location *loc,
                                const struct frame_block *block, bool preserve_top);

/* name = None; del name: what is left of an except clause's name */
void try_unbind(struct codegen *g, struct location loc, identifier name);
/* [exc_info, lasti, exc] -> never: restore the exception state and raise again */
void try_pop_except_and_reraise(struct codegen *g, struct location loc);

#endif
