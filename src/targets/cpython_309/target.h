/* CPython 3.9.18 as a target. */
#ifndef MKPYC_TARGETS_CPYTHON_309_TARGET_H
#define MKPYC_TARGETS_CPYTHON_309_TARGET_H

#include "targets/target.h"

extern const struct opcode_info opcodes_309[OPCODE_COUNT];
extern const struct target cpython_309;

#endif
