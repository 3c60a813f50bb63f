/* Symbol lookup and insertion. The walk is in symtable_visit.c, the analysis in symtable_analyze.c.
 */
#include "sema/symtable.h"

#include "syntax/syntax_error.h"
#include "util/out_of_line.h"

/* Spread an identifier over a table. */
static uint32_t spread(identifier name)
{
    return (name * 0x9E3779B1u) >> 7;
}

/* Note where the name was found. */
static void remember(struct symtable *st, const struct symtable_entry *e, identifier name,
                     uint32_t symbol)
{
    if (name >= st->place_count) {
        uint32_t count = st->c->strings.count + st->c->strings.count / 4 + 64;
        st->places = arena_grow(st->c->arena, st->places, st->place_count * sizeof *st->places,
                                count * sizeof *st->places);
        memset(st->places + st->place_count, 0, (count - st->place_count) * sizeof *st->places);
        st->place_count = count;
    }
    symtable_take_place(st, e, name, symbol);
}

/* Make or double the hash table of a scope. */
static void rehash(struct symtable *st, struct symtable_entry *e)
{
    uint32_t size = 4 * SYMTABLE_FEW_SYMBOLS;
    while (size < 2 * e->symbol_capacity)
        size *= 2;
    e->slots = arena_zalloc(st->c->arena, (size_t)size * sizeof *e->slots);
    e->slot_mask = size - 1;
    for (uint32_t symbol = 0; symbol < e->symbol_count; symbol++) {
        uint32_t i = spread(e->symbols[symbol].name) & e->slot_mask;
        while (e->slots[i] != 0)
            i = (i + 1) & e->slot_mask;
        e->slots[i] = symbol + 1;
    }
}

struct symbol *symtable_find_slow(struct symtable *st, struct symtable_entry *e, identifier name)
{
    if (e->slots == NULL && e->symbol_count > SYMTABLE_FEW_SYMBOLS)
        rehash(st, e);
    if (e->slots == NULL) {
        for (uint32_t i = 0; i < e->symbol_count; i++) {
            if (e->symbols[i].name == name) {
                remember(st, e, name, i);
                return &e->symbols[i];
            }
        }
        return NULL;
    }
    for (uint32_t i = spread(name) & e->slot_mask; e->slots[i] != 0; i = (i + 1) & e->slot_mask) {
        uint32_t symbol = e->slots[i] - 1;
        if (e->symbols[symbol].name == name) {
            remember(st, e, name, symbol);
            return &e->symbols[symbol];
        }
    }
    return NULL;
}

/* Make room for more symbols. */
static void grow(struct symtable *st, struct symtable_entry *e)
{
    uint32_t capacity = e->symbol_capacity * 2;
    e->symbols = arena_grow(st->c->arena, e->symbols, e->symbol_capacity * sizeof *e->symbols,
                            capacity * sizeof *e->symbols);
    memset(e->symbols + e->symbol_capacity, 0, e->symbol_capacity * sizeof *e->symbols);
    e->symbol_capacity = capacity;
    if (e->slots != NULL)
        rehash(st, e);
}

/* symtable_add_new in a scope that has a hash table or is full, or of a name that is new to the
 * module. */
static OUT_OF_LINE struct symbol *add_with_care(struct symtable *st, struct symtable_entry *e,
                                                identifier name)
{
    if (e->symbol_count == e->symbol_capacity)
        grow(st, e);
    uint32_t symbol = e->symbol_count++;
    e->symbols[symbol] = (struct symbol){.name = name};
    if (e->slots != NULL) {
        uint32_t i = spread(name) & e->slot_mask;
        while (e->slots[i] != 0)
            i = (i + 1) & e->slot_mask;
        e->slots[i] = symbol + 1;
    }
    remember(st, e, name, symbol);
    return &e->symbols[symbol];
}

struct symbol *symtable_add_new(struct symtable *st, struct symtable_entry *e, identifier name)
{
    struct symbol *easy = symtable_add_easily(st, e, name);
    return easy != NULL ? easy : add_with_care(st, e, name);
}

void symtable_remove(struct symtable *st, struct symbol *s)
{
    st->places[s->name] = (struct symbol_place){0, 0};
    s->name = 0;
}

void symtable_error_at_directive(struct symtable *st, const struct symtable_entry *e,
                                 identifier name, const char *message)
{
    for (const struct directive *d = e->ste_directives; d != NULL; d = d->next) {
        if (d->name == name)
            syntax_error_at(st->c, d->loc, message);
    }
    syntax_error_at(st->c, e->loc, message);
}
