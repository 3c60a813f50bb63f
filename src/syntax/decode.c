/* Source decoding. See decode.h for what it promises.
 *
 * One pass over the bytes finds null bytes, carriage returns and bytes above 0x7F, 64 at a time;
 * what it does not find needs no further work. Everything else here is for sources that are out of
 * the ordinary.
 */
#include "syntax/decode.h"

#include "util/ascii.h"
#include "util/utf8.h"

#include <string.h>

/* A text on its way. */
struct text {
    char *bytes;
    size_t size;
    bool padded; /* DECODE_PADDING bytes after the end may be written */
};

/* What a pass over the bytes found. */
struct traits {
    bool has_null;
    bool has_return;
    bool has_high;
};

/* What the first two lines say of the encoding. */
struct cookie {
    const char *name; /* NULL: none; in the arena */
    int lineno;
};

/* What find_traits gathers: the smallest byte, so 0 if there is a null byte; the same of the bytes'
 * differences from '\r'; all bytes together. */
struct gathered {
    unsigned char least, carriage, high;
};

/* Gathers from `count` bytes. A loop of known length is one that compilers make into vectors, with
 * one reduction at its end. */
static inline void gather(struct gathered *g, const unsigned char *s, int count)
{
    unsigned char least = UINT8_MAX, carriage = UINT8_MAX, high = 0;
    for (int i = 0; i < count; i++) {
        unsigned char difference = s[i] ^ '\r';
        least = s[i] < least ? s[i] : least;
        carriage = difference < carriage ? difference : carriage;
        high |= s[i];
    }
    g->least = least < g->least ? least : g->least;
    g->carriage = carriage < g->carriage ? carriage : g->carriage;
    g->high |= high;
}

/* Looks for what makes a source out of the ordinary. */
static struct traits find_traits(const char *bytes, size_t size)
{
    const unsigned char *s = (const unsigned char *)bytes;
    struct gathered g = {UINT8_MAX, UINT8_MAX, 0};
    size_t at = 0;
    for (; size - at >= 1024; at += 1024)
        gather(&g, s + at, 1024);
    for (; size - at >= 64; at += 64)
        gather(&g, s + at, 64);
    for (; at < size; at++)
        gather(&g, s + at, 1);
    return (struct traits){g.least == 0, g.carriage == 0, g.high & 0x80};
}

/* Room for size bytes and what follows a text. */
static char *text_room(struct arena *arena, size_t size)
{
    return arena_alloc_array(arena, size + DECODE_PADDING, 1);
}

/* Makes each "\r\n" and '\r' a '\n', in new memory. */
static void translate_newlines(struct arena *arena, struct text *text)
{
    char *out = text_room(arena, text->size);
    size_t to = 0;
    size_t at = 0;
    while (at < text->size) {
        const char *carriage = memchr(text->bytes + at, '\r', text->size - at);
        size_t run = carriage ? (size_t)(carriage - text->bytes) - at : text->size - at;
        memcpy(out + to, text->bytes + at, run);
        to += run;
        at += run;
        if (!carriage)
            break;
        out[to++] = '\n';
        at += at + 1 < text->size && text->bytes[at + 1] == '\n' ? 2 : 1;
    }
    *text = (struct text){out, to, true};
}

/* Translates the newlines of a source; some releases take one that ends in "\r\n" for unfinished.
 */
static void translate_source(struct arena *arena, const struct decode_rules *rules,
                             struct text *text)
{
    const char *end = text->bytes + text->size;
    bool doubled = rules->doubles_last_crlf && text->size >= 2 && memcmp(end - 2, "\r\n", 2) == 0;
    translate_newlines(arena, text);
    if (doubled)
        text->bytes[text->size++] = '\n';
}

/* Ends a text that is not empty with a newline, and every text with the sentinel; says whether it
 * had to add the newline. */
static bool finish_text(struct arena *arena, struct text *text)
{
    bool lacks = text->size > 0 && text->bytes[text->size - 1] != '\n';
    if (!text->padded) {
        char *copy = text_room(arena, text->size);
        if (text->size)
            memcpy(copy, text->bytes, text->size);
        *text = (struct text){copy, text->size, true};
    }
    if (lacks)
        text->bytes[text->size++] = '\n';
    memset(text->bytes + text->size, 0, DECODE_SENTINEL);
    return lacks;
}

/* Raises a SyntaxError of the encoding that has no place in the text. */
static _Noreturn void raise_unplaced(struct diagnostics *diagnostics,
                                     const struct decode_rules *rules, const char *message)
{
    struct diagnostic error = {.type = EXCEPTION_SYNTAX_ERROR,
                               .message = message,
                               .has_location = true,
                               .lineno = 0,
                               .offset = rules->unplaced_offset,
                               .end_lineno = -1,
                               .end_offset = -1};
    diagnostic_raise(diagnostics, &error);
}

/* Raises a SyntaxError on the line of line_size bytes. */
static _Noreturn void raise_on_line(struct diagnostics *diagnostics, const char *message,
                                    int lineno, int offset, int end_offset, const char *line,
                                    size_t line_size)
{
    struct diagnostic error = {.type = EXCEPTION_SYNTAX_ERROR,
                               .message = message,
                               .has_location = true,
                               .has_text = true,
                               .lineno = lineno,
                               .offset = offset,
                               .end_lineno = lineno,
                               .end_offset = end_offset};
    error.text = utf8_replace_faults(diagnostics->arena, line, line_size, &error.text_length);
    diagnostic_raise(diagnostics, &error);
}

/* The bytes of the line at line, without its newline. */
static size_t line_length(const char *line, const char *end)
{
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    return (size_t)((newline ? newline : end) - line);
}

/* Whether c may stand in the name of an encoding. */
static bool is_encoding_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* Whether the lower-cased beginning is word, alone or with "-" and more behind. */
static bool is_kind_of(const char *beginning, const char *word)
{
    size_t size = strlen(word);
    return strncmp(beginning, word, size) == 0 &&
           (beginning[size] == '\0' || beginning[size] == '-');
}

/* The name under which CPython records an encoding: spellings of UTF-8 and Latin-1 become one. */
static const char *recorded_name(const char *name)
{
    char beginning[13];
    size_t size = 0;
    for (; size < 12 && name[size]; size++) {
        char c = name[size];
        beginning[size] = c == '_' ? '-' : ascii_lower(c);
    }
    beginning[size] = '\0';
    if (is_kind_of(beginning, "utf-8"))
        return "utf-8";
    if (is_kind_of(beginning, "latin-1") || is_kind_of(beginning, "iso-8859-1") ||
        is_kind_of(beginning, "iso-latin-1"))
        return "iso-8859-1";
    return name;
}

/* Whether the line of size bytes has nothing before a comment or its end. */
static bool is_blank_or_comment(const char *line, size_t size)
{
    for (size_t at = 0; at < size; at++) {
        if (line[at] == '#' || line[at] == '\n')
            return true;
        if (line[at] != ' ' && line[at] != '\t' && line[at] != '\f')
            return false;
    }
    return true;
}

/* The encoding that the line of size bytes declares, as recorded, or NULL. The text goes on behind
 * the line with a newline at least. */
static const char *find_declaration(struct arena *arena, const char *line, size_t size)
{
    const char *end = line + size;
    if (!is_blank_or_comment(line, size))
        return NULL;
    for (const char *at = memchr(line, '#', size); at && end - at > 6; at++) {
        if (memcmp(at, "coding", 6) != 0 || (at[6] != ':' && at[6] != '='))
            continue;
        const char *name = at + 7;
        while (*name == ' ' || *name == '\t')
            name++;
        size_t length = 0;
        while (is_encoding_character(name[length]))
            length++;
        if (length)
            return recorded_name(arena_copy(arena, name, length));
    }
    return NULL;
}

/* Searches the first two lines for a cookie. */
static struct cookie find_cookie(struct arena *arena, const struct text *text)
{
    const char *end = text->bytes + text->size;
    struct cookie cookie = {NULL, 1};
    size_t first = line_length(text->bytes, end);
    cookie.name = find_declaration(arena, text->bytes, first);
    const char *second = text->bytes + first + 1;
    if (cookie.name || second >= end || !is_blank_or_comment(text->bytes, first))
        return cookie;
    cookie.lineno = 2;
    cookie.name = find_declaration(arena, second, line_length(second, end) + 1);
    return cookie;
}

/* Raises the error of a cookie that is not UTF-8 after a byte-order mark. */
static _Noreturn void raise_contradiction(struct diagnostics *diagnostics,
                                          const struct decode_rules *rules, const struct text *text,
                                          const struct cookie *cookie)
{
    struct arena *arena = diagnostics->arena;
    const char *message = arena_printf(arena, "encoding problem: %s with BOM", cookie->name);
    if (!rules->refuses_bad_utf8)
        raise_unplaced(diagnostics, rules, message);
    const char *end = text->bytes + text->size;
    const char *line = text->bytes;
    if (cookie->lineno == 2)
        line += line_length(line, end) + 1;
    size_t length = line_length(line, end);
    size_t searched = cookie->lineno == 2 ? length + 1 : length;
    int end_offset = (int)utf8_count(line, searched - 1) + 1;
    raise_on_line(diagnostics, message, cookie->lineno, 0, end_offset, line, length);
}

/* Raises the error of a text that stops being UTF-8 at the byte. */
static _Noreturn void raise_bad_utf8(struct diagnostics *diagnostics, const struct text *text,
                                     size_t at)
{
    const char *line = text->bytes;
    const char *end = text->bytes + text->size;
    int lineno = 1;
    for (const char *next; (next = memchr(line, '\n', (size_t)(text->bytes + at - line))); lineno++)
        line = next + 1;
    const char *message =
        arena_printf(diagnostics->arena,
                     "Non-UTF-8 code starting with '\\x%02x' on line %d, but no encoding declared; "
                     "see https://peps.python.org/pep-0263/ for details",
                     (unsigned char)text->bytes[at], lineno);
    int offset = (int)utf8_count(line, (size_t)(text->bytes + at - line)) + 1;
    raise_on_line(diagnostics, message, lineno, offset, offset, line, line_length(line, end));
}

/* Replaces the text by what the codec makes of it. */
static void decode_text(struct diagnostics *diagnostics, const struct decode_rules *rules,
                        const char *encoding, struct text *text, struct decoded_source *decoded)
{
    struct codec_result result =
        codec_decode(diagnostics->arena, encoding, text->bytes, text->size, rules->codecs);
    if (!result.ok)
        raise_unplaced(diagnostics, rules, result.text);
    if (!rules->retranslates_newlines)
        decoded->undecoded = arena_copy(diagnostics->arena, text->bytes, text->size);
    const char *null = memchr(result.text, '\0', result.size);
    *text = (struct text){(char *)result.text, null ? (size_t)(null - result.text) : result.size,
                          false};
    if (rules->retranslates_newlines)
        translate_newlines(diagnostics->arena, text);
    bool added = finish_text(diagnostics->arena, text);
    decoded->newline_foreign = added && !rules->retranslates_newlines;
}

/* Drops a byte-order mark; says whether there was one. */
static bool drop_mark(struct text *text)
{
    bool has = text->size >= 3 && memcmp(text->bytes, "\xEF\xBB\xBF", 3) == 0;
    if (has) {
        text->bytes += 3;
        text->size -= 3;
    }
    return has;
}

/* Raises the error of a null byte in the source. */
static _Noreturn void raise_null_byte(struct diagnostics *diagnostics,
                                      const struct decode_rules *rules)
{
    diagnostic_raise_plain(diagnostics,
                           rules->null_byte_is_syntax_error ? EXCEPTION_SYNTAX_ERROR
                                                            : EXCEPTION_VALUE_ERROR,
                           "source code string cannot contain null bytes");
}

void decode_source(struct diagnostics *diagnostics, const struct source_bytes *source,
                   const struct decode_rules *rules, struct decoded_source *decoded)
{
    struct arena *arena = diagnostics->arena;
    struct traits traits = find_traits(source->bytes, source->size);
    if (traits.has_null)
        raise_null_byte(diagnostics, rules);
    struct text text = {source->bytes, source->size, source->padded};
    bool ends_in_crlf = text.size >= 2 && memcmp(text.bytes + text.size - 2, "\r\n", 2) == 0;
    if (traits.has_return)
        translate_source(arena, rules, &text);
    *decoded = (struct decoded_source){0};
    decoded->newline_added = finish_text(arena, &text);
    bool marked = drop_mark(&text);
    struct cookie cookie = find_cookie(arena, &text);
    decoded->encoding = cookie.name ? cookie.name : marked ? "utf-8" : NULL;
    bool utf8 = !cookie.name || strcmp(cookie.name, "utf-8") == 0;
    if (marked && !utf8)
        raise_contradiction(diagnostics, rules, &text, &cookie);
    if (!utf8)
        decode_text(diagnostics, rules, cookie.name, &text, decoded);
    struct utf8_scan scan = {text.size, true};
    if (traits.has_high || !utf8)
        scan = utf8_scan(text.bytes, text.size);
    if (scan.valid_size < text.size && rules->refuses_bad_utf8)
        raise_bad_utf8(diagnostics, &text, scan.valid_size);
    decoded->text = text.bytes;
    decoded->size = text.size;
    decoded->valid_size = scan.valid_size;
    decoded->ascii = scan.ascii;
    decoded->any_release = utf8 && !ends_in_crlf && scan.valid_size == text.size;
}
