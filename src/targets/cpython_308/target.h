/* CPython 3.8.18 as a target. */
#ifndef MKPYC_TARGETS_CPYTHON_308_TARGET_H
#define MKPYC_TARGETS_CPYTHON_308_TARGET_H

#include "targets/target.h"

extern const struct opcode_info opcodes_308[OPCODE_COUNT];
extern const struct target cpython_308;

#endif
