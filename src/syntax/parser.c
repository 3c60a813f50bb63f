/* The parser: expressions, targets, parameters. See parser.h and parser_internal.h.
 *
 * Operators are parsed by precedence climbing over one table. A target is parsed as the expression
 * that it also is and then converted in place, which accepts the same language as CPython's
 * separate target rules.
 */
#include "syntax/parser.h"

#include "syntax/explain.h"
#include "syntax/parser_internal.h"

/* Binding strength of operators, loosest first. */
enum precedence {
    P_NONE,
    P_CONDITIONAL,
    P_OR,
    P_AND,
    P_NOT,
    P_COMPARE,
    P_BIT_OR,
    P_BIT_XOR,
    P_BIT_AND,
    P_SHIFT,
    P_SUM,
    P_TERM,
    P_UNARY,
    P_POWER,
    P_PRIMARY,
};

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

/* What ends with a token, whatever it is part of. */
enum ending {
    ENDS_EXPRESSION = 1,
    ENDS_TUPLE = 2,    /* an expression that may be a tuple without parentheses */
    ENDS_ARGUMENT = 4, /* an argument of a call */
};
static const uint8_t ending[TOKEN_KIND_COUNT] = {
    [TOKEN_newline] = ENDS_EXPRESSION | ENDS_TUPLE,
    [TOKEN_semicolon] = ENDS_EXPRESSION | ENDS_TUPLE,
    [TOKEN_comma] = ENDS_EXPRESSION | ENDS_ARGUMENT,
    [TOKEN_colon] = ENDS_EXPRESSION | ENDS_TUPLE,
    [TOKEN_assign] = ENDS_EXPRESSION | ENDS_TUPLE,
    [TOKEN_right_parenthesis] = ENDS_EXPRESSION | ENDS_TUPLE | ENDS_ARGUMENT,
    [TOKEN_right_bracket] = ENDS_EXPRESSION | ENDS_TUPLE,
    [TOKEN_right_brace] = ENDS_EXPRESSION | ENDS_TUPLE,
};

/* Tokens that can be an expression: all bits for those, to be combined with those of the next one's
 * ending. */
static const uint8_t is_expression[TOKEN_KIND_COUNT] = {
    [TOKEN_name] = 0xFF, [TOKEN_number] = 0xFF, [TOKEN_string] = 0xFF,   [NAME_None] = 0xFF,
    [NAME_True] = 0xFF,  [NAME_False] = 0xFF,   [TOKEN_ellipsis] = 0xFF,
};

/* Is there one token and then such an end? One test, since each would be a guess. */
static inline bool is_single_token(const struct token *t, enum ending end)
{
    return is_expression[t->kind] & ending[t[1].kind] & end;
}

/* What an atom is by its first token. */
enum atom_kind { ATOM_NAMED_CONSTANT, ATOM_NAME, ATOM_STRINGS, ATOM_NUMBER, ATOM_BRACKET };
static const uint8_t atom_kind[TOKEN_KIND_COUNT] = {
    [TOKEN_name] = ATOM_NAME,
    [TOKEN_number] = ATOM_NUMBER,
    [TOKEN_string] = ATOM_STRINGS,
    [TOKEN_fstring_start] = ATOM_STRINGS,
    [TOKEN_tstring_start] = ATOM_STRINGS,
    [TOKEN_left_parenthesis] = ATOM_BRACKET,
    [TOKEN_left_bracket] = ATOM_BRACKET,
    [TOKEN_left_brace] = ATOM_BRACKET,
};

static struct expr *parse_operators(struct parser *p, enum precedence least);
static struct expr *parse_atom(struct parser *p);

void parser_init(struct parser *p, struct compilation *c)
{
    memset(p, 0, offsetof(struct parser, lx));
    p->c = c;
    p->arena = c->arena;
    p->has = c->target->has;
    p->folds_tree = !HAS(c, GRAPH_FOLDING);
    p->folds_formats = HAS(c, FOLDS_FORMATS);
    p->costs = c->target->syntax->nesting;
    p->depth_limit = c->target->syntax->parser_stack + p->costs->doubt;
    p->depth_doubt = c->target->syntax->parser_stack - p->costs->doubt;
    p->empty = arena_zalloc(c->arena, sizeof(struct expr_list));
    p->percent = strings_intern_literal(&c->strings, "%");
    lexer_init(&p->lx, c);
}

void parser_start(struct parser *p, const char *text, size_t length, int32_t lineno, int32_t column)
{
    p->line = p->token = lexer_read(&p->lx, text, length, lineno, column);
    p->depth = p->costs->statement;
    p->statement = NULL;
    p->scratch_count = 0;
    p->name_count = 0;
}

void parser_grow_scratch(struct parser *p)
{
    if (p->scratch_capacity > UINT32_MAX / 2)
        unwind_to(p->arena->unwind, UNWIND_NO_MEMORY);
    uint32_t capacity = p->scratch_capacity == 0 ? 256 : p->scratch_capacity * 2;
    void **bigger = arena_alloc_array(p->arena, (size_t)capacity + LIST_COPY, sizeof *bigger);
    if (p->scratch_count != 0)
        memcpy(bigger, p->scratch, p->scratch_count * sizeof *bigger);
    p->scratch = bigger;
    p->scratch_capacity = capacity;
}

/* Is nothing between the brackets at hand? Then the rules of an expression are not called. */
static bool is_empty_bracket(const struct parser *p)
{
    static const bool closing[TOKEN_KIND_COUNT] = {
        [TOKEN_right_parenthesis] = true,
        [TOKEN_right_bracket] = true,
        [TOKEN_right_brace] = true,
    };
    bool open = peek(p) == TOKEN_left_parenthesis || peek(p) == TOKEN_left_bracket ||
                peek(p) == TOKEN_left_brace;
    return closing[p->token[open].kind];
}

void parser_check_depth(struct parser *p)
{
    if (p->depth > p->depth_limit && (p->costs->doubt != 0 || !is_empty_bracket(p))) {
        if (p->costs->doubt != 0)
            reject(p);
        diagnostic_raise_plain(&p->c->diagnostics, EXCEPTION_MEMORY_ERROR, "");
    }
    p->deep = p->costs->doubt != 0;
}

/* The depth of a bracket in a primary that starts at the mark. */
static inline int bracket_cost(const struct parser *p, mark m, int cost)
{
    return cost + (-(m == p->statement) & p->costs->at_statement);
}

/* Is it a name without parentheses around it? */
static inline bool is_bare_name(const struct expr *e)
{
    return e->kind == Name_kind && !e->parenthesized;
}

/* An expression whose only payload is a constant without kind. */
static struct expr *new_constant(struct parser *p, constant value, struct location loc)
{
    struct expr *e = new_expr(p, Constant_kind, loc);
    e->v.Constant.value = value;
    return e;
}

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

static struct expr *new_starred(struct parser *p, mark m, struct expr *value)
{
    struct expr *e = new_expr(p, Starred_kind, span(p, m));
    e->v.Starred.value = value;
    e->v.Starred.ctx = Load;
    return e;
}

static struct expr *new_tuple(struct parser *p, mark m, struct expr_list *elts)
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

/* An expression of one token. */
static inline struct expr *parse_single_token(struct parser *p)
{
    return at_quick_name(p) ? parse_name(p, Load) : parse_atom(p);
}

/* parse_expression; nearly half of all expressions are single tokens. */
static inline struct expr *expression(struct parser *p)
{
    if (!is_single_token(p->token, ENDS_EXPRESSION))
        return parse_operators(p, P_CONDITIONAL);
    return parse_single_token(p);
}

/* NAME ':=' expression, at the ':='. */
static struct expr *parse_walrus(struct parser *p, mark m, struct expr *target)
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

/* '*' bitwise_or, at the '*'. */
static struct expr *parse_starred(struct parser *p)
{
    mark m = mark_here(p);
    advance(p);
    p->depth += p->costs->starred;
    struct expr *value = parse_operators(p, P_BIT_OR);
    p->depth -= p->costs->starred;
    return new_starred(p, m, value);
}

struct expr *parse_star_named_expression(struct parser *p)
{
    return peek(p) == TOKEN_star ? parse_starred(p) : parse_named_expression(p);
}

struct expr *parse_star_expression(struct parser *p)
{
    return peek(p) == TOKEN_star ? parse_starred(p) : expression(p);
}

/* Can the current token start an expression (or a starred one)? */
static bool starts_expression(const struct parser *p)
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

/* yield_expr, at the 'yield'. */
static struct expr *parse_yield(struct parser *p)
{
    mark m = mark_here(p);
    struct expr *value = NULL;
    p->specials++;
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

/* lambdef, at the 'lambda'. */
static struct expr *parse_lambda(struct parser *p, struct expr *(*parse_body)(struct parser *))
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

struct expr *parse_expression(struct parser *p)
{
    return expression(p);
}

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

/* A comprehension of `elt`, at its first 'for', through the closing bracket. `cost`: what its
 * clauses are deeper. */
static struct expr *parse_comprehension(struct parser *p, enum expr_kind kind, mark m,
                                        struct expr *elt, unsigned closing, int cost)
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

static inline bool at_for_clause(const struct parser *p)
{
    return peek(p) == NAME_for || peek(p) == NAME_async;
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

/* What follows '**' in a dict display. */
static struct expr *parse_unpacked_mapping(struct parser *p)
{
    p->depth += p->costs->starred;
    struct expr *e = parse_operators(p, P_BIT_OR);
    p->depth -= p->costs->starred;
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
            scratch_push(p, parse_unpacked_mapping(p));
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

static inline bool is_bare_walrus(const struct expr *e)
{
    return e->kind == NamedExpr_kind && !e->parenthesized;
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
        return parse_dict_rest(p, m, NULL, parse_unpacked_mapping(p));
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

/* A constant that is one token. */
__attribute__((noinline)) static struct expr *parse_constant(struct parser *p, constant value)
{
    mark m = mark_here(p);
    advance(p);
    return new_constant(p, value, span(p, m));
}

__attribute__((noinline)) struct expr *parse_number(struct parser *p)
{
    if (p->token->flags & TOKEN_WARNING)
        lexer_warn(p->c, p->token);
    return parse_constant(p, literal_number(p, p->token));
}

/* A display, a comprehension, or an expression in parentheses. */
__attribute__((noinline)) static struct expr *parse_bracketed(struct parser *p)
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

/* None, True, False or an ellipsis. */
__attribute__((noinline)) static struct expr *parse_named_constant(struct parser *p)
{
    struct constants *constants = &p->c->constants;
    switch (peek(p)) {
    case NAME_None: return parse_constant(p, constants->none);
    case NAME_True: return parse_constant(p, constants->true_);
    case NAME_False: return parse_constant(p, constants->false_);
    case TOKEN_ellipsis: return parse_constant(p, constants->ellipsis);
    default: reject(p);
    }
}

/* A name where at_quick_name says no. */
__attribute__((noinline)) static struct expr *parse_rare_name(struct parser *p)
{
    return parse_name(p, Load);
}

/* An atom: the most usual ones first. */
static struct expr *parse_atom(struct parser *p)
{
    switch (atom_kind[peek(p)]) {
    case ATOM_STRINGS: return parse_strings(p);
    case ATOM_NUMBER: return parse_number(p);
    case ATOM_BRACKET: return parse_bracketed(p);
    case ATOM_NAME: return parse_rare_name(p);
    default: return parse_named_constant(p);
    }
}

/* '*' expression in a call, at the '*'. */
static struct expr *parse_starred_argument(struct parser *p)
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
    if ((ending[peek(p)] & ENDS_ARGUMENT) && call->state == CALL_POSITIONAL)
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

/* An operand, and the operators behind it that bind at least as tightly as `least`. */
static struct expr *parse_operators(struct parser *p, enum precedence least)
{
    mark m = mark_here(p);
    if (!at_quick_name(p))
        return parse_any_operand(p, least);
    struct expr *e = parse_name(p, Load);
    return infix[m[1].kind].precedence < least ? e : parse_infix(p, m, e, least);
}

void convert_target(struct parser *p, struct expr *e, enum expr_context ctx)
{
    switch (e->kind) {
    case Name_kind:
        if (ctx == Store)
            check_binding(p, e->v.Name.id);
        e->v.Name.ctx = ctx;
        p->names[e->scope] |= NAME_BINDING;
        break;
    case Attribute_kind:
        if (ctx == Store)
            check_binding(p, e->v.Attribute.attr);
        e->v.Attribute.ctx = ctx;
        break;
    case Subscript_kind: e->v.Subscript.ctx = ctx; break;
    case Starred_kind:
        if (PARSER_HAS(p, PEG_PARSER) && (ctx == Del || e->v.Starred.value->kind == Starred_kind))
            reject(p);
        e->v.Starred.ctx = ctx;
        convert_target(p, e->v.Starred.value, ctx);
        break;
    case Tuple_kind:
        e->v.Tuple.ctx = ctx;
        for (uint32_t i = 0; i < e->v.Tuple.elts->count; i++)
            convert_target(p, e->v.Tuple.elts->items[i], ctx);
        break;
    case List_kind:
        e->v.List.ctx = ctx;
        for (uint32_t i = 0; i < e->v.List.elts->count; i++)
            convert_target(p, e->v.List.elts->items[i], ctx);
        break;
    default: reject(p);
    }
}

struct expr *parse_star_target(struct parser *p)
{
    struct expr *e = peek(p) == TOKEN_star ? parse_starred(p) : parse_operators(p, P_BIT_OR);
    convert_target(p, e, Store);
    return e;
}

struct expr *parse_star_targets(struct parser *p)
{
    mark m = mark_here(p);
    struct expr *first = parse_star_target(p);
    if (peek(p) != TOKEN_comma)
        return first;
    uint32_t base = p->scratch_count;
    scratch_push(p, first);
    while (accept(p, TOKEN_comma) && starts_expression(p))
        scratch_push(p, parse_star_target(p));
    struct expr_list *elts = scratch_take(p, base);
    struct expr *e = new_tuple(p, m, elts);
    e->v.Tuple.ctx = Store;
    if (!PARSER_HAS(p, PEG_PARSER)) { /* from the first item's node, not counting its parentheses */
        e->loc.lineno = first->loc.lineno;
        e->loc.col_offset = first->loc.col_offset;
    }
    return e;
}

struct module_ast *parse_module(struct compilation *c)
{
    struct parser *p = arena_alloc(c->arena, sizeof *p);
    parser_init(p, c);
    parser_start(p, c->source, c->source_length, 1, 0);
    struct module_ast *m = arena_alloc(c->arena, sizeof *m);
    m->body = parse_file(p);
    m->names = p->names_useless ? NULL : p->names;
    m->name_count = p->name_count;
    if (p->deep)
        explain_check(c);
    return m;
}
