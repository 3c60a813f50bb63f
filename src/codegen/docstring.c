/* From 3.13 the compiler takes tabs and the common indentation out of docstrings, as
 * inspect.cleandoc does, but keeps blank lines. Answers to _PyCompile_CleanDoc. */
#include "codegen/docstring.h"

#include "util/utf8.h"

struct text {
    const char *bytes;
    size_t length;
};

struct line {
    size_t start, spaces; /* spaces in front of it */
};

struct lines {
    ARRAY(struct line) list;
};

/* The column at the end of some bytes without tabs that start at `column`. */
static size_t column_behind(const char *bytes, size_t length, size_t column)
{
    size_t line = length;
    while (line > 0 && bytes[line - 1] != '\n' && bytes[line - 1] != '\r')
        line--;
    return (line == 0 ? column : 0) + utf8_count(bytes + line, length - line);
}

/* str.expandtabs(). */
static struct text expand_tabs(struct codegen *g, struct text t)
{
    if (t.length == 0 || memchr(t.bytes, '\t', t.length) == NULL)
        return t;
    size_t tabs = 0;
    for (size_t i = 0; i < t.length; i++)
        tabs += t.bytes[i] == '\t';
    char *out = arena_alloc(g->arena, t.length + tabs * 7), *to = out;
    size_t column = 0;
    const char *from = t.bytes, *end = t.bytes + t.length;
    for (const char *tab; (tab = memchr(from, '\t', (size_t)(end - from))) != NULL;
         from = tab + 1) {
        size_t length = (size_t)(tab - from);
        memcpy(to, from, length);
        column = column_behind(from, length, column);
        size_t spaces = 8 - column % 8;
        memset(to + length, ' ', spaces);
        to += length + spaces;
        column += spaces;
    }
    memcpy(to, from, (size_t)(end - from));
    return (struct text){out, (size_t)(to - out) + (size_t)(end - from)};
}

/* Is there a lone surrogate? */
static bool is_surrogate(struct text t, size_t at)
{
    return utf8_is_surrogate(t.bytes + at, t.length - at);
}

/* The text is about to be encoded: surrogates are an error, told by the first run of them. */
static void refuse_surrogates(struct codegen *g, struct text t)
{
    size_t at = 0, count = 0;
    if (memchr(t.bytes, 0xED, t.length) == NULL)
        return;
    while (at < t.length && !is_surrogate(t, at))
        at++;
    if (at >= t.length)
        return;
    size_t character = utf8_count(t.bytes, at);
    while (is_surrogate(t, at + 3 * count))
        count++;
    unsigned value = 0xD000u | ((unsigned char)t.bytes[at + 1] & 0x3Fu) << 6 |
                     ((unsigned char)t.bytes[at + 2] & 0x3Fu);
    const char *message = count == 1
                              ? arena_printf(g->arena,
                                             "'utf-8' codec can't encode character '\\u%04x' in "
                                             "position %zu: surrogates not allowed",
                                             value, character)
                              : arena_printf(g->arena,
                                             "'utf-8' codec can't encode characters in position "
                                             "%zu-%zu: surrogates not allowed",
                                             character, character + count - 1);
    diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_UNICODE_ENCODE_ERROR, message);
}

/* The place behind the end of the line. */
static size_t next_line(struct text t, size_t at)
{
    const char *newline = memchr(t.bytes + at, '\n', t.length - at);
    return newline == NULL ? t.length : (size_t)(newline - t.bytes) + 1;
}

/* How many spaces stand there. */
static size_t count_spaces(struct text t, size_t at)
{
    size_t n = 0;
    while (at + n < t.length && t.bytes[at + n] == ' ')
        n++;
    return n;
}

/* List the lines; the end of the text is where one more would start. */
static void list_lines(struct codegen *g, struct text t, struct lines *lines)
{
    for (size_t at = 0; at < t.length; at = next_line(t, at))
        array_push(g->arena, &lines->list, ((struct line){at, count_spaces(t, at)}));
    array_push(g->arena, &lines->list, ((struct line){t.length, 0}));
}

/* The smallest indentation of the lines after the first that are not blank. */
static size_t find_margin(struct text t, const struct lines *lines)
{
    size_t margin = SIZE_MAX;
    for (uint32_t i = 1; i + 1 < lines->list.count; i++) {
        size_t n = lines->list.items[i].spaces, at = lines->list.items[i].start + n;
        if (at < t.length && t.bytes[at] != '\n' && n < margin)
            margin = n;
    }
    return margin == SIZE_MAX ? 0 : margin;
}

/* The text without `margin` spaces in front of each line, and the first one without any. */
static struct text remove_margin(struct codegen *g, struct text t, const struct lines *lines,
                                 size_t margin)
{
    char *out = arena_alloc(g->arena, t.length);
    size_t n = 0;
    for (uint32_t i = 0; i + 1 < lines->list.count; i++) {
        const struct line *l = &lines->list.items[i];
        size_t at = l->start + (i != 0 && l->spaces > margin ? margin : l->spaces);
        memcpy(out + n, t.bytes + at, l[1].start - at);
        n += l[1].start - at;
    }
    return (struct text){out, n};
}

constant docstring_clean(struct codegen *g, constant doc)
{
    if (!HAS(g->c, CLEAN_DOCSTRINGS))
        return doc;
    const struct string *s = strings_get(&g->c->strings, doc->v.str);
    struct text original = {s->bytes, s->length};
    struct text t = expand_tabs(g, original);
    struct lines lines = {.list = {0}};
    if (!(s->flags & STRING_ASCII))
        refuse_surrogates(g, t);
    list_lines(g, t, &lines);
    size_t margin = find_margin(t, &lines);
    if (margin != 0 || lines.list.items[0].spaces != 0)
        t = remove_margin(g, t, &lines, margin);
    if (t.bytes == original.bytes)
        return doc;
    return constant_str(&g->c->constants, strings_intern(&g->c->strings, t.bytes, t.length));
}
