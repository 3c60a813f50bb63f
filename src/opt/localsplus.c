/* Locals, cells and free variables in one array, and the instructions that a function starts with.
 *
 * Answers to prepare_localsplus and what it calls in CPython's flowgraph.c, and to
 * compute_localsplus_info in assemble.c. A cell that is also a parameter or local keeps that
 * local's place; the other cells and the free variables follow the locals.
 */
#include "opt/passes.h"
#include "util/copy.h"

enum {
    KIND_POSITIONAL = 0x02,
    KIND_KEYWORD = 0x04,
    KIND_VARIABLE = 0x08, /* parameters */
    KIND_HIDDEN = 0x10,
    KIND_LOCAL = 0x20,
    KIND_CELL = 0x40,
    KIND_FREE = 0x80
};

/* For each cell the place of the local of that name, -1: none. */
static void find_cell_locals(struct cfg *g, int32_t *local_of)
{
    struct code_unit *u = g->u;
    uint32_t *index = cfg_name_index(g);
    for (uint32_t i = 0; i < u->varnames.count; i++)
        index[u->varnames.items[i]] = i + 1;
    for (uint32_t i = 0; i < u->cellvars.count; i++)
        local_of[i] = (int32_t)index[u->cellvars.items[i]] - 1;
    for (uint32_t i = 0; i < u->varnames.count; i++)
        index[u->varnames.items[i]] = 0;
}

/* COPY_FREE_VARS, MAKE_CELL in the order of the places, RETURN_GENERATOR: the start of the entry
 * block. */
static void insert_prefix(struct cfg *g, const int32_t *local_of, bool placed)
{
    struct code_unit *u = g->u;
    uint32_t cells = u->cellvars.count, nlocals = u->varnames.count;
    bool generator = u->is_generator_like && !HAS(g->c, GENERATOR_PREFIX_IN_SEQUENCE);
    uint32_t count = cells + (u->freevars.count != 0) + (generator ? 2 : 0);
    if (count == 0)
        return;
    struct instruction *to = cfg_prepend(g, &g->blocks[g->entry], count);
    g->blocks[g->entry].classes |= CLASS_CELL | CLASS_NO_LINE;
    struct instruction in = {.opcode = OP_COPY_FREE_VARS, .handler = -1, .loc = NO_LOCATION};

    if (u->freevars.count != 0) {
        in.oparg = (int32_t)u->freevars.count;
        *to++ = in;
    }
    in.opcode = OP_MAKE_CELL;
    uint32_t shared = 0;
    for (uint32_t i = 0; i < cells; i++)
        shared += local_of[i] >= 0;
    if (shared != 0) { /* those with a local's place come first, in the order of the locals */
        int32_t *cell_at = arena_zalloc(g->arena, nlocals * sizeof *cell_at);
        for (uint32_t i = 0; i < cells; i++)
            if (local_of[i] >= 0)
                cell_at[local_of[i]] = (int32_t)i + 1;
        for (uint32_t i = 0; i < nlocals; i++)
            if (cell_at[i] != 0) {
                in.oparg = cell_at[i] - 1;
                *to++ = in;
            }
    }
    for (uint32_t i = 0; i < cells; i++)
        if (local_of[i] < 0) {
            in.oparg = (int32_t)i;
            *to++ = in;
        }
    if (generator) {
        in.loc = (struct location){u->firstlineno, -1, u->firstlineno, -1};
        in.oparg = 0;
        in.opcode = OP_RETURN_GENERATOR;
        *to++ = in;
        in.opcode = OP_POP_TOP;
        if (!placed)
            in.loc = NO_LOCATION;
        *to = in;
    }
}

/* The arguments of the cell instructions of a block become places. */
static void place_cells_of_block(struct cfg *g, struct block *b, const int32_t *place,
                                 uint32_t offsets)
{
    FOR_EACH_INSTRUCTION(b, in) {
        if (!(op_class(in->opcode) & CLASS_CELL))
            continue;
        if ((uint32_t)in->oparg >= offsets)
            cfg_malformed(g);
        in->oparg = place[in->oparg];
        if (in->opcode == OP_LOAD_CLOSURE && g->opcodes[OP_LOAD_CLOSURE].flags & OPCODE_PSEUDO)
            cfg_set(b, in, OP_LOAD_FAST, in->oparg);
    }
}

/* The same in all blocks. */
static void place_cells(struct cfg *g, const int32_t *place, uint32_t offsets)
{
    FOR_EACH_BLOCK(g, b)
        if (b->classes & CLASS_CELL) {
            place_cells_of_block(g, b, place, offsets);
            g->seen |= b->classes;
        }
}

/* Both forms of prepare_localsplus. */
static void prepare(struct cfg *g, bool placed)
{
    struct code_unit *u = g->u;
    uint32_t cells = u->cellvars.count, offsets = cells + u->freevars.count;
    int32_t *place = NULL;
    uint32_t dropped = 0;

    if (offsets != 0) {
        place = arena_alloc_array(g->arena, offsets, sizeof *place);
        find_cell_locals(g, place);
    }
    insert_prefix(g, place, placed);
    for (uint32_t i = 0; i < offsets; i++) {
        if (i < cells && place[i] >= 0)
            dropped++;
        else
            place[i] = (int32_t)(u->varnames.count + i - dropped);
    }
    g->cell_places = place;
    g->nlocalsplus = (int)(u->varnames.count + offsets - dropped);
    if (offsets != 0)
        place_cells(g, place, offsets);
}

void pass_prepare_localsplus(struct cfg *g)
{
    prepare(g, true);
}

void pass_prepare_localsplus_unplaced(struct cfg *g)
{
    prepare(g, false);
}

/* The kind of `count` locals from `at` on, as far as there are `nlocals`; returns where the next
 * ones start. It is written in steps, behind them, too: what is there is set later. */
static uint32_t set_kinds(uint8_t *kinds, uint32_t at, int count, uint32_t nlocals, uint8_t kind)
{
    uint32_t end = at + (uint32_t)count < nlocals ? at + (uint32_t)count : nlocals;
    for (uint32_t i = at; i < end; i += COPY_STEP)
        memset(kinds + i, kind, COPY_STEP);
    return end;
}

/* The kinds of parameters; returns where the other locals start. */
static uint32_t set_parameter_kinds(const struct code_unit *u, uint8_t *kinds)
{
    enum { CO_VARARGS = 4, CO_VARKEYWORDS = 8, LIST = KIND_LOCAL | KIND_VARIABLE };
    uint32_t nlocals = u->varnames.count;
    uint32_t at = set_kinds(kinds, 0, u->posonlyargcount, nlocals, KIND_LOCAL | KIND_POSITIONAL);
    at = set_kinds(kinds, at, u->argcount - u->posonlyargcount, nlocals,
                   KIND_LOCAL | KIND_POSITIONAL | KIND_KEYWORD);
    at = set_kinds(kinds, at, u->kwonlyargcount, nlocals, KIND_LOCAL | KIND_KEYWORD);
    at = set_kinds(kinds, at, (u->flags & CO_VARARGS) != 0, nlocals, LIST | KIND_POSITIONAL);
    return set_kinds(kinds, at, (u->flags & CO_VARKEYWORDS) != 0, nlocals, LIST | KIND_KEYWORD);
}

/* localsplusnames and localspluskinds; `parameters`: they have kinds of their own. */
static inline void lay_out(struct cfg *g, struct code *code, bool parameters)
{
    struct code_unit *u = g->u;
    uint32_t nlocals = u->varnames.count, count = (uint32_t)g->nlocalsplus;
    identifier *names = arena_alloc_array(g->arena, count, sizeof *names);
    uint8_t *kinds = arena_alloc_array(g->arena, count, 1);

    copy_steps(names, u->varnames.items, nlocals * sizeof *names);
    uint32_t at = parameters ? set_parameter_kinds(u, kinds) : 0;
    set_kinds(kinds, at, (int)(nlocals - at), nlocals, KIND_LOCAL);
    for (uint32_t i = 0; i < u->fast_hidden.count; i++)
        kinds[i] |= u->fast_hidden.items[i] ? KIND_HIDDEN : 0;
    for (uint32_t i = 0; i < u->cellvars.count; i++) {
        uint32_t place = (uint32_t)g->cell_places[i];
        names[place] = u->cellvars.items[i];
        kinds[place] = place < nlocals ? kinds[place] | KIND_CELL : KIND_CELL;
    }
    for (uint32_t i = 0; i < u->freevars.count; i++) {
        uint32_t place = (uint32_t)g->cell_places[u->cellvars.count + i];
        names[place] = u->freevars.items[i];
        kinds[place] = KIND_FREE;
    }
    code->nlocals = (int)nlocals;
    code->varnames = names;
    code->varname_count = nlocals;
    code->localsplusnames = names;
    code->localspluskinds = (struct byte_string){kinds, count};
    code->localsplus_count = count;
}

void lay_out_localsplus(struct cfg *g, struct code *code)
{
    lay_out(g, code, false);
}

void lay_out_localsplus_with_parameters(struct cfg *g, struct code *code)
{
    lay_out(g, code, true);
}
