/* Loops, jumps and augmented assignments of the releases to 3.10: slots. */
#ifndef MKPYC_CODEGEN_STATEMENT_PLAIN_H
#define MKPYC_CODEGEN_STATEMENT_PLAIN_H

#include "codegen/unit.h"

/* Conditions that are constant are decided here; the code that cannot run is visited for its errors
 * (to 3.9). */
void visit_if_decided(struct codegen *g, struct stmt *s);
void visit_while_decided(struct codegen *g, struct stmt *s);
/* Without instructions to stand on (to 3.9). */
void visit_return_plain(struct codegen *g, struct stmt *s);
/* With a NOP for each line that has nothing else (3.10). */
void visit_return_nops(struct codegen *g, struct stmt *s);
void visit_break_plain(struct codegen *g, struct location loc);
void visit_continue_plain(struct codegen *g, struct location loc);
/* With DUP_TOP_TWO and ROT_THREE (to 3.10). */
void visit_augmented_assignment_dup(struct codegen *g, struct stmt *s);
/* yield and yield from without RESUME and SEND (to 3.9). */
void visit_yield_plain(struct codegen *g, struct location loc);
void visit_yield_from_plain(struct codegen *g, struct location loc, bool await);

#endif
