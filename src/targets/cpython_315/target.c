/* CPython 3.15.0. */
#include "targets/cpython_315/target.h"

#include "targets/slots.h"

#define TARGET_VERSION PY(3, 15, 0)

static const struct sema_slots sema = {
    .fold = preprocess_tree,
    .co_future_annotations = 0x1000000,
    .co_future_barry_as_bdfl = 0x400000,
    /* This release measures its C stack; these are the levels that fit into 8 MB. */
    .fold_depth_limit = 28977,
    .symtable_depth_limit = 28977,
    .recursion_message = "Stack overflow (used 8152 kB) during compilation",
};

const struct target cpython_315 = {
    .name = "3.15",
    .reference = "3.15.0",
    .cache_tag = "cpython-315",
    .magic = 3666,
    .final = true,
    .opcodes = opcodes_315,
    .syntax = &(const struct syntax_rules){
        .unicode = {.version = UNICODE_17_0, .derived_loose = true},
        .decode = {.codecs = CODECS_3_15,
                   .null_byte_is_syntax_error = true,
                   .refuses_bad_utf8 = true,
                   .retranslates_newlines = true,
                   .doubles_last_crlf = false,
                   .unplaced_offset = -1},
        .parser_stack = 4000,
        .max_int_digits = 4300,
    },
    .sema = &sema,
    .codegen = NULL,
    .backend = NULL,
    .out = &(const struct out_slots){
        .marshal_version = 5,
        .exact_flags = true,
        .localsplus_layout = true,
        .line_table = LINES_WITH_COLUMNS,
        .jumps_in_words = true,
        .flags_top_code = false,
        .shares_code_bytes = false,
        .shares_linetable = true,
        .code_name_constants_interned = true,
        .interns_code_names = true,
        .slice_items_apart = true,
        .key_always_flagged = true,
        .interned_characters = "",
        .small_int_max = 1024,
        .order_frozenset = set_order_by_dump,
        .none_address = 0,
        .ellipsis_address = 0,
        .point_at = carets_by_width,
        .always_names_line = false,
        .hash_compression_rounds = 1,
        .hash_finalization_rounds = 3,
        .known_names = KNOWN_NAMES_3_15_0,
    },
    .has = {
#include "targets/features_of.h"
    },
};
