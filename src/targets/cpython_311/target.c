/* CPython 3.11.7. */
#include "targets/cpython_311/target.h"

#include "targets/slots.h"

#define TARGET_VERSION PY(3, 11, 7)

static const struct sema_slots sema = {
    .fold = fold_tree,
    .co_future_annotations = 0x1000000,
    .co_future_barry_as_bdfl = 0x400000,
    .fold_depth_limit = 2985,
    .symtable_depth_limit = 2985,
    .recursion_message = "maximum recursion depth exceeded during compilation",
};

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
    .sema = &sema,
    .codegen = NULL,
    .backend = NULL,
    .out = &out_localsplus_311,
    .has = {
#include "targets/features_of.h"
    },
};
