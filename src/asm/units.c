/* co_code with jumps in code units, and the line table of PEP 626 (3.10).
 *
 * Answers to assemble_jump_offsets, assemble_emit and assemble_line_range of compile.c there.
 * Relative and absolute jumps are told apart by the opcode table. Sizes are found by repetition,
 * starting from one unit for each jump.
 */
#include "opt/first_graph.h"

#include "opt/peephole.h"

/* Place the blocks with the sizes that the arguments have now. */
static void place_blocks(struct cfg *g, const int32_t *targets)
{
    uint32_t offset = 0, n = 0;
    (void)targets;
    FOR_EACH_BLOCK(g, b) {
        b->offset = offset;
        b->index = n;
        for (uint32_t i = 0; i < b->used; i++) {
            b->code[i].size = (uint16_t)word_size((uint32_t)b->code[i].oparg);
            offset += b->code[i].size;
        }
        n += b->used;
    }
    g->code_size = offset;
}

/* Compute the jump arguments; true if the size of one has changed. */
static bool set_jumps(struct cfg *g, const int32_t *targets)
{
    bool changed = false;
    FOR_EACH_BLOCK(g, b) {
        uint32_t at = b->offset;
        for (uint32_t i = 0; i < b->used; i++) {
            struct instruction *in = &b->code[i];
            at += in->size;
            if (!(op_class(in->opcode) & CLASS_TARGET))
                continue;
            uint32_t to = g->blocks[targets[b->index + i]].offset;
            if (g->opcodes[in->opcode].flags & OPCODE_HAS_JUMP_REL)
                to -= at;
            in->oparg = (int32_t)to;
            changed |= word_size(to) != in->size;
        }
    }
    return changed;
}

/* Remember the target of each jump, by instruction; its argument starts as nothing. */
static const int32_t *note_targets(struct cfg *g)
{
    uint32_t count = 0, n = 0;
    FOR_EACH_BLOCK(g, b)
        count += b->used;
    int32_t *targets = cfg_numbers(g, count);
    FOR_EACH_BLOCK(g, b)
        for (uint32_t i = 0; i < b->used; i++, n++)
            if (op_class(b->code[i].opcode) & CLASS_TARGET) {
                targets[n] = b->code[i].oparg;
                b->code[i].oparg = 0;
            }
    return targets;
}

/* One range of code: `bytes` long, `line` (-1: none), the line before it. */
static void write_range(struct cfg *g, int32_t bytes, int32_t line, int32_t *previous)
{
    enum { NO_LINE = -128, LINE_MAX_STEP = 127, BYTES_MAX = 254 };
    struct backend_scratch *s = g->scratch;
    int32_t step = NO_LINE;
    if (bytes == 0)
        return;
    if (line >= 0) {
        step = line - *previous;
        *previous = line;
        for (; step > LINE_MAX_STEP || step < -LINE_MAX_STEP;
             step -= step < 0 ? -LINE_MAX_STEP : LINE_MAX_STEP) {
            array_push(g->arena, &s->bytes, 0);
            array_push(g->arena, &s->bytes, (uint8_t)(step < 0 ? -LINE_MAX_STEP : LINE_MAX_STEP));
        }
    }
    for (; bytes > BYTES_MAX; bytes -= BYTES_MAX) {
        array_push(g->arena, &s->bytes, BYTES_MAX);
        array_push(g->arena, &s->bytes, (uint8_t)step);
        step = line < 0 ? NO_LINE : 0;
    }
    array_push(g->arena, &s->bytes, (uint8_t)bytes);
    array_push(g->arena, &s->bytes, (uint8_t)step);
}

/* Write co_linetable. */
static void write_line_ranges(struct cfg *g, struct code *code)
{
    int32_t line = g->u->firstlineno, previous = g->u->firstlineno, bytes = 0;
    g->scratch->bytes.count = 0;
    FOR_EACH_BLOCK(g, b)
        for (uint32_t i = 0; i < b->used; i++) {
            /* Line 0 is that of what a scope starts with: it goes on with the line before. */
            if (b->code[i].loc.lineno != line && b->code[i].loc.lineno != 0) {
                write_range(g, bytes, line, &previous);
                bytes = 0;
                line = b->code[i].loc.lineno;
            }
            bytes += 2 * b->code[i].size;
        }
    write_range(g, bytes, line, &previous);
    code->linetable = cfg_keep_bytes(g, &g->scratch->bytes);
}

void encode_unit_jumps(struct cfg *g, struct code *code)
{
    const int32_t *targets = note_targets(g);
    do
        place_blocks(g, targets);
    while (set_jumps(g, targets));
    uint8_t *bytes = arena_alloc(g->arena, 2 * (size_t)g->code_size), *to = bytes;
    FOR_EACH_BLOCK(g, b)
        for (uint32_t i = 0; i < b->used; i++) {
            const struct instruction *in = &b->code[i];
            word_write(to, g->opcodes[in->opcode].number, (uint32_t)in->oparg, in->size);
            to += 2 * in->size;
        }
    code->code = (struct byte_string){bytes, 2 * g->code_size};
    write_line_ranges(g, code);
}
