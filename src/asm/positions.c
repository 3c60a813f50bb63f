/* co_linetable with PEP 657 positions (3.11 and later).
 *
 * Answers to assemble_location_info of CPython's assemble.c; Objects/locations.md has the format.
 * One entry covers up to eight code units of one location.
 */
#include "asm/positions.h"

enum {
    ENTRY_MAX = 8,      /* code units of an entry */
    ENTRY_BYTES = 32,   /* no entry is longer */
    UNIT_BYTES = 4,     /* no entry of a frequent form is longer */
    FORM_ONE_LINE = 10, /* + lines to the previous entry, 0 to 2 */
    FORM_NO_COLUMNS = 13,
    FORM_LONG = 14,
    FORM_NONE = 15,
};

/* A varint of six-bit groups, least first. */
static inline uint8_t *write_varint(uint8_t *to, uint32_t value)
{
    for (; value >= 64; value >>= 6)
        *to++ = (uint8_t)(64 | (value & 63));
    *to++ = (uint8_t)value;
    return to;
}

/* The same with the sign in the lowest bit. */
static uint8_t *write_signed_varint(uint8_t *to, int32_t value)
{
    return write_varint(to, value < 0 ? (0u - (uint32_t)value) << 1 | 1 : (uint32_t)value << 1);
}

/* One entry of at most eight units, of a form that is not frequent; `*line` is the line of the
 * entry before and becomes this one's. */
static inline uint8_t *write_rare(uint8_t *to, const struct location *loc, uint32_t units,
                                  int32_t *line)
{
    uint8_t first = (uint8_t)(128 | (units - 1));
    int32_t delta = loc->lineno - *line;

    if (loc->lineno < 0) {
        *to++ = first | FORM_NONE << 3;
        return to;
    }
    *line = loc->lineno;
    if ((loc->col_offset < 0 || loc->end_col_offset < 0) &&
        (loc->end_lineno == loc->lineno || loc->end_lineno < 0)) {
        *to++ = first | FORM_NO_COLUMNS << 3;
        return write_signed_varint(to, delta);
    }
    *to++ = first | FORM_LONG << 3;
    to = write_signed_varint(to, delta);
    to = write_varint(to, (uint32_t)(loc->end_lineno - loc->lineno));
    to = write_varint(to, (uint32_t)(loc->col_offset + 1));
    return write_varint(to, (uint32_t)(loc->end_col_offset + 1));
}

/* Make room for the longest entry and for all that may follow. */
static void make_room(struct position_table *t)
{
    struct cfg *g = t->g;
    struct byte_array *bytes = &g->scratch->bytes;
    if (g->code_size > (UINT32_MAX / 2 - ENTRY_BYTES) / UNIT_BYTES)
        unwind_to(g->arena->unwind, UNWIND_NO_MEMORY);
    uint32_t room = ENTRY_BYTES + UNIT_BYTES * g->code_size;
    array_reserve(g->arena, bytes, room);
    t->to = bytes->items + bytes->count;
    t->limit = bytes->items + (bytes->capacity - room);
}

struct position_table positions_start(struct cfg *g)
{
    struct position_table t = {.g = g, .line = g->u->firstlineno};
    g->scratch->bytes.count = 0;
    make_room(&t);
    return t;
}

/* One entry of one of the two most frequent forms, both for columns below 128: both are made, and
 * the one that fits stays; a branch would often be wrong. `delta` is at most 2. */
static inline uint8_t *write_frequent(uint8_t *to, uint32_t delta, uint32_t column,
                                      uint32_t end_column, uint32_t units)
{
    uint32_t width = end_column - column;
    /* The short form has column >> 3 in bits 3 to 6 and column & 7 in bits 12 to 14; it is for
     * columns below 80 and widths below 16 on the line of the entry before. */
    uint32_t brief = (column * 0x1001 & 0x7078) + (width << 8);
    uint32_t full = ((end_column << 8 | column) << 8) + 8 * (FORM_ONE_LINE + delta);
    uint32_t excess = (width << 3 | (column + 48)) >> 7 | delta;
    size_t mask = excess != 0 ? SIZE_MAX : 0;
    uint32_t entry = (brief ^ ((brief ^ full) & (uint32_t)mask)) | 128 | (units - 1);
    to[0] = (uint8_t)entry;
    to[1] = (uint8_t)(entry >> 8);
    to[2] = (uint8_t)(entry >> 16);
    to[3] = (uint8_t)(entry >> 24);
    return to + (2 - mask);
}

/* Has an entry one of those forms? Where there is no line, the delta is too great. */
static inline bool is_frequent(const struct location *loc, uint32_t delta)
{
    uint32_t columns = (uint32_t)loc->col_offset | (uint32_t)loc->end_col_offset;
    return delta <= 2 && loc->lineno == loc->end_lineno && columns <= 127;
}

/* All entries of one location of which the first is not frequent. */
OUT_OF_LINE static void add_rare(struct position_table *t, const struct location *loc,
                                 uint32_t units)
{
    for (uint32_t part; units > 0; units -= part) {
        part = units > ENTRY_MAX ? (uint32_t)ENTRY_MAX : units;
        t->to = write_rare(t->to, loc, part, &t->line);
        if (t->to > t->limit) {
            t->g->scratch->bytes.count = (uint32_t)(t->to - t->g->scratch->bytes.items);
            make_room(t);
        }
        if (units > part && is_frequent(loc, 0)) {
            positions_add(t, loc, units - part);
            return;
        }
    }
}

void positions_add(struct position_table *t, const struct location *loc, uint32_t units)
{
    uint32_t line = (uint32_t)loc->lineno, delta = line - (uint32_t)t->line;
    uint32_t column = (uint32_t)loc->col_offset, end_column = (uint32_t)loc->end_col_offset;
    uint8_t *to = t->to;
    if (!is_frequent(loc, delta)) {
        add_rare(t, loc, units);
        return;
    }
    for (; units > ENTRY_MAX; units -= ENTRY_MAX, delta = 0)
        to = write_frequent(to, delta, column, end_column, ENTRY_MAX);
    t->to = write_frequent(to, delta, column, end_column, units);
    t->line = (int32_t)line;
}

struct byte_string positions_finish(struct position_table *t)
{
    struct byte_array *bytes = &t->g->scratch->bytes;
    bytes->count = (uint32_t)(t->to - bytes->items);
    return cfg_keep_bytes(t->g, bytes);
}

void positions_take_next(struct cfg *g, struct block *b, struct instruction *in)
{
    uint32_t i = (uint32_t)(in - b->code);
    in->loc = NO_LOCATION;
    while (!(op_class(b->code[i].opcode) & CLASS_TERMINATOR)) {
        if (i + 1 < b->used) {
            i++;
        } else {
            int32_t next = next_nonempty_block(g, b->next);
            if (next < 0)
                return;
            b = &g->blocks[next];
            i = 0;
        }
        if (b->code[i].loc.lineno != NEXT_LOCATION.lineno) {
            in->loc = b->code[i].loc;
            return;
        }
    }
}
