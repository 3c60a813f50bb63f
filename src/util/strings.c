/* See strings.h. The fixed names are entered first, in order, so that their numbers are the enumerators. */
#include "util/strings.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *text;
    uint32_t length;
} fixed_names[] = {
    {"", 0},
#define NAME(symbol, text) {text, sizeof text - 1},
#include "util/names.def"
#undef NAME
};

uint32_t strings_hash(const char *bytes, size_t length)
{
    uint64_t h = 0x9E3779B97F4A7C15u ^ (length * 0xFF51AFD7ED558CCDu), w;
    while (length >= 8) {
        memcpy(&w, bytes, 8);
        h = (h ^ w) * 0x9FB21C651E98DF25u;
        h ^= h >> 32;
        bytes += 8;
        length -= 8;
    }
    w = 0;
    for (size_t i = 0; i < length; i++)
        w |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    h = (h ^ w) * 0x9FB21C651E98DF25u;
    return (uint32_t)(h >> 32);
}

/* The flags that follow from the content. */
static uint32_t content_flags(const char *bytes, size_t length)
{
    uint32_t flags = STRING_ASCII | STRING_NAME_CHARS;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c >= 0x80)
            return 0;
        if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && !(c >= '0' && c <= '9') && c != '_')
            flags &= ~(uint32_t)STRING_NAME_CHARS;
    }
    return flags;
}

/* Double the slot table. */
static void grow_slots(struct strings *t)
{
    uint32_t mask = t->mask * 2 + 1;
    uint32_t *slots = arena_zalloc(t->arena, ((size_t)mask + 1) * sizeof *slots);
    for (uint32_t id = 1; id < t->count; id++) {
        uint32_t i = t->items[id].hash & mask;
        while (slots[i] != 0)
            i = (i + 1) & mask;
        slots[i] = id;
    }
    t->slots = slots;
    t->mask = mask;
}

/* The slot of a string, or the free slot where it belongs. */
static inline uint32_t find_slot(const struct strings *t, const char *bytes, size_t length, uint32_t hash)
{
    uint32_t i = hash & t->mask;
    while (t->slots[i] != 0) {
        const struct string *s = &t->items[t->slots[i]];
        if (s->hash == hash && s->length == length && memcmp(s->bytes, bytes, length) == 0)
            break;
        i = (i + 1) & t->mask;
    }
    return i;
}

/* Enter a new string into a free slot. */
static identifier add(struct strings *t, uint32_t slot, const char *bytes, size_t length, uint32_t hash)
{
    if (length > UINT32_MAX / 2 || t->count > UINT32_MAX / 4)
        unwind_to(t->arena->unwind, UNWIND_NO_MEMORY);
    if (t->count == t->capacity) {
        t->items = arena_grow(t->arena, t->items, t->capacity * sizeof *t->items,
                              2 * (size_t)t->capacity * sizeof *t->items);
        t->capacity *= 2;
    }
    identifier id = t->count++;
    t->items[id] = (struct string){bytes, (uint32_t)length, hash, content_flags(bytes, length)};
    t->slots[slot] = id;
    if (t->count > t->mask / 2)
        grow_slots(t);
    return id;
}

identifier strings_intern_hashed(struct strings *t, const char *bytes, size_t length, uint32_t hash)
{
    uint32_t i = find_slot(t, bytes, length, hash);
    return t->slots[i] != 0 ? t->slots[i] : add(t, i, bytes, length, hash);
}

identifier strings_intern(struct strings *t, const char *bytes, size_t length)
{
    return strings_intern_hashed(t, bytes, length, strings_hash(bytes, length));
}

identifier strings_intern_literal(struct strings *t, const char *text)
{
    return strings_intern(t, text, strlen(text));
}

identifier strings_intern_copy(struct strings *t, const char *bytes, size_t length)
{
    uint32_t hash = strings_hash(bytes, length);
    uint32_t i = find_slot(t, bytes, length, hash);
    return t->slots[i] != 0 ? t->slots[i] : add(t, i, arena_copy(t->arena, bytes, length), length, hash);
}

identifier strings_intern_printf(struct strings *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        unwind_to(t->arena->unwind, UNWIND_NO_MEMORY);
    char *p = arena_alloc(t->arena, (size_t)n + 1);
    va_start(args, format);
    vsnprintf(p, (size_t)n + 1, format, args);
    va_end(args);
    return strings_intern(t, p, (size_t)n);
}

void strings_init(struct strings *t, struct arena *arena)
{
    *t = (struct strings){.arena = arena, .capacity = 512, .mask = 1023};
    t->items = arena_alloc_array(arena, t->capacity, sizeof *t->items);
    t->items[0] = (struct string){.bytes = ""};
    t->slots = arena_zalloc(arena, ((size_t)t->mask + 1) * sizeof *t->slots);
    t->count = 1;
    for (int i = 1; i < NAME_FIXED_COUNT; i++)
        strings_intern(t, fixed_names[i].text, fixed_names[i].length);
}
