/* The symbol table as text, in the form of docs/dump-formats.md. */
#include "sema/symtable.h"

#include "syntax/dump.h"
#include "util/buffer.h"

#include <stdlib.h>

/* What a symbol is sorted by. */
struct sorted_symbol {
    const struct symbol *symbol;
    const struct string *name;
};

/* Order by code points. */
static int compare_names(const void *a, const void *b)
{
    const struct string *x = ((const struct sorted_symbol *)a)->name,
                        *y = ((const struct sorted_symbol *)b)->name;
    return strings_order(x->bytes, x->length, y->bytes, y->length);
}

/* Two spaces for each level. */
static void indent(struct buffer *out, int depth)
{
    for (int i = 0; i < depth; i++)
        buffer_text(out, "  ");
}

/* 'name': flags SCOPE */
static void dump_symbol(struct compilation *c, const struct symbol *s, struct buffer *out)
{
    static const char *const flags[] = {"global", "local",     "param",      "nonlocal",
                                        "use",    "free",      "free_class", "import",
                                        "annot",  "comp_iter", "type_param", "comp_cell"};
    static const char *const scopes[] = {"NONE", "LOCAL", "GLOBAL_EXPLICIT", "GLOBAL_IMPLICIT",
                                         "FREE", "CELL"};
    dump_string(c, s->name, out);
    buffer_byte(out, ':');
    for (unsigned bit = 0; bit < sizeof flags / sizeof *flags; bit++) {
        if (s->flags >> bit & 1)
            buffer_printf(out, " %s", flags[bit]);
    }
    buffer_printf(out, " %s\n", scopes[s->scope]);
}

/* The parameters, in order. */
static void dump_parameters(struct compilation *c, const struct symtable_entry *e,
                            struct buffer *out)
{
    const char *separator = "";
    for (uint32_t i = 0; i < e->symbol_count; i++) {
        if (!(e->symbols[i].flags & DEF_PARAM))
            continue;
        buffer_text(out, separator);
        dump_string(c, e->symbols[i].name, out);
        separator = ", ";
    }
}

static void dump_entry(struct compilation *c, const struct symtable_entry *e, int depth,
                       struct buffer *out);

/* The scope of the annotations of a function that has none; see ste_no_annotations. */
static void dump_no_annotations(struct compilation *c, const struct symtable_entry *function,
                                int depth, struct buffer *out)
{
    struct symbol symbols[] = {
        {.name = NAME_dot_format, .flags = DEF_PARAM | USE, .scope = LOCAL},
        {.name = NAME_dunder_classdict, .flags = USE, .scope = function->classdict_scope},
    };
    struct symtable_entry e = {
        .name = NAME_dunder_annotate,
        .type = AnnotationBlock,
        .ste_nested = function->ste_nested,
        .loc = function->loc,
        .symbols = symbols,
        .symbol_count = function->classdict_scope != SCOPE_NONE ? 2 : 1,
    };
    dump_entry(c, &e, depth, out);
}

/* A scope, its symbols and its children. */
static void dump_entry(struct compilation *c, const struct symtable_entry *e, int depth,
                       struct buffer *out)
{
    static const char *const types[] = {
        [FunctionBlock] = "function",
        [ClassBlock] = "class",
        [ModuleBlock] = "module",
        [AnnotationBlock] = "annotation",
        [TypeAliasBlock] = "type_alias",
        [TypeParametersBlock] = "type_parameters",
        [TypeVariableBlock] = "type_variable",
    };
    indent(out, depth);
    buffer_printf(out, "%s ", types[e->type]);
    dump_string(c, e->name, out);
    buffer_printf(out, " %d%s varnames=[", e->loc.lineno, e->ste_nested ? " nested" : "");
    dump_parameters(c, e, out);
    buffer_text(out, "]\n");
    struct sorted_symbol *sorted = arena_alloc_array(c->arena, e->symbol_count, sizeof *sorted);
    uint32_t count = 0;
    for (uint32_t i = 0; i < e->symbol_count; i++) {
        if (e->symbols[i].name != 0)
            sorted[count++] = (struct sorted_symbol){&e->symbols[i],
                                                     strings_get(&c->strings, e->symbols[i].name)};
    }
    if (count != 0)
        qsort(sorted, count, sizeof *sorted, compare_names);
    for (uint32_t i = 0; i < count; i++) {
        indent(out, depth + 1);
        dump_symbol(c, sorted[i].symbol, out);
    }
    for (uint32_t i = 0; i < e->children.count; i++) {
        if (e->children.items[i]->ste_no_annotations)
            dump_no_annotations(c, e->children.items[i], depth + 1, out);
        dump_entry(c, e->children.items[i], depth + 1, out);
    }
}

void dump_symtable(struct compilation *c, struct symtable *st, struct buffer *out)
{
    dump_entry(c, st->top, 0, out);
}
