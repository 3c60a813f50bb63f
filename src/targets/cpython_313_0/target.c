/* CPython 3.13.0. */
#include "targets/cpython_313_0/target.h"

#include "lower/lower.h"
#include "opt/passes.h"
#include "targets/slots.h"

#define TARGET_VERSION PY(3, 13, 0)

/* Python/flowgraph.c. */
static const struct backend_pass passes[] = {
    {"mark_except_handlers", pass_mark_except_handlers},
    {"label_exception_targets", pass_label_exception_targets},
    {"inline_small_or_no_lineno_blocks", pass_inline_small_or_no_lineno_blocks},
    {"remove_unreachable", pass_remove_unreachable_revisiting},
    {"resolve_line_numbers", pass_resolve_line_numbers},
    {"optimize_load_const", pass_optimize_load_const},
    {"optimize_basic_block", pass_optimize_basic_blocks},
    {"remove_redundant_nops_and_pairs", pass_remove_redundant_nops_and_pairs},
    {"remove_unreachable", pass_remove_unreachable_revisiting},
    {"remove_redundant_nops_and_jumps", pass_remove_redundant_nops_and_jumps},
    {"remove_unused_consts", pass_remove_unused_consts},
    {"add_checks_for_loads_of_uninitialized_variables", pass_add_checks_for_loads_of_uninitialized_variables},
    {"insert_superinstructions", pass_insert_superinstructions},
    {"push_cold_blocks_to_end", pass_push_cold_blocks_to_end},
    {"resolve_line_numbers", pass_resolve_line_numbers},
    {"calculate_stackdepth", pass_calculate_stackdepth},
    {"prepare_localsplus", pass_prepare_localsplus},
    {"convert_pseudo_ops", pass_convert_pseudo_ops},
    {"normalize_jumps", pass_normalize_jumps},
    {NULL, NULL},
};

static const struct backend_slots backend = {
    .assemble = assemble_graph,
    .passes = passes,
    .encode = encode_relative_jumps,
    .write_lines = write_positions,
    .write_exceptions = write_exception_table,
    .lay_out_variables = lay_out_localsplus,
};

/* Python/compile.c. */
static const struct codegen_slots codegen = {
    .max_blocks = 21,
    .jump_on = OP_JUMP_NO_INTERRUPT,
    .jump_loop = OP_JUMP,
    .body = annotation_body_eager,
    .function = function_definition,
    .lambda = function_lambda,
    .make_function = function_make_with_attributes,
    .class_ = class_definition,
    .type_alias = type_params_alias,
    .annotated_assignment = annotation_eager,
    .augmented_assignment = visit_augmented_assignment,
    .if_ = visit_if,
    .for_ = visit_for,
    .async_for = visit_async_for,
    .while_ = visit_while,
    .return_ = visit_return,
    .break_ = visit_break,
    .continue_ = visit_continue,
    .try_ = try_exception_table,
    .try_star = try_star_exception_table,
    .with = with_before_with,
    .async_with = with_async_before_with,
    .unwind = try_unwind_exception_table,
    .match = match_statement,
    .assert_ = assert_call,
    .import = import_modules,
    .import_from = import_names,
    .jump_if = visit_jump_if,
    .boolop = visit_boolop,
    .compare_chain = visit_compare_chain,
    .compare_op = emit_compare_masked,
    .binary_op = emit_binary_unified,
    .unary_op = emit_unary_intrinsic,
    .name_op = emit_name_op_class_dict,
    .attribute = visit_attribute,
    .subscript = visit_subscript,
    .unpacked_display = display_extend,
    .dict = display_dict,
    .call = call_unified,
    .call_arguments = call_arguments_unified,
    .comprehension = comprehension_inline,
    .joined_str = fstring_join,
    .formatted_value = fstring_format_value,
    .yield = await_yield_wrapped,
    .yield_from = await_send_with_cleanup,
};

static const struct sema_slots sema = {
    .fold = fold_tree,
    .co_future_annotations = 0x1000000,
    .co_future_barry_as_bdfl = 0x400000,
    .fold_depth_limit = 9997,
    .symtable_depth_limit = 9997,
    .recursion_message = "maximum recursion depth exceeded during compilation",
};

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
                   .doubles_last_crlf = false,
                   .unplaced_offset = -1},
        .parser_stack = 6000,
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
        .code_name_constants_interned = true,
        .interns_code_names = true,
        .slice_items_apart = false,
        .key_always_flagged = true,
        .interned_characters = "",
        .small_int_max = 256,
        .order_frozenset = set_order_by_dump,
        .none_address = 0,
        .ellipsis_address = 0,
        .point_at = carets_within_line,
        .always_names_line = false,
        .hash_compression_rounds = 1,
        .hash_finalization_rounds = 3,
        .known_names = KNOWN_NAMES_3_13_0,
    },
    .has = {
#include "targets/features_of.h"
    },
};
