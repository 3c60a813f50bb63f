/* What code generation hands to the back end: a linear sequence of instructions with labels, for
 * one code unit.
 *
 * Answers to CPython's instruction_sequence. A label marks the position before the next
 * instruction; jumps carry the label number in oparg until the back end resolves them. For targets
 * whose CPython emits straight into basic blocks (3.10, 3.11), a label is exactly a block of
 * CPython's: its number tells when the block was made (compiler_new_block), its place when it was
 * used (compiler_use_next_block). There the blocks that CPython starts by itself behind a jump or
 * return are labels too. To 3.12 a label starts a block even if nothing jumps to it.
 */
#ifndef MKPYC_CODEGEN_INSTRUCTION_H
#define MKPYC_CODEGEN_INSTRUCTION_H

#include "syntax/ast.h"
#include "targets/opcode.h"

typedef int32_t label; /* -1: none */

/* In the argument of COMPARE_OP, where there is TO_BOOL: the result is made a bool at once. */
enum { COMPARE_TO_BOOL = 16 };

struct instruction {
    uint16_t opcode; /* enum opcode */
    uint16_t size;   /* 0; the back end: in code units, once the jumps are resolved; before, of a
                      * jump: the words that its label's number takes, or 0; of LOAD_GLOBAL: how many
                      * instructions more it is where they are counted, since it has taken in the
                      * PUSH_NULL behind it; asm/words.c: 1 where a block begins */
    int32_t oparg;   /* argument, or label of a jump / SETUP_*; the back end: the target block */
    struct location loc;
    int32_t handler; /* -1; the back end: the block where an exception raised here goes, -1: out of
                        the frame */
};

struct instruction_sequence {
    /* while a unit is in the making its count is behind: see struct unit */
    ARRAY(struct instruction) instructions;
    /* label number -> index of the instruction it stands before, -1: never placed */
    ARRAY(int32_t) labels;
    /* 3.10, 3.11: the labels in the order in which they were placed; empty elsewhere */
    ARRAY(label) placed;
    ARRAY(uint32_t) jumps; /* the instructions whose argument is a label, in order */
};

/* What the sequence ends in: anything, or the `return None` that is added to every body, which may
 * have brought None among the constants. */
enum sequence_end {
    ENDS_ANYHOW,
    ENDS_IN_KNOWN_NONE, /* None stays a constant without that return */
    ENDS_IN_NEW_NONE,   /* None is the last constant, and only that return loads it */
};

/* One code object in the making: what the walk knows when it has left the scope. The arrays belong
 * to the walk, which uses their memory again for the next scope: the back end copies what the
 * finished code object keeps. It may change the sequence and append to the constants. */
struct code_unit {
    struct instruction_sequence sequence;
    /* 3.14+: what replaces ANNOTATIONS_PLACEHOLDER; empty elsewhere */
    struct instruction_sequence annotations_code;
    identifier name, qualname;
    uint8_t end;        /* enum sequence_end */
    bool folds;         /* two constants stand before an operator, or an empty tuple is built */
    bool owns_qualname; /* a class whose qualname is the constant that equal ones are replaced by */
    int argcount, posonlyargcount,
        kwonlyargcount;  /* as in the code object: argcount includes posonlyargcount */
    int parameter_count; /* all parameters, * and ** included: the first varnames */
    int flags; /* CO_*, complete but for CO_NOFREE (to 3.9/3.10), which follows from the variables
                */
    int firstlineno;
    ARRAY(constant) consts;     /* in order of first use, deduplicated within the unit */
    ARRAY(identifier) names;    /* LOAD_NAME, LOAD_GLOBAL, LOAD_ATTR ... */
    ARRAY(identifier) varnames; /* parameters, then other fast locals */
    /* in CPython's order; the argument of LOAD_DEREF, LOAD_CLOSURE, MAKE_CELL ... counts cellvars
     * first, then freevars */
    ARRAY(identifier) cellvars, freevars;
    /* by varname: CO_FAST_HIDDEN (inlined comprehension names); may be shorter than varnames */
    ARRAY(uint8_t) fast_hidden;
    bool is_generator_like; /* generator, coroutine or async generator: to 3.14 the back end inserts
                               the prefix */
    bool takes_next_locations;             /* an instruction has NEXT_LOCATION */
    bool is_class, is_module, is_function; /* scope kind, where the back end asks */
};

#endif
