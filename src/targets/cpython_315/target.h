/* CPython 3.15.0 as a target. */
#ifndef MKPYC_TARGETS_CPYTHON_315_TARGET_H
#define MKPYC_TARGETS_CPYTHON_315_TARGET_H

#include "targets/target.h"

extern const struct opcode_info opcodes_315[OPCODE_COUNT];
extern const struct target cpython_315;

#endif
