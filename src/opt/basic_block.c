/* Local rewrites within a block.
 *
 * Answers to optimize_load_const and optimize_basic_block of CPython's flowgraph.c. What goes
 * becomes a NOP; later passes drop those.
 */
#include "opt/passes.h"
#include "opt/rewrites.h"

/* LOAD_CONST, POP_JUMP_IF_* or JUMP_IF_*: a jump or nothing. */
static void decide_jump(struct cfg *g, struct block *b, struct instruction *in, constant value)
{
    bool pops = in[1].opcode == OP_POP_JUMP_IF_TRUE || in[1].opcode == OP_POP_JUMP_IF_FALSE;
    bool if_true = in[1].opcode == OP_POP_JUMP_IF_TRUE || in[1].opcode == OP_JUMP_IF_TRUE;
    bool jumps = constant_is_true(&g->c->constants, value) == if_true;
    if (pops)
        cfg_set_nop(b, in);
    if (jumps) {
        cfg_set(b, &in[1], OP_JUMP, in[1].oparg);
        g->seen |= op_class(OP_JUMP);
    } else {
        cfg_set_nop(b, &in[1]);
    }
}

/* LOAD_CONST, JUMP_IF_*_OR_POP: a load and a jump, or nothing. */
static void decide_jump_or_pop(struct cfg *g, struct block *b, struct instruction *in,
                               constant value)
{
    if (constant_is_true(&g->c->constants, value) == (in[1].opcode == OP_JUMP_IF_TRUE_OR_POP)) {
        cfg_set(b, &in[1], OP_JUMP, in[1].oparg);
        g->seen |= op_class(OP_JUMP);
    } else {
        cfg_set_nop(b, in);
        cfg_set_nop(b, &in[1]);
    }
}

/* LOAD_CONST None, IS_OP, maybe TO_BOOL, POP_JUMP_IF_*: POP_JUMP_IF_NONE or its opposite. */
static void join_none_test(struct block *b, uint32_t i, constant value)
{
    struct instruction *in = &b->code[i];
    if (value->kind != CONSTANT_NONE || b->used <= i + 2)
        return;
    struct instruction *jump = &in[2];
    if (jump->opcode == OP_TO_BOOL) {
        cfg_set_nop(b, jump);
        if (b->used <= i + 3)
            return;
        jump = &in[3];
    }
    bool invert = in[1].oparg != 0;
    if (jump->opcode == OP_POP_JUMP_IF_FALSE)
        invert = !invert;
    else if (jump->opcode != OP_POP_JUMP_IF_TRUE)
        return;
    cfg_set_nop(b, in);
    cfg_set_nop(b, &in[1]);
    jump->opcode = invert ? OP_POP_JUMP_IF_NOT_NONE : OP_POP_JUMP_IF_NONE;
}

void rewrite_const_use(struct cfg *g, struct block *b, uint32_t i, constant value, int32_t index)
{
    struct instruction *in = &b->code[i];
    switch (opcode_behind(b, i)) {
    case OP_POP_JUMP_IF_FALSE:
    case OP_POP_JUMP_IF_TRUE:
    case OP_JUMP_IF_FALSE:
    case OP_JUMP_IF_TRUE: decide_jump(g, b, in, value); break;
    case OP_IS_OP: join_none_test(b, i, value); break;
    case OP_JUMP_IF_FALSE_OR_POP:
    case OP_JUMP_IF_TRUE_OR_POP: decide_jump_or_pop(g, b, in, value); break;
    case OP_RETURN_VALUE:
        if (!(g->opcodes[OP_RETURN_CONST].flags & OPCODE_PRESENT))
            break;
        cfg_set(b, &in[1], OP_RETURN_CONST, index);
        in->opcode = OP_NOP; /* the constant stays in use */
        in->oparg = 0;
        cfg_note_nop(b, in);
        break;
    case OP_TO_BOOL: {
        bool truth = constant_is_true(&g->c->constants, value);
        cfg_set_nop(b, in);
        cfg_set(b, &in[1], OP_LOAD_CONST, consts_add(g, constant_bool(&g->c->constants, truth)));
        rewrite_note_folds(g, b);
        break;
    }
    default: break;
    }
}

/* LOAD_CONST, RETURN_VALUE at the end of a block: RETURN_CONST. */
static void return_const(struct cfg *g, struct block *b)
{
    uint32_t i = b->used - 2;
    if (b->used >= 2 && b->code[i].opcode == OP_LOAD_CONST)
        rewrite_const_use(g, b, i, rewrite_const_value(g, b->code[i].oparg), b->code[i].oparg);
}

void pass_optimize_load_const(struct cfg *g)
{
    FOR_EACH_BLOCK(g, b) {
        if (!(b->classes & CLASS_CONST_USED)) {
            if ((b->classes & (CLASS_SCOPE_EXIT | CLASS_CONST)) == (CLASS_SCOPE_EXIT | CLASS_CONST))
                return_const(g, b);
            continue;
        }
        FOR_EACH_INSTRUCTION(b, in) {
            if (in->opcode != OP_LOAD_CONST)
                continue;
            int32_t index = in->oparg;
            constant value = rewrite_const_value(g, index);
            if (in + 1 != in_end && op_class(in[1].opcode) & (CLASS_CONST_USE | CLASS_SCOPE_EXIT))
                rewrite_const_use(g, b, (uint32_t)(in - b->code), value, index);
            for (; in + 1 != in_end && in[1].opcode == OP_COPY && in[1].oparg == 1; in++)
                rewrite_const_use(g, b, (uint32_t)(in + 1 - b->code), value, index);
        }
    }
}

/* LOAD_CONST ... BUILD_TUPLE n at instruction `i`: LOAD_CONST of the tuple. */
static void fold_tuple(struct cfg *g, struct block *b, uint32_t i)
{
    uint32_t count = (uint32_t)b->code[i].oparg;
    struct instruction *first = &b->code[i] - count;
    for (uint32_t n = count; n-- > 0;)
        if (!(op_class(first[n].opcode) & CLASS_CONST))
            return;
    constant *items = arena_alloc_array(g->arena, count, sizeof *items);
    for (uint32_t n = 0; n < count; n++) {
        items[n] = rewrite_const_value(g, first[n].oparg);
        cfg_set_nop(b, &first[n]);
    }
    cfg_set(b, &first[count], OP_LOAD_CONST,
            consts_add(g, constant_tuple(&g->c->constants, items, count)));
}

bool rewrite_unpacked_tuple(struct block *b, uint32_t i)
{
    struct instruction *in = &b->code[i];
    if (opcode_behind(b, i) == OP_UNPACK_SEQUENCE && in->oparg == in[1].oparg) {
        switch (in->oparg) {
        case 1:
            cfg_set_nop(b, in);
            cfg_set_nop(b, &in[1]);
            return true;
        case 2:
        case 3:
            cfg_set_nop(b, in);
            cfg_set(b, &in[1], OP_SWAP, in[1].oparg);
            return true;
        default: break;
        }
    }
    return false;
}

bool rewrite_build_tuple(struct cfg *g, struct block *b, uint32_t i)
{
    if (rewrite_unpacked_tuple(b, i))
        return true;
    if (i >= (uint32_t)b->code[i].oparg)
        fold_tuple(g, b, i);
    return false;
}

bool rewrite_threaded_jump(struct cfg *g, struct block *b, uint32_t i, unsigned opcode)
{
    const struct instruction *target = &g->blocks[b->code[i].oparg].code[0];
    if (b->code[i].oparg == target->oparg)
        return false;
    int32_t to = target->oparg;
    struct location loc = target->loc;
    if (loc.lineno < 0)
        cfg_note_no_line(g, b);
    cfg_set_nop(b, &b->code[i]);
    b->classes |= op_class(opcode);
    *cfg_append(g, b, 1) = (struct instruction){
        .opcode = (uint16_t)opcode,
        .oparg = to,
        .handler = -1,
        .loc = loc,
    };
    return true;
}

/* Thread the jump at instruction `i`; true: look at it again. */
static bool optimize_jump(struct cfg *g, struct block *b, uint32_t i)
{
    const struct instruction *in = &b->code[i];
    const struct block *t = &g->blocks[in->oparg];
    if (t->used == 0)
        return false;
    const struct instruction *target = &t->code[0];
    if (op_class(in->opcode) & CLASS_UNCONDITIONAL) {
        if (target->opcode == OP_JUMP)
            return rewrite_threaded_jump(g, b, i, OP_JUMP);
        if (target->opcode == OP_JUMP_NO_INTERRUPT)
            return rewrite_threaded_jump(g, b, i, in->opcode);
        return false;
    }
    return target->opcode == OP_JUMP && rewrite_threaded_jump(g, b, i, in->opcode);
}

/* Move the instruction into the place of the TO_BOOL behind it. */
static void absorb_to_bool(struct block *b, struct instruction *in, int32_t oparg)
{
    in[1].opcode = in->opcode;
    in[1].oparg = oparg;
    cfg_set_nop(b, in);
}

bool rewrite_plain(struct cfg *g, struct block *b, uint32_t i)
{
    struct instruction *in = &b->code[i];
    switch (in->opcode) {
    case OP_POP_JUMP_IF_NOT_NONE:
    case OP_POP_JUMP_IF_NONE:
    case OP_POP_JUMP_IF_FALSE:
    case OP_POP_JUMP_IF_TRUE:
    case OP_JUMP:
    case OP_JUMP_NO_INTERRUPT: return optimize_jump(g, b, i);
    case OP_STORE_FAST:
        if (opcode_behind(b, i) == OP_STORE_FAST && in->oparg == in[1].oparg &&
            in->loc.lineno == in[1].loc.lineno) {
            cfg_set(b, in, OP_POP_TOP, 0);
            g->seen |= op_class(OP_POP_TOP);
        }
        break;
    case OP_LOAD_GLOBAL:
        if (opcode_behind(b, i) == OP_PUSH_NULL && (in->oparg & 1) == 0) {
            in->oparg |= 1;
            cfg_set_nop(b, &in[1]);
        }
        break;
    case OP_COMPARE_OP:
        if (opcode_behind(b, i) == OP_TO_BOOL)
            absorb_to_bool(b, in, in->oparg | COMPARE_TO_BOOL);
        break;
    case OP_CONTAINS_OP:
    case OP_IS_OP:
        if (opcode_behind(b, i) == OP_TO_BOOL)
            absorb_to_bool(b, in, in->oparg);
        break;
    case OP_TO_BOOL:
        if (opcode_behind(b, i) == OP_TO_BOOL)
            cfg_set_nop(b, in);
        break;
    case OP_UNARY_NOT:
        if (opcode_behind(b, i) == OP_TO_BOOL) {
            absorb_to_bool(b, in, 0);
        } else if (opcode_behind(b, i) == OP_UNARY_NOT) {
            cfg_set_nop(b, in);
            cfg_set_nop(b, &in[1]);
        }
        break;
    default: break;
    }
    return false;
}

/* Do any rewrites look for the instruction? A CLASS_PAIR counts with a CLASS_PAIR_END behind it. */
static inline bool is_looked_for(const struct block *b, uint32_t i, unsigned classes)
{
    unsigned class = op_class(b->code[i].opcode);
    return class & classes || (class & CLASS_PAIR && class_behind(b, i) & CLASS_PAIR_END);
}

/* List the instructions of a block that rewrites look for; returns how many there are. */
static uint32_t list_looked_for(struct cfg *g, struct block *b, unsigned classes)
{
    uint32_t *places = cfg_places(g, b->used), *to = places, i = 0;
    unsigned class = op_class(b->code[0].opcode);
    for (const struct instruction *in = b->code + 1, *end = b->code + b->used; in != end; in++) {
        unsigned before = class;
        class = op_class(in->opcode);
        *to = i++;
        to += ((before & classes) | (before << 1 & class & CLASS_PAIR_END)) != 0;
    }
    *to = i;
    to += (class & classes) != 0;
    return (uint32_t)(to - places);
}

/* The rewrites from instruction `i` on, as long as any look for what comes next; returns the place
 * of what they do not look for. A rewrite changes nothing further on than the instruction behind
 * it; a jump that is led on may leave a NOP and move to the end. */
static uint32_t rewrite_run(struct cfg *g, struct block *b, uint32_t i, unsigned classes,
                            rewriter *rewrite)
{
    while (i != b->used && is_looked_for(b, i, classes)) {
        uint32_t used = b->used;
        if (rewrite(g, b, i))
            i += b->used - used;
        else
            i++;
    }
    return i;
}

/* The rewrites of a block that has more to look for than its jump. */
static void rewrite_listed(struct cfg *g, struct block *b, unsigned classes, rewriter *rewrite)
{
    uint32_t count = list_looked_for(g, b, classes), done = 0;
    for (uint32_t n = 0; n < count; n++) {
        uint32_t i = g->scratch->places.items[n];
        if (i >= done)
            done = rewrite_run(g, b, i, classes, rewrite);
    }
}

/* Does the block end in a jump to another one that may lead it on? */
static inline bool may_be_led_on(const struct cfg *g, const struct block *b)
{
    const struct instruction *last = last_jump(b, CLASS_JUMP);
    if (last == NULL)
        return false;
    const struct block *target = &g->blocks[last->oparg];
    return target->used != 0 &&
           op_class(target->code[0].opcode) & (CLASS_UNCONDITIONAL | CLASS_JUMP_IF);
}

/* Shorten and resolve the SWAPs of a block. */
static void rewrite_swaps(struct cfg *g, struct block *b)
{
    for (uint32_t i = 0; i < b->used; i++)
        if (b->code[i].opcode == OP_SWAP) {
            swaps_shorten(g, b, &i);
            swaps_apply(b, i);
        }
}

void rewrite_blocks(struct cfg *g, unsigned folding, rewriter *rewrite)
{
    unsigned jumps = g->leads_on ? CLASS_JUMP : 0;
    unsigned anywhere = g->u->folds ? folding : 0; /* not only behind one constant */
    unsigned work = CLASS_PAIRED | CLASS_SWAP | jumps | anywhere;
    if (!(g->seen & work))
        return;
    FOR_EACH_BLOCK(g, b) {
        if (!(b->classes & work) || b->used == 0)
            continue;
        if (b->classes & (anywhere | CLASS_PAIRED))
            rewrite_listed(g, b, folding | jumps, rewrite);
        else if (jumps != 0 && may_be_led_on(g, b))
            rewrite_run(g, b, b->used - 1, CLASS_JUMP, rewrite);
        if (b->classes & CLASS_SWAP)
            rewrite_swaps(g, b);
    }
}

/* The rewrites of one instruction; true: look at it again. */
static bool rewrite_instruction(struct cfg *g, struct block *b, uint32_t i)
{
    if (b->code[i].opcode != OP_BUILD_TUPLE)
        return rewrite_plain(g, b, i);
    rewrite_build_tuple(g, b, i);
    return false;
}

void pass_optimize_basic_blocks(struct cfg *g)
{
    rewrite_blocks(g, CLASS_PEEPHOLE, rewrite_instruction);
}
