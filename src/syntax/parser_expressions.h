/* What the files of the parser that deal with expressions share: how strongly operators bind, what
 * a token alone says, and the rules that call across those files. */
#ifndef MKPYC_SYNTAX_PARSER_EXPRESSIONS_H
#define MKPYC_SYNTAX_PARSER_EXPRESSIONS_H

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

/* What ends with a token, whatever it is part of; see parser_ending. */
enum ending {
    ENDS_EXPRESSION = 1,
    ENDS_TUPLE = 2,    /* an expression that may be a tuple without parentheses */
    ENDS_ARGUMENT = 4, /* an argument of a call */
};
extern const uint8_t parser_ending[TOKEN_KIND_COUNT];
/* Tokens that can be an expression: all bits for those, to be combined with those of the next one's
 * ending. */
extern const uint8_t parser_is_expression[TOKEN_KIND_COUNT];

/* Is there one token and then such an end? One test, since each would be a guess. */
static inline bool is_single_token(const struct token *t, enum ending end)
{
    return parser_is_expression[t->kind] & parser_ending[t[1].kind] & end;
}

/* parser_operators.c */
/* An operand, and the operators behind it that bind at least as tightly as `least`. */
struct expr *parse_operators(struct parser *p, enum precedence least);

/* parser_atoms.c */
/* An atom; rejects what starts none. */
struct expr *parse_atom(struct parser *p);

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

/* The depth of a bracket in a primary that starts at the mark. */
static inline int bracket_cost(const struct parser *p, mark m, int cost)
{
    return cost + (-(m == p->statement) & p->costs->at_statement);
}

/* Does a comprehension's clause begin here? */
static inline bool at_for_clause(const struct parser *p)
{
    return peek(p) == NAME_for || peek(p) == NAME_async;
}

/* Is it NAME ':=' value without parentheses around it? */
static inline bool is_bare_walrus(const struct expr *e)
{
    return e->kind == NamedExpr_kind && !e->parenthesized;
}

/* parser_expressions.c */
/* Can the current token start an expression (or a starred one)? */
bool starts_expression(const struct parser *p);
/* The node of '*' value, which ends with the last token consumed. */
struct expr *new_starred(struct parser *p, mark m, struct expr *value);
/* The node of a tuple, which ends there, too. */
struct expr *new_tuple(struct parser *p, mark m, struct expr_list *elts);
/* NAME ':=' expression, at the ':='. */
struct expr *parse_walrus(struct parser *p, mark m, struct expr *target);
/* bitwise_or behind a '*' or '**' that unpacks. */
struct expr *parse_unpacked(struct parser *p);
/* '*' bitwise_or, at the '*'. */
struct expr *parse_starred(struct parser *p);
/* yield_expr, at the 'yield'. */
struct expr *parse_yield(struct parser *p);

/* parser_parameters.c */
/* lambdef, at the 'lambda'. */
struct expr *parse_lambda(struct parser *p, struct expr *(*parse_body)(struct parser *));

/* parser_displays.c */
/* A display, a comprehension, or an expression in parentheses. */
struct expr *parse_bracketed(struct parser *p);
/* A comprehension of `elt`, at its first 'for', through the closing bracket. `cost`: what its
 * clauses are deeper. */
struct expr *parse_comprehension(struct parser *p, enum expr_kind kind, mark m, struct expr *elt,
                                 unsigned closing, int cost);

/* parser_arguments.c */
/* '*' expression in a call or a subscript, at the '*'. */
struct expr *parse_starred_argument(struct parser *p);

#endif
