/* The second pass over the symbol table: what each name means in each scope.
 *
 * CPython hands copies of name sets down the tree (bound, global, type parameters) and collects
 * free names on the way up. Here the sets that go down are bits in one array over identifiers; a
 * scope notes what it changes and puts it back when it is left. The free names that come up lie on
 * one stack, from which a scope takes what its children left.
 *
 * Answers to analyze_block and its helpers in Python/symtable.c.
 */
#include "sema/symtable.h"
#include "syntax/syntax_error.h"
#include "util/out_of_line.h"

enum name_bit {
    NAME_BOUND = 1,      /* bound in a function around this scope */
    NAME_GLOBAL = 2,     /* declared global around this scope */
    NAME_TYPE_PARAM = 4, /* the binding is a type parameter */
};

struct undo {
    identifier name;
    uint8_t bits;
};

struct analyzer {
    struct symtable *st;
    struct compilation *c;
    uint8_t *bits;    /* by identifier: enum name_bit */
    uint32_t *stamps; /* by identifier: id of the scope that last saw the name come up free */
    ARRAY(struct undo) undo;
    ARRAY(identifier) free; /* stack of names that are free in the scopes just left */
    bool inlines, inlines_under_class_annotations, marks_free_class_always, scopes_see_annotations;
};

/* Change the bits of a name until the scope is left. */
static void set_bits(struct analyzer *a, identifier name, uint8_t bits)
{
    if (a->bits[name] == bits)
        return;
    array_push(a->c->arena, &a->undo, ((struct undo){name, a->bits[name]}));
    a->bits[name] = bits;
}

/* nonlocal: the binding must be in a function around. */
static void analyze_nonlocal(struct analyzer *a, struct symtable_entry *e, struct symbol *s)
{
    if (e->type == ModuleBlock)
        symtable_error_at_directive(a->st, e, s->name,
                                    "nonlocal declaration not allowed at module level");
    if ((a->bits[s->name] & NAME_BOUND) == 0) {
        symtable_error_at_directive(a->st, e, s->name,
                                    arena_printf(a->c->arena, "no binding for nonlocal '%s' found",
                                                 name_text(a->c, s->name)));
    }
    if (a->bits[s->name] & NAME_TYPE_PARAM) {
        symtable_error_at_directive(
            a->st, e, s->name,
            arena_printf(a->c->arena, "nonlocal binding not allowed for type parameter '%s'",
                         name_text(a->c, s->name)));
    }
    s->scope = FREE;
}

/* The meaning of a name that the scope neither binds nor declares. */
static enum symbol_scope scope_of_use(struct analyzer *a, identifier name,
                                      struct symtable_entry *class_entry)
{
    if (class_entry != NULL) {
        const struct symbol *in_class = symtable_find(a->st, class_entry, name);
        if (in_class != NULL && in_class->flags & DEF_GLOBAL)
            return GLOBAL_EXPLICIT;
        if (in_class != NULL && in_class->flags & DEF_BOUND && !(in_class->flags & DEF_NONLOCAL))
            return GLOBAL_IMPLICIT;
    }
    return a->bits[name] & NAME_BOUND ? FREE : GLOBAL_IMPLICIT;
}

/* Decide on one name of a scope; if the scope has child scopes, names that become visible to them
 * or hidden from them change their bits. A class's own names are not seen by its children, but hide
 * type parameters all the same. */
static OUT_OF_LINE void analyze_name(struct analyzer *a, struct symtable_entry *e, struct symbol *s,
                                     struct symtable_entry *class_entry)
{
    if (s->flags & DEF_GLOBAL) {
        if (s->flags & DEF_NONLOCAL) {
            symtable_error_at_directive(a->st, e, s->name,
                                        arena_printf(a->c->arena,
                                                     "name '%s' is nonlocal and global",
                                                     name_text(a->c, s->name)));
        }
        s->scope = GLOBAL_EXPLICIT;
        if (e->children.count != 0 && e->type != ClassBlock)
            set_bits(a, s->name, (uint8_t)((a->bits[s->name] | NAME_GLOBAL) & ~NAME_BOUND));
        return;
    }
    if (s->flags & DEF_NONLOCAL) {
        analyze_nonlocal(a, e, s);
        array_push(a->c->arena, &a->free, s->name);
        return;
    }
    if (s->flags & DEF_BOUND) {
        s->scope = LOCAL;
        if (e->children.count == 0)
            return;
        uint8_t bits = a->bits[s->name] & (uint8_t)~NAME_TYPE_PARAM;
        if (s->flags & DEF_TYPE_PARAM)
            bits |= NAME_TYPE_PARAM;
        if (e->type != ClassBlock)
            bits &= (uint8_t)~NAME_GLOBAL;
        if (symtable_is_function_like(e))
            bits |= NAME_BOUND;
        set_bits(a, s->name, bits);
        return;
    }
    s->scope = (uint8_t)scope_of_use(a, s->name, class_entry);
    if (s->scope == FREE)
        array_push(a->c->arena, &a->free, s->name);
}

/* Decide on the names of a scope that sees no class's, most of them without a branch: those that
 * neither are declared nor change what other scopes see. */
static void analyze_names(struct analyzer *a, struct symtable_entry *e)
{
    static const uint8_t scopes[2][2] = {{GLOBAL_IMPLICIT, FREE}, {LOCAL, LOCAL}};
    const bool visible = e->children.count != 0 && symtable_is_function_like(e);
    const unsigned special = DEF_GLOBAL | DEF_NONLOCAL | DEF_TYPE_PARAM | (visible ? DEF_BOUND : 0);
    if (e->symbol_count == 0) /* nor may there be an array */
        return;
    array_reserve(a->c->arena, &a->free, e->symbol_count);
    const uint8_t *bits = a->bits;
    identifier *free = a->free.items + a->free.count;
    for (struct symbol *s = e->symbols, *end = s + e->symbol_count; s < end; s++) {
        unsigned flags = s->flags, around = bits[s->name];
        if ((flags & special) | (around & NAME_TYPE_PARAM)) {
            a->free.count = (uint32_t)(free - a->free.items);
            analyze_name(a, e, s, NULL);
            free = a->free.items + a->free.count;
            continue;
        }
        bool bound = (flags & DEF_BOUND) != 0, outside = around & NAME_BOUND;
        s->scope = scopes[bound][outside];
        *free = s->name;
        free += !bound & outside;
    }
    a->free.count = (uint32_t)(free - a->free.items);
}

/* Is the name free in a scope inside the comprehension? */
static bool is_free_in_any_child(struct symtable *st, const struct symtable_entry *comp,
                                 identifier name)
{
    for (uint32_t i = 0; i < comp->children.count; i++) {
        if (symtable_scope(st, comp->children.items[i], name) == FREE)
            return true;
    }
    return false;
}

/* Take a name out of the free names from `start` up. */
static void discard_free(struct analyzer *a, uint32_t start, identifier name)
{
    uint32_t kept = start;
    for (uint32_t i = start; i < a->free.count; i++) {
        if (a->free.items[i] != name)
            a->free.items[kept++] = a->free.items[i];
    }
    a->free.count = kept;
}

/* Names that a class provides to the scopes in it, and that never pass through it: a comprehension
 * that is inlined into the class body uses globals of that name instead. */
static bool is_class_cell(const struct analyzer *a, identifier name)
{
    if (HAS(a->c, INLINING_DROPS_CLASS_CELLS))
        return name == NAME_dunder_class || name == NAME_dunder_classdict ||
               name == NAME_dunder_conditional_annotations;
    return HAS(a->c, INLINING_DROPS_CLASS) && name == NAME_dunder_class;
}

/* Merge the symbols of a comprehension into the scope that it is inlined into; its free names start
 * at `start`. */
static void inline_comprehension(struct analyzer *a, struct symtable_entry *e,
                                 struct symtable_entry *comp, uint32_t start)
{
    for (uint32_t i = 0; i < comp->symbol_count; i++) {
        struct symbol *s = &comp->symbols[i];
        identifier name = s->name;
        if (name == 0 || s->flags & DEF_PARAM)
            continue;
        enum symbol_scope scope = s->scope;
        bool cell = scope == CELL || s->flags & DEF_COMP_CELL;
        uint16_t flags = s->flags;
        struct symbol *existing = symtable_find(a->st, e, name);
        if (scope == FREE && e->type == ClassBlock && is_class_cell(a, name)) {
            scope = GLOBAL_IMPLICIT;
            if (!HAS(a->c, CLASS_CELLS_THROUGH_COMPREHENSIONS) ||
                !is_free_in_any_child(a->st, comp, name))
                discard_free(a, start, name);
            symtable_remove(a->st, s);
        }
        if (existing == NULL) {
            existing = symtable_add(a->st, e, name);
            existing->flags = flags;
            existing->scope = (uint8_t)scope;
        } else if (existing->flags & DEF_BOUND && e->type != ClassBlock &&
                   !is_free_in_any_child(a->st, comp, name)) {
            discard_free(a, start, name);
        }
        existing->inlined_cell |= cell;
        e->has_inlined_cells |= cell;
    }
    comp->ste_comp_inlined = true;
}

/* Put the children of inlined comprehensions in the place of those; there are some. */
static void splice_children(struct analyzer *a, struct symtable_entry *e)
{
    uint32_t inlined = 0, spliced = 0;
    for (uint32_t i = 0; i < e->children.count; i++) {
        if (e->children.items[i]->ste_comp_inlined) {
            inlined++;
            spliced += e->children.items[i]->children.count;
        }
    }
    uint32_t count = e->children.count - inlined + spliced, n = 0;
    struct symtable_entry **items = arena_alloc_array(a->c->arena, count, sizeof *items);
    for (uint32_t i = 0; i < e->children.count; i++) {
        struct symtable_entry *child = e->children.items[i];
        if (!child->ste_comp_inlined) {
            items[n++] = child;
            continue;
        }
        if (child->children.count != 0)
            memcpy(items + n, child->children.items, child->children.count * sizeof *items);
        n += child->children.count;
    }
    e->children.items = items;
    e->children.count = e->children.capacity = count;
}

/* Leave each name once among the free names from `start` up, and stamp it with the scope. */
static void unite_free(struct analyzer *a, const struct symtable_entry *e, uint32_t start)
{
    uint32_t kept = start;
    for (uint32_t i = start; i < a->free.count; i++) {
        identifier name = a->free.items[i];
        if (a->stamps[name] != e->id) {
            a->stamps[name] = e->id;
            a->free.items[kept++] = name;
        }
    }
    a->free.count = kept;
}

/* Locals that child scopes or inlined comprehensions need become cells; their names stop being free
 * here. */
static void analyze_cells(struct analyzer *a, struct symtable_entry *e, uint32_t start)
{
    uint32_t kept = start;
    for (uint32_t i = start; i < a->free.count; i++) {
        struct symbol *s = symtable_find(a->st, e, a->free.items[i]);
        if (s != NULL && s->scope == LOCAL)
            s->scope = CELL;
        else
            a->free.items[kept++] = a->free.items[i];
    }
    a->free.count = kept;
    for (uint32_t i = 0; e->has_inlined_cells && i < e->symbol_count; i++) {
        if (e->symbols[i].inlined_cell && e->symbols[i].scope == LOCAL)
            e->symbols[i].scope = CELL;
    }
}

/* Free names of child scopes that the class provides itself. */
static void drop_class_free(struct analyzer *a, struct symtable_entry *e, uint32_t start)
{
    uint32_t kept = start;
    for (uint32_t i = start; i < a->free.count; i++) {
        identifier name = a->free.items[i];
        if (name == NAME_dunder_class)
            e->ste_needs_class_closure = true;
        else if (name == NAME_dunder_classdict && a->inlines)
            e->ste_needs_classdict = true;
        else if (name == NAME_dunder_conditional_annotations && a->scopes_see_annotations)
            e->ste_has_conditional_annotations = true;
        else
            a->free.items[kept++] = name;
    }
    a->free.count = kept;
}

/* Mark what came up free from the children in the scope's own symbols. */
static void update_symbols(struct analyzer *a, struct symtable_entry *e, uint32_t start)
{
    bool class_like = e->type == ClassBlock || e->ste_can_see_class_scope;
    for (uint32_t i = 0; e->has_inlined_cells && i < e->symbol_count; i++) {
        if (e->symbols[i].inlined_cell)
            e->symbols[i].flags |= DEF_COMP_CELL;
    }
    for (uint32_t i = start; i < a->free.count; i++) {
        identifier name = a->free.items[i];
        struct symbol *s = symtable_find(a->st, e, name);
        if (s != NULL) {
            if (class_like && (a->marks_free_class_always || s->flags & (DEF_BOUND | DEF_GLOBAL)))
                s->flags |= DEF_FREE_CLASS;
            continue;
        }
        if (e->type != ModuleBlock && (a->bits[name] & NAME_BOUND) == 0)
            continue;
        symtable_add(a->st, e, name)->scope = FREE;
    }
}

/* The scope of the annotations of a function that has none uses __classdict__ if it sees a class.
 */
static void analyze_no_annotations(struct analyzer *a, const struct symtable_entry *e,
                                   struct symtable_entry *function,
                                   struct symtable_entry *class_entry)
{
    if (e->type != ClassBlock && !e->ste_can_see_class_scope)
        return;
    function->classdict_scope = (uint8_t)scope_of_use(a, NAME_dunder_classdict, class_entry);
    if (function->classdict_scope == FREE)
        array_push(a->c->arena, &a->free, NAME_dunder_classdict);
}

/* Analyse a scope and those in it. On return its free names lie on the stack above those that were
 * there. */
static void analyze_block(struct analyzer *a, struct symtable_entry *e,
                          struct symtable_entry *class_entry)
{
    uint32_t undo_start = a->undo.count;
    if (class_entry == NULL)
        analyze_names(a, e);
    for (uint32_t i = 0; class_entry != NULL && i < e->symbol_count; i++)
        analyze_name(a, e, &e->symbols[i], class_entry);
    if (e->children.count != 0 && e->type == ClassBlock) {
        set_bits(a, NAME_dunder_class, a->bits[NAME_dunder_class] | NAME_BOUND);
        if (a->inlines)
            set_bits(a, NAME_dunder_classdict, a->bits[NAME_dunder_classdict] | NAME_BOUND);
        if (a->scopes_see_annotations)
            set_bits(a, NAME_dunder_conditional_annotations,
                     a->bits[NAME_dunder_conditional_annotations] | NAME_BOUND);
    }
    uint32_t start = a->free.count;
    bool inlined = false;
    for (uint32_t i = 0; i < e->children.count; i++) {
        struct symtable_entry *child = e->children.items[i];
        struct symtable_entry *seen_class = e->type == ClassBlock ? e : class_entry;
        if (child->ste_no_annotations)
            analyze_no_annotations(a, e, child, seen_class);
        uint32_t child_start = a->free.count;
        analyze_block(a, child, child->ste_can_see_class_scope ? seen_class : NULL);
        if (a->inlines && child->comprehension != NoComprehension && !child->ste_generator &&
            !e->ste_can_see_class_scope) {
            inline_comprehension(a, e, child, child_start);
            inlined = true;
        }
    }
    if (e->children.count != 0) {
        if (inlined)
            splice_children(a, e);
        unite_free(a, e, start);
        if (e->type == ClassBlock)
            drop_class_free(a, e, start);
        else if (e->type != ModuleBlock)
            analyze_cells(a, e, start);
        update_symbols(a, e, start);
    }
    while (a->undo.count > undo_start) {
        struct undo *u = &a->undo.items[--a->undo.count];
        a->bits[u->name] = u->bits;
    }
}

void symtable_analyze(struct symtable *st)
{
    struct compilation *c = st->c;
    struct analyzer a = {
        .st = st,
        .c = c,
        .inlines = HAS(c, INLINED_COMPREHENSIONS),
        .marks_free_class_always = HAS(c, INLINED_COMPREHENSIONS),
        .scopes_see_annotations = HAS(c, DEFERRED_ANNOTATIONS),
    };
    a.bits = arena_zalloc(c->arena, c->strings.count);
    a.stamps = arena_zalloc(c->arena, (size_t)c->strings.count * sizeof *a.stamps);
    analyze_block(&a, st->top, NULL);
}
