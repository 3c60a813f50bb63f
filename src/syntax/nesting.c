/* The depths of nested constructs in CPython's parsers; see syntax_rules.h. Measured with the interpreters and counted off
 * their grammars. */
#include "syntax/syntax_rules.h"

const struct nesting_costs nesting_peg = {
    .statement = 31, .block = 7, .elif = 1, .unary = 1, .power = 2, .operand = 2, .comparison = 3, .conditional = 1,
    .lambda = 2, .lambda_default = 8, .yield = 2, .parentheses = 28, .list = 29, .braces = 29, .call = 28,
    .subscript = 27,
    .field = 33, .pattern = 12, .at_statement = -19, .doubt = 400,
};

const struct nesting_costs nesting_peg_lazy = {
    .statement = 32, .block = 7, .elif = 1, .unary = 1, .power = 2, .operand = 2, .comparison = 3, .conditional = 2,
    .lambda = 2, .lambda_default = 8, .yield = 2, .parentheses = 27, .list = 29, .braces = 29, .call = 28,
    .subscript = 27,
    .field = 33, .pattern = 12, .at_statement = -19, .doubt = 400,
};

const struct nesting_costs nesting_ll1 = {
    .statement = 21, .block = 4, .elif = 0, .unary = 1, .power = 2, .operand = 0, .comparison = 0, .conditional = 1,
    .lambda = 2, .lambda_default = 3, .yield = 1, .parentheses = 17, .list = 17, .braces = 16, .call = 17, .subscript = 17,
    .field = 0, .pattern = 0, .at_statement = 0, .starred = -5, .doubt = 0,
};
