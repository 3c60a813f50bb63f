/* See constant.h. */
#include "util/constant.h"

#include "util/hash.h"

#include <stdlib.h>

/* The bits of a double. */
static inline uint64_t bits_of(double d)
{
    uint64_t w;
    memcpy(&w, &d, sizeof w);
    return w;
}

/* Are two arrays the same bytes? Empty ones may be NULL. */
static bool same_bytes(const void *a, const void *b, size_t size)
{
    return size == 0 || memcmp(a, b, size) == 0;
}

/* For qsort: the order of two constants by their numbers. */
static int compare_ids(const void *a, const void *b)
{
    uint32_t x = (*(const constant *)a)->id, y = (*(const constant *)b)->id;
    return (x > y) - (x < y);
}

/* A copy of the items of a frozenset, sorted by their numbers. */
static constant *sorted_items(struct arena *arena, constant c)
{
    constant *items = arena_alloc_array(arena, c->length, sizeof *items);
    memcpy(items, c->v.items, c->length * sizeof *items);
    qsort(items, c->length, sizeof *items, compare_ids);
    return items;
}

/* Are two frozensets equal? */
static bool same_set(struct constants *t, constant a, constant b)
{
    enum { FEW = 64 };
    if (b->kind != CONSTANT_FROZENSET || a->length != b->length)
        return false;
    if (a->length > FEW)
        return same_bytes(sorted_items(t->arena, a), sorted_items(t->arena, b),
                          a->length * sizeof *a->v.items);
    for (uint32_t i = 0; i < a->length; i++) {
        uint32_t j = 0;
        while (j < b->length && a->v.items[i] != b->v.items[j])
            j++;
        if (j == b->length)
            return false;
    }
    return true;
}

/* Equality of two records with the same hash. */
static bool same(const struct constant *a, const struct constant *b)
{
    if (a->kind != b->kind || a->length != b->length)
        return false;
    switch ((enum constant_kind)a->kind) {
    case CONSTANT_NONE:
    case CONSTANT_FALSE:
    case CONSTANT_TRUE:
    case CONSTANT_ELLIPSIS: return true;
    case CONSTANT_INT: return a->v.integer == b->v.integer;
    case CONSTANT_BIGINT:
        return a->v.big.negative == b->v.big.negative &&
               same_bytes(a->v.big.limbs, b->v.big.limbs, a->length * sizeof(uint32_t));
    case CONSTANT_FLOAT:
        return a->v.number == a->v.number && bits_of(a->v.number) == bits_of(b->v.number);
    case CONSTANT_COMPLEX:
        return a->v.complex.real == a->v.complex.real && a->v.complex.imag == a->v.complex.imag &&
               bits_of(a->v.complex.real) == bits_of(b->v.complex.real) &&
               bits_of(a->v.complex.imag) == bits_of(b->v.complex.imag);
    case CONSTANT_BYTES: return same_bytes(a->v.bytes, b->v.bytes, a->length);
    case CONSTANT_TUPLE:
    case CONSTANT_FROZENSET:
    case CONSTANT_SLICE: return same_bytes(a->v.items, b->v.items, a->length * sizeof *a->v.items);
    case CONSTANT_STR:
    case CONSTANT_CODE: break;
    }
    return false;
}

/* What the hash of a record starts with. */
static inline uint32_t first_hash(unsigned kind, uint32_t length)
{
    return hash_mix(0x2545F491u, kind * 0x10001u + length);
}

/* The hash of items in their order. */
static inline uint32_t items_hash(uint32_t h, const constant *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        h = hash_mix(h, items[i]->id);
    return h;
}

/* The hash of a record by its content. */
static uint32_t content_hash(const struct constant *c)
{
    uint32_t h = first_hash(c->kind, c->length);
    switch ((enum constant_kind)c->kind) {
    case CONSTANT_NONE:
    case CONSTANT_FALSE:
    case CONSTANT_TRUE:
    case CONSTANT_ELLIPSIS: return h;
    case CONSTANT_INT: return hash_mix(h, (uint64_t)c->v.integer);
    case CONSTANT_BIGINT:
        for (uint32_t i = 0; i < c->length; i++)
            h = hash_mix(h, c->v.big.limbs[i]);
        return h;
    case CONSTANT_FLOAT: return hash_mix(h, bits_of(c->v.number));
    case CONSTANT_COMPLEX:
        return hash_mix(hash_mix(h, bits_of(c->v.complex.real)), bits_of(c->v.complex.imag));
    case CONSTANT_BYTES: return hash_mix(h, strings_hash(c->v.bytes, c->length));
    case CONSTANT_TUPLE:
    case CONSTANT_FROZENSET:
    case CONSTANT_SLICE: return items_hash(h, c->v.items, c->length);
    case CONSTANT_STR:
    case CONSTANT_CODE: break;
    }
    return h;
}

/* Make the table larger: by much, since what stands where in it cannot be foreseen when it is moved
 * to another one. */
static void grow(struct constants *t)
{
    uint32_t mask = t->mask * 4 + 3;
    struct constant_slot *slots = arena_zalloc(t->arena, ((size_t)mask + 1) * sizeof *slots);
    for (uint32_t j = 0; j <= t->mask; j++) {
        if (t->slots[j].constant == NULL)
            continue;
        uint32_t i = t->slots[j].hash & mask;
        while (slots[i].constant != NULL)
            i = (i + 1) & mask;
        slots[i] = t->slots[j];
    }
    t->slots = slots;
    t->mask = mask;
}

/* The flags that say which instruction a value may have. */
static inline uint8_t load_flags(const struct constant *c)
{
    if (c->kind == CONSTANT_INT)
        return (uint64_t)c->v.integer < 256 ? CONSTANT_SMALL_INT
                                            : (c->v.integer == -1) * CONSTANT_COMMON;
    return (c->kind <= CONSTANT_TRUE) * CONSTANT_COMMON;
}

/* A new record with the content of `probe`. */
static inline struct constant *new_record(struct constants *t, const struct constant *probe,
                                          uint32_t hash)
{
    struct constant *c = arena_alloc(t->arena, sizeof *c);
    *c = *probe;
    c->flags = load_flags(probe);
    c->hash = hash;
    c->id = t->count++;
    return c;
}

/* Fill the slot `i`, which is free. */
static inline void put(struct constants *t, struct constant *c, uint32_t hash, uint32_t i)
{
    t->slots[i] = (struct constant_slot){hash, c};
    if (++t->used > t->mask / 2)
        grow(t);
}

/* Put a new record into the table at `i`, which is free. Its pointers are to memory that lasts only
 * when `lasting`. */
static struct constant *add(struct constants *t, const struct constant *probe, uint32_t hash,
                            uint32_t i, bool lasting)
{
    struct constant *c = new_record(t, probe, hash);
    if (!lasting && c->length != 0) {
        size_t unit = c->kind == CONSTANT_BIGINT ? sizeof(uint32_t) : sizeof(constant);
        const void *from =
            c->kind == CONSTANT_BIGINT ? (const void *)c->v.big.limbs : (const void *)c->v.items;
        void *to = arena_alloc_array(t->arena, c->length, unit);
        memcpy(to, from, c->length * unit);
        if (c->kind == CONSTANT_BIGINT)
            c->v.big.limbs = to;
        else
            c->v.items = to;
    }
    put(t, c, hash, i);
    return c;
}

/* The record with the content of `probe`. */
static struct constant *intern(struct constants *t, const struct constant *probe, bool lasting)
{
    uint32_t hash = content_hash(probe);
    uint32_t i = hash & t->mask;
    for (; t->slots[i].constant != NULL; i = (i + 1) & t->mask) {
        if (t->slots[i].hash == hash && same(t->slots[i].constant, probe))
            return t->slots[i].constant;
    }
    return add(t, probe, hash, i, lasting);
}

void constants_init(struct constants *t, struct arena *arena, struct strings *strings,
                    size_t expected)
{
    enum { MOST = 1 << 14 }; /* what a guess may cost */
    *t = (struct constants){.arena = arena, .strings = strings, .mask = 255};
    while (t->mask / 2 < expected && t->mask < MOST)
        t->mask = t->mask * 2 + 1;
    t->slots = arena_zalloc(arena, ((size_t)t->mask + 1) * sizeof *t->slots);
    t->none = intern(t, &(struct constant){.kind = CONSTANT_NONE}, true);
    t->false_ = intern(t, &(struct constant){.kind = CONSTANT_FALSE}, true);
    t->true_ = intern(t, &(struct constant){.kind = CONSTANT_TRUE}, true);
    t->ellipsis = intern(t, &(struct constant){.kind = CONSTANT_ELLIPSIS}, true);
    t->empty_tuple = intern(t, &(struct constant){.kind = CONSTANT_TUPLE}, true);
}

constant constant_bool(struct constants *t, bool value)
{
    return value ? t->true_ : t->false_;
}

/* Any integer that fits; as `intern`, without asking what kinds there are. */
static constant integer(struct constants *t, int64_t value)
{
    uint32_t hash = hash_mix(first_hash(CONSTANT_INT, 0), (uint64_t)value), i = hash & t->mask;
    for (struct constant *c; (c = t->slots[i].constant) != NULL; i = (i + 1) & t->mask) {
        if (t->slots[i].hash == hash && c->kind == CONSTANT_INT && c->v.integer == value)
            return c;
    }
    return add(t, &(struct constant){.kind = CONSTANT_INT, .v.integer = value}, hash, i, true);
}

constant constant_int(struct constants *t, int64_t value)
{
    if (value < 0 || value >= CONSTANT_SMALL_COUNT)
        return integer(t, value);
    if (t->small[value] == NULL)
        t->small[value] = integer(t, value);
    return t->small[value];
}

constant constant_bigint(struct constants *t, bool negative, const uint32_t *limbs, uint32_t count)
{
    while (count > 0 && limbs[count - 1] == 0)
        count--;
    if (count <= 2) {
        uint64_t magnitude =
            (count > 0 ? limbs[0] : 0) | (count > 1 ? (uint64_t)limbs[1] << 32 : 0);
        if (magnitude <= INT64_MAX)
            return constant_int(t, negative ? -(int64_t)magnitude : (int64_t)magnitude);
        if (negative && magnitude == (uint64_t)INT64_MAX + 1)
            return constant_int(t, INT64_MIN);
    }
    struct constant probe = {.kind = CONSTANT_BIGINT, .length = count};
    probe.v.big.negative = negative;
    probe.v.big.limbs = limbs;
    return intern(t, &probe, false);
}

constant constant_float(struct constants *t, double value)
{
    return intern(t, &(struct constant){.kind = CONSTANT_FLOAT, .v.number = value}, true);
}

constant constant_complex(struct constants *t, double real, double imag)
{
    struct constant probe = {.kind = CONSTANT_COMPLEX};
    probe.v.complex.real = real;
    probe.v.complex.imag = imag;
    return intern(t, &probe, true);
}

struct constant *constant_add_str(struct constants *t, identifier content)
{
    if (content >= t->strings_of_count) {
        uint32_t count = t->strings->count + t->strings->count / 4 + 64;
        t->strings_of =
            arena_grow(t->arena, t->strings_of, t->strings_of_count * sizeof *t->strings_of,
                       count * sizeof *t->strings_of);
        memset(t->strings_of + t->strings_of_count, 0,
               (count - t->strings_of_count) * sizeof *t->strings_of);
        t->strings_of_count = count;
    }
    struct constant *c = arena_alloc(t->arena, sizeof *c);
    c->kind = CONSTANT_STR;
    c->flags = (content == NAME_empty) * CONSTANT_COMMON;
    c->id = t->count++;
    c->hash = hash_mix(0x2545F491u, content);
    c->length = 0;
    c->v.str = content;
    t->strings_of[content] = c;
    return c;
}

constant constant_name(struct constants *t, identifier name)
{
    struct constant *c = (struct constant *)constant_str(t, name);
    if (!(c->flags & CONSTANT_FROM_LITERAL))
        c->flags |= CONSTANT_FROM_NAME;
    return c;
}

void constant_enter_items(constant c)
{
    if (c->flags & CONSTANT_FROM_NAME)
        return; /* it is there already, without its items */
    for (uint32_t i = 0; i < c->length; i++)
        constant_enter(c->v.items[i]);
}

/* A container of items. */
static constant container(struct constants *t, enum constant_kind kind, const constant *items,
                          size_t count)
{
    if (count > UINT32_MAX / 2)
        unwind_to(t->arena->unwind, UNWIND_NO_MEMORY);
    struct constant probe = {.kind = (uint8_t)kind, .length = (uint32_t)count, .v.items = items};
    return intern(t, &probe, false);
}

/* A hash of the items of a frozenset in whatever order. */
static uint32_t set_hash(constant c)
{
    uint32_t sum = c->length;
    for (uint32_t i = 0; i < c->length; i++)
        sum += hash_mix(0x9E3779B9u, c->v.items[i]->id);
    return sum;
}

/* Empty bytes: all are the first. */
static constant entered_empty_bytes(struct constants *t, constant c)
{
    if (t->entered_empty_bytes == NULL)
        t->entered_empty_bytes = c;
    return t->entered_empty_bytes;
}

void constant_enter_empty_bytes(struct constants *t)
{
    if (t->entered_empty_bytes == NULL)
        t->entered_empty_bytes = constant_bytes(t, "", 0);
}

/* A tuple or frozenset of what its items are when they are entered. */
static constant with_entered_items(struct constants *t, constant c)
{
    constant *items = arena_alloc_array(t->arena, c->length, sizeof *items);
    bool changed = false;
    for (uint32_t i = 0; i < c->length; i++) {
        items[i] = constant_entered(t, c->v.items[i]);
        changed |= items[i] != c->v.items[i];
    }
    return changed ? container(t, c->kind, items, c->length) : c;
}

/* A frozenset: equal ones are the first. */
static constant entered_frozenset(struct constants *t, constant c)
{
    if (c->flags & CONSTANT_ENTERED)
        return c;
    uint32_t hash = set_hash(c), i = hash & t->mask;
    for (; t->slots[i].constant != NULL; i = (i + 1) & t->mask) {
        const struct constant *other = t->slots[i].constant;
        if (t->slots[i].hash == hash && other->flags & CONSTANT_ENTERED && same_set(t, c, other))
            return other;
    }
    constant_mark(c, CONSTANT_ENTERED);
    put(t, (struct constant *)c, hash, i); /* a second time, by its hash as a set */
    return c;
}

constant constant_entered(struct constants *t, constant c)
{
    if (c->kind == CONSTANT_BYTES && c->length == 0)
        return entered_empty_bytes(t, c);
    if (constant_has_items(c) && t->no_bytes != NULL)
        c = with_entered_items(t, c);
    return c->kind == CONSTANT_FROZENSET ? entered_frozenset(t, c) : c;
}

constant constant_bytes(struct constants *t, const char *bytes, size_t length)
{
    if (length > UINT32_MAX / 2)
        unwind_to(t->arena->unwind, UNWIND_NO_MEMORY);
    struct constant probe = {.kind = CONSTANT_BYTES, .length = (uint32_t)length, .v.bytes = bytes};
    return intern(t, &probe, true);
}

/* As `container`, without asking what kinds there are. */
constant constant_tuple(struct constants *t, const constant *items, size_t count)
{
    if (count > UINT32_MAX / 2)
        unwind_to(t->arena->unwind, UNWIND_NO_MEMORY);
    uint32_t length = (uint32_t)count, hash = first_hash(CONSTANT_TUPLE, length);
    bool strings = length != 0;
    for (uint32_t k = 0; k < length; k++) { /* as content_hash does */
        hash = hash_mix(hash, items[k]->id);
        strings &= items[k]->kind == CONSTANT_STR;
    }
    uint32_t i = hash & t->mask;
    for (struct constant *c; (c = t->slots[i].constant) != NULL; i = (i + 1) & t->mask) {
        if (t->slots[i].hash == hash && c->kind == CONSTANT_TUPLE && c->length == length &&
            same_bytes(c->v.items, items, length * sizeof *items))
            return c;
    }
    struct constant probe = {
        .kind = CONSTANT_TUPLE, .strings = strings, .length = length, .v.items = items};
    return add(t, &probe, hash, i, false);
}

/* A record of its own with the value of another. */
static struct constant *unshared(struct constants *t, constant value)
{
    struct constant *c = arena_alloc(t->arena, sizeof *c);
    *c = *value;
    c->flags |= CONSTANT_UNSHARED;
    c->id = t->count++;
    c->hash = hash_mix(c->hash, c->id);
    return c;
}

constant constant_no_bytes(struct constants *t)
{
    if (t->no_bytes == NULL)
        t->no_bytes = unshared(t, constant_bytes(t, "", 0));
    return t->no_bytes;
}

constant constant_tuple_unshared(struct constants *t, const constant *items, size_t count)
{
    return unshared(t, constant_tuple(t, items, count));
}

constant constant_slice(struct constants *t, constant start, constant stop, constant step)
{
    constant items[3] = {start, stop, step};
    return container(t, CONSTANT_SLICE, items, 3);
}

constant constant_code(struct constants *t, struct code *code)
{
    return new_record(t, &(struct constant){.kind = CONSTANT_CODE, .v.code = code},
                      hash_mix(0, t->count));
}

/* An int record with the value of an integral double. */
static constant integral_float(struct constants *t, double value)
{
    if (value >= -0x1p62 && value <= 0x1p62)
        return constant_int(t, (int64_t)value);
    uint64_t w = bits_of(value);
    uint64_t mantissa = (w & ((1ull << 52) - 1)) | 1ull << 52;
    unsigned shift = (unsigned)((w >> 52 & 0x7FF) - 1075);
    uint32_t limbs[36] = {0};
    for (unsigned bit = 0; bit < 53; bit++) {
        if (mantissa >> bit & 1)
            limbs[(bit + shift) / 32] |= 1u << (bit + shift) % 32;
    }
    return constant_bigint(t, value < 0, limbs, 36);
}

/* One record for all values that are == to each other in Python: 1, 1.0, True and 1+0j give 1. */
static constant equality_key(struct constants *t, constant c)
{
    switch ((enum constant_kind)c->kind) {
    case CONSTANT_TRUE: return constant_int(t, 1);
    case CONSTANT_FALSE: return constant_int(t, 0);
    case CONSTANT_FLOAT: {
        double x = c->v.number;
        bool integral = x - x == 0 && (x >= 0x1p53 || x <= -0x1p53 || x == (double)(int64_t)x);
        return integral ? integral_float(t, x) : c;
    }
    case CONSTANT_COMPLEX:
        if (c->v.complex.imag == 0)
            return equality_key(t, constant_float(t, c->v.complex.real));
        if (c->v.complex.real == 0)
            return constant_complex(t, 0.0, c->v.complex.imag);
        return c;
    case CONSTANT_BYTES: return c->length == 0 ? constant_bytes(t, "", 0) : c;
    case CONSTANT_TUPLE: {
        if (c->length == 0)
            return c;
        constant *items = arena_alloc_array(t->arena, c->length, sizeof *items);
        for (uint32_t i = 0; i < c->length; i++)
            items[i] = equality_key(t, c->v.items[i]);
        return constant_tuple(t, items, c->length);
    }
    default: return c;
    }
}

/* The items without those that are equal to one before them; *count becomes how many. */
static const constant *without_repeated(struct constants *t, const constant *items, size_t *count)
{
    size_t size = 16, all = *count;
    while (size < 2 * all)
        size *= 2;
    constant *seen = arena_alloc_array(t->arena, size, sizeof *seen);
    memset(seen, 0, size * sizeof *seen);
    constant *kept = arena_alloc_array(t->arena, all, sizeof *kept);
    size_t n = 0;
    for (size_t i = 0; i < all; i++) {
        constant key = equality_key(t, items[i]);
        size_t slot = key->hash & (size - 1);
        while (seen[slot] != NULL && seen[slot] != key)
            slot = (slot + 1) & (size - 1);
        if (seen[slot] == key)
            continue;
        seen[slot] = key;
        kept[n++] = items[i];
    }
    *count = n;
    return kept;
}

constant constant_frozenset(struct constants *t, const constant *items, size_t count)
{
    const constant *kept = without_repeated(t, items, &count);
    return container(t, CONSTANT_FROZENSET, kept, count);
}

constant constant_frozenset_unshared(struct constants *t, const constant *items, size_t count)
{
    const constant *kept = without_repeated(t, items, &count);
    struct constant *c = unshared(t, container(t, CONSTANT_FROZENSET, kept, count));
    c->v.items = kept;
    return c;
}

bool constant_is_true(struct constants *t, constant c)
{
    switch ((enum constant_kind)c->kind) {
    case CONSTANT_NONE:
    case CONSTANT_FALSE: return false;
    case CONSTANT_INT: return c->v.integer != 0;
    case CONSTANT_FLOAT: return c->v.number != 0;
    case CONSTANT_COMPLEX: return c->v.complex.real != 0 || c->v.complex.imag != 0;
    case CONSTANT_STR: return strings_get(t->strings, c->v.str)->length != 0;
    case CONSTANT_BYTES:
    case CONSTANT_TUPLE:
    case CONSTANT_FROZENSET: return c->length != 0;
    default: return true;
    }
}
