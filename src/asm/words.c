/* The assembler of the releases before the control-flow graph (to 3.9).
 *
 * Answers to assemble() and makecode() of Python/compile.c there. Blocks are laid out in the order in which they were begun, so the
 * linear sequence is the layout. Jumps are in bytes; sizes are found by repetition, starting from one word for each
 * jump. The line table has an entry wherever an instruction brings a line number of its own: an instruction without one (line
 * 0 or less) continues the line before it, and from 3.9 one that repeats the line brings nothing.
 *
 * The stack depth is computed on the blocks of the code before the peephole optimiser, as CPython does.
 */
#include "asm/words.h"

#include "opt/peephole.h"

struct assembler {
    struct compilation *c;
    struct code_unit *u;
    const struct opcode_info *info;
    const struct instruction *instructions;
    uint32_t count;
    uint32_t *oparg;   /* by instruction: the argument to write */
    uint32_t *offset;  /* by instruction, and one more: position in words */
    uint8_t *lnotab;
    uint32_t lnotab_length, lnotab_capacity;
    int32_t *depths;         /* by instruction that begins a block: stack depth there */
    ARRAY(uint32_t) pending; /* blocks to visit */
};

enum { CODE_NOFREE = 0x40 };

/* Does the argument name a label? */
static inline bool is_jump(const struct assembler *a, const struct instruction *i)
{
    return (a->info[i->opcode].flags & (OPCODE_HAS_JUMP_REL | OPCODE_HAS_JUMP_ABS)) != 0;
}

/* The instruction that a jump goes to. */
static inline uint32_t target_of(const struct assembler *a, const struct instruction *i)
{
    return (uint32_t)a->u->sequence.labels.items[i->oparg];
}

/* Find positions and jump arguments that agree with each other. */
static void resolve_jumps(struct assembler *a)
{
    for (uint32_t i = 0; i < a->count; i++)
        a->oparg[i] = is_jump(a, &a->instructions[i]) ? 0 : (uint32_t)a->instructions[i].oparg;
    bool again;
    do {
        uint32_t position = 0;
        for (uint32_t i = 0; i < a->count; i++) {
            a->offset[i] = position;
            position += word_size(a->oparg[i]);
        }
        a->offset[a->count] = position;
        again = false;
        for (uint32_t i = 0; i < a->count; i++) {
            const struct instruction *instruction = &a->instructions[i];
            if (!is_jump(a, instruction))
                continue;
            uint32_t size = word_size(a->oparg[i]), to = a->offset[target_of(a, instruction)];
            if (a->info[instruction->opcode].flags & OPCODE_HAS_JUMP_REL)
                to -= a->offset[i] + size;
            a->oparg[i] = to * 2;
            again |= word_size(a->oparg[i]) != size;
        }
    } while (again);
}

/* Append one pair to the line table. */
static void line_pair(struct assembler *a, int bytes, int lines)
{
    if (a->lnotab_length + 2 > a->lnotab_capacity) {
        uint32_t capacity = a->lnotab_capacity == 0 ? 64 : 2 * a->lnotab_capacity;
        a->lnotab = arena_grow(a->c->arena, a->lnotab, a->lnotab_capacity, capacity);
        a->lnotab_capacity = capacity;
    }
    a->lnotab[a->lnotab_length++] = (uint8_t)bytes;
    a->lnotab[a->lnotab_length++] = (uint8_t)lines;
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

/* Write co_lnotab. */
static void write_lines(struct assembler *a)
{
    bool repeats = HAS(a->c, LNOTAB_REPEATS_LINES);
    int line = a->u->firstlineno;
    uint32_t start = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        int now = a->instructions[i].loc.lineno;
        if (now <= 0)
            continue;
        uint32_t bytes = (a->offset[i] - start) * 2;
        if (now == line && (bytes == 0 || !repeats))
            continue;
        write_line_step(a, bytes, now - line);
        line = now;
        start = a->offset[i];
    }
}

/* Push a block's first instruction with the depth at its entry, unless it is known with one as large. */
static void push_block(struct assembler *a, uint32_t first, int depth)
{
    enum { CEILING = 100 }; /* keeps code whose depth grows in a loop from growing for ever */
    if (a->depths[first] < depth && a->depths[first] < CEILING) {
        a->depths[first] = depth;
        array_push(a->c->arena, &a->pending, first);
    }
}

/* After these the rest of the block is dead. */
static inline bool ends_flow(unsigned opcode)
{
    return opcode == OP_JUMP_ABSOLUTE || opcode == OP_JUMP_FORWARD || opcode == OP_RETURN_VALUE ||
           opcode == OP_RAISE_VARARGS || opcode == OP_RERAISE;
}

/* The largest stack depth on any path. */
static int stack_depth(struct assembler *a)
{
    enum { UNSEEN = INT32_MIN };
    struct arena *arena = a->c->arena;
    bool *starts = arena_zalloc(arena, a->count + 1);
    for (uint32_t i = 0; i < a->u->sequence.labels.count; i++) {
        int32_t at = a->u->sequence.labels.items[i];
        if (at >= 0 && (uint32_t)at < a->count)
            starts[at] = true;
    }
    a->depths = arena_alloc_array(arena, (size_t)a->count + 1, sizeof *a->depths);
    for (uint32_t i = 0; i <= a->count; i++)
        a->depths[i] = UNSEEN;
    push_block(a, 0, 0);
    int deepest = 0;
    while (a->pending.count > 0) {
        uint32_t i = a->pending.items[--a->pending.count];
        int depth = a->depths[i];
        bool falls_through = true;
        do {
            const struct instruction *instruction = &a->instructions[i];
            const struct opcode_info *info = &a->info[instruction->opcode];
            int after = depth + opcode_stack_effect(info, (uint32_t)instruction->oparg, false);
            if (after > deepest)
                deepest = after;
            if (is_jump(a, instruction)) {
                int at_target = depth + opcode_stack_effect(info, (uint32_t)instruction->oparg, true);
                if (at_target > deepest)
                    deepest = at_target;
                if (instruction->opcode != OP_CALL_FINALLY)
                    push_block(a, target_of(a, instruction), at_target);
            }
            depth = after;
            if (ends_flow(instruction->opcode)) {
                falls_through = false;
                break;
            }
        } while (++i < a->count && !starts[i]);
        if (falls_through && i < a->count)
            push_block(a, i, depth);
    }
    return deepest;
}

/* A copy of names that the code object keeps. */
static const identifier *copy_names(struct arena *arena, const identifier *names, uint32_t count)
{
    identifier *copy = arena_alloc_array(arena, count, sizeof *copy);
    if (count != 0)
        memcpy(copy, names, count * sizeof *copy);
    return copy;
}

/* The code object of an assembled unit. */
static struct code *make_code(struct assembler *a, const struct word_code *words, int stacksize)
{
    struct code_unit *u = a->u;
    struct arena *arena = a->c->arena;
    struct code *code = arena_zalloc(arena, sizeof *code);
    code->argcount = u->argcount;
    code->posonlyargcount = u->posonlyargcount;
    code->kwonlyargcount = u->kwonlyargcount;
    code->nlocals = (int)u->varnames.count;
    code->stacksize = stacksize;
    code->flags = u->flags;
    if (u->freevars.count == 0 && u->cellvars.count == 0)
        code->flags |= CODE_NOFREE;
    code->firstlineno = u->firstlineno;
    code->code = (struct byte_string){words->words, 2 * words->count};
    code->consts = constant_tuple(&a->c->constants, u->consts.items, u->consts.count);
    code->names = copy_names(arena, u->names.items, u->names.count);
    code->name_count = u->names.count;
    code->varnames = copy_names(arena, u->varnames.items, u->varnames.count);
    code->varname_count = u->varnames.count;
    code->cellvars = copy_names(arena, u->cellvars.items, u->cellvars.count);
    code->cellvar_count = u->cellvars.count;
    code->freevars = copy_names(arena, u->freevars.items, u->freevars.count);
    code->freevar_count = u->freevars.count;
    code->name = u->name;
    code->qualname = u->qualname;
    code->linetable = (struct byte_string){words->lnotab, words->lnotab_length};
    return code;
}

/* The first line of a module: that of the first instruction, unless that is in a block of its own. */
static int first_line(const struct assembler *a)
{
    for (uint32_t l = 0; l < a->u->sequence.labels.count; l++) {
        if (a->u->sequence.labels.items[l] == 0)
            return 1;
    }
    return a->instructions[0].loc.lineno > 0 ? a->instructions[0].loc.lineno : 1;
}

struct code *assemble_words(struct compilation *c, struct code_unit *u)
{
    struct assembler a = {.c = c, .u = u, .info = c->target->opcodes};
    a.instructions = u->sequence.instructions.items;
    a.count = u->sequence.instructions.count;
    a.oparg = arena_alloc_array(c->arena, a.count, sizeof *a.oparg);
    a.offset = arena_alloc_array(c->arena, (size_t)a.count + 1, sizeof *a.offset);
    if (u->firstlineno == 0)
        u->firstlineno = first_line(&a);
    resolve_jumps(&a);
    struct word_code words = {.count = a.offset[a.count]};
    words.words = arena_alloc(c->arena, 2 * (size_t)words.count);
    for (uint32_t i = 0; i < a.count; i++) {
        word_write(words.words + 2 * a.offset[i], a.info[a.instructions[i].opcode].number, a.oparg[i],
                   a.offset[i + 1] - a.offset[i]);
    }
    write_lines(&a);
    words.lnotab = a.lnotab;
    words.lnotab_length = a.lnotab_length;
    int stacksize = stack_depth(&a);
    peephole_optimize(c, u, &words);
    return make_code(&a, &words, stacksize);
}
