/* See listing.h.
 *
 * One line an instruction: the source line where it changes, offset, name, argument, what the
 * argument means, and the columns where the release records them. Tables that do not make sense end
 * the part that they are in; the code need not be trusted.
 */
#include "out/listing.h"

#include "out/out.h"
#include "syntax/dump.h"

enum { DEPTH_MAX = 200, NOT_AN_OPCODE = 0xFFFF };

/* The place of an instruction. */
struct place {
    int line, end_line, column, end_column; /* -1: none */
};

struct lister {
    struct compilation *c;
    struct buffer *out;
    const struct opcode_info *opcodes;
    uint16_t by_number[256]; /* enum opcode */
    int depth;
};

static void list_one(struct lister *l, const struct code *code);

/* A string of the module, without quotes. */
static void put_name(struct lister *l, identifier id)
{
    const struct string *s = strings_get(&l->c->strings, id);
    buffer_bytes(l->out, s->bytes, s->length);
}

/* A constant, code objects by name only. */
static void put_constant(struct lister *l, constant value)
{
    switch ((enum constant_kind)value->kind) {
    case CONSTANT_CODE:
        buffer_text(l->out, "<code ");
        put_name(l, value->v.code->name);
        buffer_printf(l->out, ", line %d>", value->v.code->firstlineno);
        return;
    case CONSTANT_TUPLE:
    case CONSTANT_FROZENSET:
    case CONSTANT_SLICE: break;
    default: dump_constant(l->c, value, l->out); return;
    }
    static const char *const opening[] = {
        [CONSTANT_TUPLE] = "(", [CONSTANT_FROZENSET] = "frozenset({", [CONSTANT_SLICE] = "slice("};
    static const char *const closing[] = {
        [CONSTANT_TUPLE] = ")", [CONSTANT_FROZENSET] = "})", [CONSTANT_SLICE] = ")"};
    buffer_text(l->out, opening[value->kind]);
    for (uint32_t i = 0; i < value->length && l->depth < DEPTH_MAX; i++) {
        if (i > 0)
            buffer_text(l->out, ", ");
        l->depth++;
        put_constant(l, value->v.items[i]);
        l->depth--;
    }
    if (value->kind == CONSTANT_TUPLE && value->length == 1)
        buffer_byte(l->out, ',');
    buffer_text(l->out, closing[value->kind]);
}

/* A row of names. */
static void put_names(struct lister *l, const char *what, const identifier *names, uint32_t count)
{
    if (count == 0)
        return;
    buffer_printf(l->out, "  %s:", what);
    for (uint32_t i = 0; i < count; i++) {
        buffer_printf(l->out, " %u:", (unsigned)i);
        put_name(l, names[i]);
    }
    buffer_byte(l->out, '\n');
}

/* The flags of a code object by name. */
static void put_flags(struct lister *l, unsigned flags)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{0x1, "OPTIMIZED"},
                 {0x2, "NEWLOCALS"},
                 {0x4, "VARARGS"},
                 {0x8, "VARKEYWORDS"},
                 {0x10, "NESTED"},
                 {0x20, "GENERATOR"},
                 {0x40, "NOFREE"},
                 {0x80, "COROUTINE"},
                 {0x100, "ITERABLE_COROUTINE"},
                 {0x200, "ASYNC_GENERATOR"},
                 {0x1000000, "FUTURE_ANNOTATIONS"},
                 {0x4000000, "HAS_DOCSTRING"},
                 {0x8000000, "METHOD"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (flags & names[i].bit)
            buffer_printf(l->out, " %s", names[i].name);
        flags &= ~names[i].bit;
    }
    if (flags != 0)
        buffer_printf(l->out, " %#x", flags);
}

/* A number in six-bit pieces, low ones first, as PEP 657 tables have it. */
static uint32_t read_varint(const uint8_t **p, const uint8_t *end)
{
    uint32_t value = 0, shift = 0;
    while (*p < end) {
        uint8_t byte = *(*p)++;
        value |= (uint32_t)(byte & 63) << shift;
        if (!(byte & 64))
            break;
        shift = shift < 24 ? shift + 6 : 26;
    }
    return value;
}

/* The same with a sign in the low bit. */
static int read_signed_varint(const uint8_t **p, const uint8_t *end)
{
    uint32_t v = read_varint(p, end);
    return v & 1 ? -(int)(v >> 1) : (int)(v >> 1);
}

/* One entry of a PEP 657 table; the number of code units that it covers. */
static int read_position(const uint8_t **p, const uint8_t *end, int *line, struct place *place)
{
    int first = *(*p)++, kind = first >> 3 & 15, second = 0;
    *place = (struct place){-1, -1, -1, -1};
    if (kind == 15)
        return (first & 7) + 1;
    if (kind < 10) {
        if (*p < end)
            second = *(*p)++;
        *place = (struct place){*line, *line, kind << 3 | second >> 4,
                                (kind << 3 | second >> 4) + (second & 15)};
    } else if (kind < 13) {
        *line += kind - 10;
        *place = (struct place){*line, *line, *p < end ? (*p)[0] : 0, *p + 1 < end ? (*p)[1] : 0};
        *p += end - *p >= 2 ? 2 : end - *p;
    } else {
        *line += read_signed_varint(p, end);
        *place = (struct place){*line, *line, -1, -1};
        if (kind == 14) {
            place->end_line = *line + (int)read_varint(p, end);
            place->column = (int)read_varint(p, end) - 1;
            place->end_column = (int)read_varint(p, end) - 1;
        }
    }
    return (first & 7) + 1;
}

/* The places of all code units. */
static struct place *read_places(struct lister *l, const struct code *code)
{
    uint32_t units = code->code.length / 2, unit = 0;
    struct place *places = arena_alloc_array(l->c->arena, units + 1, sizeof *places);
    for (uint32_t i = 0; i <= units; i++)
        places[i] = (struct place){code->firstlineno, -1, -1, -1};
    const uint8_t *p = code->linetable.bytes, *end = p + code->linetable.length;
    enum line_table_form form = l->c->target->out->line_table;
    int line = code->firstlineno;
    struct place place = {line, -1, -1, -1};
    while (p < end && unit < units) {
        int covered;
        if (form == LINES_WITH_COLUMNS) {
            covered = read_position(&p, end, &line, &place);
        } else {
            covered = p[0] / 2;
            int delta = p + 1 < end ? (int8_t)p[1] : 0;
            p += 2;
            if (form == LINES_BY_RANGES) {
                line += delta == -128 ? 0 : delta;
                place.line = delta == -128 ? -1 : line;
            }
            for (int i = 0; form == LINES_BY_DELTAS && i < covered && unit < units; i++)
                places[unit++] = place;
            if (form == LINES_BY_DELTAS) {
                place.line += delta;
                continue;
            }
        }
        for (int i = 0; i < covered && unit < units; i++)
            places[unit++] = place;
    }
    while (form == LINES_BY_DELTAS && unit < units)
        places[unit++] = place;
    return places;
}

/* The offset in bytes that a jump goes to. `after` is the offset behind the instruction and its
 * caches. */
static long jump_target(const struct lister *l, const struct opcode_info *info, long after,
                        uint32_t argument)
{
    long distance = (long)argument * (l->c->target->out->jumps_in_words ? 2 : 1);
    if (info->flags & OPCODE_HAS_JUMP_ABS)
        return distance;
    return info->flags & OPCODE_JUMPS_BACK ? after - distance : after + distance;
}

/* A local variable by its index. */
static void put_local(struct lister *l, const struct code *code, uint32_t index, bool is_cell)
{
    if (l->c->target->out->localsplus_layout) {
        if (index < code->localsplus_count)
            put_name(l, code->localsplusnames[index]);
    } else if (!is_cell) {
        if (index < code->varname_count)
            put_name(l, code->varnames[index]);
    } else if (index < code->cellvar_count) {
        put_name(l, code->cellvars[index]);
    } else if (index - code->cellvar_count < code->freevar_count) {
        put_name(l, code->freevars[index - code->cellvar_count]);
    }
}

/* The index into the names: some instructions keep flags below it. */
static uint32_t name_index(enum opcode op, const struct opcode_info *opcodes, uint32_t argument)
{
    if (op == OP_LOAD_SUPER_ATTR)
        return argument >> 2;
    bool low_bit =
        (op == OP_LOAD_GLOBAL || op == OP_LOAD_ATTR) && opcodes[op].rule == EFFECT_LOW_BIT;
    return low_bit ? argument >> 1 : argument;
}

/* What an argument means. */
static void put_meaning(struct lister *l, const struct code *code, enum opcode op,
                        uint32_t argument, long after)
{
    const struct opcode_info *info = &l->opcodes[op];
    buffer_text(l->out, " (");
    if (info->flags & OPCODE_HAS_CONST) {
        if (argument < code->consts->length)
            put_constant(l, code->consts->v.items[argument]);
    } else if (info->flags & OPCODE_HAS_NAME) {
        uint32_t index = name_index(op, l->opcodes, argument);
        if (index < code->name_count)
            put_name(l, code->names[index]);
    } else if (info->flags & (OPCODE_HAS_JUMP_REL | OPCODE_HAS_JUMP_ABS)) {
        buffer_printf(l->out, "to %ld", jump_target(l, info, after, argument));
    } else if (op == OP_LOAD_FAST_LOAD_FAST || op == OP_STORE_FAST_LOAD_FAST ||
               op == OP_STORE_FAST_STORE_FAST || op == OP_LOAD_FAST_BORROW_LOAD_FAST_BORROW) {
        put_local(l, code, argument >> 4, false);
        buffer_text(l->out, ", ");
        put_local(l, code, argument & 15, false);
    } else if (info->flags & (OPCODE_HAS_LOCAL | OPCODE_HAS_FREE)) {
        put_local(l, code, argument, (info->flags & OPCODE_HAS_FREE) != 0);
    } else {
        l->out->length -= 2;
        return;
    }
    buffer_byte(l->out, ')');
}

/* The columns of an instruction. */
static void put_columns(struct lister *l, struct place place)
{
    if (place.column >= 0)
        buffer_printf(l->out, "  [%d:%d-%d:%d]", place.line, place.column, place.end_line,
                      place.end_column);
}

/* All instructions. */
static void put_instructions(struct lister *l, const struct code *code)
{
    const struct place *places = read_places(l, code);
    uint32_t extended = 0;
    int shown = -2;
    for (uint32_t i = 0; i + 1 < code->code.length; i += 2) {
        uint16_t op = l->by_number[code->code.bytes[i]];
        uint32_t argument = extended << 8 | code->code.bytes[i + 1];
        struct place place = places[i / 2];
        if (place.line != shown)
            buffer_printf(l->out, place.line < 0 ? "    --" : "%6d", place.line);
        else
            buffer_text(l->out, "      ");
        shown = place.line;
        buffer_printf(l->out, " %6u  ", (unsigned)i);
        if (op == NOT_AN_OPCODE) {
            buffer_printf(l->out, "<%d> %u\n", code->code.bytes[i], (unsigned)argument);
            extended = 0;
            continue;
        }
        const struct opcode_info *info = &l->opcodes[op];
        extended = op == OP_EXTENDED_ARG ? argument : 0;
        buffer_printf(l->out, "%-28s", opcode_name((enum opcode)op));
        if (info->flags & OPCODE_HAS_ARG) {
            buffer_printf(l->out, " %u", (unsigned)argument);
            put_meaning(l, code, (enum opcode)op, argument, (long)i + 2 + 2 * info->caches);
        }
        put_columns(l, place);
        buffer_byte(l->out, '\n');
        i += 2u * info->caches;
    }
}

/* The exception table (from 3.11). */
static void put_exceptions(struct lister *l, const struct code *code)
{
    const uint8_t *p = code->exceptiontable.bytes, *end = p + code->exceptiontable.length;
    while (p < end) {
        unsigned numbers[4];
        for (int i = 0; i < 4; i++) {
            unsigned value = 0;
            bool more = true;
            while (p < end && more) {
                value = value << 6 | (*p & 63);
                more = *p++ & 64;
            }
            numbers[i] = value;
        }
        buffer_printf(l->out, "  exceptions in %u to %u: to %u, depth %u%s\n", numbers[0] * 2,
                      (numbers[0] + numbers[1]) * 2, numbers[2] * 2, numbers[3] >> 1,
                      numbers[3] & 1 ? ", lasti" : "");
    }
}

/* The head of a listing. */
static void put_head(struct lister *l, const struct code *code)
{
    buffer_text(l->out, "code ");
    put_name(l, code->qualname != 0 ? code->qualname : code->name);
    buffer_printf(l->out, ", line %d: args %d, posonly %d, kwonly %d, stack %d, flags",
                  code->firstlineno, code->argcount, code->posonlyargcount, code->kwonlyargcount,
                  code->stacksize);
    put_flags(l, (unsigned)code->flags);
    buffer_byte(l->out, '\n');
    for (uint32_t i = 0; i < code->consts->length; i++) {
        buffer_printf(l->out, "  const %u: ", (unsigned)i);
        put_constant(l, code->consts->v.items[i]);
        buffer_byte(l->out, '\n');
    }
    put_names(l, "names", code->names, code->name_count);
    if (!l->c->target->out->localsplus_layout) {
        put_names(l, "varnames", code->varnames, code->varname_count);
        put_names(l, "cellvars", code->cellvars, code->cellvar_count);
        put_names(l, "freevars", code->freevars, code->freevar_count);
        return;
    }
    put_names(l, "locals", code->localsplusnames, code->localsplus_count);
    if (code->localsplus_count > 0) {
        buffer_text(l->out, "  kinds:");
        for (uint32_t i = 0; i < code->localspluskinds.length; i++)
            buffer_printf(l->out, " %02x", code->localspluskinds.bytes[i]);
        buffer_byte(l->out, '\n');
    }
}

/* A code object, then those inside it. */
static void list_one(struct lister *l, const struct code *code)
{
    put_head(l, code);
    put_instructions(l, code);
    put_exceptions(l, code);
    if (++l->depth < DEPTH_MAX) {
        for (uint32_t i = 0; i < code->consts->length; i++) {
            if (code->consts->v.items[i]->kind == CONSTANT_CODE) {
                buffer_byte(l->out, '\n');
                list_one(l, code->consts->v.items[i]->v.code);
            }
        }
    }
    l->depth--;
}

void list_code(struct compilation *c, const struct code *code, struct buffer *out)
{
    struct lister l = {.c = c, .out = out, .opcodes = c->target->opcodes};
    for (int i = 0; i < 256; i++)
        l.by_number[i] = NOT_AN_OPCODE;
    for (int op = 0; op < OPCODE_COUNT; op++) {
        if ((l.opcodes[op].flags & OPCODE_PRESENT) && !(l.opcodes[op].flags & OPCODE_PSEUDO))
            l.by_number[l.opcodes[op].number] = (uint16_t)op;
    }
    list_one(&l, code);
}
