/* The peephole optimiser: folding of constant tuples, jump threading, dead code after a return.
 *
 * Answers to Python/peephole.c of the releases to 3.9, which works on encoded words. Its
 * peculiarities show in the output and are kept: it is not asked when the line table has a gap of
 * 255 bytes, and gives up as a whole when a jump would need more words than it has; a rewritten
 * instruction never
 * grows; what is dropped becomes NOP first and is squeezed out at the end, where a jump that
 * shrinks keeps its words as EXTENDED_ARG 0; folded tuples are appended to the constants without
 * looking for an equal one.
 *
 * A basic block starts at what a jump goes to; a rewrite stays inside one block.
 */
#include "opt/peephole.h"

struct peephole {
    struct compilation *c;
    struct code_unit *u;
    const struct opcode_info *info;
    struct word_code *code;
    uint8_t *words; /* working copy */
    uint32_t count;
    const uint8_t *mnemonic;
    const uint8_t *is_target; /* by word, and one more: a block starts here */
    uint32_t *position;       /* the new position of each word, and of one more */
    bool has_nops;
};

/* The instructions that mean something here. */
enum known {
    K_OTHER,
    K_EXTENDED_ARG,
    K_NOP,
    K_LOAD_CONST,
    K_BUILD_TUPLE,
    K_UNPACK_SEQUENCE,
    K_RETURN_VALUE,
    K_BLOCK_LIMIT,
    K_SETUP_FINALLY,
    K_FIRST_JUMP,
    K_JUMP_FORWARD = K_FIRST_JUMP,
    K_JUMP_ABSOLUTE,
    K_POP_JUMP_IF_FALSE,
    K_POP_JUMP_IF_TRUE,
    K_JUMP_IF_FALSE_OR_POP,
    K_JUMP_IF_TRUE_OR_POP,
    K_OTHER_ABSOLUTE,
    K_OTHER_RELATIVE,
};

static const struct {
    uint16_t opcode;
    uint8_t known;
} known_opcodes[] = {
    {OP_EXTENDED_ARG, K_EXTENDED_ARG},
    {OP_NOP, K_NOP},
    {OP_LOAD_CONST, K_LOAD_CONST},
    {OP_BUILD_TUPLE, K_BUILD_TUPLE},
    {OP_UNPACK_SEQUENCE, K_UNPACK_SEQUENCE},
    {OP_RETURN_VALUE, K_RETURN_VALUE},
    {OP_END_FINALLY,
     K_BLOCK_LIMIT}, /* the ends of a finally block that the line-number setter looks for */
    {OP_RERAISE, K_BLOCK_LIMIT},
    {OP_SETUP_FINALLY, K_SETUP_FINALLY},
    {OP_JUMP_FORWARD, K_JUMP_FORWARD},
    {OP_JUMP_ABSOLUTE, K_JUMP_ABSOLUTE},
    {OP_POP_JUMP_IF_FALSE, K_POP_JUMP_IF_FALSE},
    {OP_POP_JUMP_IF_TRUE, K_POP_JUMP_IF_TRUE},
    {OP_JUMP_IF_FALSE_OR_POP, K_JUMP_IF_FALSE_OR_POP},
    {OP_JUMP_IF_TRUE_OR_POP, K_JUMP_IF_TRUE_OR_POP},
    {OP_JUMP_IF_NOT_EXC_MATCH, K_OTHER_ABSOLUTE},
    {OP_FOR_ITER, K_OTHER_RELATIVE},
    {OP_SETUP_WITH, K_OTHER_RELATIVE},
    {OP_SETUP_ASYNC_WITH, K_OTHER_RELATIVE},
    {OP_CALL_FINALLY, K_OTHER_RELATIVE},
};

void word_write_long(uint8_t *words, uint8_t number, uint32_t oparg, uint32_t size)
{
    enum { EXTENDED_ARG = 144 }; /* in every release that has 2-byte words without caches */
    for (uint32_t left = size - 1; left > 0; left--) {
        *words++ = EXTENDED_ARG;
        *words++ = (uint8_t)(oparg >> (8 * left));
    }
    *words++ = number;
    *words = (uint8_t)oparg;
}

/* What the word at i is. */
static inline enum known at(const struct peephole *p, uint32_t i)
{
    return (enum known)p->mnemonic[p->words[2 * i]];
}

static inline bool is_absolute(enum known k)
{
    return k >= K_JUMP_ABSOLUTE && k <= K_OTHER_ABSOLUTE;
}

static inline bool is_relative(enum known k)
{
    return k == K_JUMP_FORWARD || k == K_OTHER_RELATIVE || k == K_SETUP_FINALLY;
}

static inline bool is_unconditional(enum known k)
{
    return k == K_JUMP_FORWARD || k == K_JUMP_ABSOLUTE;
}

static inline bool is_conditional(enum known k)
{
    return k >= K_POP_JUMP_IF_FALSE && k <= K_JUMP_IF_TRUE_OR_POP;
}

static inline bool jumps_on_true(enum known k)
{
    return k == K_POP_JUMP_IF_TRUE || k == K_JUMP_IF_TRUE_OR_POP;
}

/* The first word at or after i that is not a prefix. */
static uint32_t skip_prefixes(const struct peephole *p, uint32_t i)
{
    while (i < p->count && at(p, i) == K_EXTENDED_ARG)
        i++;
    return i;
}

/* The argument of the instruction whose last word is i. */
static uint32_t argument(const struct peephole *p, uint32_t i)
{
    uint32_t oparg = p->words[2 * i + 1];
    for (uint32_t shift = 8; shift < 32 && i > 0 && at(p, i - 1) == K_EXTENDED_ARG; shift += 8)
        oparg |= (uint32_t)p->words[2 * --i + 1] << shift;
    return oparg;
}

/* The word that the jump at i goes to. */
static uint32_t jump_target(const struct peephole *p, uint32_t i)
{
    return argument(p, i) / 2 + (is_absolute(at(p, i)) ? 0 : i + 1);
}

/* Turn the words [start, end) into NOPs. */
static void fill_nops(struct peephole *p, uint32_t start, uint32_t end)
{
    if (start < end)
        p->has_nops = true;
    for (uint32_t i = start; i < end; i++) {
        p->words[2 * i] = p->info[OP_NOP].number;
        p->words[2 * i + 1] = 0;
    }
}

/* Put a single word at i. */
static void put(struct peephole *p, uint32_t i, enum opcode op)
{
    p->words[2 * i] = p->info[op].number;
    p->words[2 * i + 1] = 0;
}

/* Are words i and j, which is not before i, in one block? */
static inline bool same_block(const struct peephole *p, uint32_t i, uint32_t j)
{
    while (i < j)
        if (p->is_target[++i])
            return false;
    return true;
}

/* Give the instruction ending at i another argument if it fits its words; its new last word, or
 * UINT32_MAX. */
static uint32_t set_argument(struct peephole *p, uint32_t i, uint32_t oparg)
{
    uint32_t current = argument(p, i);
    if (current == oparg)
        return i;
    uint32_t old_size = word_size(current), new_size = word_size(oparg);
    if (old_size < new_size)
        return UINT32_MAX;
    uint32_t start = i + 1 - old_size;
    word_write(p->words + 2 * start, p->words[2 * i], oparg, new_size);
    fill_nops(p, start + new_size, i + 1);
    return start + new_size - 1;
}

/* Write an instruction against the end of [start, end), NOPs before it; false if it does not fit.
 */
static bool write_at_end(struct peephole *p, uint32_t start, uint32_t end, uint8_t number,
                         uint32_t oparg)
{
    uint32_t size = word_size(oparg);
    if (start + size > end)
        return false;
    word_write(p->words + 2 * (end - size), number, oparg, size);
    fill_nops(p, start, end - size);
    return true;
}

/* The first word of the n-th LOAD_CONST before `i`, prefixes included; NOPs cannot lie between. */
static uint32_t constants_start(const struct peephole *p, uint32_t i, uint32_t n)
{
    for (;;) {
        i--;
        if (at(p, i) == K_LOAD_CONST && --n == 0) {
            while (i > 0 && at(p, i - 1) == K_EXTENDED_ARG)
                i--;
            return i;
        }
    }
}

/* LOAD_CONST c1 ... LOAD_CONST cn, BUILD_TUPLE n  ->  LOAD_CONST (c1, ..., cn), a new constant. */
static void fold_tuple(struct peephole *p, uint32_t start, uint32_t end, uint32_t n)
{
    constant *items = arena_alloc_array(p->c->arena, n, sizeof *items);
    uint32_t position = start;
    for (uint32_t i = 0; i < n; i++, position++) {
        position = skip_prefixes(p, position);
        items[i] = p->u->consts.items[argument(p, position)];
    }
    array_push(p->c->arena, &p->u->consts, constant_tuple_unshared(&p->c->constants, items, n));
    write_at_end(p, start, end, p->info[OP_LOAD_CONST].number, p->u->consts.count - 1);
}

/* BUILD_TUPLE at [start, i]: fold constants, or cancel against UNPACK_SEQUENCE at `next`. */
static void rewrite_build_tuple(struct peephole *p, uint32_t start, uint32_t i, uint32_t next,
                                uint32_t constants)
{
    uint32_t n = argument(p, i);
    if (n > 0 && constants >= n) {
        uint32_t first = constants_start(p, start, n);
        if (same_block(p, first, start)) {
            fold_tuple(p, first, i + 1, n);
            return;
        }
    }
    if (next >= p->count || at(p, next) != K_UNPACK_SEQUENCE || !same_block(p, start, i + 1) ||
        n != argument(p, next))
        return;
    if (n < 2) {
        fill_nops(p, start, next + 1);
    } else if (n == 2) {
        put(p, start, OP_ROT_TWO);
        fill_nops(p, start + 1, next + 1);
    } else if (n == 3) {
        put(p, start, OP_ROT_THREE);
        put(p, start + 1, OP_ROT_TWO);
        fill_nops(p, start + 2, next + 1);
    }
}

/* Let a jump to a jump go where that one goes. */
static void thread_jump(struct peephole *p, uint32_t start, uint32_t i)
{
    enum known k = at(p, i);
    uint32_t target = skip_prefixes(p, jump_target(p, i));
    if (target >= p->count)
        return;
    if (is_unconditional(k) && at(p, target) == K_RETURN_VALUE) {
        put(p, start, OP_RETURN_VALUE);
        fill_nops(p, start + 1, i + 1);
        return;
    }
    if (!is_unconditional(at(p, target)))
        return;
    uint32_t to = jump_target(p, target);
    uint8_t number = k == K_JUMP_FORWARD ? p->info[OP_JUMP_ABSOLUTE].number : p->words[2 * i];
    write_at_end(p, start, i + 1, number, to * 2);
}

/* JUMP_IF_x_OR_POP to a conditional jump: what the second one does is known. The last word of the
 * result, which is to be looked at again, or UINT32_MAX when the rule does not apply. */
static uint32_t merge_conditions(struct peephole *p, uint32_t i)
{
    enum known k = at(p, i);
    uint32_t target = skip_prefixes(p, argument(p, i) / 2);
    enum known second = target < p->count ? at(p, target) : K_OTHER;
    if (!is_conditional(second))
        return UINT32_MAX;
    uint32_t last;
    uint8_t number;
    if (jumps_on_true(second) == jumps_on_true(k)) {
        last = set_argument(p, i, argument(p, target));
        number = p->words[2 * target];
    } else {
        last = set_argument(p, i, (target + 1) * 2);
        number =
            p->info[k == K_JUMP_IF_TRUE_OR_POP ? OP_POP_JUMP_IF_TRUE : OP_POP_JUMP_IF_FALSE].number;
    }
    if (last != UINT32_MAX)
        p->words[2 * last] = number;
    return last;
}

/* After a return: drop the rest of the block, but for what marks the ends of try blocks. Where to
 * go on. */
static uint32_t drop_dead_code(struct peephole *p, uint32_t i, uint32_t next)
{
    uint32_t h = i + 1;
    while (h < p->count && !p->is_target[h]) {
        enum known k = at(p, h);
        if (k == K_BLOCK_LIMIT || k == K_SETUP_FINALLY) {
            /* The prefixes of a kept instruction stay; END_FINALLY never has any. */
            while (h > i + 1 && at(p, h - 1) == K_EXTENDED_ARG)
                h--;
            break;
        }
        h++;
    }
    if (h <= i + 1)
        return next;
    fill_nops(p, i + 1, h);
    return skip_prefixes(p, h);
}

/* Rewrite what LOAD_CONST at i starts: a test of a constant that is true goes. Is it gone? */
static bool rewrite_load_const(struct peephole *p, uint32_t start, uint32_t i, uint32_t next)
{
    if (next >= p->count || at(p, next) != K_POP_JUMP_IF_FALSE || !same_block(p, start, i + 1) ||
        !constant_is_true(&p->c->constants, p->u->consts.items[argument(p, i)]))
        return false;
    fill_nops(p, start, next + 1);
    return true;
}

/* Rewrite the instruction whose last word is i; where to go on. `run` counts the constants that
 * were loaded before it and, in the end, with it. */
static uint32_t rewrite_known(struct peephole *p, uint32_t i, uint32_t *run)
{
    uint32_t start = i, constants = *run;
    while (start > 0 && at(p, start - 1) == K_EXTENDED_ARG)
        start--;
    uint32_t next = skip_prefixes(p, i + 1);
    *run = 0;
    switch (at(p, i)) {
    case K_LOAD_CONST:
        if (!rewrite_load_const(p, start, i, next))
            *run = constants + 1;
        break;
    case K_BUILD_TUPLE: rewrite_build_tuple(p, start, i, next, constants); break;
    case K_JUMP_IF_FALSE_OR_POP:
    case K_JUMP_IF_TRUE_OR_POP: {
        uint32_t again = merge_conditions(p, i);
        if (again != UINT32_MAX)
            return again;
    }
        /* fallthrough */
    case K_POP_JUMP_IF_FALSE:
    case K_POP_JUMP_IF_TRUE:
    case K_JUMP_FORWARD:
    case K_JUMP_ABSOLUTE: thread_jump(p, start, i); break;
    case K_RETURN_VALUE: return drop_dead_code(p, i, next);
    case K_NOP: p->has_nops = true; break;
    default: break;
    }
    return next;
}

/* The rewriting walk. */
static void rewrite(struct peephole *p)
{
    uint32_t run = 0;
    for (uint32_t i = 0; i < p->count;) {
        enum known k = at(p, i);
        if (k == K_OTHER) {
            run = 0;
            i++;
        } else if (k == K_EXTENDED_ARG) {
            i++;
        } else {
            i = rewrite_known(p, i, &run);
        }
    }
}

/* Where each word will be once the NOPs are gone. */
static void number_positions(struct peephole *p)
{
    uint32_t nops = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        p->position[i] = i - nops;
        nops += at(p, i) == K_NOP;
    }
    p->position[p->count] = p->count - nops;
}

/* Squeeze out the NOPs and move the jumps; false when a jump outgrows its words. */
static bool squeeze(struct peephole *p, uint32_t *new_count)
{
    uint32_t h = 0;
    for (uint32_t i = 0, start = 0; i < p->count; start = ++i) {
        uint32_t oparg = p->words[2 * i + 1];
        while (at(p, i) == K_EXTENDED_ARG && i + 1 < p->count) {
            i++;
            oparg = oparg << 8 | p->words[2 * i + 1];
        }
        enum known k = at(p, i);
        if (k == K_NOP)
            continue;
        if (is_absolute(k))
            oparg = p->position[oparg / 2] * 2;
        else if (is_relative(k))
            oparg = (p->position[oparg / 2 + i + 1] - p->position[i] - 1) * 2;
        uint32_t size = i - start + 1;
        if (word_size(oparg) > size || size > 4)
            return false;
        word_write(p->words + 2 * h, p->words[2 * i], oparg, size);
        h += size;
    }
    *new_count = h;
    return true;
}

/* Move the line table to the new positions. CPython does so before it knows whether the code is
 * kept. */
static void move_lines(struct peephole *p)
{
    uint32_t offset = 0, last = 0;
    for (uint32_t i = 0; i < p->code->lnotab_length; i += 2) {
        offset += p->code->lnotab[i];
        uint32_t moved = p->position[offset / 2] * 2;
        p->code->lnotab[i] = (uint8_t)(moved - last);
        last = moved;
    }
}

void peephole_know_opcodes(struct peephole_opcodes *opcodes, const struct opcode_info *info)
{
    for (size_t i = 0; i < sizeof known_opcodes / sizeof *known_opcodes; i++) {
        const struct opcode_info *known = &info[known_opcodes[i].opcode];
        if (known->flags & OPCODE_PRESENT)
            opcodes->mnemonic[known->number] = known_opcodes[i].known;
    }
}

void peephole_optimize(struct compilation *c, struct code_unit *u,
                       const struct peephole_opcodes *opcodes, struct word_code *code,
                       const uint8_t *is_target)
{
    struct peephole p = {.c = c,
                         .u = u,
                         .info = c->target->opcodes,
                         .code = code,
                         .count = code->count,
                         .mnemonic = opcodes->mnemonic,
                         .is_target = is_target};
    p.words = arena_alloc(c->arena, 2 * (size_t)code->count);
    memcpy(p.words, code->words, 2 * (size_t)code->count);
    rewrite(&p);
    if (p.has_nops) {
        p.position = arena_alloc_array(c->arena, (size_t)code->count + 1, sizeof *p.position);
        number_positions(&p);
        move_lines(&p);
        if (!squeeze(&p, &code->count))
            return;
    }
    code->words = p.words;
}
