/* co_code with jumps in code units, and the line table of PEP 626 (3.10).
 *
 * Answers to assemble_jump_offsets, assemble_emit and assemble_line_range of compile.c there.
 * Relative and absolute jumps are told apart by the opcode table. Sizes are found by repetition,
 * starting from one unit for each jump; only the jumps are looked at again, for what is between
 * them keeps its size.
 */
#include "opt/first_graph.h"

#include "opt/peephole.h"

/* The size of instructions that are no jumps. */
static uint32_t size_of(const struct instruction *in, const struct instruction *end)
{
    uint32_t size = (uint32_t)(end - in), arguments = 0;
    for (const struct instruction *i = in; i != end; i++)
        arguments |= (uint32_t)i->oparg;
    if (arguments > 0xFF)
        for (const struct instruction *i = in; i != end; i++)
            size += word_size((uint32_t)i->oparg) - 1;
    return size;
}

/* Cut a block into pieces that end in a jump or SETUP_*, whose argument starts as nothing, or with
 * the block. */
static void list_pieces(struct cfg *g, struct block *b)
{
    struct backend_scratch *s = g->scratch;
    struct instruction *start = b->code, *end = b->code + b->used;
    struct block *first = b;
    if (b->classes & CLASS_TARGET)
        FOR_EACH_INSTRUCTION(b, in) {
            if (!(op_class(in->opcode) & CLASS_TARGET))
                continue;
            array_push(g->arena, &s->laid,
                       ((struct laid_block){.block = first,
                                            .jump = in,
                                            .target = in->oparg,
                                            .fixed_size = size_of(start, in),
                                            .jump_size = 1}));
            in->oparg = 0;
            first = NULL;
            start = in + 1;
        }
    array_push(g->arena, &s->laid,
               ((struct laid_block){.block = first, .fixed_size = size_of(start, end)}));
}

/* Place the blocks with the sizes that the jumps have now. */
static void place_blocks(struct cfg *g)
{
    const struct backend_scratch *s = g->scratch;
    uint32_t offset = 0;
    for (uint32_t k = 0; k < s->laid.count; k++) {
        const struct laid_block *l = &s->laid.items[k];
        if (l->block != NULL)
            l->block->offset = offset;
        offset += l->fixed_size + l->jump_size;
    }
    g->code_size = offset;
}

/* Compute the jump arguments; true if the size of one has changed. */
static bool set_jumps(struct cfg *g)
{
    const struct backend_scratch *s = g->scratch;
    uint32_t offset = 0;
    bool changed = false;
    for (uint32_t k = 0; k < s->laid.count; k++) {
        struct laid_block *l = &s->laid.items[k];
        offset += l->fixed_size + l->jump_size;
        if (l->jump == NULL)
            continue;
        uint32_t to = g->blocks[l->target].offset;
        if (g->opcodes[l->jump->opcode].flags & OPCODE_HAS_JUMP_REL)
            to -= offset;
        l->jump->oparg = (int32_t)to;
        changed |= word_size(to) != l->jump_size;
        l->jump_size = word_size(to);
    }
    return changed;
}

/* Resolve all jumps. */
static void resolve_jumps(struct cfg *g)
{
    g->scratch->laid.count = 0;
    FOR_EACH_BLOCK(g, b)
        list_pieces(g, b);
    do
        place_blocks(g);
    while (set_jumps(g));
}

/* One pair of the line table. */
static inline void write_pair(struct cfg *g, int32_t bytes, int32_t step)
{
    struct byte_array *table = &g->scratch->bytes;
    array_reserve(g->arena, table, 2);
    table->items[table->count] = (uint8_t)bytes;
    table->items[table->count + 1] = (uint8_t)step;
    table->count += 2;
}

/* One range of code: `bytes` long, `line` (-1: none), the line before it. */
static void write_range(struct cfg *g, int32_t bytes, int32_t line, int32_t *previous)
{
    enum { NO_LINE = -128, LINE_MAX_STEP = 127, BYTES_MAX = 254 };
    int32_t step = NO_LINE;
    if (bytes == 0)
        return;
    if (line >= 0) {
        step = line - *previous;
        *previous = line;
        for (; step > LINE_MAX_STEP || step < -LINE_MAX_STEP;
             step -= step < 0 ? -LINE_MAX_STEP : LINE_MAX_STEP)
            write_pair(g, 0, step < 0 ? -LINE_MAX_STEP : LINE_MAX_STEP);
    }
    for (; bytes > BYTES_MAX; bytes -= BYTES_MAX) {
        write_pair(g, BYTES_MAX, step);
        step = line < 0 ? NO_LINE : 0;
    }
    write_pair(g, bytes, step);
}

/* Write co_code and co_linetable in one walk. */
static void write_all(struct cfg *g, struct code *code)
{
    const struct opcode_info *opcodes = g->opcodes;
    uint8_t *bytes = arena_alloc(g->arena, 2 * (size_t)g->code_size), *to = bytes;
    int32_t line = g->u->firstlineno, previous = line;
    const uint8_t *first = to; /* of that line */

    g->scratch->bytes.count = 0;
    FOR_EACH_BLOCK(g, b)
        FOR_EACH_INSTRUCTION(b, in) {
            /* Line 0 is that of what a scope starts with: it goes on with the line before. */
            if (in->loc.lineno != line && in->loc.lineno != 0) {
                write_range(g, (int32_t)(to - first), line, &previous);
                first = to;
                line = in->loc.lineno;
            }
            uint32_t oparg = (uint32_t)in->oparg, size = word_size(oparg);
            word_write(to, opcodes[in->opcode].number, oparg, size);
            to += 2 * size;
        }
    write_range(g, (int32_t)(to - first), line, &previous);
    code->code = (struct byte_string){bytes, 2 * g->code_size};
    code->linetable = cfg_keep_bytes(g, &g->scratch->bytes);
}

void encode_unit_jumps(struct cfg *g, struct code *code)
{
    resolve_jumps(g);
    write_all(g, code);
}
