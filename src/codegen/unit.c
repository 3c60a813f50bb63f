/* Entering and leaving code units. See unit.h; answers to compiler_enter_scope,
 * compiler_exit_scope, compiler_set_qualname, compute_code_flags and the dictionaries of struct
 * compiler_unit. */
#include "codegen/unit.h"

#include "codegen/dump.h"
#include "codegen/emit.h"
#include "codegen/names_tuple.h"
#include "opt/backend.h"
#include "sema/future.h"
#include "syntax/syntax_error.h"
#include "util/out_of_line.h"

#include <stdlib.h>

enum code_flags {
    CO_OPTIMIZED = 1,
    CO_NEWLOCALS = 2,
    CO_VARARGS = 4,
    CO_VARKEYWORDS = 8,
    CO_NESTED = 16,
    CO_GENERATOR = 32,
    CO_COROUTINE = 128,
    CO_ASYNC_GENERATOR = 512,
    CO_HAS_DOCSTRING = 0x4000000,
    CO_METHOD = 0x8000000,
};

/* Make room for all of `count` in a table that is indexed by dense numbers, and for more to come;
 * what is new is zero. */
static void *grow_table(struct codegen *g, void *table, uint32_t *capacity, uint32_t count,
                        size_t size)
{
    uint32_t larger = count + count / 4 + 64;
    table = arena_grow(g->arena, table, *capacity * size, larger * size);
    memset((char *)table + *capacity * size, 0, (larger - *capacity) * size);
    *capacity = larger;
    return table;
}

struct name_slot *unit_claim_name(struct codegen *g, identifier id)
{
    struct unit *u = g->u;
    if (id >= g->variable_capacity)
        g->variables = grow_table(g, g->variables, &g->variable_capacity, g->c->strings.count,
                                  sizeof *g->variables);
    struct name_slot *slot = &g->variables[id];
    array_push(g->arena, &u->saved_variables, ((struct saved_name){id, *slot}));
    *slot = (struct name_slot){u->serial, SCOPE_NONE, 0, -1, -1};
    return slot;
}

/* Make room in a table for `id`, one of `count` in the module, and to save `capacity` slots. */
static void make_room(struct codegen *g, struct index_table *t, struct saved_indices *saved,
                      uint32_t id, uint32_t count, uint32_t capacity)
{
    if (id >= t->capacity)
        t->slots = grow_table(g, t->slots, &t->capacity, count, sizeof *t->slots);
    if (saved->capacity < capacity) {
        saved->items = arena_grow(g->arena, saved->items, saved->capacity * sizeof *saved->items,
                                  capacity * sizeof *saved->items);
        saved->capacity = capacity;
    }
}

void unit_make_room_for_name(struct codegen *g, identifier id)
{
    struct unit *u = g->u;
    array_reserve(g->arena, &u->code.names, 1);
    make_room(g, &g->names, &u->saved_names, id, g->c->strings.count, u->code.names.capacity);
}

void unit_make_room_for_const(struct codegen *g, constant value)
{
    struct unit *u = g->u;
    array_reserve(g->arena, &u->code.consts, 1);
    make_room(g, &g->consts, &u->saved_consts, value->id, g->c->constants.count,
              u->code.consts.capacity);
}

int32_t unit_const(struct codegen *g, constant value)
{
    value = constant_entered(&g->c->constants, value);
    if (value->kind == CONSTANT_TUPLE)
        names_tuple_check(g, value);
    if (!unit_has_room_for_const(g, value))
        unit_make_room_for_const(g, value);
    constant_enter(value);
    return unit_take_const(g, value);
}

void unit_add_varname(struct codegen *g, identifier id, struct name_slot *slot)
{
    slot->varname = (int32_t)g->u->code.varnames.count;
    array_push(g->arena, &g->u->code.varnames, id);
}

int32_t unit_varname_index(struct codegen *g, identifier id)
{
    struct name_slot *slot = unit_name(g, id);
    if (slot->varname < 0)
        unit_add_varname(g, id, slot);
    return slot->varname;
}

int32_t unit_cell_index(struct codegen *g, identifier id)
{
    return unit_name(g, id)->cell;
}

int32_t unit_own_cell_index(const struct codegen *g, identifier name)
{
    uint32_t i = g->u->code.cellvars.count;
    while (i-- > 0 && g->u->code.cellvars.items[i] != name)
        continue;
    return (int32_t)i;
}

int32_t unit_free_index(struct codegen *g, identifier id)
{
    struct name_slot *slot = unit_name(g, id);
    if (slot->cell < 0) {
        slot->cell = (int32_t)g->u->code.freevars.count;
        array_push(g->arena, &g->u->code.freevars, id);
    }
    return slot->cell;
}

/* Order of two names by code points. */
static int compare_names(const struct codegen *g, identifier a, identifier b)
{
    const struct string *s = strings_get(&g->c->strings, a), *t = strings_get(&g->c->strings, b);
    return strings_order(s->bytes, s->length, t->bytes, t->length);
}

/* Heapsort: no input is slow. */
void unit_sort_names(const struct codegen *g, identifier *names, uint32_t count)
{
    for (uint32_t start = count / 2, end = count; end > 1;) {
        if (start > 0) {
            start--;
        } else {
            end--;
            identifier t = names[0];
            names[0] = names[end];
            names[end] = t;
        }
        for (uint32_t i = start, child; (child = 2 * i + 1) < end; i = child) {
            if (child + 1 < end && compare_names(g, names[child], names[child + 1]) < 0)
                child++;
            if (compare_names(g, names[i], names[child]) >= 0)
                break;
            identifier t = names[i];
            names[i] = names[child];
            names[child] = t;
        }
    }
}

/* Add a cell variable that no symbol stands for. */
static void add_cell(struct codegen *g, identifier name)
{
    struct name_slot *slot = unit_name(g, name);
    if (slot->cell >= 0)
        return;
    slot->cell = (int32_t)g->u->code.cellvars.count;
    array_push(g->arena, &g->u->code.cellvars, name);
}

/* A name that is a cell or free variable, or both. */
static void note_cell(struct codegen *g, const struct symbol *s)
{
    struct code_unit *code = &g->u->code;
    if (s->name == 0)
        return;
    if (s->scope == CELL || (s->flags & DEF_COMP_CELL))
        array_push(g->arena, &code->cellvars, s->name);
    if (s->scope == FREE || (s->flags & DEF_FREE_CLASS))
        array_push(g->arena, &code->freevars, s->name);
}

/* Claim the slots of the scope's names, the parameters among them as fast locals, and list the cell
 * and free variables. Symbols that the analysis has removed share a slot that nothing looks at. */
static void claim_symbols(struct codegen *g)
{
    enum { CELL_SCOPES = 1 << CELL | 1 << FREE, CELL_FLAGS = DEF_COMP_CELL | DEF_FREE_CLASS };
    struct unit *u = g->u;
    const struct symbol *symbols = u->ste->symbols;
    const uint32_t symbol_count = u->ste->symbol_count, serial = u->serial;
    array_reserve(g->arena, &u->saved_variables, symbol_count);
    array_reserve(g->arena, &u->code.varnames, symbol_count);
    struct name_slot *slots = g->variables;
    struct saved_name *save = u->saved_variables.items;
    identifier *varnames = u->code.varnames.items;
    uint32_t count = 0;
    for (uint32_t i = 0; i < symbol_count; i++) {
        const struct symbol *s = &symbols[i];
        struct name_slot *slot = &slots[s->name];
        uint32_t parameter = ((s->flags & DEF_PARAM) != 0) & (s->name != 0);
        int32_t varname = (int32_t)(count | (parameter - 1)); /* -1 if it is no parameter */
        *save++ = (struct saved_name){s->name, *slot};
        *slot = (struct name_slot){serial, s->scope, 0, varname, -1};
        varnames[count] = s->name;
        count += parameter;
        if ((CELL_SCOPES >> s->scope & 1) | (s->flags & CELL_FLAGS))
            note_cell(g, s);
    }
    u->saved_variables.count = symbol_count;
    u->code.varnames.count = count;
}

/* Claim the slots of the scope's names; lay out parameters, cell variables and free variables of
 * the unit. */
static void lay_out_variables(struct codegen *g)
{
    struct unit *u = g->u;
    struct symtable_entry *ste = u->ste;
    claim_symbols(g);
    u->code.parameter_count = (int)u->code.varnames.count;
    if (u->code.cellvars.count > 1)
        unit_sort_names(g, u->code.cellvars.items, u->code.cellvars.count);
    if (u->code.freevars.count > 1)
        unit_sort_names(g, u->code.freevars.items, u->code.freevars.count);
    for (uint32_t i = 0; i < u->code.cellvars.count; i++)
        unit_name(g, u->code.cellvars.items[i])->cell = (int32_t)i;
    if (ste->ste_needs_class_closure)
        add_cell(g, NAME_dunder_class);
    if (ste->ste_needs_classdict)
        add_cell(g, NAME_dunder_classdict);
    if (ste->ste_has_conditional_annotations)
        add_cell(g, NAME_dunder_conditional_annotations);
    for (uint32_t i = 0; i < u->code.freevars.count; i++) {
        struct name_slot *slot = unit_name(g, u->code.freevars.items[i]);
        if (slot->cell < 0 || slot->scope == FREE)
            slot->cell = (int32_t)(u->code.cellvars.count + i);
    }
}

/* The unit whose qualified name comes before the current one's, or NULL: the parent, past type
 * parameters and annotations. */
static struct unit *qualifying_parent(struct unit *u)
{
    struct unit *parent = u->parent;
    if (parent != NULL &&
        (parent->kind == UNIT_TYPE_PARAMETERS || parent->kind == UNIT_ANNOTATIONS)) {
        parent = parent->parent;
        if (parent->parent == NULL)
            return NULL;
    }
    return parent->parent == NULL && parent->kind == UNIT_MODULE ? NULL : parent;
}

/* Does a global statement in the parent, which is still the current unit, take the function or
 * class out of its parent's name? Behind type parameters the parent's slots may be taken. */
static bool is_declared_global(struct codegen *g, struct unit *u)
{
    if (u->kind != UNIT_FUNCTION && u->kind != UNIT_ASYNC_FUNCTION && u->kind != UNIT_CLASS)
        return false;
    bool inner = u->parent->kind == UNIT_TYPE_PARAMETERS || u->parent->kind == UNIT_ANNOTATIONS;
    struct unit *parent = inner ? u->parent->parent : u->parent;
    identifier mangled = mangle_name(g->c, parent->private_name, u->code.name);
    if (inner)
        return symtable_scope(g->st, parent->ste, mangled) == GLOBAL_EXPLICIT;
    const struct name_slot *slot = unit_find_name(g, mangled);
    return slot != NULL && slot->scope == GLOBAL_EXPLICIT;
}

/* parent.name */
static identifier join_names(struct codegen *g, identifier parent, identifier name)
{
    static const char dot[16] = ".";
    return strings_intern_joined(&g->c->strings, parent, dot, 1, name);
}

/* parent.name, or parent.<locals>.name. */
static identifier qualify(struct codegen *g, const struct unit *parent, identifier name)
{
    static const char locals[16] = ".<locals>.";
    bool in_function = parent->kind == UNIT_FUNCTION || parent->kind == UNIT_ASYNC_FUNCTION ||
                       parent->kind == UNIT_LAMBDA;
    if (!in_function)
        return join_names(g, parent->code.qualname, name);
    return strings_intern_joined(&g->c->strings, parent->code.qualname, locals, 10, name);
}

void unit_name_after_function(struct codegen *g, identifier function)
{
    struct unit *u = g->u;
    const struct unit *parent = qualifying_parent(u);
    if (parent == NULL && u->parent->kind == UNIT_TYPE_PARAMETERS)
        return;
    identifier base = parent != NULL ? qualify(g, parent, function) : function;
    u->code.qualname = join_names(g, base, u->code.name);
    strings_mark_qualname(&g->c->strings, u->code.qualname);
}

/* Set the qualified name of a unit whose parent is the current unit. */
static void set_qualname(struct codegen *g, struct unit *u)
{
    u->code.qualname = u->code.name;
    if (u->parent == NULL)
        return;
    struct unit *parent = qualifying_parent(u);
    if (parent != NULL && !is_declared_global(g, u))
        u->code.qualname = qualify(g, parent, u->code.name);
    if (u->kind != UNIT_CLASS) /* a class has it as a constant first */
        strings_mark_qualname(&g->c->strings, u->code.qualname);
}

enum { USUAL_INSTRUCTIONS = 1024 }; /* room in a new unit */

/* A unit from the spare ones, or a new one. */
static struct unit *new_unit(struct codegen *g)
{
    struct unit *u = g->spare;
    if (u == NULL) {
        u = arena_zalloc(g->arena, sizeof *u);
        array_reserve(g->arena, &u->code.sequence.instructions, USUAL_INSTRUCTIONS);
        return u;
    }
    g->spare = u->spare;
    u->code.sequence.instructions.count = 0;
    u->code.sequence.labels.count = u->code.sequence.placed.count = u->code.sequence.jumps.count =
        0;
    u->code.annotations_code.instructions.count = u->code.annotations_code.jumps.count = 0;
    u->code.annotations_code.labels.count = 0;
    u->code.consts.count = u->code.names.count = u->code.varnames.count = 0;
    u->code.cellvars.count = u->code.freevars.count = u->code.fast_hidden.count = 0;
    u->code.takes_next_locations = false;
    u->blocks.count = 0;
    u->static_attributes.count = 0;
    u->conditional_depth = 0;
    u->next_conditional = 0;
    u->deferred_annotations.count = 0;
    u->saved_variables.count = 0;
    return u;
}

/* Is the unit one whose StopIteration must become RuntimeError through a handler around its body?
 */
static bool has_stop_iteration_handler(struct codegen *g, const struct unit *u)
{
    if (!HAS(g->c, STOP_ITERATION_HANDLER) || !(u->ste->ste_generator || u->ste->ste_coroutine))
        return false;
    return u->kind == UNIT_FUNCTION || u->kind == UNIT_ASYNC_FUNCTION ||
           (u->kind == UNIT_COMPREHENSION && u->ste->ste_generator);
}

/* A generator returns itself first. A generator expression makes its iterator before that, so that
 * errors come up at once. */
static void emit_generator_prefix(struct codegen *g, int lineno)
{
    enum { RESUME_AT_GENERATOR_EXPRESSION_START = 4 };
    if (g->input != NULL) {
        struct location loc = g->input->iter->loc;
        emit_arg(g, NO_LOCATION, OP_RESUME, RESUME_AT_GENERATOR_EXPRESSION_START);
        emit_arg(g, loc, OP_LOAD_FAST, 0);
        emit(g, loc, g->input->is_async ? OP_GET_AITER : OP_GET_ITER);
        g->input = NULL;
    }
    if (!g->u->ste->ste_generator && !g->u->ste->ste_coroutine)
        return;
    struct location loc = {lineno, -1, lineno, -1};
    emit(g, loc, OP_RETURN_GENERATOR);
    emit(g, loc, OP_POP_TOP);
}

/* The instructions with which a unit starts. */
static void emit_start(struct codegen *g, int lineno)
{
    struct unit *u = g->u;
    if (HAS(g->c, GENERATOR_PREFIX_IN_SEQUENCE))
        emit_generator_prefix(g, lineno);
    u->stop_iteration = -1;
    if (has_stop_iteration_handler(g, u)) {
        u->stop_iteration = emit_new_label(g);
        emit_jump(g, NO_LOCATION, OP_SETUP_CLEANUP, u->stop_iteration);
    }
    struct location loc = {lineno, 0, lineno, 0};
    if (u->kind == UNIT_MODULE)
        loc.lineno = 0;
    if (HAS(g->c, RESUME)) {
        unit_move_to(g, loc);
        emit_arg(g, loc, OP_RESUME, 0);
        if (u->kind == UNIT_MODULE)
            unit_lose_line(g);
    }
    if (u->kind == UNIT_MODULE && HAS(g->c, DEFERRED_ANNOTATIONS))
        emit(g, loc, OP_ANNOTATIONS_PLACEHOLDER);
}

void unit_enter(struct codegen *g, identifier name, enum unit_kind kind, struct symtable_entry *ste,
                int lineno)
{
    struct unit *u = new_unit(g);
    u->ste = ste;
    u->kind = kind;
    u->joins = g->joins;
    u->function_like = symtable_is_function_like(ste);
    u->mangles_some = ste->mangled_names_of != NULL;
    u->serial = ++g->serial;
    u->parent = g->u;
    u->private_name = g->u != NULL ? g->u->private_name : 0;
    u->in_inlined_comprehension = 0;
    u->state = (struct location){0, 0, 0, 0};
    u->line_set = false;
    u->code.name = name;
    u->code.argcount = u->code.posonlyargcount = u->code.kwonlyargcount = 0;
    u->code.folds = u->code.owns_qualname = false;
    u->code.firstlineno = lineno;
    u->code.is_class = kind == UNIT_CLASS;
    u->code.is_module = kind == UNIT_MODULE;
    u->code.is_function = u->function_like;
    set_qualname(g, u);
    g->u = u;
    unit_open_sequence(g);
    lay_out_variables(g);
    emit_start(g, lineno);
}

void unit_set_arguments(struct codegen *g, const struct arguments *args)
{
    struct code_unit *code = &g->u->code;
    code->posonlyargcount = (int)args->posonlyargs->count;
    code->argcount = (int)args->args->count;
    code->kwonlyargcount = (int)args->kwonlyargs->count;
}

/* co_flags. */
static int code_flags(struct codegen *g)
{
    const struct symtable_entry *ste = g->u->ste;
    int flags = (int)future_code_flags(g->c);
    if (!g->u->function_like)
        return flags;
    flags |= CO_NEWLOCALS | CO_OPTIMIZED;
    if (ste->ste_nested)
        flags |= CO_NESTED;
    if (ste->ste_generator && ste->ste_coroutine)
        flags |= CO_ASYNC_GENERATOR;
    else if (ste->ste_generator)
        flags |= CO_GENERATOR;
    else if (ste->ste_coroutine)
        flags |= CO_COROUTINE;
    if (ste->ste_varargs)
        flags |= CO_VARARGS;
    if (ste->ste_varkeywords)
        flags |= CO_VARKEYWORDS;
    if (HAS(g->c, DOCSTRING_FLAG) && ste->ste_has_docstring)
        flags |= CO_HAS_DOCSTRING;
    if (HAS(g->c, METHOD_FLAG) && ste->ste_method)
        flags |= CO_METHOD;
    return flags;
}

/* Put back what the slots of `count` names or constants held. */
static void give_indices_back(struct index_table *t, const struct saved_indices *saved,
                              uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        t->slots[saved->items[i].id] = saved->items[i].slot;
}

/* Give the slots back to the units from which they were taken. */
static void give_slots_back(struct codegen *g)
{
    struct unit *u = g->u;
    for (uint32_t i = 0; i < u->saved_variables.count; i++)
        g->variables[u->saved_variables.items[i].id] = u->saved_variables.items[i].slot;
    give_indices_back(&g->names, &u->saved_names, u->code.names.count);
    give_indices_back(&g->consts, &u->saved_consts, u->code.consts.count);
}

/* Has the last block a RETURN_VALUE? */
static bool last_block_returns(const struct codegen *g)
{
    const struct instruction_sequence *s = &g->u->code.sequence;
    int32_t start = 0;
    for (uint32_t l = 0; l < s->labels.count; l++) {
        if (s->labels.items[l] > start)
            start = s->labels.items[l];
    }
    const struct instruction *i = g->u->next, *first = s->instructions.items + start;
    while (i > first && i[-1].opcode != OP_RETURN_VALUE)
        i--;
    return i > first;
}

/* Note which fast locals are those of inlined comprehensions in a scope without fast locals. */
static void mark_hidden_locals(struct codegen *g)
{
    struct code_unit *code = &g->u->code;
    if (g->u->function_like || code->varnames.count == 0)
        return;
    for (uint32_t i = 0; i < code->varnames.count; i++) {
        uint8_t hidden = (unit_name(g, code->varnames.items[i])->hidden & HIDDEN_ONCE) != 0;
        array_push(g->arena, &code->fast_hidden, hidden);
    }
}

/* Load None for the return at the end. The first constant stays in any case. */
static void add_none_at_end(struct codegen *g)
{
    const struct code_unit *code = &g->u->code;
    uint32_t count = code->consts.count;
    emit_none(g, NO_LOCATION);
    bool brought = code->consts.count != count && count != 0;
    g->u->code.end = brought ? ENDS_IN_NEW_NONE : ENDS_IN_KNOWN_NONE;
}

/* Add an instruction with a label at the end, so that no jump goes past the last instruction. */
static void add_return_at_end(struct codegen *g, bool add_none)
{
    g->u->code.end = ENDS_ANYHOW;
    if (HAS(g->c, RETURN_ONLY_WHERE_NEEDED) && last_block_returns(g))
        return;
    if (HAS(g->c, MODULE_FIRST_LINE_FROM_CODE))
        emit_label_here(g);
    if (add_none)
        add_none_at_end(g);
    emit(g, NO_LOCATION, OP_RETURN_VALUE);
}

/* What stands for the code of a unit that cannot run: it is never loaded. */
static const struct code *unbuilt_code(struct codegen *g)
{
    struct code *code = arena_zalloc(g->arena, sizeof *code);
    code->name = g->u->code.name;
    code->qualname = g->u->code.qualname;
    return code;
}

/* The code object of the current unit. */
static const struct code *assemble(struct codegen *g)
{
    const struct code *code = backend_assemble(g->c, &g->u->code);
    names_tuple_note(g, code);
    return code;
}

const struct code *unit_leave(struct codegen *g, bool add_none)
{
    struct unit *u = g->u;
    add_return_at_end(g, add_none);
    unit_close_sequence(g);
    mark_hidden_locals(g);
    give_slots_back(g);
    u->code.argcount += u->code.posonlyargcount;
    u->code.flags = code_flags(g);
    u->code.is_generator_like =
        (u->code.flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) != 0;
    const struct code *code;
    if (emit_is_silent(g))
        code = unbuilt_code(g);
    else if (g->dump != NULL)
        code = dump_unit(g->c, &u->code, g->dump_apart, g->dump);
    else
        code = assemble(g);
    g->u = u->parent;
    u->spare = g->spare;
    g->spare = u;
    return code;
}

void unit_note_module_names(struct codegen *g)
{
    g->variables =
        grow_table(g, NULL, &g->variable_capacity, g->c->strings.count, sizeof *g->variables);
    g->module_name_count = g->c->strings.count;
    g->module_names = arena_zalloc(g->arena, g->module_name_count);
    const struct symtable_entry *top = g->st->top;
    for (uint32_t i = 0; i < top->symbol_count; i++) {
        const struct symbol *s = &top->symbols[i];
        if (s->name == 0)
            continue;
        g->module_names[s->name] = (uint8_t)((s->scope != SCOPE_NONE ? MODULE_HAS_NAME : 0) |
                                             (s->flags & DEF_IMPORT ? MODULE_IMPORTS_NAME : 0));
    }
}
