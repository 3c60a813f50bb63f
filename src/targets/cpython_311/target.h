/* CPython 3.11.7 as a target. */
#ifndef MKPYC_TARGETS_CPYTHON_311_TARGET_H
#define MKPYC_TARGETS_CPYTHON_311_TARGET_H

#include "targets/target.h"

extern const struct opcode_info opcodes_311[OPCODE_COUNT];
extern const struct target cpython_311;

#endif
