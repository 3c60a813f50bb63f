/* See syntax_error.h. Answers to PyErr_RangedSyntaxLocationObject and PyErr_ProgramTextObject. */
#include "syntax/syntax_error.h"

#include "syntax/decode.h"
#include "util/utf8.h"

/* What one read of a source line takes in at most: of longer lines the first or the last piece is
 * quoted. */
#define QUOTED_LINE_LIMIT 999

void syntax_error_quote_line(const struct compilation *c, struct diagnostic *error, bool by_parser)
{
    error->has_text = false;
    if (error->lineno <= 0 || c->has_program_text == NULL || !c->has_program_text(c))
        return;
    /* The file is read again, by some releases without its codec. */
    const char *raw = c->decoded != NULL ? c->decoded->undecoded : NULL;
    if (by_parser && HAS(c, PARSER_QUOTES_DECODED))
        raw = NULL;
    const char *line = raw != NULL ? raw : c->source;
    const char *end = line + (raw != NULL ? strlen(raw) : c->source_length);
    for (int i = 1; i < error->lineno; i++) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        if (newline == NULL)
            return;
        line = newline + 1;
    }
    if (line == end)
        return;
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    const char *stop = newline == NULL ? end : newline + 1;
    if (stop == end && newline != NULL && c->final_newline_added)
        stop--;
    size_t length = (size_t)(stop - line);
    if (length > QUOTED_LINE_LIMIT && HAS(c, QUOTES_END_OF_LONG_LINES)) {
        size_t before = (length - 1) / QUOTED_LINE_LIMIT * QUOTED_LINE_LIMIT;
        line += before;
        length -= before;
    }
    if (length > QUOTED_LINE_LIMIT)
        length = QUOTED_LINE_LIMIT;
    if (!by_parser && !utf8_is_valid(line, length)) {
        if (!HAS(c, COMPILER_QUOTES_FAULTS))
            return;
        line = utf8_replace_faults(c->arena, line, length, &length);
    }
    error->has_text = true;
    error->text = line;
    error->text_length = length;
}

/* Raise with all fields given. */
static _Noreturn void raise_error(struct compilation *c, struct diagnostic *error)
{
    error->type = EXCEPTION_SYNTAX_ERROR;
    error->has_location = true;
    syntax_error_quote_line(c, error, false);
    diagnostic_raise(&c->diagnostics, error);
}

void syntax_error_at(struct compilation *c, struct location loc, const char *message)
{
    struct diagnostic error = {
        .message = message,
        .lineno = loc.lineno,
        .offset = loc.col_offset + 1,
        .end_lineno = -1,
        .end_offset = -1,
    };
    if (HAS(c, ERROR_END_POSITIONS)) {
        error.end_lineno = loc.end_lineno;
        error.end_offset = loc.end_col_offset + 1;
    }
    raise_error(c, &error);
}

void syntax_error_format(struct compilation *c, struct location loc, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(c->arena, format, args);
    va_end(args);
    syntax_error_at(c, loc, message);
}

void syntax_error_at_offset(struct compilation *c, int lineno, int offset, const char *message)
{
    struct diagnostic error = {
        .message = message,
        .lineno = lineno,
        .offset = offset,
        .end_lineno = -1,
        .end_offset = DIAGNOSTIC_NONE,
    };
    if (HAS(c, ERROR_END_POSITIONS))
        error.end_lineno = lineno;
    raise_error(c, &error);
}

void syntax_warning_at(struct compilation *c, struct location loc, const char *message)
{
    if (!diagnostic_try_warn(&c->diagnostics, WARNING_SYNTAX, loc.lineno, message))
        syntax_error_at(c, loc, message);
}

const char *name_text(struct compilation *c, identifier name)
{
    const struct string *s = strings_get(&c->strings, name);
    return arena_copy(c->arena, s->bytes, s->length);
}
