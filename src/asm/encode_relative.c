/* co_code with relative jumps and inline caches, and its tables (3.11 and later).
 *
 * Answers to resolve_unconditional_jumps, resolve_jump_offsets and write_instr of CPython's
 * assemble.c. The width of a jump depends on its distance and the other way round; CPython starts
 * with a guess of its own in each release and repeats until no width changes, and so does this, but
 * it adds up only the blocks: within one, just the last instruction can be such a jump.
 */
#include "asm/exception_table.h"
#include "asm/instruction_size.h"
#include "asm/positions.h"
#include "opt/passes.h"

/* The instruction of a block whose argument is a distance, or NULL: the last one, or the one before
 * NOT_TAKEN. */
static inline struct instruction *jump_of(const struct cfg *g, const struct block *b)
{
    if (b->used == 0 || !(b->classes & (CLASS_JUMP | CLASS_AWAIT_END)))
        return NULL;
    struct instruction *last = &b->code[b->used - 1];
    if (last->opcode == OP_NOT_TAKEN && b->used > 1)
        last--;
    unsigned class = op_class(last->opcode);
    if (class & CLASS_JUMP)
        return last;
    bool names_await =
        class & CLASS_AWAIT_END && g->opcodes[last->opcode].flags & OPCODE_HAS_JUMP_REL;
    return names_await ? last : NULL;
}

/* The width of everything in a block but its jump. */
static uint32_t fixed_size(const struct opcode_info *opcodes, const struct block *b,
                           const struct instruction *jump)
{
    const struct instruction *end = jump != NULL ? jump : b->code + b->used;
    uint32_t size = b->used - (jump != NULL), arguments = 0;
    for (const struct instruction *in = b->code; in != end; in++) {
        size += opcodes[in->opcode].caches;
        arguments |= (uint32_t)in->oparg;
    }
    if (arguments > 0xFF)
        for (const struct instruction *in = b->code; in != end; in++)
            size += jump_words(in->oparg) - 1;
    return size;
}

/* The first guess of a jump's argument: the number of its target instruction, or what takes as many
 * words as its label's number. */
static int32_t first_guess(const struct cfg *g, const struct instruction *jump, bool from_labels)
{
    if (!from_labels)
        return (int32_t)g->blocks[jump->oparg].index;
    return jump->size <= 1 ? 0 : 1 << 8 * (jump->size - 1);
}

/* Number the instructions; list the blocks in order with the sizes of all but the jumps, and those
 * that jump. */
static void list_blocks(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    uint32_t index = 0, count = 0, jumping = 0;
    s->laid.count = s->jumping.count = 0;
    array_reserve(g->arena, &s->laid, g->block_count);
    array_reserve(g->arena, &s->jumping, g->block_count);
    FOR_EACH_BLOCK(g, b) {
        struct instruction *jump = jump_of(g, b);
        s->laid.items[count] = (struct laid_block){
            .block = b, .jump = jump, .fixed_size = fixed_size(g->opcodes, b, jump)};
        s->jumping.items[jumping] = count++;
        jumping += jump != NULL;
        b->index = index;
        index += b->used;
    }
    s->laid.count = count;
    s->jumping.count = jumping;
}

/* The direction of unconditional jumps, and the first guesses of the distances. */
static void start_jumps(struct cfg *g, bool from_labels)
{
    struct backend_scratch *s = g->scratch;
    for (uint32_t k = 0; k < s->jumping.count; k++) {
        struct laid_block *l = &s->laid.items[s->jumping.items[k]];
        struct instruction *jump = l->jump;
        bool forward = g->blocks[jump->oparg].index > l->block->index + l->block->used - 1;
        if (jump->opcode == OP_JUMP)
            jump->opcode = forward ? OP_JUMP_FORWARD : OP_JUMP_BACKWARD;
        else if (jump->opcode == OP_JUMP_NO_INTERRUPT)
            jump->opcode = forward ? OP_JUMP_FORWARD : OP_JUMP_BACKWARD_NO_INTERRUPT;
        l->target = jump->oparg;
        jump->oparg = first_guess(g, jump, from_labels);
        l->jump_size = instruction_size(g->opcodes, jump);
    }
}

/* Place the blocks with the widths that the jumps have now. */
static void place_blocks(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    uint32_t offset = 0;
    for (uint32_t k = 0; k < s->laid.count; k++) {
        const struct laid_block *l = &s->laid.items[k];
        l->block->offset = offset;
        offset += l->fixed_size + l->jump_size;
    }
    g->code_size = offset;
}

/* END_ASYNC_FOR names the END_SEND of the await that is its target: SEND, YIELD_VALUE, RESUME and a
 * jump further on. */
static uint32_t end_send_offset(const struct opcode_info *opcodes)
{
    return 4u + opcodes[OP_SEND].caches + opcodes[OP_YIELD_VALUE].caches +
           opcodes[OP_RESUME].caches + opcodes[OP_JUMP_BACKWARD_NO_INTERRUPT].caches;
}

/* Set the distances; true if a width has changed. */
static bool set_distances(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    bool changed = false;
    for (uint32_t k = 0; k < s->jumping.count; k++) {
        struct laid_block *l = &s->laid.items[s->jumping.items[k]];
        struct instruction *jump = l->jump;
        uint32_t from = l->block->offset + l->fixed_size + l->jump_size;
        uint32_t to = g->blocks[l->target].offset;
        if (jump != &l->block->code[l->block->used - 1])
            from -= 1; /* NOT_TAKEN */
        if (jump->opcode == OP_END_ASYNC_FOR)
            to += end_send_offset(g->opcodes);
        jump->oparg = (int32_t)(to < from ? from - to : to - from);
        uint32_t size = instruction_size(g->opcodes, jump);
        changed |= size != l->jump_size;
        l->jump_size = size;
    }
    return changed;
}

/* Resolve all jumps: oparg becomes the distance. */
static void resolve_jumps(struct cfg *g, bool from_labels)
{
    list_blocks(g);
    start_jumps(g, from_labels);
    do {
        place_blocks(g);
    } while (set_distances(g));
}

/* Write one instruction; its inline caches are there already, for the code starts as zeros. Returns
 * where the next one goes. */
static inline uint8_t *write_instruction(uint8_t *to, const struct opcode_info *opcodes,
                                         const struct instruction *in)
{
    const struct opcode_info *info = &opcodes[in->opcode];
    uint32_t oparg = (uint32_t)in->oparg;
    if (__builtin_expect(oparg > 0xFF, 0))
        for (int shift = 24; shift > 0; shift -= 8)
            if (oparg >> shift != 0) {
                *to++ = opcodes[OP_EXTENDED_ARG].number;
                *to++ = (uint8_t)(oparg >> shift);
            }
    to[0] = info->number;
    to[1] = (uint8_t)oparg;
    return to + 2 + 2 * info->caches;
}

/* An instruction of another location than the one before: one that has none of its own takes that
 * of what follows. Is it the same then? */
static inline bool takes_same_location(struct cfg *g, struct block *b, struct instruction *in,
                                       struct location_words before)
{
    if (__builtin_expect(in->loc.lineno != NEXT_LOCATION.lineno, 1))
        return false;
    positions_take_next(g, b, in);
    return location_is(&in->loc, before);
}

/* What is written in one walk over the instructions. */
struct writing {
    struct cfg *g;
    uint8_t *bytes; /* co_code */
    struct position_table positions;
    struct exception_table exceptions;
};

/* Start with nothing. */
static struct writing start_writing(struct cfg *g)
{
    return (struct writing){
        .g = g,
        .bytes = arena_zalloc(g->arena, 2 * (size_t)g->code_size),
        .positions = positions_start(g),
        .exceptions = exceptions_start(g),
    };
}

/* All is written. */
static void finish_writing(struct writing *w, struct code *code)
{
    struct cfg *g = w->g;
    code->code = (struct byte_string){w->bytes, 2 * g->code_size};
    code->linetable = positions_finish(&w->positions);
    code->exceptiontable = exceptions_finish(&w->exceptions, g->code_size);
}

/* The units between two places in the code. */
static inline uint32_t units_between(const uint8_t *from, const uint8_t *to)
{
    return (uint32_t)(to - from) / 2;
}

/* Write co_code and its tables; neighbours of one location share entries. */
static void write_all(struct cfg *g, struct code *code)
{
    const struct opcode_info *opcodes = g->opcodes;
    struct writing w = start_writing(g);
    const struct location none = NO_LOCATION, *loc = &none; /* of what waits for more of its kind */
    struct location_words words = location_words(loc);
    uint8_t *to = w.bytes, *first = to; /* of what waits */
    int32_t handler = -1;

    FOR_EACH_BLOCK(g, b)
        FOR_EACH_INSTRUCTION(b, in) {
            if (!location_is(&in->loc, words) && !takes_same_location(g, b, in, words)) {
                positions_add(&w.positions, loc, units_between(first, to));
                loc = &in->loc;
                words = location_words(loc);
                first = to;
            }
            if (in->handler != handler) {
                handler = in->handler;
                exceptions_switch(&w.exceptions, handler, units_between(w.bytes, to));
            }
            to = write_instruction(to, opcodes, in);
        }
    positions_add(&w.positions, loc, units_between(first, to));
    finish_writing(&w, code);
}

/* The same with entries for each instruction by itself. */
static void write_all_one_by_one(struct cfg *g, struct code *code)
{
    struct writing w = start_writing(g);
    uint8_t *to = w.bytes;
    FOR_EACH_BLOCK(g, b)
        FOR_EACH_INSTRUCTION(b, in) {
            const uint8_t *first = to;
            exceptions_switch(&w.exceptions, in->handler, units_between(w.bytes, to));
            to = write_instruction(to, g->opcodes, in);
            positions_add(&w.positions, &in->loc, units_between(first, to));
        }
    finish_writing(&w, code);
}

void encode_relative_jumps(struct cfg *g, struct code *code)
{
    resolve_jumps(g, false);
    write_all(g, code);
}

void encode_relative_jumps_from_labels(struct cfg *g, struct code *code)
{
    resolve_jumps(g, true);
    write_all(g, code);
}

void encode_relative_jumps_located_one_by_one(struct cfg *g, struct code *code)
{
    resolve_jumps(g, true);
    write_all_one_by_one(g, code);
}
