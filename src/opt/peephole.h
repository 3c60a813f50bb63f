/* The peephole optimiser of the releases before the control-flow graph: it rewrites finished code
 * words in place. */
#ifndef MKPYC_OPT_PEEPHOLE_H
#define MKPYC_OPT_PEEPHOLE_H

#include "codegen/instruction.h"
#include "syntax/compilation.h"

/* Code as 2-byte words (number, argument byte) with its line table of (offset, line) byte pairs. */
struct word_code {
    uint8_t *words; /* 2 * count bytes */
    uint32_t count;
    uint8_t *lnotab;
    uint32_t lnotab_length;
};

/* Bytes of argument that a value needs: the size of the instruction in words. */
static inline uint32_t word_size(uint32_t oparg)
{
    return oparg <= 0xFF ? 1 : oparg <= 0xFFFF ? 2 : oparg <= 0xFFFFFF ? 3 : 4;
}

/* The slow path of word_write. */
void word_write_long(uint8_t *words, uint8_t number, uint32_t oparg, uint32_t size);
/* Write one instruction of exactly `size` words. */
static inline void word_write(uint8_t *words, uint8_t number, uint32_t oparg, uint32_t size)
{
    if (size != 1) {
        word_write_long(words, number, oparg, size);
        return;
    }
    words[0] = number;
    words[1] = (uint8_t)oparg;
}

/* What the numbers of a release mean to the optimiser. */
struct peephole_opcodes {
    uint8_t mnemonic[256]; /* number -> index among those known here, 0: nothing special */
};
void peephole_know_opcodes(struct peephole_opcodes *opcodes, const struct opcode_info *info);

/* Optimise `code` in place, whose line table has no gap of 255 bytes; folded tuples are appended to
 * the unit's constants. `is_target` tells of each word, and of one more, whether a jump goes there.
 */
void peephole_optimize(struct compilation *c, struct code_unit *u,
                       const struct peephole_opcodes *opcodes, struct word_code *code,
                       const uint8_t *is_target);

#endif
