/* The state of the walk: the code unit in the making, its frame blocks, its tables of names and
 * constants.
 *
 * Identifiers and constants are small dense numbers, so "which index has this name in this unit" is
 * one array access. There is one table for the module, not one for each unit: a slot says which
 * unit it describes. A unit that needs a slot which describes another unit takes it, notes what was
 * there and puts it back on leaving. So a slot that does not bear the current unit's number is free
 * for the taking, and nothing is ever cleared. The names of its scope a unit takes when it is
 * entered, other ones (of attributes) when they come up.
 */
#ifndef MKPYC_CODEGEN_UNIT_H
#define MKPYC_CODEGEN_UNIT_H

#include "codegen/codegen.h"

enum unit_kind {
    UNIT_MODULE,
    UNIT_CLASS,
    UNIT_FUNCTION,
    UNIT_ASYNC_FUNCTION,
    UNIT_LAMBDA,
    UNIT_COMPREHENSION,
    UNIT_TYPE_PARAMETERS,
    UNIT_ANNOTATIONS,
};

/* What a loop, a try or a with that is being compiled needs when return, break or continue leaves
 * it. */
enum frame_block_kind {
    BLOCK_WHILE_LOOP,
    BLOCK_FOR_LOOP,
    BLOCK_ASYNC_FOR_LOOP,
    BLOCK_TRY_EXCEPT,
    BLOCK_FINALLY_TRY,
    BLOCK_FINALLY_TRY_PLACEHOLDER, /* the same with a placeholder for a return value below */
    BLOCK_FINALLY_END,
    BLOCK_WITH,
    BLOCK_ASYNC_WITH,
    BLOCK_HANDLER_CLEANUP,
    BLOCK_POP_VALUE,
    BLOCK_EXCEPTION_HANDLER,
    BLOCK_EXCEPTION_GROUP_HANDLER,
    BLOCK_ASYNC_COMPREHENSION,
    BLOCK_INLINED_COMPREHENSION,
    BLOCK_STOP_ITERATION,
};

struct frame_block {
    enum frame_block_kind kind;
    label block, exit; /* where the block starts; where to go when it is left */
    struct location loc;
    struct stmt_list *finally; /* FINALLY_TRY: the statements to repeat */
    identifier name;           /* HANDLER_CLEANUP: the name to unbind, or 0 */
    bool *left;                /* FINALLY_END: set when a jump leaves the clause; may be NULL */
};

/* The names of an inlined comprehension in a scope without fast locals are fast locals while it
 * runs. */
enum hidden_local { HIDDEN_NOW = 1, HIDDEN_ONCE = 2 };

/* What a unit knows of an identifier as a variable. */
struct name_slot {
    uint32_t unit;   /* serial number of the unit, 0: none */
    uint8_t scope;   /* enum symbol_scope */
    uint8_t hidden;  /* enum hidden_local: in a scope without fast locals */
    int32_t varname; /* index among the fast locals, or -1 */
    int32_t cell;    /* index among cell and free variables, or -1 */
};

/* What a unit knows of an identifier as one of co_names, or of a constant. */
struct index_slot {
    uint32_t unit;
    int32_t index;
};

struct index_table {
    struct index_slot *slots; /* by identifier or constant number */
    uint32_t capacity;
};

/* An annotation that is to be evaluated when it is asked for. */
struct deferred_annotation {
    struct stmt *s; /* AnnAssign */
    int64_t index;  /* its number among those that may not be reached, or -1 */
};

struct saved_name {
    identifier id;
    struct name_slot slot;
};

struct saved_index {
    uint32_t id;
    struct index_slot slot;
};

/* What the slots held before the unit took them, in the order of its own names or constants, for
 * which there is as much room at least. */
struct saved_indices {
    struct saved_index *items;
    uint32_t capacity;
};

/* How two instructions are written that optimize_basic_block would join. */
enum joins {
    JOINS_NOTHING,  /* as two, for a dump */
    JOINS_IN_PLACE, /* as one and a NOP, where something is left in the places of instructions */
    JOINS,          /* as one */
};

struct unit {
    struct code_unit code;
    /* Where the next instruction goes, up to where there is room, and up to where instructions may
     * be put without a closer look: in the releases that keep a current location that is nowhere.
     * The sequence learns how many there are from unit_close_sequence. */
    struct instruction *next, *room_end, *easy_end;
    struct symtable_entry *ste;
    enum unit_kind kind;
    enum joins joins;
    bool function_like; /* runs with fast locals */
    bool mangles_some; /* among a generic class's type parameters, which become known one by one, so
                          that the scope may have a name as it stands that is mangled by now */
    uint32_t serial;
    identifier private_name; /* the class whose name mangles, or 0 */
    struct unit *parent;
    struct unit *spare; /* next in the list of units to use again */
    ARRAY(struct frame_block) blocks;
    int in_inlined_comprehension;
    struct location state; /* releases that keep a current location: that location */
    bool line_set;         /* an instruction has the line of `state` already */
    label stop_iteration;  /* generators: the handler that turns StopIteration into RuntimeError, or
                              -1 */
    int conditional_depth; /* statements around that may not run, or not to their end */
    int64_t next_conditional; /* annotations so far that may not be reached */
    ARRAY(struct deferred_annotation) deferred_annotations;
    ARRAY(identifier) static_attributes; /* classes: attributes of self that methods assign */
    ARRAY(struct saved_name) saved_variables;
    struct saved_indices saved_names, saved_consts;
};

/* What method calls and super() ask of the module's scope. */
enum module_name_flags { MODULE_HAS_NAME = 1, MODULE_IMPORTS_NAME = 2 };

struct code_list {
    const struct code *code;
    constant value;
    struct code_list *next;
};

/* What compiles a statement or an expression of some kind. */
typedef void stmt_visitor(struct codegen *g, struct stmt *s);
typedef void expr_visitor(struct codegen *g, struct expr *e);
/* What appends an instruction. */
typedef void emitter(struct codegen *g, const struct location *loc, enum opcode op, int32_t oparg);

struct codegen {
    struct compilation *c;
    const struct codegen_slots *slots;
    stmt_visitor *stmt_visitors[stmt_kind_count]; /* by kind, the slots among them */
    expr_visitor *expr_visitors[expr_kind_count];
    expr_visitor *located_visitors[expr_kind_count]; /* the same behind visit_expr_by_state */
    struct arena *arena;
    struct symtable *st;
    struct unit *u; /* innermost unit */
    struct unit *spare;
    uint32_t serial;             /* units made so far */
    struct name_slot *variables; /* by identifier */
    uint32_t variable_capacity;
    struct index_table names, consts;
    uint8_t *module_names; /* by identifier: enum module_name_flags in the module's scope */
    uint32_t module_name_count;
    /* codegen/code_table.c */
    struct code_list **codes; /* code objects that are constants, to find equal ones */
    uint32_t code_mask, code_count;
    bool hashes_contents; /* see code_hash */
    /* codegen/names_tuple.c */
    ARRAY(const struct code *) finished; /* all code objects, in order */
    uint32_t marked_count;  /* those whose tuples of names are marked among the constants */
    uint32_t literal_count; /* constants that there were before the first unit: of the source */
    bool has_odd_literal;   /* one of them is also a name, but is interned only as that */
    bool location_by_state; /* instructions get the current location, not that of the node */
    enum joins joins;       /* of units that may set up handlers */
    unsigned short_loads;   /* see short_load_flags; 0 for a dump */
    emitter *emit;          /* see emit_choose */
    int silent;             /* in code that is known not to run: nothing is emitted */
    const struct comprehension
        *input;          /* 3.15: what the generator that is about to be entered iterates over */
    int warnings_off;    /* in a second copy of a finally clause */
    struct buffer *dump; /* not NULL: write the units here, do not assemble */
    bool dump_apart;     /* units at hand belong to the module's annotations */
};

/* Start a unit for a scope and make it the current one. */
void unit_enter(struct codegen *g, identifier name, enum unit_kind kind, struct symtable_entry *ste,
                int lineno);
/* The current unit evaluates annotations: its qualified name is that of their function and its own
 * behind. */
void unit_name_after_function(struct codegen *g, identifier function);
/* End the current unit (with `return None` if `add_none`, else with a bare RETURN_VALUE, in both
 * cases mostly unreachable), give it to the back end, and go back to its parent. */
const struct code *unit_leave(struct codegen *g, bool add_none);
/* Set the number of arguments of the current unit. */
void unit_set_arguments(struct codegen *g, const struct arguments *args);
/* Enter the names of the module's scope. */
void unit_note_module_names(struct codegen *g);

/* Go to the line of a statement or handler: the next instruction brings it (releases that keep a
 * current location). */
static inline void unit_set_line(struct codegen *g, struct location loc)
{
    g->u->state = loc;
    g->u->line_set = false;
}
/* The same where the release keeps a current location; nothing elsewhere. */
static inline void unit_move_to(struct codegen *g, struct location loc)
{
    if (g->location_by_state)
        unit_set_line(g, loc);
}
/* What follows stands on no line, in the releases that have such instructions. */
static inline void unit_lose_line(struct codegen *g)
{
    if (HAS(g->c, ARTIFICIAL_LINES))
        g->u->state.lineno = -1;
}

/* Where the next instruction goes follows from the sequence ... */
static inline void unit_open_sequence(struct codegen *g)
{
    struct unit *u = g->u;
    struct instruction_sequence *s = &u->code.sequence;
    u->next = s->instructions.items + s->instructions.count;
    u->room_end = s->instructions.items + s->instructions.capacity;
    u->easy_end = g->location_by_state ? s->instructions.items : u->room_end;
}
/* ... and the other way round. */
static inline void unit_close_sequence(struct codegen *g)
{
    struct instruction_sequence *s = &g->u->code.sequence;
    s->instructions.count = (uint32_t)(g->u->next - s->instructions.items);
}

/* The slow path of unit_name: a name that the unit's scope does not have. */
struct name_slot *unit_claim_name(struct codegen *g, identifier id);
/* The slot of a (mangled) name in the current unit; NULL: its scope does not have the name. */
static inline struct name_slot *unit_find_name(const struct codegen *g, identifier id)
{
    if (id < g->variable_capacity && g->variables[id].unit == g->u->serial)
        return &g->variables[id];
    return NULL;
}
/* The same, made for a name that the scope does not have. */
static inline struct name_slot *unit_name(struct codegen *g, identifier id)
{
    struct name_slot *slot = unit_find_name(g, id);
    return slot != NULL ? slot : unit_claim_name(g, id);
}
/* Is there room for what unit_take_index writes? */
static inline bool unit_has_room(const struct index_table *t, const struct saved_indices *saved,
                                 uint32_t id, uint32_t count)
{
    return (id < t->capacity) & (count < saved->capacity);
}
/* The index of a name or constant in the current unit; `count` are in use, one more if it is new.
 * That cannot be foreseen, so no branch asks. */
static inline int32_t unit_take_index(const struct codegen *g, struct index_table *t,
                                      struct saved_indices *saved, uint32_t id, uint32_t *count)
{
    struct index_slot *slot = &t->slots[id], old = *slot;
    bool fresh = old.unit != g->u->serial;
    struct saved_index *save = &saved->items[*count];
    save->id = id;
    save->slot.unit = old.unit;
    save->slot.index = old.index;
    slot->unit = g->u->serial;
    slot->index = old.index + (((int32_t)*count - old.index) & -(int32_t)fresh);
    *count += fresh;
    return slot->index;
}
/* Make room for a name in co_names. */
void unit_make_room_for_name(struct codegen *g, identifier id);
static inline bool unit_has_room_for_name(const struct codegen *g, identifier id)
{
    const struct unit *u = g->u;
    return unit_has_room(&g->names, &u->saved_names, id, u->code.names.count);
}
/* The index of a (mangled) name in co_names, where there is room for it ... */
static inline int32_t unit_take_name(struct codegen *g, identifier id)
{
    struct unit *u = g->u;
    u->code.names.items[u->code.names.count] = id;
    return unit_take_index(g, &g->names, &u->saved_names, id, &u->code.names.count);
}
/* ... and in any case. */
static inline int32_t unit_name_index(struct codegen *g, identifier id)
{
    if (!unit_has_room_for_name(g, id))
        unit_make_room_for_name(g, id);
    return unit_take_name(g, id);
}
/* Make room for a constant. */
void unit_make_room_for_const(struct codegen *g, constant value);
static inline bool unit_has_room_for_const(const struct codegen *g, constant value)
{
    const struct unit *u = g->u;
    return unit_has_room(&g->consts, &u->saved_consts, value->id, u->code.consts.count);
}
/* The index of a constant without items in the current unit, where there is room for it ... */
static inline int32_t unit_take_const(struct codegen *g, constant value)
{
    struct unit *u = g->u;
    constant_enter_plain(value);
    u->code.consts.items[u->code.consts.count] = value;
    return unit_take_index(g, &g->consts, &u->saved_consts, value->id, &u->code.consts.count);
}
/* ... and of any constant, in any case. */
int32_t unit_const(struct codegen *g, constant value);
/* Make a (mangled) name a fast local, which its slot in the current unit says it is not yet. */
void unit_add_varname(struct codegen *g, identifier id, struct name_slot *slot);
/* The index of a (mangled) name among the fast locals. */
int32_t unit_varname_index(struct codegen *g, identifier id);
/* The index of a (mangled) name among the cell and free variables; -1: it is none. */
int32_t unit_cell_index(struct codegen *g, identifier id);
/* The index of a cell that the current unit itself makes, even if the name is free there, too; -1:
 * there is none. */
int32_t unit_own_cell_index(const struct codegen *g, identifier name);
/* The number of a free variable that the symbol table may not know of: added if need be. */
int32_t unit_free_index(struct codegen *g, identifier id);
/* Sort names by their code points. */
void unit_sort_names(const struct codegen *g, identifier *names, uint32_t count);
/* The constant that holds a finished code object; equal code objects share one. */
constant unit_code_constant(struct codegen *g, const struct code *code);

/* The name as the class around the current unit mangles it. */
static inline identifier unit_mangle(struct codegen *g, identifier name)
{
    return g->u->private_name == 0 ? name
                                   : mangle_name_in(g->c, g->u->private_name, g->u->ste, name);
}
/* The slot of a name of the unit's scope that no class mangles and nothing forbids; NULL: it is
 * none such. What is mangled needs no search: the scope has it mangled, so it has no slot as it
 * stands. */
static inline struct name_slot *unit_usual_name(const struct codegen *g, identifier name)
{
    if (name >= g->variable_capacity)
        return NULL;
    struct name_slot *slot = &g->variables[name];
    bool usual = (slot->unit == g->u->serial) & (name != NAME_dunder_debug) & !g->u->mangles_some;
    return usual ? slot : NULL;
}
/* Is the variable a fast local that has its index? */
static inline bool unit_is_fast_local(const struct unit *u, const struct name_slot *slot)
{
    return (slot->scope == LOCAL) & (slot->varname >= 0) & u->function_like;
}
/* Does the current unit run with fast locals, as a function does? */
static inline bool unit_is_function_like(const struct codegen *g)
{
    return g->u->function_like;
}

#endif
