/* Imports. Answers to compiler_import, compiler_import_as, compiler_from_import. */
#include "lower/import.h"

#include "codegen/emit.h"
#include "codegen/names_tuple.h"
#include "sema/future.h"
#include "syntax/syntax_error.h"

/* A part of a dotted name. */
static identifier part(struct codegen *g, identifier name, uint32_t begin, uint32_t end)
{
    const struct string *s = strings_get(&g->c->strings, name);
    return strings_intern(&g->c->strings, s->bytes + begin, end - begin);
}

/* The place of the next dot, or the length of the name. */
static uint32_t find_dot(struct codegen *g, identifier name, uint32_t from)
{
    const struct string *s = strings_get(&g->c->strings, name);
    const char *dot = memchr(s->bytes + from, '.', s->length - from);
    return dot == NULL ? s->length : (uint32_t)(dot - s->bytes);
}

/* Is the statement in a try statement, or in the handling of an exception? */
static bool is_guarded(const struct codegen *g)
{
    for (uint32_t i = 0; i < g->u->blocks.count; i++) {
        switch (g->u->blocks.items[i].kind) {
        case BLOCK_TRY_EXCEPT:
        case BLOCK_FINALLY_TRY:
        case BLOCK_FINALLY_END:
        case BLOCK_EXCEPTION_HANDLER:
        case BLOCK_EXCEPTION_GROUP_HANDLER:
        case BLOCK_HANDLER_CLEANUP: return true;
        default: break;
        }
    }
    return false;
}

/* [level, names] -> [module]. From 3.15 the argument says whether the import is lazy, may be made
 * so, or may not. */
static void import_name(struct codegen *g, struct location loc, identifier name, bool lazy,
                        bool star)
{
    enum { MAY_BE_LAZY = 0, LAZY = 1, EAGER = 2 };
    if (emit_is_silent(g))
        return;
    int32_t index = unit_name_index(g, unit_mangle(g, name));
    if (HAS(g->c, IMPORT_FLAGS)) {
        bool eager = star || g->u->kind != UNIT_MODULE || is_guarded(g);
        index = index << 2 | (lazy ? LAZY : eager ? EAGER : MAY_BE_LAZY);
    }
    emit_arg(g, loc, OP_IMPORT_NAME, index);
}

/* import a.b.c as d: [a] -> [], going down from a to c. */
static void store_submodule(struct codegen *g, struct location loc, identifier name,
                            identifier asname)
{
    uint32_t length = strings_get(&g->c->strings, name)->length, dot = find_dot(g, name, 0);
    if (dot == length) {
        emit_name_op(g, loc, asname, Store);
        return;
    }
    for (;;) {
        uint32_t begin = dot + 1;
        dot = find_dot(g, name, begin);
        if (!emit_is_silent(g))
            emit_arg(g, loc, OP_IMPORT_FROM, unit_name_index(g, part(g, name, begin, dot)));
        if (dot == length)
            break;
        emit_swap(g, loc, 2);
        emit(g, loc, OP_POP_TOP);
    }
    emit_name_op(g, loc, asname, Store);
    emit(g, loc, OP_POP_TOP);
}

/* 0; None; IMPORT_NAME; store */
void import_modules(struct codegen *g, struct stmt *s)
{
    struct location loc = s->loc;
    for (uint32_t i = 0; i < s->v.Import.names->count; i++) {
        const struct alias *a = s->v.Import.names->items[i];
        emit_int(g, loc, 0);
        emit_none(g, loc);
        import_name(g, loc, a->name, s->v.Import.is_lazy, false);
        if (a->asname != 0)
            store_submodule(g, loc, a->name, a->asname);
        else
            emit_name_op(g, loc, part(g, a->name, 0, find_dot(g, a->name, 0)), Store);
    }
}

/* The names as a constant tuple. */
static constant name_tuple(struct codegen *g, const struct alias_list *names)
{
    constant *items = arena_alloc_array(g->arena, names->count, sizeof *items);
    for (uint32_t i = 0; i < names->count; i++)
        items[i] = constant_str(&g->c->constants, names->items[i]->name);
    return names_tuple_constant(g, items, names->count);
}

/* from module import *: [module] -> [] */
static void import_star(struct codegen *g, struct location loc)
{
    if (HAS(g->c, INTRINSICS)) {
        emit_intrinsic(g, loc, INTRINSIC_IMPORT_STAR);
        emit(g, NO_LOCATION, OP_POP_TOP);
    } else {
        emit(g, loc, OP_IMPORT_STAR);
    }
}

/* level; names; IMPORT_NAME; then IMPORT_FROM and a store for each name; POP_TOP */
void import_names(struct codegen *g, struct stmt *s)
{
    struct location loc = s->loc;
    const struct alias_list *names = s->v.ImportFrom.names;
    emit_int(g, loc, s->v.ImportFrom.level);
    if (!HAS(g->c, LATE_FUTURE_IN_SYMTABLE) && future_is_late(g->c, s))
        syntax_error_at(g->c, loc,
                        "from __future__ imports must occur at the beginning of the file");
    emit_const(g, loc, name_tuple(g, names));
    bool star = names->items[0]->name == NAME_star;
    import_name(g, loc, s->v.ImportFrom.module != 0 ? s->v.ImportFrom.module : NAME_empty,
                s->v.ImportFrom.is_lazy, star);
    if (star) {
        import_star(g, loc);
        return;
    }
    for (uint32_t i = 0; i < names->count; i++) {
        const struct alias *a = names->items[i];
        emit_name(g, loc, OP_IMPORT_FROM, a->name);
        emit_name_op(g, loc, a->asname != 0 ? a->asname : a->name, Store);
    }
    emit(g, loc, OP_POP_TOP);
}
