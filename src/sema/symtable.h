/* The symbol table: one entry for each scope of a module, and what each name means in it.
 *
 * Answers to Python/symtable.c and uses its terms. Scopes are numbered in the order in which they
 * are entered; the AST node that opens a scope carries the number (stmt.scope, expr.scope,
 * type_param.scope). Scopes that hang on another one are reached from it: the type-parameter scope
 * around a function, class or alias (type_params_block), the annotation scope of a function's
 * parameters (function_annotations) and of a class's or module's variables (ste_annotation_block).
 *
 * Names are looked up by identifier, already mangled. A scope's symbols stand in order of their
 * first insertion.
 */
#ifndef MKPYC_SEMA_SYMTABLE_H
#define MKPYC_SEMA_SYMTABLE_H

#include "syntax/ast.h"
#include "syntax/compilation.h"
#include "util/arena.h"

enum block_type {
    FunctionBlock,
    ClassBlock,
    ModuleBlock,
    AnnotationBlock,
    TypeAliasBlock,
    TypeParametersBlock,
    TypeVariableBlock,
};

enum comprehension_type {
    NoComprehension,
    ListComprehension,
    DictComprehension,
    SetComprehension,
    GeneratorExpression
};

enum symbol_flag {
    DEF_GLOBAL = 1,        /* global statement */
    DEF_LOCAL = 2,         /* assignment */
    DEF_PARAM = 4,         /* formal parameter */
    DEF_NONLOCAL = 8,      /* nonlocal statement */
    USE = 16,              /* name is used */
    DEF_FREE_CLASS = 64,   /* free variable of a class's method */
    DEF_IMPORT = 128,      /* assignment by import */
    DEF_ANNOT = 256,       /* name is annotated */
    DEF_COMP_ITER = 512,   /* a comprehension's iteration variable */
    DEF_TYPE_PARAM = 1024, /* a type parameter */
    DEF_COMP_CELL = 2048,  /* a cell in an inlined comprehension */
    DEF_BOUND = DEF_LOCAL | DEF_PARAM | DEF_IMPORT,
};

enum symbol_scope {
    SCOPE_NONE,
    LOCAL,
    GLOBAL_EXPLICIT,
    GLOBAL_IMPLICIT,
    FREE,
    CELL,
};

struct symbol {
    identifier name;   /* mangled; 0: removed by the analysis */
    uint16_t flags;    /* enum symbol_flag */
    uint8_t scope;     /* enum symbol_scope */
    bool inlined_cell; /* while analysing: a cell of a comprehension that was inlined here */
};

struct symtable_entry {
    uint32_t id;           /* its number, from 1 (the module) */
    identifier name;       /* "top", "lambda", "genexpr", ... or the function's or class's name */
    uint8_t type;          /* enum block_type */
    uint8_t comprehension; /* enum comprehension_type */
    bool ste_nested : 1;   /* inside a function */
    bool ste_generator : 1;
    bool ste_coroutine : 1;
    bool ste_varargs : 1;
    bool ste_varkeywords : 1;
    bool ste_needs_class_closure : 1; /* class: a cell for __class__ is needed */
    bool ste_needs_classdict : 1;     /* class: a cell for __classdict__ is needed */
    bool ste_comp_inlined : 1;        /* comprehension that is inlined into its parent */
    bool ste_comp_iter_target : 1;    /* while building: visiting a comprehension's target */
    bool ste_can_see_class_scope : 1;
    bool ste_has_docstring : 1;
    bool ste_method : 1; /* function directly in a class */
    bool ste_annotations_used : 1;
    bool ste_has_conditional_annotations : 1;
    bool ste_in_conditional_block : 1;      /* while building */
    bool ste_in_unevaluated_annotation : 1; /* while building */
    bool ste_in_try_block : 1;              /* while building */
    bool has_inlined_cells : 1;             /* while analysing: some symbol.inlined_cell is set */
    /* function without annotations, from 3.14: the scope for them is not made, as it would hold
     * nothing but .format and, in a class, a use of __classdict__ ... */
    bool ste_no_annotations : 1;
    uint8_t classdict_scope; /* ... whose enum symbol_scope this is */
    bool places_lost; /* some place in symtable.places that led here now leads to another scope */
    uint16_t ste_comp_iter_expr; /* while building: depth of comprehension iterables */
    struct location loc;         /* of the node that opens the scope; lineno 0 for the module */

    /* in order of first insertion; so the parameters (DEF_PARAM) stand in their order, too */
    struct symbol *symbols; /* zeroed up to their capacity */
    uint32_t symbol_count, symbol_capacity;
    /* open addressing: symbol number + 1, or NULL until one of many is looked for */
    uint32_t *slots;
    uint32_t slot_mask;
    /* in order of entry; those of inlined comprehensions are spliced in */
    ARRAY(struct symtable_entry *) children;

    struct symtable_entry *parent;
    struct symtable_entry *type_params_block; /* around this function, class or alias, or NULL */
    /* of this function's parameters and result (from 3.14), or NULL */
    struct symtable_entry *function_annotations;
    struct symtable_entry
        *ste_annotation_block;  /* of this class's or module's variables (from 3.14), or NULL */
    const char *ste_scope_info; /* "a TypeVar bound", ...: for messages */
    ARRAY(identifier) ste_mangled_names; /* type parameters of a generic class, unmangled */
    /* the scope whose ste_mangled_names hold here, or NULL */
    struct symtable_entry *mangled_names_of;
    struct directive *ste_directives, **ste_directives_end; /* in source order */
};

/* A name that a global or nonlocal statement (or := in a comprehension) declares. */
struct directive {
    identifier name; /* mangled */
    struct location loc;
    struct directive *next;
};

/* Where the name was last found: a module-wide cache, indexed by identifier. A scope that has lost
 * no place to another one has no names but those whose places lead to it, so that a name new to it
 * is known to be new without a search. */
struct symbol_place {
    uint32_t entry, symbol;
};

/* A new scope has room for so many symbols, and is searched from end to end up to then. */
enum { SYMTABLE_FEW_SYMBOLS = 8 };

struct symtable {
    struct compilation *c;
    ARRAY(struct symtable_entry *)
    entries; /* by id; [0] is none, which loses places that no scope has */
    struct symtable_entry *top;
    struct symbol_place *places;
    uint32_t place_count;
};

/* Build and analyse the table; raises the release's errors. */
struct symtable *symtable_build(struct compilation *c, struct module_ast *m);

/* The scope with a number. */
static inline struct symtable_entry *symtable_entry_at(const struct symtable *st, uint32_t id)
{
    return st->entries.items[id];
}

struct symbol *symtable_find_slow(struct symtable *st, struct symtable_entry *e, identifier name);

/* Was the name last found in that scope? */
static inline bool symtable_has_place(const struct symtable *st, const struct symtable_entry *e,
                                      identifier name)
{
    return name < st->place_count && st->places[name].entry == e->id;
}

/* The symbol of a (mangled) name in a scope, or NULL. */
static inline struct symbol *symtable_find(struct symtable *st, struct symtable_entry *e,
                                           identifier name)
{
    if (symtable_has_place(st, e, name))
        return &e->symbols[st->places[name].symbol];
    return e->places_lost ? symtable_find_slow(st, e, name) : NULL;
}

/* What the name means in the scope: SCOPE_NONE if it is not there. */
static inline enum symbol_scope symtable_scope(struct symtable *st, struct symtable_entry *e,
                                               identifier name)
{
    const struct symbol *s = symtable_find(st, e, name);
    return s == NULL ? SCOPE_NONE : (enum symbol_scope)s->scope;
}

/* Function, or one of the scopes that behave like one. */
static inline bool symtable_is_function_like(const struct symtable_entry *e)
{
    return e->type != ClassBlock && e->type != ModuleBlock;
}

/* Is the name among a generic class's type parameters? `e` is the scope of those. */
bool symtable_mangles(const struct symtable_entry *e, identifier name);
/* The rest of mangle_name, for names that start with two underscores. */
identifier mangle_private(struct compilation *c, identifier class_name, identifier name);

/* Does the name start as those do that a class mangles? */
static inline bool mangle_may_change(const struct compilation *c, identifier name)
{
    return memcmp(strings_get(&c->strings, name)->prefix, "__", 2) == 0;
}

/* The class as mangle_name wants it: 0, too, where the module has no name that is mangled. */
static inline identifier mangling_class(const struct compilation *c, identifier class_name)
{
    return c->strings.has_private ? class_name : 0;
}

/* __private becomes _Class__private inside class Class; class_name 0: not in a class. */
static inline identifier mangle_name(struct compilation *c, identifier class_name, identifier name)
{
    if (class_name == 0 || !mangle_may_change(c, name))
        return name;
    return mangle_private(c, class_name, name);
}

/* The same, but in the type-parameter scope of a generic class only its type parameters are mangled
 * (from 3.13.1). */
static inline identifier mangle_name_in(struct compilation *c, identifier class_name,
                                        const struct symtable_entry *e, identifier name)
{
    identifier mangled = mangle_name(c, class_name, name);
    return mangled == name || e->mangled_names_of == NULL ||
                   symtable_mangles(e->mangled_names_of, name)
               ? mangled
               : name;
}

/* Resolve what every name of every scope means: the second half of symtable_build. */
void symtable_analyze(struct symtable *st);
/* Note where a name was found that has a place, and that not there. */
static inline void symtable_take_place(struct symtable *st, const struct symtable_entry *e,
                                       identifier name, uint32_t symbol)
{
    struct symbol_place *place = &st->places[name];
    st->entries.items[place->entry]->places_lost = true;
    *place = (struct symbol_place){e->id, symbol};
}

/* A new symbol for a name that the scope does not have, if there is room for it and no hash table;
 * else NULL. */
static inline struct symbol *symtable_add_easily(struct symtable *st, struct symtable_entry *e,
                                                 identifier name)
{
    uint32_t symbol = e->symbol_count;
    if (symbol == e->symbol_capacity || e->slots != NULL || name >= st->place_count)
        return NULL;
    e->symbol_count++;
    e->symbols[symbol] = (struct symbol){.name = name};
    symtable_take_place(st, e, name, symbol);
    return &e->symbols[symbol];
}
/* The symbol of a name, made if it is not there yet, where that takes no search; else NULL. */
static inline struct symbol *symtable_reach(struct symtable *st, struct symtable_entry *e,
                                            identifier name)
{
    if (symtable_has_place(st, e, name))
        return &e->symbols[st->places[name].symbol];
    return e->places_lost ? NULL : symtable_add_easily(st, e, name);
}
/* A new symbol for a name that the scope does not have. */
struct symbol *symtable_add_new(struct symtable *st, struct symtable_entry *e, identifier name);
/* The symbol of a name, made if it is not there yet. */
static inline struct symbol *symtable_add(struct symtable *st, struct symtable_entry *e,
                                          identifier name)
{
    struct symbol *found = symtable_find(st, e, name);
    return found != NULL ? found : symtable_add_new(st, e, name);
}
/* Take a symbol out of a scope. */
void symtable_remove(struct symtable *st, struct symbol *s);
/* SyntaxError at the global or nonlocal statement that names `name` in this scope. */
_Noreturn void symtable_error_at_directive(struct symtable *st, const struct symtable_entry *e,
                                           identifier name, const char *message);

struct buffer;
/* The form of docs/dump-formats.md. */
void dump_symtable(struct compilation *c, struct symtable *st, struct buffer *out);

#endif
