/* CPython 3.8.18. */
#include "targets/cpython_308/target.h"

#include "targets/slots.h"

#define TARGET_VERSION PY(3, 8, 18)

static const struct sema_slots sema = {
    .fold = fold_tree,
    .co_future_annotations = 0x1000000,
    .co_future_barry_as_bdfl = 0x400000,
    /* This release has no limit of its own for folding; ours only guards the stack. */
    .fold_depth_limit = 20000,
    .symtable_depth_limit = 2985,
    .recursion_message = "maximum recursion depth exceeded during compilation",
};

const struct target cpython_308 = {
    .name = "3.8",
    .reference = "3.8.18",
    .cache_tag = "cpython-38",
    .magic = 3413,
    .final = true,
    .opcodes = opcodes_308,
    .syntax = &(const struct syntax_rules){
        .unicode = {.version = UNICODE_12_1, .derived_loose = false},
        .decode = {.codecs = CODECS_3_8,
                   .null_byte_is_syntax_error = false,
                   .refuses_bad_utf8 = false,
                   .retranslates_newlines = false,
                   .doubles_last_crlf = true,
                   .unplaced_offset = 0},
        .parser_stack = 6000,
        .max_int_digits = 4300,
    },
    .sema = &sema,
    .codegen = NULL,
    .backend = NULL,
    .out = &(const struct out_slots){
        .marshal_version = 4,
        .exact_flags = false,
        .localsplus_layout = false,
        .flags_top_code = true,
        .shares_code_bytes = false,
        .shares_linetable = false,
        .code_name_constants_interned = true,
        .interns_code_names = false,
        .slice_items_apart = false,
        .key_always_flagged = false,
        .interned_characters = "\n*.",
        .small_int_max = 256,
        .order_frozenset = set_order_by_hash,
        .none_address = 0x220,
        .ellipsis_address = 0x420,
        .point_at = caret_below_stripped_line,
        .always_names_line = true,
        .hash_compression_rounds = 2,
        .hash_finalization_rounds = 4,
        .known_names = KNOWN_NAMES_3_8_18,
    },
    .has = {
#include "targets/features_of.h"
    },
};
