/* CPython 3.13.0 as a target. */
#ifndef MKPYC_TARGETS_CPYTHON_313_0_TARGET_H
#define MKPYC_TARGETS_CPYTHON_313_0_TARGET_H

#include "targets/target.h"

extern const struct opcode_info opcodes_313_0[OPCODE_COUNT];
extern const struct target cpython_313_0;

#endif
