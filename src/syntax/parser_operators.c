/* The parser: operators, calls, subscripts and attributes.
 *
 * Operators are parsed by precedence climbing over one table.
 */
#include "syntax/parser_expressions.h"

/* Infix operators, and what else follows an operand, by token kind. */
static const struct {
    uint8_t precedence, op;
} infix[TOKEN_KIND_COUNT] = {
    [NAME_if] = {P_CONDITIONAL, 0},
    [NAME_or] = {P_OR, Or},
    [NAME_and] = {P_AND, And},
    [NAME_in] = {P_COMPARE, In},
    [NAME_is] = {P_COMPARE, Is},
    [NAME_not] = {P_COMPARE, NotIn},
    [TOKEN_equal] = {P_COMPARE, Eq},
    [TOKEN_not_equal] = {P_COMPARE, NotEq},
    [TOKEN_less] = {P_COMPARE, Lt},
    [TOKEN_less_equal] = {P_COMPARE, LtE},
    [TOKEN_greater] = {P_COMPARE, Gt},
    [TOKEN_greater_equal] = {P_COMPARE, GtE},
    [TOKEN_bar] = {P_BIT_OR, BitOr},
    [TOKEN_caret] = {P_BIT_XOR, BitXor},
    [TOKEN_ampersand] = {P_BIT_AND, BitAnd},
    [TOKEN_left_shift] = {P_SHIFT, LShift},
    [TOKEN_right_shift] = {P_SHIFT, RShift},
    [TOKEN_plus] = {P_SUM, Add},
    [TOKEN_minus] = {P_SUM, Sub},
    [TOKEN_star] = {P_TERM, Mult},
    [TOKEN_slash] = {P_TERM, Div},
    [TOKEN_double_slash] = {P_TERM, FloorDiv},
    [TOKEN_percent] = {P_TERM, Mod},
    [TOKEN_at] = {P_TERM, MatMult},
    [TOKEN_double_star] = {P_POWER, Pow},
    [TOKEN_dot] = {P_PRIMARY, 0},
    [TOKEN_left_parenthesis] = {P_PRIMARY, 0},
    [TOKEN_left_bracket] = {P_PRIMARY, 0},
};

static struct expr *new_binop(struct parser *p, mark m, struct expr *left, unsigned op,
                              struct expr *right)
{
    struct expr *e = new_expr(p, BinOp_kind, span(p, m));
    bool constant = left->kind == Constant_kind;
    bool format = p->folds_formats & (op == Mod) & (right->kind == Tuple_kind);
    p->folds += constant & (format | (p->folds_tree & (right->kind == Constant_kind)));
    e->v.BinOp.left = left;
    e->v.BinOp.op = (enum operator_kind)op;
    e->v.BinOp.right = right;
    return e;
}

static struct expr *new_unary(struct parser *p, mark m, enum unaryop_kind op, struct expr *operand)
{
    struct expr *e = new_expr(p, UnaryOp_kind, span(p, m));
    bool opposite =
        (op == Not) & (operand->kind == Compare_kind) && operand->v.Compare.ops->items[0] >= Is;
    p->folds += p->folds_tree & (opposite | (operand->kind == Constant_kind));
    e->v.UnaryOp.op = op;
    e->v.UnaryOp.operand = operand;
    return e;
}

/* One slice: with colons, or an expression. */
static struct expr *parse_slice(struct parser *p)
{
    mark m = mark_here(p);
    struct expr *lower = NULL, *upper = NULL, *step = NULL;
    if (peek(p) != TOKEN_colon) {
        lower = parse_expression(p);
        if (peek(p) == TOKEN_walrus && PARSER_HAS(p, UNPARENTHESIZED_INDEX_WALRUS))
            return parse_walrus(p, m, lower);
        if (peek(p) != TOKEN_colon)
            return lower;
    }
    advance(p);
    if (starts_expression(p) && peek(p) != TOKEN_star)
        upper = parse_expression(p);
    if (accept(p, TOKEN_colon) && starts_expression(p) && peek(p) != TOKEN_star) {
        parser_enter(p, p->costs->step);
        step = parse_expression(p);
        p->depth -= p->costs->step;
    }
    struct expr *e = new_expr(p, Slice_kind, span(p, m));
    e->v.Slice.lower = lower;
    e->v.Slice.upper = upper;
    e->v.Slice.step = step;
    return e;
}

/* slices, behind the '['. */
static struct expr *parse_slices(struct parser *p)
{
    mark m = mark_here(p);
    bool star_allowed = PARSER_HAS(p, STAR_IN_INDEX);
    bool starred = star_allowed && peek(p) == TOKEN_star;
    struct expr *e = starred ? parse_starred_argument(p) : parse_slice(p);
    if (peek(p) != TOKEN_comma && !starred)
        return e;
    uint32_t base = p->scratch_count;
    scratch_push(p, e);
    while (accept(p, TOKEN_comma) && peek(p) != TOKEN_right_bracket) {
        starred = star_allowed && peek(p) == TOKEN_star;
        scratch_push(p, starred ? parse_starred_argument(p) : parse_slice(p));
    }
    struct expr_list *elts = scratch_take(p, base);
    return new_tuple(p, m, elts);
}

/* The call of a primary that starts at the mark, at the '('. */
static struct expr *parse_call(struct parser *p, mark m, struct expr *func)
{
    mark open = mark_here(p);
    advance(p);
    int depth = p->depth;
    parser_enter(p, bracket_cost(p, m, p->costs->call));
    struct call_items items = {p->empty, p->empty};
    bool around = p->plain_arguments;
    p->plain_arguments = true;
    if (!accept(p, TOKEN_right_parenthesis))
        items = parse_call_arguments(p, open);
    p->depth = depth;
    struct expr *e = new_expr(p, Call_kind, span(p, m));
    e->plain_call = p->plain_arguments & (items.keywords == p->empty);
    p->plain_arguments = around;
    e->v.Call.func = func;
    e->v.Call.args = items.args;
    e->v.Call.keywords = items.keywords;
    return e;
}

/* A subscript of a primary that starts at the mark, at the '['. */
__attribute__((noinline)) static struct expr *parse_subscript(struct parser *p, mark m,
                                                              struct expr *value)
{
    advance(p);
    int cost = bracket_cost(p, m, p->costs->subscript);
    parser_enter(p, cost);
    struct expr *slice = parse_slices(p);
    p->depth -= cost;
    expect(p, TOKEN_right_bracket);
    struct expr *e = new_expr(p, Subscript_kind, span(p, m));
    e->v.Subscript.value = value;
    e->v.Subscript.slice = slice;
    e->v.Subscript.ctx = Load;
    p->folds += p->folds_tree & (value->kind == Constant_kind);
    return e;
}

/* An attribute of a primary that starts at the mark, at the '.'. */
static inline struct expr *parse_attribute(struct parser *p, mark m, struct expr *value)
{
    const struct token *name = p->token + 1;
    if (name->kind != TOKEN_name)
        reject(p);
    struct expr *e = new_expr(p, Attribute_kind, span_to(m, name));
    e->v.Attribute.value = value;
    e->v.Attribute.attr = name->id;
    e->v.Attribute.ctx = Load;
    p->token = name + 1;
    return e;
}

/* Tokens that parse_prefix takes. */
static const bool is_prefix[TOKEN_KIND_COUNT] = {
    [NAME_not] = true,    [TOKEN_plus] = true, [TOKEN_minus] = true,
    [TOKEN_tilde] = true, [NAME_await] = true, [NAME_lambda] = true,
};

/* A prefix operator and its operand, or a lambda. */
__attribute__((noinline)) static struct expr *parse_prefix(struct parser *p, mark m,
                                                           enum precedence least)
{
    enum unaryop_kind op;
    if (least == P_PRIMARY)
        reject(p);
    switch (peek(p)) {
    case NAME_not: op = Not; break;
    case TOKEN_plus: op = UAdd; break;
    case TOKEN_minus: op = USub; break;
    default: op = Invert; break;
    case NAME_await: {
        advance(p);
        p->specials++;
        p->catching++;
        struct expr *value = parse_operators(p, P_PRIMARY);
        struct expr *e = new_expr(p, Await_kind, span(p, m));
        e->v.Await.value = value;
        return e;
    }
    case NAME_lambda:
        if (least > P_CONDITIONAL)
            reject(p);
        return parse_lambda(p, parse_expression);
    }
    if (op == Not && least > P_NOT)
        reject(p);
    advance(p);
    parser_enter(p, p->costs->unary);
    struct expr *operand = parse_operators(p, op == Not ? P_NOT : P_UNARY);
    p->depth -= p->costs->unary;
    return new_unary(p, m, op, operand);
}

/* a or b or c, at the first operator. */
static struct expr *parse_boolop(struct parser *p, mark m, struct expr *first, unsigned token,
                                 enum precedence tighter)
{
    enum boolop_kind op = (enum boolop_kind)infix[token].op;
    uint32_t base = p->scratch_count;
    scratch_push(p, first);
    parser_enter(p, p->costs->operand);
    while (accept(p, token))
        scratch_push(p, parse_operators(p, tighter));
    p->depth -= p->costs->operand;
    struct expr_list *values = scratch_take(p, base);
    struct expr *e = new_expr(p, BoolOp_kind, span(p, m));
    e->v.BoolOp.op = op;
    e->v.BoolOp.values = values;
    return e;
}

/* Consume a comparison operator. */
static enum cmpop_kind parse_cmpop(struct parser *p)
{
    unsigned token = peek(p);
    enum cmpop_kind op = (enum cmpop_kind)infix[token].op;
    if (token == TOKEN_not_equal && (p->token->start[0] == '<') != p->barry_as_flufl)
        reject(p);
    advance(p);
    if (token == NAME_not)
        expect(p, NAME_in);
    else if (token == NAME_is && accept(p, NAME_not))
        op = IsNot;
    return op;
}

/* a < b < c, at the first operator. */
static struct expr *parse_comparison(struct parser *p, mark m, struct expr *left)
{
    uint32_t base = p->scratch_count, count = 0;
    uint8_t few[16], *ops = few;
    size_t capacity = sizeof few;
    parser_enter(p, p->costs->comparison);
    while (infix[peek(p)].precedence == P_COMPARE) {
        if (count == capacity) {
            uint8_t *more = arena_alloc_array(p->arena, 2, capacity);
            memcpy(more, ops, capacity);
            ops = more;
            capacity *= 2;
        }
        ops[count++] = (uint8_t)parse_cmpop(p);
        scratch_push(p, parse_operators(p, P_BIT_OR));
    }
    p->depth -= p->costs->comparison;
    struct expr_list *comparators = scratch_take(p, base);
    struct expr *e = new_expr(p, Compare_kind, span(p, m));
    if (ops[count - 1] == In || ops[count - 1] == NotIn)
        note_searched(p, comparators->items[comparators->count - 1]);
    struct cmpop_kind_list *list = arena_alloc(p->arena, sizeof *list + count);
    list->count = count;
    memcpy(list->items, ops, count);
    e->v.Compare.left = left;
    e->v.Compare.ops = list;
    e->v.Compare.comparators = comparators;
    return e;
}

/* body 'if' test 'else' expression, at the 'if'. */
static struct expr *parse_conditional(struct parser *p, mark m, struct expr *body)
{
    advance(p);
    p->specials++; /* the test comes first */
    struct expr *test = parse_operators(p, P_OR);
    expect(p, NAME_else);
    parser_enter(p, p->costs->conditional);
    struct expr *orelse = parse_expression(p);
    p->depth -= p->costs->conditional;
    struct expr *e = new_expr(p, IfExp_kind, span(p, m));
    e->v.IfExp.test = test;
    e->v.IfExp.body = body;
    e->v.IfExp.orelse = orelse;
    return e;
}

/* What the operator at hand makes of the operand before it and of what follows. */
__attribute__((noinline)) static struct expr *parse_operator(struct parser *p, mark m,
                                                             struct expr *left)
{
    unsigned token = peek(p);
    enum precedence strength = (enum precedence)infix[token].precedence;
    struct expr *right;
    switch (strength) {
    case P_CONDITIONAL: return parse_conditional(p, m, left);
    case P_OR: return parse_boolop(p, m, left, token, P_AND);
    case P_AND: return parse_boolop(p, m, left, token, P_NOT);
    case P_COMPARE: return parse_comparison(p, m, left);
    case P_POWER:
        advance(p);
        parser_enter(p, p->costs->power);
        right = parse_operators(p, P_UNARY);
        p->depth -= p->costs->power;
        break;
    default: advance(p); right = parse_operators(p, strength + 1);
    }
    return new_binop(p, m, left, infix[token].op, right);
}

/* The attributes, subscripts, calls and operators behind an operand that bind at least as tightly
 * as `least`. */
__attribute__((noinline)) static struct expr *parse_infix(struct parser *p, mark m, struct expr *e,
                                                          enum precedence least)
{
    for (;;) {
        while (peek(p) == TOKEN_dot)
            e = parse_attribute(p, m, e);
        unsigned token = peek(p);
        if (token == TOKEN_left_parenthesis)
            e = parse_call(p, m, e);
        else if (token == TOKEN_left_bracket)
            e = parse_subscript(p, m, e);
        else if (infix[token].precedence >= least)
            e = parse_operator(p, m, e);
        if (infix[peek(p)].precedence < least)
            return e;
    }
}

/* Any operand, and what follows it; see parse_operators. */
__attribute__((noinline)) static struct expr *parse_any_operand(struct parser *p,
                                                                enum precedence least)
{
    mark m = mark_here(p);
    struct expr *e = is_prefix[m->kind] ? parse_prefix(p, m, least) : parse_atom(p);
    return infix[peek(p)].precedence < least ? e : parse_infix(p, m, e, least);
}

struct expr *parse_operators(struct parser *p, enum precedence least)
{
    mark m = mark_here(p);
    if (!at_quick_name(p))
        return parse_any_operand(p, least);
    struct expr *e = parse_name(p, Load);
    return infix[m[1].kind].precedence < least ? e : parse_infix(p, m, e, least);
}
