/* Expressions that need no mechanism of their own. Answers to compiler_visit_expr and the functions
 * that it calls for them. */
#include "codegen/check.h"
#include "codegen/emit.h"
#include "codegen/visit.h"
#include "lower/await.h"
#include "lower/fstring.h"
#include "lower/super.h"
#include "sema/const_eval.h"
#include "util/out_of_line.h"

bool visit_all_constant(const struct expr_list *list, uint32_t begin, uint32_t end)
{
    for (uint32_t i = begin; i < end; i++) {
        if (list->items[i] == NULL || list->items[i]->kind != Constant_kind)
            return false;
    }
    return true;
}

constant visit_constant_tuple(struct codegen *g, const struct expr_list *list, uint32_t begin,
                              uint32_t end)
{
    constant *items = arena_alloc_array(g->arena, end - begin, sizeof *items);
    for (uint32_t i = begin; i < end; i++)
        items[i - begin] = list->items[i]->v.Constant.value;
    return constant_tuple(&g->c->constants, items, end - begin);
}

struct location visit_moved_to_attribute(struct codegen *g, struct location loc,
                                         const struct expr *attribute)
{
    loc.lineno = attribute->loc.end_lineno;
    int32_t length = (int32_t)const_str_length(g->c, attribute->v.Attribute.attr);
    if (length <= attribute->loc.end_col_offset) {
        loc.col_offset = attribute->loc.end_col_offset - length;
    } else {
        loc.col_offset = -1;
        loc.end_col_offset = -1;
    }
    if (loc.end_lineno < loc.lineno)
        loc.end_lineno = loc.lineno;
    if (loc.lineno == loc.end_lineno && loc.end_col_offset < loc.col_offset)
        loc.end_col_offset = loc.col_offset;
    return loc;
}

/* A condition that joins others: jump as soon as it is decided. */
static void jump_if_boolop(struct codegen *g, struct location loc, struct expr *e, label target,
                           bool condition)
{
    struct expr_list *values = e->v.BoolOp.values;
    bool decided_by = e->v.BoolOp.op == Or;
    label decided = decided_by == condition ? target : emit_new_label(g);
    uint32_t last = values->count - 1;
    for (uint32_t i = 0; i < last; i++)
        g->slots->jump_if(g, loc, values->items[i], decided, decided_by);
    g->slots->jump_if(g, loc, values->items[last], target, condition);
    if (decided != target)
        emit_label(g, decided);
}

/* body if test else orelse, as a condition. */
static void jump_if_ifexp(struct codegen *g, struct location loc, struct expr *e, label target,
                          bool condition)
{
    label end = emit_new_label(g), orelse = emit_new_label(g);
    g->slots->jump_if(g, loc, e->v.IfExp.test, orelse, false);
    g->slots->jump_if(g, loc, e->v.IfExp.body, target, condition);
    emit_jump_on(g, end);
    emit_label(g, orelse);
    g->slots->jump_if(g, loc, e->v.IfExp.orelse, target, condition);
    emit_label(g, end);
}

/* [left, right] -> [right, result] */
static void compare_and_keep(struct codegen *g, struct location loc, enum cmpop_kind op)
{
    if (HAS(g->c, COPY_AND_SWAP)) {
        emit_swap(g, loc, 2);
        emit_copy(g, loc, 2);
    } else {
        emit(g, loc, OP_DUP_TOP);
        emit(g, loc, OP_ROT_THREE);
    }
    g->slots->compare_op(g, loc, op);
}

/* a < b < c, as a condition. */
static void jump_if_compare_chain(struct codegen *g, struct expr *e, label target, bool condition)
{
    struct location loc = e->loc;
    struct expr_list *right = e->v.Compare.comparators;
    uint32_t last = right->count - 1;
    check_compare(g, e);
    label cleanup = emit_new_label(g);
    visit_expr(g, e->v.Compare.left);
    for (uint32_t i = 0; i < last; i++) {
        visit_expr(g, right->items[i]);
        compare_and_keep(g, loc, e->v.Compare.ops->items[i]);
        emit_compared_jump(g, loc, false, cleanup);
    }
    visit_expr(g, right->items[last]);
    g->slots->compare_op(g, loc, e->v.Compare.ops->items[last]);
    emit_compared_jump(g, loc, condition, target);
    label end = emit_new_label(g);
    emit_jump_on(g, end);
    emit_label(g, cleanup);
    emit(g, loc, OP_POP_TOP);
    if (!condition)
        emit_jump_on(g, target);
    emit_label(g, end);
}

void visit_jump_if(struct codegen *g, struct location loc, struct expr *e, label target,
                   bool condition)
{
    if (e->kind == Compare_kind && HAS(g->c, CONDITION_MOVES_LINE))
        unit_set_line(g, e->loc);
    if (e->kind == UnaryOp_kind && e->v.UnaryOp.op == Not) {
        visit_jump_if(g, loc, e->v.UnaryOp.operand, target, !condition);
    } else if (e->kind == BoolOp_kind) {
        jump_if_boolop(g, loc, e, target, condition);
    } else if (e->kind == IfExp_kind) {
        jump_if_ifexp(g, loc, e, target, condition);
    } else if (e->kind == Compare_kind && e->v.Compare.ops->count > 1) {
        jump_if_compare_chain(g, e, target, condition);
    } else {
        visit_expr(g, e);
        if (e->kind == Compare_kind)
            emit_compared_jump(g, e->loc, condition, target);
        else
            emit_bool_jump(g, e->loc, condition, target);
    }
}

/* body if test else orelse */
static void visit_ifexp(struct codegen *g, struct expr *e)
{
    label end = emit_new_label(g), orelse = emit_new_label(g);
    g->slots->jump_if(g, e->loc, e->v.IfExp.test, orelse, false);
    visit_expr(g, e->v.IfExp.body);
    emit_jump_on(g, end);
    emit_label(g, orelse);
    visit_expr(g, e->v.IfExp.orelse);
    emit_label(g, end);
}

/* <value>; COPY 1; jump to end if decided; POP_TOP; ... ; <last>; end: */
void visit_boolop(struct codegen *g, struct expr *e)
{
    struct location loc = e->loc;
    struct expr_list *values = e->v.BoolOp.values;
    label end = emit_new_label(g);
    uint32_t last = values->count - 1;
    for (uint32_t i = 0; i < last; i++) {
        visit_expr(g, values->items[i]);
        emit_keep_or_pop(g, loc, e->v.BoolOp.op == Or, end);
    }
    visit_expr(g, values->items[last]);
    emit_label(g, end);
}

/* <value>; jump to end if decided, with the value; POP_TOP; ... ; <last>; end: */
void visit_boolop_jump_if(struct codegen *g, struct expr *e)
{
    struct expr_list *values = e->v.BoolOp.values;
    label end = emit_new_label(g);
    uint32_t last = values->count - 1;
    for (uint32_t i = 0; i < last; i++) {
        visit_expr(g, values->items[i]);
        emit_jump(g, e->loc, e->v.BoolOp.op == Or ? OP_JUMP_IF_TRUE : OP_JUMP_IF_FALSE, end);
        emit(g, e->loc, OP_POP_TOP);
    }
    visit_expr(g, values->items[last]);
    emit_label(g, end);
}

/* a < b < c: every comparison but the last leaves its right side for the next one. */
void visit_compare_chain(struct codegen *g, struct expr *e)
{
    struct location loc = e->loc;
    struct expr_list *right = e->v.Compare.comparators;
    uint32_t last = right->count - 1;
    visit_expr(g, e->v.Compare.left);
    label cleanup = emit_new_label(g);
    for (uint32_t i = 0; i < last; i++) {
        visit_expr(g, right->items[i]);
        compare_and_keep(g, loc, e->v.Compare.ops->items[i]);
        emit_keep_or_pop(g, loc, false, cleanup);
    }
    visit_expr(g, right->items[last]);
    g->slots->compare_op(g, loc, e->v.Compare.ops->items[last]);
    label end = emit_new_label(g);
    emit_jump_on(g, end);
    emit_label(g, cleanup);
    emit_swap(g, loc, 2);
    emit(g, loc, OP_POP_TOP);
    emit_label(g, end);
}

/* left op right [op right ...] */
static void visit_compare(struct codegen *g, struct expr *e)
{
    check_compare(g, e);
    if (e->v.Compare.ops->count > 1) {
        g->slots->compare_chain(g, e);
        return;
    }
    visit_expr(g, e->v.Compare.left);
    visit_expr(g, e->v.Compare.comparators->items[0]);
    g->slots->compare_op(g, e->loc, e->v.Compare.ops->items[0]);
}

/* Remember that a method assigns self.name. */
static void note_static_attribute(struct codegen *g, const struct expr *e)
{
    const struct expr *value = e->v.Attribute.value;
    if (value->kind != Name_kind || value->v.Name.id != NAME_self)
        return;
    for (struct unit *u = g->u->parent; u != NULL; u = u->parent) {
        if (u->kind != UNIT_CLASS)
            continue;
        if (u->static_attributes.count == 0 ||
            u->static_attributes.items[u->static_attributes.count - 1] != e->v.Attribute.attr)
            array_push(g->arena, &u->static_attributes, e->v.Attribute.attr);
        return;
    }
}

/* [] -> [object]; the location of what follows */
static inline struct location visit_object(struct codegen *g, struct expr *attribute)
{
    visit_expr(g, attribute->v.Attribute.value);
    struct location loc = visit_attribute_location(g, attribute->loc, attribute);
    if (HAS(g->c, RESUME))
        unit_move_to(g, loc);
    return loc;
}

/* object.name = [value], del object.name */
static OUT_OF_LINE void visit_attribute_target(struct codegen *g, struct expr *e)
{
    bool store = e->v.Attribute.ctx == Store;
    if (store && HAS(g->c, STATIC_ATTRIBUTES))
        note_static_attribute(g, e);
    struct location loc = visit_object(g, e);
    if (store && HAS(g->c, FORBIDDEN_NAMES_IN_COMPILER))
        check_forbidden_name(g, loc, e->v.Attribute.attr, Store);
    if (store && HAS(g->c, METHOD_ON_ITS_LINE))
        g->u->state.lineno = e->loc.end_lineno;
    emit_name(g, loc, store ? OP_STORE_ATTR : OP_DELETE_ATTR, e->v.Attribute.attr);
}

void visit_attribute(struct codegen *g, struct expr *e)
{
    if (e->v.Attribute.ctx != Load) {
        visit_attribute_target(g, e);
        return;
    }
    if (super_is_plain_call(g, e)) {
        super_load_attribute(g, e);
        return;
    }
    struct location loc = visit_object(g, e);
    if (HAS(g->c, METHOD_ON_ITS_LINE))
        g->u->state.lineno = e->loc.end_lineno;
    emit_load_attr(g, loc, e->v.Attribute.attr);
}

int visit_slice_parts(struct codegen *g, struct expr *slice)
{
    if (slice->v.Slice.lower != NULL)
        visit_expr(g, slice->v.Slice.lower);
    else
        emit_none(g, slice->loc);
    if (slice->v.Slice.upper != NULL)
        visit_expr(g, slice->v.Slice.upper);
    else
        emit_none(g, slice->loc);
    if (slice->v.Slice.step == NULL)
        return 2;
    visit_expr(g, slice->v.Slice.step);
    return 3;
}

void visit_subscript(struct codegen *g, struct expr *e)
{
    struct expr *slice = e->v.Subscript.slice;
    enum expr_context ctx = e->v.Subscript.ctx;
    if (ctx == Load)
        check_subscript(g, e->v.Subscript.value, slice);
    visit_expr(g, e->v.Subscript.value);
    if (ctx != Del && HAS(g->c, SLICE_INSTRUCTIONS) && visit_is_two_part_slice(g, slice)) {
        visit_slice_parts(g, slice);
        emit(g, e->loc, ctx == Load ? OP_BINARY_SLICE : OP_STORE_SLICE);
        return;
    }
    visit_expr(g, slice);
    if (ctx == Load)
        emit_subscript(g, e->loc);
    else
        emit(g, e->loc, ctx == Store ? OP_STORE_SUBSCR : OP_DELETE_SUBSCR);
}

/* Constant, or not there. */
static bool is_constant_part(const struct expr *e)
{
    return e == NULL || e->kind == Constant_kind;
}

bool visit_is_constant_slice(const struct codegen *g, const struct expr *e)
{
    return e->kind == Slice_kind && HAS(g->c, CONSTANT_SLICES) &&
           is_constant_part(e->v.Slice.lower) && is_constant_part(e->v.Slice.upper) &&
           is_constant_part(e->v.Slice.step);
}

bool visit_is_two_part_slice(const struct codegen *g, const struct expr *e)
{
    return e->kind == Slice_kind && e->v.Slice.step == NULL && !visit_is_constant_slice(g, e);
}

/* The value of a constant part. */
static constant constant_part(const struct codegen *g, const struct expr *e)
{
    return e == NULL ? g->c->constants.none : e->v.Constant.value;
}

/* start:stop:step by itself */
static void visit_slice(struct codegen *g, struct expr *e)
{
    if (visit_is_constant_slice(g, e)) {
        emit_const(g, e->loc,
                   constant_slice(&g->c->constants, constant_part(g, e->v.Slice.lower),
                                  constant_part(g, e->v.Slice.upper),
                                  constant_part(g, e->v.Slice.step)));
        return;
    }
    int n = visit_slice_parts(g, e);
    emit_arg(g, e->loc, OP_BUILD_SLICE, n);
}

/* Take a sequence apart for its targets: [sequence] -> [last, ..., first] */
static void unpack_targets(struct codegen *g, struct location loc, struct expr_list *targets)
{
    uint32_t n = targets->count;
    bool seen_star = false;
    for (uint32_t i = 0; i < n; i++) {
        if (targets->items[i]->kind != Starred_kind)
            continue;
        if (seen_star)
            check_refuse(g, loc,
                         HAS(g->c, SAYS_TWO_STARRED)
                             ? "two starred expressions in assignment"
                             : "multiple starred expressions in assignment");
        if (i >= 1 << 8 || n - i - 1 >= INT32_MAX >> 8)
            check_refuse(g, loc, "too many expressions in star-unpacking assignment");
        emit_arg(g, loc, OP_UNPACK_EX, (int32_t)(i + ((n - i - 1) << 8)));
        seen_star = true;
    }
    if (!seen_star)
        emit_arg(g, loc, OP_UNPACK_SEQUENCE, (int32_t)n);
}

/* [sequence] -> [], into the targets */
static void assign_targets(struct codegen *g, struct location loc, struct expr_list *targets)
{
    unpack_targets(g, loc, targets);
    for (uint32_t i = 0; i < targets->count; i++) {
        struct expr *e = targets->items[i];
        visit_expr(g, e->kind == Starred_kind ? e->v.Starred.value : e);
    }
}

/* A list or tuple: a display, targets, or things to delete. */
static void visit_sequence(struct codegen *g, struct expr *e, struct expr_list *elements,
                           enum expr_context ctx)
{
    if (ctx == Load)
        g->slots->unpacked_display(g, e, elements);
    else if (ctx == Store)
        assign_targets(g, e->loc, elements);
    else
        visit_exprs(g, elements);
}

/* yield, yield value */
static void visit_yield(struct codegen *g, struct expr *e)
{
    if (!unit_is_function_like(g))
        check_refuse(g, e->loc, "'yield' outside function");
    if (e->v.Yield.value != NULL)
        visit_expr(g, e->v.Yield.value);
    else
        emit_none(g, e->loc);
    g->slots->yield(g, e->loc);
}

/* yield from value */
static void visit_yield_from(struct codegen *g, struct expr *e)
{
    if (!unit_is_function_like(g))
        check_refuse(g, e->loc,
                     HAS(g->c, YIELD_FROM_OUTSIDE_FUNCTION) ? "'yield from' outside function"
                                                            : "'yield' outside function");
    if (g->u->kind == UNIT_ASYNC_FUNCTION)
        check_refuse(g, e->loc, "'yield from' inside async function");
    visit_expr(g, e->v.YieldFrom.value);
    if (HAS(g->c, SEND_TAKES_NULL))
        emit_arg(g, e->loc, OP_GET_ITER,
                 3); /* a NULL above it; coroutines only where they may be */
    else
        emit(g, e->loc, OP_GET_YIELD_FROM_ITER);
    emit_none(g, e->loc);
    g->slots->yield_from(g, e->loc, false);
}

/* await value */
static void visit_await(struct codegen *g, struct expr *e)
{
    if (!HAS(g->c, SYMTABLE_CHECKS_NAMES)) {
        if (!unit_is_function_like(g))
            check_refuse(g, e->loc, "'await' outside function");
        if (g->u->kind != UNIT_ASYNC_FUNCTION && g->u->kind != UNIT_COMPREHENSION)
            check_refuse(g, e->loc, "'await' outside async function");
    }
    visit_expr(g, e->v.Await.value);
    await_value(g, e->loc, AWAIT_PLAIN);
}

/* name := value */
static void visit_named_expr(struct codegen *g, struct expr *e)
{
    visit_expr(g, e->v.NamedExpr.value);
    emit_copy(g, e->loc, 1);
    visit_expr(g, e->v.NamedExpr.target);
}

/* A star where none can be. */
static void visit_starred(struct codegen *g, struct expr *e)
{
    check_refuse(g, e->loc,
                 e->v.Starred.ctx == Store ? "starred assignment target must be in a list or tuple"
                                           : "can't use starred expression here");
}

/* What visits expressions in the releases that keep a current location: visits with that on the
 * expression, and goes back where it was afterwards. */
static void visit_expr_by_state(struct codegen *g, struct expr *e)
{
    struct unit *u = g->u;
    struct location saved = u->state;
    u->state = e->loc;
    g->located_visitors[e->kind](g, e);
    u->state = saved;
}

/* The same where only the first instruction of a line brings it. */
static void visit_expr_line_once(struct codegen *g, struct expr *e)
{
    struct unit *u = g->u;
    struct location saved = u->state;
    if (e->loc.lineno != u->state.lineno)
        u->line_set = false;
    u->state = e->loc;
    g->located_visitors[e->kind](g, e);
    if (saved.lineno != u->state.lineno)
        u->line_set = false;
    u->state = saved;
}

/* name */
static void visit_name(struct codegen *g, struct expr *e)
{
    g->slots->name_op(g, &e->loc, e->v.Name.id, e->v.Name.ctx);
}

/* A literal, or what folding has made one. */
static void visit_constant(struct codegen *g, struct expr *e)
{
    emit_const_at(g, &e->loc, e->v.Constant.value);
}

/* left op right */
static void visit_binop(struct codegen *g, struct expr *e)
{
    visit_expr(g, e->v.BinOp.left);
    visit_expr(g, e->v.BinOp.right);
    g->slots->binary_op(g, e->loc, e->v.BinOp.op, false);
}

/* op operand */
static void visit_unaryop(struct codegen *g, struct expr *e)
{
    visit_expr(g, e->v.UnaryOp.operand);
    g->slots->unary_op(g, e->loc, e->v.UnaryOp.op);
}

/* [elements], as a display or as targets */
static void visit_list(struct codegen *g, struct expr *e)
{
    visit_sequence(g, e, e->v.List.elts, e->v.List.ctx);
}

/* elements, as a display or as targets */
static void visit_tuple(struct codegen *g, struct expr *e)
{
    visit_sequence(g, e, e->v.Tuple.elts, e->v.Tuple.ctx);
}

/* A tuple where slices, and tuples with a slice in them, are no expressions: those leave the
 * current location as it is. */
static void visit_tuple_or_slices(struct codegen *g, struct expr *e)
{
    const struct expr_list *elements = e->v.Tuple.elts;
    uint32_t i = 0;
    while (i < elements->count && elements->items[i]->kind != Slice_kind)
        i++;
    if (i < elements->count)
        visit_tuple(g, e);
    else if (HAS(g->c, LINE_ONCE))
        visit_expr_line_once(g, e);
    else
        visit_expr_by_state(g, e);
}

/* {elements} */
static void visit_set(struct codegen *g, struct expr *e)
{
    g->slots->unpacked_display(g, e, e->v.Set.elts);
}

void visit_fill_expr_visitors(struct codegen *g)
{
    const struct codegen_slots *slots = g->slots;
    expr_visitor *const visitors[expr_kind_count] = {
        [Name_kind] = visit_name,
        [Constant_kind] = visit_constant,
        [Attribute_kind] = slots->attribute,
        [Call_kind] = slots->call,
        [Subscript_kind] = slots->subscript,
        [BinOp_kind] = visit_binop,
        [UnaryOp_kind] = visit_unaryop,
        [BoolOp_kind] = slots->boolop,
        [Compare_kind] = visit_compare,
        [IfExp_kind] = visit_ifexp,
        [NamedExpr_kind] = visit_named_expr,
        [Lambda_kind] = slots->lambda,
        [List_kind] = visit_list,
        [Tuple_kind] = visit_tuple,
        [Set_kind] = visit_set,
        [Dict_kind] = slots->dict,
        [ListComp_kind] = slots->comprehension,
        [SetComp_kind] = slots->comprehension,
        [DictComp_kind] = slots->comprehension,
        [GeneratorExp_kind] = slots->comprehension,
        [Yield_kind] = visit_yield,
        [YieldFrom_kind] = visit_yield_from,
        [Await_kind] = visit_await,
        [JoinedStr_kind] = slots->joined_str,
        [FormattedValue_kind] = slots->formatted_value,
        [TemplateStr_kind] = fstring_template,
        [Interpolation_kind] = fstring_interpolation,
        [Slice_kind] = visit_slice,
        [Starred_kind] = visit_starred,
    };
    memcpy(g->expr_visitors, visitors, sizeof visitors);
    if (!g->location_by_state)
        return;
    memcpy(g->located_visitors, visitors, sizeof visitors);
    for (size_t kind = 0; kind < expr_kind_count; kind++)
        g->expr_visitors[kind] = HAS(g->c, LINE_ONCE) ? visit_expr_line_once : visit_expr_by_state;
    if (!HAS(g->c, SLICES_ARE_NOT_EXPRESSIONS))
        return;
    g->expr_visitors[Slice_kind] = visit_slice;
    g->expr_visitors[Tuple_kind] = visit_tuple_or_slices;
}
