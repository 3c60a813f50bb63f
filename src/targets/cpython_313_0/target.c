/* CPython 3.13.0. */
#include "targets/cpython_313_0/target.h"

#include "targets/slots.h"

#define TARGET_VERSION PY(3, 13, 0)

const struct target cpython_313_0 = {
    .name = "3.13",
    .reference = "3.13.0",
    .cache_tag = "cpython-313",
    .magic = 3571,
    .final = true,
    .opcodes = opcodes_313_0,
    .syntax = &(const struct syntax_rules){
        .unicode = {.version = UNICODE_15_1, .derived_loose = false},
        .decode = {.codecs = CODECS_3_13,
                   .null_byte_is_syntax_error = true,
                   .refuses_bad_utf8 = false,
                   .retranslates_newlines = false,
                   .unplaced_offset = -1},
        .parser_stack = 6000,
        .max_int_digits = 4300,
    },
    .sema = NULL,
    .codegen = NULL,
    .backend = NULL,
    .out = &out_interned_code_names_313,
    .has = {
#include "targets/features_of.h"
    },
};
