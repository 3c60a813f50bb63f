/* What can be wrong with the text of a string literal, in the words and with the positions of the
 * decoders that CPython runs over it. See peg.h.
 *
 * Text with escapes is decoded in two steps: first every character beyond ASCII is written as a
 * ten-character \U escape (and a backslash before one as \u005c), then the escapes are decoded.
 * Positions count in the text between the steps.
 *
 * Answers to Parser/string_parser.c, _PyUnicode_DecodeUnicodeEscapeInternal and
 * _PyBytes_DecodeEscape.
 */
#include "syntax/explain/peg.h"

#include "syntax/syntax_rules.h"
#include "util/ascii.h"
#include "util/utf8.h"

/* One text being checked. */
struct check {
    struct parser *p;
    const char *text, *next, *end;
    size_t position;        /* of `next` in the text between the steps */
    const char *bad_escape; /* the first escape that means nothing, behind its backslash */
};

/* Sets an exception with no place yet. */
static bool set_plain(struct parser *p, enum exception_type type, const char *message)
{
    p->error = (struct diagnostic){.type = type, .message = message};
    return false;
}

/* Sets the UnicodeDecodeError for an escape from `start` up to `stop`. */
static bool bad_escape(struct check *k, size_t start, size_t stop, const char *reason)
{
    struct arena *arena = k->p->c->arena;
    const char *message =
        stop - start == 1
            ? arena_printf(arena,
                           "'unicodeescape' codec can't decode byte 0x5c in position %zu: %s",
                           start, reason)
            : arena_printf(arena,
                           "'unicodeescape' codec can't decode bytes in position %zu-%zu: %s",
                           start, stop - 1, reason);
    return set_plain(k->p, EXCEPTION_UNICODE_DECODE_ERROR, message);
}

/* Skips a run of characters beyond ASCII; false: they are not UTF-8. */
static bool skip_non_ascii(struct check *k)
{
    const char *start = k->next;
    while (k->next < k->end && (unsigned char)*k->next >= 0x80)
        k->next++;
    size_t size = (size_t)(k->next - start);
    if (!utf8_is_valid(start, size))
        return set_plain(k->p, EXCEPTION_UNICODE_DECODE_ERROR,
                         utf8_fault_message(k->p->c->arena, start, size));
    k->position += 10 * utf8_count(start, size);
    return true;
}

/* Checks the digits of \x, \u or \U, which began at position `start`. */
static bool check_hex(struct check *k, size_t start, int count, const char *reason)
{
    uint32_t value = 0;
    for (; count > 0; count--) {
        if (k->next == k->end || ascii_hex_value(*k->next) < 0)
            return bad_escape(k, start, k->position, reason);
        value = value << 4 | (uint32_t)ascii_hex_value(*k->next);
        k->next++;
        k->position++;
    }
    return value <= UNICODE_MAX || bad_escape(k, start, k->position, "illegal Unicode character");
}

/* Checks \N{...}, which began at position `start`. */
static bool check_name(struct check *k, size_t start)
{
    if (k->next == k->end || *k->next != '{')
        return bad_escape(k, start, k->position, "malformed \\N character escape");
    const char *name = ++k->next;
    k->position++;
    bool ascii = true;
    while (k->next < k->end && *k->next != '}') {
        if ((unsigned char)*k->next >= 0x80) {
            ascii = false;
            if (!skip_non_ascii(k))
                return false;
        } else {
            k->next++;
            k->position++;
        }
    }
    size_t size = (size_t)(k->next - name);
    if (k->next == k->end || size == 0)
        return bad_escape(k, start, k->position, "malformed \\N character escape");
    k->next++;
    k->position++;
    if (ascii && unicode_lookup_name(name, size, &k->p->c->target->syntax->unicode) != UNICODE_NONE)
        return true;
    return bad_escape(k, start, k->position, "unknown Unicode character name");
}

/* Reads up to three octal digits, the first of which was read. */
static void read_octal(struct check *k)
{
    const char *first = k->next - 1;
    int value = *first - '0';
    for (int i = 0; i < 2 && k->next < k->end && *k->next >= '0' && *k->next <= '7'; i++) {
        value = value * 8 + (*k->next - '0');
        k->next++;
        k->position++;
    }
    if (value > 0377 && k->bad_escape == NULL && k->p->c->target->has[FEATURE_OCTAL_ESCAPE_WARNING])
        k->bad_escape = first;
}

/* Checks one escape whose backslash was read and began at `start`. */
static bool check_escape(struct check *k, size_t start)
{
    char c = *k->next;
    if ((unsigned char)c >= 0x80) { /* becomes \u005c */
        k->position += 5;
        return true;
    }
    k->next++;
    k->position++;
    switch (c) {
    case '\n':
    case '\\':
    case '\'':
    case '"':
    case 'b':
    case 'f':
    case 't':
    case 'n':
    case 'r':
    case 'v':
    case 'a': return true;
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7': read_octal(k); return true;
    case 'x': return check_hex(k, start, 2, "truncated \\xXX escape");
    case 'u': return check_hex(k, start, 4, "truncated \\uXXXX escape");
    case 'U': return check_hex(k, start, 8, "truncated \\UXXXXXXXX escape");
    case 'N': return check_name(k, start);
    default:
        if (k->bad_escape == NULL)
            k->bad_escape = k->next - 1;
        return true;
    }
}

/* The quotes that a token begins with. */
static int count_quotes(const struct peg_token *token)
{
    const char *text = token->node.text;
    size_t count = 0;
    while (count < token->node.text_size && (*text == '\'' || *text == '"') && text[count] == *text)
        count++;
    return (int)count;
}

/* Advances a place to the bad escape, in the text between the steps. */
static void find_bad_escape(const struct check *k, int *lineno, int *column)
{
    bool escaped = false;
    for (const unsigned char *s = (const unsigned char *)k->text;
         s < (const unsigned char *)k->bad_escape; s++) {
        if (*s == '\\' && !escaped && s[1] >= 0x80)
            *column += 5;
        escaped = *s == '\\' && !escaped && s[1] < 0x80;
        *lineno += *s == '\n';
        *column = *s == '\n' ? 0 : *column + (*s < 0x80 ? 1 : *s >= 0xC0 ? 10 : 0);
    }
}

/* Raises the warning of an escape that is refused: at the token, or where the escape is taken to
 * be. Always false. */
static bool refuse(struct check *k, struct peg_token *token, const char *message)
{
    struct parser *p = k->p;
    int lineno = token->node.loc.lineno, column = token->node.loc.col_offset;
    p->error_token = token;
    if (!p->c->target->has[FEATURE_ESCAPE_WARNING_AT_LINE]) {
        peg_raise(p, EXCEPTION_SYNTAX_ERROR, false, message);
        return false;
    }
    find_bad_escape(k, &lineno, &column);
    if (lineno == token->node.loc.lineno)
        column += count_quotes(token);
    peg_raise_at(p, EXCEPTION_SYNTAX_ERROR, lineno, column - 1, lineno, column + 1, message);
    return false;
}

/* Warns of the first escape that means nothing; to 3.10 in both passes. false: the warning is an
 * error. */
static bool warn(struct check *k, struct peg_token *token)
{
    struct arena *arena = k->p->c->arena;
    const struct target *target = k->p->c->target;
    if (k->bad_escape == NULL || (k->p->call_invalid && !edition_in(k->p->edition, BEFORE(E311))))
        return true;
    char c = *k->bad_escape;
    bool wordy = target->has[FEATURE_LONG_ESCAPE_WARNING];
    const char *octal = c >= '4' && c <= '7' ? "octal " : "";
    if ((c == '{' || c == '}') && token->type != TOKEN_STRING)
        return true;
    int lineno = token->node.loc.lineno;
    if (target->has[FEATURE_ESCAPE_WARNING_AT_LINE])
        for (const char *s = k->text; s < k->bad_escape; s++)
            lineno += *s == '\n';
    int size = *octal != 0 ? 3 : 1;
    const char *advice = arena_printf(
        arena, "Did you mean \"\\\\%.*s\"? A raw string is also an option.", size, k->bad_escape);
    const char *message =
        wordy ? arena_printf(arena, "\"\\%.*s\" is an invalid %sescape sequence.", size,
                             k->bad_escape, octal)
        : target->has[FEATURE_QUOTED_ESCAPE_WARNING]
            ? arena_printf(arena, "invalid %sescape sequence '\\%.*s'", octal, size, k->bad_escape)
            : arena_printf(arena, "invalid escape sequence \\%.*s", size, k->bad_escape);
    enum warning_category category =
        target->has[FEATURE_ESCAPE_SYNTAX_WARNING] ? WARNING_SYNTAX : WARNING_DEPRECATION;
    const char *warning =
        wordy ? arena_printf(arena, "%s Such sequences will not work in the future. %s", message,
                             advice)
              : message;
    if (diagnostic_try_warn(&k->p->c->diagnostics, category, lineno, warning))
        return true;
    return refuse(k, token, wordy ? arena_printf(arena, "%s %s", message, advice) : message);
}

/* Checks text whose escapes count. */
static bool check_text(struct parser *p, const char *text, size_t size, struct peg_token *token)
{
    struct check k = {.p = p, .text = text, .next = text, .end = text + size};
    while (k.next < k.end) {
        if ((unsigned char)*k.next >= 0x80) {
            if (!skip_non_ascii(&k))
                return false;
            continue;
        }
        size_t start = k.position++;
        if (*k.next++ != '\\')
            continue;
        if (k.next == k.end)
            k.position += 5;
        else if (!check_escape(&k, start))
            return false;
    }
    return warn(&k, token);
}

/* Checks the escapes of a bytes literal. */
static bool check_bytes(struct parser *p, const char *text, size_t size, struct peg_token *token)
{
    struct check k = {.p = p, .text = text, .next = text, .end = text + size};
    while (k.next < k.end) {
        if (*k.next++ != '\\')
            continue;
        if (k.next == k.end)
            return set_plain(p, EXCEPTION_VALUE_ERROR, "Trailing \\ in string");
        char c = *k.next++;
        if (c == 'x') {
            if (k.end - k.next < 2 || ascii_hex_value(k.next[0]) < 0 ||
                ascii_hex_value(k.next[1]) < 0)
                return set_plain(p, EXCEPTION_VALUE_ERROR,
                                 arena_printf(p->c->arena, "invalid \\x escape at position %td",
                                              k.next - 2 - text));
            k.next += 2;
        } else if (c >= '0' && c <= '7') {
            read_octal(&k);
        } else if (strchr("\n\\'\"abfnrtv", c) == NULL || c == 0) {
            if (k.bad_escape == NULL)
                k.bad_escape = k.next - 1;
            k.next--;
        }
    }
    return warn(&k, token);
}

/* Checks text that is taken as it is. */
static bool check_raw(struct parser *p, const char *text, size_t size)
{
    return utf8_is_valid(text, size) || set_plain(p, EXCEPTION_UNICODE_DECODE_ERROR,
                                                  utf8_fault_message(p->c->arena, text, size));
}

bool literal_check(struct parser *p, struct peg_token *token, bool behind_bytes,
                   enum constant_class *class)
{
    const char *text = token->node.text, *end = text + token->node.text_size;
    bool raw = false, bytes = false, formatted = false;
    for (; *text != '\'' && *text != '"'; text++) {
        formatted |= *text == 'f' || *text == 'F';
        bytes |= *text == 'b' || *text == 'B';
        raw |= *text == 'r' || *text == 'R';
    }
    *class = formatted ? CLASS_FORMATTED : bytes ? CLASS_BYTES : CLASS_STR;
    bool triple = end - text >= 6 && text[1] == *text && text[2] == *text;
    const char *closing = end;
    text += triple ? 3 : 1;
    end -= triple ? 3 : 1;
    size_t size = (size_t)(end - text);
    if (formatted)
        return behind_bytes || fstring_text_check(p, token, text, end, raw);
    raw |= memchr(text, '\\', size) == NULL;
    if (!bytes)
        return raw ? check_raw(p, text, size) : check_text(p, text, size, token);
    for (const char *s = text; s < closing; s++) {
        if ((unsigned char)*s >= 0x80) {
            if (edition_in(p->edition, E38))
                p->error_token = token;
            if (edition_in(p->edition, BEFORE(E311)))
                peg_raise(p, EXCEPTION_SYNTAX_ERROR, false,
                          edition_in(p->edition, BEFORE(E310))
                              ? "bytes can only contain ASCII literal characters."
                              : "bytes can only contain ASCII literal characters");
            else
                peg_raise_range(p, &token->node, &token->node,
                                "bytes can only contain ASCII literal characters");
            return false;
        }
    }
    return raw || check_bytes(p, text, size, token);
}

bool literal_check_piece(struct parser *p, const struct node *piece, bool raw,
                         struct peg_token *token)
{
    return raw ? check_raw(p, piece->text, piece->text_size)
               : check_text(p, piece->text, piece->text_size, token);
}

bool literal_check_middle(struct parser *p, const struct node *token, bool raw,
                          struct peg_token *at)
{
    raw |= memchr(token->text, '\\', token->text_size) == NULL;
    return raw ? check_raw(p, token->text, token->text_size)
               : check_text(p, token->text, token->text_size, at);
}
