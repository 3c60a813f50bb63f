/* The parser: the arguments of calls. */
#include "syntax/parser_expressions.h"

struct expr *parse_starred_argument(struct parser *p)
{
    mark m = mark_here(p);
    advance(p);
    struct expr *value = parse_expression(p);
    struct expr *e = new_starred(p, m, value);
    if (!PARSER_HAS(p, PEG_PARSER)) {
        e->loc.end_lineno = value->loc.end_lineno;
        e->loc.end_col_offset = value->loc.end_col_offset;
    }
    return e;
}

/* A keyword argument's record; arg 0: **value. */
static struct keyword *new_keyword(struct parser *p, mark m, identifier arg, struct expr *value)
{
    struct keyword *k = arena_alloc(p->arena, sizeof *k);
    k->arg = arg;
    k->value = value;
    k->loc = span(p, m);
    return k;
}

/* Releases before the PEG parser find repeated keyword arguments, and names that cannot be bound,
 * at once. */
static void check_keywords(struct parser *p, const struct keyword_list *keywords)
{
    for (uint32_t i = 0; i < keywords->count; i++) {
        identifier arg = keywords->items[i]->arg;
        check_binding(p, arg);
        for (uint32_t j = 0; arg != 0 && j < i; j++) {
            if (keywords->items[j]->arg == arg)
                reject(p);
        }
    }
}

/* Keyword arguments lie among the positional ones on scratch, marked in the lowest bit of their
 * address. */
__attribute__((noinline)) static struct call_items take_call_arguments(struct parser *p,
                                                                       uint32_t base)
{
    uint32_t count = p->scratch_count - base, n_keywords = 0;
    for (uint32_t i = 0; i < count; i++)
        n_keywords += (uintptr_t)p->scratch[base + i] & 1;
    struct expr_list *args = p->empty;
    if (n_keywords < count) {
        args = arena_alloc_array(p->arena, (size_t)(count - n_keywords) + 1, sizeof(void *));
        args->count = 0;
    }
    struct keyword_list *keywords =
        arena_alloc_array(p->arena, (size_t)n_keywords + 1, sizeof(void *));
    keywords->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        char *item = p->scratch[base + i];
        if ((uintptr_t)item & 1)
            keywords->items[keywords->count++] = (struct keyword *)(void *)(item - 1);
        else
            args->items[args->count++] = (struct expr *)(void *)item;
    }
    p->scratch_count = base;
    if (!PARSER_HAS(p, PEG_PARSER))
        check_keywords(p, keywords);
    return (struct call_items){args, keywords};
}

/* What may follow in a call: positional arguments only until the first keyword, starred ones until
 * the first '**'. */
enum call_state { CALL_POSITIONAL, CALL_KEYWORDS, CALL_UNPACKED };

/* What the arguments of one call have in common. */
struct call {
    mark open;     /* the '(', where a generator expression that is the only argument starts; NULL:
                      there must be none */
    uint32_t base; /* of the arguments on scratch */
    enum call_state state;
};

/* The generator expression of `elt`, which must be the only argument; up to the ')'. */
static struct expr *parse_generator_argument(struct parser *p, const struct call *call,
                                             struct expr *elt)
{
    if (call->open == NULL || p->scratch_count != call->base)
        reject(p);
    struct expr *e = parse_comprehension(p, GeneratorExp_kind, call->open, elt,
                                         TOKEN_right_parenthesis, p->costs->bare_clause);
    p->token--;
    return e;
}

/* The following functions give an argument as it goes on scratch (see take_call_arguments). */

/* NAME '=' value, or '**' value if arg is 0, at the value. */
static inline void *parse_keyword_argument(struct parser *p, mark m, identifier arg)
{
    struct expr *value = expression(p);
    return (char *)new_keyword(p, m, arg, value) + 1;
}

/* What an argument is that starts with the expression and goes on. */
__attribute__((noinline)) static void *parse_argument_rest(struct parser *p, struct call *call,
                                                           mark m, struct expr *e)
{
    if (peek(p) == TOKEN_walrus)
        e = parse_walrus(p, m, e);
    if (call->state != CALL_POSITIONAL)
        reject(p);
    if (!at_for_clause(p))
        return e;
    if (is_bare_walrus(e) && !PARSER_HAS(p, PEG_PARSER))
        reject(p);
    return parse_generator_argument(p, call, e);
}

/* An argument that starts with stars. */
__attribute__((noinline)) static void *parse_unpacked_argument(struct parser *p, struct call *call)
{
    mark m = mark_here(p);
    p->plain_arguments = false;
    if (accept(p, TOKEN_double_star)) {
        call->state = CALL_UNPACKED;
        return parse_keyword_argument(p, m, 0);
    }
    if (call->state == CALL_UNPACKED)
        reject(p);
    p->specials += call->state == CALL_KEYWORDS; /* those come last */
    struct expr *e = parse_starred_argument(p);
    return at_for_clause(p) ? parse_generator_argument(p, call, e) : e;
}

/* Any argument. */
__attribute__((noinline)) static void *parse_any_argument(struct parser *p, struct call *call)
{
    mark m = mark_here(p);
    if (m->kind == TOKEN_name && m[1].kind == TOKEN_assign) {
        if (call->state == CALL_POSITIONAL)
            call->state = CALL_KEYWORDS;
        p->token = m + 2;
        return parse_keyword_argument(p, m, m->id);
    }
    if (m->kind == TOKEN_star || m->kind == TOKEN_double_star)
        return parse_unpacked_argument(p, call);
    struct expr *e = parse_operators(p, P_CONDITIONAL);
    if ((parser_ending[peek(p)] & ENDS_ARGUMENT) && call->state == CALL_POSITIONAL)
        return e;
    return parse_argument_rest(p, call, m, e);
}

/* One argument. Positional ones of one token, nearly half of all, are seen at once. */
static inline void *parse_argument(struct parser *p, struct call *call)
{
    if (is_single_token(p->token, ENDS_ARGUMENT) && call->state == CALL_POSITIONAL)
        return parse_single_token(p);
    return parse_any_argument(p, call);
}

struct call_items parse_call_arguments(struct parser *p, mark open)
{
    struct call call = {open, p->scratch_count, CALL_POSITIONAL};
    void *item = parse_argument(p, &call);
    if ((peek(p) == TOKEN_right_parenthesis) & (call.state == CALL_POSITIONAL)) {
        advance(p);
        return (struct call_items){single_list(p, item), p->empty};
    }
    scratch_push(p, item);
    while (accept(p, TOKEN_comma) && peek(p) != TOKEN_right_parenthesis)
        scratch_push(p, parse_argument(p, &call));
    expect(p, TOKEN_right_parenthesis);
    if (call.state != CALL_POSITIONAL)
        return take_call_arguments(p, call.base);
    return (struct call_items){scratch_take(p, call.base), p->empty};
}
