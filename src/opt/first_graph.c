/* The passes of the first control-flow graph.
 *
 * Answers to assemble, optimize_cfg and what they call in Python/compile.c of 3.10. Its flags
 * b_exit and b_nofallthrough are noted once and kept up by hand, so they can be out of date, and
 * the result shows it: they are kept here likewise. Some passes walk the blocks in the order of
 * their making, last one first (b_list): where copies of exits come to stand depends on it.
 */
#include "opt/first_graph.h"

#include "opt/passes.h"

/* -- flags of blocks -- */

static inline bool is_unconditional(unsigned opcode)
{
    return opcode == OP_JUMP_ABSOLUTE || opcode == OP_JUMP_FORWARD;
}

static inline bool is_exit(unsigned opcode)
{
    return opcode == OP_RETURN_VALUE || opcode == OP_RAISE_VARARGS || opcode == OP_RERAISE;
}

/* Turn an instruction into a NOP, which keeps the argument that it had: only a jump's is none. */
static void drop(struct block *b, struct instruction *in)
{
    unsigned class = op_class(in->opcode);
    if (class & CLASS_TARGET)
        in->oparg = 0;
    in->opcode = OP_NOP;
    b->classes |= classes_of_change(class, CLASS_NOP);
}

/* The first block from `b` on that is not empty. */
static int32_t skip_empty(struct cfg *g, int32_t b)
{
    while (g->blocks[b].used == 0 && g->blocks[b].next >= 0)
        b = g->blocks[b].next;
    return b;
}

void pass_normalize_basic_blocks(struct cfg *g)
{
    FOR_EACH_BLOCK(g, b) {
        struct instruction *last = last_instruction(b);
        if (last == NULL)
            continue;
        b->exit = is_exit(last->opcode);
        b->nofallthrough = b->exit || is_unconditional(last->opcode);
        if (op_class(last->opcode) & CLASS_JUMP)
            last->oparg = skip_empty(g, last->oparg);
    }
}

/* Does the block end in a jump to a small exit? */
static inline bool can_be_extended(const struct cfg *g, const struct block *b)
{
    const struct instruction *last = last_jump(b, CLASS_UNCONDITIONAL);
    if (last == NULL)
        return false;
    const struct block *target = &g->blocks[last->oparg];
    return target->exit && target->used <= MAX_COPY_SIZE;
}

/* Copy the target of the jump at the end of a block in its place if it is a small exit. */
static void extend_block(struct cfg *g, struct block *b)
{
    struct instruction *last = last_instruction(b);
    const struct block *target = &g->blocks[last->oparg];
    drop(b, last);
    cfg_append_copy(g, b, target);
    b->exit = true;
}

void pass_extend_blocks_by_flags(struct cfg *g)
{
    flow_extend_blocks(g, can_be_extended, extend_block);
}

void pass_insert_generator_prefix(struct cfg *g)
{
    enum { CO_COROUTINE = 0x80, CO_ASYNC_GENERATOR = 0x200 };
    if (!g->u->is_generator_like)
        return;
    int kind = g->u->flags & CO_COROUTINE ? 1 : g->u->flags & CO_ASYNC_GENERATOR ? 2 : 0;
    if (g->blocks[g->entry].label != NO_LABEL) { /* the block made before all others is empty */
        int32_t n = cfg_new_block(g);
        g->blocks[n].rank = -1;
        g->blocks[n].next = g->entry;
        g->entry = n;
    }
    struct instruction *first = cfg_prepend(g, &g->blocks[g->entry], 1);
    *first = (struct instruction){
        .opcode = OP_GEN_START, .oparg = kind, .handler = -1, .loc = NO_LOCATION};
}

/* -- local rewrites -- */

/* LOAD_CONST and a conditional jump at `in`. */
static void decide_jump(struct cfg *g, struct block *b, struct instruction *in)
{
    struct instruction *jump = &in[1];
    bool pops = jump->opcode == OP_POP_JUMP_IF_FALSE || jump->opcode == OP_POP_JUMP_IF_TRUE;
    if (!pops && jump->opcode != OP_JUMP_IF_FALSE_OR_POP && jump->opcode != OP_JUMP_IF_TRUE_OR_POP)
        return;
    bool jump_if_true =
        jump->opcode == OP_POP_JUMP_IF_TRUE || jump->opcode == OP_JUMP_IF_TRUE_OR_POP;
    bool value = constant_is_true(&g->c->constants, g->u->consts.items[in->oparg]);
    if (pops || value != jump_if_true)
        drop(b, in);
    if (value == jump_if_true) {
        cfg_set(b, jump, OP_JUMP_ABSOLUTE, jump->oparg);
        g->seen |= op_class(OP_JUMP_ABSOLUTE);
        b->nofallthrough = true;
    } else {
        drop(b, jump);
    }
}

/* BUILD_TUPLE at `i`: unpacked at once, a rotation; of constants, a constant. */
static void optimize_build_tuple(struct cfg *g, struct block *b, uint32_t i)
{
    struct instruction *in = &b->code[i];
    uint32_t n = (uint32_t)in->oparg;
    if (i + 1 < b->used && in[1].opcode == OP_UNPACK_SEQUENCE && in[1].oparg == in->oparg) {
        if (n == 1) {
            drop(b, in);
            drop(b, &in[1]);
        } else if (n == 2) {
            cfg_set(b, in, OP_ROT_TWO, in->oparg);
            drop(b, &in[1]);
        } else if (n == 3) {
            cfg_set(b, in, OP_ROT_THREE, in->oparg);
            cfg_set(b, &in[1], OP_ROT_TWO, in[1].oparg);
        }
        return;
    }
    if (i < n)
        return;
    struct instruction *first = in - n;
    for (uint32_t k = 0; k < n; k++)
        if (first[k].opcode != OP_LOAD_CONST)
            return;
    constant *items = arena_alloc_array(g->arena, n, sizeof *items);
    for (uint32_t k = 0; k < n; k++) {
        items[k] = g->u->consts.items[first[k].oparg];
        drop(b, &first[k]);
    }
    cfg_set(b, in, OP_LOAD_CONST, consts_add(g, constant_tuple(&g->c->constants, items, n)));
}

/* How many values a rotation turns, 0: it is none. */
static int32_t rotated(const struct instruction *in)
{
    switch (in->opcode) {
    case OP_ROT_N: return in->oparg;
    case OP_ROT_FOUR: return 4;
    case OP_ROT_THREE: return 3;
    case OP_ROT_TWO: return 2;
    default: return 0;
    }
}

/* ROT_N at `i`: its short form, and nothing if it comes n times in a row. False: it was nothing at
 * all. */
static void optimize_rotation(struct block *b, uint32_t i)
{
    static const uint16_t short_forms[] = {OP_NOP, OP_NOP, OP_ROT_TWO, OP_ROT_THREE, OP_ROT_FOUR};
    struct instruction *in = &b->code[i];
    int32_t n = in->oparg;
    if (n < 2) {
        drop(b, in);
        return;
    }
    if (n <= 4)
        cfg_set(b, in, short_forms[n], n);
    if ((int32_t)i < n - 1)
        return;
    struct instruction *first = in - (n - 1);
    for (int32_t k = 0; k < n; k++)
        if (rotated(&first[k]) != n)
            return;
    for (int32_t k = 0; k < n; k++)
        drop(b, &first[k]);
}

/* JUMP_IF_x_OR_POP to another jump; true: look at it again. */
static bool merge_conditions(struct cfg *g, struct instruction *in,
                             const struct instruction *target)
{
    bool on_true = in->opcode == OP_JUMP_IF_TRUE_OR_POP;
    unsigned pop_same = on_true ? OP_POP_JUMP_IF_TRUE : OP_POP_JUMP_IF_FALSE;
    unsigned keep_other = on_true ? OP_JUMP_IF_FALSE_OR_POP : OP_JUMP_IF_TRUE_OR_POP;
    if (in->loc.lineno != target->loc.lineno)
        return false;
    if (target->opcode == pop_same) {
        *in = *target;
        return true;
    }
    if (is_unconditional(target->opcode) || target->opcode == in->opcode) {
        if (in->oparg == target->oparg)
            return false;
        in->oparg = target->oparg;
        return true;
    }
    if (target->opcode == keep_other) {
        in->opcode = (uint16_t)pop_same;
        in->oparg = g->blocks[in->oparg].next;
        return true;
    }
    return false;
}

/* A jump to a jump on the same line goes where that one goes; true: look at it again. */
static bool thread_jump(struct instruction *in, const struct instruction *target, unsigned opcode)
{
    if (in->loc.lineno != target->loc.lineno || in->oparg == target->oparg)
        return false;
    in->oparg = target->oparg;
    in->opcode = (uint16_t)opcode;
    return true;
}

/* The jump at `i` of a block; true: look at it again. */
static bool optimize_jump(struct cfg *g, struct block *b, uint32_t i)
{
    struct instruction *in = &b->code[i];
    in->oparg = skip_empty(g, in->oparg);
    const struct instruction *target = &g->blocks[in->oparg].code[0];
    switch (in->opcode) {
    case OP_JUMP_IF_FALSE_OR_POP:
    case OP_JUMP_IF_TRUE_OR_POP: return merge_conditions(g, in, target);
    case OP_POP_JUMP_IF_FALSE:
    case OP_POP_JUMP_IF_TRUE:
        return is_unconditional(target->opcode) && thread_jump(in, target, in->opcode);
    case OP_JUMP_ABSOLUTE:
    case OP_JUMP_FORWARD:
        return is_unconditional(target->opcode) && thread_jump(in, target, OP_JUMP_ABSOLUTE);
    case OP_FOR_ITER:
        return target->opcode == OP_JUMP_FORWARD && thread_jump(in, target, OP_FOR_ITER);
    default: return false;
    }
}

/* The rewrites of one block: of its jump alone if there can be no others. */
static void optimize_block(struct cfg *g, struct block *b)
{
    const unsigned others = CLASS_PEEPHOLE | CLASS_CONST_USED | CLASS_BLOCK_PUSH;
    if (!(b->classes & (others | CLASS_JUMP)) || b->used == 0)
        return;
    for (uint32_t i = b->classes & others ? 0 : b->used - 1; i < b->used; i++) {
        struct instruction *in = &b->code[i];
        unsigned class = op_class(in->opcode);
        if (!(class & (CLASS_TARGET | CLASS_CONST | CLASS_PEEPHOLE)))
            continue;
        if (class & CLASS_TARGET) {
            if (optimize_jump(g, b, i))
                i--;
        } else if (in->opcode == OP_LOAD_CONST) {
            if (i + 1 < b->used)
                decide_jump(g, b, in);
        } else if (in->opcode == OP_BUILD_TUPLE) {
            optimize_build_tuple(g, b, i);
        } else if (in->opcode == OP_ROT_N) {
            optimize_rotation(b, i);
        }
    }
}

/* -- cleaning -- */

/* Is the NOP at `at` not needed for its line? May hand its line to the instruction behind it. */
static bool nop_is_redundant(struct cfg *g, struct block *b, uint32_t at, int32_t previous_line)
{
    int32_t line = b->code[at].loc.lineno;
    if (line < 0 || line == previous_line)
        return true;
    if (at + 1 < b->used) {
        int32_t next_line = b->code[at + 1].loc.lineno;
        if (next_line >= 0 && next_line != line)
            return false;
        b->code[at + 1].loc = b->code[at].loc;
        return true;
    }
    int32_t next = next_nonempty_block(g, b->next);
    return next >= 0 && g->blocks[next].code[0].loc.lineno == line;
}

/* Drop the NOPs of a block that no line needs; `previous_line` is that of what runs before it. */
static void clean_block(struct cfg *g, struct block *b, int32_t previous_line)
{
    if (!(b->classes & CLASS_NOP))
        return;
    struct instruction *to = b->code, *from = to, *end = to + b->used;
    bool has_nop = false;
    for (struct instruction *in = from; in != end; in++) {
        if (in->opcode != OP_NOP)
            continue;
        to = cfg_move_run(to, from, in);
        from = in;
        int32_t line = to != b->code ? to[-1].loc.lineno : previous_line;
        if (nop_is_redundant(g, b, (uint32_t)(in - b->code), line))
            from++;
        else
            has_nop = true;
    }
    b->used = (uint32_t)(cfg_move_run(to, from, end) - b->code);
    b->classes = has_nop ? b->classes : b->classes & ~(unsigned)CLASS_NOP;
}

/* Count a way into a block, and traverse it if it is the first one. */
static inline void reach(struct cfg *g, int32_t to)
{
    if (g->blocks[to].predecessors++ == 0)
        cfg_push(g, to);
}

/* Count the ways into each block and empty those that have none. */
static void remove_unreachable(struct cfg *g)
{
    FOR_EACH_BLOCK(g, b)
        b->predecessors = 0;
    cfg_start_traversal(g);
    reach(g, g->entry);
    for (int32_t n; (n = cfg_pop(g)) >= 0;) {
        const struct block *b = &g->blocks[n];
        const struct instruction *jump = last_jump(b, CLASS_JUMP);
        if (b->next >= 0 && !b->nofallthrough)
            reach(g, b->next);
        if (b->classes & CLASS_BLOCK_PUSH)
            FOR_EACH_INSTRUCTION(b, in)
                if (op_class(in->opcode) & CLASS_BLOCK_PUSH)
                    reach(g, in->oparg);
        if (jump != NULL)
            reach(g, jump->oparg);
    }
    FOR_EACH_BLOCK(g, b) {
        if (b->predecessors == 0) {
            g->consts_dropped |= b->used != 0 && b->classes & CLASS_CONST;
            b->used = 0;
            b->nofallthrough = false;
        }
    }
}

/* Take the empty blocks out of the chain, and jumps past them. */
static void eliminate_empty(struct cfg *g)
{
    bool any = false;
    FOR_EACH_BLOCK(g, b)
        any |= b->used == 0;
    if (!any)
        return;
    FOR_EACH_BLOCK(g, b) {
        if (b->next >= 0)
            b->next = skip_empty(g, b->next);
    }
    FOR_EACH_BLOCK(g, b) {
        struct instruction *last = last_instruction(b);
        if (last != NULL && op_class(last->opcode) & CLASS_TARGET)
            last->oparg = skip_empty(g, last->oparg);
    }
}

/* Jumps to the next block become NOPs; true if there were any. */
static bool remove_redundant_jumps(struct cfg *g)
{
    bool any = false;
    FOR_EACH_BLOCK(g, b) {
        struct instruction *last = last_instruction(b);
        if (last == NULL || !is_unconditional(last->opcode) || last->oparg != b->next)
            continue;
        b->nofallthrough = false;
        drop(b, last);
        clean_block(g, b, -1);
        any = true;
    }
    return any;
}

/* Clean each block with the line of what falls into it. */
static void clean_with_predecessors(struct cfg *g)
{
    const struct block *before = NULL;
    FOR_EACH_BLOCK(g, b) {
        bool known = before != NULL && before->used != 0 && !b->behind_empty;
        int32_t line = known ? before->code[before->used - 1].loc.lineno : -1;
        clean_block(g, b, line);
        before = b->nofallthrough ? NULL : b;
    }
}

void pass_optimize_first_graph(struct cfg *g)
{
    FOR_EACH_BLOCK(g, b) {
        optimize_block(g, b);
        clean_block(g, b, -1);
    }
    pass_extend_blocks_by_flags(g);
    remove_unreachable(g);
    clean_with_predecessors(g);
    eliminate_empty(g);
    if (remove_redundant_jumps(g))
        eliminate_empty(g);
}

/* -- lines -- */

/* An exit whose first instruction has no line. */
static bool is_exit_without_line(const struct block *b)
{
    return b->exit && b->used != 0 && b->code[0].loc.lineno < 0;
}

/* Does the block end in a jump proper, not in the start of a handler's range? */
static bool ends_in_jump(const struct block *b)
{
    return b->used != 0 && op_class(b->code[b->used - 1].opcode) & CLASS_JUMP;
}

/* A copy of an exit for the jump at the end of block `n`. */
static void copy_exit(struct cfg *g, int32_t n, int32_t target)
{
    int32_t copy = cfg_new_block(g);
    struct block *t = &g->blocks[target], *c = &g->blocks[copy];
    struct instruction *jump = last_instruction(&g->blocks[n]);
    cfg_append_copy(g, c, t);
    c->code[0].loc = jump->loc;
    c->exit = true;
    c->nofallthrough = true;
    c->predecessors = 1;
    c->next = t->next;
    t->next = copy;
    t->predecessors--;
    jump->oparg = copy;
}

/* An exit whose first instruction has no line, reached in more than one way. */
static bool is_shared_exit(const struct block *b)
{
    return b->predecessors > 1 && is_exit_without_line(b);
}

/* A copy for each jump to such an exit but one. */
static void copy_shared_exits(struct cfg *g)
{
    uint32_t count;
    const int32_t *order = flow_last_made_first(g, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (!ends_in_jump(&g->blocks[order[i]]))
            continue;
        int32_t target = last_instruction(&g->blocks[order[i]])->oparg;
        if (is_shared_exit(&g->blocks[target]))
            copy_exit(g, order[i], target);
    }
}

void pass_duplicate_exits_by_flags(struct cfg *g)
{
    bool any = false;
    FOR_EACH_BLOCK(g, b)
        any |= is_shared_exit(b);
    if (any)
        copy_shared_exits(g);
    for (uint32_t i = 0; i < g->block_count; i++) {
        struct block *b = &g->blocks[i];
        while (b->next >= 0 && g->blocks[b->next].used == 0)
            b->next = g->blocks[b->next].next;
    }
    FOR_EACH_BLOCK(g, b) {
        if (!b->nofallthrough && b->next >= 0 && b->used != 0 &&
            is_exit_without_line(&g->blocks[b->next]))
            g->blocks[b->next].code[0].loc = b->code[b->used - 1].loc;
    }
}

/* -- the rest -- */

void pass_direct_absolute_jumps(struct cfg *g)
{
    cfg_start_traversal(g);
    FOR_EACH_BLOCK(g, b) {
        struct instruction *last = last_instruction(b);
        b->visited = g->stamp;
        if (last != NULL && is_unconditional(last->opcode))
            last->opcode =
                g->blocks[last->oparg].visited == g->stamp ? OP_JUMP_ABSOLUTE : OP_JUMP_FORWARD;
    }
}

/* Visit a block if it has been entered at less depth only. */
static void enter(struct cfg *g, int32_t block, int32_t depth)
{
    enum { CEILING = 100 }; /* keeps code whose depth grows in a loop from growing for ever */
    struct block *b = &g->blocks[block];
    if (b->startdepth < depth && b->startdepth < CEILING) {
        b->startdepth = depth;
        cfg_push(g, block);
    }
}

/* An instruction that may lead elsewhere, or whose effect has a rare form. */
OUT_OF_LINE static struct stack_depth run_special(struct cfg *g, const struct instruction *in,
                                                  struct stack_depth d)
{
    const struct opcode_info *info = &g->opcodes[in->opcode];
    if (op_class(in->opcode) & CLASS_TARGET) {
        struct stack_depth there =
            stack_depth_after(d, opcode_stack_effect(info, (uint32_t)in->oparg, true));
        d.deepest = there.deepest;
        enter(g, in->oparg, there.now);
    }
    return stack_depth_after(d, opcode_stack_effect(info, (uint32_t)in->oparg, false));
}

/* Walk a block from its depth; the greatest depth so far. */
static int32_t walk(struct cfg *g, const struct stack_effect *effects, struct block *b,
                    int32_t deepest)
{
    struct stack_depth d = {b->startdepth, deepest};
    FOR_EACH_INSTRUCTION(b, in) {
        const struct stack_effect *e = &effects[in->opcode];
        if (__builtin_expect(!e->turns, 1)) {
            d = stack_depth_after(d, stack_effect_change(e, in->oparg));
            continue;
        }
        d = run_special(g, in, d);
        if (is_unconditional(in->opcode) || is_exit(in->opcode))
            return d.deepest;
    }
    if (b->next >= 0)
        enter(g, b->next, d.now);
    return d.deepest;
}

void pass_first_graph_stackdepth(struct cfg *g)
{
    const struct stack_effect *effects = stack_effects_of(g->c->effects, g->opcodes);
    int32_t deepest = 0;
    for (uint32_t i = 0; i < g->block_count; i++)
        g->blocks[i].startdepth = INT32_MIN;
    cfg_start_traversal(g);
    enter(g, g->entry, g->u->is_generator_like ? 1 : 0);
    for (int32_t n; (n = cfg_pop(g)) >= 0;)
        deepest = walk(g, effects, &g->blocks[n], deepest);
    g->stacksize = deepest;
}

/* A copy of names that lasts. */
static const identifier *keep(struct cfg *g, const identifier *names, uint32_t count)
{
    identifier *copy = arena_alloc_array(g->arena, count, sizeof *copy);
    if (count != 0)
        memcpy(copy, names, count * sizeof *copy);
    return copy;
}

void lay_out_varnames(struct cfg *g, struct code *code)
{
    enum { CO_NOFREE = 0x40 };
    code->varnames = keep(g, g->u->varnames.items, g->u->varnames.count);
    code->varname_count = g->u->varnames.count;
    code->nlocals = (int)g->u->varnames.count;
    code->stacksize = g->stacksize;
    if (g->u->freevars.count == 0 && g->u->cellvars.count == 0)
        code->flags |= CO_NOFREE;
}
