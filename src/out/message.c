/* See message.h.
 *
 * Answers to PyCompileError in Lib/py_compile.py, TracebackException._format_syntax_error in
 * Lib/traceback.py and SyntaxError.__str__ in Objects/exceptions.c.
 */
#include "out/message.h"

#include "out/display_width.h"
#include "out/out.h"
#include "util/utf8.h"

/* The characters of UTF-8. */
static struct characters characters_of(struct arena *arena, const char *text, size_t length)
{
    uint32_t *items = arena_alloc_array(arena, length, sizeof *items);
    int count = 0;
    for (size_t at = 0, size; at < length; at += size)
        items[count++] = utf8_read(text + at, &size);
    return (struct characters){items, count};
}

/* One character as UTF-8. */
static void put_character(struct buffer *out, uint32_t c)
{
    char bytes[4];
    buffer_bytes(out, bytes, utf8_write(bytes, c));
}

static void put_characters(struct buffer *out, struct characters s)
{
    for (int i = 0; i < s.count; i++)
        put_character(out, s.items[i]);
}

static void put_repeated(struct buffer *out, char c, int count)
{
    for (int i = 0; i < count; i++)
        buffer_byte(out, (uint8_t)c);
}

/* The characters [start:end] as Python slices them: negative ends count from the end, all is cut to
 * fit. */
static struct characters slice(struct characters s, int start, int end)
{
    if (end < 0)
        end = end + s.count < 0 ? 0 : end + s.count;
    end = end > s.count ? s.count : end;
    start = start > end ? end : start;
    return (struct characters){s.items + start, end - start};
}

/* rstrip('\n'). */
static struct characters without_newlines(struct characters s)
{
    while (s.count > 0 && s.items[s.count - 1] == '\n')
        s.count--;
    return s;
}

/* lstrip(' \n\f'). */
static struct characters without_indentation(struct characters s)
{
    while (s.count > 0 && (s.items[0] == ' ' || s.items[0] == '\n' || s.items[0] == '\f')) {
        s.items++;
        s.count--;
    }
    return s;
}

/* lstrip(). */
static struct characters without_leading_space(struct characters s)
{
    while (s.count > 0 && unicode_is_space(s.items[0])) {
        s.items++;
        s.count--;
    }
    return s;
}

/* The line, four spaces in. */
static void put_line(struct buffer *out, struct characters line)
{
    buffer_text(out, "    ");
    put_characters(out, line);
    buffer_byte(out, '\n');
}

/* Spaces in place of characters, but white space stays as it is (tabs keep the alignment). */
static void put_blank(struct buffer *out, struct characters s)
{
    for (int i = 0; i < s.count; i++)
        put_character(out, unicode_is_space(s.items[i]) ? s.items[i] : ' ');
}

/* The line of carets. */
static void put_carets(struct buffer *out, struct characters before, int count)
{
    buffer_text(out, "    ");
    put_blank(out, before);
    put_repeated(out, '^', count);
    buffer_byte(out, '\n');
}

/* Add the line without newlines, which it loses, and without indentation, of so many spaces;
 * returns what is left. */
static struct characters put_unindented(struct buffer *out, struct characters *line, int *spaces)
{
    *line = without_newlines(*line);
    struct characters stripped = without_indentation(*line);
    *spaces = line->count - stripped.count;
    put_line(out, stripped);
    return stripped;
}

void caret_below_stripped_line(struct buffer *out, const struct diagnostic *e,
                               struct characters line)
{
    struct characters stripped = without_leading_space(line);
    while (stripped.count > 0 && unicode_is_space(stripped.items[stripped.count - 1]))
        stripped.count--;
    put_line(out, stripped);
    if (e->offset < 0)
        return;
    line = without_newlines(line);
    int offset = (line.count < e->offset ? line.count : e->offset) - 1;
    put_carets(out, without_leading_space(slice(line, 0, offset)), 1);
}

void caret_at_offset(struct buffer *out, const struct diagnostic *e, struct characters line)
{
    int spaces;
    struct characters stripped = put_unindented(out, &line, &spaces);
    int caret = (e->offset < 0 ? 0 : e->offset) - 1 - spaces;
    if (caret >= 0)
        put_carets(out, slice(stripped, 0, caret), 1);
}

void carets_to_end_offset(struct buffer *out, const struct diagnostic *e, struct characters line)
{
    int spaces;
    struct characters stripped = put_unindented(out, &line, &spaces);
    if (e->offset < 0)
        return;
    int end_offset = e->end_offset > 0 ? e->end_offset : e->offset;
    if (end_offset == e->offset)
        end_offset++;
    int column = e->offset - 1 - spaces, end_column = end_offset - 1 - spaces;
    if (column >= 0)
        put_carets(out, slice(stripped, 0, column), end_column - column);
}

/* Where the carets of 3.13 and later begin and end, in characters of the whole line from 1. */
static void range_within_line(const struct diagnostic *e, int text_count, int line_count,
                              int *offset, int *end_offset)
{
    *offset = e->offset;
    if (e->lineno == e->end_lineno)
        *end_offset = e->end_offset > 0 ? e->end_offset : *offset;
    else
        *end_offset = line_count + 1;
    if (text_count > 0 && *offset > text_count)
        *offset = line_count + 1;
    if (text_count > 0 && *end_offset > text_count)
        *end_offset = line_count + 1;
    if (*offset >= *end_offset || *end_offset < 0)
        *end_offset = *offset + 1;
}

void carets_within_line(struct buffer *out, const struct diagnostic *e, struct characters line)
{
    int text_count = line.count, spaces, offset, end_offset;
    struct characters stripped = put_unindented(out, &line, &spaces);
    if (e->offset < 0)
        return;
    range_within_line(e, text_count, line.count, &offset, &end_offset);
    int column = offset - 1 - spaces;
    if (column >= 0)
        put_carets(out, slice(stripped, 0, column), end_offset - offset);
}

/* Columns that characters take on a terminal. */
static int width_of(struct characters s)
{
    return display_width(s.items, s.count);
}

void carets_by_width(struct buffer *out, const struct diagnostic *e, struct characters line)
{
    int text_count = line.count, spaces, offset, end_offset;
    struct characters stripped = put_unindented(out, &line, &spaces);
    if (e->offset < 0)
        return;
    range_within_line(e, text_count, line.count, &offset, &end_offset);
    int column = offset - 1 - spaces, end_column = end_offset - 1 - spaces;
    if (column < 0)
        return;
    struct characters marked = slice(stripped, column, end_column);
    buffer_text(out, "    ");
    put_repeated(out, ' ', width_of(slice(stripped, 0, column)));
    put_repeated(out, '^', marked.count > 0 ? width_of(marked) : end_column - column);
    buffer_byte(out, '\n');
}

/* SyntaxError, as traceback.format_exception_only has it. */
static void put_syntax_error(struct compilation *c, const struct diagnostic *e,
                             const struct diagnostic *shown, struct buffer *out)
{
    const char *own = filename_of(c, e->filename);
    if (e->has_location && e->lineno >= 0)
        buffer_printf(out, "  File \"%s\", line %d\n", own[0] != '\0' ? own : "<string>",
                      e->lineno);
    if (e->has_location && e->has_text)
        c->target->out->point_at(out, shown,
                                 characters_of(c->arena, shown->text, shown->text_length));
    buffer_printf(out, "SyntaxError: %s",
                  shown->message[0] != '\0' ? shown->message : "<no detail available>");
    if (e->has_location && e->lineno < 0)
        buffer_printf(out, " (%s)", own);
    buffer_byte(out, '\n');
}

/* str() of the exception. */
static void put_exception_text(struct compilation *c, const struct diagnostic *e,
                               struct buffer *out)
{
    buffer_text(out, e->message);
    if (!exception_is_syntax_error(e->type) || !e->has_location)
        return;
    const char *filename = filename_of(c, e->filename), *slash = strrchr(filename, '/');
    const char *base = slash != NULL ? slash + 1 : filename;
    if (e->lineno >= 0)
        buffer_printf(out, " (%s, line %d)", base, e->lineno);
    else
        buffer_printf(out, " (%s)", base);
}

void message_of_error(struct compilation *c, const struct diagnostic *e,
                      const struct diagnostic *shown, struct buffer *out)
{
    if (e->type == EXCEPTION_SYNTAX_ERROR) {
        put_syntax_error(c, e, shown != NULL ? shown : e, out);
        return;
    }
    buffer_printf(out, "Sorry: %s: ", exception_type_name(e->type));
    put_exception_text(c, e, out);
}

void message_put_repr(struct buffer *out, const char *path, enum unicode_version version)
{
    size_t left = strlen(path);
    char quote = unicode_repr_quote(path, left), shown[10];
    buffer_byte(out, (uint8_t)quote);
    for (size_t size; left > 0; path += size, left -= size) {
        size = 1;
        uint32_t c = 0xDC00u + (unsigned char)path[0];
        if (utf8_begins_character(path, left))
            c = utf8_read(path, &size);
        buffer_bytes(out, shown, unicode_write_repr(shown, c, quote, version));
    }
    buffer_byte(out, (uint8_t)quote);
}
