/* What the files of the exact tokenizer share; see scanner.h. */
#ifndef MKPYC_SYNTAX_EXPLAIN_SCAN_INTERNAL_H
#define MKPYC_SYNTAX_EXPLAIN_SCAN_INTERNAL_H

#include "syntax/explain/scanner.h"

#define SCAN_END (-1)

/* The next character (a byte), SCAN_END at the end of the text. */
int scan_char(struct scanner *s);
/* Gives back the character that was read last. */
void scan_back(struct scanner *s, int c);
/* Reads what must follow a backslash outside strings; false: an error. */
bool scan_continuation(struct scanner *s);
bool scan_is_name_start(int c);
bool scan_is_name_char(int c);
/* Sets a SyntaxError with given character columns. */
enum token_type scan_error_range(struct scanner *s, int offset, int end_offset, const char *format,
                                 ...) __attribute__((format(printf, 4, 5)));
/* Fills in a token that ends here; errors and the end have no text. */
void scan_finish(struct scanner *s, struct scan_token *t, enum token_type type);

/* Reads a token outside the literal text of f-strings. */
void scan_code(struct scanner *s, struct scan_token *t);
/* A number whose first digit c has been read. */
void scan_number(struct scanner *s, struct scan_token *t, int c);
/* A number of which the point and the character c, a digit, have been read. */
void scan_fraction(struct scanner *s, struct scan_token *t, int c);
/* A string whose first quote c has been read. */
void scan_string(struct scanner *s, struct scan_token *t, int c);
/* Reads the letters at *c as long as they can be a string's prefix; true: it was one and the token
 * is made. Else *c is the first character that was not such a letter. */
bool scan_string_prefix(struct scanner *s, struct scan_token *t, int *c);
/* A token in the literal text of an f-string. */
void scan_fstring(struct scanner *s, struct scan_token *t);
/* Notes that c, of { } : !, comes in an f-string's expression; true: c begins a format
 * specification. */
bool scan_leaves_expression(struct scanner *s, int c);

#endif
