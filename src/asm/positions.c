/* co_linetable with PEP 657 positions (3.11 and later).
 *
 * Answers to assemble_location_info of CPython's assemble.c; Objects/locations.md has the format.
 * One entry covers up to eight code units of one location.
 */
#include "asm/positions.h"

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

/* One entry of at most eight units, of any form; `*line` is the line of the entry before and
 * becomes this one's. */
static uint8_t *write_entry(uint8_t *to, const struct location *loc, uint32_t units, int32_t *line)
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

/* Room for more entries. */
static void grow_table(struct position_table *t)
{
    struct backend_scratch *s = t->g->scratch;
    s->bytes.count = s->bytes.items != NULL ? (uint32_t)(t->to - s->bytes.items) : 0;
    array_reserve(t->g->arena, &s->bytes, 64 * ENTRY_BYTES);
    t->to = s->bytes.items + s->bytes.count;
    t->limit = s->bytes.items + s->bytes.capacity - ENTRY_BYTES;
}

struct position_table positions_start(struct cfg *g)
{
    struct position_table t = {.g = g, .to = g->scratch->bytes.items, .line = g->u->firstlineno};
    grow_table(&t);
    return t;
}

void positions_write_any(struct position_table *t, const struct location *loc, uint32_t units)
{
    while (units > 0) {
        uint32_t part = units > ENTRY_MAX ? (uint32_t)ENTRY_MAX : units;
        if (t->to > t->limit)
            grow_table(t);
        t->to = write_entry(t->to, loc, part, &t->line);
        units -= part;
    }
}

struct byte_string positions_finish(struct position_table *t)
{
    t->g->scratch->bytes.count = (uint32_t)(t->to - t->g->scratch->bytes.items);
    return cfg_keep_bytes(t->g, &t->g->scratch->bytes);
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
