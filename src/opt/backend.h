/* The back end: from the instruction sequence of one code unit to a finished code object.
 *
 * Answers to optimize_and_assemble of CPython's compile.c (assemble, to 3.11). What a release does
 * here is the list of passes in its target: they run in that order over one control-flow graph
 * (opt/cfg.h), which is then encoded and given its tables.
 */
#ifndef MKPYC_OPT_BACKEND_H
#define MKPYC_OPT_BACKEND_H

#include "codegen/instruction.h"
#include "out/code.h"
#include "syntax/compilation.h"
#include "util/buffer.h"

struct cfg;

/* For which units a pass is. */
enum pass_scope {
    ALL_UNITS,
    SEVERAL_BLOCKS, /* it only looks at where control goes: nothing to do for one block */
};

/* One pass over the graph, under the name that CPython has for it. */
struct backend_pass {
    const char *name;
    void (*run)(struct cfg *g);
    enum pass_scope scope;
};

/* The back end of a release. */
struct backend_slots {
    struct code *(*assemble)(
        struct compilation *c,
        struct code_unit *u); /* assemble_graph (by the fields below) or assemble_words */
    /* in order; the first makes the graph, the last has no name */
    const struct backend_pass *passes;
    void (*encode)(
        struct cfg *g,
        struct code *code); /* resolve the jumps, write co_code, co_linetable, co_exceptiontable */
    void (*lay_out_variables)(struct cfg *g,
                              struct code *code); /* varnames and cells, or localsplus */
};

/* What the passes need between code units: made at the first unit, used again for the next ones. */
struct backend_scratch;

/* A code object of a unit with what does not depend on the release: counts, flags, names. */
struct code *backend_new_code(struct arena *arena, const struct code_unit *u);
/* A copy of a unit's names that lasts; NULL: there are none. */
const identifier *backend_keep_names(struct arena *arena, const identifier *items, uint32_t count);

/* Optimise and assemble by way of a control-flow graph. */
struct code *assemble_graph(struct compilation *c, struct code_unit *u);

/* Optimise and assemble. The sequence ends in a return. `u` is used up; the code object shares
 * nothing with it. */
struct code *backend_assemble(struct compilation *c, struct code_unit *u);

#endif
