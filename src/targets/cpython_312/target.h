/* CPython 3.12.1 as a target. */
#ifndef MKPYC_TARGETS_CPYTHON_312_TARGET_H
#define MKPYC_TARGETS_CPYTHON_312_TARGET_H

#include "targets/target.h"

extern const struct opcode_info opcodes_312[OPCODE_COUNT];
extern const struct target cpython_312;

#endif
