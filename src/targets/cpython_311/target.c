/* CPython 3.11.7. */
#include "targets/cpython_311/target.h"

#include "targets/slots.h"

#define TARGET_VERSION PY(3, 11, 7)

const struct target cpython_311 = {
    .name = "3.11",
    .reference = "3.11.7",
    .cache_tag = "cpython-311",
    .magic = 3495,
    .final = true,
    .opcodes = opcodes_311,
    .syntax = &(const struct syntax_rules){
        .unicode = {.version = UNICODE_14_0, .derived_loose = false},
        .decode = {.codecs = CODECS_3_11,
                   .null_byte_is_syntax_error = true,
                   .refuses_bad_utf8 = false,
                   .retranslates_newlines = false,
                   .doubles_last_crlf = true,
                   .unplaced_offset = -1},
        .parser_stack = 6000,
        .max_int_digits = 4300,
    },
    .sema = NULL,
    .codegen = NULL,
    .backend = NULL,
    .out = &out_localsplus_311,
    .has = {
#include "targets/features_of.h"
    },
};
