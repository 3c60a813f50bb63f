/* See set_table.h. Answers to Objects/setobject.c and the tp_hash functions. */
#include "util/set_table.h"

#include "util/siphash.h"
#include "util/utf8.h"

#include <math.h>

/* A set object's table. */
struct table_entry {
    constant item;
    uint64_t hash;
};
struct table {
    struct arena *arena;
    const struct strings *strings;
    const struct singleton_addresses *addresses;
    struct table_entry *entries;
    size_t mask, used;
};

static const uint64_t hash_modulus = ((uint64_t)1 << 61) - 1;

/* -1 is not a hash. */
static uint64_t not_minus_one(uint64_t hash)
{
    return hash == UINT64_MAX ? UINT64_MAX - 1 : hash;
}

/* A residue with the sign of its number. */
static uint64_t signed_hash(uint64_t residue, bool negative)
{
    return not_minus_one(negative ? 0 - residue : residue);
}

/* x * 2**32 + limb, modulo 2**61 - 1; x below the modulus. */
static uint64_t shift_in(uint64_t x, uint32_t limb)
{
    x = ((x << 32) & hash_modulus) | x >> 29;
    x += limb;
    return x >= hash_modulus ? x - hash_modulus : x;
}

/* hash() of an int. */
static uint64_t hash_int(bool negative, const uint32_t *limbs, uint32_t count)
{
    uint64_t x = 0;
    while (count > 0)
        x = shift_in(x, limbs[--count]);
    return signed_hash(x, negative);
}

/* hash() of a float. */
static uint64_t hash_double(double v)
{
    if (v - v != 0)
        return v != v ? 0 : v > 0 ? 314159 : 0 - (uint64_t)314159;
    int exponent;
    double m = frexp(fabs(v), &exponent);
    uint64_t x = 0;
    while (m != 0) {
        x = ((x << 28) & hash_modulus) | x >> 33;
        m *= 268435456.0;
        exponent -= 28;
        uint64_t y = (uint64_t)m;
        m -= (double)y;
        x += y;
        if (x >= hash_modulus)
            x -= hash_modulus;
    }
    exponent = exponent >= 0 ? exponent % 61 : 61 - 1 - ((-1 - exponent) % 61);
    if (exponent != 0)
        x = ((x << exponent) & hash_modulus) | x >> (61 - exponent);
    return signed_hash(x, v < 0);
}

/* hash() of bytes. */
static uint64_t hash_bytes(const void *bytes, size_t length)
{
    return length == 0 ? 0 : not_minus_one(siphash(2, 4, 0, 0, bytes, length));
}

/* hash() of a str: over its characters in 1, 2 or 4 bytes each, whichever the widest needs. */
static uint64_t hash_string(struct arena *arena, const struct string *s)
{
    if (s->flags & STRING_ASCII)
        return hash_bytes(s->bytes, s->length);
    uint32_t widest = 0;
    for (size_t at = 0, size; at < s->length; at += size) {
        uint32_t c = utf8_read(s->bytes + at, &size);
        widest = c > widest ? c : widest;
    }
    size_t width = widest < 0x100 ? 1 : widest < 0x10000 ? 2 : 4, length = 0;
    uint8_t *wide = arena_alloc_array(arena, s->length, width);
    for (size_t at = 0, size; at < s->length; at += size) {
        uint32_t c = utf8_read(s->bytes + at, &size);
        for (size_t i = 0; i < width; i++)
            wide[length++] = (uint8_t)(c >> 8 * i);
    }
    return hash_bytes(wide, length);
}

static uint64_t hash_constant(const struct table *t, constant c);

/* hash() of a tuple. */
static uint64_t hash_tuple(const struct table *t, constant c)
{
    const uint64_t prime1 = 11400714785074694791u, prime2 = 14029467366897019727u,
                   prime5 = 2870177450012600261u;
    uint64_t h = prime5;
    for (uint32_t i = 0; i < c->length; i++) {
        h += hash_constant(t, c->v.items[i]) * prime2;
        h = (h << 31 | h >> 33) * prime1;
    }
    h += c->length ^ (prime5 ^ 3527539);
    return h == UINT64_MAX ? 1546275796 : h;
}

/* hash() of a constant under PYTHONHASHSEED=0. */
static uint64_t hash_constant(const struct table *t, constant c)
{
    switch ((enum constant_kind)c->kind) {
    case CONSTANT_NONE: return t->addresses->none >> 4;
    case CONSTANT_ELLIPSIS: return t->addresses->ellipsis >> 4;
    case CONSTANT_FALSE: return 0;
    case CONSTANT_TRUE: return 1;
    case CONSTANT_INT: {
        uint64_t m = c->v.integer < 0 ? 0 - (uint64_t)c->v.integer : (uint64_t)c->v.integer;
        return hash_int(c->v.integer < 0, (uint32_t[]){(uint32_t)m, (uint32_t)(m >> 32)}, 2);
    }
    case CONSTANT_BIGINT: return hash_int(c->v.big.negative, c->v.big.limbs, c->length);
    case CONSTANT_FLOAT: return hash_double(c->v.number);
    case CONSTANT_COMPLEX:
        return not_minus_one(hash_double(c->v.complex.real) +
                             1000003 * hash_double(c->v.complex.imag));
    case CONSTANT_STR: return hash_string(t->arena, strings_get(t->strings, c->v.str));
    case CONSTANT_BYTES: return hash_bytes(c->v.bytes, c->length);
    case CONSTANT_TUPLE: return hash_tuple(t, c);
    case CONSTANT_FROZENSET:
    case CONSTANT_SLICE:
    case CONSTANT_CODE: break;
    }
    return 0;
}

enum { LINEAR_PROBES = 9, PERTURB_SHIFT = 5 };

/* Put an item that is not there yet into the first free place of its probe sequence. */
static void place(struct table_entry *entries, size_t mask, struct table_entry entry)
{
    size_t perturb = entry.hash, i = entry.hash & mask;
    for (;;) {
        size_t last = i + LINEAR_PROBES <= mask ? i + LINEAR_PROBES : i;
        for (size_t j = i; j <= last; j++) {
            if (entries[j].item == NULL) {
                entries[j] = entry;
                return;
            }
        }
        perturb >>= PERTURB_SHIFT;
        i = (i * 5 + 1 + perturb) & mask;
    }
}

/* A table of `size` places, with what the old one holds. */
static void resize(struct table *t, size_t size)
{
    struct table_entry *old = t->entries;
    size_t old_size = old != NULL ? t->mask + 1 : 0;
    t->entries = arena_zalloc(t->arena, size * sizeof *t->entries);
    t->mask = size - 1;
    for (size_t i = 0; i < old_size; i++) {
        if (old[i].item != NULL)
            place(t->entries, t->mask, old[i]);
    }
}

/* Add an item; the table grows as CPython's does. */
static void add(struct table *t, struct table_entry entry)
{
    place(t->entries, t->mask, entry);
    t->used++;
    if (t->used * 5 < t->mask * 3)
        return;
    size_t least = t->used > 50000 ? t->used * 2 : t->used * 4, size = 8;
    while (size <= least)
        size *= 2;
    resize(t, size);
}

void set_table_order(struct arena *arena, const struct strings *strings,
                     const struct singleton_addresses *addresses, constant *items, uint32_t count)
{
    struct table t = {.arena = arena, .strings = strings, .addresses = addresses};
    resize(&t, 8);
    for (uint32_t i = 0; i < count; i++)
        add(&t, (struct table_entry){items[i], hash_constant(&t, items[i])});
    for (size_t i = 0, n = 0; i <= t.mask; i++) {
        if (t.entries[i].item != NULL)
            items[n++] = t.entries[i].item;
    }
}
