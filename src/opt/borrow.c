/* Loads of locals that need not own what they load.
 *
 * Answers to optimize_load_fast of CPython's flowgraph.c (3.14 and later). LOAD_FAST borrows the local's reference if what it
 * pushes is gone from the stack before that local is bound anew or unbound, is not stored in a local, and does not outlive the block. Each
 * block is run on a stack of references that remember which instruction pushed them and from which local; the loads
 * whose references break a rule are marked in their size, which is nothing yet. Only blocks that are reached without an exception are looked at.
 */
#include "opt/passes.h"

enum { NO_LOCAL = -1, NO_INSTRUCTION = -1 };

/* How many values an instruction leaves of its own; those of which there is no word here leave one. */
enum results { ONE, NONE, TWO, AS_ARGUMENT, AS_UNPACK_EX, ONE_AND_LOW_BIT };

static const uint8_t result_counts[OPCODE_COUNT] = {
    [OP_NOP] = NONE, [OP_NOT_TAKEN] = NONE, [OP_RESUME] = NONE, [OP_CACHE] = NONE,
    [OP_COPY_FREE_VARS] = NONE, [OP_MAKE_CELL] = NONE, [OP_SETUP_ANNOTATIONS] = NONE,
    [OP_POP_TOP] = NONE, [OP_POP_ITER] = NONE, [OP_POP_EXCEPT] = NONE, [OP_END_FOR] = NONE, [OP_END_ASYNC_FOR] = NONE,
    [OP_DELETE_ATTR] = NONE, [OP_DELETE_DEREF] = NONE, [OP_DELETE_GLOBAL] = NONE, [OP_DELETE_NAME] = NONE,
    [OP_DELETE_SUBSCR] = NONE, [OP_STORE_ATTR] = NONE, [OP_STORE_DEREF] = NONE, [OP_STORE_GLOBAL] = NONE,
    [OP_STORE_NAME] = NONE, [OP_STORE_SLICE] = NONE, [OP_STORE_SUBSCR] = NONE,
    [OP_JUMP] = NONE, [OP_JUMP_NO_INTERRUPT] = NONE, [OP_RAISE_VARARGS] = NONE,
    [OP_POP_JUMP_IF_FALSE] = NONE, [OP_POP_JUMP_IF_TRUE] = NONE, [OP_POP_JUMP_IF_NONE] = NONE,
    [OP_POP_JUMP_IF_NOT_NONE] = NONE,
    [OP_CHECK_EG_MATCH] = TWO, [OP_CLEANUP_THROW] = TWO,
    [OP_UNPACK_SEQUENCE] = AS_ARGUMENT, [OP_UNPACK_EX] = AS_UNPACK_EX,
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

/* One more reference on the stack. */
static inline void push(struct cfg *g, int32_t instruction, int32_t local)
{
    struct reference r = {instruction, local};
    array_push(g->arena, &g->scratch->references, r);
}

/* That many values of no interest. */
static void push_values(struct cfg *g, int32_t count)
{
    for (; count > 0; count--)
        push(g, NO_INSTRUCTION, NO_LOCAL);
}

/* The reference `depth` below the top, 1 being the top. */
static struct reference *peek(struct cfg *g, int32_t depth)
{
    uint32_t count = g->scratch->references.count;
    if (depth < 1 || (uint32_t)depth > count)
        cfg_malformed(g);
    return &g->scratch->references.items[count - (uint32_t)depth];
}

/* Take references off the stack; returns the lowest of them. */
static struct reference pop(struct cfg *g, int32_t count)
{
    struct reference r = {NO_INSTRUCTION, NO_LOCAL};
    if (count > 0) {
        r = *peek(g, count);
        g->scratch->references.count -= (uint32_t)count;
    }
    return r;
}

/* The load that pushed the reference owns what it loads. */
static inline void keep_owner(struct block *b, const struct reference *r)
{
    if (r->instruction != NO_INSTRUCTION)
        b->code[r->instruction].size = 1;
}

/* The local loses its value. */
static void kill_local(struct cfg *g, struct block *b, int32_t local)
{
    for (uint32_t i = 0; i < g->scratch->references.count; i++)
        if (g->scratch->references.items[i].local == local)
            keep_owner(b, &g->scratch->references.items[i]);
}

/* The top of the stack goes into a local. */
static void store_local(struct cfg *g, struct block *b, int32_t local)
{
    struct reference r = pop(g, 1);
    kill_local(g, b, local);
    keep_owner(b, &r);
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
    case OP_GET_ITER:
        return change != 0;
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
    case OP_SET_UPDATE:
        return true;
    default:
        return false;
    }
}

/* Push or pop as many values as the stack grows or shrinks. */
static void change_depth(struct cfg *g, int32_t change)
{
    pop(g, -change);
    for (int32_t i = 0; i < change; i++)
        push(g, HAS(g->c, FIRST_LOAD_STANDS_IN) ? i : NO_INSTRUCTION, NO_LOCAL);
}

/* Any instruction that has no case of its own. */
static void run_other(struct cfg *g, const struct instruction *in)
{
    int32_t change = opcode_stack_effect(&g->opcodes[in->opcode], (uint32_t)in->oparg, false);
    if (keeps_operands(in->opcode, change)) {
        change_depth(g, change);
        return;
    }
    int32_t results = result_count(in->opcode, in->oparg);
    pop(g, results - change);
    push_values(g, results);
}

/* Run one instruction on the stack of references. */
static void run(struct cfg *g, struct block *b, int32_t i)
{
    const struct instruction *in = &b->code[i];
    struct reference r;
    switch (in->opcode) {
    case OP_LOAD_FAST:
        push(g, i, in->oparg);
        break;
    case OP_LOAD_FAST_LOAD_FAST:
        push(g, i, in->oparg >> 4);
        push(g, i, in->oparg & 15);
        break;
    case OP_LOAD_FAST_AND_CLEAR:
        kill_local(g, b, in->oparg);
        push(g, i, in->oparg);
        break;
    case OP_DELETE_FAST:
        kill_local(g, b, in->oparg);
        break;
    case OP_STORE_FAST:
        store_local(g, b, in->oparg);
        break;
    case OP_STORE_FAST_LOAD_FAST:
        store_local(g, b, in->oparg >> 4);
        push(g, i, in->oparg & 15);
        break;
    case OP_STORE_FAST_STORE_FAST:
        store_local(g, b, in->oparg >> 4);
        store_local(g, b, in->oparg & 15);
        break;
    case OP_COPY:
        r = *peek(g, in->oparg);
        push(g, r.instruction, r.local);
        break;
    case OP_SWAP: {
        struct reference *top = peek(g, 1), *other = peek(g, in->oparg);
        r = *top;
        *top = *other;
        *other = r;
        break;
    }
    case OP_END_SEND:
    case OP_SET_FUNCTION_ATTRIBUTE: /* the top stays, what is below it goes */
        r = *peek(g, 1);
        pop(g, 1 - opcode_stack_effect(&g->opcodes[in->opcode], 0, false));
        push(g, r.instruction, r.local);
        break;
    case OP_CHECK_EXC_MATCH:
        pop(g, 1);
        push_values(g, 1);
        break;
    case OP_FOR_ITER:
        visit(g, in->oparg);
        push_values(g, 1);
        break;
    case OP_LOAD_ATTR: /* a method may push its object again */
    case OP_LOAD_SUPER_ATTR:
        r = pop(g, 1);
        if (in->opcode == OP_LOAD_SUPER_ATTR)
            pop(g, 2);
        push_values(g, 1);
        if (in->oparg & 1)
            push(g, r.instruction, r.local);
        break;
    case OP_LOAD_SPECIAL:
    case OP_PUSH_EXC_INFO:
        r = pop(g, 1);
        push_values(g, 1);
        push(g, r.instruction, r.local);
        break;
    case OP_SEND:
        visit(g, in->oparg);
        pop(g, 1);
        push_values(g, 1);
        break;
    default:
        if (op_class(in->opcode) & CLASS_JUMP)
            visit(g, in->oparg);
        run_other(g, in);
        break;
    }
}

/* Run a block and let its loads borrow. */
static void borrow_in_block(struct cfg *g, struct block *b)
{
    g->scratch->references.count = 0;
    push_values(g, b->startdepth);
    for (uint32_t i = 0; i < b->used; i++)
        run(g, b, (int32_t)i);
    for (uint32_t i = 0; i < g->scratch->references.count; i++)
        keep_owner(b, &g->scratch->references.items[i]);
    for (uint32_t i = 0; i < b->used; i++) {
        struct instruction *in = &b->code[i];
        if (in->size != 0)
            continue;
        if (in->opcode == OP_LOAD_FAST)
            in->opcode = OP_LOAD_FAST_BORROW;
        else if (in->opcode == OP_LOAD_FAST_LOAD_FAST)
            in->opcode = OP_LOAD_FAST_BORROW_LOAD_FAST_BORROW;
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
    cfg_start_traversal(g);
    visit(g, g->entry);
    for (int32_t n; (n = cfg_pop(g)) >= 0;) {
        struct block *b = &g->blocks[n];
        if (b->classes & CLASS_LOCAL)
            borrow_in_block(g, b);
        else
            visit_targets(g, b);
        if (b->next >= 0 && falls_through(b) && (b->used != 0 || HAS(g->c, BORROWS_BEHIND_EMPTY_BLOCKS)))
            visit(g, b->next);
    }
}
