/* The lexer: from decoded source to tokens, one at a time, on demand.
 *
 * It accepts what CPython's tokenizer accepts. Anything else leaves through explain_syntax_error.
 * lexer_next fills `token`; nothing is read ahead, so that at a token of an f-string's replacement
 * field the field's state is still at hand.
 *
 * Answers to Parser/lexer/lexer.c (Parser/tokenizer.c to 3.12).
 */
#ifndef MKPYC_SYNTAX_LEXER_H
#define MKPYC_SYNTAX_LEXER_H

#include "syntax/compilation.h"
#include "syntax/token.h"

#define LEXER_MAX_INDENT 100
#define LEXER_MAX_LEVEL 200
#define LEXER_MAX_FSTRINGS 150

/* One f-string or t-string being read, in releases that make tokens of it. */
struct fstring_mode {
    const char *start;          /* its first byte */
    const char *expression;     /* behind the '{' of the latest replacement field */
    const char *expression_end; /* where the tokenizer takes the field's expression to end; NULL:
                                   not known yet */
    int depth;                  /* brackets open since the start */
    int expression_depth;       /* nested replacement fields open, less one */
    char quote;
    uint8_t quote_size;
    bool literal; /* the next bytes are text, not tokens */
    bool raw;
    bool template_; /* t-string */
    bool in_format_spec;
    bool debug;      /* saw '=' at the top of the field */
    bool text_known; /* the latest '!', ':' or '}' came with the expression's text */
};

struct lexer {
    struct token token; /* the current token */
    const char *cur;    /* first byte behind it */
    const char *line_start;
    int32_t lineno;
    int32_t pending; /* INDENT (positive) or DEDENT (negative) tokens still to give */
    bool at_line_start;
    int32_t column_base; /* added to columns: where the first line of such an expression starts; 0
                            on other lines */
    int level;         /* open brackets */
    int indent;        /* open blocks */
    int fstring_count; /* open f-strings; the innermost is fstrings[fstring_count - 1] */
    const char *end;   /* the NUL behind the source */
    struct compilation *c;
    bool fstring_tokens, template_strings, number_checks, spec_flag;
    int32_t column_of[LEXER_MAX_INDENT], alt_column_of[LEXER_MAX_INDENT];
    char brackets[LEXER_MAX_LEVEL];
    struct fstring_mode fstrings[LEXER_MAX_FSTRINGS];
};

/* A place to come back to while no f-string is open. */
struct lexer_position {
    struct token token;
    const char *cur, *line_start;
    int32_t lineno, pending;
    int level, indent;
    bool at_line_start;
    struct warning **warnings;
};

/* Start at the first byte of `text`, which ends in a NUL at `length` with 16 readable bytes behind.
 */
void lexer_init(struct lexer *lx, struct compilation *c, const char *text, size_t length);
/* Read the next token into lx->token. */
void lexer_next(struct lexer *lx);
/* Remember where we are; only outside of f-strings. */
void lexer_save(const struct lexer *lx, struct lexer_position *position);
/* Go back; warnings issued since are forgotten. */
void lexer_restore(struct lexer *lx, const struct lexer_position *position);
/* The source is not acceptable. */
_Noreturn void lexer_reject(struct lexer *lx);

#endif
