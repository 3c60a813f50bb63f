/* super().name and super(a, b).name: LOAD_SUPER_ATTR (from 3.12). Answers to
 * can_optimize_super_call, load_args_for_super. */
#include "lower/super.h"

#include "codegen/emit.h"
#include "codegen/visit.h"

/* Can super() without arguments be resolved here: is there a first argument and a __class__ cell?
 */
static bool zero_arguments_work(struct codegen *g)
{
    const struct unit *u = g->u;
    if (u->code.argcount == 0 && u->code.posonlyargcount == 0)
        return false;
    return u->kind != UNIT_CLASS && unit_name(g, NAME_dunder_class)->scope == FREE;
}

bool super_call_is_plain(struct codegen *g, const struct expr *attribute)
{
    const struct expr *call = attribute->v.Attribute.value;
    if (call->v.Call.func->kind != Name_kind || call->v.Call.func->v.Name.id != NAME_super ||
        !HAS(g->c, LOAD_SUPER_ATTR) || attribute->v.Attribute.attr == NAME_dunder_class ||
        call->v.Call.keywords->count != 0)
        return false;
    if (unit_name(g, NAME_super)->scope != GLOBAL_IMPLICIT ||
        (g->module_names[NAME_super] & MODULE_HAS_NAME))
        return false;
    const struct expr_list *args = call->v.Call.args;
    if (args->count == 2)
        return args->items[0]->kind != Starred_kind && args->items[1]->kind != Starred_kind;
    return args->count == 0 && zero_arguments_work(g);
}

/* [] -> [super, class, self] */
static void load_arguments(struct codegen *g, struct expr *call)
{
    emit_name_op(g, call->v.Call.func->loc, NAME_super, Load);
    if (call->v.Call.args->count == 2) {
        visit_exprs(g, call->v.Call.args);
        return;
    }
    emit_name_op(g, call->loc, NAME_dunder_class, Load);
    emit_name_op(g, call->loc, g->u->code.varnames.items[0], Load);
}

/* LOAD_SUPER_ATTR: bit 0 method, bit 1 two arguments. Then a NOP that marks the line of the
 * attribute. */
static struct location load(struct codegen *g, struct expr *attribute, bool method)
{
    struct expr *call = attribute->v.Attribute.value;
    load_arguments(g, call);
    int32_t index = unit_name_index(g, unit_mangle(g, attribute->v.Attribute.attr));
    bool two = call->v.Call.args->count == 2;
    emit_arg(g, attribute->loc, OP_LOAD_SUPER_ATTR, index << 2 | (two ? 2 : 0) | (method ? 1 : 0));
    struct location loc = visit_attribute_location(g, attribute->loc, attribute);
    emit(g, loc, OP_NOP);
    return loc;
}

void super_load_attribute(struct codegen *g, struct expr *attribute)
{
    load(g, attribute, false);
}

struct location super_load_method(struct codegen *g, struct expr *attribute)
{
    return load(g, attribute, true);
}
