/* The code objects that are constants: equal ones are one.
 *
 * Answers to code_richcompare and code_hash in Objects/codeobject.c.
 */
#include "codegen/unit.h"
#include "out/code.h"
#include "util/hash.h"

/* Are the bytes equal? */
static bool same_bytes(struct byte_string a, struct byte_string b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

/* Are the names equal? */
static bool same_names(const identifier *a, uint32_t n, const identifier *b, uint32_t m)
{
    return n == m && (n == 0 || memcmp(a, b, n * sizeof *a) == 0);
}

/* Are the constants equal? Tuples that were folded late are objects of their own, so they are
 * compared item by item. */
static bool same_constants(constant a, constant b)
{
    if (a == b)
        return true;
    if (a->kind != CONSTANT_TUPLE || b->kind != CONSTANT_TUPLE || a->length != b->length)
        return false;
    for (uint32_t i = 0; i < a->length; i++) {
        if (!same_constants(a->v.items[i], b->v.items[i]))
            return false;
    }
    return true;
}

/* Equality of two code objects with the same name and first line, as code objects compare. */
static bool same_code(const struct codegen *g, const struct code *a, const struct code *b)
{
    return a->name == b->name && a->firstlineno == b->firstlineno && a->argcount == b->argcount &&
           a->posonlyargcount == b->posonlyargcount && a->kwonlyargcount == b->kwonlyargcount &&
           a->flags == b->flags && same_bytes(a->code, b->code) &&
           same_constants(a->consts, b->consts) &&
           same_names(a->names, a->name_count, b->names, b->name_count) &&
           same_names(a->varnames, a->varname_count, b->varnames, b->varname_count) &&
           same_names(a->cellvars, a->cellvar_count, b->cellvars, b->cellvar_count) &&
           same_names(a->freevars, a->freevar_count, b->freevars, b->freevar_count) &&
           same_bytes(a->localspluskinds, b->localspluskinds) &&
           (!HAS(g->c, CODE_EQUALITY_BY_LINES) ||
            (same_bytes(a->linetable, b->linetable) &&
             same_bytes(a->exceptiontable, b->exceptiontable)));
}

/* Mix bytes into a hash. */
static uint32_t hash_bytes(uint32_t h, struct byte_string s)
{
    return hash_mix(h, strings_hash((const char *)s.bytes, s.length));
}

/* Mix names into a hash. */
static uint32_t hash_names(uint32_t h, const identifier *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        h = hash_mix(h, names[i]);
    return h;
}

/* Mix a constant into a hash; what same_constants finds equal gives the same. */
static uint32_t hash_constant(uint32_t h, constant c)
{
    if (c->kind != CONSTANT_TUPLE)
        return hash_mix(h, c->id);
    for (uint32_t i = 0; i < c->length; i++)
        h = hash_constant(h, c->v.items[i]);
    return hash_mix(h, c->length);
}

/* Where a code object is in the table. The first line and the name tell most apart; what more
 * same_code compares counts only once many have had these in common. */
static uint32_t code_hash(const struct codegen *g, const struct code *code)
{
    uint32_t h = (uint32_t)code->firstlineno * 31 + code->name;
    if (!g->hashes_contents)
        return h;
    h = hash_bytes(h, code->code);
    if (HAS(g->c, CODE_EQUALITY_BY_LINES))
        h = hash_bytes(h, code->linetable);
    h = hash_names(h, code->names, code->name_count);
    h = hash_names(h, code->varnames, code->varname_count);
    h = hash_names(h, code->freevars, code->freevar_count);
    return hash_constant(h, code->consts);
}

/* Make a larger table of code objects. */
static void grow_codes(struct codegen *g)
{
    uint32_t mask = g->code_mask == 0 ? 255 : g->code_mask * 2 + 1;
    struct code_list **codes = arena_zalloc(g->arena, ((size_t)mask + 1) * sizeof *codes);
    for (uint32_t i = 0; g->codes != NULL && i <= g->code_mask; i++) {
        for (struct code_list *p = g->codes[i], *next; p != NULL; p = next) {
            next = p->next;
            struct code_list **to = &codes[code_hash(g, p->code) & mask];
            p->next = *to;
            *to = p;
        }
    }
    g->codes = codes;
    g->code_mask = mask;
}

constant unit_code_constant(struct codegen *g, const struct code *code)
{
    enum { MANY = 32 };
    if (g->code_count >= g->code_mask)
        grow_codes(g);
    uint32_t hash = code_hash(g, code), others = 0;
    for (struct code_list *p = g->codes[hash & g->code_mask]; p != NULL; p = p->next, others++) {
        if (same_code(g, p->code, code))
            return p->value;
    }
    if (others >= MANY && !g->hashes_contents) {
        g->hashes_contents = true;
        grow_codes(g);
        hash = code_hash(g, code);
    }
    struct code_list **list = &g->codes[hash & g->code_mask];
    struct code_list *new = arena_alloc(g->arena, sizeof *new);
    *new = (struct code_list){code, constant_code(&g->c->constants, (struct code *)code), *list};
    *list = new;
    g->code_count++;
    return new->value;
}
