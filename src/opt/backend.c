/* From an instruction sequence to a code object, by the target's list of passes. See backend.h. */
#include "opt/backend.h"

#include "opt/cfg.h"
#include "opt/dump.h"
#include "util/copy.h"

const identifier *backend_keep_names(struct arena *arena, const identifier *items, uint32_t count)
{
    if (count == 0)
        return NULL;
    identifier *copy = arena_alloc_array(arena, count, sizeof *copy);
    copy_short(copy, items, count * sizeof *copy);
    return copy;
}

struct code *backend_new_code(struct arena *arena, const struct code_unit *u)
{
    struct code *code = arena_alloc(arena, sizeof *code);

    clear_struct(code, sizeof *code);
    code->argcount = u->argcount;
    code->posonlyargcount = u->posonlyargcount;
    code->kwonlyargcount = u->kwonlyargcount;
    code->flags = u->flags;
    code->firstlineno = u->firstlineno;
    code->name = u->name;
    code->qualname = u->qualname;
    code->owns_qualname = u->owns_qualname;
    code->names = backend_keep_names(arena, u->names.items, u->names.count);
    code->name_count = u->names.count;
    code->cellvars = backend_keep_names(arena, u->cellvars.items, u->cellvars.count);
    code->cellvar_count = u->cellvars.count;
    code->freevars = backend_keep_names(arena, u->freevars.items, u->freevars.count);
    code->freevar_count = u->freevars.count;
    return code;
}

/* The passes behind the first without those that a graph of one block does not need: a list of its
 * own, since which unit has one block cannot be foreseen at each pass. */
static const struct backend_pass *list_passes_of_one_block(struct compilation *c)
{
    const struct backend_pass *p = c->target->backend->passes;
    uint32_t count = 0, n = 0;
    while (p[count].name != NULL)
        count++;
    struct backend_pass *list = arena_alloc_array(c->arena, count, sizeof *list);
    for (uint32_t i = 1; i <= count; i++) {
        if (p[i].scope == ALL_UNITS)
            list[n++] = p[i];
    }
    return list;
}

/* The graph of a unit, in the scratch memory of the compilation. */
static void start(struct cfg *g, struct compilation *c, struct code_unit *u)
{
    if (c->backend == NULL) {
        c->backend = arena_zalloc(c->arena, sizeof *c->backend);
        c->backend->passes_of_one_block = list_passes_of_one_block(c);
    }
    clear_struct(g, sizeof *g);
    g->c = c;
    g->u = u;
    g->opcodes = c->target->opcodes;
    g->arena = c->arena;
    g->blocks = c->backend->blocks;
    g->block_capacity = c->backend->block_capacity;
    g->scratch = c->backend;
}

/* All passes over the graph of a unit. */
static void run_passes(struct cfg *g, const struct backend_slots *slots)
{
    const struct backend_pass *p = slots->passes;
    p++->run(g);
    if (g->block_count == 1)
        p = g->scratch->passes_of_one_block;
    for (; p->name != NULL; p++)
        p->run(g);
}

struct code *assemble_graph(struct compilation *c, struct code_unit *u)
{
    const struct backend_slots *slots = c->target->backend;
    struct cfg g;

    start(&g, c, u);
    run_passes(&g, slots);
    if (c->cfg_dump != NULL)
        dump_cfg(&g, c->cfg_dump);
    struct code *code = backend_new_code(c->arena, u);
    code->stacksize = g.stacksize > 0 || !HAS(c, STACK_NEVER_EMPTY) ? g.stacksize : 1;
    slots->lay_out_variables(&g, code);
    slots->encode(&g, code);
    code->consts = constant_tuple(&c->constants, u->consts.items, u->consts.count);
    return code;
}

struct code *backend_assemble(struct compilation *c, struct code_unit *u)
{
    struct code *code = c->target->backend->assemble(c, u);
    code->number = c->code_count++;
    if (c->asm_dump != NULL)
        dump_asm(c, code, c->asm_dump);
    return code;
}
