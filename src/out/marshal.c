/* Writes a code object in CPython's marshal format, with the reference flags of CPython.
 *
 * CPython decides by identity and reference counts which objects get a number and are written once.
 * Here identity is computed from dense ids: interned strings by identifier, other strings, numbers
 * and tuples by identifier or constant id, tuples of names and byte strings by content. Everything
 * is written in one pass. Each object that is or may turn out to be flagged becomes a *candidate*
 * when first written; a reference is written with the candidate's index. At the end it is known
 * which candidates carry the flag; they are numbered in order, the flags are set and the references
 * patched.
 *
 * Identity rules that are not a matter of content:
 * - A dotted class qualname is both a constant of the class body and its co_qualname. They are one
 * object for the first class with that name, if no other constant with that text came before.
 * - A frozenset with an item that the interpreter had interned before is an object of its own in
 * each code object.
 * - To 3.12 a co_qualname that differs from co_name is an object of its own.
 *
 * Answers to Python/marshal.c (w_object, w_complex_object), and to merge_const_one, _PyCode_New and
 * intern_constants.
 */
#include "out/out.h"

#include "out/marshal_writer.h"
#include "util/copy.h"

enum {
    TYPE_NONE = 'N',
    TYPE_TRUE = 'T',
    TYPE_FALSE = 'F',
    TYPE_ELLIPSIS = '.',
    TYPE_INT = 'i',
    TYPE_LONG = 'l',
    TYPE_FLOAT = 'g',
    TYPE_COMPLEX = 'y',
    TYPE_BYTES = 's',
    TYPE_UTF8 = 'u',
    TYPE_UTF8_INTERNED = 't',
    TYPE_ASCII = 'a',
    TYPE_ASCII_INTERNED = 'A',
    TYPE_SHORT_ASCII = 'z',
    TYPE_SHORT_ASCII_INTERNED = 'Z',
    TYPE_TUPLE = '(',
    TYPE_SMALL_TUPLE = ')',
    TYPE_FROZENSET = '>',
    TYPE_SLICE = ':',
    TYPE_CODE = 'c',
    TYPE_REF = 'r',
    FLAG_REF = 0x80,
    DEPTH_MAX = 2000, /* MAX_MARSHAL_STACK_DEPTH */
    CO_OPTIMIZED = 1,
};

/* How an object stands with the reference flag. */
enum flagging {
    IF_SHARED, /* flagged when written more than once */
    ALWAYS,    /* flagged in any case, where flags are exact */
};

static void write_constant(struct marshal_writer *w, constant c, enum flagging flagging);
static void write_code(struct marshal_writer *w, const struct code *code);

/* Keeps what is rare out of the functions that are called for each object. */
#define OUT_OF_LINE __attribute__((noinline))

OUT_OF_LINE static void grow_output(struct marshal_writer *w, size_t n)
{
    w->out->length = (size_t)(w->next - w->out->bytes);
    w->next = buffer_reserve(w->out, n);
    w->limit = w->out->bytes + w->out->capacity;
}

OUT_OF_LINE static void grow_candidates(struct marshal_writer *w)
{
    array_reserve(w->arena, &w->candidates, 1);
}

OUT_OF_LINE static void grow_patches(struct marshal_writer *w, uint32_t n)
{
    array_reserve(w->arena, &w->patches, n);
}

/* Room for `n` bytes. */
static inline void ensure(struct marshal_writer *w, size_t n)
{
    if (n > (size_t)(w->limit - w->next))
        grow_output(w, n);
}

/* A byte, into room that is there. */
static inline void put(struct marshal_writer *w, int byte)
{
    *w->next++ = (uint8_t)byte;
}

/* Store a 32-bit word, least significant byte first; returns what is behind it. */
static inline uint8_t *store32(uint8_t *to, uint32_t v)
{
    to[0] = (uint8_t)v;
    to[1] = (uint8_t)(v >> 8);
    to[2] = (uint8_t)(v >> 16);
    to[3] = (uint8_t)(v >> 24);
    return to + 4;
}

/* The 32-bit word that is stored there. */
static inline uint32_t load32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* A 32-bit word, into room that is there. */
static inline void put32(struct marshal_writer *w, uint32_t v)
{
    w->next = store32(w->next, v);
}

/* A type and a 32-bit word, into room that is there. */
static inline void put_type32(struct marshal_writer *w, int type, uint32_t v)
{
    uint8_t *to = w->next;
    to[0] = (uint8_t)type;
    w->next = store32(to + 1, v);
}

/* A type and a byte, into room that is there. */
static inline void put_type8(struct marshal_writer *w, int type, uint32_t v)
{
    uint8_t *to = w->next;
    to[0] = (uint8_t)type;
    to[1] = (uint8_t)v;
    w->next = to + 2;
}

/* A new candidate for the object that starts at the next byte; its index plus 1. */
static inline uint32_t add_candidate(struct marshal_writer *w, enum flagging flagging)
{
    uint64_t position = (uint64_t)(w->next - w->out->bytes);
    bool flagged = flagging == ALWAYS && w->exact;
    if (w->candidates.count == w->candidates.capacity)
        grow_candidates(w);
    w->candidates.items[w->candidates.count++] = position << 2 | flagged;
    return w->candidates.count;
}

/* A reference to a candidate, into room that is there. */
static inline void put_reference(struct marshal_writer *w, uint32_t candidate)
{
    w->patches.items[w->patches.count++] = (uint64_t)(w->next + 1 - w->out->bytes);
    put_type32(w, TYPE_REF, candidate - 1);
}

/* The same when there may be no room. */
OUT_OF_LINE static void write_reference_slow(struct marshal_writer *w, uint32_t candidate)
{
    ensure(w, 5);
    grow_patches(w, 1);
    put_reference(w, candidate);
}

/* A reference to a candidate, by its index plus 1. */
static inline void write_reference(struct marshal_writer *w, uint32_t candidate)
{
    if (w->limit - w->next < 5 || w->patches.count == w->patches.capacity)
        write_reference_slow(w, candidate);
    else
        put_reference(w, candidate);
}

/* A reference to a candidate that may not be flagged yet. */
static void write_shared_reference(struct marshal_writer *w, uint32_t candidate)
{
    w->candidates.items[candidate - 1] |= CANDIDATE_FLAGGED | CANDIDATE_SHARED;
    write_reference(w, candidate);
}

/* If the object of `slot` was written before, write a reference to it and say so; else note that it
 * starts here. */
static inline bool written_before(struct marshal_writer *w, uint32_t *slot, enum flagging flagging)
{
    if (*slot == 0) {
        *slot = add_candidate(w, flagging);
        return false;
    }
    write_shared_reference(w, *slot);
    return true;
}

/* The text of a string of any kind. */
OUT_OF_LINE static void put_any_string(struct marshal_writer *w, const struct string *s,
                                       bool interned)
{
    ensure(w, (size_t)s->length + 5);
    if (!(s->flags & STRING_ASCII))
        put_type32(w, interned ? TYPE_UTF8_INTERNED : TYPE_UTF8, s->length);
    else if (s->length < 256)
        put_type8(w, interned ? TYPE_SHORT_ASCII_INTERNED : TYPE_SHORT_ASCII, s->length);
    else
        put_type32(w, interned ? TYPE_ASCII_INTERNED : TYPE_ASCII, s->length);
    memcpy(w->next, s->bytes, s->length);
    w->next += s->length;
}

/* The text of a string. The most frequent kind is all in its prefix. */
static inline void put_string(struct marshal_writer *w, const struct string *s, bool interned)
{
    if (!(s->flags & STRING_ASCII) || s->length > sizeof s->prefix ||
        (size_t)(w->limit - w->next) < 2 + sizeof s->prefix) {
        put_any_string(w, s, interned);
        return;
    }
    put_type8(w, interned ? TYPE_SHORT_ASCII_INTERNED : TYPE_SHORT_ASCII, s->length);
    memcpy(w->next, s->prefix, sizeof s->prefix);
    w->next += s->length;
}

/* An interned string that was not written before. */
OUT_OF_LINE static void write_first_interned(struct marshal_writer *w, identifier id)
{
    w->interned[id] = add_candidate(w, ALWAYS);
    put_string(w, strings_get(w->strings, id), true);
}

/* An interned string. */
static void write_interned(struct marshal_writer *w, identifier id)
{
    uint32_t candidate = w->interned[id];
    if (candidate == 0)
        write_first_interned(w, id);
    else if (w->exact) /* flagged since it was first written */
        write_reference(w, candidate);
    else
        write_shared_reference(w, candidate);
}

/* References to as many of `count` interned strings as were written before; returns how many. */
static uint32_t write_name_references(struct marshal_writer *w, const identifier *names,
                                      uint32_t count)
{
    ensure(w, 5 * (size_t)count);
    if (count > w->patches.capacity - w->patches.count)
        grow_patches(w, count);
    const uint32_t *interned = w->interned;
    const uint8_t *start = w->out->bytes;
    uint64_t *candidates = w->candidates.items, *patch = w->patches.items + w->patches.count;
    uint64_t flags = w->exact ? 0 : CANDIDATE_FLAGGED | CANDIDATE_SHARED; /* or they are there */
    uint8_t *to = w->next;
    uint32_t i = 0;
    for (uint32_t candidate; i < count && (candidate = interned[names[i]]) != 0; i++) {
        candidates[candidate - 1] |= flags;
        *to++ = TYPE_REF;
        *patch++ = (uint64_t)(to - start);
        to = store32(to, candidate - 1);
    }
    w->patches.count += i;
    w->next = to;
    return i;
}

/* Interned strings. */
static void write_interned_names(struct marshal_writer *w, const identifier *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        i += write_name_references(w, names + i, count - i);
        if (i == count)
            break;
        write_first_interned(w, names[i]);
    }
}

/* Is it one character of latin-1, a singleton? */
static inline bool is_one_latin1(const struct string *s)
{
    return s->length == 1 || (s->length == 2 && ((uint8_t)s->bytes[0] & 0xFE) == 0xC2);
}

/* Is the one-character string interned, in a fresh process or as a name of the source? */
static bool is_interned_character(const struct marshal_writer *w, const struct string *s)
{
    return w->rules->interns_code_names || strings_is_name(s) ||
           (s->length == 1 && s->bytes[0] != '\0' &&
            strchr(w->rules->interned_characters, s->bytes[0]) != NULL);
}

/* Is a string constant interned as the qualname of a class? */
static bool is_interned_qualname(const struct marshal_writer *w, constant c)
{
    const struct string *s = strings_get(w->strings, c->v.str);
    return w->rules->interns_code_names && c->flags & CONSTANT_INTERNED_QUALNAME &&
           !is_known_name(w->rules->known_names, s->bytes, s->length);
}

/* Is an item of a constant interned with the names of a code object? */
static bool has_interned_items(constant container)
{
    return container != NULL && container->kind == CONSTANT_TUPLE &&
           (container->flags & (CONSTANT_FROM_NAME | CONSTANT_UNSHARED)) == CONSTANT_FROM_NAME;
}

/* A string constant. */
static void write_string_constant(struct marshal_writer *w, constant c, enum flagging flagging)
{
    identifier id = c->v.str;
    const struct string *s = strings_get(w->strings, id);
    if ((s->flags & STRING_NAME_CHARS) || (c->flags & CONSTANT_FROM_NAME)) {
        write_interned(w, id);
    } else if (is_one_latin1(s) && !(c->flags & CONSTANT_NOT_SINGLETON)) {
        if (!written_before(w, &w->interned[id], ALWAYS))
            put_string(w, s, is_interned_character(w, s));
    } else if (strings_is_name(s) && has_interned_items(w->container)) {
        write_interned(w, id);
    } else if (w->constants[c->id] != 0) {
        written_before(w, &w->constants[c->id], flagging);
    } else if (is_interned_qualname(w, c)) {
        write_interned(w, id);
        w->constants[c->id] = w->interned[id];
    } else {
        written_before(w, &w->constants[c->id], flagging);
        put_string(w, s, false);
    }
}

/* An int that does not fit 32 bits: digits of 15 bits. */
static void put_long(struct marshal_writer *w, bool negative, const uint32_t *limbs, uint32_t count)
{
    uint64_t bits = (uint64_t)count * 32;
    while (bits > 0 && !(limbs[(bits - 1) / 32] >> (bits - 1) % 32 & 1))
        bits--;
    uint32_t digits = (uint32_t)((bits + 14) / 15);
    ensure(w, 5 + 2 * (size_t)digits);
    put_type32(w, TYPE_LONG, negative ? 0u - digits : digits);
    for (uint32_t i = 0; i < digits; i++) {
        uint64_t bit = (uint64_t)i * 15;
        uint64_t limb = limbs[bit / 32];
        if (bit / 32 + 1 < count)
            limb |= (uint64_t)limbs[bit / 32 + 1] << 32;
        uint32_t digit = (uint32_t)(limb >> bit % 32) & 0x7FFF;
        put(w, (int)(digit & 0xFF));
        put(w, (int)(digit >> 8));
    }
}

/* An int of at most 64 bits. */
static void put_int(struct marshal_writer *w, int64_t value)
{
    if (value >= INT32_MIN && value <= INT32_MAX) {
        ensure(w, 5);
        put_type32(w, TYPE_INT, (uint32_t)value);
        return;
    }
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint32_t limbs[2] = {(uint32_t)magnitude, (uint32_t)(magnitude >> 32)};
    put_long(w, value < 0, limbs, 2);
}

/* A double. */
static inline void put_double(struct marshal_writer *w, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put32(w, (uint32_t)bits);
    put32(w, (uint32_t)(bits >> 32));
}

/* A byte string of a code object, which is in the arena. */
static inline void put_byte_string(struct marshal_writer *w, const void *bytes, uint32_t length)
{
    ensure(w, 5 + (size_t)length + COPY_STEP);
    put_type32(w, TYPE_BYTES, length);
    copy_steps(w->next, bytes, length);
    w->next += length;
}

/* A constant byte string, which may be anywhere. */
static inline void put_constant_bytes(struct marshal_writer *w, constant c)
{
    ensure(w, 5 + (size_t)c->length);
    put_type32(w, TYPE_BYTES, c->length);
    if (c->length != 0)
        memcpy(w->next, c->v.bytes, c->length);
    w->next += c->length;
}

/* The head of a tuple. */
static inline void put_tuple_head(struct marshal_writer *w, uint32_t count)
{
    ensure(w, 5);
    if (count < 256)
        put_type8(w, TYPE_SMALL_TUPLE, count);
    else
        put_type32(w, TYPE_TUPLE, count);
}

/* Eight bytes as a number. */
static inline uint64_t load_word(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

/* A hash of bytes, two words at a time. */
static uint32_t bytes_hash(const uint8_t *p, size_t size)
{
    const uint64_t prime1 = 0x9FB21C651E98DF25u, prime2 = 0xC2B2AE3D27D4EB4Fu;
    uint64_t a = size * prime2, b = prime1;
    size_t rest = size;
    for (; rest >= 16; rest -= 16, p += 16) {
        a = (a ^ load_word(p)) * prime1;
        b = (b ^ load_word(p + 8)) * prime2;
        a ^= a >> 32;
        b ^= b >> 32;
    }
    if (rest >= 8) {
        a = (a ^ load_word(p)) * prime1;
        a ^= a >> 32;
        b ^= load_word(p + rest - 8);
    } else if (size >= 8 && rest > 0) {
        b ^= load_word(p + rest - 8);
    } else {
        uint64_t w = 0;
        for (size_t i = 0; i < rest; i++)
            w |= (uint64_t)p[i] << 8 * i;
        b ^= w;
    }
    b *= prime2;
    return (uint32_t)((a ^ (b ^ b >> 32)) * prime1 >> 32);
}

/* A hash of numbers. */
static inline uint32_t numbers_hash(const uint32_t *numbers, uint32_t count, uint32_t salt)
{
    const uint64_t prime = 0x9FB21C651E98DF25u;
    uint64_t hash = salt;
    for (uint32_t i = 0; i < count; i++)
        hash = (hash + numbers[i]) * prime;
    return (uint32_t)(hash >> 32);
}

/* How many places the first index has: about four for each piece of content, of which a module has
 * about half as many as it has constants. */
static uint32_t first_index_size(const struct marshal_writer *w)
{
    uint32_t size = 256;
    while (size < 2 * (uint64_t)w->c->constants.count)
        size *= 2;
    return size;
}

/* An index of twice the size, and room for the entries that go with it. */
OUT_OF_LINE static void grow_index(struct marshal_writer *w)
{
    struct content_table *t = &w->contents;
    t->mask = t->mask == 0 ? first_index_size(w) - 1 : t->mask * 2 + 1;
    t->index = arena_zalloc(w->arena, ((size_t)t->mask + 1) * sizeof *t->index);
    array_reserve(w->arena, &t->entries, t->mask / 2 + 1 - t->entries.count);
    for (uint32_t n = 0; n < t->entries.count; n++) {
        uint32_t i = t->entries.items[n].hash & t->mask;
        while (t->index[i] != 0)
            i = (i + 1) & t->mask;
        t->index[i] = n + 1;
    }
}

/* The slot of a piece of content (bytes or identifiers) in the content table, made when new; good
 * until another one is made. */
static uint32_t *content_slot(struct marshal_writer *w, const void *content, size_t size,
                              uint32_t hash)
{
    struct content_table *t = &w->contents;
    if (t->entries.count * 2 >= t->mask)
        grow_index(w);
    uint32_t i = hash & t->mask;
    for (; t->index[i] != 0; i = (i + 1) & t->mask) {
        struct content *e = &t->entries.items[t->index[i] - 1];
        if (e->hash == hash && e->size == size && memcmp(e->content, content, size) == 0)
            return &e->candidate;
    }
    struct content *new = &t->entries.items[t->entries.count++];
    *new = (struct content){.content = content, .size = size, .hash = hash};
    t->index[i] = t->entries.count;
    return &new->candidate;
}

/* The slot of a byte string. */
static inline uint32_t *bytes_slot(struct marshal_writer *w, const uint8_t *bytes, uint32_t length)
{
    return content_slot(w, bytes, length, bytes_hash(bytes, length));
}

/* The slot of identifiers; `salt` keeps what is no tuple of names apart. */
static inline uint32_t *numbers_slot(struct marshal_writer *w, const uint32_t *numbers,
                                     uint32_t count, uint32_t salt)
{
    return content_slot(w, numbers, count * sizeof *numbers, numbers_hash(numbers, count, salt));
}

enum { SALT_NAMES = 1, SALT_VALUES = 2 };

/* The empty bytes that are one object in the whole interpreter. */
static void write_empty_bytes(struct marshal_writer *w)
{
    if (!written_before(w, &w->empty_bytes, ALWAYS))
        put_byte_string(w, (const uint8_t *)"", 0);
}

/* A byte string that is one object with all equal constants. */
static void write_shared_bytes(struct marshal_writer *w, struct byte_string b)
{
    if (b.length == 0 && w->c->constants.entered_empty_bytes != NULL)
        write_constant(w, w->c->constants.entered_empty_bytes, IF_SHARED);
    else if (b.length == 0)
        write_empty_bytes(w);
    else if (!written_before(w, bytes_slot(w, b.bytes, b.length),
                             b.length == 1 ? ALWAYS : IF_SHARED))
        put_byte_string(w, b.bytes, b.length);
}

/* A byte string that is an object of its own (but for the empty one): nothing refers to it, so it
 * is a candidate only if it is flagged in any case. */
static void write_own_bytes(struct marshal_writer *w, struct byte_string b, enum flagging flagging)
{
    if (b.length == 0) {
        write_empty_bytes(w);
        return;
    }
    if (flagging == ALWAYS)
        add_candidate(w, flagging);
    put_byte_string(w, b.bytes, b.length);
}

/* A tuple of names. */
static void write_names(struct marshal_writer *w, const identifier *names, uint32_t count, bool own)
{
    uint32_t scratch = 0, *slot = &scratch;
    if (count == 0)
        slot = &w->constants[w->c->constants.empty_tuple->id];
    else if (!own)
        slot = numbers_slot(w, names, count, SALT_NAMES);
    if (written_before(w, slot, count == 0 ? ALWAYS : IF_SHARED))
        return;
    put_tuple_head(w, count);
    write_interned_names(w, names, count);
}

/* Append what identifies a constant by value, where a tuple is spelled out as its items. */
static void append_value(struct marshal_writer *w, constant c)
{
    if (c->kind != CONSTANT_TUPLE) {
        array_push(w->arena, &w->value, c->id);
        return;
    }
    array_push(w->arena, &w->value, UINT32_MAX);
    array_push(w->arena, &w->value, c->length);
    for (uint32_t i = 0; i < c->length; i++)
        append_value(w, c->v.items[i]);
}

/* The slot of a tuple that may be equal to another although their items are different objects. */
static uint32_t *spelled_out_slot(struct marshal_writer *w, constant c)
{
    w->value.count = 0;
    append_value(w, c);
    uint32_t *value = arena_alloc_array(w->arena, w->value.count, sizeof *value);
    memcpy(value, w->value.items, w->value.count * sizeof *value);
    return numbers_slot(w, value, w->value.count, SALT_VALUES);
}

/* Is an item of a tuple a tuple? */
static bool has_tuple(constant c)
{
    for (uint32_t i = 0; i < c->length; i++)
        if (c->v.items[i]->kind == CONSTANT_TUPLE)
            return true;
    return false;
}

/* The slot of a tuple constant: equal tuples are one object, tuples of names among them. */
static uint32_t *tuple_slot(struct marshal_writer *w, constant c)
{
    uint32_t *own = &w->constants[c->id];
    if (*own != 0 || (c->flags & CONSTANT_UNSHARED))
        return own;
    if (w->rules->folded_tuples_apart && has_tuple(c))
        return spelled_out_slot(w, c);
    if (!c->strings)
        return own;
    identifier *names = arena_alloc_array(w->arena, c->length, sizeof *names);
    for (uint32_t i = 0; i < c->length; i++)
        names[i] = c->v.items[i]->v.str;
    return numbers_slot(w, names, c->length, SALT_NAMES);
}

/* The slot of a constant, but for a string. */
static uint32_t *constant_slot(struct marshal_writer *w, constant c)
{
    if (c->kind == CONSTANT_TUPLE)
        return tuple_slot(w, c);
    if (c->kind != CONSTANT_BYTES || c->flags & CONSTANT_UNSHARED)
        return &w->constants[c->id];
    return c->length == 0 ? &w->empty_bytes : bytes_slot(w, (const uint8_t *)c->v.bytes, c->length);
}

/* Into an object that holds others, which are one level deeper still, or "object too deeply nested
 * to marshal". */
static void enter(struct marshal_writer *w)
{
    if (++w->depth >= DEPTH_MAX)
        diagnostic_raise_plain(&w->c->diagnostics, EXCEPTION_VALUE_ERROR,
                               "object too deeply nested to marshal");
}

/* A tuple constant. */
static void write_tuple(struct marshal_writer *w, constant c, enum flagging flagging)
{
    if (written_before(w, tuple_slot(w, c), c->length == 0 ? ALWAYS : flagging))
        return;
    put_tuple_head(w, c->length);
    if (c->length == 0)
        return;
    enter(w);
    for (uint32_t i = 0; i < c->length; i++) {
        bool flagged = w->sort_key && marshal_is_shared(w, c->v.items[i]);
        w->container = c;
        write_constant(w, c->v.items[i], flagged ? ALWAYS : IF_SHARED);
    }
    w->depth--;
}

/* Where parts of dotted names are first met. */
enum {
    PART_NOWHERE,     /* not yet */
    PART_IS_CONSTANT, /* as a constant */
    PART_IS_NAME      /* as a name of a code object, whose number is added */
};

/* A code object is the first to have a string, unless another one was, if the string is a part. */
static void note_part(struct marshal_writer *w, identifier id, uint32_t place)
{
    if (strings_get(w->strings, id)->flags & STRING_IS_PART && w->parts[id] == PART_NOWHERE)
        w->parts[id] = place;
}

/* The same for all names of a list. */
static void note_part_names(struct marshal_writer *w, const identifier *names, uint32_t count,
                            uint32_t place)
{
    for (uint32_t i = 0; i < count; i++)
        note_part(w, names[i], place);
}

/* The strings in a constant are among the constants. */
static void note_part_constants(struct marshal_writer *w, constant c)
{
    for (uint32_t i = 0; constant_has_items(c) && i < c->length; i++)
        note_part_constants(w, c->v.items[i]);
    if (c->kind == CONSTANT_STR)
        note_part(w, c->v.str, PART_IS_CONSTANT);
}

/* Note the names and constants of `code` and of the code objects in it, in the order in which they
 * were made. */
static void note_parts(struct marshal_writer *w, const struct code *code)
{
    uint32_t place = PART_IS_NAME + code->number;
    for (uint32_t i = 0; i < code->consts->length; i++)
        if (code->consts->v.items[i]->kind == CONSTANT_CODE)
            note_parts(w, code->consts->v.items[i]->v.code);
    note_part_names(w, code->names, code->name_count, place);
    note_part_names(w, code->varnames, code->varname_count, place);
    note_part_names(w, code->cellvars, code->cellvar_count, place);
    note_part_names(w, code->freevars, code->freevar_count, place);
    note_part_constants(w, code->consts);
}

/* Was a part of a dotted name interned as a name of a code object, the one at hand or one made
 * before, and not a constant before that? All are found in one walk when first asked. */
static bool interns_part(struct marshal_writer *w, identifier id)
{
    if (w->parts == NULL) {
        w->parts = arena_zalloc(w->arena, (size_t)w->strings->count * sizeof *w->parts);
        note_parts(w, w->top);
    }
    return w->parts[id] >= PART_IS_NAME && w->parts[id] - PART_IS_NAME <= w->code->number;
}

/* Was a string of name characters interned before the code object at hand was made, as a name of
 * the source, of a code object or of a fresh process? */
static bool is_interned_before(struct marshal_writer *w, identifier id)
{
    const struct string *s = strings_get(w->strings, id);
    return is_known_name(w->rules->known_names, s->bytes, s->length) ||
           (s->length > 1 &&
            (strings_is_name(s) || (s->flags & STRING_IS_PART && interns_part(w, id))));
}

/* Is an item replaced by a string that was interned before the code object was made? Then the
 * frozenset is made anew, and each code object has its own. An item that an identifier brought
 * among the constants first is that interned string already. */
static bool is_remade(struct marshal_writer *w, constant set)
{
    for (uint32_t i = 0; i < set->length; i++) {
        constant item = set->v.items[i];
        if (item->kind != CONSTANT_STR || !(item->flags & CONSTANT_FROM_LITERAL))
            continue;
        if (strings_get(w->strings, item->v.str)->flags & STRING_NAME_CHARS &&
            is_interned_before(w, item->v.str))
            return true;
    }
    return false;
}

/* A frozenset constant. */
static void write_frozenset(struct marshal_writer *w, constant c, enum flagging flagging)
{
    uint32_t own = 0;
    bool remade = is_remade(w, c);
    if (written_before(w, remade ? &own : &w->constants[c->id], flagging))
        return;
    constant *items = arena_alloc_array(w->arena, c->length, sizeof *items);
    memcpy(items, c->v.items, c->length * sizeof *items);
    if (c->length > 1 && !w->surveying)
        w->rules->order_frozenset(w, c, remade, items);
    ensure(w, 5);
    put_type32(w, TYPE_FROZENSET, c->length);
    enter(w);
    for (uint32_t i = 0; i < c->length; i++) {
        w->container = c;
        write_constant(w, items[i], ALWAYS);
    }
    w->depth--;
}

/* Is the constant one object in the whole interpreter? */
static bool is_singleton(const struct marshal_writer *w, constant c)
{
    switch ((enum constant_kind)c->kind) {
    case CONSTANT_INT: return c->v.integer >= -5 && c->v.integer <= w->rules->small_int_max;
    case CONSTANT_STR: {
        const struct string *s = strings_get(w->strings, c->v.str);
        return s->length == 0 || is_one_latin1(s);
    }
    case CONSTANT_BYTES: return c->length <= 1 && !(c->flags & CONSTANT_UNSHARED);
    case CONSTANT_BIGINT:
    case CONSTANT_FLOAT:
    case CONSTANT_COMPLEX: return false;
    default: return true;
    }
}

/* An item of a slice that is an object of its own: not shared, not interned. */
static void write_apart(struct marshal_writer *w, constant c)
{
    uint32_t kept = w->constants[c->id];
    if (c->kind == CONSTANT_STR) {
        put_string(w, strings_get(w->strings, c->v.str), false);
    } else if (c->kind == CONSTANT_BYTES) {
        put_constant_bytes(w, c);
    } else {
        w->constants[c->id] = 0;
        write_constant(w, c, IF_SHARED);
        w->constants[c->id] = kept;
    }
}

/* A slice constant; its items may be objects apart from the constants of the module. */
static void write_slice(struct marshal_writer *w, constant c, enum flagging flagging)
{
    if (written_before(w, &w->constants[c->id], flagging))
        return;
    ensure(w, 1);
    put(w, TYPE_SLICE);
    enter(w);
    for (uint32_t i = 0; i < 3; i++) {
        constant item = c->v.items[i];
        if (w->rules->slice_items_apart && !is_singleton(w, item))
            write_apart(w, item);
        else
            write_constant(w, item, IF_SHARED);
    }
    w->depth--;
}

/* Any constant. */
static void write_constant(struct marshal_writer *w, constant c, enum flagging flagging)
{
    ensure(w, 32);
    switch ((enum constant_kind)c->kind) {
    case CONSTANT_NONE: put(w, TYPE_NONE); break;
    case CONSTANT_FALSE: put(w, TYPE_FALSE); break;
    case CONSTANT_TRUE: put(w, TYPE_TRUE); break;
    case CONSTANT_ELLIPSIS: put(w, TYPE_ELLIPSIS); break;
    case CONSTANT_INT:
        if (c->v.integer >= -5 && c->v.integer <= w->rules->small_int_max)
            flagging = ALWAYS;
        if (!written_before(w, &w->constants[c->id], flagging))
            put_int(w, c->v.integer);
        break;
    case CONSTANT_BIGINT:
        if (!written_before(w, &w->constants[c->id], flagging))
            put_long(w, c->v.big.negative, c->v.big.limbs, c->length);
        break;
    case CONSTANT_FLOAT:
        if (!written_before(w, &w->constants[c->id], flagging)) {
            put(w, TYPE_FLOAT);
            put_double(w, c->v.number);
        }
        break;
    case CONSTANT_COMPLEX:
        if (!written_before(w, &w->constants[c->id], flagging)) {
            put(w, TYPE_COMPLEX);
            put_double(w, c->v.complex.real);
            put_double(w, c->v.complex.imag);
        }
        break;
    case CONSTANT_STR: write_string_constant(w, c, flagging); break;
    case CONSTANT_BYTES:
        if (is_singleton(w, c))
            flagging = ALWAYS;
        if (!written_before(w, constant_slot(w, c), flagging))
            put_constant_bytes(w, c);
        break;
    case CONSTANT_TUPLE: write_tuple(w, c, flagging); break;
    case CONSTANT_FROZENSET: write_frozenset(w, c, flagging); break;
    case CONSTANT_SLICE: write_slice(w, c, flagging); break;
    case CONSTANT_CODE:
        if (!written_before(w, &w->constants[c->id], flagging))
            write_code(w, c->v.code);
        break;
    }
}

/* The file name, one object for the module. */
static void write_filename(struct marshal_writer *w)
{
    if (w->rules->interns_code_names) {
        write_interned(w, w->filename);
    } else if (!written_before(w, &w->filename_candidate, ALWAYS)) {
        put_string(w, strings_get(w->strings, w->filename), false);
    }
}

/* One of the names that the compiler makes up, "<lambda>" and the like? */
static inline bool is_static_name(identifier name)
{
    return name >= NAME_module_code && name <= NAME_genexpr_code;
}

/* co_name where it is not always interned; returns the candidate, for co_qualname may be the same
 * object. */
static void write_name(struct marshal_writer *w, identifier name, uint32_t *own)
{
    const struct string *s = strings_get(w->strings, name);
    if (is_static_name(name)) {
        if (!written_before(w, &w->interned[name], ALWAYS))
            put_string(w, s, w->rules->code_name_constants_interned);
    } else if (!w->rules->interns_code_names && s->length > 0 && s->bytes[0] == '<') {
        if (!written_before(w, own, IF_SHARED))
            put_string(w, s, false);
    } else {
        write_interned(w, name);
    }
}

/* co_name and co_qualname. */
static void write_name_and_qualname(struct marshal_writer *w, const struct code *code,
                                    bool class_constant_is_new)
{
    uint32_t own = 0;
    if (w->rules->interns_code_names) {
        write_interned(w, code->name);
        write_interned(w, code->qualname);
        return;
    }
    write_name(w, code->name, &own);
    if (code->qualname == code->name) {
        write_name(w, code->name, &own);
    } else if (class_constant_is_new) {
        written_before(w, &w->constants[code->consts->v.items[0]->id], IF_SHARED);
    } else {
        add_candidate(w, IF_SHARED);
        put_string(w, strings_get(w->strings, code->qualname), false);
    }
}

/* Does the body of a class start with its dotted qualname as a constant? Then that constant, else
 * NULL. */
static constant qualname_constant(const struct code *code)
{
    if ((code->flags & CO_OPTIMIZED) || code->qualname == code->name || code->consts->length == 0)
        return NULL;
    constant first = code->consts->v.items[0];
    return first->kind == CONSTANT_STR && first->v.str == code->qualname ? first : NULL;
}

/* The numbers that a code object starts with. */
static void put_code_head(struct marshal_writer *w, const struct code *code, bool counts_locals)
{
    ensure(w, 32);
    uint8_t *to = w->next;
    *to = TYPE_CODE;
    to = store32(to + 1, (uint32_t)code->argcount);
    to = store32(to, (uint32_t)code->posonlyargcount);
    to = store32(to, (uint32_t)code->kwonlyargcount);
    if (counts_locals)
        to = store32(to, (uint32_t)code->nlocals);
    to = store32(to, (uint32_t)code->stacksize);
    w->next = store32(to, (uint32_t)code->flags);
}

/* A code object in the layout with one table of local names (from 3.11). */
static void write_localsplus_code(struct marshal_writer *w, const struct code *code)
{
    constant qualname = qualname_constant(code);
    bool constant_is_new =
        qualname != NULL && code->owns_qualname && w->constants[qualname->id] == 0;
    put_code_head(w, code, false);
    write_own_bytes(w, code->code, ALWAYS);
    write_tuple(w, code->consts, IF_SHARED);
    write_names(w, code->names, code->name_count, false);
    write_names(w, code->localsplusnames, code->localsplus_count, code->localsplus_unshared);
    write_own_bytes(w, code->localspluskinds, IF_SHARED);
    write_filename(w);
    write_name_and_qualname(w, code, constant_is_new);
    ensure(w, 4);
    put32(w, (uint32_t)code->firstlineno);
    write_shared_bytes(w, code->linetable);
    write_shared_bytes(w, code->exceptiontable);
}

/* A code object in the layout with separate tables of names (to 3.10). */
static void write_varnames_code(struct marshal_writer *w, const struct code *code)
{
    uint32_t own = 0;
    put_code_head(w, code, true);
    if (w->rules->shares_code_bytes)
        write_shared_bytes(w, code->code);
    else
        write_own_bytes(w, code->code, IF_SHARED);
    write_tuple(w, code->consts, IF_SHARED);
    write_names(w, code->names, code->name_count, false);
    write_names(w, code->varnames, code->varname_count, false);
    write_names(w, code->freevars, code->freevar_count, false);
    write_names(w, code->cellvars, code->cellvar_count, false);
    write_filename(w);
    write_name(w, code->name, &own);
    ensure(w, 4);
    put32(w, (uint32_t)code->firstlineno);
    if (w->rules->shares_linetable)
        write_shared_bytes(w, code->linetable);
    else
        write_own_bytes(w, code->linetable, IF_SHARED);
}

/* A code object whose candidate has been noted, or the module's. */
static void write_code(struct marshal_writer *w, const struct code *code)
{
    const struct code *outer = w->code;
    enter(w);
    w->code = code;
    if (w->rules->localsplus_layout)
        write_localsplus_code(w, code);
    else
        write_varnames_code(w, code);
    w->code = outer;
    w->depth--;
}

/* Number the flagged candidates, set their flags, patch the references. */
static void finish(struct marshal_writer *w)
{
    uint32_t count = w->candidates.count, n = 0;
    uint32_t *numbers = arena_alloc_array(w->arena, count, sizeof *numbers);
    uint8_t *bytes = w->out->bytes;
    const uint64_t *candidates = w->candidates.items, *patches = w->patches.items;
    w->out->length = (size_t)(w->next - bytes);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t candidate = candidates[i];
        uint32_t flagged = candidate & CANDIDATE_FLAGGED; /* 0 or 1 */
        bytes[candidate >> 2] |= (uint8_t)(flagged * FLAG_REF);
        numbers[i] = n;
        n += flagged;
    }
    count = w->patches.count;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *p = bytes + patches[i];
        store32(p, numbers[load32(p)]);
    }
}

/* A writer with nothing written, whose output goes behind what `out` holds. */
static void start(struct marshal_writer *w, struct compilation *c, bool canonical,
                  struct buffer *out)
{
    *w = (struct marshal_writer){
        .c = c, .rules = c->target->out, .arena = c->arena, .strings = &c->strings, .out = out};
    w->exact = !canonical && w->rules->exact_flags;
    w->canonical = canonical;
    w->interned = arena_zalloc(c->arena, (size_t)c->strings.count * sizeof *w->interned);
    w->constants = arena_zalloc(c->arena, (size_t)c->constants.count * sizeof *w->constants);
    array_reserve(c->arena, &w->candidates, 2 * (c->strings.count + c->constants.count));
    array_reserve(c->arena, &w->patches, 2 * (c->strings.count + c->constants.count));
    w->next = buffer_reserve(out, 1024);
    w->limit = out->bytes + out->capacity;
}

/* Suspend writing while another writer uses the rest of the buffer; the offset to resume at. */
static size_t suspend(struct marshal_writer *w)
{
    w->out->length = (size_t)(w->next - w->out->bytes);
    return w->out->length;
}

/* Go on where suspend was called, whatever was written behind it. */
static void resume(struct marshal_writer *w, size_t offset)
{
    w->out->length = offset;
    w->next = w->out->bytes + offset;
    w->limit = w->out->bytes + w->out->capacity;
}

bool marshal_is_shared(struct marshal_writer *w, constant c)
{
    if (w->survey == NULL) {
        struct marshal_writer *survey = arena_alloc(w->arena, sizeof *survey);
        size_t offset = suspend(w);
        start(survey, w->c, w->canonical, w->out);
        survey->filename = w->filename;
        survey->surveying = true;
        survey->top = w->top;
        write_code(survey, w->top);
        w->survey = survey;
        resume(w, offset);
    }
    uint32_t candidate = *constant_slot(w->survey, c);
    return candidate != 0 && (w->survey->candidates.items[candidate - 1] & CANDIDATE_SHARED);
}

/* Take back that a constant was written. */
static void forget_constant(struct marshal_writer *w, constant c)
{
    bool has_items = constant_has_items(c) || c->kind == CONSTANT_SLICE;
    w->constants[c->id] = 0;
    if (c->kind == CONSTANT_STR)
        w->interned[c->v.str] = 0;
    for (uint32_t i = 0; has_items && i < c->length; i++)
        forget_constant(w, c->v.items[i]);
}

/* Empty a table of contents, the latest first, so that what is looked for is never behind a gap. */
static void forget_contents(struct content_table *t)
{
    while (t->entries.count > 0) {
        uint32_t i = t->entries.items[t->entries.count - 1].hash & t->mask;
        while (t->index[i] != t->entries.count)
            i = (i + 1) & t->mask;
        t->index[i] = 0;
        t->entries.count--;
    }
}

/* The writer of sort keys, with nothing written: what the last key left in its tables is cleared.
 */
static struct marshal_writer *key_writer(struct marshal_writer *w, constant c)
{
    struct marshal_writer *key = w->key;
    if (key == NULL) {
        key = w->key = arena_zalloc(w->arena, sizeof *key);
        *key = *w;
        memset(&key->candidates, 0, sizeof key->candidates);
        memset(&key->patches, 0, sizeof key->patches);
        key->exact = key->sort_key = true;
    }
    if (key->sort_constant != NULL) {
        forget_constant(key, key->sort_constant);
        forget_contents(&key->contents);
    } else {
        key->interned = arena_zalloc(w->arena, (size_t)w->c->strings.count * sizeof *key->interned);
        key->constants =
            arena_zalloc(w->arena, (size_t)w->c->constants.count * sizeof *key->constants);
        key->contents = (struct content_table){0};
    }
    key->candidates.count = key->patches.count = 0;
    key->empty_bytes = key->depth = 0;
    if (w->survey != NULL) /* else the one that the writer of keys made itself, if it did */
        key->survey = w->survey;
    key->sort_constant = key->container = c;
    return key;
}

struct byte_string marshal_sort_key(struct marshal_writer *w, constant c)
{
    bool flagged = w->rules->key_always_flagged || marshal_is_shared(w, c);
    size_t offset = suspend(w);
    struct marshal_writer *key = key_writer(w, c);
    resume(key, offset);
    write_constant(key, c, flagged ? ALWAYS : IF_SHARED);
    finish(key);
    size_t length = w->out->length - offset;
    const void *copy = arena_copy(w->arena, (const char *)w->out->bytes + offset, length);
    resume(w, offset);
    return (struct byte_string){copy, (uint32_t)length};
}

void marshal_code(struct compilation *c, const struct code *code, bool canonical,
                  struct buffer *out)
{
    struct marshal_writer w;
    identifier filename = strings_intern(&c->strings, c->filename, strlen(c->filename));
    start(&w, c, canonical, out);
    w.filename = filename;
    w.top = code;
    if (w.rules->flags_top_code)
        add_candidate(&w, ALWAYS);
    write_code(&w, code);
    finish(&w);
}
