/* CPython 3.10.13. */
#include "targets/cpython_310/target.h"

#include "targets/slots.h"

#define TARGET_VERSION PY(3, 10, 13)

static const struct sema_slots sema = {
    .fold = fold_tree,
    .co_future_annotations = 0x1000000,
    .co_future_barry_as_bdfl = 0x400000,
    .fold_depth_limit = 2985,
    .symtable_depth_limit = 2985,
    .recursion_message = "maximum recursion depth exceeded during compilation",
};

const struct target cpython_310 = {
    .name = "3.10",
    .reference = "3.10.13",
    .cache_tag = "cpython-310",
    .magic = 3439,
    .final = true,
    .opcodes = opcodes_310,
    .syntax = &(const struct syntax_rules){
        .unicode = {.version = UNICODE_13_0, .derived_loose = false},
        .decode = {.codecs = CODECS_3_10,
                   .null_byte_is_syntax_error = false,
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
    .out = &(const struct out_slots){
        .marshal_version = 4,
        .exact_flags = false,
        .localsplus_layout = false,
        .line_table = LINES_BY_RANGES,
        .jumps_in_words = true,
        .flags_top_code = true,
        .shares_code_bytes = true,
        .shares_linetable = true,
        .code_name_constants_interned = true,
        .interns_code_names = false,
        .slice_items_apart = false,
        .key_always_flagged = false,
        .interned_characters = "\n*.",
        .small_int_max = 256,
        .order_frozenset = set_order_by_hash,
        .none_address = 0xc80,
        .ellipsis_address = 0xca0,
        .point_at = carets_to_end_offset,
        .always_names_line = false,
        .hash_compression_rounds = 2,
        .hash_finalization_rounds = 4,
        .known_names = KNOWN_NAMES_3_10_13,
    },
    .has = {
#include "targets/features_of.h"
    },
};
