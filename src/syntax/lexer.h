/* The lexer: from decoded source to tokens.
 *
 * It accepts what CPython's tokenizer accepts. Anything else leaves through explain_syntax_error.
 * The tokens of some hundred lines are read at a time: the loop keeps its place in registers, and
 * the parser looks ahead, and goes back within a logical line, by a pointer. Smaller portions would
 * stay in a nearer cache, but the more often lexer and parser take turns, the less a processor
 * remembers of the branches of either. What the lexer would warn of is a flag of the token, since
 * warnings come in the order of the parser's work.
 *
 * Answers to Parser/lexer/lexer.c (Parser/tokenizer.c to 3.12).
 */
#ifndef MKPYC_SYNTAX_LEXER_H
#define MKPYC_SYNTAX_LEXER_H

#include "syntax/compilation.h"
#include "syntax/token.h"

#define LEXER_CHUNK 1024 /* tokens read at a time, about */
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

/* The text of a replacement field's expression, for f"{x=}" and t-strings. */
struct field_text {
    const char *start, *end;
    bool raw; /* the f-string is */
};

struct lexer {
    struct compilation *c;
    struct token *next, *limit; /* where the next token goes; how far there is room for two more */
    struct token *tokens;
    struct token *pause; /* a NEWLINE from here on is the last token of its array */
    const char *resumed; /* where the line behind that starts */
    const char *line_start;
    uint64_t origin; /* the place (see token_place) of address 0 if all memory were this line;
                        column 0 is at line_start, but for an expression's first line */
    int32_t lineno;
    int level;         /* open brackets */
    int indent;        /* open blocks */
    int fstring_count; /* open f-strings; the innermost is fstrings[fstring_count - 1] */
    const char *end;   /* the NUL behind the source */
    ARRAY(struct field_text) fields;
    bool fstring_tokens, template_strings, number_checks, spec_flag;
    int32_t column_of[LEXER_MAX_INDENT], alt_column_of[LEXER_MAX_INDENT];
    char brackets[LEXER_MAX_LEVEL + 1]; /* of f-strings' fields: brackets[level] is the innermost */
    struct fstring_mode fstrings[LEXER_MAX_FSTRINGS];
};

/* Make a lexer ready for texts of the compilation. */
void lexer_init(struct lexer *lx, struct compilation *c);
/* The first tokens of `text`, which ends in a NUL at `length` with 16 readable bytes behind. Its
 * first line is `lineno`, and columns on that line are moved by `column`. */
const struct token *lexer_read(struct lexer *lx, const char *text, size_t length, int32_t lineno,
                               int32_t column);
/* The token behind a NEWLINE of level 0, at `t`. It may be the first of other tokens, which take
 * the place of those before. */
const struct token *lexer_read_more(struct lexer *lx);
static inline const struct token *lexer_behind_newline(struct lexer *lx, const struct token *t)
{
    return t + 1 == lx->next ? lexer_read_more(lx) : t + 1;
}
/* The expression of the field whose end the token is ('!', ':' or '}' behind an expression), if its
 * text is to be kept; else NULL. */
static inline const struct field_text *lexer_field_text(const struct lexer *lx,
                                                        const struct token *t)
{
    return t->id != 0 ? &lx->fields.items[t->id - 1] : NULL;
}
/* Issue the warning of a token with TOKEN_WARNING. */
void lexer_warn(struct compilation *c, const struct token *t);
/* The source is not acceptable. */
_Noreturn void lexer_reject(struct lexer *lx);

#endif
