/* CPython 3.10.13. */
#include "targets/cpython_310/target.h"

#include "lower/lower.h"
#include "opt/first_graph.h"
#include "opt/passes.h"
#include "targets/slots.h"

#define TARGET_VERSION PY(3, 10, 13)

static const struct sema_slots sema = {
    .fold = fold_tree,
    .co_future_annotations = 0x1000000,
    .co_future_barry_as_bdfl = 0x400000,
    .fold_depth_limit = 2985,
    .symtable_depth_limit = 2985,
    .method_levels = 1,
    .addresses = {.none = 0x18bc80, .ellipsis = 0x18dca0},
    .recursion_message = "maximum recursion depth exceeded during compilation",
};

/* Python/compile.c. */
static const struct codegen_slots codegen = {
    .max_blocks = 20,
    .jump_on = OP_JUMP_FORWARD,
    .jump_loop = OP_JUMP_ABSOLUTE,
    .body = annotation_body_eager,
    .function = function_definition,
    .lambda = function_lambda,
    .make_function = function_make_with_flags,
    .class_ = class_definition,
    .annotated_assignment = annotation_eager,
    .function_annotations = annotation_function_eager,
    .augmented_assignment = visit_augmented_assignment_dup,
    .if_ = visit_if,
    .for_ = visit_for,
    .async_for = visit_async_for,
    .while_ = visit_while,
    .return_ = visit_return_nops,
    .break_ = visit_break,
    .continue_ = visit_continue,
    .try_ = try_finally_duplicated,
    .with = with_exit_called,
    .async_with = with_async_exit_called,
    .unwind = try_unwind_finally_duplicated,
    .match = match_statement,
    .assert_ = assert_call,
    .import = import_modules,
    .import_from = import_names,
    .jump_if = visit_jump_if,
    .boolop = visit_boolop,
    .compare_chain = visit_compare_chain,
    .compare_op = emit_compare_split,
    .binary_op = emit_binary_named,
    .unary_op = emit_unary_named,
    .name_op = emit_name_op_classic,
    .attribute = visit_attribute,
    .subscript = visit_subscript,
    .unpacked_display = display_extend,
    .dict = display_dict,
    .call = call_split,
    .call_arguments = call_arguments_split,
    .comprehension = comprehension_function,
    .joined_str = fstring_join,
    .formatted_value = fstring_format_flags,
    .yield = visit_yield_plain,
    .yield_from = visit_yield_from_plain,
};

/* assemble and optimize_cfg of Python/compile.c. */
static const struct backend_pass passes[] = {
    {"compiler_use_next_block", pass_cut_at_labels, ALL_UNITS},
    {"normalize_basic_block", pass_normalize_basic_blocks, ALL_UNITS},
    {"extend_block", pass_extend_blocks_by_flags, ALL_UNITS},
    {"insert_generator_prefix", pass_insert_generator_prefix, ALL_UNITS},
    {"optimize_cfg", pass_optimize_first_graph, ALL_UNITS},
    {"duplicate_exits_without_lineno", pass_duplicate_exits_by_flags, ALL_UNITS},
    {"trim_unused_consts", pass_trim_unused_consts, ALL_UNITS},
    {"propagate_line_numbers", pass_propagate_line_numbers, ALL_UNITS},
    {"guarantee_lineno_for_exits", pass_guarantee_lineno_for_exits, ALL_UNITS},
    {"normalize_jumps", pass_direct_absolute_jumps, ALL_UNITS},
    {"stackdepth", pass_first_graph_stackdepth, ALL_UNITS},
    {NULL, NULL, ALL_UNITS},
};

static const struct backend_slots backend = {
    .assemble = assemble_graph,
    .passes = passes,
    .encode = encode_unit_jumps,
    .lay_out_variables = lay_out_varnames,
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
        .nesting = &nesting_peg,
        .max_int_digits = 4300,
    },
    .sema = &sema,
    .codegen = &codegen,
    .backend = &backend,
    .out = &(const struct out_slots){
        .marshal_version = 4,
        .exact_flags = false,
        .localsplus_layout = false,
        .line_table = LINES_BY_RANGES,
        .jumps_in_words = true,
        .flags_top_code = true,
        .shares_code_bytes = true,
        .shares_linetable = true,
        .folded_tuples_apart = false,
        .code_name_constants_interned = true,
        .interns_code_names = false,
        .slice_items_apart = false,
        .key_always_flagged = false,
        .interned_characters = "\n*.",
        .small_int_max = 256,
        .order_frozenset = set_order_by_hash,
        .point_at = carets_to_end_offset,
        .hash_compression_rounds = 2,
        .hash_finalization_rounds = 4,
        .known_names = KNOWN_NAMES_3_10_13,
    },
    .has = {
#include "targets/features_of.h"
    },
};
