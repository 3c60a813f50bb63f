/* Stack effects in the form base + factor * (oparg & mask), which needs no case for each rule. */
#ifndef MKPYC_TARGETS_STACK_EFFECT_H
#define MKPYC_TARGETS_STACK_EFFECT_H

#include "targets/opcode.h"

struct stack_effect { /* eight bytes, so that one is soon found */
    int8_t base, factor;
    bool special; /* it has another form */
    bool stops;   /* the same, or it is a CLASS_LATE */
    int16_t mask; /* extended by its sign */
    bool turns;   /* it stops, or control need not go on with what follows */
};

/* What an opcode does to the references on the stack, and to itself: see opt/borrow.c. */
struct reference_effect {
    uint8_t taken;        /* values, */
    int8_t taken_mask;    /* and as many more as these bits of the argument say */
    uint8_t left;         /* values, */
    uint8_t left_mask;    /* and as many more as these bits of the argument say */
    int8_t of_no_local;   /* 0: the first value left is that of a local, -1: it is not */
    int8_t second_is_new; /* 0: the second value left is the lowest taken, -1: it is of no local */
    uint8_t special;      /* it does something else */
    uint8_t becomes;      /* opcode, as the distance to it */
};

/* How an opcode is written where the argument takes one byte: see asm/encode_relative.c. */
struct opcode_form {
    uint8_t start[8]; /* all that is not zero, the argument apart */
    uint32_t units;   /* code units: itself, its inline caches, and */
    uint32_t behind;  /* 1: NOT_TAKEN */
};

/* What the encoder asks of an opcode that may end a block. */
struct jump_form {
    uint16_t directed[2]; /* the opcode that it becomes where it leads backward, forward */
    uint8_t jumps;        /* 1: its argument is a distance, */
    uint8_t beyond;       /* to so many code units behind the start of the target */
    uint8_t falls;        /* 1: a jump that may go on with what follows */
};

/* What a worker has learnt of the opcodes of one target. */
struct opcode_effects {
    /* the target's; NULL: nothing yet */
    const struct opcode_info *stack_of, *references_of, *forms_of;
    struct stack_effect stack[OPCODE_COUNT];
    struct reference_effect references[OPCODE_COUNT];
    struct opcode_form forms[OPCODE_COUNT];
    struct jump_form jumps[OPCODE_COUNT];
};

/* The change of the depth by an opcode that is not special. */
static inline int32_t stack_effect_change(const struct stack_effect *e, int32_t oparg)
{
    return e->base + e->factor * (oparg & e->mask);
}

/* The depth of the stack, and the greatest so far. */
struct stack_depth {
    int32_t now, deepest;
};

/* After such a change of it. */
static inline struct stack_depth stack_depth_after(struct stack_depth d, int32_t change)
{
    d.now += change;
    d.deepest = d.now > d.deepest ? d.now : d.deepest;
    return d;
}

/* The effect of an opcode whose branch is not taken. */
static inline struct stack_effect stack_effect_of(const struct opcode_info *info)
{
    struct stack_effect e = {.base = info->base, .mask = -1};
    switch ((enum stack_effect_rule)info->rule) {
    case EFFECT_CONSTANT:
    case EFFECT_NOT_LOADABLE: e.mask = 0; break;
    case EFFECT_PLUS_ARG: e.factor = 1; break;
    case EFFECT_MINUS_ARG: e.factor = -1; break;
    case EFFECT_MINUS_2ARG: e.factor = -2; break;
    case EFFECT_LOW_BIT:
        e.factor = 1;
        e.mask = 1;
        break;
    case EFFECT_MINUS_LOW_BIT:
        e.factor = -1;
        e.mask = 1;
        break;
    default: e.special = true; break;
    }
    return e;
}

/* The effects of a target's opcodes. */
const struct stack_effect *stack_effects_of(struct opcode_effects *known,
                                            const struct opcode_info *opcodes);

#endif
