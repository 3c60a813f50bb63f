/* The passes over the control-flow graph: what the targets make their lists of.
 *
 * Where releases do the same job in another way there are several functions here, named after what
 * they do. */
#ifndef MKPYC_OPT_PASSES_H
#define MKPYC_OPT_PASSES_H

#include "opt/cfg.h"

/* -- cfg_build.c -- */
/* The graph of the sequence: blocks start where something jumps to. */
void pass_cut_at_jump_targets(struct cfg *g);
/* The same where what evaluates annotations comes in the place of ANNOTATIONS_PLACEHOLDER. */
void pass_cut_at_jump_targets_around_annotations(struct cfg *g);
/* The graph of the sequence: blocks start at all labels. */
void pass_cut_at_labels(struct cfg *g);
/* The same in the release whose jumps hold their label's number until they are resolved. */
void pass_cut_at_numbered_labels(struct cfg *g);

/* -- exceptions.c -- */
/* Mark the blocks that handle exceptions. */
void pass_mark_except_handlers(struct cfg *g);
/* Find for each instruction the handler of what it raises; POP_BLOCK becomes NOP, RESUME tells how
 * deep the yield was. */
void pass_label_exception_targets(struct cfg *g);
/* The same where POP_BLOCK stays until convert_pseudo_ops and YIELD_VALUE tells the depth. */
void pass_label_exception_targets_yield_depth(struct cfg *g);
/* The same where nobody tells the depth. */
void pass_label_exception_targets_plain(struct cfg *g);

/* -- flow.c -- */
/* Empty the blocks that nothing reaches; count predecessors. */
void pass_remove_unreachable(struct cfg *g);
/* The same with the predecessor counts of the release whose traversal pushes a block once for each
 * way there. */
void pass_remove_unreachable_revisiting(struct cfg *g);
/* Take empty blocks out of the order of the code; jumps to one go to the next that is not. */
void pass_eliminate_empty_basic_blocks(struct cfg *g);
/* Copy small exit blocks over the jumps to them, once. */
void pass_inline_small_exit_blocks(struct cfg *g);
/* Copy small exit blocks without lines over the jumps to them, once, last made block first. */
void pass_extend_blocks(struct cfg *g);
/* Copy small exit blocks, and blocks without line numbers, over the jumps to them. */
void pass_inline_small_or_no_lineno_blocks(struct cfg *g);
/* Drop NOPs whose line number is not needed. */
void pass_remove_redundant_nops(struct cfg *g);
/* The same, and pairs that load a value and drop it. */
void pass_remove_redundant_nops_and_pairs(struct cfg *g);
/* Jumps to what comes next become NOPs. */
void pass_remove_redundant_jumps(struct cfg *g);
/* Drop jumps to what comes next, and the NOPs that they leave, until nothing changes. */
void pass_remove_redundant_nops_and_jumps(struct cfg *g);
/* Move handlers and what only they reach to the end; the way back from there is not interrupted. */
void pass_push_cold_blocks_to_end(struct cfg *g);
/* The same where the way back is a plain jump that nobody counts. */
void pass_push_cold_blocks_to_end_uncounted(struct cfg *g);
/* SETUP_* and POP_BLOCK become NOP, STORE_FAST_MAYBE_NULL its real instruction. */
void pass_convert_pseudo_ops(struct cfg *g);
/* JUMP_IF_* become COPY, TO_BOOL, POP_JUMP_IF_*. */
void pass_convert_pseudo_conditional_jumps(struct cfg *g);
/* Conditional jumps become those for their direction. */
void pass_direct_jumps(struct cfg *g);
/* Helpers for the passes above and others. */
/* Drop the redundant NOPs of a block; true if there were any. */
bool flow_clean_block(struct cfg *g, struct block *b);
/* Blocks of more instructions are not copied over a jump to them. */
enum { MAX_COPY_SIZE = 4 };
/* The blocks, last made first; they stand in the memory of cfg_numbers. */
const int32_t *flow_last_made_first(struct cfg *g, uint32_t *count);
/* Copy exits in the place of jumps to them: `extend` the blocks that `can_be`, last made first.
 * Inline, so that the two are. */
static inline void flow_extend_blocks(struct cfg *g,
                                      bool (*can_be)(const struct cfg *g, const struct block *b),
                                      void (*extend)(struct cfg *g, struct block *b))
{
    bool any = false;
    if (!(g->seen & CLASS_UNCONDITIONAL))
        return;
    FOR_EACH_BLOCK(g, b)
        any |= can_be(g, b);
    if (!any)
        return;
    uint32_t count;
    const int32_t *order = flow_last_made_first(g, &count);
    for (uint32_t i = 0; i < count; i++) {
        struct block *b = &g->blocks[order[i]];
        if (can_be(g, b))
            extend(g, b);
    }
}
/* Has no instruction of the block a line? */
bool flow_has_no_lineno(const struct block *b);

/* -- lines.c -- */
/* Copy exits without a line number, and blocks without one that look for signals, so that each has
 * one predecessor. */
void pass_duplicate_exits_without_lineno(struct cfg *g);
/* The same for exits alone. */
void pass_duplicate_mere_exits_without_lineno(struct cfg *g);
/* The same, last made block first. */
void pass_duplicate_mere_exits_last_made_first(struct cfg *g);
/* Instructions without a line number take that of the one before. */
void pass_propagate_line_numbers(struct cfg *g);
/* The same while blocks that have not grown hold what they did when they were cut. */
void pass_propagate_line_numbers_as_cut(struct cfg *g);
/* Returns that still have no line take some line. */
void pass_guarantee_lineno_for_exits(struct cfg *g);

/* -- basic_block.c -- */
/* What LOAD_CONST decides at compile time: conditional jumps, `is None`, RETURN_CONST. */
void pass_optimize_load_const(struct cfg *g);
/* Local rewrites of each block: tuples of constants, threaded jumps, TO_BOOL, SWAP. */
void pass_optimize_basic_blocks(struct cfg *g);

/* -- basic_block_fold.c -- */
/* The same as pass_optimize_load_const where not all constants are loaded from the unit's. */
void pass_optimize_load_const_folding(struct cfg *g);
/* The same as pass_optimize_basic_blocks; constants are folded. */
void pass_optimize_basic_blocks_folding(struct cfg *g);

/* -- basic_block_in_place.c -- */
/* The rewrites of constants and of blocks in one walk, jumps threaded in place. */
void pass_optimize_blocks_in_place(struct cfg *g);
/* The same where and/or jump, and where each block is rid of its NOPs at once. */
void pass_optimize_and_clean_blocks(struct cfg *g);

/* -- swaps.c -- */
/* Shorten the run of SWAPs at `*at` of a block; `*at` moves to its end. */
void swaps_shorten(struct cfg *g, struct block *b, uint32_t *at);
/* Swap stores and pops instead of stack items, for the SWAPs up to `at`. */
void swaps_apply(struct block *b, uint32_t at);

/* -- consts.c -- */
/* The index of a constant in the unit, appended when new. */
int32_t consts_add(struct cfg *g, constant value);
/* Note that a block goes which may name constants. */
void consts_drop_block(struct cfg *g, const struct block *b);
/* Drop constants that nothing loads; the first one stays. */
void pass_remove_unused_consts(struct cfg *g);
/* Drop the constants behind the last one that is loaded; the first one stays. */
void pass_trim_unused_consts(struct cfg *g);

/* -- locals.c -- */
/* LOAD_FAST_CHECK where a local may be unbound. */
void pass_add_checks_for_loads_of_uninitialized_variables(struct cfg *g);
/* LOAD_FAST_LOAD_FAST and its kin. */
void pass_insert_superinstructions(struct cfg *g);

/* -- borrow.c -- */
/* The same as pass_calculate_stackdepth, and LOAD_FAST_BORROW where a load need not own what it
 * loads. */
void pass_calculate_stackdepth_borrowing(struct cfg *g);
/* What that could not know of blocks that have no NOPs any more. */
void pass_settle_borrowing(struct cfg *g);

/* -- localsplus.c -- */
/* The prefix without the line of the generator's POP_TOP. */
void pass_prepare_localsplus_unplaced(struct cfg *g);
/* Generator prefix, MAKE_CELL, COPY_FREE_VARS; arguments of cell instructions become places in
 * localsplus, LOAD_CLOSURE its real instruction. */
void pass_prepare_localsplus(struct cfg *g);
/* localsplusnames and localspluskinds. */
void lay_out_localsplus(struct cfg *g, struct code *code);
/* The same where the kinds tell the parameters. */
void lay_out_localsplus_with_parameters(struct cfg *g, struct code *code);

/* -- asm/ -- */
/* The deepest stack; the depth at which each block starts. What is left to convert_pseudo_ops is
 * done on the way. */
void pass_calculate_stackdepth(struct cfg *g);
/* The same without that, behind pass_prepare_localsplus: a generator's prefix finds one item. */
void pass_calculate_stackdepth_of_prefix(struct cfg *g);
/* Relative jumps in code units, inline caches; widths start from the numbers of the target
 * instructions. With PEP 657 positions, of which neighbours at one position share an entry, and the
 * exception table of varints. */
void encode_relative_jumps(struct cfg *g, struct code *code);
/* The same with widths starting from the labels' numbers, if jumps hold those, or from one word. */
void encode_relative_jumps_from_labels(struct cfg *g, struct code *code);
/* The same with positions of each instruction by itself. */
void encode_relative_jumps_located_one_by_one(struct cfg *g, struct code *code);

#endif
