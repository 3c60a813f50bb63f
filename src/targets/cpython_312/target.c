/* CPython 3.12.1. */
#include "targets/cpython_312/target.h"

#include "opt/passes.h"
#include "targets/slots.h"

#define TARGET_VERSION PY(3, 12, 1)

static const struct sema_slots sema = {
    .fold = fold_tree,
    .co_future_annotations = 0x1000000,
    .co_future_barry_as_bdfl = 0x400000,
    .fold_depth_limit = 2994,
    .symtable_depth_limit = 2994,
    .recursion_message = "maximum recursion depth exceeded during compilation",
};

/* Python/flowgraph.c, then optimize_and_assemble_code_unit in Python/compile.c. */
static const struct backend_pass passes[] = {
    {"instr_sequence_to_cfg", pass_cut_at_numbered_labels},
    {"mark_except_handlers", pass_mark_except_handlers},
    {"label_exception_targets", pass_label_exception_targets_yield_depth},
    {"eliminate_empty_basic_blocks", pass_eliminate_empty_basic_blocks},
    {"inline_small_exit_blocks", pass_inline_small_exit_blocks},
    {"optimize_basic_block", pass_optimize_blocks_in_place},
    {"remove_redundant_nops_and_pairs", pass_remove_redundant_nops_and_pairs},
    {"inline_small_exit_blocks", pass_inline_small_exit_blocks},
    {"mark_reachable", pass_remove_unreachable_revisiting},
    {"remove_redundant_nops", pass_remove_redundant_nops},
    {"eliminate_empty_basic_blocks", pass_eliminate_empty_basic_blocks},
    {"remove_redundant_jumps", pass_remove_redundant_jumps},
    {"remove_unused_consts", pass_remove_unused_consts},
    {"add_checks_for_loads_of_uninitialized_variables", pass_add_checks_for_loads_of_uninitialized_variables},
    {"push_cold_blocks_to_end", pass_push_cold_blocks_to_end_uncounted},
    {"duplicate_exits_without_lineno", pass_duplicate_mere_exits_without_lineno},
    {"propagate_line_numbers", pass_propagate_line_numbers},
    {"guarantee_lineno_for_exits", pass_guarantee_lineno_for_exits},
    {"prepare_localsplus", pass_prepare_localsplus_unplaced},
    {"stackdepth", pass_calculate_stackdepth_of_prefix},
    {"convert_pseudo_ops", pass_convert_pseudo_ops_once},
    {"normalize_jumps", pass_normalize_jumps},
    {NULL, NULL},
};

static const struct backend_slots backend = {
    .assemble = assemble_graph,
    .passes = passes,
    .encode = encode_relative_jumps_from_labels,
    .write_lines = write_positions,
    .write_exceptions = write_exception_table,
    .lay_out_variables = lay_out_localsplus,
};

const struct target cpython_312 = {
    .name = "3.12",
    .reference = "3.12.1",
    .cache_tag = "cpython-312",
    .magic = 3531,
    .final = true,
    .opcodes = opcodes_312,
    .syntax = &(const struct syntax_rules){
        .unicode = {.version = UNICODE_15_0, .derived_loose = false},
        .decode = {.codecs = CODECS_3_12,
                   .null_byte_is_syntax_error = true,
                   .refuses_bad_utf8 = false,
                   .retranslates_newlines = false,
                   .doubles_last_crlf = false,
                   .unplaced_offset = -1},
        .parser_stack = 6000,
        .max_int_digits = 4300,
    },
    .sema = &sema,
    .codegen = NULL,
    .backend = &backend,
    .out = &(const struct out_slots){
        .marshal_version = 4,
        .exact_flags = true,
        .localsplus_layout = true,
        .line_table = LINES_WITH_COLUMNS,
        .jumps_in_words = true,
        .flags_top_code = true,
        .shares_code_bytes = false,
        .shares_linetable = true,
        .code_name_constants_interned = false,
        .interns_code_names = false,
        .slice_items_apart = false,
        .key_always_flagged = false,
        .interned_characters = "*",
        .small_int_max = 256,
        .order_frozenset = set_order_by_dump,
        .none_address = 0,
        .ellipsis_address = 0,
        .point_at = carets_to_end_offset,
        .always_names_line = false,
        .hash_compression_rounds = 1,
        .hash_finalization_rounds = 3,
        .known_names = KNOWN_NAMES_3_12_1,
    },
    .has = {
#include "targets/features_of.h"
    },
};
