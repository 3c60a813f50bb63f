/* Comprehensions. From 3.12 list, set and dictionary comprehensions run in the scope around them
 * where they can (comprehension_inline): the names that they bind are saved on the stack and
 * restored afterwards. Generator expressions are functions that are called with the outermost
 * iterator. Answers to compiler_comprehension, compiler_sync_comprehension_generator,
 * compiler_async_comprehension_generator, push_inlined_comprehension_state,
 * pop_inlined_comprehension_state. */
#include "lower/comprehension.h"

#include "codegen/emit.h"
#include "codegen/frame_block.h"
#include "codegen/visit.h"
#include "lower/await.h"
#include "lower/call.h"
#include "lower/function.h"
#include "syntax/syntax_error.h"

/* A comprehension in one shape, whatever its kind. */
struct comp {
    enum expr_kind kind;
    struct location loc;
    struct comprehension_list *generators;
    struct expr *element, *value; /* value: of a dictionary's item, or NULL */
    bool on_stack; /* the outermost iterable or iterator is on the stack, not an argument */
    bool iterated; /* it is an iterator already */
};

/* A name that means something else while an inlined comprehension runs. */
struct outer_name {
    identifier name;
    uint8_t scope;
    uint8_t module_name;
    bool changed;    /* the scope above is to be restored */
    bool was_hidden; /* became a hidden fast local for this comprehension */
    bool pushed;     /* its value is on the stack */
};

struct inlined {
    struct outer_name *names;
    uint32_t count;
    int32_t pushed;
    label cleanup, end;
};

static void generator(struct codegen *g, struct comp *comp, uint32_t index, int depth);

/* The parts of a comprehension. */
static struct comp comp_of(struct expr *e)
{
    struct comp comp = {.kind = (enum expr_kind)e->kind, .loc = e->loc};
    switch (comp.kind) {
    case DictComp_kind:
        comp.generators = e->v.DictComp.generators;
        comp.element = e->v.DictComp.key;
        comp.value = e->v.DictComp.value;
        break;
    default:
        comp.generators = e->v.ListComp.generators;
        comp.element = e->v.ListComp.elt;
        break;
    }
    return comp;
}

/* The code object's name. */
static identifier name_of(enum expr_kind kind)
{
    switch (kind) {
    case ListComp_kind: return NAME_listcomp_code;
    case SetComp_kind: return NAME_setcomp_code;
    case DictComp_kind: return NAME_dictcomp_code;
    default: return NAME_genexpr_code;
    }
}

/* *element in a generator expression: yield its items. */
static void yield_items(struct codegen *g, struct location loc)
{
    label end = emit_new_label(g);
    emit(g, loc, OP_GET_ITER);
    label start = emit_label_here(g);
    emit_jump(g, loc, OP_FOR_ITER, end);
    g->slots->yield(g, loc);
    emit(g, loc, OP_POP_TOP);
    emit_jump(g, NO_LOCATION, g->slots->jump_loop, start);
    emit_label(g, end);
    visit_loop_end(g);
}

/* Add all of *element or **element (3.15). */
static void unpack_element(struct codegen *g, struct comp *comp, int depth)
{
    struct location loc = comp->element->loc;
    visit_expr(g, comp->kind == DictComp_kind ? comp->element : comp->element->v.Starred.value);
    switch (comp->kind) {
    case ListComp_kind: emit_arg(g, loc, OP_LIST_EXTEND, depth + 1); break;
    case SetComp_kind: emit_arg(g, loc, OP_SET_UPDATE, depth + 1); break;
    case DictComp_kind: emit_arg(g, loc, OP_DICT_UPDATE, depth + 1); break;
    default: yield_items(g, loc); break;
    }
}

/* Add the element: [result, iterators ...] -> the same; the location of what was added. */
static struct location add_element(struct codegen *g, struct comp *comp, int depth)
{
    struct location loc = comp->element->loc;
    if (comp->element->kind == Starred_kind ||
        (comp->kind == DictComp_kind && comp->value == NULL)) {
        unpack_element(g, comp, depth);
        return loc;
    }
    visit_expr(g, comp->element);
    switch (comp->kind) {
    case ListComp_kind: emit_arg(g, loc, OP_LIST_APPEND, depth + 1); break;
    case SetComp_kind: emit_arg(g, loc, OP_SET_ADD, depth + 1); break;
    case DictComp_kind:
        visit_expr(g, comp->value);
        loc.end_lineno = comp->value->loc.end_lineno;
        loc.end_col_offset = comp->value->loc.end_col_offset;
        emit_arg(g, loc, OP_MAP_ADD, depth + 1);
        break;
    default:
        g->slots->yield(g, loc);
        emit(g, loc, OP_POP_TOP);
        break;
    }
    return loc;
}

/* One condition. */
static void jump_to_next_if_false(struct codegen *g, const struct comp *comp,
                                  struct expr *condition, label if_cleanup)
{
    g->slots->jump_if(g, comp->loc, condition, if_cleanup, false);
    if (HAS(g->c, EXPLICIT_BLOCKS))
        emit_label_here(g); /* a second one: the block that the jump started stays empty */
}

/* The conditions of a generator, then the inner generators or the element; the location for the
 * jump back. */
static struct location rest(struct codegen *g, struct comp *comp, uint32_t index, int depth,
                            label if_cleanup)
{
    struct comprehension *gen = comp->generators->items[index];
    for (uint32_t i = 0; i < gen->ifs->count; i++)
        jump_to_next_if_false(g, comp, gen->ifs->items[i], if_cleanup);
    if (index + 1 == comp->generators->count)
        return add_element(g, comp, depth);
    generator(g, comp, index + 1, depth);
    return comp->element->loc;
}

/* for x in [value]: the value itself can be assigned. NULL: it is no such thing. */
static struct expr *only_element(const struct expr *iter)
{
    if (iter->kind != List_kind && iter->kind != Tuple_kind)
        return NULL;
    const struct expr_list *elements =
        iter->kind == List_kind ? iter->v.List.elts : iter->v.Tuple.elts;
    return elements->count == 1 && elements->items[0]->kind != Starred_kind ? elements->items[0]
                                                                            : NULL;
}

/* The outermost iterator comes in as an argument. */
static void load_argument(struct codegen *g, struct location loc)
{
    emit_arg(g, loc, OP_LOAD_FAST, 0);
}

/* for target in [value] if ...: no loop. */
static void assign_only_element(struct codegen *g, struct comp *comp, uint32_t index, int depth,
                                struct expr *value, label if_cleanup)
{
    visit_expr(g, value);
    visit_expr(g, comp->generators->items[index]->target);
    rest(g, comp, index, depth, if_cleanup);
    emit_label(g, if_cleanup);
}

/* What an iterator's instructions are about: the iterable, or (to 3.12) the whole comprehension. */
static struct location iterator_location(const struct codegen *g, const struct comp *comp,
                                         const struct comprehension *gen)
{
    return HAS(g->c, LOCATIONS_OF_PARTS) ? gen->iter->loc : comp->loc;
}

/* start: FOR_ITER anchor; <target>; <conditions>; <inner>
 * if_cleanup: JUMP start
 * anchor: END_FOR; POP_TOP */
static void sync_generator(struct codegen *g, struct comp *comp, uint32_t index, int depth)
{
    struct comprehension *gen = comp->generators->items[index];
    struct location loc = iterator_location(g, comp, gen);
    bool inside = HAS(g->c, ITERATES_INSIDE_COMPREHENSION);
    label start = emit_new_label(g), if_cleanup = emit_new_label(g), anchor = emit_new_label(g);
    if (index == 0) {
        if (!comp->on_stack)
            load_argument(g, comp->loc);
    } else {
        struct expr *value = HAS(g->c, SINGLE_ITERATION_ASSIGNS) ? only_element(gen->iter) : NULL;
        if (value != NULL) {
            assign_only_element(g, comp, index, depth, value, if_cleanup);
            return;
        }
        visit_expr(g, gen->iter);
        if (!inside)
            emit(g, loc, OP_GET_ITER);
    }
    if (inside ? index != 0 || !comp->iterated : HAS(g->c, GET_ITER_IN_COMPREHENSION))
        emit(g, loc, OP_GET_ITER);
    emit_label(g, start);
    emit_jump(g, loc, OP_FOR_ITER, anchor);
    visit_expr(g, gen->target);
    struct location back =
        rest(g, comp, index, depth + (HAS(g->c, ITERATORS_WITH_INDEX) ? 2 : 1), if_cleanup);
    emit_label(g, if_cleanup);
    emit_jump(g, back, g->slots->jump_loop, start);
    emit_label(g, anchor);
    visit_loop_end(g);
}

/* start: SETUP_FINALLY except; GET_ANEXT; <await>; POP_BLOCK; <target>; <conditions>; <inner>
 * if_cleanup: JUMP start
 * except: END_ASYNC_FOR           from 3.14 with the place of the await */
static void async_generator(struct codegen *g, struct comp *comp, uint32_t index, int depth)
{
    struct comprehension *gen = comp->generators->items[index];
    struct location loc = comp->loc;
    label start = emit_new_label(g), except = emit_new_label(g), if_cleanup = emit_new_label(g);
    bool inside = HAS(g->c, ITERATES_INSIDE_COMPREHENSION);
    if (index != 0)
        visit_expr(g, gen->iter);
    else if (!comp->on_stack)
        load_argument(g, loc);
    if (inside ? index != 0 || !comp->iterated : index != 0)
        emit(g, iterator_location(g, comp, gen), OP_GET_AITER);
    emit_label(g, start);
    frame_block_push(g, BLOCK_ASYNC_COMPREHENSION, loc, start, -1);
    emit_jump(g, loc, OP_SETUP_FINALLY, except);
    emit(g, loc, OP_GET_ANEXT);
    emit_first_send(g, loc);
    label send = emit_label_here(g);
    g->slots->yield_from(g, loc, true);
    emit(g, loc, OP_POP_BLOCK);
    visit_expr(g, gen->target);
    struct location back = rest(g, comp, index, depth + 1, if_cleanup);
    emit_label(g, if_cleanup);
    emit_jump(g, back, g->slots->jump_loop, start);
    frame_block_pop(g);
    emit_label(g, except);
    emit_end_async_for(g, loc, send);
}

/* One `for` of a comprehension with all that is inside it. */
static void generator(struct codegen *g, struct comp *comp, uint32_t index, int depth)
{
    if (comp->generators->items[index]->is_async)
        async_generator(g, comp, index, depth);
    else
        sync_generator(g, comp, index, depth);
}

/* [] -> [outermost iterator], or iterable in releases that iterate inside */
static void push_iterator(struct codegen *g, const struct comp *comp)
{
    const struct comprehension *outermost = comp->generators->items[0];
    visit_expr(g, outermost->iter);
    if (HAS(g->c, ITERATES_INSIDE_COMPREHENSION))
        return;
    emit(g, iterator_location(g, comp, outermost),
         outermost->is_async ? OP_GET_AITER : OP_GET_ITER);
}

/* While the comprehension runs, the name means what it means in the comprehension. */
static void override_name(struct codegen *g, struct outer_name *outer, struct name_slot *slot,
                          const struct symbol *symbol)
{
    outer->changed = true;
    slot->scope = symbol->scope;
    if (g->u->kind == UNIT_MODULE && symbol->name < g->module_name_count) {
        outer->module_name = g->module_names[symbol->name];
        g->module_names[symbol->name] =
            (uint8_t)((symbol->scope != SCOPE_NONE ? MODULE_HAS_NAME : 0) |
                      (symbol->flags & DEF_IMPORT ? MODULE_IMPORTS_NAME : 0));
    }
}

/* In a scope without fast locals the names of a comprehension are hidden fast locals. */
static void hide_name(struct codegen *g, struct outer_name *outer, struct name_slot *slot)
{
    if (g->u->function_like || (slot->hidden & HIDDEN_NOW))
        return;
    slot->hidden = HIDDEN_NOW | HIDDEN_ONCE;
    outer->was_hidden = true;
}

/* Save one name of the comprehension's scope as far as it needs it. */
static void enter_name(struct codegen *g, struct location loc, struct inlined *in,
                       const struct symbol *symbol, bool in_class)
{
    struct name_slot *slot = unit_name(g, symbol->name);
    struct outer_name *outer = &in->names[in->count++];
    uint8_t outer_scope = slot->scope;
    *outer = (struct outer_name){symbol->name, slot->scope, 0, false, false, false};
    bool bound = (symbol->flags & DEF_LOCAL) && !(symbol->flags & DEF_NONLOCAL);
    if (!bound && !in_class && !HAS(g->c, UNBOUND_NAMES_AS_INSIDE))
        return;
    if (in_class || (symbol->scope != outer_scope && symbol->scope != FREE &&
                     !(symbol->scope == CELL && outer_scope == FREE)))
        override_name(g, outer, slot, symbol);
    if (bound || in_class)
        hide_name(g, outer, slot);
    if (!bound && (!in_class || HAS(g->c, ONLY_BOUND_NAMES_SAVED)))
        return;
    emit_arg(g, loc, OP_LOAD_FAST_AND_CLEAR, unit_varname_index(g, unit_mangle(g, symbol->name)));
    if (symbol->scope == CELL)
        emit_arg(g, loc, OP_MAKE_CELL, unit_cell_index(g, symbol->name));
    outer->pushed = true;
    in->pushed++;
}

/* Start running a comprehension in the scope at hand: [iterator] -> [saved values, iterator] */
static struct inlined enter_inlined(struct codegen *g, struct location loc,
                                    const struct symtable_entry *entry)
{
    struct inlined in = {.cleanup = -1, .end = -1};
    bool in_class = g->u->ste->type == ClassBlock && g->u->in_inlined_comprehension == 0;
    g->u->in_inlined_comprehension++;
    in.names = arena_alloc_array(g->arena, entry->symbol_count, sizeof *in.names);
    for (uint32_t i = 0; i < entry->symbol_count; i++) {
        if (entry->symbols[i].name != 0)
            enter_name(g, loc, &in, &entry->symbols[i], in_class);
    }
    if (in.pushed != 0) {
        emit_swap(g, loc, in.pushed + 1);
        in.cleanup = emit_new_label(g);
        in.end = emit_new_label(g);
        emit_jump(g, loc, OP_SETUP_FINALLY, in.cleanup);
        if (HAS(g->c, SAVED_NAMES_TAKE_A_BLOCK))
            frame_block_push(g, BLOCK_INLINED_COMPREHENSION, loc, in.cleanup, -1);
    }
    return in;
}

/* [saved values, result] -> [result] */
static void restore_values(struct codegen *g, struct location loc, const struct inlined *in)
{
    emit_swap(g, loc, in->pushed + 1);
    for (uint32_t i = in->count; i-- > 0;) {
        if (in->names[i].pushed)
            emit_arg(g, loc, OP_STORE_FAST_MAYBE_NULL,
                     unit_varname_index(g, unit_mangle(g, in->names[i].name)));
    }
}

/* Names mean again what they meant. */
static void restore_names(struct codegen *g, const struct inlined *in)
{
    for (uint32_t i = in->count; i-- > 0;) {
        const struct outer_name *outer = &in->names[i];
        struct name_slot *slot = unit_name(g, outer->name);
        if (outer->was_hidden)
            slot->hidden = HIDDEN_ONCE;
        if (!outer->changed)
            continue;
        slot->scope = outer->scope;
        if (g->u->kind == UNIT_MODULE && outer->name < g->module_name_count)
            g->module_names[outer->name] = outer->module_name;
    }
}

/* The comprehension is done: [saved values, result] -> [result]; the same if it raised. */
static void leave_inlined(struct codegen *g, struct location loc, const struct inlined *in)
{
    g->u->in_inlined_comprehension--;
    restore_names(g, in);
    if (in->pushed == 0)
        return;
    if (HAS(g->c, SAVED_NAMES_TAKE_A_BLOCK))
        frame_block_pop(g);
    emit(g, NO_LOCATION, OP_POP_BLOCK);
    emit_jump_on(g, in->end);
    emit_label(g, in->cleanup);
    emit_swap(g, NO_LOCATION, 2);
    emit(g, NO_LOCATION, OP_POP_TOP);
    restore_values(g, loc, in);
    emit_arg(g, NO_LOCATION, OP_RERAISE, 0);
    emit_label(g, in->end);
    restore_values(g, loc, in);
}

/* [] -> [empty list, set or dict] */
static void build_empty(struct codegen *g, struct comp *comp)
{
    switch (comp->kind) {
    case ListComp_kind: emit_arg(g, comp->loc, OP_BUILD_LIST, 0); break;
    case SetComp_kind: emit_arg(g, comp->loc, OP_BUILD_SET, 0); break;
    case DictComp_kind: emit_arg(g, comp->loc, OP_BUILD_MAP, 0); break;
    default: break;
    }
}

/* An asynchronous comprehension needs an asynchronous function around it: directly around it in
 * older releases, the oldest of which report it before the new unit has a line. */
static void check_async(struct codegen *g, const struct comp *comp,
                        const struct symtable_entry *entry, enum unit_kind around)
{
    if (HAS(g->c, SYMTABLE_CHECKS_NAMES) || !entry->ste_coroutine ||
        comp->kind == GeneratorExp_kind)
        return;
    bool allowed = HAS(g->c, ASYNC_COMPREHENSION_MAKES_COROUTINE)
                       ? around == UNIT_ASYNC_FUNCTION || around == UNIT_COMPREHENSION
                       : entry->parent->ste_coroutine;
    if (allowed)
        return;
    const char *message = "asynchronous comprehension outside of an asynchronous function";
    if (HAS(g->c, COMPREHENSION_ERROR_WITHOUT_LINE))
        syntax_error_at_offset(g->c, 0, 1, message);
    syntax_error_at(g->c, comp->loc, message);
}

/* A comprehension in the scope around it. */
static void run_inlined(struct codegen *g, struct comp *comp, const struct symtable_entry *entry)
{
    push_iterator(g, comp);
    struct inlined in = enter_inlined(g, comp->loc, entry);
    check_async(g, comp, entry, g->u->kind);
    build_empty(g, comp);
    emit_swap(g, comp->loc, 2);
    comp->on_stack = true;
    generator(g, comp, 0, 0);
    leave_inlined(g, comp->loc, &in);
}

/* A comprehension as a function of its outermost iterator. */
static void run_as_function(struct codegen *g, struct comp *comp, struct symtable_entry *entry)
{
    enum unit_kind around = g->u->kind;
    bool generates = comp->kind == GeneratorExp_kind;
    if (generates && HAS(g->c, GENERATOR_PREFIX_IN_SEQUENCE)) {
        g->input = comp->generators->items[0];
        comp->on_stack = comp->iterated = true;
    }
    unit_enter(g, name_of(comp->kind), UNIT_COMPREHENSION, entry, comp->loc.lineno);
    g->u->code.argcount = 1;
    if (HAS(g->c, COMPREHENSION_ON_ITS_LINE))
        unit_set_line(g, comp->loc);
    check_async(g, comp, entry, around);
    build_empty(g, comp);
    generator(g, comp, 0, 0);
    if (generates)
        function_end_generator(g);
    else
        emit(g, comp->loc, OP_RETURN_VALUE);
    const struct code *code = unit_leave(g, true);
    function_make(g, comp->loc, code, 0);
    push_iterator(g, comp);
    call_plain(g, comp->loc, 0);
    if (entry->ste_coroutine && !generates)
        await_value(g, comp->loc, AWAIT_PLAIN);
}

void comprehension_function(struct codegen *g, struct expr *e)
{
    struct comp comp = comp_of(e);
    run_as_function(g, &comp, symtable_entry_at(g->st, e->scope));
}

void comprehension_inline(struct codegen *g, struct expr *e)
{
    struct comp comp = comp_of(e);
    struct symtable_entry *entry = symtable_entry_at(g->st, e->scope);
    if (entry->ste_comp_inlined)
        run_inlined(g, &comp, entry);
    else
        run_as_function(g, &comp, entry);
}
