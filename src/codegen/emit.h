/* Appending instructions to the current unit. Every emitter takes the location that the instruction
 * gets. */
#ifndef MKPYC_CODEGEN_EMIT_H
#define MKPYC_CODEGEN_EMIT_H

#include "codegen/unit.h"

/* Is nothing being emitted? Then constants and names are not entered, either. */
static inline bool emit_is_silent(const struct codegen *g)
{
    return g->silent != 0;
}

/* How many instructions the sequence has. */
static inline uint32_t emit_count(const struct codegen *g)
{
    return (uint32_t)(g->u->next - g->u->code.sequence.instructions.items);
}

/* Put an instruction where there is room for it. Its fields are written one by one: a compiler that
 * sees a whole struct gathers it in vector registers first. */
static inline void emit_put(struct unit *u, const struct location *loc, enum opcode op,
                            int32_t oparg)
{
    struct instruction *i = u->next++;
    i->opcode = (uint16_t)op;
    i->size = 0;
    i->oparg = oparg;
    i->loc = *loc;
    i->handler = -1;
}

/* What appends instructions that emit_put does not do for: in the releases that keep a current
 * location all of them, elsewhere those for which there is no room. */
emitter *emit_choose(const struct compilation *c);

/* An instruction with an argument. Nothing is done behind the call of the slow path, so that no
 * register needs to be kept for it. */
static inline void emit_arg_at(struct codegen *g, const struct location *loc, enum opcode op,
                               int32_t oparg)
{
    if (g->u->next < g->u->easy_end)
        emit_put(g->u, loc, op, oparg);
    else
        g->emit(g, loc, op, oparg);
}
static inline void emit_arg(struct codegen *g, struct location loc, enum opcode op, int32_t oparg)
{
    emit_arg_at(g, &loc, op, oparg);
}

/* An instruction without an argument. */
static inline void emit(struct codegen *g, struct location loc, enum opcode op)
{
    emit_arg(g, loc, op, 0);
}

/* A label that is not placed yet. */
static inline label emit_new_label(struct codegen *g)
{
    struct instruction_sequence *s = &g->u->code.sequence;
    array_push(g->arena, &s->labels, -1);
    return (label)(s->labels.count - 1);
}

/* The label stands before the next instruction. */
static inline void emit_label(struct codegen *g, label l)
{
    struct instruction_sequence *s = &g->u->code.sequence;
    s->labels.items[l] = (int32_t)emit_count(g);
    if (g->location_by_state)
        array_push(g->arena, &s->placed, l);
}

/* A new label before the next instruction. */
static inline label emit_label_here(struct codegen *g)
{
    label l = emit_new_label(g);
    emit_label(g, l);
    return l;
}

/* A jump behind which a label comes at once. */
static inline void emit_jump_before_label(struct codegen *g, struct location loc, enum opcode op,
                                          label target)
{
    struct instruction_sequence *s = &g->u->code.sequence;
    if (emit_is_silent(g))
        return;
    emit_arg(g, loc, op, target);
    array_push(g->arena, &s->jumps, emit_count(g) - 1);
}

/* Behind a jump: the block that some releases start there. */
void emit_next_block(struct codegen *g, enum opcode op);

/* A jump, or an instruction that sets up a handler. */
static inline void emit_jump(struct codegen *g, struct location loc, enum opcode op, label target)
{
    emit_jump_before_label(g, loc, op, target);
    if (g->location_by_state)
        emit_next_block(g, op);
}

/* The jump that leaves a construct; it has no place in the source. */
static inline void emit_jump_on(struct codegen *g, label target)
{
    emit_jump(g, NO_LOCATION, g->slots->jump_on, target);
}

/* An instruction with no place in the source; on the current line in the releases that give every
 * instruction one. */
static inline void emit_nowhere(struct codegen *g, enum opcode op)
{
    emit_arg(g, NO_LOCATION, op, 0);
}
static inline void emit_jump_nowhere(struct codegen *g, enum opcode op, label target)
{
    emit_jump(g, NO_LOCATION, op, target);
}

/* ... -> ..., value */
void emit_const_at(struct codegen *g, const struct location *loc, constant value);
static inline void emit_const(struct codegen *g, struct location loc, constant value)
{
    emit_const_at(g, &loc, value);
}

/* ... -> ..., None */
static inline void emit_none(struct codegen *g, struct location loc)
{
    emit_const(g, loc, g->c->constants.none);
}

/* ... -> ..., int */
static inline void emit_int(struct codegen *g, struct location loc, int64_t value)
{
    emit_const(g, loc, constant_int(&g->c->constants, value));
}

/* ... -> ..., str: a constant that is an identifier */
static inline void emit_str(struct codegen *g, struct location loc, identifier name)
{
    emit_const(g, loc, constant_name(&g->c->constants, name));
}

/* An instruction whose argument is an index in co_names; the name is mangled. */
static inline void emit_name(struct codegen *g, struct location loc, enum opcode op,
                             identifier name)
{
    if (!emit_is_silent(g))
        emit_arg(g, loc, op, unit_name_index(g, unit_mangle(g, name)));
}

/* Load, store or delete a variable of the current scope. */
static inline void emit_name_op(struct codegen *g, struct location loc, identifier name,
                                enum expr_context ctx)
{
    g->slots->name_op(g, &loc, name, ctx);
}

/* ..., object -> ..., attribute */
void emit_load_attr(struct codegen *g, struct location loc, identifier name);
/* ..., object -> ..., method, self or NULL */
void emit_load_method(struct codegen *g, struct location loc, identifier name);
/* ..., x (n-th from the top), ... -> ..., x, ..., x */
void emit_copy(struct codegen *g, struct location loc, int n);
/* ..., x (n-th from the top, n > 1), ..., y -> ..., y, ..., x */
void emit_swap(struct codegen *g, struct location loc, int n);
/* ..., value -> ..., value if its truth value is `condition`, and on to `target`; else ..., value
 * -> ... */
void emit_keep_or_pop(struct codegen *g, struct location loc, bool condition, label target);
/* Swap with the value below when a value has to be kept on top. */
static inline void emit_swap_if(struct codegen *g, struct location loc, bool preserve_top)
{
    if (preserve_top)
        emit_swap(g, loc, 2);
}
/* ..., value -> ...; jump if its truth value is `condition` */
void emit_bool_jump(struct codegen *g, struct location loc, bool condition, label target);
/* The same where the last instruction compares: no TO_BOOL is needed for what is a bool. */
void emit_compared_jump(struct codegen *g, struct location loc, bool condition, label target);
/* ..., bool -> ...; jump if it is `condition` */
static inline void emit_pop_jump(struct codegen *g, struct location loc, bool condition,
                                 label target)
{
    emit_jump(g, loc, condition ? OP_POP_JUMP_IF_TRUE : OP_POP_JUMP_IF_FALSE, target);
}
/* [tb, value, type, type, class] -> [tb, value, type], on to `next` unless the exception matches */
void emit_exception_match_jump(struct codegen *g, struct location loc, label next);
/* ..., value -> ..., result */
void emit_intrinsic(struct codegen *g, struct location loc, int intrinsic);
/* ..., value, value -> ..., result */
void emit_intrinsic_2(struct codegen *g, struct location loc, int intrinsic);

/* Arguments of CALL_INTRINSIC_1 and CALL_INTRINSIC_2. */
enum intrinsic {
    INTRINSIC_IMPORT_STAR = 2,
    INTRINSIC_STOPITERATION_ERROR = 3,
    INTRINSIC_ASYNC_GEN_WRAP = 4,
    INTRINSIC_UNARY_POSITIVE = 5,
    INTRINSIC_LIST_TO_TUPLE = 6,
    INTRINSIC_TYPEVAR = 7,
    INTRINSIC_PARAMSPEC = 8,
    INTRINSIC_TYPEVARTUPLE = 9,
    INTRINSIC_SUBSCRIPT_GENERIC = 10,
    INTRINSIC_TYPEALIAS = 11,
};
enum intrinsic_2 {
    INTRINSIC_2_PREP_RERAISE_STAR = 1,
    INTRINSIC_2_TYPEVAR_WITH_BOUND = 2,
    INTRINSIC_2_TYPEVAR_WITH_CONSTRAINTS = 3,
    INTRINSIC_2_SET_FUNCTION_TYPE_PARAMS = 4,
    INTRINSIC_2_SET_TYPEPARAM_DEFAULT = 5,
};

/* [awaitable] -> [awaitable, what is sent first] */
void emit_first_send(struct codegen *g, struct location loc);
/* [aiter, exc] -> []; `send` is the loop that awaited the next value */
void emit_end_async_for(struct codegen *g, struct location loc, label send);
/* [items, `count` of them] -> [tuple] */
void emit_build_tuple(struct codegen *g, struct location loc, int32_t count);
/* [container, index] -> [item] */
void emit_subscript(struct codegen *g, struct location loc);

/* Load, store or delete a fast local. */
static inline void emit_fast_op(struct codegen *g, const struct location *loc, int32_t index,
                                enum expr_context ctx)
{
    static const uint16_t opcodes[] = {
        [Load] = OP_LOAD_FAST, [Store] = OP_STORE_FAST, [Del] = OP_DELETE_FAST};
    emit_arg_at(g, loc, opcodes[ctx], index);
}

/* Slots: compare_op, binary_op, unary_op, name_op by release. */
void emit_compare_masked(struct codegen *g, struct location loc, enum cmpop_kind op);
void emit_binary_unified(struct codegen *g, struct location loc, enum operator_kind op,
                         bool inplace);
void emit_unary_intrinsic(struct codegen *g, struct location loc, enum unaryop_kind op);
void emit_name_op_class_dict(struct codegen *g, const struct location *loc, identifier name,
                             enum expr_context ctx);

#endif
