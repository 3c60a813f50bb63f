/* The assembler of the releases before the control-flow graph (to 3.9).
 *
 * Answers to assemble() and makecode() of Python/compile.c there. Blocks are laid out in the order
 * in which they were begun, so the linear sequence is the layout. Jumps are in bytes; sizes are
 * found by repetition, starting from one word for each jump. The line table has an entry wherever
 * an instruction brings a line number of its own: an instruction without one (line 0 or less)
 * continues the line before it, and from 3.9 one that repeats the line brings nothing.
 *
 * The stack depth is computed on the blocks of the code before the peephole optimiser, as CPython
 * does.
 */
#include "asm/words.h"

#include "opt/backend.h"
#include "opt/peephole.h"
#include "targets/opcode_class.h"
#include "targets/stack_effect.h"

/* Memory that serves unit after unit. */
struct word_scratch {
    uint32_t capacity; /* of offset and depths */
    uint32_t *offset;
    int32_t *depths;
    ARRAY(uint32_t) targets; /* by jump: the instruction that it goes to */
    ARRAY(uint32_t) pending; /* blocks to visit */
    struct peephole_opcodes opcodes;
};

struct assembler {
    struct compilation *c;
    struct code_unit *u;
    const struct opcode_info *info;
    struct instruction *instructions; /* `size` is 1 where a block begins, at a label */
    uint32_t count;
    uint32_t *offset; /* by instruction, and one more: position in words */
    uint8_t *lnotab;
    uint32_t lnotab_length, lnotab_capacity;
    bool has_gap;    /* an entry of lnotab covers 255 bytes */
    int32_t *depths; /* by instruction: stack depth where a block begins */
    struct word_scratch *scratch;
};

enum { CODE_NOFREE = 0x40 };

/* The instruction that a label stands before. */
static inline uint32_t place_of(const struct assembler *a, int32_t label)
{
    return (uint32_t)a->u->sequence.labels.items[label];
}

/* Set the argument of jump number `j` for the positions as they are; true: its size changes. */
static bool set_jump(struct assembler *a, uint32_t j)
{
    uint32_t i = a->u->sequence.jumps.items[j];
    struct instruction *in = &a->instructions[i];
    uint32_t to = a->offset[a->scratch->targets.items[j]];
    if (a->info[in->opcode].flags & OPCODE_HAS_JUMP_REL)
        to -= a->offset[i + 1];
    in->oparg = (int32_t)(to * 2);
    return word_size(to * 2) != a->offset[i + 1] - a->offset[i];
}

/* Note the positions of all instructions, with the sizes that the arguments have now. */
static void place_instructions(struct assembler *a)
{
    const struct instruction *in = a->instructions, *end = in + a->count;
    uint32_t *offset = a->offset, position = 0;
    for (; in != end; in++) {
        *offset++ = position++;
        if (__builtin_expect((uint32_t)in->oparg > 0xFF, 0))
            position += word_size((uint32_t)in->oparg) - 1;
    }
    *offset = position;
}

/* Find positions and jump arguments that agree with each other. */
static void resolve_jumps(struct assembler *a)
{
    uint32_t jump_count = a->u->sequence.jumps.count;
    a->scratch->targets.count = 0;
    for (uint32_t j = 0; j < jump_count; j++) {
        struct instruction *in = &a->instructions[a->u->sequence.jumps.items[j]];
        array_push(a->c->arena, &a->scratch->targets, place_of(a, in->oparg));
        in->oparg = 0;
    }
    bool again;
    do {
        place_instructions(a);
        again = false;
        for (uint32_t j = 0; j < jump_count; j++)
            again |= set_jump(a, j);
    } while (again);
}

/* For each word and one more, is it what a jump goes to? */
static uint8_t *jump_targets(const struct assembler *a)
{
    uint8_t *is_target = arena_zalloc(a->c->arena, (size_t)a->offset[a->count] + 1);
    for (uint32_t j = 0; j < a->scratch->targets.count; j++)
        is_target[a->offset[a->scratch->targets.items[j]]] = 1;
    return is_target;
}

/* Append one pair to the line table. */
static void line_pair(struct assembler *a, int bytes, int lines)
{
    if (a->lnotab_length + 2 > a->lnotab_capacity) {
        uint32_t capacity = a->lnotab_capacity == 0 ? 64 : 2 * a->lnotab_capacity;
        a->lnotab = arena_grow(a->c->arena, a->lnotab, a->lnotab_capacity, capacity);
        a->lnotab_capacity = capacity;
    }
    a->has_gap |= bytes == 255;
    uint8_t *to = a->lnotab + a->lnotab_length;
    to[0] = (uint8_t)bytes;
    to[1] = (uint8_t)lines;
    a->lnotab_length += 2;
}

/* The pairs for a step of `bytes` and `lines`, in pieces that a byte can hold. */
static void write_line_step(struct assembler *a, uint32_t bytes, int lines)
{
    if (bytes > 255) {
        for (uint32_t n = bytes / 255; n > 0; n--)
            line_pair(a, 255, 0);
        bytes %= 255;
    }
    if (lines < -128 || lines > 127) {
        int step = lines < 0 ? -128 : 127;
        for (int n = lines / step; n > 0; n--) {
            line_pair(a, (int)bytes, step);
            bytes = 0;
        }
        lines %= step;
    }
    line_pair(a, (int)bytes, lines);
}

/* Write co_code and co_lnotab in one walk. */
static void write_all(struct assembler *a, uint8_t *to)
{
    const struct opcode_info *info = a->info;
    bool repeats = HAS(a->c, LNOTAB_REPEATS_LINES);
    int line = a->u->firstlineno;
    const uint8_t *start = to; /* of that line */
    const struct instruction *in = a->instructions, *end = in + a->count;
    for (; in != end; in++) {
        int now = in->loc.lineno;
        if (now > 0 && (now != line || (repeats && to != start))) {
            write_line_step(a, (uint32_t)(to - start), now - line);
            line = now;
            start = to;
        }
        uint32_t oparg = (uint32_t)in->oparg, size = word_size(oparg);
        word_write(to, info[in->opcode].number, oparg, size);
        to += 2 * size;
    }
}

enum { UNSEEN = INT32_MIN + 1, NEVER = INT32_MAX };

/* Push a block's first instruction with the depth at its entry, unless it is known with one as
 * large. */
static void push_block(struct assembler *a, uint32_t first, int depth)
{
    enum { CEILING = 100 }; /* keeps code whose depth grows in a loop from growing for ever */
    if (a->depths[first] < depth && a->depths[first] < CEILING) {
        a->depths[first] = depth;
        array_push(a->c->arena, &a->scratch->pending, first);
    }
}

/* Note where blocks begin: at labels. */
static void mark_starts(struct assembler *a)
{
    for (uint32_t l = 0; l < a->u->sequence.labels.count; l++) {
        int32_t at = a->u->sequence.labels.items[l];
        if (at < 0 || (uint32_t)at > a->count)
            continue;
        a->depths[at] = (uint32_t)at < a->count ? UNSEEN : NEVER;
        if ((uint32_t)at < a->count)
            a->instructions[at].size = 1;
    }
}

/* An instruction that may lead elsewhere, or whose effect has a rare form. */
static struct stack_depth run_special(struct assembler *a, const struct instruction *in,
                                      struct stack_depth d)
{
    const struct opcode_info *info = &a->info[in->opcode];
    if (info->flags & (OPCODE_HAS_JUMP_REL | OPCODE_HAS_JUMP_ABS)) {
        struct stack_depth there =
            stack_depth_after(d, opcode_stack_effect(info, (uint32_t)in->oparg, true));
        d.deepest = there.deepest;
        if (in->opcode != OP_CALL_FINALLY)
            push_block(a, place_of(a, in->oparg), there.now);
    }
    return stack_depth_after(d, opcode_stack_effect(info, (uint32_t)in->oparg, false));
}

/* The largest depth on the way from the start of a block to its end, or `deepest` if that is more.
 */
static int walk_block(struct assembler *a, const struct stack_effect *effects, uint32_t i,
                      int deepest)
{
    const struct instruction *in = a->instructions + i, *end = a->instructions + a->count;
    struct stack_depth d = {a->depths[i], deepest};
    do {
        const struct stack_effect *e = &effects[in->opcode];
        if (__builtin_expect(!e->turns, 1)) {
            d = stack_depth_after(d, stack_effect_change(e, in->oparg));
        } else {
            d = run_special(a, in, d);
            if (opcode_classes[in->opcode] & CLASS_NO_FALLTHROUGH)
                return d.deepest;
        }
        in++;
    } while (in != end && in->size == 0);
    if (in != end)
        push_block(a, (uint32_t)(in - a->instructions), d.now);
    return d.deepest;
}

/* The largest stack depth on any path. */
static int stack_depth(struct assembler *a)
{
    const struct stack_effect *effects = stack_effects_of(a->c->effects, a->info);
    int deepest = 0;
    mark_starts(a);
    a->depths[0] = UNSEEN;
    push_block(a, 0, 0);
    while (a->scratch->pending.count > 0)
        deepest =
            walk_block(a, effects, a->scratch->pending.items[--a->scratch->pending.count], deepest);
    return deepest;
}

/* The code object of an assembled unit. */
static struct code *make_code(struct assembler *a, const struct word_code *words, int stacksize)
{
    struct code_unit *u = a->u;
    struct arena *arena = a->c->arena;
    struct code *code = backend_new_code(arena, u);
    code->nlocals = (int)u->varnames.count;
    code->stacksize = stacksize;
    if (u->freevars.count == 0 && u->cellvars.count == 0)
        code->flags |= CODE_NOFREE;
    code->code = (struct byte_string){words->words, 2 * words->count};
    code->consts = constant_tuple(&a->c->constants, u->consts.items, u->consts.count);
    code->varnames = backend_keep_names(arena, u->varnames.items, u->varnames.count);
    code->varname_count = u->varnames.count;
    code->linetable = (struct byte_string){words->lnotab, words->lnotab_length};
    return code;
}

/* The first line of a module: that of the first instruction, unless that is in a block of its own.
 */
static int first_line(const struct assembler *a)
{
    for (uint32_t l = 0; l < a->u->sequence.labels.count; l++) {
        if (a->u->sequence.labels.items[l] == 0)
            return 1;
    }
    return a->instructions[0].loc.lineno > 0 ? a->instructions[0].loc.lineno : 1;
}

/* The memory that serves unit after unit, with room for this one. */
static void prepare_scratch(struct assembler *a)
{
    struct compilation *c = a->c;
    struct word_scratch *s = c->words;
    if (s == NULL) {
        s = c->words = arena_zalloc(c->arena, sizeof *s);
        peephole_know_opcodes(&s->opcodes, a->info);
    }
    a->scratch = s;
    if (a->count >= s->capacity) {
        s->capacity = a->count < 512 ? 1024 : a->count * 2;
        if (s->capacity <= a->count)
            unwind_to(c->arena->unwind, UNWIND_NO_MEMORY);
        s->offset = arena_alloc_array(c->arena, s->capacity, sizeof *s->offset);
        s->depths = arena_alloc_array(c->arena, s->capacity, sizeof *s->depths);
    }
    a->offset = s->offset;
    a->depths = s->depths;
}

struct code *assemble_words(struct compilation *c, struct code_unit *u)
{
    struct assembler a = {.c = c, .u = u, .info = c->target->opcodes};
    a.instructions = u->sequence.instructions.items;
    a.count = u->sequence.instructions.count;
    prepare_scratch(&a);
    if (u->firstlineno == 0)
        u->firstlineno = first_line(&a);
    int stacksize = stack_depth(&a); /* while the jumps name their labels */
    resolve_jumps(&a);
    struct word_code words = {.count = a.offset[a.count]};
    words.words = arena_alloc(c->arena, 2 * (size_t)words.count);
    write_all(&a, words.words);
    words.lnotab = a.lnotab;
    words.lnotab_length = a.lnotab_length;
    if (!a.has_gap)
        peephole_optimize(c, u, &a.scratch->opcodes, &words, jump_targets(&a));
    return make_code(&a, &words, stacksize);
}
