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

/* How many words an argument takes before the instruction's own. */
static inline uint32_t extended_words(uint32_t oparg)
{
    return (oparg > 0xFF) + (oparg > 0xFFFF) + (oparg > 0xFFFFFFu);
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

/* -- what there is to write -- */

/* Room for what is noted about `count` instructions, and a block of the arena for their code. */
static void make_room(struct cfg *g, uint32_t count)
{
    enum { USUAL_INSTRUCTIONS = 512 };
    struct backend_scratch *s = g->scratch;
    uint32_t room = count > USUAL_INSTRUCTIONS ? count : USUAL_INSTRUCTIONS;
    if (count >= UINT32_MAX / 2 / INSTRUCTION_ROOM)
        unwind_to(g->arena->unwind, UNWIND_NO_MEMORY);
    s->runs.count = s->caught.count = 0;
    array_reserve(g->arena, &s->runs, room + 1);
    if (g->seen & CLASS_BLOCK_PUSH)
        array_reserve(g->arena, &s->caught, 2 * room + 1); /* NOT_TAKEN may have one, too */
    s->code.capacity = count * INSTRUCTION_ROOM;
    s->code.items = arena_alloc(g->arena, s->code.capacity);
}

/* Number the instructions, NOT_TAKEN left out, and list the blocks that may end in a jump; returns
 * how many instructions there are. */
static uint32_t number_blocks(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    uint32_t index = 0, count = 0;
    s->jumps.count = 0;
    array_reserve(g->arena, &s->jumps, g->block_count + 1);
    struct laid_jump *jumps = s->jumps.items;
    FOR_EACH_BLOCK(g, b) {
        jumps[count].block = b;
        count += (b->used != 0) & ((b->classes & (CLASS_JUMP | CLASS_AWAIT_END)) != 0);
        b->index = index;
        index += b->used;
    }
    s->jumps.count = count;
    return index;
}

/* Number the instructions as CPython does, with NOT_TAKEN. */
static void number_all(struct cfg *g, const struct opcode_form *forms)
{
    uint32_t index = 0;
    FOR_EACH_BLOCK(g, b) {
        b->index = index;
        index += b->used + (b->used != 0 && forms[b->code[b->used - 1].opcode].behind);
    }
}

/* Find the jumps and give them their directions; they have no arguments until the code is written.
 * Returns how many are conditional and lead backward: their blocks are listed as places. */
static uint32_t list_jumps(struct cfg *g, const struct opcode_form *forms)
{
    struct backend_scratch *s = g->scratch;
    struct laid_jump *jumps = s->jumps.items;
    const struct block *blocks = g->blocks;
    uint32_t *turning = cfg_places(g, s->jumps.count + 1), turning_count = 0, count = 0;
    for (uint32_t k = 0, listed = s->jumps.count; k < listed; k++) {
        struct block *b = jumps[k].block;
        struct instruction *in = &b->code[b->used - 1];
        const struct jump_form *form = &g->c->effects->jumps[in->opcode];
        int32_t target = either(form->jumps, in->oparg, b->number);
        bool forward = blocks[target].index >= b->index + b->used;
        unsigned opcode = form->directed[forward];
        turning[turning_count] = (uint32_t)b->number;
        turning_count += (forward ^ 1) & form->falls;
        in->opcode = (uint16_t)opcode;
        in->oparg = either(form->jumps, 0, in->oparg);
        jumps[count].block = b;
        jumps[count].in = in;
        jumps[count].target = target;
        jumps[count].beyond = form->beyond;
        jumps[count].behind = forms[opcode].behind;
        jumps[count].narrow_size = forms[opcode].units;
        count += form->jumps;
    }
    s->jumps.count = count;
    return turning_count;
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

/* Turn the conditional jump backward at the end of block `n` into one over a jump. */
static void reverse_jump(struct cfg *g, uint32_t n)
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
        .size = (uint16_t)jump_words(g->blocks[last.oparg].label),
    };
    j->classes = op_class(OP_JUMP);
    last_instruction(b)->opcode = (uint16_t)reversed;
    last_instruction(b)->oparg = b->next;
    b->capacity = b->used; /* nothing was in the place of NOT_TAKEN */
    j->next = b->next;
    b->next = jump;
}

/* Number the instructions and list the jumps; returns how many instructions there are. */
static uint32_t lay_out(struct cfg *g, const struct opcode_form *forms)
{
    uint32_t count = number_blocks(g);
    list_jumps(g, forms);
    return count;
}

/* The same, and no conditional jump leads backward: what leads there is jumped over. */
static uint32_t lay_out_reversing(struct cfg *g, const struct opcode_form *forms)
{
    const struct backend_scratch *s = g->scratch;
    uint32_t count = number_blocks(g), turning = list_jumps(g, forms);
    if (turning == 0)
        return count;
    for (uint32_t k = 0; k < s->jumps.count; k++)
        s->jumps.items[k].in->oparg = s->jumps.items[k].target;
    for (uint32_t k = 0; k < turning; k++)
        reverse_jump(g, s->places.items[k]);
    return lay_out(g, forms);
}

/* Do the first guesses of all jumps' arguments take one byte? May say no where they do. */
static bool starts_narrow(const struct cfg *g, uint32_t instruction_count, bool from_labels)
{
    const struct backend_scratch *s = g->scratch;
    uint32_t wide = 0;
    if (!from_labels)
        return instruction_count + s->jumps.count <= 0x100;
    for (uint32_t k = 0; k < s->jumps.count; k++)
        wide |= s->jumps.items[k].in->size > 1;
    return !wide;
}

/* -- the walk that writes -- */

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
 * each instruction starts a run of one location; `caught`: some may have a handler. */
static inline __attribute__((always_inline)) void
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
    uint32_t to = 0;
    FOR_EACH_BLOCK(g, b) {
        uint32_t behind = 0;
        b->offset = to;
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
        b->end = to;
        if (caught && behind) {
            int32_t next = not_taken_handler(g, b);
            *catch = (struct caught_run){next, to - 1};
            catch += next != handler;
            handler = next;
        }
    }
    s->runs.count = (uint32_t)(run - s->runs.items);
    s->caught.count = (uint32_t)(catch - s->caught.items);
    s->code.count = WORD * to;
    g->code_size = to;
}

/* The same, without a look at handlers in a unit that has none. */
static inline __attribute__((always_inline)) void
write_narrow(struct cfg *g, const struct opcode_form *forms, bool each)
{
    if (g->seen & CLASS_BLOCK_PUSH)
        write_blocks(g, forms, each, true);
    else
        write_blocks(g, forms, each, false);
}

/* -- the jumps -- */

/* The distance of a jump as the blocks are placed now. */
static inline uint32_t distance(const struct cfg *g, const struct laid_jump *j)
{
    uint32_t from = j->block->end - j->behind, to = g->blocks[j->target].offset + j->beyond;
    return to < from ? from - to : to - from;
}

/* Where a jump starts, its EXTENDED_ARGs left out, as the blocks are placed now. */
static inline uint32_t jump_place(const struct laid_jump *j)
{
    return j->block->end - j->narrow_size;
}

/* Set the arguments in the code as it was written; false: they do not all take one byte. */
static bool set_arguments(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    uint32_t all = 0;
    for (uint32_t k = 0; k < s->jumps.count; k++) {
        const struct laid_jump *j = &s->jumps.items[k];
        uint32_t oparg = distance(g, j);
        s->code.items[WORD * jump_place(j) + 1] = (uint8_t)oparg;
        all |= oparg;
    }
    return all <= 0xFF;
}

/* Start with the sizes that first guesses of the arguments ask for: the number of the target
 * instruction, or what takes as many words as the label's number. */
static void guess_sizes(struct cfg *g, const struct opcode_form *forms, bool from_labels)
{
    struct backend_scratch *s = g->scratch;
    number_all(g, forms);
    for (uint32_t k = 0; k < s->jumps.count; k++) {
        struct laid_jump *j = &s->jumps.items[k];
        j->placed_size = j->narrow_size;
        uint32_t words =
            from_labels ? j->in->size : jump_words((int32_t)g->blocks[j->target].index);
        j->size = j->narrow_size + (words > 1 ? words - 1 : 0);
    }
    s->jumps.items[s->jumps.count] = (struct laid_jump){.block = NULL}; /* of no block */
}

/* Place the blocks with the sizes that the jumps ask for. */
static void place_blocks(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    uint32_t offset = 0, k = 0;
    FOR_EACH_BLOCK(g, b) {
        struct laid_jump *j = &s->jumps.items[k];
        bool jumps = j->block == b;
        uint32_t size = b->end - b->offset, wider = j->size - j->placed_size;
        j->placed_size += wider * jumps;
        k += jumps;
        b->offset = offset;
        b->end = offset += size + wider * jumps;
    }
    g->code_size = offset;
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
        j->size = j->narrow_size + extended_words(oparg);
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
        uint32_t wider = j != NULL ? j->size - j->narrow_size : 0;
        uint32_t place = j != NULL ? jump_place(j) - wider - shift : UINT32_MAX;
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
    uint32_t count = each ? lay_out(g, forms) : lay_out_reversing(g, forms);
    bool narrow = starts_narrow(g, count, from_labels);
    make_room(g, count);
    write_narrow(g, forms, each);
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
