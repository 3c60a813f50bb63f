/* Loads of locals that need not own what they load.
 *
 * Answers to optimize_load_fast of CPython's flowgraph.c (3.14 and later). LOAD_FAST borrows the
 * local's reference if what it pushes is gone from the stack before that local is bound anew or
 * unbound, is not stored in a local, and does not outlive the block. Each block is run on a stack
 * of references that remember which instruction pushed them and from which local; the loads whose
 * references break a rule are marked in their size, which is nothing yet. Only blocks that are
 * reached without an exception are looked at.
 */
#include "opt/passes.h"

enum { NO_LOCAL = -1, NO_INSTRUCTION = -1 };

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

enum { ROOM = 2 };

/* The run of one block. */
struct run {
    struct cfg *g;
    struct block *b;
    const struct plain_effect *plain;
    struct reference *items; /* the stack; there is always room for ROOM more */
    uint32_t count, capacity;
};

/* Room for one more reference. */
static void grow_stack(struct run *r)
{
    struct backend_scratch *s = r->g->scratch;
    s->references.count = r->count;
    array_reserve(r->g->arena, &s->references, 64);
    r->items = s->references.items;
    r->capacity = s->references.capacity;
}

/* One more reference on the stack. */
static inline void push(struct run *r, int32_t instruction, int32_t local)
{
    r->items[r->count++] = (struct reference){instruction, local};
    if (r->count + ROOM > r->capacity)
        grow_stack(r);
}

/* That many values of no interest. */
static inline void push_values(struct run *r, int32_t count)
{
    for (; count > 0; count--)
        push(r, NO_INSTRUCTION, NO_LOCAL);
}

/* The reference `depth` below the top, 1 being the top. */
static inline struct reference *peek(struct run *r, int32_t depth)
{
    if (depth < 1 || (uint32_t)depth > r->count)
        cfg_malformed(r->g);
    return &r->items[r->count - (uint32_t)depth];
}

/* Take references off the stack; returns the lowest of them. */
static inline struct reference pop(struct run *r, int32_t count)
{
    struct reference lowest = {NO_INSTRUCTION, NO_LOCAL};
    if (count > 0) {
        lowest = *peek(r, count);
        r->count -= (uint32_t)count;
    }
    return lowest;
}

/* The load that pushed the reference owns what it loads. */
static inline void keep_owner(struct block *b, const struct reference *r)
{
    if (r->instruction != NO_INSTRUCTION)
        b->code[r->instruction].size = 1;
}

/* The local loses its value. */
static inline void kill_local(struct run *r, int32_t local)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (r->items[i].local == local)
            keep_owner(r->b, &r->items[i]);
}

/* The top of the stack goes into a local. */
static inline void store_local(struct run *r, int32_t local)
{
    struct reference top = pop(r, 1);
    kill_local(r, local);
    keep_owner(r->b, &top);
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
    for (int32_t i = 0; i < change; i++)
        push(r, HAS(r->g->c, FIRST_LOAD_STANDS_IN) ? i : NO_INSTRUCTION, NO_LOCAL);
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
    const struct instruction *in = &r->b->code[i];
    struct reference top;
    switch (in->opcode) {
    case OP_LOAD_FAST_LOAD_FAST:
        push(r, i, in->oparg >> 4);
        push(r, i, in->oparg & 15);
        break;
    case OP_LOAD_FAST_AND_CLEAR:
        kill_local(r, in->oparg);
        push(r, i, in->oparg);
        break;
    case OP_DELETE_FAST: kill_local(r, in->oparg); break;
    case OP_STORE_FAST: store_local(r, in->oparg); break;
    case OP_STORE_FAST_LOAD_FAST:
        store_local(r, in->oparg >> 4);
        push(r, i, in->oparg & 15);
        break;
    case OP_STORE_FAST_STORE_FAST:
        store_local(r, in->oparg >> 4);
        store_local(r, in->oparg & 15);
        break;
    case OP_COPY:
        top = *peek(r, in->oparg);
        push(r, top.instruction, top.local);
        break;
    case OP_SWAP: {
        struct reference *first = peek(r, 1), *other = peek(r, in->oparg);
        top = *first;
        *first = *other;
        *other = top;
        break;
    }
    case OP_END_SEND:
    case OP_SET_FUNCTION_ATTRIBUTE: /* the top stays, what is below it goes */
        top = *peek(r, 1);
        pop(r, 1 - opcode_stack_effect(&g->opcodes[in->opcode], 0, false));
        push(r, top.instruction, top.local);
        break;
    case OP_CHECK_EXC_MATCH:
        pop(r, 1);
        push_values(r, 1);
        break;
    case OP_FOR_ITER:
        visit(g, in->oparg);
        push_values(r, 1);
        break;
    case OP_LOAD_ATTR: /* a method may push its object again */
    case OP_LOAD_SUPER_ATTR:
        top = pop(r, 1);
        if (in->opcode == OP_LOAD_SUPER_ATTR)
            pop(r, 2);
        push_values(r, 1);
        if (in->oparg & 1)
            push(r, top.instruction, top.local);
        break;
    case OP_LOAD_SPECIAL:
    case OP_PUSH_EXC_INFO:
        top = pop(r, 1);
        push_values(r, 1);
        push(r, top.instruction, top.local);
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
static bool is_special(const struct cfg *g, unsigned opcode)
{
    switch (opcode) {
    case OP_LOAD_FAST:
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
    case OP_LOAD_ATTR:
    case OP_LOAD_SUPER_ATTR:
    case OP_LOAD_SPECIAL:
    case OP_PUSH_EXC_INFO:
    case OP_SEND:
    case OP_GET_ITER: return true;
    default: {
        const struct stack_effect *e = &g->scratch->effects[opcode];
        return op_class(opcode) & CLASS_JUMP || keeps_operands(opcode, 0) || e->special ||
               e->factor > 0 || result_counts[opcode] > TWO || e->base > result_count(opcode, 0);
    }
    }
}

/* What opcodes do that are not special. */
static const struct plain_effect *plain_effects(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    if (s->plain == NULL) {
        s->plain = arena_alloc_array(g->arena, OPCODE_COUNT, sizeof *s->plain);
        for (unsigned op = 0; op < OPCODE_COUNT; op++)
            s->plain[op] = (struct plain_effect){
                s->effects[op].mask,          s->effects[op].base, s->effects[op].factor,
                (uint8_t)result_count(op, 0), !is_special(g, op),  0};
        s->plain[OP_LOAD_FAST].is_plain = true;
        s->plain[OP_LOAD_FAST].refers = -1;
    }
    return s->plain;
}

/* Run a plain instruction: values go, and values of no interest come, but for a load of a local,
 * whose value refers to it. */
static inline void run_plain(struct run *r, const struct plain_effect *e, int32_t i, int32_t oparg)
{
    int32_t change = e->base + e->factor * (int32_t)((uint32_t)oparg & e->mask);
    uint32_t taken = (uint32_t)(e->results - change);
    if (taken > r->count)
        cfg_malformed(r->g);
    struct reference *top = &r->items[r->count - taken];
    top[0] = (struct reference){(i & e->refers) | ~e->refers, (oparg & e->refers) | ~e->refers};
    top[1] = (struct reference){NO_INSTRUCTION, NO_LOCAL};
    r->count += (uint32_t)change;
    if (r->count + ROOM > r->capacity)
        grow_stack(r);
}

/* Run a block and let its loads borrow. */
static void borrow_in_block(struct run *r)
{
    struct block *b = r->b;
    r->count = 0;
    push_values(r, b->startdepth);
    for (uint32_t i = 0; i < b->used; i++) {
        const struct instruction *in = &b->code[i];
        const struct plain_effect *e = &r->plain[in->opcode];
        if (e->is_plain)
            run_plain(r, e, (int32_t)i, in->oparg);
        else
            run_special(r, (int32_t)i);
    }
    for (uint32_t i = 0; i < r->count; i++)
        keep_owner(b, &r->items[i]);
    FOR_EACH_INSTRUCTION(b, in) {
        unsigned opcode = in->opcode;
        unsigned pair = opcode == OP_LOAD_FAST_LOAD_FAST
                            ? (unsigned)OP_LOAD_FAST_BORROW_LOAD_FAST_BORROW
                            : opcode;
        unsigned borrowed = opcode == OP_LOAD_FAST ? (unsigned)OP_LOAD_FAST_BORROW : pair;
        in->opcode = (uint16_t)(in->size == 0 ? borrowed : opcode);
    }
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
    struct run r = {.g = g, .plain = plain_effects(g)};
    grow_stack(&r);
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
