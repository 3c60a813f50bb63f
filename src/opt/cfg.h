/* The control-flow graph of one code unit.
 *
 * Blocks are numbers; b->next is the block behind in the order of the code (-1: none), which is
 * also where control goes when the block falls through. A block's instructions are contiguous, and
 * stay in the memory of the sequence until the block outgrows its place there. A jump or SETUP_* is
 * last in its block (SETUP_* anywhere), and its oparg is the number of its target block. All arrays
 * belong to the scratch memory and serve unit after unit.
 *
 * `classes` of a block says what it may hold: who writes an instruction must add its classes
 * (cfg_set_nop and cfg_set do), and passes skip the blocks that have nothing for them.
 */
#ifndef MKPYC_OPT_CFG_H
#define MKPYC_OPT_CFG_H

#include "targets/stack_effect.h"
#include "opt/backend.h"
#include "targets/opcode_class.h"

/* For what is rare, so that what calls it need not keep registers for it. */
#define OUT_OF_LINE __attribute__((noinline))

/* `yes` or `no`, chosen without a branch. */
static inline int32_t either(bool condition, int32_t yes, int32_t no)
{
    return no ^ ((no ^ yes) & -(int32_t)condition);
}

struct block {
    struct instruction *code;
    uint32_t used;
    int32_t number; /* its own */
    int32_t beside; /* that of the block behind it in memory */
    int32_t next;
    /* of its instructions, CLASS_NO_LINE too; those that went may still be counted */
    uint32_t classes;
    uint32_t nops_from, nops_end; /* the instructions among which all NOPs are */
    int32_t predecessors;
    uint32_t visited;   /* equal to g->stamp: seen by the traversal under way */
    int32_t label;      /* number of its label, NO_LABEL: none */
    int32_t startdepth; /* of the stack, from the stack-depth pass on; before, NOT_REACHED */
    uint32_t offset;    /* of the first instruction, in code units */
    bool scanned;
    bool preserve_lasti; /* a handler that keeps the offset of the instruction that raised */
    bool except_handler;
    bool waits;               /* lacks a location that the only block before it may have */
    bool cold;                /* a handler, or reached through handlers only */
    bool caught;              /* an instruction may have a handler */
    bool locals_met;          /* a CLASS_LOCAL_NEXT may stand behind a CLASS_LOCAL */
    bool exit, nofallthrough; /* noted once, not derived (3.10) */
    bool behind_empty;        /* CPython has an empty block before it (3.10) */
    bool borrowed;            /* its loads of locals borrow where they may (3.14+) */
    uint32_t capacity;
    /* node of the handlers in force at the start; only while they are labelled */
    int32_t except_stack;
    uint32_t pushes_from, pushes_end; /* the nodes that its SETUP_* made */
    int32_t rank;                     /* the place among the blocks in the order of their making */
    uint64_t unsafe_locals;           /* may be unbound at the start */
    uint64_t scanned_locals;          /* the same when the block was last looked at */
};

enum { NO_LABEL = -1, NOT_REACHED = -1 };

/* A handler on the stack of handlers. */
struct except_node {
    int32_t handler; /* block */
    int32_t parent;  /* node below, -1: none */
    int32_t depth;
};

struct cfg {
    struct compilation *c;
    struct code_unit *u;
    const struct opcode_info *opcodes;
    struct arena *arena;
    struct block *blocks;
    uint32_t block_count, block_capacity;
    int32_t entry;
    uint32_t stamp;
    /* the classes of all instructions that the unit has had; who writes one of a class that a pass
     * asks for here adds it */
    unsigned seen;
    bool leads_on; /* a block starts with a jump, which may lead on those that go there */
    /* Lines have been passed on, and no block is left that waits for one: what still starts without
     * is a handler, to which none is passed, or several ways lead there, and it is no exit, for
     * exits have been copied. False again where an instruction without a line is written, or blocks
     * lose predecessors. */
    bool lines_passed;
    bool no_nops;       /* there are none; who makes one since the first are removed says so */
    bool no_idle_jumps; /* none leads to what comes next; false where blocks move or become empty */
    bool pushes_known;  /* blocks that are reached know the nodes that their SETUP_* made */
    bool counted;       /* predecessors are, but may not hold any more */
    bool reached;       /* they hold but for CLASS_FLOW_CHANGED */
    /* classes that no block has; found when NOPs and pairs are removed, and who gives a block one
     * of them later takes it out */
    unsigned absent;
    bool consts_indexed; /* scratch->const_index is that of this unit */
    bool consts_dropped; /* a block with constants has gone, but for the return added at the end */
    bool last_const_dropped; /* that return has gone, which alone has loaded the last constant */
    bool passes_empty;       /* control may pass through a block without instructions */
    bool cold_in_doubt;      /* blocks were copied since they were found to be cold or not */
    bool borrows_later;      /* a block that may borrow has not yet */
    uint32_t unplaced;       /* how many instructions scratch->unplaced has */
    uint32_t spilled;
    uint32_t spill_total; /* with those in memory that was too small for more */
    int stacksize;
    int nlocalsplus;
    uint32_t code_size;         /* in code units */
    int32_t next_label;         /* for labels of blocks made here */
    const int32_t *cell_places; /* cell or free variable -> place in localsplus */
    struct backend_scratch *scratch;
};

/* A piece of a block on its way into co_code, up to its next jump (3.10). */
struct laid_block {
    struct block *block;      /* that starts here; NULL: it goes on */
    struct instruction *jump; /* whose argument is a distance, or NULL */
    int32_t target;           /* of the jump, a block */
    uint32_t fixed_size;      /* of everything but the jump, in code units */
    uint32_t jump_size;       /* of the jump; 0: there is none */
};

/* A jump at the end of a block on its way into co_code (3.11 and later); sizes are in code units,
 * inline caches and NOT_TAKEN among them. */
struct laid_jump {
    struct instruction *in;
    int32_t block, target;
    uint32_t end;         /* where the block ends, counted from the start of the code */
    uint32_t size;        /* that its argument asks for */
    uint32_t placed_size; /* that it has where the blocks are placed now */
};

/* A block, and the one before it in the order of the code (for the first, itself). */
struct exit_place {
    struct block *block, *before;
};

/* Code from `start`, in code units, up to where the next one of its kind starts: all of one
 * location, or with one handler in force (a block, -1: none). */
struct location_run {
    const struct instruction *first;
    uint32_t start;
};
struct caught_run {
    int32_t handler;
    uint32_t start;
};

struct byte_array {
    uint8_t *items;
    uint32_t count, capacity;
};

/* Memory that serves unit after unit. */
struct backend_scratch {
    const struct backend_pass *passes_of_one_block; /* those behind the first for such a graph */
    struct block *blocks;
    uint32_t block_capacity;
    int32_t *block_at; /* sequence index -> what starts there, see cut_blocks; zero between uses */
    uint32_t block_at_capacity;
    /* the instructions that were cut without a line, but for the first ones of blocks; there is
     * room for as many as marks */
    struct instruction **unplaced;
    ARRAY(int32_t) stack; /* of blocks, for traversals */
    ARRAY(struct laid_block) laid;
    ARRAY(struct laid_jump) jumps;
    ARRAY(struct location_run) runs;
    ARRAY(struct caught_run) caught;
    ARRAY(struct except_node) except_nodes;
    ARRAY(int32_t) references; /* the stack of the block at hand */
    /* of blocks that have outgrown their place; cfg.spilled are in use */
    struct instruction *spill;
    uint32_t spill_capacity;
    struct byte_array code; /* co_code while it is written, in a block of its own */
    /* the table of lines (to 3.10) and that of exceptions while they are written */
    struct byte_array bytes, exceptions;
    ARRAY(struct exit_place) exits;
    ARRAY(struct instruction *) nops;        /* of the block at hand */
    ARRAY(uint32_t) places;                  /* of what a pass looks for, in the block at hand */
    ARRAY(struct instruction *) const_users; /* those that name a constant */
    uint32_t *const_index; /* constant id -> 1 + index in the unit; zero between uses */
    uint32_t const_index_capacity;
    uint32_t *name_index; /* identifier -> 1 + index; zero between uses */
    uint32_t name_index_capacity;
    int32_t *numbers; /* anything else */
    uint32_t number_capacity;
};

static inline unsigned op_class(unsigned opcode)
{
    return opcode_classes[opcode];
}

/* The last instruction of a block, or NULL. */
static inline struct instruction *last_instruction(const struct block *b)
{
    return b->used != 0 ? &b->code[b->used - 1] : NULL;
}

/* The classes of the last instruction of a block, 0: there is none. Found without a branch, which
 * would often be wrong. */
static inline unsigned end_class(const struct block *b)
{
    unsigned any = b->used != 0;
    return op_class(b->code[b->used - any].opcode) & (0 - any);
}

/* Can control go on with the next block? */
static inline bool falls_through(const struct block *b)
{
    return !(end_class(b) & CLASS_NO_FALLTHROUGH);
}

/* Does the block end in something that leaves the code object? */
static inline bool exits_scope(const struct block *b)
{
    return end_class(b) & CLASS_SCOPE_EXIT;
}

/* The jump at the end of a block, or NULL; with CLASS_UNCONDITIONAL only a jump that always jumps.
 */
static inline struct instruction *last_jump(const struct block *b, unsigned classes)
{
    return end_class(b) & classes ? &b->code[b->used - 1] : NULL;
}

/* The first block from `b` on that has instructions, -1: none. */
static inline int32_t next_nonempty_block(const struct cfg *g, int32_t b)
{
    while (b >= 0 && g->blocks[b].used == 0)
        b = g->blocks[b].next;
    return b;
}

/* What a block must remember when an instruction of one opcode's classes becomes one of other
 * classes. */
static inline unsigned classes_of_change(unsigned before, unsigned now)
{
    unsigned dropped = (before & CLASS_CONST) * (CLASS_CONST_DROPPED / CLASS_CONST);
    return now | dropped | ((before ^ now) & CLASS_FLOW ? CLASS_FLOW_CHANGED : 0);
}

/* An instruction of `b` is a NOP. */
static inline void cfg_note_nop(struct block *b, const struct instruction *i)
{
    uint32_t at = (uint32_t)(i - b->code);
    b->classes |= CLASS_NOP;
    b->nops_from = at < b->nops_from ? at : b->nops_from;
    b->nops_end = at >= b->nops_end ? at + 1 : b->nops_end;
}

/* The NOPs of `b` may be anywhere in it. */
static inline void cfg_scatter_nops(struct block *b)
{
    b->nops_from = 0;
    b->nops_end = UINT32_MAX;
}

/* There is none in `b`. */
static inline void cfg_forget_nops(struct block *b)
{
    b->nops_from = UINT32_MAX;
    b->nops_end = 0;
}

/* Turn an instruction of `b` into a NOP. */
static inline void cfg_set_nop(struct block *b, struct instruction *i)
{
    b->classes |= classes_of_change(opcode_classes[i->opcode], CLASS_NOP);
    i->opcode = OP_NOP;
    i->oparg = 0;
    cfg_note_nop(b, i);
}

/* An instruction of `b` has no line. */
static inline void cfg_note_no_line(struct cfg *g, struct block *b)
{
    b->classes |= CLASS_NO_LINE;
    g->lines_passed = false;
}

/* Change an instruction of `b`. */
static inline void cfg_set(struct block *b, struct instruction *i, unsigned opcode, int32_t oparg)
{
    unsigned now = opcode_classes[opcode];
    bool pops = now & CLASS_POP ||
                (now & CLASS_COPY_LOAD && i + 1 < b->code + b->used && i[1].opcode == OP_POP_TOP);
    b->classes |= classes_of_change(opcode_classes[i->opcode], now) | (pops ? CLASS_POPPED : 0);
    i->opcode = (uint16_t)opcode;
    i->oparg = oparg;
}

/* Move the instructions from `from` to `end` down to `to`; returns where the next ones go. */
static inline struct instruction *
cfg_move_run(struct instruction *to, const struct instruction *from, const struct instruction *end)
{
    size_t count = (size_t)(end - from);
    if (to != from && count != 0)
        memmove(to, from, count * sizeof *to);
    return to + count;
}

/* Does no block have any of some classes, those that have left the order of the code included? */
static inline bool cfg_have_no(const struct cfg *g, unsigned classes)
{
    unsigned all = 0;
    if ((g->absent & classes) == classes)
        return true;
    for (uint32_t i = 0; i < g->block_count; i++)
        all |= g->blocks[i].classes;
    return !(all & classes);
}

/* Room for `count` instructions before the last one of a block; they count as used. */
struct instruction *cfg_insert_before_last(struct cfg *g, struct block *b, uint32_t count);

/* The words that an argument takes, the instruction itself among them; one for a label that is not
 * there. */
static inline uint32_t argument_words(int32_t oparg)
{
    return 1u + (oparg > 0xFF) + (oparg > 0xFFFF) + (oparg > 0xFFFFFF);
}

/* The block behind `b` in the order of the code, or NULL. A guess that nearly always holds, so that
 * a walk need not wait for one block to know where the next one is. */
static inline struct block *cfg_block_behind(struct cfg *g, struct block *b)
{
    if (__builtin_expect(b->next == b->beside, 1))
        return b + 1;
    return b->next < 0 ? NULL : &g->blocks[b->next];
}

/* All blocks, in the order of the code; `b` must not be kept over cfg_new_block. */
#define FOR_EACH_BLOCK(g, b)                                                                       \
    for (struct block *b = &(g)->blocks[(g)->entry]; b != NULL; b = cfg_block_behind((g), b))

/* The instructions of a block, which must not grow meanwhile. */
#define FOR_EACH_INSTRUCTION(b, in)                                                                \
    for (struct instruction *in = (b)->code, *in##_end = in + (b)->used; in != in##_end; in++)

/* Room to list that many of what a pass looks for. It is listed first, without a branch for each
 * that asks whether it is meant: that would often be wrong. */
static inline uint32_t *cfg_places(struct cfg *g, uint32_t count)
{
    struct backend_scratch *s = g->scratch;
    s->places.count = 0;
    array_reserve(g->arena, &s->places, count);
    return s->places.items;
}

/* A new block with no instructions, in no order yet. Moves all blocks. */
int32_t cfg_new_block(struct cfg *g);
/* Room for `count` more instructions at the end of a block; they count as used. */
struct instruction *cfg_append(struct cfg *g, struct block *b, uint32_t count);
/* Add copies of the instructions of `from`, maybe `b` itself, at the end of `b`; returns them. */
static inline struct instruction *cfg_append_copy(struct cfg *g, struct block *b,
                                                  const struct block *from)
{
    uint32_t count = from->used;
    struct instruction *to = cfg_append(g, b, count);
    memcpy(to, from->code, count * sizeof *to);
    b->classes |= from->classes;
    if (from->classes & CLASS_NOP)
        cfg_scatter_nops(b);
    b->caught |= from->caught;
    b->locals_met |= from->locals_met;
    g->pushes_known &= !(from->classes & CLASS_BLOCK_PUSH);
    if (from->classes & (CLASS_OPERATOR | CLASS_PEEPHOLE))
        b->classes |= CLASS_PAIRED; /* maybe its operands are constants now */
    g->seen |= b->classes;
    return to;
}
/* Room for `count` instructions at the start of a block. */
struct instruction *cfg_prepend(struct cfg *g, struct block *b, uint32_t count);
/* Zeroed scratch numbers, good until the next call. */
int32_t *cfg_numbers(struct cfg *g, uint32_t count);
/* identifier -> 1 + index, all zero; whoever sets entries clears them. */
uint32_t *cfg_name_index(struct cfg *g);
/* A table, kept for the code object. */
struct byte_string cfg_keep_bytes(struct cfg *g, const struct byte_array *bytes);
/* "SystemError: malformed control flow graph." */
_Noreturn void cfg_malformed(struct cfg *g);

/* A new traversal: nothing is visited, the stack is empty. */
static inline void cfg_start_traversal(struct cfg *g)
{
    g->stamp++;
    g->scratch->stack.count = 0;
}
static inline void cfg_push(struct cfg *g, int32_t b)
{
    array_push(g->arena, &g->scratch->stack, b);
}
/* -1: the stack is empty. */
static inline int32_t cfg_pop(struct cfg *g)
{
    return g->scratch->stack.count != 0 ? g->scratch->stack.items[--g->scratch->stack.count] : -1;
}

#endif
