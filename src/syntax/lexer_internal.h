/* What lexer.c and lexer_fstring.c share. */
#ifndef MKPYC_SYNTAX_LEXER_INTERNAL_H
#define MKPYC_SYNTAX_LEXER_INTERNAL_H

#include "syntax/lexer.h"

/* The line at hand starts at `p`, which is at that column. */
static inline void lexer_set_line(struct lexer *lx, const char *p, int32_t column)
{
    lx->line_start = p;
    lx->origin = token_place(lx->lineno, (int32_t)((uint32_t)column - (uint32_t)(uintptr_t)p));
}

/* A newline was passed: the next line starts at `p`. */
static inline void lexer_start_line(struct lexer *lx, const char *p)
{
    lx->lineno++;
    lexer_set_line(lx, p, 0);
}

/* Add a token that lies on one line; returns its end, where the lexer goes on. */
const char *lexer_add(struct lexer *lx, unsigned kind, const char *start, const char *end);
/* An f-string or t-string whose prefix starts at `start` and whose quote is at `quote`; returns the
 * place behind that. */
const char *lexer_open_fstring(struct lexer *lx, const char *start, const char *quote, bool raw,
                               bool template_);
/* Go on at `p` where the bytes are an f-string's text: adds a token or enters a field; returns the
 * place behind it. */
const char *lexer_read_fstring(struct lexer *lx, const char *p);
/* A '{' at `p` among an f-string's tokens: note where a field's expression starts. */
void lexer_note_field_start(struct lexer *lx, const char *p);
/* A ':', '!' or '}' at `p` inside of an f-string: note where a field's expression ends; *text is
 * what the token's `id` is to be. True: it is the ':' before a format specification. */
bool lexer_note_field_end(struct lexer *lx, const char *p, identifier *text);
/* A closing bracket inside of an f-string. */
void lexer_close_field_bracket(struct lexer *lx, char bracket);
/* A '=' inside of an f-string. */
void lexer_note_debug(struct lexer *lx);

#endif
