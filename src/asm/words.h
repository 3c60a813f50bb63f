/* Assembling without a control-flow graph: the instruction sequence goes to words in its own order.
 */
#ifndef MKPYC_ASM_WORDS_H
#define MKPYC_ASM_WORDS_H

#include "codegen/instruction.h"
#include "out/code.h"
#include "syntax/compilation.h"

/* From sequence to code object by way of the peephole optimiser, with a line table of signed byte
 * pairs. */
struct code *assemble_words(struct compilation *c, struct code_unit *u);

#endif
