/* What the slots name_op share: how a variable is found by its name. Where the releases differ is
 * told by constants (struct name_op_parts), so that each slot is compiled for its own. */
#ifndef MKPYC_CODEGEN_NAME_OP_H
#define MKPYC_CODEGEN_NAME_OP_H

#include "codegen/check.h"
#include "codegen/emit.h"
#include "util/out_of_line.h"

struct name_op_parts {
    /* a variable that is found by its name, which is at `index` in co_names */
    void (*found)(struct codegen *g, const struct location *loc, int32_t index,
                  enum symbol_scope scope, enum expr_context ctx);
    /* a cell or free variable */
    void (*cell)(struct codegen *g, const struct location *loc, int32_t index,
                 enum expr_context ctx);
    bool hides_locals; /* inlined comprehensions have fast locals in any scope */
};

/* A variable found by its name, for which room must be made in co_names. */
static OUT_OF_LINE void name_op_crowded(struct codegen *g, const struct location *loc,
                                        identifier name, enum symbol_scope scope,
                                        enum expr_context ctx, const struct name_op_parts *parts)
{
    parts->found(g, loc, unit_name_index(g, name), scope, ctx);
}

/* A fast local. */
static OUT_OF_LINE void name_op_local(struct codegen *g, const struct location *loc,
                                      identifier name, struct name_slot *slot,
                                      enum expr_context ctx)
{
    if (emit_is_silent(g))
        return;
    if (slot->varname < 0)
        unit_add_varname(g, name, slot);
    emit_fast_op(g, loc, slot->varname, ctx);
}

/* Any variable, by its mangled name. Nothing is done behind the calls here, so that no register
 * needs to be kept for them. */
static inline void name_op_mangled(struct codegen *g, const struct location *loc, identifier name,
                                   struct name_slot *slot, enum expr_context ctx,
                                   const struct name_op_parts *parts)
{
    enum symbol_scope scope = slot->scope;
    if (scope == FREE || scope == CELL) {
        parts->cell(g, loc, slot->cell, ctx);
    } else if (scope == LOCAL &&
               (g->u->function_like || (parts->hides_locals && slot->hidden & HIDDEN_NOW))) {
        name_op_local(g, loc, name, slot, ctx);
    } else if (unit_has_room_for_name(g, name)) {
        parts->found(g, loc, unit_take_name(g, name), scope, ctx);
    } else {
        name_op_crowded(g, loc, name, scope, ctx, parts);
    }
}

/* A variable whose name is mangled, forbidden or none of the scope's. */
static OUT_OF_LINE void name_op_unusual(struct codegen *g, const struct location *loc,
                                        identifier name, enum expr_context ctx,
                                        const struct name_op_parts *parts)
{
    if (name == NAME_dunder_debug && ctx != Load && HAS(g->c, FORBIDDEN_NAMES_IN_COMPILER))
        check_forbidden_name(g, *loc, name, ctx);
    name = unit_mangle(g, name);
    struct name_slot none = {.scope = SCOPE_NONE}, *slot = unit_find_name(g, name);
    name_op_mangled(g, loc, name, slot != NULL ? slot : &none, ctx, parts);
}

/* Any variable. */
static inline void name_op(struct codegen *g, const struct location *loc, identifier name,
                           enum expr_context ctx, const struct name_op_parts *parts)
{
    struct name_slot *slot = unit_usual_name(g, name);
    if (slot == NULL)
        name_op_unusual(g, loc, name, ctx, parts);
    else if (unit_is_fast_local(g->u, slot))
        emit_fast_op(g, loc, slot->varname, ctx);
    else
        name_op_mangled(g, loc, name, slot, ctx, parts);
}

#endif
