/* The grammar of the PEG parsers of CPython, as data.
 *
 * One text serves all editions (grammar_statements.def, grammar_expressions.def,
 * grammar_faults.def):
 *
 *   RULE(name, flags)                        begins a rule; MEMO: results are remembered,
 *                                            LEFT: left-recursive, VALID: the rules for
 *                                            invalid code are off inside, GROUP: a named group
 *   RULE_SINCE(edition, name, MEMO)          a rule remembered only since an edition
 *   ALT(editions, pattern)                   an alternative; its value is that of its only item
 *   PICK(editions, pattern)                  its value is what the label a names
 *   MAKE(editions, kind, pattern)            its value is a new node, its labelled items inside
 *   CALL(editions, name, pattern)            its value is made by the action of that name
 *   FAULT(editions, where, pattern, message) it is an error
 *
 * A pattern is a row of items, in the usual notation of parsing expressions: 'token' or keyword,
 * `soft keyword`, TOKEN, rule, (group | of | alternatives), [optional], item*, item+,
 * item/'separator' (one or more), &ahead, !not_ahead, ~ (commit to this alternative), &&'token' (an
 * error if it is not there). a: to d: label an item; inside a group a label makes the item the
 * group's value.
 *
 * A rule named invalid_* alone in an alternative is tried in the second pass only. Messages may
 * hold %n (what the item a is called), %l (its line) and %t (its text).
 */
#ifndef MKPYC_SYNTAX_EXPLAIN_GRAMMAR_H
#define MKPYC_SYNTAX_EXPLAIN_GRAMMAR_H

#include "syntax/explain/edition.h"
#include "syntax/explain/scanner.h"

enum node_kind {
#define NODE(kind, name) NODE_##kind,
#include "syntax/explain/node.def"
#undef NODE
    NODE_KIND_COUNT
};

/* The actions of CALL. */
/* clang-format off */
#define GRAMMAR_CALLS(X)                                                                             \
    X(compound_statement) X(future_import) X(or_pattern) X(ensure_real) X(ensure_imaginary) X(bad_type_var_tuple)          \
    X(bad_param_spec) X(not_equal) X(barry_not_equal) X(diamond) X(singleton) X(formatted_value) X(check_conversion)               \
    X(middle) X(decode_middle) X(joined_str) X(template_str) X(string_constant) X(concatenate) X(sequence)     \
    X(bare_generator) X(argument_order) X(legacy_statement) X(missing_comma) X(star_targets)         \
    X(del_targets) X(for_targets) X(missing_colon)                                                  \
    X(fold_tuple) X(fold_named) X(fold_conditional) X(fold_boolean) X(fold_comparison)                \
    X(fold_binary) X(fold_trailers) X(attribute) X(imported_name) X(parenthesized) X(bracketed)       \
    X(braced)
/* clang-format on */

enum grammar_call {
#define CALL_NAME(name) CALL_##name,
    GRAMMAR_CALLS(CALL_NAME)
#undef CALL_NAME
};

/* Where an error of FAULT is. */
enum fault_place {
    AT_A,
    A_TO_B,          /* from a to the end of b, or of b's last item */
    A_TO_B_OF_A,     /* from the first to the last item of a */
    LAST_A_TO_B,     /* from the last item of a to the end of b */
    FROM_A,          /* from a to where the tokenizer is */
    LAST,            /* at the last token read */
    NEXT,            /* at the next token */
    NEXT_UNLESS_SET, /* the same, but nothing if there is an error already */
    INDENTATION,     /* an IndentationError at the last token read */
};

enum rule_flags { PLAIN = 0, MEMO = 1, LEFT = 2, VALID = 4, GROUP = 8 };

enum result_kind { RESULT_DEFAULT, RESULT_PICK, RESULT_MAKE, RESULT_CALL, RESULT_FAULT };

enum item_mode { ITEM_PLAIN, ITEM_OPTIONAL, ITEM_AHEAD, ITEM_NOT_AHEAD, ITEM_CUT, ITEM_FORCED };

enum element_kind {
    ELEMENT_TOKEN,
    ELEMENT_NAME,
    ELEMENT_NUMBER,
    ELEMENT_SOFT,         /* one soft keyword */
    ELEMENT_SOFT_KEYWORD, /* any of them */
    ELEMENT_RULE,
    ELEMENT_GROUP,
    ELEMENT_LOOP,
    ELEMENT_GATHER,
};

struct alternatives;
struct rule;

/* What an item matches. */
struct element {
    enum element_kind kind;
    bool at_least_one;          /* LOOP */
    unsigned token;             /* TOKEN; GATHER: the separator */
    const char *text;           /* SOFT, TOKEN */
    struct rule *rule;          /* RULE */
    struct alternatives *group; /* GROUP */
    struct element *inner;      /* LOOP, GATHER */
};

struct item {
    enum item_mode mode;
    int slot; /* 0 to 3 for a: to d:, -1: no label */
    struct element *element;
};

struct alternative {
    struct item *items;
    int count;
    bool invalid; /* only in the second pass */
    enum result_kind result;
    int detail; /* enum node_kind, grammar_call or fault_place */
    const char *message;
};

struct alternatives {
    struct alternative *items;
    int count;
};

struct rule {
    const char *name;
    unsigned flags;
    int id;
    struct alternatives body;
};

#define GRAMMAR_MAX_KEYWORDS 64

struct grammar {
    struct rule *rules;
    int rule_count;
    struct rule *file, *fstring;                /* where to start */
    const char *keywords[GRAMMAR_MAX_KEYWORDS]; /* token types from TOKEN_KEYWORD_FIRST on */
    int keyword_count;
    const char *soft_keywords[GRAMMAR_MAX_KEYWORDS];
    int soft_keyword_count;
};

/* The grammar of an edition; NULL if its text is faulty (*fault says where). */
struct grammar *grammar_load(struct arena *arena, const struct edition *edition,
                             const char **fault);

#endif
