/* See opcode.h. */
#include "targets/stack_effect.h"

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
        for (unsigned i = 0; i < OPCODE_COUNT; i++)
            known->stack[i] = stack_effect_of(&opcodes[i]);
    known->stack_of = opcodes;
    return known->stack;
}
