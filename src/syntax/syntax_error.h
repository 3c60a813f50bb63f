/* SyntaxErrors that are found after parsing: by the future statements, the symbol table and code
 * generation.
 *
 * Their offsets are UTF-8 byte columns plus one, whatever the line holds (only the parser's own
 * errors count characters), and releases to 3.9 have no end positions. The text is the line of the
 * file, when the file can be read.
 */
#ifndef MKPYC_SYNTAX_SYNTAX_ERROR_H
#define MKPYC_SYNTAX_SYNTAX_ERROR_H

#include "syntax/ast.h"
#include "syntax/compilation.h"

/* SyntaxError at a place of the tree. */
_Noreturn void syntax_error_at(struct compilation *c, struct location loc, const char *message);
/* The same with a printf format; %.*s with int lengths for names. */
_Noreturn void syntax_error_format(struct compilation *c, struct location loc, const char *format,
                                   ...) __attribute__((format(printf, 3, 4)));
/* SyntaxError with a line and an offset (from 1) and no end (end_offset None). */
_Noreturn void syntax_error_at_offset(struct compilation *c, int lineno, int offset,
                                      const char *message);
/* A SyntaxWarning at a place of the tree. */
void syntax_warning_at(struct compilation *c, struct location loc, const char *message);
/* Fill text and text_length of an error from its line number, as far as the file's lines are
 * quoted. The parser reads them in another way than what comes after it; its line may hold what is
 * no UTF-8. */
void syntax_error_quote_line(const struct compilation *c, struct diagnostic *error, bool by_parser);
/* The content of an identifier with a NUL, for messages. */
const char *name_text(struct compilation *c, identifier name);

#endif
