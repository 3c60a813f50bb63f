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

/* Mix the next 8 bytes into a hash. */
static inline uint64_t hash_word(uint64_t h, uint64_t w)
{
    h = (h ^ w) * 0x9FB21C651E98DF25u;
    return h ^ h >> 32;
}

/* The hash before any bytes. */
static inline uint64_t hash_start(size_t length)
{
    return 0x9E3779B97F4A7C15u ^ (length * 0xFF51AFD7ED558CCDu);
}

/* 8 bytes as they lie in memory. */
static inline uint64_t load_word(const char *bytes)
{
    uint64_t w;
    memcpy(&w, bytes, sizeof w);
    return w;
}

/* Fewer than 8 bytes, as they lie in memory, with zeros behind. */
static inline uint64_t load_tail(const char *bytes, size_t length)
{
    char padded[8] = {0};
    for (size_t i = 0; i < length; i++)
        padded[i] = bytes[i];
    return load_word(padded);
}

/* The first bytes of a text as struct string keeps them. */
static inline uint64_t prefix_of(const char *bytes, size_t length)
{
    return length >= 8 ? load_word(bytes) : load_tail(bytes, length);
}

uint32_t strings_hash(const char *bytes, size_t length)
{
    uint64_t h = hash_start(length);
    for (; length >= 8; length -= 8, bytes += 8)
        h = hash_word(h, load_word(bytes));
    return (uint32_t)hash_word(h, load_tail(bytes, length));
}

/* The flags that follow from the content. */
static uint32_t content_flags(const char *bytes, size_t length)
{
    size_t i = 0;
    uint32_t flags = STRING_ASCII | STRING_NAME_CHARS;
    for (; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && !(c >= '0' && c <= '9') && c != '_') {
            flags = STRING_ASCII;
            break;
        }
    }
    for (; i + 8 <= length; i += 8) {
        if (load_word(bytes + i) & 0x8080808080808080u)
            return 0;
    }
    for (; i < length; i++) {
        if ((unsigned char)bytes[i] >= 0x80)
            return 0;
    }
    return flags;
}

/* Double the slot table. */
static void grow_slots(struct strings *t)
{
    uint32_t mask = t->mask * 2 + 1;
    struct string_slot *slots = arena_zalloc(t->arena, ((size_t)mask + 1) * sizeof *slots);
    for (uint32_t j = 0; j <= t->mask; j++) {
        if (t->slots[j].id == 0)
            continue;
        uint32_t i = t->slots[j].hash & mask;
        while (slots[i].id != 0)
            i = (i + 1) & mask;
        slots[i] = t->slots[j];
    }
    t->slots = slots;
    t->mask = mask;
}

/* The slot of a string, or the free slot where it belongs. */
static inline uint32_t find_slot(const struct strings *t, const char *bytes, size_t length, uint32_t hash, uint64_t prefix)
{
    uint32_t i = hash & t->mask;
    for (; t->slots[i].id != 0; i = (i + 1) & t->mask) {
        if (t->slots[i].hash != hash)
            continue;
        const struct string *s = &t->items[t->slots[i].id];
        if (s->prefix == prefix && s->length == length && (length <= 8 || memcmp(s->bytes + 8, bytes + 8, length - 8) == 0))
            break;
    }
    return i;
}

/* Enter a new string into a free slot. */
static identifier add(struct strings *t, uint32_t slot, const char *bytes, size_t length, uint32_t hash, uint64_t prefix,
                      uint32_t flags)
{
    if (length > UINT32_MAX / 2 || t->count > UINT32_MAX / 4)
        unwind_to(t->arena->unwind, UNWIND_NO_MEMORY);
    if (t->count == t->capacity) {
        t->items = arena_grow(t->arena, t->items, t->capacity * sizeof *t->items,
                              2 * (size_t)t->capacity * sizeof *t->items);
        t->capacity *= 2;
    }
    identifier id = t->count++;
    t->items[id] = (struct string){bytes, (uint32_t)length, hash, flags, prefix};
    t->slots[slot] = (struct string_slot){hash, id};
    if (t->count > t->mask / 2)
        grow_slots(t);
    return id;
}

identifier strings_intern_name(struct strings *t, const char *bytes, size_t length)
{
    const char *s = bytes;
    size_t rest = length;
    uint64_t h = hash_start(length), prefix = 0;
    for (; rest >= 8; rest -= 8, s += 8)
        h = hash_word(h, load_word(s));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t tail = load_word(s) & (((uint64_t)1 << 8 * rest) - 1);
#else
    uint64_t tail = load_tail(s, rest);
#endif
    uint32_t hash = (uint32_t)hash_word(h, tail);
    prefix = length >= 8 ? load_word(bytes) : tail;
    uint32_t i = find_slot(t, bytes, length, hash, prefix);
    if (t->slots[i].id != 0) {
        strings_mark_name(t, t->slots[i].id);
        return t->slots[i].id;
    }
    return add(t, i, bytes, length, hash, prefix, STRING_ASCII | STRING_NAME_CHARS | STRING_IS_NAME);
}

/* Intern a text; `copy`: its bytes do not last. */
static identifier intern(struct strings *t, const char *bytes, size_t length, bool copy)
{
    uint32_t hash = strings_hash(bytes, length);
    uint64_t prefix = prefix_of(bytes, length);
    uint32_t i = find_slot(t, bytes, length, hash, prefix);
    if (t->slots[i].id != 0)
        return t->slots[i].id;
    if (copy)
        bytes = arena_copy(t->arena, bytes, length);
    return add(t, i, bytes, length, hash, prefix, content_flags(bytes, length));
}

identifier strings_intern(struct strings *t, const char *bytes, size_t length)
{
    return intern(t, bytes, length, false);
}

identifier strings_intern_literal(struct strings *t, const char *text)
{
    return strings_intern(t, text, strlen(text));
}

identifier strings_intern_copy(struct strings *t, const char *bytes, size_t length)
{
    return intern(t, bytes, length, true);
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
