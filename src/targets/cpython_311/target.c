/* CPython 3.11.7. */
#include "targets/cpython_311/target.h"

#include "lower/lower.h"
#include "opt/passes.h"
#include "targets/slots.h"

#define TARGET_VERSION PY(3, 11, 7)

static const struct sema_slots sema = {
    .fold = fold_tree,
    .co_future_annotations = 0x1000000,
    .co_future_barry_as_bdfl = 0x400000,
    .fold_depth_limit = 2985,
    .symtable_depth_limit = 2985,
    .method_levels = 1,
    .addresses = {.none = 0, .ellipsis = 0},
    .recursion_message = "maximum recursion depth exceeded during compilation",
};

/* assemble in Python/compile.c. */
static const struct backend_pass passes[] = {
    {"compiler_use_next_block", pass_cut_at_labels, ALL_UNITS},
    {"extend_block", pass_extend_blocks, ALL_UNITS},
    {"insert_prefix_instructions, fix_cell_offsets", pass_prepare_localsplus_unplaced, ALL_UNITS},
    {"optimize_basic_block, clean_basic_block", pass_optimize_and_clean_blocks, ALL_UNITS},
    {"extend_block", pass_extend_blocks, ALL_UNITS},
    {"mark_reachable", pass_remove_unreachable, ALL_UNITS},
    {"eliminate_empty_basic_blocks", pass_eliminate_empty_basic_blocks, ALL_UNITS},
    {"clean_basic_block", pass_remove_redundant_nops, ALL_UNITS},
    {"optimize_cfg: redundant jumps", pass_remove_redundant_jumps, ALL_UNITS},
    {"duplicate_exits_without_lineno", pass_duplicate_mere_exits_last_made_first, ALL_UNITS},
    {"trim_unused_consts", pass_trim_unused_consts, ALL_UNITS},
    {"propagate_line_numbers", pass_propagate_line_numbers, ALL_UNITS},
    {"guarantee_lineno_for_exits", pass_guarantee_lineno_for_exits, ALL_UNITS},
    {"stackdepth", pass_calculate_stackdepth_of_prefix, ALL_UNITS},
    {"label_exception_targets", pass_label_exception_targets_plain, ALL_UNITS},
    {"convert_exception_handlers_to_nops, clean_basic_block", pass_convert_pseudo_ops, ALL_UNITS},
    {"normalize_jumps", pass_direct_jumps, ALL_UNITS},
    {NULL, NULL, ALL_UNITS},
};

static const struct backend_slots backend = {
    .assemble = assemble_graph,
    .passes = passes,
    .encode = encode_relative_jumps_located_one_by_one,
    .lay_out_variables = lay_out_localsplus,
};

/* Python/compile.c. */
static const struct codegen_slots codegen = {
    .max_blocks = 20,
    .jump_on = OP_JUMP,
    .jump_loop = OP_JUMP,
    .body = annotation_body_eager,
    .function = function_definition,
    .lambda = function_lambda,
    .make_function = function_make_with_flags,
    .class_ = class_definition,
    .function_annotations = annotation_function_eager,
    .annotated_assignment = annotation_eager,
    .augmented_assignment = visit_augmented_assignment,
    .if_ = visit_if,
    .for_ = visit_for,
    .async_for = visit_async_for,
    .while_ = visit_while,
    .return_ = visit_return_nops,
    .break_ = visit_break,
    .continue_ = visit_continue,
    .try_ = try_exception_table,
    .try_star = try_star_exception_table,
    .with = with_exit_on_stack,
    .async_with = with_async_exit_on_stack,
    .unwind = try_unwind_exception_table,
    .match = match_statement,
    .assert_ = assert_call,
    .import = import_modules,
    .import_from = import_names,
    .jump_if = visit_jump_if,
    .boolop = visit_boolop,
    .compare_chain = visit_compare_chain,
    .compare_op = emit_compare_split,
    .binary_op = emit_binary_unified,
    .unary_op = emit_unary_named,
    .name_op = emit_name_op_classic,
    .attribute = visit_attribute,
    .subscript = visit_subscript,
    .unpacked_display = display_extend,
    .dict = display_dict,
    .call = call_unified,
    .call_arguments = call_arguments_unified,
    .comprehension = comprehension_function,
    .joined_str = fstring_join,
    .formatted_value = fstring_format_flags,
    .yield = await_yield_wrapped,
    .yield_from = await_send,
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
        .nesting = &nesting_peg,
        .max_int_digits = 4300,
    },
    .sema = &sema,
    .codegen = &codegen,
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
        .folded_tuples_apart = false,
        .code_name_constants_interned = false,
        .interns_code_names = false,
        .slice_items_apart = false,
        .key_always_flagged = false,
        .interned_characters = "*",
        .small_int_max = 256,
        .order_frozenset = set_order_by_dump,
        .point_at = carets_to_end_offset,
        .hash_compression_rounds = 1,
        .hash_finalization_rounds = 3,
        .known_names = KNOWN_NAMES_3_11_7,
    },
    .has = {
#include "targets/features_of.h"
    },
};
