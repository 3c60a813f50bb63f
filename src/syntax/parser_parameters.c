/* The parser: the parameters of functions, and lambdas. */
#include "syntax/parser_expressions.h"

/* One parameter's default, at the '='; or NULL. */
static struct expr *parse_default(struct parser *p)
{
    return accept(p, TOKEN_assign) ? parse_expression(p) : NULL;
}

/* A parameter's annotation, at the ':'. `star`: it may be starred, as that of *args. */
__attribute__((noinline)) static struct expr *parse_annotation(struct parser *p, bool star)
{
    advance(p);
    p->annotated_parameters++;
    if (star && peek(p) == TOKEN_star && PARSER_HAS(p, STAR_ANNOTATION))
        return parse_starred(p);
    return parse_expression(p);
}

/* NAME [annotation]. */
static inline struct arg *parse_param(struct parser *p, bool annotated, bool star)
{
    mark m = mark_here(p);
    struct arg *a = arena_alloc(p->arena, sizeof *a);
    a->arg = expect_name(p);
    check_binding(p, a->arg);
    a->annotation = annotated && peek(p) == TOKEN_colon ? parse_annotation(p, star) : NULL;
    a->loc = span(p, m);
    return a;
}

/* From pairs of parameter and default on scratch: `count` parameters from there on. */
static struct arg_list *take_args(struct parser *p, uint32_t from, uint32_t count)
{
    if (count == 0)
        return p->empty;
    struct arg_list *list = arena_alloc_array(p->arena, (size_t)count + 1, sizeof(void *));
    list->count = count;
    for (uint32_t i = 0; i < count; i++)
        list->items[i] = p->scratch[from + 2 * i];
    return list;
}

/* The same for the defaults. */
static struct expr_list *take_defaults(struct parser *p, uint32_t from, uint32_t count)
{
    return (void *)take_args(p, from + 1, count);
}

/* The parameters behind '*' or '**', which is the current token. Pushes the keyword-only ones. */
static void parse_star_etc(struct parser *p, struct arguments *a, unsigned closing, bool annotated)
{
    if (accept(p, TOKEN_star)) {
        bool bare = peek(p) == TOKEN_comma;
        if (!bare)
            a->vararg = parse_param(p, annotated, true);
        bool comma = accept(p, TOKEN_comma);
        if (bare && peek(p) != TOKEN_name)
            reject(p);
        while (comma && peek(p) == TOKEN_name) {
            const struct token *name = p->token;
            struct arg *arg = parse_param(p, annotated, false);
            if (!PARSER_HAS(p, PEG_PARSER)) {
                arg->loc.end_lineno = name->end_lineno;
                arg->loc.end_col_offset = name->end_col_offset;
            }
            struct expr *value = parse_default(p);
            scratch_push(p, arg);
            scratch_push(p, value);
            comma = accept(p, TOKEN_comma);
        }
        if (!comma || peek(p) != TOKEN_double_star)
            return;
    }
    advance(p);
    a->kwarg = parse_param(p, annotated, false);
    if (peek(p) != closing)
        expect(p, TOKEN_comma);
}

/* A default must follow, since the parameter before has one. */
static inline void check_default(struct parser *p, bool needed)
{
    if (needed && peek(p) != TOKEN_assign)
        reject(p);
}

/* Give every parameter on scratch from `base` on a place behind it for its default. */
static void make_room_for_defaults(struct parser *p, uint32_t base)
{
    uint32_t count = p->scratch_count - base;
    for (uint32_t i = 0; i < count; i++)
        scratch_push(p, NULL);
    for (uint32_t i = count; i-- > 0;) {
        p->scratch[base + 2 * i + 1] = NULL;
        p->scratch[base + 2 * i] = p->scratch[base + i];
    }
}

/* The parameters behind plain ones, which are on scratch from `base` on; the last of those may be
 * followed by its default. */
__attribute__((noinline)) static void parse_more_parameters(struct parser *p, struct arguments *a,
                                                            uint32_t base, unsigned closing,
                                                            bool annotated)
{
    make_room_for_defaults(p, base);
    uint32_t position = base, first_default = p->scratch_count;
    bool defaults = peek(p) == TOKEN_assign, slash = false;
    if (defaults) {
        first_default -= 2;
        struct expr *value = parse_default(p);
        p->scratch[p->scratch_count - 1] = value;
        if (!accept(p, TOKEN_comma) && peek(p) != closing)
            reject(p);
    }
    while (peek(p) == TOKEN_name || peek(p) == TOKEN_slash) {
        if (peek(p) == TOKEN_slash) {
            if (slash || p->scratch_count == base || !PARSER_HAS(p, POSITIONAL_ONLY))
                reject(p);
            advance(p);
            slash = true;
            position = p->scratch_count;
        } else {
            struct arg *arg = parse_param(p, annotated, false);
            check_default(p, defaults);
            defaults = peek(p) == TOKEN_assign;
            if (!defaults)
                first_default += 2;
            struct expr *value = parse_default(p);
            scratch_push(p, arg);
            scratch_push(p, value);
        }
        if (!accept(p, TOKEN_comma) && peek(p) != closing)
            reject(p);
    }
    uint32_t keyword_only = p->scratch_count;
    a->vararg = a->kwarg = NULL;
    if (peek(p) == TOKEN_star || peek(p) == TOKEN_double_star)
        parse_star_etc(p, a, closing, annotated);
    uint32_t n_keyword_only = (p->scratch_count - keyword_only) / 2;
    a->posonlyargs = take_args(p, base, (position - base) / 2);
    a->args = take_args(p, position, (keyword_only - position) / 2);
    a->defaults = take_defaults(p, first_default, (keyword_only - first_default) / 2);
    a->kwonlyargs = take_args(p, keyword_only, n_keyword_only);
    a->kw_defaults = take_defaults(p, keyword_only, n_keyword_only);
    p->scratch_count = base;
}

struct arguments *parse_parameters(struct parser *p, unsigned closing, bool annotated)
{
    struct arguments *a = arena_alloc(p->arena, sizeof *a);
    uint32_t base = p->scratch_count, annotated_before = p->annotated_parameters;
    bool comma = true;
    while (comma && peek(p) == TOKEN_name) {
        struct arg *arg = parse_param(p, annotated, false);
        scratch_push(p, arg);
        comma = accept(p, TOKEN_comma);
    }
    if (peek(p) != closing) {
        if (comma == (peek(p) == TOKEN_assign)) /* only right behind a parameter */
            reject(p);
        parse_more_parameters(p, a, base, closing, annotated);
        a->annotated = p->annotated_parameters != annotated_before;
        return a;
    }
    *a = (struct arguments){
        .posonlyargs = p->empty,
        .args = scratch_take(p, base),
        .kwonlyargs = p->empty,
        .kw_defaults = p->empty,
        .defaults = p->empty,
        .annotated = p->annotated_parameters != annotated_before,
    };
    return a;
}

struct expr *parse_lambda(struct parser *p, struct expr *(*parse_body)(struct parser *))
{
    mark m = mark_here(p);
    p->specials++;
    advance(p);
    parser_enter(p, p->costs->lambda_default);
    struct arguments *args = parse_parameters(p, TOKEN_colon, false);
    p->depth -= p->costs->lambda_default;
    expect(p, TOKEN_colon);
    parser_enter(p, p->costs->lambda);
    struct expr *body = parse_body(p);
    p->depth -= p->costs->lambda;
    struct expr *e = new_expr(p, Lambda_kind, span(p, m));
    e->v.Lambda.args = args;
    e->v.Lambda.body = body;
    return e;
}
