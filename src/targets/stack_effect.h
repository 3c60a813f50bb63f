/* Stack effects in the form base + factor * (oparg & mask), which needs no case for each rule. */
#ifndef MKPYC_TARGETS_STACK_EFFECT_H
#define MKPYC_TARGETS_STACK_EFFECT_H

#include "targets/opcode.h"

struct stack_effect {
    int8_t base, factor;
    bool special; /* it has another form */
    uint8_t walk; /* what else a walk wants to know; its own bits */
    uint32_t mask;
};

/* The effect of an opcode whose branch is not taken. */
static inline struct stack_effect stack_effect_of(const struct opcode_info *info)
{
    struct stack_effect e = {.base = info->base, .mask = UINT32_MAX};
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

#endif
