/* co_exceptiontable (3.11 and later).
 *
 * Answers to assemble_exception_table of CPython's assemble.c; Objects/exception_handling_notes.txt
 * has the format: for each stretch of code with one handler its start, size, handler and stack
 * depth, in big-endian varints of six bits, the first byte of an entry marked.
 */
#include "asm/exception_table.h"

enum { ENTRY_START = 128, CONTINUATION = 64, ENTRY_BYTES = 24 };

/* One number; `mark` goes on its first byte. */
static inline uint8_t *write_item(uint8_t *to, uint32_t value, unsigned mark)
{
    if (value >= CONTINUATION)
        for (int shift = value >> 12 != 0 ? 24 : 6; shift > 0; shift -= 6)
            if (value >> shift != 0) {
                *to++ = (uint8_t)((value >> shift & 63) | CONTINUATION | mark);
                mark = 0;
            }
    *to++ = (uint8_t)((value & 63) | mark);
    return to;
}

/* Do two blocks start at the same instruction? */
static bool same_handler(const struct cfg *g, int32_t a, int32_t b)
{
    return a == b || (a >= 0 && b >= 0 && g->blocks[a].offset == g->blocks[b].offset);
}

/* One entry: code units from `start` up to `end` are caught by the block. */
static void write_entry(struct cfg *g, uint32_t start, uint32_t end, int32_t handler)
{
    struct backend_scratch *s = g->scratch;
    const struct block *b = &g->blocks[handler];
    int32_t depth = b->startdepth - 1 - b->preserve_lasti;

    if (depth < 0)
        cfg_malformed(g);
    array_reserve(g->arena, &s->exceptions, ENTRY_BYTES);
    uint8_t *first = s->exceptions.items + s->exceptions.count;
    uint8_t *to = write_item(first, start, ENTRY_START);
    to = write_item(to, end - start, 0);
    to = write_item(to, b->offset, 0);
    to = write_item(to, (uint32_t)depth << 1 | b->preserve_lasti, 0);
    s->exceptions.count += (uint32_t)(to - first);
}

struct byte_string exceptions_write(struct cfg *g, const struct caught_run *runs, uint32_t count)
{
    struct caught_run run = {.handler = -1}; /* not written yet */
    g->scratch->exceptions.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (same_handler(g, runs[i].handler, run.handler))
            continue;
        if (run.handler >= 0)
            write_entry(g, run.start, runs[i].start, run.handler);
        run = runs[i];
    }
    if (run.handler >= 0)
        write_entry(g, run.start, g->code_size, run.handler);
    return cfg_keep_bytes(g, &g->scratch->exceptions);
}
