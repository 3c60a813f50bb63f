/* Instruction sequences as text. */
#ifndef MKPYC_CODEGEN_DUMP_H
#define MKPYC_CODEGEN_DUMP_H

#include "codegen/codegen.h"

/* Write a unit; returns a code object that has its name and free variables, but no instructions.
 * `apart`: it belongs to the module's annotations. */
const struct code *dump_unit(struct compilation *c, const struct code_unit *u, bool apart,
                             struct buffer *out);
/* Write the instructions of a sequence, one a line: number, mnemonic, argument (of a jump: the
 * number of its target), line, end line, column, end column. */
void dump_sequence(struct compilation *c, const struct instruction_sequence *s, struct buffer *out);

#endif
