/* The graph from the linear sequence, and how it grows.
 *
 * Answers to instr_sequence_to_cfg and the cfg_builder of CPython's flowgraph.c: a block starts at
 * a label (in the later releases, one that something jumps to) and behind an instruction that ends
 * its block. Labels at one place are one block, the last of them.
 */
#include "opt/passes.h"
#include "util/copy.h"

_Noreturn void cfg_malformed(struct cfg *g)
{
    diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_SYSTEM_ERROR,
                           "malformed control flow graph.");
}

/* Room for one more block. */
static void grow_blocks(struct cfg *g)
{
    uint32_t capacity = g->block_capacity < 64 ? 64 : g->block_capacity * 2;
    if (capacity <= g->block_capacity)
        unwind_to(g->arena->unwind, UNWIND_NO_MEMORY);
    struct block *blocks = arena_alloc_array(g->arena, capacity, sizeof *blocks);
    if (g->block_count != 0)
        memcpy(blocks, g->blocks, g->block_count * sizeof *blocks);
    g->blocks = g->scratch->blocks = blocks;
    g->block_capacity = g->scratch->block_capacity = capacity;
}

/* A new block that nothing is known about. Field by field, since compilers write a constant mostly
 * of zeros by an instruction that takes long to start. */
static inline struct block *new_block(struct cfg *g)
{
    if (g->block_count == g->block_capacity)
        grow_blocks(g);
    struct block *b = &g->blocks[g->block_count];
    b->code = NULL;
    b->used = b->capacity = 0;
    b->number = (int32_t)g->block_count++;
    b->beside = (int32_t)g->block_count;
    b->next = -1;
    b->classes = 0;
    cfg_forget_nops(b);
    b->predecessors = 0;
    b->visited = 0;
    b->label = NO_LABEL;
    b->startdepth = NOT_REACHED;
    b->offset = 0;
    b->scanned = b->preserve_lasti = b->except_handler = b->waits = b->cold = false;
    b->exit = b->nofallthrough = b->behind_empty = b->caught = b->locals_met = b->borrowed = false;
    b->except_stack = 0;
    b->pushes_from = b->pushes_end = 0;
    b->rank = g->next_label++;
    b->unsafe_locals = b->scanned_locals = 0;
    return b;
}

int32_t cfg_new_block(struct cfg *g)
{
    return new_block(g)->number;
}

/* Memory for the instructions of a block that has outgrown its place: it lasts as long as the unit
 * is worked on. */
static struct instruction *spill(struct cfg *g, uint32_t count)
{
    struct backend_scratch *s = g->scratch;
    if (count > s->spill_capacity - g->spilled) {
        s->spill_capacity = count < 512 ? 1024 : count * 2;
        if (s->spill_capacity <= count)
            unwind_to(g->arena->unwind, UNWIND_NO_MEMORY);
        s->spill = arena_alloc_array(g->arena, s->spill_capacity, sizeof *s->spill);
        g->spilled = 0;
    }
    g->spilled += count;
    g->spill_total += count;
    return &s->spill[g->spilled - count];
}

struct instruction *cfg_append(struct cfg *g, struct block *b, uint32_t count)
{
    if (count > b->capacity - b->used) {
        uint32_t capacity = b->used + count + (b->used + count) / 4 + 2;
        if (capacity < b->used)
            unwind_to(g->arena->unwind, UNWIND_NO_MEMORY);
        struct instruction *code = spill(g, capacity);
        if (b->capacity != 0)
            memcpy(code, b->code, b->capacity * sizeof *code);
        for (uint32_t i = b->capacity; i < capacity; i++)
            code[i].handler = -1;
        b->code = code;
        b->capacity = capacity;
    }
    b->used += count;
    return &b->code[b->used - count];
}

struct instruction *cfg_prepend(struct cfg *g, struct block *b, uint32_t count)
{
    uint32_t used = b->used;
    cfg_append(g, b, count);
    memmove(b->code + count, b->code, used * sizeof *b->code);
    if (b->classes & CLASS_NOP)
        cfg_scatter_nops(b);
    return b->code;
}

struct instruction *cfg_insert_before_last(struct cfg *g, struct block *b, uint32_t count)
{
    cfg_append(g, b, count);
    uint32_t at = b->used - count - 1;
    b->code[b->used - 1] = b->code[at];
    return &b->code[at];
}

int32_t *cfg_numbers(struct cfg *g, uint32_t count)
{
    struct backend_scratch *s = g->scratch;
    if (count > s->number_capacity) {
        s->number_capacity = count * 2;
        s->numbers = arena_alloc_array(g->arena, s->number_capacity, sizeof *s->numbers);
    }
    if (count != 0)
        memset(s->numbers, 0, count * sizeof *s->numbers);
    return s->numbers;
}

struct byte_string cfg_keep_bytes(struct cfg *g, const struct byte_array *bytes)
{
    uint8_t *copy = arena_alloc(g->arena, bytes->count);
    copy_steps(copy, bytes->items, bytes->count);
    return (struct byte_string){copy, bytes->count};
}

uint32_t *cfg_name_index(struct cfg *g)
{
    struct backend_scratch *s = g->scratch;
    if (g->c->strings.count > s->name_index_capacity) {
        s->name_index_capacity = g->c->strings.count * 2;
        s->name_index = arena_alloc_array(g->arena, s->name_index_capacity, sizeof *s->name_index);
        memset(s->name_index, 0, s->name_index_capacity * sizeof *s->name_index);
    }
    return s->name_index;
}

/* Room for the marks of a sequence of `count` instructions, and one more; there are none yet. */
static void reserve_marks(struct cfg *g, uint32_t count)
{
    struct backend_scratch *s = g->scratch;
    if (count + 1 > s->block_at_capacity) {
        s->block_at_capacity = count < 512 ? 1024 : count * 2;
        if (s->block_at_capacity <= count)
            unwind_to(g->arena->unwind, UNWIND_NO_MEMORY);
        s->block_at = arena_alloc_array(g->arena, s->block_at_capacity, sizeof *s->block_at);
        memset(s->block_at, 0, s->block_at_capacity * sizeof *s->block_at);
        s->unplaced = arena_alloc_array(g->arena, s->block_at_capacity, sizeof *s->unplaced);
    }
}

/* Take the marks away. */
static void clear_marks(struct cfg *g)
{
    const struct instruction_sequence *q = &g->u->sequence;
    for (uint32_t l = 0; l < q->labels.count; l++)
        if (q->labels.items[l] >= 0)
            g->scratch->block_at[q->labels.items[l]] = 0;
    g->scratch->block_at[q->instructions.count] = 0;
}

/* END_ASYNC_FOR, where it names its await. */
static unsigned await_end_class(const struct cfg *g)
{
    return g->opcodes[OP_END_ASYNC_FOR].flags & OPCODE_HAS_JUMP_REL ? CLASS_AWAIT_END : 0;
}

/* Give block `b` the instructions from `in` to where the next block starts, as `mark` and the marks
 * behind it say; returns how many. Those without a line are listed at `*unplaced`, but for the
 * block's first. */
static inline uint32_t fill_block(struct cfg *g, struct block *b, struct instruction *in,
                                  const int32_t *mark, unsigned ends,
                                  struct instruction ***unplaced)
{
    const int32_t *next = mark + 1; /* what starts at the next instruction */
    struct instruction **to = *unplaced;
    unsigned class = op_class(in->opcode), classes = class, behind = 0;
    bool placed = in->loc.lineno >= 0;
    b->code = in;
    while (((class & ends) | (unsigned)*next) == 0) {
        unsigned before = class;
        in++;
        next++;
        class = op_class(in->opcode);
        classes |= class;
        behind |= before << 1 & class; /* see where the classes are numbered */
        *to = in;
        to += (uint32_t)in->loc.lineno >> 31;
    }
    uint32_t count = (uint32_t)(next - mark);
    b->used = b->capacity = count;
    classes |= (placed & (to == *unplaced)) ? 0 : CLASS_NO_LINE;
    classes |= behind & CLASS_CONST_USE ? CLASS_CONST_USED : 0;
    classes |= behind & (CLASS_PAIR_END | CLASS_OPERATOR) ? CLASS_PAIRED : 0;
    classes |= behind & CLASS_POP ? CLASS_POPPED : 0;
    b->classes = classes;
    b->nops_from = classes & CLASS_NOP ? 0 : UINT32_MAX;
    b->nops_end = classes & CLASS_NOP ? count : 0;
    b->locals_met = behind & CLASS_LOCAL_NEXT;
    g->seen |= classes;
    g->leads_on |= (count == 1) & ((class & (CLASS_UNCONDITIONAL | CLASS_JUMP_IF)) != 0);
    *unplaced = to;
    return count;
}

/* Cut the sequence into blocks. block_at has 1 + the number of the label that starts a block, or 0;
 * for a label it becomes the block. */
static void cut_blocks(struct cfg *g, uint32_t count)
{
    unsigned ends = CLASS_TERMINATOR | await_end_class(g);
    int32_t *mark = g->scratch->block_at, *end = mark + count;
    struct instruction *in = g->u->sequence.instructions.items;
    struct instruction **unplaced = g->scratch->unplaced;
    g->seen = 0;
    *end = -1; /* nothing starts there, but the last block ends */
    while (mark != end) {
        struct block *b = new_block(g);
        bool labelled = *mark > 0;
        b->label = *mark - 1; /* NO_LABEL if it has none */
        b->rank = either(labelled, *mark - 1, b->rank);
        *mark = either(labelled, b->number, 0);
        b->next = b->beside;
        uint32_t used = fill_block(g, b, in, mark, ends, &unplaced);
        in += used;
        mark += used;
    }
    g->unplaced = (uint32_t)(unplaced - g->scratch->unplaced);
    g->blocks[g->block_count - 1].next = -1;
    g->entry = 0;
}

/* Look at the sequence; only where jumps lead is marked as the start of a block. */
static void start_build(struct cfg *g)
{
    const struct instruction_sequence *q = &g->u->sequence;
    uint32_t count = q->instructions.count;

    g->block_count = 0;
    g->next_label = (int32_t)q->labels.count;
    if (count == 0)
        cfg_malformed(g);
    reserve_marks(g, count);
    for (uint32_t j = 0; j < q->jumps.count; j++) {
        int32_t label = q->instructions.items[q->jumps.items[j]].oparg;
        if ((uint32_t)label >= q->labels.count || (uint32_t)q->labels.items[label] >= count)
            cfg_malformed(g);
        g->scratch->block_at[q->labels.items[label]] = label + 1;
    }
}

/* Cut into blocks and let the jumps name them. */
static void finish_build(struct cfg *g)
{
    const struct instruction_sequence *q = &g->u->sequence;
    cut_blocks(g, q->instructions.count);
    for (uint32_t j = 0; j < q->jumps.count; j++) {
        struct instruction *i = &q->instructions.items[q->jumps.items[j]];
        i->oparg = g->scratch->block_at[q->labels.items[i->oparg]];
    }
}

/* Leave out the return that each function ends with where control never gets there. It would be a
 * block that is emptied at once, behind all others, so nothing else depends on it. */
static void leave_out_return(struct cfg *g)
{
    enum { RETURN_LENGTH = 2 };
    struct instruction_sequence *q = &g->u->sequence;
    uint32_t count = q->instructions.count;
    if (count <= RETURN_LENGTH)
        return;
    const struct instruction *last = &q->instructions.items[count - 1];
    const int32_t *mark = &g->scratch->block_at[count - 1];
    unsigned before = op_class(last[-RETURN_LENGTH].opcode), load = op_class(last[-1].opcode);
    bool unreached = ((before & CLASS_NO_FALLTHROUGH) != 0) & ((load & CLASS_CONST_LOAD) != 0) &
                     ((mark[-1] | mark[0]) == 0);
    bool constant = unreached & ((load & CLASS_CONST) != 0);
    q->instructions.count = count - RETURN_LENGTH * unreached;
    g->consts_dropped |= constant & (g->u->end == ENDS_ANYHOW);
    g->last_const_dropped |= constant & (g->u->end == ENDS_IN_NEW_NONE);
}

void pass_cut_at_jump_targets(struct cfg *g)
{
    start_build(g);
    leave_out_return(g);
    finish_build(g);
    clear_marks(g);
}

/* Put what evaluates the module's annotations in the place of ANNOTATIONS_PLACEHOLDER, or drop
 * that. */
static void splice_annotations(struct cfg *g)
{
    struct instruction_sequence *q = &g->u->sequence;
    const struct instruction_sequence *inner = &g->u->annotations_code;
    uint32_t at = 0, count = inner->instructions.count, used = q->instructions.count;
    while (at < used && q->instructions.items[at].opcode != OP_ANNOTATIONS_PLACEHOLDER)
        at++;
    if (at == used)
        return;
    array_reserve(g->arena, &q->instructions, count);
    struct instruction *items = q->instructions.items;
    memmove(items + at + count, items + at + 1, (used - at - 1) * sizeof *items);
    if (count != 0)
        memcpy(items + at, inner->instructions.items, count * sizeof *items);
    q->instructions.count = used - 1 + count;
    for (uint32_t l = 0; l < q->labels.count; l++)
        if (q->labels.items[l] > (int32_t)at)
            q->labels.items[l] += (int32_t)count - 1;
    for (uint32_t j = 0; j < q->jumps.count; j++)
        if (q->jumps.items[j] > at)
            q->jumps.items[j] += count - 1;
}

void pass_cut_at_jump_targets_around_annotations(struct cfg *g)
{
    if (g->u->is_module)
        splice_annotations(g);
    pass_cut_at_jump_targets(g);
}

/* Each label starts a block: the one placed last, or the one with the highest number, names it. */
static void mark_labels(struct cfg *g)
{
    const struct instruction_sequence *q = &g->u->sequence;
    uint32_t count = q->placed.count != 0 ? q->placed.count : q->labels.count;
    for (uint32_t n = 0; n < count; n++) {
        int32_t label = q->placed.count != 0 ? q->placed.items[n] : (int32_t)n;
        if ((uint32_t)label >= q->labels.count)
            cfg_malformed(g);
        uint32_t at = (uint32_t)q->labels.items[label];
        if (at < q->instructions.count)
            g->scratch->block_at[at] = label + 1;
    }
}

/* Where two labels stand in one place, the block of the first is empty. */
static void note_empty_blocks(struct cfg *g)
{
    const struct instruction_sequence *q = &g->u->sequence;
    for (uint32_t n = 1; n < q->placed.count; n++) {
        int32_t at = q->labels.items[q->placed.items[n]];
        if (at == q->labels.items[q->placed.items[n - 1]] && (uint32_t)at < q->instructions.count)
            g->blocks[g->scratch->block_at[at]].behind_empty = true;
    }
}

void pass_cut_at_labels(struct cfg *g)
{
    start_build(g);
    mark_labels(g);
    finish_build(g);
    note_empty_blocks(g);
    clear_marks(g);
    if (g->blocks[g->entry].label == NO_LABEL)
        g->blocks[g->entry].rank = -1; /* made before all others */
}

void pass_cut_at_numbered_labels(struct cfg *g)
{
    const struct instruction_sequence *q = &g->u->sequence;
    start_build(g);
    mark_labels(g);
    finish_build(g);
    clear_marks(g);
    for (uint32_t j = 0; j < q->jumps.count; j++) {
        struct instruction *i = &q->instructions.items[q->jumps.items[j]];
        i->size = (uint16_t)argument_words(g->blocks[i->oparg].label);
    }
}
