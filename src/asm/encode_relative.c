/* co_code with relative jumps and inline caches, and its tables (3.11 and later).
 *
 * Answers to resolve_unconditional_jumps, resolve_jump_offsets and write_instr of CPython's
 * assemble.c. The width of a jump depends on its distance and the other way round; CPython starts
 * with a guess of its own in each release and repeats until no width changes, and so does this. But
 * all is written before that, in one walk, as if each jump took one word, for most do; then it
 * remains to set their arguments, or to copy the code with the words that are wanting.
 *
 * What depends on the program from one instruction to the next (another location, the end of an
 * entry) is decided without branches, which nobody could foresee.
 */
#include "asm/exception_table.h"
#include "asm/instruction_size.h"
#include "asm/positions.h"
#include "opt/passes.h"

enum {
    EXTENDED_MAX = 3, /* words before an instruction for its argument */
    WORD = 2,         /* bytes */
    INSTRUCTION_BYTES = WORD * (1 + OPCODE_CACHES_MAX),
    INSTRUCTION_ROOM = WORD * EXTENDED_MAX + INSTRUCTION_BYTES,
};

/* Is the argument a distance? */
static inline bool is_relative_jump(const struct cfg *g, unsigned opcode)
{
    unsigned class = op_class(opcode);
    if (class & CLASS_JUMP)
        return true;
    return class & CLASS_AWAIT_END && g->opcodes[opcode].flags & OPCODE_HAS_JUMP_REL;
}

/* The instruction of a block whose argument is a distance, or NULL: the last one, or the one before
 * NOT_TAKEN. */
static inline struct instruction *jump_of(const struct cfg *g, const struct block *b)
{
    struct instruction *last = &b->code[b->used - 1];
    last -= (last->opcode == OP_NOT_TAKEN) & (b->used > 1);
    return is_relative_jump(g, last->opcode) ? last : NULL;
}

/* Write the EXTENDED_ARGs that an argument takes; returns what is behind them. */
static inline uint8_t *write_extended(uint8_t *to, const struct opcode_info *opcodes,
                                      uint32_t oparg)
{
    for (int shift = 24; shift > 0; shift -= 8)
        if (oparg >> shift != 0) {
            *to++ = opcodes[OP_EXTENDED_ARG].number;
            *to++ = (uint8_t)(oparg >> shift);
        }
    return to;
}

/* The walk that writes. */
struct writing {
    uint8_t *code;               /* with jumps of one word */
    struct location_run *run;    /* the next to start: each instruction proposes itself */
    struct location_words words; /* the location of the instruction before */
    int32_t handler;             /* of the instruction before */
    size_t to;                   /* code units written */
};

/* What is rare about an instruction: another handler is in force from here on, its argument takes
 * more words. Returns where it goes. */
OUT_OF_LINE static uint32_t write_rare(struct cfg *g, const struct instruction *in, int32_t before,
                                       uint32_t to)
{
    struct backend_scratch *s = g->scratch;
    if (in->handler != before)
        array_push(g->arena, &s->caught, ((struct caught_run){in->handler, to}));
    if ((uint32_t)in->oparg <= 0xFF || is_relative_jump(g, in->opcode)) /* not known yet */
        return to;
    uint8_t *first = s->code.items + WORD * to;
    uint8_t *end = write_extended(first, g->opcodes, (uint32_t)in->oparg);
    return to + (uint32_t)(end - first) / WORD;
}

/* Write one instruction, and zeros for as many inline caches as there may be; `each`: it starts a
 * run in any case. */
static inline void write_instruction(struct writing *w, struct cfg *g,
                                     const struct opcode_info *opcodes,
                                     const struct instruction *in, bool each)
{
    const struct opcode_info *info = &opcodes[in->opcode];
    struct location_words words = location_words(&in->loc);
    *w->run = (struct location_run){in, (uint32_t)w->to};
    w->run += each || location_differs(words, w->words);
    w->words = words;
    if (__builtin_expect((uint32_t)in->oparg >> 8 | (uint32_t)(in->handler ^ w->handler), 0)) {
        w->to = write_rare(g, in, w->handler, (uint32_t)w->to);
        w->handler = in->handler;
    }
    uint8_t *to = w->code + WORD * w->to;
    memset(to, 0, INSTRUCTION_BYTES);
    to[0] = info->number;
    to[1] = (uint8_t)in->oparg;
    w->to += 1u + info->caches;
}

/* Room for the locations of `count` instructions, and a block of the arena for their code. */
static void make_room(struct cfg *g, uint32_t count)
{
    enum { USUAL_INSTRUCTIONS = 512 };
    struct backend_scratch *s = g->scratch;
    if (count >= UINT32_MAX / 2 / INSTRUCTION_ROOM)
        unwind_to(g->arena->unwind, UNWIND_NO_MEMORY);
    s->runs.count = 0;
    array_reserve(g->arena, &s->runs,
                  (count > USUAL_INSTRUCTIONS ? count : USUAL_INSTRUCTIONS) + 1);
    s->code.capacity = count * INSTRUCTION_ROOM;
    s->code.items = arena_alloc(g->arena, s->code.capacity);
}

/* Number the instructions, list the blocks in order, and those that may jump. */
static void list_blocks(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    uint32_t index = 0, count = 0, jumping = 0;
    s->laid.count = s->jumping.count = 0;
    array_reserve(g->arena, &s->laid, g->block_count);
    array_reserve(g->arena, &s->jumping, g->block_count);
    FOR_EACH_BLOCK(g, b) {
        s->laid.items[count] = (struct laid_block){.block = b};
        s->jumping.items[jumping] = count++;
        jumping += ((b->classes & (CLASS_JUMP | CLASS_AWAIT_END)) != 0) & (b->used != 0);
        b->index = index;
        index += b->used;
    }
    s->laid.count = count;
    s->jumping.count = jumping;
    make_room(g, index);
}

/* The direction of an unconditional jump. */
static inline void direct_jump(const struct cfg *g, const struct block *b, struct instruction *jump)
{
    bool forward = g->blocks[jump->oparg].index >= b->index + b->used;
    if (jump->opcode == OP_JUMP)
        jump->opcode = forward ? OP_JUMP_FORWARD : OP_JUMP_BACKWARD;
    else if (jump->opcode == OP_JUMP_NO_INTERRUPT)
        jump->opcode = forward ? OP_JUMP_FORWARD : OP_JUMP_BACKWARD_NO_INTERRUPT;
}

/* The first guess of a jump's argument: the number of its target instruction, or what takes as many
 * words as its label's number. */
static int32_t first_guess(const struct cfg *g, const struct instruction *jump, bool from_labels)
{
    if (!from_labels)
        return (int32_t)g->blocks[jump->oparg].index;
    return jump->size <= 1 ? 0 : 1 << 8 * (jump->size - 1);
}

/* Find the jumps, and the first guesses of their distances; true if they all take one word. */
static bool start_jumps(struct cfg *g, bool from_labels)
{
    struct backend_scratch *s = g->scratch;
    uint32_t count = 0, guesses = 0;
    for (uint32_t k = 0; k < s->jumping.count; k++) {
        struct laid_block *l = &s->laid.items[s->jumping.items[k]];
        struct instruction *jump = jump_of(g, l->block);
        if (jump == NULL)
            continue;
        s->jumping.items[count++] = s->jumping.items[k];
        l->jump = jump;
        l->target = jump->oparg;
        direct_jump(g, l->block, jump);
        l->narrow_size = 1u + g->opcodes[jump->opcode].caches;
        jump->oparg = first_guess(g, jump, from_labels);
        l->jump_size = instruction_size(g->opcodes, jump);
        guesses |= (uint32_t)jump->oparg;
    }
    s->jumping.count = count;
    return guesses <= 0xFF;
}

/* Write the code as if all jumps took one word; note where locations and handlers change. */
static inline __attribute__((always_inline)) void write_narrow(struct cfg *g, bool each)
{
    struct backend_scratch *s = g->scratch;
    struct writing w = {.code = s->code.items, .run = s->runs.items, .handler = -1};
    const struct opcode_info *opcodes = g->opcodes;
    const struct location nowhere = {INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN};
    w.words = location_words(&nowhere);
    s->caught.count = 0;
    for (uint32_t k = 0; k < s->laid.count; k++) {
        struct laid_block *l = &s->laid.items[k];
        struct block *b = l->block;
        size_t start = w.to;
        b->offset = (uint32_t)start;
        FOR_EACH_INSTRUCTION(b, in)
            write_instruction(&w, g, opcodes, in, each);
        l->fixed_size = (uint32_t)(w.to - start) - l->narrow_size;
    }
    s->runs.count = (uint32_t)(w.run - s->runs.items);
    s->code.count = WORD * (uint32_t)w.to;
    g->code_size = (uint32_t)w.to;
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

/* Resolve all jumps: oparg becomes the distance. `narrow`: the first guess is that they all take
 * one word. */
static void resolve_jumps(struct cfg *g, bool narrow)
{
    if (!narrow)
        place_blocks(g);
    while (set_distances(g))
        place_blocks(g);
}

/* Where the jump of a block starts, its EXTENDED_ARGs left out, in the block's widths. */
static inline uint32_t jump_place(const struct laid_block *l)
{
    uint32_t behind = l->jump != &l->block->code[l->block->used - 1]; /* NOT_TAKEN */
    return l->block->offset + l->fixed_size - behind;
}

/* The code as it was written, with the arguments of the jumps. */
static void set_arguments(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    for (uint32_t k = 0; k < s->jumping.count; k++) {
        const struct laid_block *l = &s->laid.items[s->jumping.items[k]];
        s->code.items[WORD * jump_place(l) + 1] = (uint8_t)l->jump->oparg;
    }
}

/* A copy of the code in the arena, where jumps are as wide as they need be; what has been noted
 * about places in the code moves on. */
static uint8_t *copy_widened(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    uint8_t *copy = arena_alloc(g->arena, WORD * (size_t)g->code_size), *to = copy;
    const uint8_t *from = s->code.items, *end = from + s->code.count;
    uint32_t run = 0, caught = 0, shift = 0;

    for (uint32_t k = 0; k <= s->jumping.count; k++) {
        const struct laid_block *l =
            k < s->jumping.count ? &s->laid.items[s->jumping.items[k]] : NULL;
        uint32_t place = l != NULL ? jump_place(l) - shift : UINT32_MAX;
        for (; run < s->runs.count && s->runs.items[run].start <= place; run++)
            s->runs.items[run].start += shift;
        for (; caught < s->caught.count && s->caught.items[caught].start <= place; caught++)
            s->caught.items[caught].start += shift;
        const uint8_t *stop = l != NULL ? s->code.items + WORD * (size_t)place : end;
        memcpy(to, from, (size_t)(stop - from));
        to += stop - from;
        from = stop;
        if (l == NULL)
            break;
        to = write_extended(to, g->opcodes, (uint32_t)l->jump->oparg);
        to[0] = from[0];
        to[1] = (uint8_t)l->jump->oparg;
        to += WORD;
        from += WORD;
        shift += l->jump_size - l->narrow_size;
    }
    return copy;
}

/* The code with the jumps resolved. */
static struct byte_string finish_code(struct cfg *g)
{
    const struct byte_array *narrow = &g->scratch->code;
    arena_trim(g->arena, narrow->items, narrow->capacity, narrow->items + narrow->count);
    if (WORD * g->code_size == narrow->count) { /* all jumps take one word */
        set_arguments(g);
        return (struct byte_string){narrow->items, narrow->count};
    }
    return (struct byte_string){copy_widened(g), WORD * g->code_size};
}

/* Where an instruction has the location of what follows, give it that. */
static void take_next_locations(struct cfg *g)
{
    FOR_EACH_BLOCK(g, b)
        FOR_EACH_INSTRUCTION(b, in)
            if (in->loc.lineno == NEXT_LOCATION.lineno)
                positions_take_next(g, b, in);
}

/* Set the jumps of what is written; write the tables. */
static void finish(struct cfg *g, struct code *code, bool narrow)
{
    struct backend_scratch *s = g->scratch;
    resolve_jumps(g, narrow);
    code->code = finish_code(g);
    s->runs.items[s->runs.count].start = g->code_size;
    code->linetable = positions_write(g, s->runs.items, s->runs.count);
    code->exceptiontable = exceptions_write(g, s->caught.items, s->caught.count);
}

/* co_code and its tables; neighbours of one location share entries. */
static inline void encode(struct cfg *g, struct code *code, bool from_labels)
{
    if (g->u->takes_next_locations)
        take_next_locations(g);
    list_blocks(g);
    bool narrow = start_jumps(g, from_labels);
    write_narrow(g, false);
    finish(g, code, narrow);
}

void encode_relative_jumps(struct cfg *g, struct code *code)
{
    encode(g, code, false);
}

void encode_relative_jumps_from_labels(struct cfg *g, struct code *code)
{
    encode(g, code, true);
}

void encode_relative_jumps_located_one_by_one(struct cfg *g, struct code *code)
{
    list_blocks(g);
    bool narrow = start_jumps(g, true);
    write_narrow(g, true);
    finish(g, code, narrow);
}
