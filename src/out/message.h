/* The text of py_compile's error messages. It is added to a buffer, which unwinds when memory runs
 * out. */
#ifndef MKPYC_OUT_MESSAGE_H
#define MKPYC_OUT_MESSAGE_H

#include "syntax/compilation.h"
#include "syntax/unicode.h"
#include "util/buffer.h"

/* A line of a message: characters, for slicing as Python does. */
struct characters {
    const uint32_t *items;
    int count;
};

/* How a release points at the place of a SyntaxError in `line`: adds the line and what stands below
 * it. */
typedef void caret_form(struct buffer *out, const struct diagnostic *e, struct characters line);

/* The line stripped on both sides, one caret (3.8). */
caret_form caret_below_stripped_line;
/* One caret (3.9). */
caret_form caret_at_offset;
/* Carets from offset to end_offset (3.10 to 3.12). */
caret_form carets_to_end_offset;
/* The same, to the end of the line if the error ends on a later one (3.13, 3.14). */
caret_form carets_within_line;
/* The same, counted in columns of a terminal (3.15). */
caret_form carets_by_width;

/* Add str(PyCompileError): a SyntaxError formatted with its line, "Sorry: TYPE: TEXT" for all else.
 * `shown`, if not NULL, is what line, carets and message are taken from in the place of `e`. */
void message_of_error(struct compilation *c, const struct diagnostic *e,
                      const struct diagnostic *shown, struct buffer *out);

/* Add repr() of a file name, whose bytes are UTF-8 mostly; a byte that is not becomes an escaped
 * surrogate. The version says which characters are printable. */
void message_put_repr(struct buffer *out, const char *path, enum unicode_version version);

#endif
