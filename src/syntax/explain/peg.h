/* The exact parser: runs a grammar over the exact tokenizer's tokens as CPython's PEG parser does.
 *
 * What matters is not only what is accepted but how far the tokenizer was read, which results were
 * remembered and in which order alternatives were tried, since errors depend on all of that. Unlike
 * the generated parser this one keeps its stack on the heap, so that no input can exhaust the
 * machine's.
 *
 * Answers to Parser/pegen.c, pegen_errors.c and the generated parser.c.
 */
#ifndef MKPYC_SYNTAX_EXPLAIN_PEG_H
#define MKPYC_SYNTAX_EXPLAIN_PEG_H

#include "syntax/ast.h"
#include "syntax/compilation.h"
#include "syntax/explain/grammar.h"

/* What a Constant is, where messages tell. */
enum constant_class {
    CLASS_STR,
    CLASS_BYTES,
    CLASS_NUMBER,
    CLASS_IMAGINARY,
    CLASS_NONE,
    CLASS_TRUE,
    CLASS_FALSE,
    CLASS_ELLIPSIS,
    CLASS_FORMATTED
};

/* A value of the parser. */
struct node {
    uint8_t kind;   /* enum node_kind */
    uint8_t class;  /* Constant: enum constant_class */
    uint32_t count; /* children */
    struct location loc;
    struct node **items;
    const char *text; /* TOKEN, Name: as written */
    size_t text_size;
};

struct memo {
    struct memo *next;
    int rule;
    int mark; /* where parsing goes on */
    struct node *value;
};

/* A token that the parser has seen. */
struct peg_token {
    struct node node;
    unsigned type; /* enum token_type or a keyword's */
    int level;     /* open brackets */
    struct memo *memo;
};

/* A rule, group, repetition or left recursion that is under way. */
struct frame {
    enum frame_kind { FRAME_ALTERNATIVES, FRAME_LOOP, FRAME_GATHER, FRAME_LEFT } kind;
    const struct rule *rule; /* NULL: a group */
    const struct alternatives *alternatives;
    const struct element *element; /* LOOP, GATHER */
    int mark;                      /* where it began (LOOP, GATHER: where the last round ended) */
    int start;
    int look; /* where a lookahead began; LEFT: where the best result ended */
    int alternative, item;
    uint32_t values; /* LOOP, GATHER: the first of its results on the stack of values */
    bool cut, waiting, called_invalid, level;
    uint8_t value_count; /* items of the alternative that have a value */
    struct node *value;  /* of the first such item; LEFT: the best result */
    struct node *slots[4];
};

struct parser {
    struct compilation *c;
    const struct edition *edition;
    struct grammar *grammar;
    struct scanner scanner;
    struct diagnostic error; /* the pending exception; type EXCEPTION_NONE if there is none */
    bool failed;             /* CPython's error_indicator */
    bool call_invalid;       /* the second pass */
    bool barry;              /* from __future__ import barry_as_FLUFL was read */
    ARRAY(struct peg_token *) tokens;
    ARRAY(struct frame) frames;
    ARRAY(struct node *) values;
    int mark; /* the next token */
    int level, max_level;
    struct peg_token *error_token; /* known_err_token; 3.8: where faults of strings are */
    int wanted_indent;  /* 3.8: the last token that would have had to be an indentation */
    bool started;       /* 3.8: a token was read since the last newline that is not in the source */
    int statement_line; /* second pass: the line of the last compound statement that was read */
    struct node *pair;  /* what matched but is not looked at */
    struct parser *inner; /* for expressions in f-strings that are one token; made when needed */
    bool in_fstring;      /* this is such a parser */
    int first_line, first_column; /* where its text is in the file */
};

/* -- peg.c -- */
void peg_init(struct parser *p, struct compilation *c);
/* Parses p->grammar's start rule in one or two passes; false: rejected, p->error is the exception.
 */
bool peg_parse(struct parser *p);
/* Parses an expression of an f-string whose text, in parentheses, is at that line and column of the
 * file; false: rejected, p->error is the exception. */
bool peg_run_expression(struct parser *p, const char *text, size_t size, int line, int column);
/* Reads one more token; false: an error. */
bool peg_fill(struct parser *p);
/* The last token before the current one that is not a newline or indentation. */
struct peg_token *peg_last_token(struct parser *p);

/* -- peg_errors.c -- */
/* Raises at a place given by lines and byte columns from 0 (or AT_TOKENIZER). Nothing if an error
 * is pending. */
void peg_raise_at(struct parser *p, enum exception_type type, int lineno, int column,
                  int end_lineno, int end_column, const char *message);
#define AT_TOKENIZER (-5)
/* Raises at the last token read, or at the next one. */
void peg_raise(struct parser *p, enum exception_type type, bool next, const char *message);
/* Raises a SyntaxError from the start of a to the end of b. */
void peg_raise_range(struct parser *p, const struct node *a, const struct node *b,
                     const char *message);
/* What a token that is an error stands for. */
void peg_tokenizer_error(struct parser *p);
/* Turns the pending exception, of decoding, into a SyntaxError. */
void peg_decode_error(struct parser *p);
/* 3.8: raises for the token that nothing can do with, the last one. */
void peg_stuck(struct parser *p);
/* The last step: which exception is it, when the second pass is over? */
void peg_conclude(struct parser *p, struct peg_token *last_token);
/* Whether an exception is pending. */
static inline bool peg_error_set(const struct parser *p)
{
    return p->error.type != EXCEPTION_NONE;
}

/* -- peg_actions.c -- */
/* The value of an alternative that matched. NULL: no value, with or without an exception. */
struct node *peg_act(struct parser *p, const struct alternative *alternative, struct frame *frame);
struct node *peg_new_node(struct parser *p, enum node_kind kind, struct location loc);
/* A number token as a Constant; NULL: an exception. */
struct node *peg_number(struct parser *p, struct peg_token *token);
/* Checks that an integer is not too long; false: an exception. */
bool peg_check_number(struct parser *p, const struct node *number);
/* What messages call an expression. */
const char *peg_expression_name(const struct parser *p, const struct node *n);

/* -- tree_check.c -- */
/* Checks the tree that 3.8's grammar makes; false: an exception is set. */
bool tree_check(struct parser *p, const struct node *tree);
/* Raises at the start of a node; always false. */
bool tree_fault(struct parser *p, const struct node *at, const char *message);

/* -- literal.c -- */
/* Checks the escapes in a string token's text (quotes and prefix included); false: an exception is
 * set. What an f-string behind bytes holds is not looked at: that the two do not mix comes first.
 */
bool literal_check(struct parser *p, struct peg_token *token, bool behind_bytes,
                   enum constant_class *class);
/* The same for a piece of an f-string's text. */
bool literal_check_middle(struct parser *p, const struct node *token, bool raw,
                          struct peg_token *at);
/* The same for a piece of the text of an f-string that is one token. */
bool literal_check_piece(struct parser *p, const struct node *piece, bool raw,
                         struct peg_token *token);

/* -- fstring_text.c -- */
/* Checks an f-string that is one token, its text without prefix and quotes; false: an exception is
 * set. */
bool fstring_text_check(struct parser *p, struct peg_token *token, const char *start,
                        const char *end, bool raw);

#endif
