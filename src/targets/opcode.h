/* The union of all opcodes of all targets, and what a target knows of each.
 *
 * `enum opcode` names a mnemonic; numbers, argument kinds, stack effects and inline caches differ
 * by release and sit in the target's table (opcode_info), which tools/import-opcodes makes from the
 * interpreter.
 */
#ifndef MKPYC_TARGETS_OPCODE_H
#define MKPYC_TARGETS_OPCODE_H

#include <stdbool.h>
#include <stdint.h>

enum opcode {
#define OPCODE(name) OP_##name,
#include "targets/opcodes.def"
#undef OPCODE
    OPCODE_COUNT
};

/* How the stack effect depends on the argument; `base` and `jump` below give the constants. */
enum stack_effect_rule {
    EFFECT_CONSTANT,      /* base (jump when the branch is taken) */
    EFFECT_PLUS_ARG,      /* base + oparg */
    EFFECT_MINUS_ARG,     /* base - oparg */
    EFFECT_MINUS_2ARG,    /* base - 2*oparg */
    EFFECT_LOW_BIT,       /* base + (oparg & 1) */
    EFFECT_MINUS_LOW_BIT, /* base - (oparg & 1) */
    EFFECT_BITS,          /* base - number of set bits among the low four (MAKE_FUNCTION) */
    EFFECT_UNPACK_EX,     /* base + (oparg & 0xFF) + (oparg >> 8) */
    EFFECT_SLICE_3,       /* base - (oparg == 3) */
    EFFECT_FORMAT_SPEC,   /* base - ((oparg & 4) == 4) */
    EFFECT_NOT_LOADABLE   /* has no effect of its own: must not survive to the stack-depth pass */
};

enum opcode_flags {
    OPCODE_HAS_ARG = 1, /* written with a meaningful argument (dis.HAVE_ARGUMENT / hasarg) */
    OPCODE_HAS_CONST = 2,
    OPCODE_HAS_NAME = 4,
    OPCODE_HAS_LOCAL = 8,
    OPCODE_HAS_FREE = 16,
    OPCODE_HAS_JUMP_REL = 32,
    OPCODE_HAS_JUMP_ABS = 64,
    OPCODE_JUMPS_BACK = 128, /* relative jump that goes backward */
    OPCODE_PSEUDO = 256,     /* never written */
    OPCODE_PRESENT = 512,    /* this release has it (real or pseudo) */
};

enum { OPCODE_CACHES_MAX = 10 }; /* no instruction of any release has more */

struct opcode_info {
    uint16_t flags;
    uint8_t number;
    uint8_t caches; /* 2-byte words after the instruction */
    uint8_t rule;   /* enum stack_effect_rule */
    int8_t base;    /* effect when not jumping */
    int8_t jump;    /* effect when jumping (same as base where there is no difference) */
};

/* The change of the stack depth by one instruction, with the branch taken or not. */
static inline int opcode_stack_effect(const struct opcode_info *info, uint32_t oparg, bool jumping)
{
    int base = jumping ? info->jump : info->base;
    switch ((enum stack_effect_rule)info->rule) {
    case EFFECT_CONSTANT:
    case EFFECT_NOT_LOADABLE: return base;
    case EFFECT_PLUS_ARG: return base + (int)oparg;
    case EFFECT_MINUS_ARG: return base - (int)oparg;
    case EFFECT_MINUS_2ARG: return base - 2 * (int)oparg;
    case EFFECT_LOW_BIT: return base + (int)(oparg & 1);
    case EFFECT_MINUS_LOW_BIT: return base - (int)(oparg & 1);
    case EFFECT_BITS:
        return base - (int)((oparg & 1) + (oparg >> 1 & 1) + (oparg >> 2 & 1) + (oparg >> 3 & 1));
    case EFFECT_UNPACK_EX: return base + (int)(oparg & 0xFF) + (int)(oparg >> 8);
    case EFFECT_SLICE_3: return base - (oparg == 3);
    case EFFECT_FORMAT_SPEC: return base - ((oparg & 4) == 4);
    }
    return base;
}

/* The mnemonic, as dis prints it. */
const char *opcode_name(enum opcode op);

#endif
