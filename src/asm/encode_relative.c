/* co_code with relative jumps and inline caches (3.11 and later).
 *
 * Answers to resolve_unconditional_jumps, resolve_jump_offsets and write_instr of CPython's assemble.c. The width of a jump depends on
 * its distance and the other way round; CPython starts with a guess of its own in each release and repeats until no width
 * changes, and so does this, but it adds up only the blocks: within one, just the last instruction can be such a jump.
 */
#include "asm/instruction_size.h"
#include "opt/passes.h"

/* The instruction of a block whose argument is a distance, or NULL: the last one, or the one before NOT_TAKEN. */
static inline struct cfg_instruction *jump_of(const struct cfg *g, const struct block *b)
{
    if (b->used == 0)
        return NULL;
    struct cfg_instruction *last = &b->code[b->used - 1];
    if (last->opcode == OP_NOT_TAKEN && b->used > 1)
        last--;
    unsigned class = op_class(last->opcode);
    if (class & CLASS_JUMP)
        return last;
    bool names_await = class & CLASS_AWAIT_END && g->opcodes[last->opcode].flags & OPCODE_HAS_JUMP_REL;
    return names_await ? last : NULL;
}

/* The width of everything in a block but its jump. */
static uint32_t fixed_size(const struct cfg *g, const struct block *b, const struct cfg_instruction *jump)
{
    uint32_t size = 0;
    for (uint32_t i = 0; i < b->used; i++) {
        if (&b->code[i] == jump)
            continue;
        b->code[i].size = (uint16_t)instruction_size(g->opcodes, &b->code[i]);
        size += b->code[i].size;
    }
    return size;
}

/* Number the instructions and find the sizes of the blocks without their jumps; true if anything jumps. */
static bool measure_blocks(struct cfg *g, int32_t *sizes)
{
    uint32_t index = 0;
    bool jumps = false;
    for EACH_BLOCK(g, b) {
        const struct cfg_instruction *jump = jump_of(g, b);
        b->index = index;
        index += b->used;
        sizes[b - g->blocks] = (int32_t)fixed_size(g, b, jump);
        jumps |= jump != NULL;
    }
    return jumps;
}

/* The direction of unconditional jumps; the target's number is the first guess of the distance, its block goes to `targets`. */
static void start_jumps(struct cfg *g, int32_t *targets, bool from_labels)
{
    for EACH_BLOCK(g, b) {
        struct cfg_instruction *last = jump_of(g, b);
        if (last == NULL)
            continue;
        uint32_t to = g->blocks[last->oparg].index;
        bool forward = to > b->index + b->used - 1;
        if (last->opcode == OP_JUMP)
            last->opcode = forward ? OP_JUMP_FORWARD : OP_JUMP_BACKWARD;
        else if (last->opcode == OP_JUMP_NO_INTERRUPT)
            last->opcode = forward ? OP_JUMP_FORWARD : OP_JUMP_BACKWARD_NO_INTERRUPT;
        targets[b - g->blocks] = last->oparg;
        if (!from_labels)
            last->oparg = (int32_t)to;
        else
            last->oparg = last->size <= 1 ? 0 : 1 << 8 * (last->size - 1);
    }
}

/* Place the blocks with the widths that the jumps have now. */
static void place_blocks(struct cfg *g, const int32_t *sizes)
{
    uint32_t offset = 0;
    for EACH_BLOCK(g, b) {
        struct cfg_instruction *last = jump_of(g, b);
        b->offset = offset;
        offset += (uint32_t)sizes[b - g->blocks];
        if (last != NULL) {
            last->size = (uint16_t)instruction_size(g->opcodes, last);
            offset += last->size;
        }
    }
    g->code_size = offset;
}

/* END_ASYNC_FOR names the END_SEND behind the SEND that is its target; this is how far it is. */
enum { END_SEND_OFFSET = 5 };

/* Set the distances; true if a width has changed. */
static bool set_distances(struct cfg *g, const int32_t *sizes, const int32_t *targets)
{
    bool changed = false;
    for EACH_BLOCK(g, b) {
        struct cfg_instruction *last = jump_of(g, b);
        if (last == NULL)
            continue;
        uint32_t size = last->size;
        uint32_t from = b->offset + (uint32_t)sizes[b - g->blocks] + size;
        uint32_t to = g->blocks[targets[b - g->blocks]].offset;
        if (last != &b->code[b->used - 1])
            from -= 1; /* NOT_TAKEN */
        if (last->opcode == OP_END_ASYNC_FOR)
            to += END_SEND_OFFSET;
        last->oparg = (int32_t)(to < from ? from - to : to - from);
        changed |= instruction_size(g->opcodes, last) != size;
    }
    return changed;
}

/* Resolve all jumps: oparg becomes the distance. */
static void resolve_jumps(struct cfg *g, bool from_labels)
{
    int32_t *sizes = cfg_numbers(g, 2 * g->block_count), *targets = sizes + g->block_count;
    bool jumps = measure_blocks(g, sizes);
    if (jumps)
        start_jumps(g, targets, from_labels);
    do {
        place_blocks(g, sizes);
    } while (jumps && set_distances(g, sizes, targets));
}

/* Write one instruction where everything is zero; returns where the next one goes. */
static inline uint8_t *write_instruction(uint8_t *to, const struct opcode_info *opcodes, const struct cfg_instruction *in)
{
    const struct opcode_info *info = &opcodes[in->opcode];
    uint32_t oparg = (uint32_t)in->oparg;
    if (oparg > 0xFF) {
        for (int shift = 24; shift > 0; shift -= 8)
            if (oparg >> shift != 0) {
                *to++ = opcodes[OP_EXTENDED_ARG].number;
                *to++ = (uint8_t)(oparg >> shift);
            }
    }
    to[0] = info->number;
    to[1] = (uint8_t)oparg;
    return to + 2 + 2 * info->caches;
}

/* Write co_code. */
static void write_code(struct cfg *g, struct code *code)
{
    uint8_t *bytes = arena_zalloc(g->arena, 2 * (size_t)g->code_size), *to = bytes;
    for EACH_BLOCK(g, b)
        for (uint32_t i = 0; i < b->used; i++)
            to = write_instruction(to, g->opcodes, &b->code[i]);
    code->code = (struct byte_string){bytes, (uint32_t)(to - bytes)};
}

void encode_relative_jumps(struct cfg *g, struct code *code)
{
    resolve_jumps(g, false);
    write_code(g, code);
}

void encode_relative_jumps_from_labels(struct cfg *g, struct code *code)
{
    resolve_jumps(g, true);
    write_code(g, code);
}
