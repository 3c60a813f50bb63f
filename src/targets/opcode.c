/* See opcode.h. */
#include "targets/opcode.h"

const char *opcode_name(enum opcode op)
{
    static const char *const names[OPCODE_COUNT] = {
#define OPCODE(name) [OP_##name] = #name,
#include "targets/opcodes.def"
#undef OPCODE
    };
    return (unsigned)op < OPCODE_COUNT ? names[op] : "?";
}
