/* The parser: atoms in brackets: groups, tuples, displays, comprehensions. */
#include "syntax/parser_expressions.h"

/* What follows 'if' in a comprehension; before the PEG parser also a lambda, whose body is of the
 * same sort. */
static struct expr *parse_condition(struct parser *p)
{
    if (peek(p) != NAME_lambda || PARSER_HAS(p, PEG_PARSER))
        return parse_operators(p, P_OR);
    return parse_lambda(p, parse_condition);
}

/* for_if_clauses, at 'for' or 'async', `cost` deeper than the element. */
static struct comprehension_list *parse_for_if_clauses(struct parser *p, int cost)
{
    const struct nesting_costs *costs = p->costs;
    uint32_t base = p->scratch_count;
    int depth = p->depth;
    p->specials++;
    p->catching++;
    while (peek(p) == NAME_for || peek(p) == NAME_async) {
        struct comprehension *clause = arena_alloc(p->arena, sizeof *clause);
        clause->is_async = accept(p, NAME_async);
        expect(p, NAME_for);
        p->depth += cost + costs->clause_target;
        clause->target = parse_star_targets(p);
        p->depth -= costs->clause_target;
        expect(p, NAME_in);
        parser_enter(p, 0);
        clause->iter = parse_operators(p, P_OR);
        note_searched(p, clause->iter);
        uint32_t ifs = p->scratch_count;
        cost = costs->behind_for;
        while (accept(p, NAME_if)) {
            parser_enter(p, cost);
            scratch_push(p, parse_condition(p));
            cost = costs->behind_if;
        }
        clause->ifs = scratch_take(p, ifs);
        scratch_push(p, clause);
    }
    p->depth = depth;
    return scratch_take(p, base);
}

struct expr *parse_comprehension(struct parser *p, enum expr_kind kind, mark m, struct expr *elt,
                                 unsigned closing, int cost)
{
    if (elt->kind == Starred_kind && !PARSER_HAS(p, UNPACKING_IN_COMPREHENSIONS))
        reject(p);
    struct comprehension_list *generators = parse_for_if_clauses(p, cost);
    expect(p, closing);
    p->plain_arguments = false;
    struct expr *e = new_expr(p, kind, span(p, m));
    e->v.ListComp.elt = elt;
    e->v.ListComp.generators = generators;
    return e;
}

/* tuple, group or genexp, at the '('. */
static struct expr *parse_parentheses(struct parser *p)
{
    mark m = mark_here(p);
    advance(p);
    uint32_t base = p->scratch_count;
    struct expr *e;
    if (peek(p) == NAME_yield) {
        e = parse_yield(p);
    } else if (peek(p) != TOKEN_right_parenthesis) {
        e = parse_star_named_expression(p);
        if (at_for_clause(p))
            return parse_comprehension(p, GeneratorExp_kind, m, e, TOKEN_right_parenthesis, 0);
        if (peek(p) == TOKEN_comma) {
            scratch_push(p, e);
            while (accept(p, TOKEN_comma) && peek(p) != TOKEN_right_parenthesis)
                scratch_push(p, parse_star_named_expression(p));
            e = NULL;
        } else if (e->kind == Starred_kind && PARSER_HAS(p, PEG_PARSER)) {
            reject(p);
        }
    } else {
        e = NULL;
    }
    expect(p, TOKEN_right_parenthesis);
    if (e == NULL)
        e = new_tuple(p, m, scratch_take(p, base));
    e->parenthesized = 1;
    return e;
}

/* list or listcomp, at the '['. */
static struct expr *parse_list(struct parser *p)
{
    mark m = mark_here(p);
    advance(p);
    uint32_t base = p->scratch_count;
    if (peek(p) != TOKEN_right_bracket) {
        struct expr *first = parse_star_named_expression(p);
        if (at_for_clause(p))
            return parse_comprehension(p, ListComp_kind, m, first, TOKEN_right_bracket, 0);
        scratch_push(p, first);
        while (accept(p, TOKEN_comma) && peek(p) != TOKEN_right_bracket)
            scratch_push(p, parse_star_named_expression(p));
    }
    expect(p, TOKEN_right_bracket);
    struct expr *e = new_expr(p, List_kind, span(p, m));
    e->v.List.elts = scratch_take(p, base);
    e->v.List.ctx = Load;
    return e;
}

/* {**x for ...} and {key: value for ...}, at the first 'for'; key NULL: **value. */
static struct expr *parse_dict_comprehension(struct parser *p, mark m, struct expr *key,
                                             struct expr *value)
{
    if (key == NULL && !PARSER_HAS(p, UNPACKING_IN_COMPREHENSIONS))
        reject(p);
    struct comprehension_list *generators = parse_for_if_clauses(p, p->costs->bare_clause);
    expect(p, TOKEN_right_brace);
    struct expr *e = new_expr(p, DictComp_kind, span(p, m));
    e->v.DictComp.key = key ? key : value;
    e->v.DictComp.value = key ? value : NULL;
    e->v.DictComp.generators = generators;
    return e;
}

/* The rest of a dict display whose first pair is parsed (key NULL: **value). */
static struct expr *parse_dict_rest(struct parser *p, mark m, struct expr *key, struct expr *value)
{
    if (at_for_clause(p))
        return parse_dict_comprehension(p, m, key, value);
    uint32_t base = p->scratch_count;
    scratch_push(p, key);
    scratch_push(p, value);
    while (accept(p, TOKEN_comma) && peek(p) != TOKEN_right_brace) {
        if (accept(p, TOKEN_double_star)) {
            scratch_push(p, NULL);
            scratch_push(p, parse_unpacked(p));
        } else {
            uint32_t names = p->name_count;
            scratch_push(p, parse_expression(p));
            p->specials += p->name_count != names; /* all keys come before all values */
            expect(p, TOKEN_colon);
            scratch_push(p, parse_expression(p));
        }
    }
    expect(p, TOKEN_right_brace);
    uint32_t count = (p->scratch_count - base) / 2;
    struct expr *e = new_expr(p, Dict_kind, span(p, m));
    struct expr_list *keys = arena_alloc_array(p->arena, (size_t)count + 1, sizeof(void *));
    struct expr_list *values = arena_alloc_array(p->arena, (size_t)count + 1, sizeof(void *));
    keys->count = values->count = count;
    for (uint32_t i = 0; i < count; i++) {
        keys->items[i] = p->scratch[base + 2 * i];
        values->items[i] = p->scratch[base + 2 * i + 1];
    }
    p->scratch_count = base;
    e->v.Dict.keys = keys;
    e->v.Dict.values = values;
    return e;
}

/* One item of a set display. */
static struct expr *check_set_item(struct parser *p, struct expr *e)
{
    if (is_bare_walrus(e) && !PARSER_HAS(p, PEG_PARSER))
        reject(p);
    return e;
}

/* dict, set and their comprehensions, at the '{'. */
static struct expr *parse_braces(struct parser *p)
{
    mark m = mark_here(p);
    advance(p);
    if (accept(p, TOKEN_right_brace)) {
        struct expr *e = new_expr(p, Dict_kind, span(p, m));
        e->v.Dict.keys = e->v.Dict.values = p->empty;
        return e;
    }
    if (accept(p, TOKEN_double_star))
        return parse_dict_rest(p, m, NULL, parse_unpacked(p));
    struct expr *first = parse_star_named_expression(p);
    if (peek(p) == TOKEN_colon) {
        if ((first->kind == Starred_kind && !first->parenthesized) || is_bare_walrus(first))
            reject(p);
        advance(p);
        return parse_dict_rest(p, m, first, parse_expression(p));
    }
    check_set_item(p, first);
    if (at_for_clause(p))
        return parse_comprehension(p, SetComp_kind, m, first, TOKEN_right_brace,
                                   p->costs->bare_clause);
    uint32_t base = p->scratch_count;
    scratch_push(p, first);
    while (accept(p, TOKEN_comma) && peek(p) != TOKEN_right_brace)
        scratch_push(p, check_set_item(p, parse_star_named_expression(p)));
    expect(p, TOKEN_right_brace);
    struct expr *e = new_expr(p, Set_kind, span(p, m));
    e->v.Set.elts = scratch_take(p, base);
    return e;
}

struct expr *parse_bracketed(struct parser *p)
{
    unsigned token = peek(p);
    int cost = token == TOKEN_left_parenthesis ? p->costs->parentheses
               : token == TOKEN_left_bracket   ? p->costs->list
                                               : p->costs->braces;
    cost = bracket_cost(p, mark_here(p), cost);
    parser_enter(p, cost);
    struct expr *e = token == TOKEN_left_parenthesis ? parse_parentheses(p)
                     : token == TOKEN_left_bracket   ? parse_list(p)
                                                     : parse_braces(p);
    p->depth -= cost;
    return e;
}
