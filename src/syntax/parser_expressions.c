/* The parser: expressions as statements ask for them: with stars, with ':=', tuples without
 * parentheses, yield; and what the first token of an expression says. */
#include "syntax/parser_expressions.h"

const uint8_t parser_ending[TOKEN_KIND_COUNT] = {
    [TOKEN_newline] = ENDS_EXPRESSION | ENDS_TUPLE,
    [TOKEN_semicolon] = ENDS_EXPRESSION | ENDS_TUPLE,
    [TOKEN_comma] = ENDS_EXPRESSION | ENDS_ARGUMENT,
    [TOKEN_colon] = ENDS_EXPRESSION | ENDS_TUPLE,
    [TOKEN_assign] = ENDS_EXPRESSION | ENDS_TUPLE,
    [TOKEN_right_parenthesis] = ENDS_EXPRESSION | ENDS_TUPLE | ENDS_ARGUMENT,
    [TOKEN_right_bracket] = ENDS_EXPRESSION | ENDS_TUPLE,
    [TOKEN_right_brace] = ENDS_EXPRESSION | ENDS_TUPLE,
};

const uint8_t parser_is_expression[TOKEN_KIND_COUNT] = {
    [TOKEN_name] = 0xFF, [TOKEN_number] = 0xFF, [TOKEN_string] = 0xFF,   [NAME_None] = 0xFF,
    [NAME_True] = 0xFF,  [NAME_False] = 0xFF,   [TOKEN_ellipsis] = 0xFF,
};

struct expr *new_starred(struct parser *p, mark m, struct expr *value)
{
    struct expr *e = new_expr(p, Starred_kind, span(p, m));
    e->v.Starred.value = value;
    e->v.Starred.ctx = Load;
    return e;
}

struct expr *new_tuple(struct parser *p, mark m, struct expr_list *elts)
{
    struct expr *e = new_expr(p, Tuple_kind, span(p, m));
    if (p->folds_tree) {
        uint32_t n = elts->count;
        p->folds += n == 0 || ((elts->items[0]->kind == Constant_kind) &
                               (elts->items[n - 1]->kind == Constant_kind));
    }
    e->v.Tuple.elts = elts;
    e->v.Tuple.ctx = Load;
    return e;
}

/* Is it a name without parentheses around it? */
static inline bool is_bare_name(const struct expr *e)
{
    return e->kind == Name_kind && !e->parenthesized;
}

struct expr *parse_expression(struct parser *p)
{
    return expression(p);
}

struct expr *parse_walrus(struct parser *p, mark m, struct expr *target)
{
    if (!is_bare_name(target) && (PARSER_HAS(p, PEG_PARSER) || target->kind != Name_kind))
        reject(p);
    advance(p);
    p->specials++;
    convert_target(p, target, Store);
    struct expr *value = parse_expression(p);
    struct expr *e = new_expr(p, NamedExpr_kind, span(p, m));
    e->v.NamedExpr.target = target;
    e->v.NamedExpr.value = value;
    return e;
}

struct expr *parse_named_expression(struct parser *p)
{
    mark m = mark_here(p);
    struct expr *e = expression(p);
    return peek(p) == TOKEN_walrus ? parse_walrus(p, m, e) : e;
}

struct expr *parse_unpacked(struct parser *p)
{
    p->depth += p->costs->starred;
    struct expr *e = parse_operators(p, P_BIT_OR);
    p->depth -= p->costs->starred;
    return e;
}

struct expr *parse_starred(struct parser *p)
{
    mark m = mark_here(p);
    advance(p);
    return new_starred(p, m, parse_unpacked(p));
}

struct expr *parse_star_named_expression(struct parser *p)
{
    return peek(p) == TOKEN_star ? parse_starred(p) : parse_named_expression(p);
}

struct expr *parse_star_expression(struct parser *p)
{
    return peek(p) == TOKEN_star ? parse_starred(p) : expression(p);
}

bool starts_expression(const struct parser *p)
{
    switch (peek(p)) {
    case TOKEN_name:
    case TOKEN_number:
    case TOKEN_string:
    case TOKEN_fstring_start:
    case TOKEN_tstring_start:
    case TOKEN_left_parenthesis:
    case TOKEN_left_bracket:
    case TOKEN_left_brace:
    case TOKEN_ellipsis:
    case TOKEN_plus:
    case TOKEN_minus:
    case TOKEN_tilde:
    case TOKEN_star:
    case NAME_True:
    case NAME_False:
    case NAME_None:
    case NAME_not:
    case NAME_lambda:
    case NAME_await: return true;
    default: return false;
    }
}

/* The tuple whose first item is parsed and followed by a comma. */
static struct expr *parse_tuple_rest(struct parser *p, struct expr *first, mark m)
{
    uint32_t base = p->scratch_count;
    scratch_push(p, first);
    while (accept(p, TOKEN_comma) && starts_expression(p))
        scratch_push(p, parse_star_expression(p));
    struct expr_list *elts = scratch_take(p, base);
    return new_tuple(p, m, elts);
}

struct expr *parse_expression_tuple(struct parser *p, struct expr *first, mark m)
{
    uint32_t base = p->scratch_count;
    scratch_push(p, first);
    while (accept(p, TOKEN_comma) && starts_expression(p) && peek(p) != TOKEN_star)
        scratch_push(p, parse_expression(p));
    struct expr_list *elts = scratch_take(p, base);
    return new_tuple(p, m, elts);
}

struct expr *parse_any_star_expressions(struct parser *p)
{
    mark m = mark_here(p);
    struct expr *e = peek(p) == TOKEN_star ? parse_starred(p) : parse_operators(p, P_CONDITIONAL);
    return peek(p) == TOKEN_comma ? parse_tuple_rest(p, e, m) : e;
}

struct expr *parse_star_expressions(struct parser *p)
{
    if (is_single_token(p->token, ENDS_TUPLE))
        return parse_single_token(p);
    return parse_any_star_expressions(p);
}

struct expr *parse_iterable(struct parser *p)
{
    if (PARSER_HAS(p, STAR_IN_FOR))
        return parse_star_expressions(p);
    mark m = mark_here(p);
    struct expr *e = parse_expression(p);
    return peek(p) == TOKEN_comma ? parse_expression_tuple(p, e, m) : e;
}

struct expr *parse_yield(struct parser *p)
{
    mark m = mark_here(p);
    struct expr *value = NULL;
    p->specials++;
    p->catching++;
    advance(p);
    if (accept(p, NAME_from)) {
        value = parse_expression(p);
        struct expr *e = new_expr(p, YieldFrom_kind, span(p, m));
        e->v.YieldFrom.value = value;
        return e;
    }
    parser_enter(p, p->costs->yield);
    if (starts_expression(p))
        value = parse_star_expressions(p);
    p->depth -= p->costs->yield;
    struct expr *e = new_expr(p, Yield_kind, span(p, m));
    e->v.Yield.value = value;
    return e;
}

struct expr *parse_yield_or_star_expressions(struct parser *p)
{
    if (is_single_token(p->token, ENDS_TUPLE))
        return parse_single_token(p);
    return peek(p) == NAME_yield ? parse_yield(p) : parse_any_star_expressions(p);
}

struct expr *parse_bitwise_or(struct parser *p)
{
    return parse_operators(p, P_BIT_OR);
}
