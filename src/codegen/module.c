/* The entry to code generation: the module's own unit. */
#include "codegen/dump.h"
#include "codegen/emit.h"
#include "codegen/names_tuple.h"
#include "codegen/short_load.h"
#include "codegen/unit.h"
#include "codegen/visit.h"

/* Walk the module. */
static const struct code *compile(struct codegen *g, struct module_ast *m)
{
    unit_note_module_names(g);
    names_tuple_start(g);
    unit_enter(g, NAME_module_code, UNIT_MODULE, g->st->top,
               HAS(g->c, MODULE_FIRST_LINE_FROM_CODE) ? 0 : 1);
    struct location loc = {1, 0, 1, 0};
    g->slots->body(g, loc, m->body);
    return unit_leave(g, true);
}

/* A walk that has not begun. */
static struct codegen start(struct compilation *c, struct symtable *st)
{
    struct codegen g = {.c = c,
                        .slots = c->target->codegen,
                        .arena = c->arena,
                        .st = st,
                        .location_by_state = HAS(c, CURRENT_LOCATION),
                        .joins = HAS(c, INHERITED_HANDLERS) ? JOINS_IN_PLACE : JOINS,
                        .short_loads = short_load_flags(c),
                        .emit = emit_choose(c)};
    visit_fill_stmt_visitors(&g);
    visit_fill_expr_visitors(&g);
    return g;
}

struct code *codegen_module(struct compilation *c, struct module_ast *m, struct symtable *st)
{
    struct codegen g = start(c, st);
    return (struct code *)compile(&g, m);
}

void dump_instructions(struct compilation *c, struct module_ast *m, struct symtable *st,
                       struct buffer *out)
{
    struct codegen g = start(c, st);
    g.dump = out;
    g.joins = JOINS_NOTHING;
    g.short_loads = 0;
    compile(&g, m);
}
