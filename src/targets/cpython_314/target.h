/* CPython 3.14.8 as a target. */
#ifndef MKPYC_TARGETS_CPYTHON_314_TARGET_H
#define MKPYC_TARGETS_CPYTHON_314_TARGET_H

#include "targets/target.h"

extern const struct opcode_info opcodes_314[OPCODE_COUNT];
extern const struct target cpython_314;

#endif
