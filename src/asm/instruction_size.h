/* The width of an instruction in code units: EXTENDED_ARGs, itself, inline caches. */
#ifndef MKPYC_ASM_INSTRUCTION_SIZE_H
#define MKPYC_ASM_INSTRUCTION_SIZE_H

#include "opt/cfg.h"

static inline uint32_t instruction_size(const struct opcode_info *opcodes,
                                        const struct instruction *in)
{
    int32_t oparg = in->oparg;
    uint32_t size = 1u + opcodes[in->opcode].caches;
    if (oparg > 0xFF)
        size += 1u + (oparg > 0xFFFF) + (oparg > 0xFFFFFF);
    return size;
}

#endif
