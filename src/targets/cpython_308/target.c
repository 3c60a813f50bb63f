/* CPython 3.8.18. */
#include "targets/cpython_308/target.h"

#include "targets/slots.h"

#define TARGET_VERSION PY(3, 8, 18)

const struct target cpython_308 = {
    .name = "3.8",
    .reference = "3.8.18",
    .cache_tag = "cpython-38",
    .magic = 3413,
    .final = true,
    .opcodes = opcodes_308,
    .syntax = NULL,
    .sema = NULL,
    .codegen = NULL,
    .backend = NULL,
    .out = NULL,
    .has = {
#include "targets/features_of.h"
    },
};
