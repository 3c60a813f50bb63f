/* The passes over the control-flow graph: what the targets make their lists of.
 *
 * Where releases do the same job in another way there are several functions here, named after what they do. */
#ifndef MKPYC_OPT_PASSES_H
#define MKPYC_OPT_PASSES_H

#include "opt/cfg.h"

/* -- exceptions.c -- */
/* Mark the blocks that handle exceptions. */
void pass_mark_except_handlers(struct cfg *g);
/* Find for each instruction the handler of what it raises; POP_BLOCK becomes NOP. */
void pass_label_exception_targets(struct cfg *g);

/* -- flow.c -- */
/* Empty the blocks that nothing reaches; count predecessors. */
void pass_remove_unreachable(struct cfg *g);
/* The same with the predecessor counts of releases whose traversal pushes a block once for each way there. */
void pass_remove_unreachable_revisiting(struct cfg *g);
/* Copy small exit blocks, and blocks without line numbers, over the jumps to them. */
void pass_inline_small_or_no_lineno_blocks(struct cfg *g);
/* Drop NOPs whose line number is not needed. */
void pass_remove_redundant_nops(struct cfg *g);
/* The same, and pairs that load a value and drop it. */
void pass_remove_redundant_nops_and_pairs(struct cfg *g);
/* Drop jumps to what comes next, and the NOPs that they leave, until nothing changes. */
void pass_remove_redundant_nops_and_jumps(struct cfg *g);
/* Move handlers and what only they reach to the end. */
void pass_push_cold_blocks_to_end(struct cfg *g);
/* SETUP_* become NOP, LOAD_CLOSURE and STORE_FAST_MAYBE_NULL their real instructions. */
void pass_convert_pseudo_ops(struct cfg *g);
/* A conditional jump backward becomes a conditional jump over a jump. */
void pass_normalize_jumps(struct cfg *g);
/* Helpers for the passes above and others. */
bool flow_remove_nops(struct cfg *g);
bool flow_has_no_lineno(const struct block *b);

/* -- lines.c -- */
/* Give every exit without a line number one of its own, and spread line numbers. */
void pass_resolve_line_numbers(struct cfg *g);

/* -- basic_block.c -- */
/* What LOAD_CONST decides at compile time: conditional jumps, `is None`, RETURN_CONST. */
void pass_optimize_load_const(struct cfg *g);
/* Local rewrites of each block: tuples of constants, threaded jumps, TO_BOOL, SWAP. */
void pass_optimize_basic_blocks(struct cfg *g);

/* -- swaps.c -- */
/* Shorten the run of SWAPs at `*at` of a block; `*at` moves to its end. */
void swaps_shorten(struct cfg *g, struct block *b, uint32_t *at);
/* Swap stores and pops instead of stack items, for the SWAPs up to `at`. */
void swaps_apply(struct block *b, uint32_t at);

/* -- consts.c -- */
/* The index of a constant in the unit, appended when new. */
int32_t consts_add(struct cfg *g, constant value);
/* Drop constants that nothing loads; the first one stays. */
void pass_remove_unused_consts(struct cfg *g);

/* -- locals.c -- */
/* LOAD_FAST_CHECK where a local may be unbound. */
void pass_add_checks_for_loads_of_uninitialized_variables(struct cfg *g);
/* LOAD_FAST_LOAD_FAST and its kin. */
void pass_insert_superinstructions(struct cfg *g);

/* -- localsplus.c -- */
/* Generator prefix, MAKE_CELL, COPY_FREE_VARS; arguments of cell instructions become places in localsplus. */
void pass_prepare_localsplus(struct cfg *g);
/* localsplusnames and localspluskinds. */
void lay_out_localsplus(struct cfg *g, struct code *code);

/* -- asm/ -- */
/* The deepest stack; the depth at which each block starts. */
void pass_calculate_stackdepth(struct cfg *g);
/* Relative jumps in code units, inline caches. */
void encode_relative_jumps(struct cfg *g, struct code *code);
/* PEP 657 positions. */
void write_positions(struct cfg *g, struct code *code);
/* The exception table of varints. */
void write_exception_table(struct cfg *g, struct code *code);

#endif
