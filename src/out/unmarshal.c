/* The inverse of marshal.c. Objects become constants of the compilation, so what is equal becomes
 * one record and the reference flags of the input are forgotten.
 *
 * Answers to r_object of Python/marshal.c.
 */
#include "out/unmarshal.h"

#include "out/out.h"
#include "util/utf8.h"

enum { DEPTH_MAX = 2000, FLAG_REF = 0x80 };

/* What a reference may stand for. */
struct object {
    constant value; /* NULL: it is still being read */
    bool interned;  /* string that is */
};

struct reader {
    struct compilation *c;
    const uint8_t *next, *end;
    ARRAY(struct object) refs;
    int depth;
    bool localsplus_layout;
    bool in_consts; /* the object at hand belongs to the constants of a code object */
};

static constant read_object(struct reader *r);

static _Noreturn void bad(struct reader *r, const char *why)
{
    diagnostic_raise_plain(&r->c->diagnostics, EXCEPTION_VALUE_ERROR,
                           arena_printf(r->c->arena, "bad marshal data (%s)", why));
}

/* The next `n` bytes. */
static const uint8_t *take(struct reader *r, size_t n)
{
    if (n > (size_t)(r->end - r->next))
        bad(r, "it is too short");
    const uint8_t *p = r->next;
    r->next += n;
    return p;
}

static uint32_t read32(struct reader *r)
{
    const uint8_t *p = take(r, 4);
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* A count of things that take at least `least` bytes each. */
static uint32_t read_count(struct reader *r, size_t least)
{
    uint32_t n = read32(r);
    if (n > INT32_MAX || n * least > (size_t)(r->end - r->next))
        bad(r, "size out of range");
    return n;
}

static double read_double(struct reader *r)
{
    uint64_t low = read32(r), bits = low | (uint64_t)read32(r) << 32;
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* Digits of 15 bits. */
static constant read_long(struct reader *r)
{
    uint32_t n = read32(r);
    bool negative = n >> 31;
    n = negative ? 0u - n : n;
    if (n > INT32_MAX / 2 || n * (size_t)2 > (size_t)(r->end - r->next))
        bad(r, "long size out of range");
    uint32_t count = (uint32_t)(((uint64_t)n * 15 + 31) / 32);
    uint32_t *limbs = arena_zalloc(r->c->arena, (count + 1) * sizeof *limbs);
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *p = take(r, 2);
        uint64_t bit = (uint64_t)i * 15, digit = (p[0] | (uint64_t)p[1] << 8) << bit % 32;
        if (p[1] & 0x80)
            bad(r, "digit out of range in long");
        limbs[bit / 32] |= (uint32_t)digit;
        limbs[bit / 32 + 1] |= (uint32_t)(digit >> 32);
    }
    return constant_bigint(&r->c->constants, negative, limbs, count);
}

/* A string of `n` bytes. */
static constant read_string(struct reader *r, uint32_t n)
{
    const char *p = (const char *)take(r, n);
    if (!utf8_is_valid_string(p, n))
        bad(r, "a string is not UTF-8");
    return constant_str(&r->c->constants, strings_intern_copy(&r->c->strings, p, n));
}

/* A string is met. Where it is a constant, one that is interned although it does not look it came
 * from a name or from the qualname of a class. */
static void note_string(struct reader *r, constant c, bool interned)
{
    if (!r->in_consts)
        return;
    if (interned && !(strings_get(&r->c->strings, c->v.str)->flags & STRING_NAME_CHARS))
        constant_name(&r->c->constants, c->v.str);
    else
        constant_enter(c);
}

static constant read_bytes(struct reader *r)
{
    uint32_t n = read_count(r, 1);
    const char *p = (const char *)take(r, n);
    return constant_bytes(&r->c->constants, p, n);
}

/* A tuple or frozenset of `n` items. */
static constant read_container(struct reader *r, uint32_t n, bool is_set)
{
    constant *items = arena_alloc_array(r->c->arena, n, sizeof *items);
    for (uint32_t i = 0; i < n; i++)
        items[i] = read_object(r);
    return is_set ? constant_frozenset(&r->c->constants, items, n)
                  : constant_tuple(&r->c->constants, items, n);
}

/* An object that must be of a kind. */
static constant read_kind(struct reader *r, enum constant_kind kind)
{
    constant c = read_object(r);
    if (c->kind != kind)
        bad(r, "a code object's part has another type");
    return c;
}

static struct byte_string read_byte_string(struct reader *r)
{
    constant c = read_kind(r, CONSTANT_BYTES);
    const char *copy =
        arena_copy(r->c->arena, c->v.bytes, c->length); /* where the writer wants it */
    return (struct byte_string){(const uint8_t *)copy, c->length};
}

/* A tuple of strings. */
static const identifier *read_names(struct reader *r, uint32_t *count)
{
    constant c = read_kind(r, CONSTANT_TUPLE);
    identifier *names = arena_alloc_array(r->c->arena, c->length, sizeof *names);
    for (uint32_t i = 0; i < c->length; i++) {
        if (c->v.items[i]->kind != CONSTANT_STR)
            bad(r, "a name is not a string");
        names[i] = c->v.items[i]->v.str;
        strings_mark_name(&r->c->strings, names[i]);
    }
    *count = c->length;
    return names;
}

/* co_filename. */
static void read_filename(struct reader *r)
{
    const struct string *s = strings_get(&r->c->strings, read_kind(r, CONSTANT_STR)->v.str);
    if (r->c->filename == NULL)
        r->c->filename = arena_copy(r->c->arena, s->bytes, s->length);
}

static constant read_code(struct reader *r)
{
    bool in_consts = r->in_consts;
    struct code *code = arena_zalloc(r->c->arena, sizeof *code);
    code->argcount = (int)read32(r);
    code->posonlyargcount = (int)read32(r);
    code->kwonlyargcount = (int)read32(r);
    if (!r->localsplus_layout)
        code->nlocals = (int)read32(r);
    code->stacksize = (int)read32(r);
    code->flags = (int)read32(r);
    code->code = read_byte_string(r);
    r->in_consts = true;
    code->consts = read_kind(r, CONSTANT_TUPLE);
    r->in_consts = false;
    code->names = read_names(r, &code->name_count);
    if (r->localsplus_layout) {
        code->localsplusnames = read_names(r, &code->localsplus_count);
        code->localspluskinds = read_byte_string(r);
    } else {
        code->varnames = read_names(r, &code->varname_count);
        code->freevars = read_names(r, &code->freevar_count);
        code->cellvars = read_names(r, &code->cellvar_count);
    }
    read_filename(r);
    code->name = read_kind(r, CONSTANT_STR)->v.str;
    if (r->localsplus_layout)
        code->qualname = read_kind(r, CONSTANT_STR)->v.str;
    code->owns_qualname = true;
    code->firstlineno = (int)read32(r);
    code->linetable = read_byte_string(r);
    if (r->localsplus_layout)
        code->exceptiontable = read_byte_string(r);
    r->in_consts = in_consts;
    return constant_code(&r->c->constants, code);
}

static constant read_slice(struct reader *r)
{
    constant start = read_object(r), stop = read_object(r), step = read_object(r);
    return constant_slice(&r->c->constants, start, stop, step);
}

static constant read_ref(struct reader *r)
{
    uint32_t n = read32(r);
    if (n >= r->refs.count || r->refs.items[n].value == NULL)
        bad(r, "invalid reference");
    constant c = r->refs.items[n].value;
    if (c->kind == CONSTANT_STR)
        note_string(r, c, r->refs.items[n].interned);
    return c;
}

/* An object of a type, behind its type byte. */
static constant read_payload(struct reader *r, int type)
{
    struct constants *t = &r->c->constants;
    switch (type) {
    case 'N': return t->none;
    case 'T': return t->true_;
    case 'F': return t->false_;
    case '.': return t->ellipsis;
    case 'i': return constant_int(t, (int32_t)read32(r));
    case 'l': return read_long(r);
    case 'g': return constant_float(t, read_double(r));
    case 'y': {
        double real = read_double(r);
        return constant_complex(t, real, read_double(r));
    }
    case 's': return read_bytes(r);
    case 'u':
    case 'a':
    case 't':
    case 'A': return read_string(r, read_count(r, 1));
    case 'z':
    case 'Z': return read_string(r, *take(r, 1));
    case ')': return read_container(r, *take(r, 1), false);
    case '(': return read_container(r, read_count(r, 1), false);
    case '>': return read_container(r, read_count(r, 1), true);
    case ':': return read_slice(r);
    case 'c': return read_code(r);
    case 'r': return read_ref(r);
    }
    bad(r, "unknown type code");
}

static constant read_object(struct reader *r)
{
    int byte = *take(r, 1), type = byte & ~FLAG_REF;
    bool interned = type == 't' || type == 'A' || type == 'Z';
    uint32_t ref = r->refs.count;
    if (++r->depth > DEPTH_MAX)
        bad(r, "too deeply nested");
    if (byte & FLAG_REF)
        array_push(r->c->arena, &r->refs, (struct object){0});
    constant c = read_payload(r, type);
    if (c->kind == CONSTANT_STR && type != 'r')
        note_string(r, c, interned);
    if (byte & FLAG_REF)
        r->refs.items[ref] = (struct object){c, interned};
    r->depth--;
    return c;
}

struct code *unmarshal_code(struct compilation *c, const uint8_t *bytes, size_t length)
{
    struct reader r = {.c = c,
                       .next = bytes,
                       .end = bytes + length,
                       .localsplus_layout = c->target->out->localsplus_layout};
    return read_kind(&r, CONSTANT_CODE)->v.code;
}
