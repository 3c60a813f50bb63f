/* CPython 3.10.13 as a target. */
#ifndef MKPYC_TARGETS_CPYTHON_310_TARGET_H
#define MKPYC_TARGETS_CPYTHON_310_TARGET_H

#include "targets/target.h"

extern const struct opcode_info opcodes_310[OPCODE_COUNT];
extern const struct target cpython_310;

#endif
