/* co_code with relative jumps and inline caches, and its tables (3.11 and later).
 *
 * Answers to normalize_jumps of CPython's flowgraph.c (3.12 and later), which asks where jumps
 * lead, and to resolve_unconditional_jumps, resolve_jump_offsets and write_instr of its assemble.c.
 * From 3.14 each conditional jump that pops its condition has a NOT_TAKEN behind it, which is no
 * instruction here, but a part of how the jump is written.
 *
 * The width of a jump depends on its distance and the other way round; CPython starts
 * with a guess of its own in each release and repeats until no width changes, and so does this. But
 * all is written before that, in one walk, as if each jump took one word, for most do; then it
 * remains to set their arguments, or to copy the code with the words that are wanting.
 *
 * What depends on the program from one instruction to the next (another location, the end of an
 * entry) is decided without branches, which nobody could foresee.
 */
#include "asm/exception_table.h"
#include "asm/positions.h"
#include "opt/passes.h"

enum {
    EXTENDED_MAX = 3, /* words before an instruction for its argument */
    WORD = 2,         /* bytes */
    FORM_START = sizeof((struct opcode_form){0}.start),
    FORM_ZEROS = 16, /* written behind that, for inline caches */
    INSTRUCTION_ROOM = WORD * EXTENDED_MAX + FORM_START + FORM_ZEROS,
};

_Static_assert(WORD *(1 + OPCODE_CACHES_MAX) <= FORM_START + FORM_ZEROS, "room for all caches");

/* Does NOT_TAKEN follow the opcode, where there is such an instruction? */
static bool is_marked(unsigned opcode)
{
    return opcode == OP_POP_JUMP_IF_FALSE || opcode == OP_POP_JUMP_IF_TRUE ||
           opcode == OP_POP_JUMP_IF_NONE || opcode == OP_POP_JUMP_IF_NOT_NONE;
}

/* How an opcode is written. */
static struct opcode_form learn_form(const struct opcode_info *opcodes, unsigned opcode)
{
    const struct opcode_info *info = &opcodes[opcode], *mark = &opcodes[OP_NOT_TAKEN];
    struct opcode_form f = {.start = {info->number}, .units = (uint8_t)(1 + info->caches)};
    if (is_marked(opcode) && mark->flags & OPCODE_PRESENT) {
        f.start[WORD * f.units++] = mark->number;
        f.behind = 1;
    }
    return f;
}

/* END_ASYNC_FOR names the END_SEND of the await that is its target: SEND, YIELD_VALUE, RESUME and a
 * jump further on. */
static uint32_t end_send_offset(const struct opcode_info *opcodes)
{
    return 4u + opcodes[OP_SEND].caches + opcodes[OP_YIELD_VALUE].caches +
           opcodes[OP_RESUME].caches + opcodes[OP_JUMP_BACKWARD_NO_INTERRUPT].caches;
}

/* How an opcode jumps. */
static struct jump_form learn_jump(const struct opcode_info *opcodes, unsigned opcode)
{
    unsigned class = opcode_classes[opcode];
    struct jump_form f = {.directed = {(uint16_t)opcode, (uint16_t)opcode}};
    f.jumps = (class & CLASS_JUMP) != 0;
    f.falls = f.jumps && !(class & CLASS_UNCONDITIONAL);
    if (class & CLASS_AWAIT_END && opcodes[opcode].flags & OPCODE_HAS_JUMP_REL) {
        f.jumps = 1;
        f.beyond = (uint8_t)end_send_offset(opcodes);
    }
    if (opcode == OP_JUMP || opcode == OP_JUMP_NO_INTERRUPT) {
        f.directed[0] = opcode == OP_JUMP ? OP_JUMP_BACKWARD : OP_JUMP_BACKWARD_NO_INTERRUPT;
        f.directed[1] = OP_JUMP_FORWARD;
    }
    return f;
}

/* The forms of all opcodes of the target; those of jumps are known with them. */
static const struct opcode_form *opcode_forms(struct cfg *g)
{
    struct opcode_effects *known = g->c->effects;
    if (known->forms_of != g->opcodes)
        for (unsigned i = 0; i < OPCODE_COUNT; i++) {
            known->forms[i] = learn_form(g->opcodes, i);
            known->jumps[i] = learn_jump(g->opcodes, i);
        }
    known->forms_of = g->opcodes;
    return known->forms;
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

/* -- the walk that writes -- */

/* Room for all instructions that the unit may have, for what is noted about them, and a block of
 * the arena for their code. Each block may be followed by one more that is made here. */
static void make_room(struct cfg *g)
{
    enum { USUAL_INSTRUCTIONS = 512 };
    struct backend_scratch *s = g->scratch;
    uint64_t count =
        (uint64_t)g->u->sequence.instructions.count + g->spill_total + 2 * (uint64_t)g->block_count;
    if (count >= UINT32_MAX / 2 / INSTRUCTION_ROOM)
        unwind_to(g->arena->unwind, UNWIND_NO_MEMORY);
    uint32_t room = count > USUAL_INSTRUCTIONS ? (uint32_t)count : USUAL_INSTRUCTIONS;
    s->runs.count = s->caught.count = s->jumps.count = 0;
    array_reserve(g->arena, &s->runs, room + 1);
    array_reserve(g->arena, &s->jumps, 2 * g->block_count + 1);
    if (g->seen & CLASS_BLOCK_PUSH)
        array_reserve(g->arena, &s->caught, 2 * room + 1); /* NOT_TAKEN may have one, too */
    s->code.capacity = (uint32_t)count * INSTRUCTION_ROOM;
    s->code.items = arena_alloc(g->arena, s->code.capacity);
}

/* The conditional jump with the opposite condition, or OP_NOP. */
static unsigned reversed_jump(unsigned opcode)
{
    switch (opcode) {
    case OP_POP_JUMP_IF_FALSE: return OP_POP_JUMP_IF_TRUE;
    case OP_POP_JUMP_IF_TRUE: return OP_POP_JUMP_IF_FALSE;
    case OP_POP_JUMP_IF_NONE: return OP_POP_JUMP_IF_NOT_NONE;
    case OP_POP_JUMP_IF_NOT_NONE: return OP_POP_JUMP_IF_NONE;
    default: return OP_NOP;
    }
}

/* Turn the conditional jump backward at the end of block `n` into one over a jump, in a block of
 * its own; returns where the block `n` is now. */
static OUT_OF_LINE struct block *reverse_jump(struct cfg *g, int32_t n)
{
    struct instruction last = *last_instruction(&g->blocks[n]);
    unsigned reversed = reversed_jump(last.opcode);
    if (reversed == OP_NOP || g->blocks[n].next < 0)
        cfg_malformed(g);
    int32_t jump = cfg_new_block(g);
    struct block *b = &g->blocks[n], *j = &g->blocks[jump];
    *cfg_append(g, j, 1) = (struct instruction){
        .opcode = OP_JUMP,
        .oparg = last.oparg,
        .handler = -1,
        .loc = last.loc,
        .size = (uint16_t)argument_words(g->blocks[last.oparg].label),
    };
    j->classes = op_class(OP_JUMP);
    last_instruction(b)->opcode = (uint16_t)reversed;
    last_instruction(b)->oparg = b->next;
    b->capacity = b->used; /* nothing was in the place of NOT_TAKEN */
    j->next = b->next;
    b->next = jump;
    return b;
}

/* Note in `*j` the jump that a block ends in, if it does, and give it its direction: it leads
 * backward to what is visited, itself among that. It has no argument until the code is written.
 * Where there is no jump all the same is done, but it does not count: that is cheaper than a
 * branch. `reverses`: no conditional jump leads backward. Returns where the block is now. */
static inline __attribute__((always_inline)) struct block *
start_block(struct cfg *g, const struct jump_form *forms, struct block *b, struct laid_jump **j,
            bool reverses)
{
    struct instruction nothing = {.opcode = OP_NOP};
    struct instruction *last = b->used != 0 ? &b->code[b->used - 1] : &nothing;
    const struct jump_form *form = &forms[last->opcode];
    bool jumps = form->jumps;
    int32_t target = either(jumps, last->oparg, b->number);
    b->visited = g->stamp;
    bool forward = g->blocks[target].visited != g->stamp;
    if (reverses && __builtin_expect(jumps & form->falls & (forward ^ 1), 0)) {
        b = reverse_jump(g, b->number);
        last = last_instruction(b);
        form = &forms[last->opcode];
        target = last->oparg;
        forward = true;
    }
    last->opcode = form->directed[forward];
    last->oparg = either(jumps, 0, last->oparg);
    (*j)->in = last;
    (*j)->block = b->number;
    (*j)->target = target;
    *j += jumps;
    return b;
}

/* Write the EXTENDED_ARGs of an instruction; returns where it goes itself. */
OUT_OF_LINE static uint32_t write_rare(struct cfg *g, const struct instruction *in, uint32_t to)
{
    uint8_t *first = g->scratch->code.items + WORD * (size_t)to;
    return to + (uint32_t)(write_extended(first, g->opcodes, (uint32_t)in->oparg) - first) / WORD;
}

/* Write one instruction, and zeros for as many inline caches as there may be. */
static inline void write_instruction(uint8_t *to, const struct opcode_form *form, int32_t oparg)
{
    memcpy(to, form->start, FORM_START);
    memset(to + FORM_START, 0, FORM_ZEROS);
    to[1] = (uint8_t)oparg;
}

/* The block that catches NOT_TAKEN behind a jump: none, or in some releases what caught the
 * instruction that was in its place before that was moved. */
static inline int32_t not_taken_handler(const struct cfg *g, const struct block *b)
{
    bool inherited = HAS(g->c, INHERITED_HANDLERS) & (b->used < b->capacity);
    return inherited ? b->code[b->used].handler : -1;
}

/* Write the code as if all jumps took one word; note where locations and handlers change. `each`:
 * each instruction starts a run of one location, and conditional jumps lead backward, too (3.11);
 * `caught`: some instructions may have a handler. Returns how many there are. */
static inline __attribute__((always_inline)) uint32_t
write_blocks(struct cfg *g, const struct opcode_form *forms, bool each, bool caught)
{
    struct backend_scratch *s = g->scratch;
    uint8_t *code = s->code.items;
    /* the next ones to start: each instruction proposes itself */
    struct location_run *run = s->runs.items;
    struct caught_run *catch = s->caught.items;
    const struct location nowhere = {INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN};
    struct location_words before = location_words(&nowhere);
    int32_t handler = -1;
    struct laid_jump *jump = s->jumps.items;
    const struct jump_form *jump_forms = g->c->effects->jumps;
    uint32_t to = 0, count = 0;
    cfg_start_traversal(g);
    FOR_EACH_BLOCK(g, b) {
        struct laid_jump *own = jump;
        uint32_t behind = 0;
        b = start_block(g, jump_forms, b, &jump, !each);
        b->offset = to;
        count += b->used;
        FOR_EACH_INSTRUCTION(b, in) {
            const struct opcode_form *form = &forms[in->opcode];
            struct location_words words = location_words(&in->loc);
            *run = (struct location_run){in, to};
            run += each || location_differs(words, before);
            before = words;
            if (caught) {
                *catch = (struct caught_run){in->handler, to};
                catch += in->handler != handler;
                handler = in->handler;
                behind = form->behind;
            }
            if (__builtin_expect((uint32_t)in->oparg > 0xFF, 0))
                to = write_rare(g, in, to);
            write_instruction(code + WORD * (size_t)to, form, in->oparg);
            to += form->units;
        }
        own->end = to;
        if (caught && behind) {
            int32_t next = not_taken_handler(g, b);
            *catch = (struct caught_run){next, to - 1};
            catch += next != handler;
            handler = next;
        }
    }
    s->runs.count = (uint32_t)(run - s->runs.items);
    s->caught.count = (uint32_t)(catch - s->caught.items);
    s->jumps.count = (uint32_t)(jump - s->jumps.items);
    s->code.count = WORD * to;
    g->code_size = to;
    return count;
}

/* The same, without a look at handlers in a unit that has none. */
static inline __attribute__((always_inline)) uint32_t
write_narrow(struct cfg *g, const struct opcode_form *forms, bool each)
{
    if (g->seen & CLASS_BLOCK_PUSH)
        return write_blocks(g, forms, each, true);
    return write_blocks(g, forms, each, false);
}

/* -- the jumps -- */

/* How the opcode of a jump is written. */
static inline const struct opcode_form *form_of(const struct cfg *g, const struct laid_jump *j)
{
    return &g->c->effects->forms[j->in->opcode];
}

/* The distance of a jump as the blocks are placed now: from behind it, NOT_TAKEN left out. */
static inline uint32_t distance(const struct cfg *g, const struct laid_jump *j)
{
    uint32_t from = j->end - form_of(g, j)->behind;
    uint32_t to = g->blocks[j->target].offset + g->c->effects->jumps[j->in->opcode].beyond;
    return to < from ? from - to : to - from;
}

/* Where a jump starts, its EXTENDED_ARGs left out, as the blocks are placed now. */
static inline uint32_t jump_place(const struct cfg *g, const struct laid_jump *j)
{
    return j->end - form_of(g, j)->units;
}

/* Set the arguments in the code as it was written; false: they do not all take one byte. */
static bool set_arguments(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    uint32_t all = 0;
    for (uint32_t k = 0; k < s->jumps.count; k++) {
        const struct laid_jump *j = &s->jumps.items[k];
        uint32_t oparg = distance(g, j);
        s->code.items[WORD * jump_place(g, j) + 1] = (uint8_t)oparg;
        all |= oparg;
    }
    return all <= 0xFF;
}

/* The numbers of the instructions that blocks start with, as CPython counts: with NOT_TAKEN. */
static const int32_t *number_instructions(struct cfg *g, const struct opcode_form *forms)
{
    int32_t *first = cfg_numbers(g, g->block_count);
    uint32_t number = 0;
    FOR_EACH_BLOCK(g, b) {
        first[b->number] = (int32_t)number;
        number += b->used + (b->used != 0 && forms[b->code[b->used - 1].opcode].behind);
    }
    return first;
}

/* Do the first guesses of all jumps' arguments take one byte? May say no where they do. */
static bool starts_narrow(const struct cfg *g, uint32_t instruction_count, bool from_labels)
{
    const struct backend_scratch *s = g->scratch;
    uint32_t wide = 0;
    if (!from_labels)
        return instruction_count + s->jumps.count <= 0x100; /* NOT_TAKEN behind each */
    for (uint32_t k = 0; k < s->jumps.count; k++)
        wide |= s->jumps.items[k].in->size > 1;
    return !wide;
}

/* Start with the sizes that first guesses of the arguments ask for: the number of the target
 * instruction, or what takes as many words as the label's number. */
static void guess_sizes(struct cfg *g, const struct opcode_form *forms, bool from_labels)
{
    struct backend_scratch *s = g->scratch;
    const int32_t *first = number_instructions(g, forms);
    for (uint32_t k = 0; k < s->jumps.count; k++) {
        struct laid_jump *j = &s->jumps.items[k];
        j->placed_size = form_of(g, j)->units;
        uint32_t words = from_labels ? j->in->size : argument_words(first[j->target]);
        j->size = form_of(g, j)->units + (words > 1 ? words - 1 : 0);
    }
    s->jumps.items[s->jumps.count] = (struct laid_jump){.block = -1}; /* of no block */
}

/* Place the blocks with the sizes that the jumps ask for. */
static void place_blocks(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    uint32_t shift = 0, k = 0;
    FOR_EACH_BLOCK(g, b) {
        struct laid_jump *j = &s->jumps.items[k];
        bool jumps = j->block == b->number;
        uint32_t wider = (j->size - j->placed_size) * jumps;
        b->offset += shift;
        shift += wider;
        j->placed_size += wider;
        j->end += shift * jumps;
        k += jumps;
    }
    g->code_size += shift;
}

/* Set the distances; true if one asks for another size. */
static bool set_distances(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    bool changed = false;
    for (uint32_t k = 0; k < s->jumps.count; k++) {
        struct laid_jump *j = &s->jumps.items[k];
        uint32_t oparg = distance(g, j);
        j->in->oparg = (int32_t)oparg;
        j->size = form_of(g, j)->units + argument_words((int32_t)oparg) - 1;
        changed |= j->size != j->placed_size;
    }
    return changed;
}

/* A copy of the code in the arena, where jumps are as wide as they need be; what has been noted
 * about places in the code moves on. */
static uint8_t *copy_widened(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    uint8_t *copy = arena_alloc(g->arena, WORD * (size_t)g->code_size), *to = copy;
    const uint8_t *from = s->code.items, *end = from + s->code.count;
    uint32_t run = 0, caught = 0, shift = 0;

    for (uint32_t k = 0; k <= s->jumps.count; k++) {
        const struct laid_jump *j = k < s->jumps.count ? &s->jumps.items[k] : NULL;
        uint32_t wider = j != NULL ? j->size - form_of(g, j)->units : 0;
        uint32_t place = j != NULL ? jump_place(g, j) - wider - shift : UINT32_MAX;
        for (; run < s->runs.count && s->runs.items[run].start <= place; run++)
            s->runs.items[run].start += shift;
        for (; caught < s->caught.count && s->caught.items[caught].start <= place; caught++)
            s->caught.items[caught].start += shift;
        const uint8_t *stop = j != NULL ? s->code.items + WORD * (size_t)place : end;
        memcpy(to, from, (size_t)(stop - from));
        to += stop - from;
        from = stop;
        if (j == NULL)
            break;
        to = write_extended(to, g->opcodes, (uint32_t)j->in->oparg);
        to[0] = from[0];
        to[1] = (uint8_t)j->in->oparg;
        to += WORD;
        from += WORD;
        shift += wider;
    }
    return copy;
}

/* Find out how wide the jumps are. */
static void find_sizes(struct cfg *g, const struct opcode_form *forms, bool from_labels)
{
    guess_sizes(g, forms, from_labels);
    do
        place_blocks(g);
    while (set_distances(g));
}

/* The code with the jumps resolved. `narrow`: the first guess is that they all take one word. */
static struct byte_string finish_code(struct cfg *g, const struct opcode_form *forms, bool narrow,
                                      bool from_labels)
{
    const struct byte_array *code = &g->scratch->code;
    arena_trim(g->arena, code->items, code->capacity, code->items + code->count);
    if (narrow && set_arguments(g))
        return (struct byte_string){code->items, code->count};
    find_sizes(g, forms, from_labels);
    if (WORD * g->code_size != code->count)
        return (struct byte_string){copy_widened(g), WORD * g->code_size};
    set_arguments(g);
    return (struct byte_string){code->items, code->count};
}

/* Where an instruction has the location of what follows, give it that. */
static void take_next_locations(struct cfg *g)
{
    FOR_EACH_BLOCK(g, b)
        FOR_EACH_INSTRUCTION(b, in)
            if (in->loc.lineno == NEXT_LOCATION.lineno)
                positions_take_next(g, b, in);
}

/* co_code and its tables. `from_labels`: so are the first guesses of jumps made; `each`: neighbours
 * of one location do not share entries, and conditional jumps lead backward, too (3.11). */
static inline __attribute__((always_inline)) void encode(struct cfg *g, struct code *code,
                                                         bool from_labels, bool each)
{
    struct backend_scratch *s = g->scratch;
    const struct opcode_form *forms = opcode_forms(g);
    make_room(g);
    uint32_t count = write_narrow(g, forms, each);
    bool narrow = starts_narrow(g, count, from_labels);
    code->code = finish_code(g, forms, narrow, from_labels);
    s->runs.items[s->runs.count].start = g->code_size;
    code->linetable = positions_write(g, s->runs.items, s->runs.count);
    code->exceptiontable = exceptions_write(g, s->caught.items, s->caught.count);
    if (code->exceptiontable.length == 0)
        constant_enter_empty_bytes(&g->c->constants);
}

void encode_relative_jumps(struct cfg *g, struct code *code)
{
    if (g->u->takes_next_locations)
        take_next_locations(g);
    encode(g, code, false, false);
}

void encode_relative_jumps_from_labels(struct cfg *g, struct code *code)
{
    if (g->u->takes_next_locations)
        take_next_locations(g);
    encode(g, code, true, false);
}

void encode_relative_jumps_located_one_by_one(struct cfg *g, struct code *code)
{
    encode(g, code, true, true);
}
