/* CPython 3.12.1. */
#include "targets/cpython_312/target.h"

#include "targets/slots.h"

#define TARGET_VERSION PY(3, 12, 1)

const struct target cpython_312 = {
    .name = "3.12",
    .reference = "3.12.1",
    .cache_tag = "cpython-312",
    .magic = 3531,
    .final = true,
    .opcodes = opcodes_312,
    .syntax = NULL,
    .sema = NULL,
    .codegen = NULL,
    .backend = NULL,
    .out = NULL,
    .has = {
#include "targets/features_of.h"
    },
};
