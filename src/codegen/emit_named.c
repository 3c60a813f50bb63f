/* See emit_named.h. Answers to cmpop, binop, inplace_binop, unaryop and compiler_nameop of the
 * older compile.c. */
#include "codegen/emit_named.h"

#include "codegen/name_op.h"

/* The comparisons in the order of COMPARE_OP's argument. */
static const uint8_t comparison_numbers[] = {
    [Lt] = 0,  [LtE] = 1, [Eq] = 2,    [NotEq] = 3, [Gt] = 4,
    [GtE] = 5, [In] = 6,  [NotIn] = 7, [Is] = 8,    [IsNot] = 9,
};

void emit_compare_all(struct codegen *g, struct location loc, enum cmpop_kind op)
{
    emit_arg(g, loc, OP_COMPARE_OP, comparison_numbers[op]);
}

void emit_compare_split(struct codegen *g, struct location loc, enum cmpop_kind op)
{
    if (op == Is || op == IsNot)
        emit_arg(g, loc, OP_IS_OP, op == IsNot);
    else if (op == In || op == NotIn)
        emit_arg(g, loc, OP_CONTAINS_OP, op == NotIn);
    else
        emit_arg(g, loc, OP_COMPARE_OP, comparison_numbers[op]);
}

void emit_binary_named(struct codegen *g, struct location loc, enum operator_kind op, bool inplace)
{
    static const uint16_t opcodes[][2] = {
        [Add] = {OP_BINARY_ADD, OP_INPLACE_ADD},
        [Sub] = {OP_BINARY_SUBTRACT, OP_INPLACE_SUBTRACT},
        [Mult] = {OP_BINARY_MULTIPLY, OP_INPLACE_MULTIPLY},
        [MatMult] = {OP_BINARY_MATRIX_MULTIPLY, OP_INPLACE_MATRIX_MULTIPLY},
        [Div] = {OP_BINARY_TRUE_DIVIDE, OP_INPLACE_TRUE_DIVIDE},
        [Mod] = {OP_BINARY_MODULO, OP_INPLACE_MODULO},
        [Pow] = {OP_BINARY_POWER, OP_INPLACE_POWER},
        [LShift] = {OP_BINARY_LSHIFT, OP_INPLACE_LSHIFT},
        [RShift] = {OP_BINARY_RSHIFT, OP_INPLACE_RSHIFT},
        [BitOr] = {OP_BINARY_OR, OP_INPLACE_OR},
        [BitXor] = {OP_BINARY_XOR, OP_INPLACE_XOR},
        [BitAnd] = {OP_BINARY_AND, OP_INPLACE_AND},
        [FloorDiv] = {OP_BINARY_FLOOR_DIVIDE, OP_INPLACE_FLOOR_DIVIDE},
    };
    emit(g, loc, opcodes[op][inplace]);
}

void emit_unary_named(struct codegen *g, struct location loc, enum unaryop_kind op)
{
    static const uint16_t opcodes[] = {
        [Invert] = OP_UNARY_INVERT,
        [Not] = OP_UNARY_NOT,
        [UAdd] = OP_UNARY_POSITIVE,
        [USub] = OP_UNARY_NEGATIVE,
    };
    emit(g, loc, opcodes[op]);
}

/* A variable that is found by its name, which is at `index` in co_names. */
static inline void found_op(struct codegen *g, const struct location *loc, int32_t index,
                            enum symbol_scope scope, enum expr_context ctx)
{
    static const uint16_t global[] = {
        [Load] = OP_LOAD_GLOBAL, [Store] = OP_STORE_GLOBAL, [Del] = OP_DELETE_GLOBAL};
    static const uint16_t named[] = {
        [Load] = OP_LOAD_NAME, [Store] = OP_STORE_NAME, [Del] = OP_DELETE_NAME};
    if (scope == GLOBAL_EXPLICIT || (scope == GLOBAL_IMPLICIT && g->u->function_like))
        emit_arg_at(g, loc, global[ctx], index << (ctx == Load && HAS(g->c, LOAD_GLOBAL_NULL_BIT)));
    else
        emit_arg_at(g, loc, named[ctx], index);
}

/* A cell or free variable. */
static OUT_OF_LINE void cell_op(struct codegen *g, const struct location *loc, int32_t index,
                                enum expr_context ctx)
{
    static const uint16_t opcodes[] = {
        [Load] = OP_LOAD_DEREF, [Store] = OP_STORE_DEREF, [Del] = OP_DELETE_DEREF};
    emit_arg_at(g, loc,
                ctx == Load && g->u->ste->type == ClassBlock ? OP_LOAD_CLASSDEREF : opcodes[ctx],
                index);
}

static const struct name_op_parts classic_parts = {found_op, cell_op, .hides_locals = false};

void emit_name_op_classic(struct codegen *g, const struct location *loc, identifier name,
                          enum expr_context ctx)
{
    name_op(g, loc, name, ctx, &classic_parts);
}
