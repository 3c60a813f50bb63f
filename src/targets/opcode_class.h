/* What an instruction does to control flow, by mnemonic: the same in every release that has it.
 *
 * Numbers, stack effects, caches and the kind of argument differ by release and sit in the target's
 * table. */
#ifndef MKPYC_TARGETS_OPCODE_CLASS_H
#define MKPYC_TARGETS_OPCODE_CLASS_H

#include "targets/opcode.h"

enum opcode_class {
    CLASS_JUMP = 1,          /* may continue at its target; ends its block */
    CLASS_BLOCK_PUSH = 2,    /* SETUP_*: names a handler, goes on with the next instruction */
    CLASS_UNCONDITIONAL = 4, /* a jump that never goes on with the next instruction */
    CLASS_SCOPE_EXIT = 8,    /* leaves the code object */
    CLASS_EVAL_BREAK = 16,   /* the interpreter looks for signals and other threads here */
    CLASS_CONST = 32,        /* the argument is the number of a constant */
    CLASS_LOCAL = 64,        /* matters to the analysis of unbound locals */
    CLASS_CELL = 128,        /* the argument counts cells and free variables */
    CLASS_LATE = 256,        /* replaced by convert_pseudo_ops: SETUP_*, POP_BLOCK, LOAD_CLOSURE,
                                STORE_FAST_MAYBE_NULL */
    CLASS_SWAP = 512,
    CLASS_NOP = 1024,
    CLASS_PLACEHOLDER = 2048,      /* ANNOTATIONS_PLACEHOLDER */
    CLASS_UNBINDS = 4096,          /* may leave a local unbound */
    CLASS_PEEPHOLE = 8192,         /* what optimize_basic_block looks for */
    CLASS_NO_LINE = 16384,         /* of a block: an instruction has no line */
    CLASS_FOLD = 32768,            /* what folding on the graph looks for, besides CLASS_PEEPHOLE */
    CLASS_CONST_USE = 262144,      /* what optimize_load_const looks for behind a constant */
    CLASS_CONST_USED = 524288,     /* of a block: it has such behind LOAD_CONST */
    CLASS_CONST_DROPPED = 1048576, /* of a block: a constant may be used no more */
    CLASS_FLOW_CHANGED = 2097152,  /* of a block: it leads elsewhere than counted */
    CLASS_POP = 131072,            /* POP_TOP */
    CLASS_AWAIT_END = 65536,       /* END_ASYNC_FOR, which may name its await and end its block */
};

#define CLASS_TARGET (CLASS_JUMP | CLASS_BLOCK_PUSH)     /* has a target */
#define CLASS_TERMINATOR (CLASS_JUMP | CLASS_SCOPE_EXIT) /* must be last in its block */
#define CLASS_FLOW (CLASS_TARGET | CLASS_UNCONDITIONAL | CLASS_SCOPE_EXIT) /* flow */
#define CLASS_NO_FALLTHROUGH (CLASS_UNCONDITIONAL | CLASS_SCOPE_EXIT)

extern const uint32_t opcode_classes[OPCODE_COUNT];

#endif
