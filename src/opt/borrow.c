/* Loads of locals that need not own what they load.
 *
 * Answers to optimize_load_fast of CPython's flowgraph.c (3.14 and later). LOAD_FAST borrows the
 * local's reference if what it pushes is gone from the stack before that local is bound anew or
 * unbound, is not stored in a local, and does not outlive the block. Each block is run on a stack
 * of references that remember which instruction pushed them and from which local. A load borrows
 * when it is run, and becomes an owner again when its reference breaks a rule. Only blocks that are
 * reached without an exception may borrow.
 *
 * Such a run knows how deep the stack is, so it is made where that is asked for, long before
 * CPython's pass. What lies between them moves no load; when its time has come it remains to see to
 * the few blocks for which it matters that NOPs have gone meanwhile.
 */
#include "opt/passes.h"
#include "opt/stack_depth.h"

/* A reference: the instruction of the block that pushed it, times 4, and what of its argument is
 * the local whose value it is. Negative: it does not matter. */
typedef int32_t reference;
enum { NO_REFERENCE = -1 };
enum part { WHOLE, HIGH, LOW, NO_LOCAL };

/* How many values an instruction leaves of its own; those of which there is no word here leave one.
 */
enum results { ONE, NONE, TWO, ONE_AND_TAKEN, SPECIAL };

static const uint8_t result_counts[OPCODE_COUNT] = {
    [OP_NOP] = NONE,
    [OP_NOT_TAKEN] = NONE,
    [OP_RESUME] = NONE,
    [OP_CACHE] = NONE,
    [OP_COPY_FREE_VARS] = NONE,
    [OP_MAKE_CELL] = NONE,
    [OP_SETUP_ANNOTATIONS] = NONE,
    [OP_POP_TOP] = NONE,
    [OP_POP_ITER] = NONE,
    [OP_POP_EXCEPT] = NONE,
    [OP_END_FOR] = NONE,
    [OP_END_ASYNC_FOR] = NONE,
    [OP_DELETE_ATTR] = NONE,
    [OP_DELETE_DEREF] = NONE,
    [OP_DELETE_GLOBAL] = NONE,
    [OP_DELETE_NAME] = NONE,
    [OP_DELETE_SUBSCR] = NONE,
    [OP_STORE_ATTR] = NONE,
    [OP_STORE_DEREF] = NONE,
    [OP_STORE_GLOBAL] = NONE,
    [OP_STORE_NAME] = NONE,
    [OP_STORE_SLICE] = NONE,
    [OP_STORE_SUBSCR] = NONE,
    [OP_JUMP] = NONE,
    [OP_JUMP_NO_INTERRUPT] = NONE,
    [OP_RAISE_VARARGS] = NONE,
    [OP_POP_JUMP_IF_FALSE] = NONE,
    [OP_POP_JUMP_IF_TRUE] = NONE,
    [OP_POP_JUMP_IF_NONE] = NONE,
    [OP_POP_JUMP_IF_NOT_NONE] = NONE,
    [OP_CHECK_EG_MATCH] = TWO,
    [OP_CLEANUP_THROW] = TWO,
    [OP_LOAD_SPECIAL] = ONE_AND_TAKEN,
    [OP_PUSH_EXC_INFO] = ONE_AND_TAKEN,

    /* these leave what they use where it is */
    [OP_FORMAT_SIMPLE] = NONE,
    [OP_GET_YIELD_FROM_ITER] = NONE,
    [OP_DICT_MERGE] = NONE,
    [OP_DICT_UPDATE] = NONE,
    [OP_LIST_APPEND] = NONE,
    [OP_LIST_EXTEND] = NONE,
    [OP_MAP_ADD] = NONE,
    [OP_RERAISE] = NONE,
    [OP_SET_ADD] = NONE,
    [OP_SET_UPDATE] = NONE,

    /* these have a case of their own in run_special */
    [OP_STORE_FAST] = SPECIAL,
    [OP_STORE_FAST_MAYBE_NULL] = SPECIAL,
    [OP_SETUP_FINALLY] = SPECIAL,
    [OP_SETUP_CLEANUP] = SPECIAL,
    [OP_SETUP_WITH] = SPECIAL,
    [OP_LOAD_FAST_LOAD_FAST] = SPECIAL,
    [OP_LOAD_FAST_AND_CLEAR] = SPECIAL,
    [OP_DELETE_FAST] = SPECIAL,
    [OP_STORE_FAST_LOAD_FAST] = SPECIAL,
    [OP_STORE_FAST_STORE_FAST] = SPECIAL,
    [OP_COPY] = SPECIAL,
    [OP_SWAP] = SPECIAL,
    [OP_END_SEND] = SPECIAL,
    [OP_SET_FUNCTION_ATTRIBUTE] = SPECIAL,
    [OP_LOAD_SUPER_ATTR] = SPECIAL,
    [OP_UNPACK_SEQUENCE] = SPECIAL,
    [OP_UNPACK_EX] = SPECIAL,
    [OP_GET_ANEXT] = SPECIAL,
    [OP_GET_LEN] = SPECIAL,
    [OP_IMPORT_FROM] = SPECIAL,
    [OP_MATCH_KEYS] = SPECIAL,
    [OP_MATCH_MAPPING] = SPECIAL,
    [OP_MATCH_SEQUENCE] = SPECIAL,
    [OP_WITH_EXCEPT_START] = SPECIAL,
};

_Static_assert(OP_LOAD_FAST_BORROW > OP_LOAD_FAST, "what LOAD_FAST becomes comes behind it");

/* What an opcode does. It is special, too, if its stack effect is not of the forms that the loop in
 * borrow_in_block knows. */
static struct reference_effect learn_effect(const struct opcode_info *info, unsigned opcode)
{
    static const uint8_t left[] = {[ONE] = 1, [TWO] = 2, [ONE_AND_TAKEN] = 2, [SPECIAL] = 0};
    struct stack_effect e = stack_effect_of(info);
    struct reference_effect r = {.of_no_local = -1, .second_is_new = -1};
    r.left = left[result_counts[opcode]];
    r.special = result_counts[opcode] == SPECIAL || e.special || e.factor < -1 || e.base > r.left;
    r.taken = (uint8_t)(r.left - e.base);
    if (e.factor > 0)
        r.left_mask = (uint8_t)e.mask; /* LOAD_GLOBAL: and a NULL */
    else if (e.factor < 0)
        r.taken_mask = e.mask;
    if (opcode == OP_LOAD_ATTR || result_counts[opcode] == ONE_AND_TAKEN)
        r.second_is_new = 0; /* and the object again */
    if (opcode == OP_LOAD_FAST) {
        r.of_no_local = 0;
        r.becomes = OP_LOAD_FAST_BORROW - OP_LOAD_FAST;
    }
    return r;
}

/* The effects of all opcodes of the target. */
static const struct reference_effect *reference_effects(struct cfg *g)
{
    struct opcode_effects *known = g->c->effects;
    if (known->references_of != g->opcodes)
        for (unsigned i = 0; i < OPCODE_COUNT; i++)
            known->references[i] = learn_effect(&g->opcodes[i], i);
    known->references_of = g->opcodes;
    return known->references;
}

/* How many references an instruction writes at most if it has no case of its own, and those that a
 * block starts with are written at least. */
enum { PUSHES = 2, STARTS = 4 };

/* The run of one block. */
struct run {
    struct depth_walk depth;
    struct cfg *g;
    struct block *b;
    const struct reference_effect *effects; /* by opcode */
    reference *items;                       /* the stack */
    uint32_t count;
    uint32_t low;  /* there are no references to locals below */
    uint32_t room; /* instructions may start where the stack is lower than that */
    bool early;    /* there are NOPs that go before CPython looks at the block */
    bool unsure;   /* which would make a difference */
};

/* Room for `count` more references. */
OUT_OF_LINE static void make_room(struct run *r, uint32_t count)
{
    struct backend_scratch *s = r->g->scratch;
    if (count > INT32_MAX) /* the stack is lower than nothing */
        cfg_malformed(r->g);
    if (count >= UINT32_MAX / 8)
        unwind_to(r->g->arena->unwind, UNWIND_NO_MEMORY);
    s->references.count = r->count;
    array_reserve(r->g->arena, &s->references, count + PUSHES + STARTS);
    r->items = s->references.items;
    r->room = s->references.capacity - PUSHES;
}

/* One more reference on the stack. */
static inline void push(struct run *r, reference value)
{
    if (r->count >= r->room)
        make_room(r, 1);
    r->items[r->count++] = value;
}

/* One to the local that is a part of the instruction's argument. */
static inline void push_local(struct run *r, int32_t instruction, enum part part)
{
    push(r, instruction * 4 + (int32_t)part);
}

/* That many values of no interest. */
static inline void push_values(struct run *r, int32_t count)
{
    for (; count > 0; count--)
        push(r, NO_REFERENCE);
}

/* The reference `depth` below the top, 1 being the top. */
static inline reference *peek(struct run *r, int32_t depth)
{
    if (depth < 1 || (uint32_t)depth > r->count)
        cfg_malformed(r->g);
    return &r->items[r->count - (uint32_t)depth];
}

/* There is a reference that high. */
static inline void note_low(struct run *r, uint32_t at)
{
    r->low = at < r->low ? at : r->low;
}

/* Take references off the stack; returns the lowest of them. */
static inline reference pop(struct run *r, int32_t count)
{
    reference lowest = NO_REFERENCE;
    if (count > 0) {
        lowest = *peek(r, count);
        r->count -= (uint32_t)count;
        note_low(r, r->count);
    }
    return lowest;
}

/* The load that pushed the reference owns what it loads. */
static inline void keep_owner(struct block *b, reference value)
{
    if (value < 0)
        return;
    struct instruction *in = &b->code[value / 4];
    if (in->opcode == OP_LOAD_FAST_BORROW)
        in->opcode = OP_LOAD_FAST;
    else if (in->opcode == OP_LOAD_FAST_BORROW_LOAD_FAST_BORROW)
        in->opcode = OP_LOAD_FAST_LOAD_FAST;
}

/* Does a reference have the value of a local? */
static inline bool refers_to(const struct block *b, reference value, int32_t local)
{
    if (value < 0)
        return false;
    int32_t oparg = b->code[value / 4].oparg;
    switch ((enum part)(value & 3)) {
    case WHOLE: return oparg == local;
    case HIGH: return oparg >> 4 == local;
    case LOW: return (oparg & 15) == local;
    case NO_LOCAL: break;
    }
    return false;
}

/* The local loses its value. */
static inline void kill_local(struct run *r, int32_t local)
{
    for (uint32_t i = r->low; i < r->count; i++)
        if (refers_to(r->b, r->items[i], local))
            keep_owner(r->b, r->items[i]);
}

/* The top of the stack goes into a local. */
static inline void store_local(struct run *r, int32_t local)
{
    reference top = pop(r, 1);
    kill_local(r, local);
    keep_owner(r->b, top);
}

/* Push as many values as the stack grows by: what was there stays. */
static void grow(struct run *r, int32_t change)
{
    r->unsure |= HAS(r->g->c, FIRST_LOAD_STANDS_IN);
    if (r->early || !HAS(r->g->c, FIRST_LOAD_STANDS_IN))
        push_values(r, change);
    else
        for (int32_t i = 0; i < change; i++)
            push_local(r, i, NO_LOCAL);
}

/* Run one instruction that has a rare case of its own. */
OUT_OF_LINE static void run_rare(struct run *r, struct instruction *in, int32_t i)
{
    if (op_class(in->opcode) & CLASS_LATE)
        depth_behind_rare(&r->depth, r->b, in, (int32_t)r->count);
    int32_t oparg = in->oparg;
    int32_t change = opcode_stack_effect(&r->g->opcodes[in->opcode], (uint32_t)oparg, false);
    reference top;
    switch (in->opcode) {
    case OP_LOAD_FAST_AND_CLEAR:
        kill_local(r, oparg);
        push_local(r, i, WHOLE);
        break;
    case OP_DELETE_FAST: kill_local(r, oparg); break;
    case OP_NOP: break;                               /* it was SETUP_* */
    case OP_STORE_FAST: store_local(r, oparg); break; /* it was STORE_FAST_MAYBE_NULL */
    case OP_STORE_FAST_LOAD_FAST:
        store_local(r, oparg >> 4);
        push_local(r, i, LOW);
        break;
    case OP_STORE_FAST_STORE_FAST:
        store_local(r, oparg >> 4);
        store_local(r, oparg & 15);
        break;
    case OP_END_SEND:
    case OP_SET_FUNCTION_ATTRIBUTE: /* the top stays, what is below it goes */
        top = *peek(r, 1);
        pop(r, 1 - change);
        push(r, top);
        break;
    case OP_LOAD_SUPER_ATTR: /* a method may push its object again */
        top = pop(r, 1);
        pop(r, 2);
        push(r, NO_REFERENCE);
        if (oparg & 1)
            push(r, top);
        break;
    case OP_UNPACK_SEQUENCE:
    case OP_UNPACK_EX:
        pop(r, 1);
        push_values(r, change + 1);
        break;
    case OP_GET_ANEXT:
    case OP_GET_LEN:
    case OP_IMPORT_FROM:
    case OP_MATCH_KEYS:
    case OP_MATCH_MAPPING:
    case OP_MATCH_SEQUENCE:
    case OP_WITH_EXCEPT_START: grow(r, change); break;
    default: /* BUILD_MAP */
        pop(r, 1 - change);
        push(r, NO_REFERENCE);
        break;
    }
}

/* Run one instruction that has a case of its own on the stack of references. */
OUT_OF_LINE static void run_special(struct run *r, struct instruction *in, int32_t i)
{
    switch (in->opcode) {
    case OP_LOAD_FAST_LOAD_FAST:
        in->opcode = OP_LOAD_FAST_BORROW_LOAD_FAST_BORROW;
        push_local(r, i, HIGH);
        push_local(r, i, LOW);
        break;
    case OP_STORE_FAST: store_local(r, in->oparg); break;
    case OP_COPY: push(r, *peek(r, in->oparg)); break;
    case OP_SWAP: {
        reference *first = peek(r, 1), *other = peek(r, in->oparg), top = *first;
        *first = *other;
        *other = top;
        note_low(r, r->count - (uint32_t)in->oparg);
        break;
    }
    default: run_rare(r, in, i); break;
    }
}

/* Start with the stack that a block finds. */
static inline void start_block(struct run *r, struct block *b)
{
    r->b = b;
    r->count = 0;
    for (uint32_t i = 0; i < STARTS; i++)
        r->items[i] = NO_REFERENCE;
    if (__builtin_expect(b->startdepth <= STARTS, 1))
        r->count = b->startdepth > 0 ? (uint32_t)b->startdepth : 0;
    else
        push_values(r, b->startdepth);
    r->low = r->count;
}

/* Does a store of the top of the stack of `count` end no borrowing? */
static inline bool stores_freely(const struct run *r, uint32_t count, uint32_t low)
{
    return count - 1 <= low && r->items[count - 1] < 0;
}

/* Run a block and let its loads borrow; returns the depth behind it. */
static int32_t borrow_in_block(struct run *r, struct block *b)
{
    start_block(r, b);
    const struct reference_effect *effects = r->effects;
    reference *items = r->items;
    uint32_t count = r->count, low = r->low, room = r->room;
    uint32_t deepest = count > r->depth.deepest ? count : r->depth.deepest;
    reference own = 4 * 0 + WHOLE; /* what the instruction pushes */
    FOR_EACH_INSTRUCTION(b, in) {
        const struct reference_effect *e = &effects[in->opcode];
        if (!e->special) {
            uint32_t oparg = (uint32_t)in->oparg;
            uint32_t below = count - e->taken - (oparg & (uint32_t)e->taken_mask);
            if (__builtin_expect(below >= room, 0)) {
                r->count = count;
                make_room(r, below);
                items = r->items;
                room = r->room;
            }
            reference *top = &items[below];
            top[1] = top[0] | e->second_is_new;
            top[0] = own | e->of_no_local;
            in->opcode = (uint16_t)(in->opcode + e->becomes);
            low = below < low ? below : low;
            count = below + e->left + (oparg & e->left_mask);
        } else if (in->opcode == OP_STORE_FAST && stores_freely(r, count, low)) {
            count--;
            low = count < low ? count : low;
        } else {
            r->count = count;
            r->low = low;
            run_special(r, in, own / 4);
            items = r->items;
            room = r->room;
            count = r->count;
            low = r->low;
        }
        deepest = count > deepest ? count : deepest;
        own += 4;
    }
    for (uint32_t i = low; i < count; i++)
        keep_owner(b, items[i]);
    r->depth.deepest = deepest;
    b->borrowed = true;
    return (int32_t)count;
}

/* All loads of a block own what they load. */
static void own_all(struct block *b)
{
    FOR_EACH_INSTRUCTION(b, in)
        keep_owner(b, (int32_t)(in - b->code) * 4);
    b->borrowed = false;
}

/* Start runs. */
static struct run start_runs(struct cfg *g, bool early)
{
    struct run r = {
        .depth = depth_start(g, early), .g = g, .effects = reference_effects(g), .early = early};
    make_room(&r, 0);
    return r;
}

/* The depth behind a block, which borrows if it is not reached by exceptions only. */
static inline int32_t run_early(struct depth_walk *w, struct block *b)
{
    struct run *r = (struct run *)w; /* which the walk is the first member of */
    if (b->cold)
        return depth_walk_block(w, b);
    r->unsure = false;
    int32_t depth = borrow_in_block(r, b);
    if (r->unsure) {
        own_all(b);
        r->g->borrows_later = true;
    }
    return depth;
}

void pass_calculate_stackdepth_borrowing(struct cfg *g)
{
    if (g->seen & CLASS_LOCAL) {
        struct run r = start_runs(g, true);
        depth_walk_blocks(&r.depth, 0, run_early);
    } else {
        struct depth_walk w = depth_start(g, true);
        depth_walk_plainly(&w, 0);
    }
}

/* A way into a block, which is visited from now on; true: it has not been. */
static inline bool visit(struct cfg *g, int32_t block)
{
    struct block *b = &g->blocks[block];
    uint32_t before = b->visited;
    b->visited = before < g->stamp ? g->stamp : before;
    return before < g->stamp;
}

/* Visit what comes behind a block that is visited; returns how many of that have not been before.
 * Where there is nothing it is the block itself: that is cheaper than a branch. */
static inline uint32_t visit_successors(struct cfg *g, const struct block *b)
{
    if (b->used == 0)
        return HAS(g->c, BORROWS_BEHIND_EMPTY_BLOCKS) && b->next >= 0 && visit(g, b->next);
    const struct instruction *last = &b->code[b->used - 1];
    bool jumps = op_class(last->opcode) & CLASS_JUMP;
    bool falls = !(op_class(last->opcode) & CLASS_NO_FALLTHROUGH) & (b->next >= 0);
    uint32_t fresh = visit(g, either(jumps, last->oparg, b->number));
    return fresh + visit(g, either(falls, b->next, b->number));
}

/* Blocks are visited (marked with the stamp) and then run (marked with the next one), in the order
 * of the code as long as that finds any: see pass_remove_unreachable. */
static void visit_all(struct cfg *g)
{
    g->stamp += 2;
    uint32_t waiting = visit(g, g->entry);
    while (waiting > 0)
        FOR_EACH_BLOCK(g, b)
            if (b->visited == g->stamp) {
                b->visited++;
                waiting += visit_successors(g, b) - 1;
            }
    g->stamp++;
}

/* May blocks have borrowed that CPython does not visit, or the other way round? */
static bool borrowed_in_doubt(const struct cfg *g)
{
    return g->borrows_later | (g->cold_in_doubt & ((g->seen & CLASS_BLOCK_PUSH) != 0)) |
           (g->passes_empty & !HAS(g->c, BORROWS_BEHIND_EMPTY_BLOCKS));
}

void pass_settle_borrowing(struct cfg *g)
{
    if (!(g->seen & CLASS_LOCAL) || !borrowed_in_doubt(g))
        return;
    struct run r = start_runs(g, false);
    visit_all(g);
    FOR_EACH_BLOCK(g, b) {
        bool visited = b->visited == g->stamp;
        if (visited & !b->borrowed)
            borrow_in_block(&r, b);
        else if (!visited & b->borrowed)
            own_all(b);
    }
}
