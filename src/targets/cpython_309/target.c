/* CPython 3.9.18. */
#include "targets/cpython_309/target.h"

#include "targets/slots.h"

#define TARGET_VERSION PY(3, 9, 18)

const struct target cpython_309 = {
    .name = "3.9",
    .reference = "3.9.18",
    .cache_tag = "cpython-39",
    .magic = 3425,
    .final = true,
    .opcodes = opcodes_309,
    .syntax = NULL,
    .sema = NULL,
    .codegen = NULL,
    .backend = NULL,
    .out = NULL,
    .has = {
#include "targets/features_of.h"
    },
};
