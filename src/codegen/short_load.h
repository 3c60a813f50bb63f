/* Constants that an instruction loads without the unit's table of constants. CPython's code
 * generation writes LOAD_CONST for all, and its optimize_load_const makes them what they are and
 * drops from the table what nothing loads any more, but for its first entry; here they are written
 * as they will be, and only the first entry is made. */
#ifndef MKPYC_CODEGEN_SHORT_LOAD_H
#define MKPYC_CODEGEN_SHORT_LOAD_H

#include "syntax/compilation.h"
#include "targets/target.h"

/* Arguments of LOAD_COMMON_CONSTANT that stand for plain values; those below are functions and
 * types. */
enum common_value {
    COMMON_NONE = 7,
    COMMON_EMPTY_STRING,
    COMMON_TRUE,
    COMMON_FALSE,
    COMMON_MINUS_ONE
};

/* The flags of the constants that have a short load in the release. */
static inline unsigned short_load_flags(const struct compilation *c)
{
    bool small = (c->target->opcodes[OP_LOAD_SMALL_INT].flags & OPCODE_PRESENT) != 0;
    return (small ? CONSTANT_SMALL_INT : 0) |
           (HAS(c, COMMON_CONSTANT_VALUES) ? CONSTANT_COMMON : 0);
}

/* The opcode that loads a constant with such a flag. */
static inline enum opcode short_load_opcode(constant value)
{
    return value->flags & CONSTANT_SMALL_INT ? OP_LOAD_SMALL_INT : OP_LOAD_COMMON_CONSTANT;
}

/* Its argument. */
static inline int32_t short_load_argument(constant value)
{
    static const uint8_t common[] = {
        [CONSTANT_NONE] = COMMON_NONE,        [CONSTANT_TRUE] = COMMON_TRUE,
        [CONSTANT_FALSE] = COMMON_FALSE,      [CONSTANT_INT] = COMMON_MINUS_ONE,
        [CONSTANT_STR] = COMMON_EMPTY_STRING,
    };
    return value->flags & CONSTANT_SMALL_INT ? (int32_t)value->v.integer : common[value->kind];
}

#endif
