/* co_linetable with PEP 657 positions (3.11 and later).
 *
 * Answers to assemble_location_info of CPython's assemble.c; Objects/locations.md has the format.
 * One entry covers up to eight code units of one location.
 */
#include "asm/positions.h"

enum {
    ENTRY_MAX = 8,      /* code units of an entry */
    ENTRY_BYTES = 32,   /* no entry is longer */
    UNIT_BYTES = 9,     /* no entry of a frequent form is longer */
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

/* The same of a value below 4096, without a branch; a byte more is written in any case. */
static inline uint8_t *write_short_varint(uint8_t *to, uint32_t value)
{
    uint32_t more = value > 63;
    to[0] = (uint8_t)(more << 6 | (value & 63));
    to[1] = (uint8_t)(value >> 6);
    return to + 1 + more;
}

/* A number with its sign in the lowest bit. */
static inline uint32_t with_sign(int32_t value)
{
    uint32_t sign = value < 0;
    return (((uint32_t)value ^ (0u - sign)) + sign) << 1 | sign;
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
    if (((loc->col_offset | loc->end_col_offset) < 0) &&
        (loc->end_lineno == loc->lineno || loc->end_lineno < 0)) {
        *to++ = first | FORM_NO_COLUMNS << 3;
        return write_varint(to, with_sign(delta));
    }
    *to++ = first | FORM_LONG << 3;
    to = write_varint(to, with_sign(delta));
    to = write_varint(to, (uint32_t)(loc->end_lineno - loc->lineno));
    to = write_varint(to, (uint32_t)(loc->col_offset + 1));
    return write_varint(to, (uint32_t)(loc->end_col_offset + 1));
}

/* A table on its way. Up to the limit there is room for one run of any form and then for all code
 * units, if they take the frequent forms. */
struct table {
    struct cfg *g;
    uint8_t *first, *to, *limit;
    size_t size;  /* of the block that it is in */
    int32_t line; /* of the entry before, from 0 */
};

/* Make room for the longest entry and for all that may follow, and for some long ones before. */
static void make_room(struct table *t)
{
    struct arena *arena = t->g->arena;
    size_t used = (size_t)(t->to - t->first), spare = used + 256;
    if (used > UINT32_MAX / 4)
        unwind_to(arena->unwind, UNWIND_NO_MEMORY);
    t->size = used + spare + ENTRY_BYTES + UNIT_BYTES * (size_t)t->g->code_size;
    uint8_t *block = arena_alloc(arena, t->size);
    if (used != 0)
        memcpy(block, t->first, used);
    t->first = block;
    t->to = block + used;
    t->limit = t->to + spare;
}

/* Write an entry; how much of it counts is the caller's to say. */
static inline void store_entry(uint8_t *to, uint32_t entry)
{
    to[0] = (uint8_t)entry;
    to[1] = (uint8_t)(entry >> 8);
    to[2] = (uint8_t)(entry >> 16);
    to[3] = (uint8_t)(entry >> 24);
}

/* An entry of one of the two most frequent forms, both for columns below 128: both are made, and
 * the one that fits stays; a branch would often be wrong. The number of units is left out. */
struct frequent {
    uint32_t entry;
    uint32_t size; /* in bytes */
};

/* `delta` is at most 2. */
static inline struct frequent frequent_form(const struct location *loc, uint32_t delta)
{
    uint32_t column = (uint32_t)loc->col_offset, end_column = (uint32_t)loc->end_col_offset;
    uint32_t width = end_column - column;
    /* The short form has column >> 3 in bits 3 to 6 and column & 7 in bits 12 to 14; it is for
     * columns below 80 and widths below 16 on the line of the entry before. No location ends before
     * it starts. */
    uint32_t brief = (column * 0x1001 & 0x7078) + (width << 8) + 128;
    uint32_t full = (end_column << 16 | column << 8) + 8 * delta + (8 * FORM_ONE_LINE + 128);
    uint32_t is_full = ((15 - width) | (79 - column) | (0 - delta)) >> 31; /* one is below 0 */
    return (struct frequent){brief + (full - brief) * is_full, 2 + is_full};
}

/* Has the first entry of a run one of those forms, and, if there is a second one, the same? Where
 * there is no line, the delta is too great. */
static inline bool is_frequent(const struct location *loc, uint32_t delta, uint32_t units)
{
    uint32_t columns = (uint32_t)loc->col_offset | (uint32_t)loc->end_col_offset;
    uint32_t lines = (uint32_t)(loc->lineno ^ loc->end_lineno);
    uint64_t more_entries = (units - 1) / ENTRY_MAX;
    return delta + 2 * more_entries <= 2 && (lines | columns >> 7) == 0;
}

/* Can a run be written as one entry of the long form with short numbers? */
static inline bool is_plain_long(const struct location *loc, uint32_t delta, uint32_t units)
{
    uint32_t numbers = with_sign((int32_t)delta) | (uint32_t)(loc->end_lineno - loc->lineno) |
                       (uint32_t)loc->col_offset | (uint32_t)loc->end_col_offset |
                       ((uint32_t)loc->lineno & 1u << 31);
    return (numbers < 2048) & (units <= ENTRY_MAX);
}

static inline uint8_t *write_plain_long(uint8_t *to, const struct location *loc, uint32_t delta,
                                        uint32_t units)
{
    *to++ = (uint8_t)(128 | FORM_LONG << 3 | (units - 1));
    to = write_short_varint(to, with_sign((int32_t)delta));
    to = write_short_varint(to, (uint32_t)(loc->end_lineno - loc->lineno));
    to = write_short_varint(to, (uint32_t)loc->col_offset + 1);
    return write_short_varint(to, (uint32_t)loc->end_col_offset + 1);
}

/* All entries of a run of which the first is not frequent or that takes many. */
OUT_OF_LINE static void add_rare(struct table *t, const struct location *loc, uint32_t units)
{
    for (uint32_t part; units > 0; units -= part) {
        uint32_t delta = (uint32_t)loc->lineno - (uint32_t)t->line;
        part = units > ENTRY_MAX ? (uint32_t)ENTRY_MAX : units;
        if (is_frequent(loc, delta, part)) {
            struct frequent f = frequent_form(loc, delta);
            store_entry(t->to, f.entry | (part - 1));
            t->to += f.size;
            t->line = loc->lineno;
            continue;
        }
        t->to = write_rare(t->to, loc, part, &t->line);
        if (t->to > t->limit)
            make_room(t);
    }
}

struct byte_string positions_write(struct cfg *g, const struct location_run *runs, uint32_t count)
{
    struct table t = {.g = g, .line = g->u->firstlineno};
    make_room(&t);
    uint32_t line = (uint32_t)t.line;
    uint8_t *to = t.to;
    for (const struct location_run *run = runs, *end = runs + count; run != end; run++) {
        const struct location *loc = &run->first->loc;
        uint32_t units = run[1].start - run->start, delta = (uint32_t)loc->lineno - line;
        if (!is_frequent(loc, delta, units)) {
            if (is_plain_long(loc, delta, units)) {
                to = write_plain_long(to, loc, delta, units);
                line += delta;
                continue;
            }
            t.to = to;
            t.line = (int32_t)line;
            add_rare(&t, loc, units);
            to = t.to;
            line = (uint32_t)t.line;
            continue;
        }
        /* Up to two entries, without asking how many. */
        struct frequent f = frequent_form(loc, delta);
        uint32_t two = (units - 1) / ENTRY_MAX;
        store_entry(to, f.entry | ((units - 1) & 7) | two * 7);
        store_entry(to + f.size, f.entry | ((units - 1) & 7));
        to += f.size << two;
        line += delta;
    }
    arena_trim(g->arena, t.first, t.size, to);
    return (struct byte_string){t.first, (uint32_t)(to - t.first)};
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
