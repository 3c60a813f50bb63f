/* See opcode.h. */
#include "targets/stack_effect.h"

#include "targets/opcode_class.h"

const char *opcode_name(enum opcode op)
{
    static const char *const names[OPCODE_COUNT] = {
#define OPCODE(name) [OP_##name] = #name,
#include "targets/opcodes.def"
#undef OPCODE
    };
    return (unsigned)op < OPCODE_COUNT ? names[op] : "?";
}

const struct stack_effect *stack_effects_of(struct opcode_effects *known,
                                            const struct opcode_info *opcodes)
{
    if (known->stack_of != opcodes)
        for (unsigned i = 0; i < OPCODE_COUNT; i++) {
            struct stack_effect *e = &known->stack[i];
            *e = stack_effect_of(&opcodes[i]);
            e->stops = e->special || opcode_classes[i] & CLASS_LATE;
            e->turns = e->stops || opcode_classes[i] & CLASS_FLOW ||
                       opcodes[i].flags & (OPCODE_HAS_JUMP_REL | OPCODE_HAS_JUMP_ABS);
        }
    known->stack_of = opcodes;
    return known->stack;
}
