/* CPython 3.14.8. */
#include "targets/cpython_314/target.h"

#include "targets/slots.h"

#define TARGET_VERSION PY(3, 14, 8)

const struct target cpython_314 = {
    .name = "3.14",
    .reference = "3.14.8",
    .cache_tag = "cpython-314",
    .magic = 3627,
    .final = true,
    .opcodes = opcodes_314,
    .syntax = NULL,
    .sema = NULL,
    .codegen = NULL,
    .backend = NULL,
    .out = NULL,
    .has = {
#include "targets/features_of.h"
    },
};
