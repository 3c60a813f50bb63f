/* See strings.h. The fixed names are entered first, in order, so that their numbers are the
 * enumerators. */
#include "util/strings.h"

static const struct {
    const char *text;
    uint32_t length;
} fixed_names[] = {
    {"", 0},
#define NAME(symbol, text) {text, sizeof text - 1},
#include "util/names.def"
#undef NAME
};

/* 8 bytes as they lie in memory. */
static inline uint64_t load_word(const char *bytes)
{
    uint64_t w;
    memcpy(&w, bytes, sizeof w);
    return w;
}

/* Fewer than 8 bytes, as they lie in memory, with zeros behind. */
static inline uint64_t load_short(const char *bytes, size_t length)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (length >= 4) {
        uint32_t first, last;
        memcpy(&first, bytes, sizeof first);
        memcpy(&last, bytes + length - 4, sizeof last);
        return first | (uint64_t)last << 8 * (length - 4);
    }
    const unsigned char *b = (const unsigned char *)bytes;
    return length == 0 ? 0
                       : b[0] | (uint64_t)b[length / 2] << 8 * (length / 2) |
                             (uint64_t)b[length - 1] << 8 * (length - 1);
#else
    char padded[8] = {0};
    memcpy(padded, bytes, length);
    return load_word(padded);
#endif
}

/* The first 16 bytes of a text as struct string keeps them. */
static inline void load_prefix(const char *bytes, size_t length, uint64_t prefix[2])
{
    prefix[0] = length >= 8 ? load_word(bytes) : load_short(bytes, length);
    prefix[1] = length >= 16 ? load_word(bytes + 8)
                : length > 8 ? load_short(bytes + 8, length - 8)
                             : 0;
}

/* The first `length` of 16 bytes have all bits, the others none; all have if it is more. Two words
 * are loaded, since compilers pass one of 16 bytes on by way of memory. */
static inline void load_mask(size_t length, uint64_t mask[2])
{
    static const uint8_t masks[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                      255, 255, 255, 255, 255, 255, 255, 255};
    const uint8_t *at = masks + (length < 16 ? 16 - length : 0);
    memcpy(&mask[0], at, 8);
    memcpy(&mask[1], at + 8, 8);
}

/* load_prefix where 16 bytes can be read, however long the text is. */
static inline void load_open_prefix(const char *bytes, size_t length, uint64_t prefix[2])
{
    uint64_t mask[2];
    load_mask(length, mask);
    prefix[0] = load_word(bytes) & mask[0];
    prefix[1] = load_word(bytes + 8) & mask[1];
}

/* Mix 16 bytes into a hash. */
static inline uint64_t hash_words(uint64_t h, const char *bytes)
{
    h = (h ^ load_word(bytes)) * 0x9FB21C651E98DF25u;
    h ^= h >> 32;
    h = (h ^ load_word(bytes + 8)) * 0x9FB21C651E98DF25u;
    return h ^ h >> 32;
}

/* The hash of a text whose prefix is known. */
static inline uint32_t hash_text(const char *bytes, size_t length, const uint64_t prefix[2])
{
    uint32_t first = strings_hash_words(prefix);
    if (length <= 16)
        return first;
    uint64_t h = first ^ length;
    for (size_t i = 16; i + 16 < length; i += 16)
        h = hash_words(h, bytes + i);
    return (uint32_t)hash_words(h, bytes + length - 16);
}

uint32_t strings_hash(const char *bytes, size_t length)
{
    uint64_t prefix[2];
    load_prefix(bytes, length, prefix);
    return hash_text(bytes, length, prefix);
}

#define EACH_BYTE(c) ((c)*UINT64_C(0x0101010101010101))

/* 0x80 for each byte of a word in ASCII that is one of [A-Za-z0-9_], 0 for the others. */
static inline uint64_t name_bytes(uint64_t w)
{
    uint64_t lower = w | EACH_BYTE(0x20);
    uint64_t letters = (lower + EACH_BYTE(0x80 - 'a')) & ~(lower + EACH_BYTE(0x7F - 'z'));
    uint64_t digits = (w + EACH_BYTE(0x80 - '0')) & ~(w + EACH_BYTE(0x7F - '9'));
    uint64_t underscores = EACH_BYTE(0x80) - (w ^ EACH_BYTE('_'));
    return (letters | digits | underscores) & EACH_BYTE(0x80);
}

/* Is every byte of a text below 0x80? */
static bool is_ascii(const char *bytes, size_t length, const uint64_t prefix[2])
{
    uint64_t all = prefix[0] | prefix[1];
    for (size_t i = 16; i + 8 <= length; i += 8)
        all |= load_word(bytes + i);
    if (length > 16)
        all |= load_word(bytes + length - 8);
    return (all & EACH_BYTE(0x80)) == 0;
}

/* Is every byte of a text in ASCII, whose first 8 are, one of [A-Za-z0-9_]? */
static bool has_name_bytes(const char *bytes, size_t length, const uint64_t used[2],
                           const uint64_t prefix[2])
{
    if (used[1] & ~name_bytes(prefix[1]) & EACH_BYTE(0x80))
        return false;
    if (length <= 16)
        return true;
    for (size_t i = 16; i + 8 <= length; i += 8) {
        if (name_bytes(load_word(bytes + i)) != EACH_BYTE(0x80))
            return false;
    }
    return name_bytes(load_word(bytes + length - 8)) == EACH_BYTE(0x80);
}

/* The flags that follow from the content; `ascii`: known to be in ASCII. */
static inline uint32_t content_flags(const char *bytes, size_t length, const uint64_t prefix[2],
                                     bool ascii)
{
    if (!ascii && !is_ascii(bytes, length, prefix))
        return 0;
    uint64_t used[2];
    load_mask(length, used);
    if (used[0] & ~name_bytes(prefix[0]) & EACH_BYTE(0x80))
        return STRING_ASCII;
    if (length > 8 && !has_name_bytes(bytes, length, used, prefix))
        return STRING_ASCII;
    return STRING_ASCII | STRING_NAME_CHARS;
}

/* The free slot where a string belongs that is not in the table. */
static inline uint32_t free_slot(const struct strings *t, uint32_t hash)
{
    uint32_t i = hash >> t->shift;
    while (t->slots[i] != 0)
        i = (i + 1) & t->mask;
    return i;
}

/* Make a slot table for that many strings; enter those that there are. It is mostly empty, so that
 * a string is mostly where its hash says or not there at all. */
static void make_slots(struct strings *t, uint32_t count)
{
    enum { SLOTS_A_STRING = 4, LEAST_BITS = 11, MOST_BITS = 31 };
    uint32_t bits = LEAST_BITS;
    while (bits < MOST_BITS && UINT64_C(1) << bits < (uint64_t)count * SLOTS_A_STRING)
        bits++;
    t->slots = arena_zalloc(t->arena, sizeof *t->slots << bits);
    t->mask = (1u << bits) - 1;
    t->shift = 32 - bits;
    for (identifier id = 1; id < t->count; id++) {
        const struct string *s = &t->items[id];
        t->slots[free_slot(t, hash_text(s->bytes, s->length, s->prefix))] = id;
    }
}

/* Make room for twice as many strings. */
static void grow(struct strings *t)
{
    size_t size = t->capacity * sizeof *t->items;
    t->items = arena_grow(t->arena, t->items, size, 2 * size);
    t->capacity *= 2;
    if (t->capacity > t->mask / 2)
        make_slots(t, t->capacity);
}

/* The slot of a string, or the free slot where it belongs. */
static inline uint32_t find_slot(const struct strings *t, const char *bytes, size_t length,
                                 uint32_t hash, const uint64_t prefix[2])
{
    uint32_t i = hash >> t->shift;
    for (; t->slots[i] != 0; i = (i + 1) & t->mask) {
        const struct string *s = &t->items[t->slots[i]];
        if (s->prefix[0] == prefix[0] && s->prefix[1] == prefix[1] && s->length == length &&
            (length <= 16 || memcmp(s->bytes + 16, bytes + 16, length - 16) == 0))
            break;
    }
    return i;
}

/* Does a text end with two underscores? */
static inline bool ends_dunder(const char *bytes, size_t length)
{
    return bytes[length - 1] == '_' && bytes[length - 2] == '_';
}

/* Enter a new string into a free slot. */
static inline identifier add(struct strings *t, uint32_t slot, const char *bytes, size_t length,
                             const uint64_t prefix[2], uint32_t flags)
{
    if (length > UINT32_MAX / 2 || t->count >= IDENTIFIER_LIMIT)
        unwind_to(t->arena->unwind, UNWIND_NO_MEMORY);
    identifier id = t->count++;
    t->items[id] = (struct string){bytes, (uint32_t)length, flags, {prefix[0], prefix[1]}};
    t->slots[slot] = id;
    if (memcmp(prefix, "__", 2) == 0)
        t->has_private |= !ends_dunder(bytes, length);
    if (t->count == t->capacity)
        grow(t);
    return id;
}

/* Enter a new name of at most 16 bytes into a free slot. */
__attribute__((noinline)) static identifier add_short_name(struct strings *t, uint32_t slot,
                                                           const char *bytes, size_t length,
                                                           const uint64_t words[2])
{
    return add(t, slot, bytes, length, words, STRING_ASCII | STRING_NAME_CHARS | STRING_ONE_NAME);
}

identifier strings_intern_words_slow(struct strings *t, const char *bytes, size_t length,
                                     const uint64_t words[2])
{
    for (uint32_t i = strings_hash_words(words) >> t->shift;; i = (i + 1) & t->mask) {
        identifier id = t->slots[i];
        if (id == 0)
            return add_short_name(t, i, bytes, length, words);
        struct string *s = &t->items[id];
        if (s->prefix[0] == words[0] && s->prefix[1] == words[1] && s->length == length) {
            s->flags += STRING_ONE_NAME;
            return id;
        }
    }
}

identifier strings_intern_name(struct strings *t, const char *bytes, size_t length)
{
    uint64_t prefix[2];
    load_prefix(bytes, length, prefix);
    uint32_t hash = hash_text(bytes, length, prefix);
    uint32_t i = find_slot(t, bytes, length, hash, prefix);
    if (t->slots[i] == 0)
        return add(t, i, bytes, length, prefix, STRING_ASCII | STRING_NAME_CHARS | STRING_ONE_NAME);
    strings_mark_name(t, t->slots[i]);
    return t->slots[i];
}

/* Intern a text; `copy`: its bytes do not last. */
static identifier intern(struct strings *t, const char *bytes, size_t length, bool copy)
{
    uint64_t prefix[2];
    load_prefix(bytes, length, prefix);
    uint32_t hash = hash_text(bytes, length, prefix);
    uint32_t i = find_slot(t, bytes, length, hash, prefix);
    if (t->slots[i] != 0)
        return t->slots[i];
    if (copy)
        bytes = arena_copy(t->arena, bytes, length);
    return add(t, i, bytes, length, prefix, content_flags(bytes, length, prefix, false));
}

identifier strings_intern_text(struct strings *t, const char *bytes, size_t length, bool ascii)
{
    uint64_t prefix[2];
    load_open_prefix(bytes, length, prefix);
    uint32_t hash = hash_text(bytes, length, prefix);
    uint32_t i = find_slot(t, bytes, length, hash, prefix);
    if (t->slots[i] != 0)
        return t->slots[i];
    return add(t, i, bytes, length, prefix, content_flags(bytes, length, prefix, ascii));
}

identifier strings_intern(struct strings *t, const char *bytes, size_t length)
{
    return intern(t, bytes, length, false);
}

/* Write a string where 16 bytes more than it has may be written: most have no more than those. */
static inline void put_string(char *to, const struct string *s)
{
    memcpy(to, s->prefix, sizeof s->prefix);
    if (s->length > sizeof s->prefix)
        memcpy(to + sizeof s->prefix, s->bytes + sizeof s->prefix, s->length - sizeof s->prefix);
}

identifier strings_intern_joined(struct strings *t, identifier first, const char middle[16],
                                 size_t middle_length, identifier last)
{
    const struct string *f = &t->items[first], *l = &t->items[last];
    size_t length = f->length + middle_length + l->length;
    char *text = arena_alloc(t->arena, length + 16);
    put_string(text, f);
    memcpy(text + f->length, middle, 16);
    put_string(text + f->length + middle_length, l);
    uint64_t prefix[2];
    load_open_prefix(text, length, prefix);
    uint32_t hash = hash_text(text, length, prefix);
    uint32_t i = find_slot(t, text, length, hash, prefix);
    if (t->slots[i] != 0)
        return t->slots[i];
    return add(t, i, text, length, prefix, f->flags & l->flags & STRING_ASCII);
}

identifier strings_intern_literal(struct strings *t, const char *text)
{
    return strings_intern(t, text, strlen(text));
}

identifier strings_intern_copy(struct strings *t, const char *bytes, size_t length)
{
    return intern(t, bytes, length, true);
}

/* What every table starts with. */
static void make_start(struct strings_start *start)
{
    start->items[0] = (struct string){.bytes = ""};
    for (int i = 1; i < NAME_FIXED_COUNT; i++) {
        const char *text = fixed_names[i].text;
        struct string *s = &start->items[i];
        *s = (struct string){.bytes = text, .length = fixed_names[i].length};
        load_prefix(text, s->length, s->prefix);
        s->flags = content_flags(text, s->length, s->prefix, false);
    }
    start->made = true;
}

void strings_init_from(struct strings *t, struct arena *arena, struct strings_start *start,
                       size_t expected)
{
    enum { MOST = 1 << 14 }; /* what a guess may cost */
    if (!start->made)
        make_start(start);
    *t = (struct strings){.arena = arena, .count = NAME_FIXED_COUNT};
    t->capacity = 2 * NAME_FIXED_COUNT + (uint32_t)(expected < MOST ? expected : MOST);
    t->items = arena_alloc_array(arena, t->capacity, sizeof *t->items);
    memcpy(t->items, start->items, sizeof start->items);
    make_slots(t, t->capacity);
}

void strings_init(struct strings *t, struct arena *arena)
{
    struct strings_start start = {.made = false};
    strings_init_from(t, arena, &start, 0);
}
