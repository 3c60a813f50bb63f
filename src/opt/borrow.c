/* Loads of locals that need not own what they load.
 *
 * Answers to optimize_load_fast of CPython's flowgraph.c (3.14 and later). LOAD_FAST borrows the
 * local's reference if what it pushes is gone from the stack before that local is bound anew or
 * unbound, is not stored in a local, and does not outlive the block. Each block is run on a stack
 * of references that remember which instruction pushed them and from which local. A load borrows
 * when it is run, and becomes an owner again when its reference breaks a rule. Only blocks that are
 * reached without an exception are looked at.
 */
#include "opt/passes.h"

/* A reference: the instruction of the block that pushed it, times 4, and what of its argument is
 * the local whose value it is. Negative: it does not matter. */
typedef int32_t reference;
enum { NO_REFERENCE = -1 };
enum part { WHOLE, HIGH, LOW, NO_LOCAL };

/* How many values an instruction leaves of its own; those of which there is no word here leave one.
 */
enum results { ONE, NONE, TWO, AS_ARGUMENT, AS_UNPACK_EX, ONE_AND_LOW_BIT };

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
    [OP_UNPACK_SEQUENCE] = AS_ARGUMENT,
    [OP_UNPACK_EX] = AS_UNPACK_EX,
    [OP_LOAD_GLOBAL] = ONE_AND_LOW_BIT,
};

/* The number of an instruction's own results. */
static int32_t result_count(unsigned opcode, int32_t oparg)
{
    switch ((enum results)result_counts[opcode]) {
    case ONE: return 1;
    case NONE: return 0;
    case TWO: return 2;
    case AS_ARGUMENT: return oparg;
    case AS_UNPACK_EX: return (oparg & 0xFF) + 1 + (oparg >> 8);
    case ONE_AND_LOW_BIT: return 1 + (oparg & 1);
    }
    return 1;
}

enum { PUSHES = 2 };

/* The run of one block. */
struct run {
    struct cfg *g;
    struct block *b;
    struct plain_effect *plain; /* by opcode */
    reference *items;           /* the stack */
    uint32_t count;
};

/* Room for `count` more references, and for all that the block's instructions push if none pushes
 * more than PUSHES. */
static void make_room(struct run *r, uint32_t count)
{
    struct backend_scratch *s = r->g->scratch;
    if (r->b->used >= UINT32_MAX / 8 || count >= UINT32_MAX / 4)
        unwind_to(r->g->arena->unwind, UNWIND_NO_MEMORY);
    s->references.count = r->count;
    array_reserve(r->g->arena, &s->references, count + PUSHES * (r->b->used + 1));
    r->items = s->references.items;
}

/* One more reference on the stack. */
static inline void push(struct run *r, reference value)
{
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
    if (count > PUSHES)
        make_room(r, (uint32_t)count);
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

/* Take references off the stack; returns the lowest of them. */
static inline reference pop(struct run *r, int32_t count)
{
    reference lowest = NO_REFERENCE;
    if (count > 0) {
        lowest = *peek(r, count);
        r->count -= (uint32_t)count;
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
    for (uint32_t i = 0; i < r->count; i++)
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

/* Visit a block that has not been. */
static void visit(struct cfg *g, int32_t block)
{
    struct block *b = &g->blocks[block];
    if (b->visited != g->stamp) {
        b->visited = g->stamp;
        cfg_push(g, block);
    }
}

/* Instructions that leave what they take: only the change of the stack counts. */
static bool keeps_operands(unsigned opcode, int32_t change)
{
    switch (opcode) {
    case OP_GET_ITER: return change != 0;
    case OP_FORMAT_SIMPLE:
    case OP_GET_ANEXT:
    case OP_GET_LEN:
    case OP_GET_YIELD_FROM_ITER:
    case OP_IMPORT_FROM:
    case OP_MATCH_KEYS:
    case OP_MATCH_MAPPING:
    case OP_MATCH_SEQUENCE:
    case OP_WITH_EXCEPT_START:
    case OP_DICT_MERGE:
    case OP_DICT_UPDATE:
    case OP_LIST_APPEND:
    case OP_LIST_EXTEND:
    case OP_MAP_ADD:
    case OP_RERAISE:
    case OP_SET_ADD:
    case OP_SET_UPDATE: return true;
    default: return false;
    }
}

/* Push or pop as many values as the stack grows or shrinks. */
static void change_depth(struct run *r, int32_t change)
{
    pop(r, -change);
    if (!HAS(r->g->c, FIRST_LOAD_STANDS_IN))
        push_values(r, change);
    else
        for (int32_t i = 0; i < change; i++)
            push_local(r, i, NO_LOCAL);
}

/* Any instruction that has no case of its own. */
static void run_other(struct run *r, const struct instruction *in)
{
    int32_t change = opcode_stack_effect(&r->g->opcodes[in->opcode], (uint32_t)in->oparg, false);
    if (keeps_operands(in->opcode, change)) {
        change_depth(r, change);
        return;
    }
    int32_t results = result_count(in->opcode, in->oparg);
    pop(r, results - change);
    push_values(r, results);
}

/* Run one instruction that is not plain on the stack of references. */
static void run_special(struct run *r, int32_t i)
{
    struct cfg *g = r->g;
    struct instruction *in = &r->b->code[i];
    reference top;
    switch (in->opcode) {
    case OP_LOAD_FAST_LOAD_FAST:
        in->opcode = OP_LOAD_FAST_BORROW_LOAD_FAST_BORROW;
        push_local(r, i, HIGH);
        push_local(r, i, LOW);
        break;
    case OP_LOAD_FAST_AND_CLEAR:
        kill_local(r, in->oparg);
        push_local(r, i, WHOLE);
        break;
    case OP_DELETE_FAST: kill_local(r, in->oparg); break;
    case OP_STORE_FAST: store_local(r, in->oparg); break;
    case OP_STORE_FAST_LOAD_FAST:
        store_local(r, in->oparg >> 4);
        push_local(r, i, LOW);
        break;
    case OP_STORE_FAST_STORE_FAST:
        store_local(r, in->oparg >> 4);
        store_local(r, in->oparg & 15);
        break;
    case OP_COPY:
        top = *peek(r, in->oparg);
        push(r, top);
        break;
    case OP_SWAP: {
        reference *first = peek(r, 1), *other = peek(r, in->oparg);
        top = *first;
        *first = *other;
        *other = top;
        break;
    }
    case OP_END_SEND:
    case OP_SET_FUNCTION_ATTRIBUTE: /* the top stays, what is below it goes */
        top = *peek(r, 1);
        pop(r, 1 - opcode_stack_effect(&g->opcodes[in->opcode], 0, false));
        push(r, top);
        break;
    case OP_CHECK_EXC_MATCH:
        pop(r, 1);
        push_values(r, 1);
        break;
    case OP_FOR_ITER:
        visit(g, in->oparg);
        push_values(r, 1);
        break;
    case OP_LOAD_SUPER_ATTR: /* a method may push its object again */
        top = pop(r, 1);
        pop(r, 2);
        push_values(r, 1);
        if (in->oparg & 1)
            push(r, top);
        break;
    case OP_LOAD_SPECIAL:
    case OP_PUSH_EXC_INFO:
        top = pop(r, 1);
        push_values(r, 1);
        push(r, top);
        break;
    case OP_SEND:
        visit(g, in->oparg);
        pop(r, 1);
        push_values(r, 1);
        break;
    default:
        if (op_class(in->opcode) & CLASS_JUMP)
            visit(g, in->oparg);
        run_other(r, in);
        break;
    }
}

/* Has the opcode a case of its own above, or does its run depend on more than its stack effect? */
static bool is_special(unsigned opcode, const struct stack_effect *e)
{
    switch (opcode) {
    case OP_LOAD_FAST_LOAD_FAST:
    case OP_LOAD_FAST_AND_CLEAR:
    case OP_DELETE_FAST:
    case OP_STORE_FAST:
    case OP_STORE_FAST_LOAD_FAST:
    case OP_STORE_FAST_STORE_FAST:
    case OP_COPY:
    case OP_SWAP:
    case OP_END_SEND:
    case OP_SET_FUNCTION_ATTRIBUTE:
    case OP_CHECK_EXC_MATCH:
    case OP_FOR_ITER:
    case OP_LOAD_SUPER_ATTR:
    case OP_LOAD_SPECIAL:
    case OP_PUSH_EXC_INFO:
    case OP_SEND:
    case OP_GET_ITER: return true;
    default:
        return op_class(opcode) & CLASS_JUMP || keeps_operands(opcode, 0) || e->special ||
               e->factor > 0 || e->factor < -1 || result_counts[opcode] > TWO ||
               e->base > result_count(opcode, 0);
    }
}

/* Learn what an opcode does that the module has not had before. */
static void learn_effect(struct cfg *g, struct plain_effect *p, unsigned opcode)
{
    struct stack_effect e = stack_effect_of(&g->opcodes[opcode]);
    *p = (struct plain_effect){.becomes = (uint16_t)opcode};
    if (opcode == OP_LOAD_GLOBAL || opcode == OP_LOAD_ATTR) { /* and a NULL, or the object again */
        p->taken = opcode == OP_LOAD_ATTR;
        p->left_and_1 = 1 + 1;
        p->left_mask = 1;
        p->of_no_local = -1;
        p->second_is_new = opcode == OP_LOAD_ATTR ? 0 : -1;
    } else if (!is_special(opcode, &e)) {
        int32_t results = result_count(opcode, 0);
        p->taken = (uint8_t)(results - e.base);
        p->taken_mask = e.factor == 0 ? 0 : e.mask == 1 ? 1 : -1;
        p->left_and_1 = (uint8_t)(results + 1);
        p->of_no_local = opcode == OP_LOAD_FAST ? 0 : -1;
        p->second_is_new = -1;
        p->becomes = opcode == OP_LOAD_FAST ? OP_LOAD_FAST_BORROW : (uint16_t)opcode;
    }
}

/* Run a plain instruction on a stack of `count`: values go, and new ones come. Returns what `count`
 * becomes. */
static inline uint32_t run_plain(struct run *r, const struct plain_effect *e, uint32_t i,
                                 struct instruction *in, reference *items, uint32_t count)
{
    uint32_t oparg = (uint32_t)in->oparg;
    uint32_t below = count - e->taken - (oparg & (uint32_t)e->taken_mask);
    if (below > count)
        cfg_malformed(r->g);
    reference *top = &items[below];
    top[1] = top[0] | e->second_is_new;
    top[0] = (reference)(4 * i + WHOLE) | e->of_no_local;
    in->opcode = e->becomes;
    return below + e->left_and_1 - 1 + (oparg & (uint32_t)e->left_mask);
}

/* Run a block and let its loads borrow. */
static void borrow_in_block(struct run *r)
{
    struct block *b = r->b;
    r->count = 0;
    make_room(r, 0);
    push_values(r, b->startdepth);
    struct plain_effect *plain = r->plain;
    reference *items = r->items;
    uint32_t count = r->count, i = 0;
    FOR_EACH_INSTRUCTION(b, in) {
        struct plain_effect *e = &plain[in->opcode];
        if (e->left_and_1 == 0 && e->becomes == 0)
            learn_effect(r->g, e, in->opcode);
        if (e->left_and_1 != 0) {
            count = run_plain(r, e, i, in, items, count);
        } else {
            r->count = count;
            run_special(r, (int32_t)i);
            count = r->count;
            items = r->items;
        }
        i++;
    }
    for (i = 0; i < count; i++)
        keep_owner(b, items[i]);
}

/* The blocks behind one that loads nothing. */
static void visit_targets(struct cfg *g, struct block *b)
{
    for (uint32_t i = b->used > 2 ? b->used - 2 : 0; i < b->used; i++)
        if (op_class(b->code[i].opcode) & CLASS_JUMP)
            visit(g, b->code[i].oparg);
}

void pass_optimize_load_fast(struct cfg *g)
{
    if (!(g->seen & CLASS_LOCAL))
        return;
    if (g->scratch->plain == NULL)
        g->scratch->plain = arena_zalloc(g->arena, OPCODE_COUNT * sizeof *g->scratch->plain);
    struct run r = {.g = g, .plain = g->scratch->plain};
    cfg_start_traversal(g);
    visit(g, g->entry);
    for (int32_t n; (n = cfg_pop(g)) >= 0;) {
        struct block *b = &g->blocks[n];
        r.b = b;
        if (b->classes & CLASS_LOCAL)
            borrow_in_block(&r);
        else
            visit_targets(g, b);
        if (b->next >= 0 && falls_through(b) &&
            (b->used != 0 || HAS(g->c, BORROWS_BEHIND_EMPTY_BLOCKS)))
            visit(g, b->next);
    }
}
