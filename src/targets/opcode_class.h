/* What an instruction does to control flow, by mnemonic: the same in every release that has it.
 *
 * Numbers, stack effects, caches and the kind of argument differ by release and sit in the target's
 * table. */
#ifndef MKPYC_TARGETS_OPCODE_CLASS_H
#define MKPYC_TARGETS_OPCODE_CLASS_H

#include "targets/opcode.h"

enum opcode_class {
    /* of an instruction */
    CLASS_JUMP = 1 << 0,          /* may continue at its target; ends its block */
    CLASS_BLOCK_PUSH = 1 << 1,    /* SETUP_*: names a handler, goes on with the next instruction */
    CLASS_UNCONDITIONAL = 1 << 2, /* a jump that never goes on with the next instruction */
    CLASS_SCOPE_EXIT = 1 << 3,    /* leaves the code object */
    CLASS_EVAL_BREAK = 1 << 4,    /* the interpreter looks for signals and other threads here */
    /* Loads a constant, and what optimize_load_const looks for behind that, RETURN_VALUE apart. Of
     * two classes that concern neighbours the second one has the next bit. */
    CLASS_CONST_LOAD = 1 << 5,
    CLASS_CONST_USE = 1 << 6,
    /* What optimize_basic_block looks for only with one of the next class right behind it. */
    CLASS_PAIR = 1 << 7,
    CLASS_PAIR_END = 1 << 8,
    /* Loads a constant, once more, and what optimize_basic_block makes one with constants for all
     * operands, BINARY_OP apart. */
    CLASS_OPERAND = 1 << 9,
    CLASS_OPERATOR = 1 << 10,
    CLASS_LOCAL = 1 << 11, /* matters to the analysis of unbound locals */
    /* may be one instruction with a CLASS_LOCAL before it */
    CLASS_LOCAL_NEXT = 1 << 12,
    CLASS_CELL = 1 << 13, /* the argument counts cells and free variables */
    /* replaced when the depth of the stack is known: SETUP_*, STORE_FAST_MAYBE_NULL */
    CLASS_LATE = 1 << 14,
    CLASS_SWAP = 1 << 15,
    CLASS_NOP = 1 << 16,
    CLASS_CONST = 1 << 17,     /* the argument is the number of a constant */
    CLASS_AWAIT_END = 1 << 18, /* END_ASYNC_FOR, which may name its await and end its block */
    CLASS_POP_BLOCK = 1 << 19, /* POP_BLOCK: the same, unless it has become a NOP before */
    CLASS_YIELD = 1 << 20,     /* the frame of a generator is made, left or entered again */
    CLASS_JUMP_IF = 1 << 21,   /* replaced by convert_pseudo_conditional_jumps */

    CLASS_COPY_LOAD = 1 << 27, /* may only push a value that is there anyway, and */
    CLASS_POP = 1 << 28,       /* POP_TOP, with which it cancels out */
    CLASS_UNBINDS = 1 << 30,   /* may leave a local unbound */

    /* of a block only */
    CLASS_NO_LINE = 1 << 22,    /* an instruction may have no line where lines have not passed */
    CLASS_CONST_USED = 1 << 23, /* it has a CLASS_CONST_USE behind a CLASS_CONST_LOAD */
    CLASS_PAIRED = 1 << 24, /* it has a CLASS_PAIR_END behind a CLASS_PAIR, or such an operator */
    CLASS_CONST_DROPPED = 1 << 25, /* a constant may be used no more */
    CLASS_FLOW_CHANGED = 1 << 26,  /* it leads elsewhere than counted */
    CLASS_POPPED = 1 << 29, /* it may have a CLASS_POP behind a CLASS_COPY_LOAD, NOPs apart */
};

/* What optimize_basic_block looks for else, jumps apart; with BINARY_OP only where code generation
 * has seen two constants before it. No enum reaches as far. */
#define CLASS_PEEPHOLE (1u << 31)

#define CLASS_TARGET (CLASS_JUMP | CLASS_BLOCK_PUSH)     /* has a target */
#define CLASS_TERMINATOR (CLASS_JUMP | CLASS_SCOPE_EXIT) /* must be last in its block */
/* says where control goes on */
#define CLASS_FLOW (CLASS_TARGET | CLASS_UNCONDITIONAL | CLASS_SCOPE_EXIT)
#define CLASS_NO_FALLTHROUGH (CLASS_UNCONDITIONAL | CLASS_SCOPE_EXIT)

extern const uint32_t opcode_classes[OPCODE_COUNT];

#endif
