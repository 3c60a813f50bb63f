/* The passes of the first control-flow graph (3.10), which differ from the later ones of the same
 * names. */
#ifndef MKPYC_OPT_FIRST_GRAPH_H
#define MKPYC_OPT_FIRST_GRAPH_H

#include "opt/cfg.h"

/* Note which blocks leave the code object or do not fall through. */
void pass_normalize_basic_blocks(struct cfg *g);
/* Copy small exit blocks over the jumps to them, in the order in which the blocks were made, last
 * one first. */
void pass_extend_blocks_by_flags(struct cfg *g);
/* GEN_START in front of a generator. */
void pass_insert_generator_prefix(struct cfg *g);
/* Local rewrites, dead code, empty blocks, jumps to what comes next. */
void pass_optimize_first_graph(struct cfg *g);
/* Copies of exits without a line for each jump to them. */
void pass_duplicate_exits_by_flags(struct cfg *g);
/* Jumps forward are relative ones, jumps backward absolute ones. */
void pass_direct_absolute_jumps(struct cfg *g);
/* The deepest stack, where a block may be entered at more than one depth. */
void pass_first_graph_stackdepth(struct cfg *g);
/* varnames, cellvars, freevars apart. */
void lay_out_varnames(struct cfg *g, struct code *code);
/* co_code with absolute and relative jumps in code units; co_linetable of PEP 626: ranges of code
 * with their line. */
void encode_unit_jumps(struct cfg *g, struct code *code);

#endif
