/* Local rewrites within a block where constants are folded on the graph.
 *
 * Answers to optimize_load_const and optimize_basic_block of CPython's flowgraph.c from 3.14 on. An
 * instruction whose operands are all loaded by the constants right before it (NOPs apart) becomes
 * the load of its result; those loads become NOPs without a line. The arithmetic is
 * sema/const_eval.h, shared with the releases that fold on the tree.
 */
#include "codegen/short_load.h"
#include "opt/passes.h"
#include "opt/rewrites.h"
#include "sema/const_eval.h"

/* Longer sequences are not put on the stack at once, shorter ones do not become one constant that
 * extends an empty one. */
enum { MAX_ON_STACK = 30, MIN_SEQUENCE = 3 };
enum { INTRINSIC_UNARY_POSITIVE = 5, INTRINSIC_LIST_TO_TUPLE = 6 };
/* No RETURN_CONST asks for the place of a constant in these releases. */
enum { NO_CONST = -1 };

/* Does the instruction load a constant? */
static inline bool loads_constant(const struct instruction *in)
{
    return in->opcode == OP_LOAD_CONST || in->opcode == OP_LOAD_SMALL_INT ||
           (in->opcode == OP_LOAD_COMMON_CONSTANT && in->oparg >= COMMON_NONE);
}

/* The value of an argument of LOAD_COMMON_CONSTANT. */
static constant common_constant(struct cfg *g, enum common_value value)
{
    struct constants *t = &g->c->constants;
    switch (value) {
    case COMMON_NONE: return t->none;
    case COMMON_EMPTY_STRING: return constant_str(t, strings_intern(&g->c->strings, "", 0));
    case COMMON_TRUE: return t->true_;
    case COMMON_FALSE: return t->false_;
    case COMMON_MINUS_ONE: return constant_int(t, -1);
    }
    cfg_malformed(g);
}

/* The constant that an instruction loads. */
static constant loaded_constant(struct cfg *g, const struct instruction *in)
{
    if (in->opcode == OP_LOAD_SMALL_INT)
        return constant_int(&g->c->constants, in->oparg);
    if (in->opcode == OP_LOAD_COMMON_CONSTANT)
        return common_constant(g, (enum common_value)in->oparg);
    return rewrite_const_value(g, in->oparg);
}

/* Turn an instruction into the load of a constant. */
static void make_load(struct cfg *g, struct block *b, struct instruction *in, constant value)
{
    if (value->flags & short_load_flags(g->c))
        cfg_set(b, in, short_load_opcode(value), short_load_argument(value));
    else
        cfg_set(b, in, OP_LOAD_CONST, consts_add(g, value));
}

/* An instruction whose work is done: a NOP that needs no line. It is gone before anything looks for
 * instructions without one, so CLASS_NO_LINE does not tell of it. */
static void drop(struct block *b, struct instruction *in)
{
    cfg_set_nop(b, in);
    in->loc = NO_LOCATION;
}

/* Where the `count` loads of constants right before instruction `i` begin, past NOPs; -1: there are
 * not that many. */
static int64_t find_loads(const struct block *b, uint32_t i, uint32_t count)
{
    int64_t at = i;
    while (count > 0) {
        if (--at < 0)
            return -1;
        if (b->code[at].opcode == OP_NOP)
            continue;
        if (!loads_constant(&b->code[at]))
            return -1;
        count--;
    }
    return at;
}

/* The constants loaded from `start` up to instruction `i`; the loads are dropped. */
static void take_loads(struct cfg *g, struct block *b, int64_t start, uint32_t i, constant *items)
{
    for (; start < i; start++)
        if (b->code[start].opcode != OP_NOP) {
            *items++ = loaded_constant(g, &b->code[start]);
            drop(b, &b->code[start]);
        }
}

/* Constants and BUILD_TUPLE: a constant tuple. */
static void fold_tuple(struct cfg *g, struct block *b, uint32_t i)
{
    constant items[MAX_ON_STACK];
    uint32_t count = (uint32_t)b->code[i].oparg;
    if (count > MAX_ON_STACK)
        return;
    int64_t start = find_loads(b, i, count);
    if (start < 0)
        return;
    take_loads(g, b, start, i, items);
    make_load(g, b, &b->code[i], constant_tuple(&g->c->constants, items, count));
}

/* Where BUILD_LIST 0, (constant, LIST_APPEND 1)* begins that ends before `end` (or the same of a
 * set), and how many constants there are; -1: it is no such thing. */
static int64_t find_appended(const struct block *b, uint32_t end, unsigned build, unsigned append,
                             uint32_t *count)
{
    int64_t at = end;
    *count = 0;
    for (bool expect_append = true;; expect_append = !expect_append) {
        do {
            if (--at < 0)
                return -1;
        } while (b->code[at].opcode == OP_NOP);
        const struct instruction *in = &b->code[at];
        if (expect_append && in->opcode == build && in->oparg == 0)
            return at;
        if (expect_append ? in->opcode != append || in->oparg != 1 : !loads_constant(in))
            return -1;
        *count += !expect_append;
    }
}

/* The constants of such a sequence; it is dropped. */
static const constant *take_appended(struct cfg *g, struct block *b, int64_t start, uint32_t end,
                                     uint32_t count)
{
    constant *items = arena_alloc_array(g->arena, count, sizeof *items);
    uint32_t n = 0;
    for (; start < end; start++) {
        struct instruction *in = &b->code[start];
        if (in->opcode == OP_NOP)
            continue;
        if (loads_constant(in))
            items[n++] = loaded_constant(g, in);
        drop(b, in);
    }
    return items;
}

/* A list of constants, made a tuple by the intrinsic at instruction `i`: a constant tuple. */
static bool fold_list_to_tuple(struct cfg *g, struct block *b, uint32_t i)
{
    uint32_t count;
    int64_t start = find_appended(b, i, OP_BUILD_LIST, OP_LIST_APPEND, &count);
    if (start < 0)
        return false;
    const constant *items = take_appended(g, b, start, i, count);
    make_load(g, b, &b->code[i], constant_tuple(&g->c->constants, items, count));
    return true;
}

/* Is the value that instruction `i` leaves only searched or iterated over? */
static bool is_only_read(const struct block *b, uint32_t i)
{
    unsigned behind = opcode_behind(b, i);
    return behind == OP_GET_ITER || behind == OP_CONTAINS_OP;
}

/* The last LIST_APPEND or SET_ADD of a sequence that is only read: a constant. */
static void fold_appended(struct cfg *g, struct block *b, uint32_t i)
{
    bool list = b->code[i].opcode == OP_LIST_APPEND;
    uint32_t count;
    if (!is_only_read(b, i))
        return;
    int64_t start = find_appended(b, i + 1, list ? OP_BUILD_LIST : OP_BUILD_SET,
                                  list ? OP_LIST_APPEND : OP_SET_ADD, &count);
    if (start < 0)
        return;
    const constant *items = take_appended(g, b, start, i + 1, count);
    struct constants *t = &g->c->constants;
    cfg_note_no_line(g, b);
    make_load(g, b, &b->code[i],
              list ? constant_tuple(t, items, count) : constant_frozenset(t, items, count));
}

/* BUILD_LIST or BUILD_SET: a constant where it is only searched or iterated over, else extended by
 * one if it is all constants. */
static void fold_list_or_set(struct cfg *g, struct block *b, uint32_t i)
{
    constant items[MAX_ON_STACK];
    struct instruction *in = &b->code[i];
    unsigned opcode = in->opcode;
    bool only_read = is_only_read(b, i);
    uint32_t count = (uint32_t)in->oparg;

    if (count > MAX_ON_STACK || (count < MIN_SEQUENCE && !only_read))
        return;
    int64_t start = find_loads(b, i, count);
    if (start < 0) {
        if (only_read && opcode == OP_BUILD_LIST)
            cfg_set(b, in, OP_BUILD_TUPLE, in->oparg);
        return;
    }
    take_loads(g, b, start, i, items);
    struct constants *t = &g->c->constants;
    int32_t index = consts_add(g, opcode == OP_BUILD_SET ? constant_frozenset(t, items, count)
                                                         : constant_tuple(t, items, count));
    if (only_read) {
        cfg_set(b, in, OP_LOAD_CONST, index);
        return;
    }
    in[-2].loc = in[-1].loc = in->loc; /* CPython leaves it to propagate_line_numbers to give it */
    cfg_set(b, &in[-2], opcode, 0);
    cfg_set(b, &in[-1], OP_LOAD_CONST, index);
    cfg_set(b, in, opcode == OP_BUILD_LIST ? OP_LIST_EXTEND : OP_SET_UPDATE, 1);
}

/* An operator with one operand. */
static void fold_unary(struct cfg *g, struct block *b, uint32_t i, enum unaryop_kind op)
{
    int64_t at = find_loads(b, i, 1);
    if (at < 0)
        return;
    constant value = const_unary(g->c, op, loaded_constant(g, &b->code[at]));
    if (value == NULL)
        return;
    drop(b, &b->code[at]);
    make_load(g, b, &b->code[i], value);
}

/* The value of BINARY_OP with constants, or NULL. */
static constant binary_value(struct cfg *g, int32_t op, constant left, constant right)
{
    enum { NB_SUBSCR = 26 };
    static const uint8_t operators[] = {
        Add, BitAnd, FloorDiv, LShift, MatMult, Mult, Mod, BitOr, Pow, RShift, Sub, Div, BitXor,
    };
    if (op == NB_SUBSCR)
        return const_subscript(g->c, left, right);
    if ((uint32_t)op >= sizeof operators)
        return NULL;
    return const_binary(g->c, operators[op], left, right);
}

/* An operator with two operands. */
static void fold_binary(struct cfg *g, struct block *b, uint32_t i)
{
    int64_t right = find_loads(b, i, 1);
    if (right < 0)
        return;
    int64_t left = find_loads(b, (uint32_t)right, 1);
    if (left < 0)
        return;
    constant value = binary_value(g, b->code[i].oparg, loaded_constant(g, &b->code[left]),
                                  loaded_constant(g, &b->code[right]));
    if (value == NULL)
        return;
    drop(b, &b->code[left]);
    drop(b, &b->code[right]);
    make_load(g, b, &b->code[i], value);
}

/* JUMP_IF_*: threaded, and past a jump with the opposite condition; true: look at instruction `i`
 * again. */
static bool thread_conditional(struct cfg *g, struct block *b, uint32_t i)
{
    struct instruction *in = &b->code[i];
    const struct block *t = &g->blocks[in->oparg];
    if (t->used == 0)
        return false;
    unsigned target = t->code[0].opcode;
    if (target == OP_JUMP || target == in->opcode)
        return rewrite_threaded_jump(g, b, i, in->opcode);
    if (target != OP_JUMP_IF_TRUE && target != OP_JUMP_IF_FALSE)
        return false;
    if (t->next < 0)
        cfg_malformed(g);
    in->oparg = t->next;
    b->classes |= CLASS_FLOW_CHANGED;
    return true;
}

/* `not` behind a test of its own kind: that test inverted, in the place of the `not`. */
static bool absorb_not(struct block *b, uint32_t i)
{
    struct instruction *in = &b->code[i];
    if (opcode_behind(b, i) != OP_UNARY_NOT)
        return false;
    cfg_set(b, &in[1], in->opcode, in->oparg ^ 1);
    cfg_set_nop(b, in);
    return true;
}

/* The rewrites of one instruction; true: look at it again. */
static bool optimize_instruction(struct cfg *g, struct block *b, uint32_t i)
{
    struct instruction *in = &b->code[i];
    switch (in->opcode) {
    case OP_BUILD_TUPLE:
        if (!rewrite_unpacked_tuple(b, i))
            fold_tuple(g, b, i);
        return false;
    case OP_BUILD_LIST:
    case OP_BUILD_SET: fold_list_or_set(g, b, i); return false;
    case OP_LIST_APPEND:
    case OP_SET_ADD: fold_appended(g, b, i); return false;
    case OP_JUMP_IF_FALSE:
    case OP_JUMP_IF_TRUE: return thread_conditional(g, b, i);
    case OP_CONTAINS_OP:
    case OP_IS_OP: return !absorb_not(b, i) && rewrite_plain(g, b, i);
    case OP_UNARY_NOT:
        if (opcode_behind(b, i) == OP_TO_BOOL || opcode_behind(b, i) == OP_UNARY_NOT)
            return rewrite_plain(g, b, i);
        fold_unary(g, b, i, Not);
        return false;
    case OP_UNARY_INVERT: fold_unary(g, b, i, Invert); return false;
    case OP_UNARY_NEGATIVE: fold_unary(g, b, i, USub); return false;
    case OP_CALL_INTRINSIC_1:
        if (in->oparg == INTRINSIC_UNARY_POSITIVE)
            fold_unary(g, b, i, UAdd);
        else if (in->oparg != INTRINSIC_LIST_TO_TUPLE)
            return false;
        else if (!fold_list_to_tuple(g, b, i) && opcode_behind(b, i) == OP_GET_ITER)
            cfg_set_nop(b, in);
        return false;
    case OP_BINARY_OP: fold_binary(g, b, i); return false;
    default: return rewrite_plain(g, b, i);
    }
}

void pass_optimize_basic_blocks_folding(struct cfg *g)
{
    rewrite_blocks(g, CLASS_PEEPHOLE | CLASS_OPERATOR, optimize_instruction);
}

/* The uses of a constant loaded at `in`, through its truth value and through copies of what is
 * loaded from the unit's constants; returns the last of those. */
static struct instruction *use_constant(struct cfg *g, struct block *b, struct instruction *in,
                                        constant value)
{
    const struct instruction *last = last_instruction(b);
    bool can_be_copied = in->opcode == OP_LOAD_CONST;
    while (in != last) {
        if (in[1].opcode == OP_TO_BOOL) {
            value = constant_bool(&g->c->constants, constant_is_true(&g->c->constants, value));
            cfg_set_nop(b, in);
            make_load(g, b, ++in, value);
            rewrite_note_folds(g, b);
            can_be_copied = in->opcode == OP_LOAD_CONST;
            continue;
        }
        if (op_class(in[1].opcode) & CLASS_CONST_USE)
            rewrite_const_use(g, b, (uint32_t)(in - b->code), value, NO_CONST);
        if (!can_be_copied || in[1].opcode != OP_COPY || in[1].oparg != 1)
            break;
        in++;
    }
    return in;
}

/* List the loads of constants in a block behind which stands what may use them; returns how many
 * there are. */
static uint32_t list_used_loads(struct cfg *g, struct block *b)
{
    uint32_t *places = cfg_places(g, b->used), *to = places, i = 0;
    unsigned class = 0;
    FOR_EACH_INSTRUCTION(b, in) {
        unsigned before = class;
        class = op_class(in->opcode);
        *to = i++ - 1;
        to += (before << 1 & class & CLASS_CONST_USE) != 0;
    }
    return (uint32_t)(to - places);
}

void pass_optimize_load_const_folding(struct cfg *g)
{
    if (!(g->seen & CLASS_CONST_USED))
        return;
    FOR_EACH_BLOCK(g, b) {
        if (!(b->classes & CLASS_CONST_USED))
            continue;
        uint32_t count = list_used_loads(g, b);
        for (uint32_t n = 0; n < count; n++) {
            struct instruction *in = &b->code[g->scratch->places.items[n]];
            if (loads_constant(in))
                use_constant(g, b, in, loaded_constant(g, in));
        }
    }
}
