/* The parser: atoms. Strings are in parser_fstring.c, brackets in parser_displays.c. */
#include "syntax/parser_expressions.h"

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

/* A constant that is one token. */
__attribute__((noinline)) static struct expr *parse_constant(struct parser *p, constant value)
{
    mark m = mark_here(p);
    advance(p);
    struct expr *e = new_expr(p, Constant_kind, span(p, m));
    e->v.Constant.value = value;
    return e;
}

__attribute__((noinline)) struct expr *parse_number(struct parser *p)
{
    if (p->token->flags & TOKEN_WARNING)
        lexer_warn(p->c, p->token);
    return parse_constant(p, literal_number(p, p->token));
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
struct expr *parse_atom(struct parser *p)
{
    switch (atom_kind[peek(p)]) {
    case ATOM_STRINGS: return parse_strings(p);
    case ATOM_NUMBER: return parse_number(p);
    case ATOM_BRACKET: return parse_bracketed(p);
    case ATOM_NAME: return parse_rare_name(p);
    default: return parse_named_constant(p);
    }
}
