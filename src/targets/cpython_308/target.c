/* CPython 3.8.18. */
#include "targets/cpython_308/target.h"

#include "asm/words.h"
#include "lower/lower.h"
#include "opt/backend.h"
#include "targets/slots.h"

#define TARGET_VERSION PY(3, 8, 18)

static const struct sema_slots sema = {
    .fold = fold_tree,
    .co_future_annotations = 0x1000000,
    .co_future_barry_as_bdfl = 0x400000,
    /* This release has no limit of its own for folding; ours only guards the stack. */
    .fold_depth_limit = 37000,
    .symtable_depth_limit = 2985,
    .method_levels = 1,
    .addresses = {.none = 0x132220, .ellipsis = 0x134420},
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
    .function_annotations = annotation_function_eager,
    .annotated_assignment = annotation_eager,
    .augmented_assignment = visit_augmented_assignment_dup,
    .if_ = visit_if_decided,
    .for_ = visit_for,
    .async_for = visit_async_for,
    .while_ = visit_while_decided,
    .return_ = visit_return_plain,
    .break_ = visit_break_plain,
    .continue_ = visit_continue_plain,
    .try_ = try_finally_called,
    .with = with_finally_called,
    .async_with = with_async_finally_called,
    .unwind = try_unwind_finally_called,
    .assert_ = assert_call,
    .import = import_modules,
    .import_from = import_names,
    .jump_if = visit_jump_if,
    .boolop = visit_boolop,
    .compare_chain = visit_compare_chain,
    .compare_op = emit_compare_all,
    .binary_op = emit_binary_named,
    .unary_op = emit_unary_named,
    .name_op = emit_name_op_classic,
    .attribute = visit_attribute,
    .subscript = visit_subscript,
    .unpacked_display = display_unpack,
    .dict = display_dict_unpack,
    .call = call_split,
    .call_arguments = call_arguments_split_unpack,
    .comprehension = comprehension_function,
    .joined_str = fstring_join,
    .formatted_value = fstring_format_flags,
    .yield = visit_yield_plain,
    .yield_from = visit_yield_from_plain,
};

static const struct backend_slots backend = {
    .assemble = assemble_words,
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
        .parser_stack = 1700,
        .nesting = &nesting_ll1,
        .max_int_digits = 4300,
    },
    .sema = &sema,
    .codegen = &codegen,
    .backend = &backend,
    .out = &(const struct out_slots){
        .marshal_version = 4,
        .exact_flags = false,
        .localsplus_layout = false,
        .line_table = LINES_BY_DELTAS,
        .jumps_in_words = false,
        .flags_top_code = true,
        .shares_code_bytes = false,
        .shares_linetable = false,
        .folded_tuples_apart = true,
        .code_name_constants_interned = true,
        .interns_code_names = false,
        .slice_items_apart = false,
        .key_always_flagged = false,
        .interned_characters = "\n*.",
        .small_int_max = 256,
        .order_frozenset = set_order_by_hash,
        .point_at = caret_below_stripped_line,
        .hash_compression_rounds = 2,
        .hash_finalization_rounds = 4,
        .known_names = KNOWN_NAMES_3_8_18,
    },
    .has = {
#include "targets/features_of.h"
    },
};
