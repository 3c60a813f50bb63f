/* What lexer.c and lexer_fstring.c share. */
#ifndef MKPYC_SYNTAX_LEXER_INTERNAL_H
#define MKPYC_SYNTAX_LEXER_INTERNAL_H

#include "syntax/lexer.h"

/* Finish a token that lies on one line. */
void lexer_finish(struct lexer *lx, unsigned kind, const char *start, const char *end);
/* An f-string or t-string whose prefix starts at `start` and whose quote is at `quote`. */
void lexer_open_fstring(struct lexer *lx, const char *start, const char *quote, bool raw,
                        bool template_);
/* The next token where the bytes are an f-string's text. */
void lexer_next_in_fstring(struct lexer *lx);
/* A '{' at `p` among an f-string's tokens: note where a field's expression starts. */
void lexer_note_field_start(struct lexer *lx, const char *p);
/* A ':', '!' or '}' at `p` inside of an f-string: note where a field's expression ends. True: it is
 * the ':' before a format specification. */
bool lexer_note_field_end(struct lexer *lx, const char *p);
/* A closing bracket inside of an f-string. */
void lexer_close_field_bracket(struct lexer *lx, char bracket);
/* A '=' inside of an f-string. */
void lexer_note_debug(struct lexer *lx);

#endif
