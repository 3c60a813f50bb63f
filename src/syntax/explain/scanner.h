/* The exact tokenizer: every token, position and error as the target's own tokenizer has them.
 *
 * It reads the decoded source line by line, as CPython's string tokenizer does, since the state
 * after an error (which line is current, how far it was read) shows in the exception's attributes.
 *
 * Answers to Parser/lexer/ and Parser/tokenizer* (3.9 and later).
 */
#ifndef MKPYC_SYNTAX_EXPLAIN_SCANNER_H
#define MKPYC_SYNTAX_EXPLAIN_SCANNER_H

#include "syntax/compilation.h"
#include "syntax/explain/edition.h"

enum token_type {
    TOKEN_ENDMARKER,
    TOKEN_NAME,
    TOKEN_NUMBER,
    TOKEN_STRING,
    TOKEN_NEWLINE,
    TOKEN_INDENT,
    TOKEN_DEDENT,
    TOKEN_FSTRING_START,
    TOKEN_FSTRING_MIDDLE,
    TOKEN_FSTRING_END,
    TOKEN_TSTRING_START,
    TOKEN_TSTRING_MIDDLE,
    TOKEN_TSTRING_END,
    TOKEN_TYPE_COMMENT, /* never made: the parser is not asked for type comments */
    TOKEN_ERROR,
#define OPERATOR(symbol, text) TOKEN_##symbol,
#include "syntax/explain/token.def"
#undef OPERATOR
    TOKEN_OPERATOR, /* a character that is no operator */
    TOKEN_KEYWORD_FIRST,
};

/* Why the tokenizer stopped. */
enum scan_status {
    SCAN_OK,
    SCAN_EOF,
    SCAN_ERROR,  /* the exception is set */
    SCAN_DECODE, /* the exception is set: not UTF-8 */
    SCAN_EOFS,   /* inside a triple-quoted string */
    SCAN_EOLS,   /* inside a string */
    SCAN_TABSPACE,
    SCAN_TOODEEP,
    SCAN_DEDENT,
    SCAN_LINECONT,
    SCAN_IDENTIFIER, /* 3.8: a name with a character that no name has */
};

#define SCAN_MAX_INDENT 100
#define SCAN_MAX_LEVEL 200
#define SCAN_MAX_FSTRINGS 150

/* One level of f-string (or, at the bottom, none). */
struct scan_mode {
    bool in_string; /* reading the literal text of an f-string */
    bool raw, template, debug, in_format_spec;
    bool expression_ended; /* 3.12's sign for being in a format specification */
    bool expression_kept;  /* the text of an expression is remembered */
    char quote;
    int quote_size;
    int depth;            /* open brackets since the f-string began */
    int expression_depth; /* nesting of replacement fields, -1: none */
    int first_line;
    const char *start, *line_start;
};

struct scanner {
    struct compilation *c;
    const struct edition *edition;
    struct diagnostic *error; /* the pending exception; shared with the parser */
    const char *text;         /* whole source */
    const char *text_end;
    const char *buf;       /* where CPython's buffer would begin */
    const char *cur, *inp; /* next character; end of the lines read so far */
    const char *line_start, *multi_line_start;
    const char *start; /* of the token being read, or NULL */
    enum scan_status status;
    int lineno, first_lineno;
    int first_counted; /* the number of the first line, for text out of an f-string */
    int col_offset, starting_col_offset;
    bool at_line_start;
    bool liberal; /* as for the tokenize module: numbers, names and brackets are not checked */
    int indent, pending;
    int indents[SCAN_MAX_INDENT], alternate_indents[SCAN_MAX_INDENT];
    int level;
    char brackets[SCAN_MAX_LEVEL];
    int bracket_lines[SCAN_MAX_LEVEL], bracket_columns[SCAN_MAX_LEVEL];
    int mode;
    struct scan_mode modes[SCAN_MAX_FSTRINGS];
};

/* One token as the tokenizer hands it out; columns in bytes, -1: none. */
struct scan_token {
    enum token_type type;
    int level;
    int lineno, col_offset, end_lineno, end_col_offset;
    const char *start, *end; /* NULL for tokens without text */
};

/* Starts on `size` bytes of text that a NUL follows. */
void scanner_init(struct scanner *s, struct compilation *c, const struct edition *edition,
                  const char *text, size_t size, struct diagnostic *error);
/* Reads the next token. TOKEN_ERROR: s->status says why, and *s->error may be set. */
void scan_next(struct scanner *s, struct scan_token *token);
/* Sets a SyntaxError at the place that the tokenizer has reached. */
enum token_type scan_error(struct scanner *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* 'f' or 't': the kind of the innermost f-string. */
char scan_prefix(const struct scanner *s);
/* The type of the operator that the `size` bytes at text spell, or TOKEN_OPERATOR. */
enum token_type token_operator_type(const char *text, size_t size);

#endif
