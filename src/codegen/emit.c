/* Instructions whose name or encoding changed between releases, and access to variables. See
 * emit.h; answers to compiler_addop_name, compiler_addcompare, addop_binary, compiler_nameop. */
#include "codegen/emit.h"

#include "codegen/name_op.h"
#include "codegen/short_load.h"
#include "targets/opcode_class.h"

/* Has the last instruction ended a block? */
static inline bool block_has_ended(const struct codegen *g)
{
    const struct unit *u = g->u;
    return u->next != u->code.sequence.instructions.items &&
           opcode_classes[u->next[-1].opcode] & CLASS_TERMINATOR;
}

/* Start a block unless a label stands here. */
static void start_implicit_block(struct codegen *g)
{
    const struct instruction_sequence *s = &g->u->code.sequence;
    if (s->placed.count == 0 ||
        s->labels.items[s->placed.items[s->placed.count - 1]] != (int32_t)emit_count(g))
        emit_label_here(g);
}

/* Append an instruction where there is no room. */
static OUT_OF_LINE void emit_growing(struct codegen *g, const struct location *loc, enum opcode op,
                                     int32_t oparg)
{
    unit_close_sequence(g);
    array_reserve(g->arena, &g->u->code.sequence.instructions, 1);
    unit_open_sequence(g);
    emit_put(g->u, loc, op, oparg);
}

/* Append an instruction. */
static inline void append(struct codegen *g, const struct location *loc, enum opcode op,
                          int32_t oparg)
{
    if (g->u->next == g->u->room_end)
        emit_growing(g, loc, op, oparg);
    else
        emit_put(g->u, loc, op, oparg);
}

/* 3.8: the first instruction of a line brings it. */
static void emit_line_once(struct codegen *g, const struct location *loc, enum opcode op,
                           int32_t oparg)
{
    static const struct location nowhere = NO_LOCATION;
    struct unit *u = g->u;
    (void)loc;
    if (emit_is_silent(g))
        return;
    const struct location *at = u->line_set ? &nowhere : &u->state;
    u->line_set = true;
    append(g, at, op, oparg);
}

/* 3.9: every instruction has the current line. */
static void emit_on_line(struct codegen *g, const struct location *loc, enum opcode op,
                         int32_t oparg)
{
    (void)loc;
    if (!emit_is_silent(g))
        append(g, &g->u->state, op, oparg);
}

/* 3.10: but those that have no place in the source. */
static void emit_at_state(struct codegen *g, const struct location *loc, enum opcode op,
                          int32_t oparg)
{
    if (!emit_is_silent(g))
        append(g, loc->lineno == -1 ? loc : &g->u->state, op, oparg);
}

/* The first instruction behind a block that has ended. */
static OUT_OF_LINE void emit_in_new_block(struct codegen *g, const struct location *loc,
                                          enum opcode op, int32_t oparg)
{
    start_implicit_block(g);
    emit_at_state(g, loc, op, oparg);
}

/* 3.11: that also starts a block. */
static void emit_in_block(struct codegen *g, const struct location *loc, enum opcode op,
                          int32_t oparg)
{
    if (!emit_is_silent(g) && block_has_ended(g))
        emit_in_new_block(g, loc, op, oparg);
    else
        emit_at_state(g, loc, op, oparg);
}

emitter *emit_choose(const struct compilation *c)
{
    if (!HAS(c, CURRENT_LOCATION))
        return emit_growing;
    if (HAS(c, LINE_ONCE))
        return emit_line_once;
    if (HAS(c, IMPLICIT_BLOCKS))
        return emit_in_block;
    return HAS(c, ARTIFICIAL_LINES) ? emit_at_state : emit_on_line;
}

void emit_next_block(struct codegen *g, enum opcode op)
{
    bool sets_up = op == OP_SETUP_FINALLY || op == OP_SETUP_WITH || op == OP_SETUP_ASYNC_WITH ||
                   op == OP_SETUP_CLEANUP;
    if (!sets_up && HAS(g->c, EXPLICIT_BLOCKS))
        emit_label_here(g);
}

/* A constant for which room must be made, or that has items. */
static OUT_OF_LINE void emit_const_with_care(struct codegen *g, const struct location *loc,
                                             constant value)
{
    emit_arg_at(g, loc, OP_LOAD_CONST, unit_const(g, value));
}

/* Load a constant by an instruction that does not need the unit's constants. */
static inline void emit_short_load(struct codegen *g, const struct location *loc, constant value)
{
    emit_arg_at(g, loc, short_load_opcode(value), short_load_argument(value));
}

/* The same of the unit's first constant: that one is always there. */
static OUT_OF_LINE void emit_first_short_load(struct codegen *g, const struct location *loc,
                                              constant value)
{
    unit_const(g, value);
    emit_short_load(g, loc, value);
}

/* A constant that is loaded from the unit's table. */
static OUT_OF_LINE void emit_long_load(struct codegen *g, const struct location *loc,
                                       constant value)
{
    bool plain = constant_is_plain(value), room = unit_has_room_for_const(g, value);
    if (plain & room)
        emit_arg_at(g, loc, OP_LOAD_CONST, unit_take_const(g, value));
    else
        emit_const_with_care(g, loc, value);
}

void emit_const_at(struct codegen *g, const struct location *loc, constant value)
{
    if (emit_is_silent(g))
        return;
    if (!(value->flags & g->short_loads)) {
        emit_long_load(g, loc, value);
    } else if (g->u->code.consts.count == 0) {
        emit_first_short_load(g, loc, value);
    } else {
        constant_enter_plain(value);
        emit_short_load(g, loc, value);
    }
}

void emit_load_attr(struct codegen *g, struct location loc, identifier name)
{
    if (emit_is_silent(g))
        return;
    int32_t index = unit_name_index(g, unit_mangle(g, name));
    emit_arg(g, loc, OP_LOAD_ATTR, HAS(g->c, LOAD_ATTR_METHOD_BIT) ? index << 1 : index);
}

void emit_load_method(struct codegen *g, struct location loc, identifier name)
{
    int32_t index = unit_name_index(g, unit_mangle(g, name));
    if (HAS(g->c, LOAD_ATTR_METHOD_BIT))
        emit_arg(g, loc, OP_LOAD_ATTR, index << 1 | 1);
    else
        emit_arg(g, loc, OP_LOAD_METHOD, index);
}

void emit_exception_match_jump(struct codegen *g, struct location loc, label next)
{
    enum { EXCEPTION_MATCH = 10 };
    if (HAS(g->c, JUMP_IF_NOT_EXC_MATCH)) {
        emit_jump(g, loc, OP_JUMP_IF_NOT_EXC_MATCH, next);
        return;
    }
    emit_arg(g, loc, OP_COMPARE_OP, EXCEPTION_MATCH);
    emit_jump(g, loc, OP_POP_JUMP_IF_FALSE, next);
}

void emit_copy(struct codegen *g, struct location loc, int n)
{
    if (HAS(g->c, COPY_AND_SWAP))
        emit_arg(g, loc, OP_COPY, n);
    else
        emit(g, loc, OP_DUP_TOP);
}

void emit_swap(struct codegen *g, struct location loc, int n)
{
    if (HAS(g->c, COPY_AND_SWAP))
        emit_arg(g, loc, OP_SWAP, n);
    else
        emit(g, loc, OP_ROT_TWO);
}

void emit_bool_jump(struct codegen *g, struct location loc, bool condition, label target)
{
    if (HAS(g->c, TO_BOOL))
        emit(g, loc, OP_TO_BOOL);
    emit_pop_jump(g, loc, condition, target);
}

/* Let the comparison that was emitted last make its result a bool; false: it cannot. */
static inline bool compare_to_bool(struct codegen *g, struct location loc)
{
    struct instruction *compare = g->u->next - 1;
    bool rich = compare->opcode == OP_COMPARE_OP;
    int32_t oparg = compare->oparg | (rich ? COMPARE_TO_BOOL : 0);
    if (g->u->joins == JOINS) {
        compare->oparg = oparg;
        return true;
    }
    if (!rich || g->u->joins == JOINS_NOTHING)
        return false; /* comparisons of other kinds are joined from before, by the back end */
    compare->opcode = OP_NOP;
    compare->oparg = 0;
    emit_arg(g, loc, OP_COMPARE_OP, oparg);
    return true;
}

void emit_compared_jump(struct codegen *g, struct location loc, bool condition, label target)
{
    if (HAS(g->c, TO_BOOL) && !compare_to_bool(g, loc))
        emit(g, loc, OP_TO_BOOL);
    emit_pop_jump(g, loc, condition, target);
}

void emit_keep_or_pop(struct codegen *g, struct location loc, bool condition, label target)
{
    if (HAS(g->c, JUMP_OR_POP)) {
        emit_jump(g, loc, condition ? OP_JUMP_IF_TRUE_OR_POP : OP_JUMP_IF_FALSE_OR_POP, target);
        return;
    }
    emit_copy(g, loc, 1);
    emit_bool_jump(g, loc, condition, target);
    emit(g, loc, OP_POP_TOP);
}

void emit_first_send(struct codegen *g, struct location loc)
{
    if (HAS(g->c, SEND_TAKES_NULL))
        emit(g, loc, OP_PUSH_NULL);
    emit_none(g, loc);
}

void emit_end_async_for(struct codegen *g, struct location loc, label send)
{
    if (HAS(g->c, END_ASYNC_FOR_JUMPS))
        emit_jump(g, loc, OP_END_ASYNC_FOR, send);
    else
        emit(g, loc, OP_END_ASYNC_FOR);
}

/* BINARY_OP; notes whether both operands are constants. */
static inline void emit_binary_op(struct codegen *g, struct location loc, int32_t oparg)
{
    const struct instruction *next = g->u->next;
    if (HAS(g->c, GRAPH_FOLDING) &&
        opcode_classes[next[-1].opcode] & opcode_classes[next[-2].opcode] & CLASS_OPERAND)
        g->u->code.folds = true;
    emit_arg(g, loc, OP_BINARY_OP, oparg);
}

void emit_build_tuple(struct codegen *g, struct location loc, int32_t count)
{
    g->u->code.folds |= count == 0;
    emit_arg(g, loc, OP_BUILD_TUPLE, count);
}

void emit_subscript(struct codegen *g, struct location loc)
{
    enum { NB_SUBSCR = 26 };
    if (HAS(g->c, BINARY_OP_SUBSCR))
        emit_binary_op(g, loc, NB_SUBSCR);
    else
        emit(g, loc, OP_BINARY_SUBSCR);
}

void emit_intrinsic(struct codegen *g, struct location loc, int intrinsic)
{
    if (!HAS(g->c, INTRINSICS)) {
        emit(g, loc, intrinsic == INTRINSIC_ASYNC_GEN_WRAP ? OP_ASYNC_GEN_WRAP : OP_LIST_TO_TUPLE);
        return;
    }
    emit_arg(g, loc, OP_CALL_INTRINSIC_1, intrinsic);
}

void emit_intrinsic_2(struct codegen *g, struct location loc, int intrinsic)
{
    emit_arg(g, loc, OP_CALL_INTRINSIC_2, intrinsic);
}

/* COMPARE_OP from 3.12: the operator above four bits, which are a mask for specialisation: 1
 * unordered, 2 less, 4 greater, 8 equal. From 3.13 a bit between them says that a bool is wanted;
 * it is set later. */
void emit_compare_masked(struct codegen *g, struct location loc, enum cmpop_kind op)
{
    static const uint8_t numbers[] = {
        [Lt] = 0, [LtE] = 1, [Eq] = 2, [NotEq] = 3, [Gt] = 4, [GtE] = 5};
    static const uint8_t masks[] = {
        [Lt] = 2, [LtE] = 2 | 8, [Eq] = 8, [NotEq] = 1 | 2 | 4, [Gt] = 4, [GtE] = 4 | 8};
    switch (op) {
    case Is:
    case IsNot: emit_arg(g, loc, OP_IS_OP, op == IsNot); break;
    case In:
    case NotIn: emit_arg(g, loc, OP_CONTAINS_OP, op == NotIn); break;
    default:
        emit_arg(g, loc, OP_COMPARE_OP, numbers[op] << (HAS(g->c, TO_BOOL) ? 5 : 4) | masks[op]);
        break;
    }
}

void emit_binary_unified(struct codegen *g, struct location loc, enum operator_kind op,
                         bool inplace)
{
    static const uint8_t arguments[] = {
        [Add] = 0,  [BitAnd] = 1, [FloorDiv] = 2, [LShift] = 3, [MatMult] = 4,
        [Mult] = 5, [Mod] = 6,    [BitOr] = 7,    [Pow] = 8,    [RShift] = 9,
        [Sub] = 10, [Div] = 11,   [BitXor] = 12,
    };
    enum { NB_INPLACE = 13 };
    emit_binary_op(g, loc, arguments[op] + (inplace ? NB_INPLACE : 0));
}

void emit_unary_intrinsic(struct codegen *g, struct location loc, enum unaryop_kind op)
{
    switch (op) {
    case UAdd: emit_intrinsic(g, loc, INTRINSIC_UNARY_POSITIVE); break;
    case Not:
        if (HAS(g->c, TO_BOOL))
            emit(g, loc, OP_TO_BOOL);
        emit(g, loc, OP_UNARY_NOT);
        break;
    case USub: emit(g, loc, OP_UNARY_NEGATIVE); break;
    case Invert: emit(g, loc, OP_UNARY_INVERT); break;
    }
}

/* Push the dictionary of the class around a type-parameter or annotation scope. */
static void load_class_dict(struct codegen *g, const struct location *loc)
{
    emit_arg_at(g, loc, OP_LOAD_DEREF, unit_cell_index(g, NAME_dunder_classdict));
}

/* Is a cell or free variable loaded from a class's dictionary, if it is there? */
static inline bool cell_may_be_in_class(const struct codegen *g)
{
    const struct unit *u = g->u;
    return u->ste->ste_can_see_class_scope ||
           (u->ste->type == ClassBlock && u->in_inlined_comprehension == 0);
}

/* Load a cell or free variable, or what the class around has by that name. */
static void load_from_class_or_cell(struct codegen *g, const struct location *loc, int32_t index)
{
    if (g->u->ste->type == ClassBlock && g->u->in_inlined_comprehension == 0)
        emit_arg_at(g, loc, OP_LOAD_LOCALS, 0);
    else
        load_class_dict(g, loc);
    emit_arg_at(g, loc, OP_LOAD_FROM_DICT_OR_DEREF, index);
}

/* Load a variable of the module, or what the class around has by that name. */
static void load_from_class_or_global(struct codegen *g, const struct location *loc, int32_t index)
{
    load_class_dict(g, loc);
    emit_arg_at(g, loc, OP_LOAD_FROM_DICT_OR_GLOBALS, index);
}

/* A variable of the module, whatever the scope at hand; `index`: in co_names. */
static inline void global_op(struct codegen *g, const struct location *loc, int32_t index,
                             enum symbol_scope scope, enum expr_context ctx)
{
    static const uint16_t opcodes[] = {
        [Load] = OP_LOAD_GLOBAL, [Store] = OP_STORE_GLOBAL, [Del] = OP_DELETE_GLOBAL};
    if (ctx == Load && scope == GLOBAL_IMPLICIT && g->u->ste->ste_can_see_class_scope)
        load_from_class_or_global(g, loc, index);
    else
        emit_arg_at(g, loc, opcodes[ctx], index << (ctx == Load));
}

/* A variable in a scope without fast locals. */
static inline void dictionary_op(struct codegen *g, const struct location *loc, int32_t index,
                                 enum expr_context ctx)
{
    static const uint16_t opcodes[] = {
        [Load] = OP_LOAD_NAME, [Store] = OP_STORE_NAME, [Del] = OP_DELETE_NAME};
    if (ctx == Load && g->u->ste->type == ClassBlock && g->u->in_inlined_comprehension != 0)
        emit_arg_at(g, loc, OP_LOAD_GLOBAL, index << 1);
    else
        emit_arg_at(g, loc, opcodes[ctx], index);
}

/* A variable that is found by its name, which is at `index` in co_names. */
static inline void found_op(struct codegen *g, const struct location *loc, int32_t index,
                            enum symbol_scope scope, enum expr_context ctx)
{
    if (scope == GLOBAL_EXPLICIT || (scope == GLOBAL_IMPLICIT && g->u->function_like))
        global_op(g, loc, index, scope, ctx);
    else
        dictionary_op(g, loc, index, ctx);
}

/* A cell or free variable. */
static OUT_OF_LINE void cell_op(struct codegen *g, const struct location *loc, int32_t index,
                                enum expr_context ctx)
{
    static const uint16_t opcodes[] = {
        [Load] = OP_LOAD_DEREF, [Store] = OP_STORE_DEREF, [Del] = OP_DELETE_DEREF};
    if (ctx == Load && cell_may_be_in_class(g))
        load_from_class_or_cell(g, loc, index);
    else
        emit_arg_at(g, loc, opcodes[ctx], index);
}

static const struct name_op_parts class_dict_parts = {found_op, cell_op, .hides_locals = true};

void emit_name_op_class_dict(struct codegen *g, const struct location *loc, identifier name,
                             enum expr_context ctx)
{
    name_op(g, loc, name, ctx, &class_dict_parts);
}
