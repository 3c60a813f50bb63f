/* co_linetable with PEP 657 positions (3.11 and later).
 *
 * Answers to assemble_location_info of CPython's assemble.c; Objects/locations.md has the format. One entry covers up to eight code units of
 * one location.
 */
#include "opt/passes.h"

enum {
    ENTRY_MAX = 8,       /* code units of an entry */
    ENTRY_BYTES = 32,    /* no entry is longer */
    FORM_ONE_LINE = 10,  /* + lines to the previous entry, 0 to 2 */
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

/* One entry of at most eight units, of any form; `*line` is the line of the entry before and becomes this one's. */
static uint8_t *write_any_entry(uint8_t *to, const struct location *loc, uint32_t units, int32_t *line)
{
    uint8_t first = (uint8_t)(128 | (units - 1));
    int32_t delta = loc->lineno - *line, column = loc->col_offset, end_column = loc->end_col_offset;

    if (loc->lineno < 0) {
        *to++ = first | FORM_NONE << 3;
        return to;
    }
    if (column < 0 || end_column < 0) {
        if (loc->end_lineno == loc->lineno || loc->end_lineno < 0) {
            *line = loc->lineno;
            *to++ = first | FORM_NO_COLUMNS << 3;
            return write_signed_varint(to, delta);
        }
    } else if (loc->end_lineno == loc->lineno) {
        if (delta == 0 && column < 80 && end_column >= column && end_column - column < 16) {
            *to++ = (uint8_t)(first | (column >> 3) << 3);
            *to++ = (uint8_t)((column & 7) << 4 | (end_column - column));
            return to;
        }
        if (delta >= 0 && delta < 3 && column < 128 && end_column < 128) {
            *line = loc->lineno;
            *to++ = (uint8_t)(first | (FORM_ONE_LINE + delta) << 3);
            *to++ = (uint8_t)column;
            *to++ = (uint8_t)end_column;
            return to;
        }
    }
    *line = loc->lineno;
    *to++ = first | FORM_LONG << 3;
    to = write_signed_varint(to, delta);
    to = write_varint(to, (uint32_t)(loc->end_lineno - loc->lineno));
    to = write_varint(to, (uint32_t)(column + 1));
    return write_varint(to, (uint32_t)(end_column + 1));
}

/* The same, by way of the two most frequent forms: both are made, the length tells which one stays. */
static inline uint8_t *write_entry(uint8_t *to, const struct location *loc, uint32_t units, int32_t *line)
{
    uint32_t delta = (uint32_t)(loc->lineno - *line), column = (uint32_t)loc->col_offset;
    uint32_t end_column = (uint32_t)loc->end_col_offset, width = end_column - column;
    if (loc->end_lineno != loc->lineno || delta > 2 || column > 127 || end_column > 127 || loc->lineno < 0)
        return write_any_entry(to, loc, units, line);
    bool is_short = (delta == 0) & (column < 80) & (width < 16);
    uint32_t form = is_short ? column >> 3 : FORM_ONE_LINE + delta;
    to[0] = (uint8_t)(128 | (units - 1) | form << 3);
    to[1] = (uint8_t)(is_short ? (column & 7) << 4 | width : column);
    to[2] = (uint8_t)end_column;
    *line = loc->lineno;
    return to + 3 - is_short;
}

/* Where the table is written; it has room for an entry. */
struct table {
    struct cfg *g;
    uint8_t *to, *limit;
    int32_t line; /* of the entry before */
};

/* Room for more entries. */
static void grow_table(struct table *t)
{
    struct backend_scratch *s = t->g->scratch;
    s->bytes.count = s->bytes.items != NULL ? (uint32_t)(t->to - s->bytes.items) : 0;
    array_reserve(t->g->arena, &s->bytes, 64 * ENTRY_BYTES);
    t->to = s->bytes.items + s->bytes.count;
    t->limit = s->bytes.items + s->bytes.capacity - ENTRY_BYTES;
}

/* Start an empty table. */
static struct table start_table(struct cfg *g)
{
    struct table t = {.g = g, .to = g->scratch->bytes.items, .line = g->u->firstlineno};
    grow_table(&t);
    return t;
}

/* The table is done. */
static struct byte_string finish_table(struct table *t)
{
    t->g->scratch->bytes.count = (uint32_t)(t->to - t->g->scratch->bytes.items);
    return cfg_keep_bytes(t->g);
}

/* All entries of one location. */
static inline void write_location(struct table *t, const struct location *loc, uint32_t units)
{
    while (units > 0) {
        uint32_t part = units > ENTRY_MAX ? (uint32_t)ENTRY_MAX : units;
        if (t->to > t->limit)
            grow_table(t);
        t->to = write_entry(t->to, loc, part, &t->line);
        units -= part;
    }
}

/* Are two locations the same? */
static inline bool same_location(const struct location *a, const struct location *b)
{
    uint64_t x[2], y[2];
    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    return x[0] == y[0] && x[1] == y[1];
}

/* Give instruction `i` of a block the location of what follows; nothing follows what ends a block. */
static void take_next_location(struct cfg *g, struct block *b, uint32_t i)
{
    struct instruction *in = &b->code[i];
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

void write_positions(struct cfg *g, struct code *code)
{
    static const struct location none = {-1, -1, -1, -1};
    const struct location *loc = &none;
    struct table t = start_table(g);
    uint32_t units = 0;

    for EACH_BLOCK(g, b)
        for EACH_INSTRUCTION(b, in) {
            if (in->loc.lineno == NEXT_LOCATION.lineno)
                take_next_location(g, b, (uint32_t)(in - b->code));
            if (!same_location(loc, &in->loc)) {
                write_location(&t, loc, units);
                loc = &in->loc;
                units = 0;
            }
            units += in->size;
        }
    write_location(&t, loc, units);
    code->linetable = finish_table(&t);
}

void write_positions_one_by_one(struct cfg *g, struct code *code)
{
    struct table t = start_table(g);
    for EACH_BLOCK(g, b)
        for (uint32_t i = 0; i < b->used; i++)
            write_location(&t, &b->code[i].loc, b->code[i].size);
    code->linetable = finish_table(&t);
}
