/* What the syntax stage wants to know of a release beyond yes and no. One constant in each target's
 * file. */
#ifndef MKPYC_SYNTAX_SYNTAX_RULES_H
#define MKPYC_SYNTAX_SYNTAX_RULES_H

#include "syntax/decode.h"
#include "syntax/unicode.h"

/* How many calls of grammar rules (entries of the LL(1) parser's stack) a construct puts between an
 * expression and one inside of it. The counts decide when a source is nested too deeply, so they
 * follow the release's grammar. */
struct nesting_costs {
    int statement; /* from the start to the innermost rule of an expression in a statement at the
                      top */
    int block, elif;
    int unary, power, operand, comparison, conditional;
    int lambda, lambda_default;
    int yield; /* to the value, more than to an expression in its place */
    int parentheses, list, braces, call, subscript, field, pattern;
    int at_statement; /* added for a bracket in the first primary of a statement, which other rules
                         see first */
    int starred;      /* added for what follows a star, which fewer rules see */
    int field_alone;  /* added in a field of an f-string that is text: no statement is around */
    int decorator;    /* added in a decorator, whose call is no expression */
    int step;         /* added for a slice's */
    /* In comprehensions: added for the clauses of one in braces, or that is an argument; for each
     * 'for' or 'if' behind a 'for', and behind an 'if'; for targets. */
    int bare_clause, behind_for, behind_if, clause_target;
    int doubt; /* nearer to the limit than this the exact parser is asked; 0: the counts are exact
                */
};

/* Releases 3.9 to 3.14, 3.15, and 3.8. */
extern const struct nesting_costs nesting_peg, nesting_peg_lazy, nesting_ll1;

struct syntax_rules {
    struct unicode_name_rules unicode; /* which Unicode, and how \N{...} is looked up */
    struct decode_rules decode;
    int parser_stack; /* calls of grammar rules that may be nested (MAXSTACK) */
    const struct nesting_costs *nesting;
    int max_int_digits; /* sys.int_info.default_max_str_digits; 0: no limit */
};

#endif
