/* The lexer. See lexer.h.
 *
 * read_* functions stand at the first byte of a token, add it and return the place behind it. The
 * source ends in a newline and NULs, so no scan needs to look at the end: every loop stops at a
 * newline or a NUL. Columns are distances from line_start.
 *
 * Answers to tok_get_normal_mode and its helpers in Parser/lexer/lexer.c; f-string text is in
 * lexer_fstring.c.
 */
#include "syntax/lexer_internal.h"

#include "syntax/explain.h"
#include "syntax/scan.h"
#include "syntax/syntax_rules.h"
#include "syntax/unicode.h"
#include "util/utf8.h"

/* Keeps what is rare out of the loop. */
#define OUT_OF_LINE __attribute__((noinline))

/* NAME_BYTE: continues a name; NAME_QUOTE: makes a string of a name before it that is a prefix. */
enum { NAME_BYTE = 1, NAME_QUOTE = 2 };
static const uint8_t name_byte[256] = {
    ['a' ... 'z'] = NAME_BYTE, ['A' ... 'Z'] = NAME_BYTE,   ['0' ... '9'] = NAME_BYTE,
    ['_'] = NAME_BYTE,         [0x80 ... 0xFF] = NAME_BYTE, ['"'] = NAME_QUOTE,
    ['\''] = NAME_QUOTE,
};

/* Bytes as far as read_tokens tells them apart: by the first byte of a token and the one behind it.
 */
enum byte_class {
    BYTE_PUNCTUATION, /* an operator or a separator */
    BYTE_DOT,
    BYTE_OPENING,
    BYTE_CLOSING,
    BYTE_LAST_SINGLE = BYTE_CLOSING, /* up to here: a token of one byte as a rule */
    BYTE_SPACE,
    BYTE_NEWLINE,
    BYTE_QUOTE,
    BYTE_FIRST_OF_NAME = BYTE_QUOTE, /* from here on: may make more of a name before it */
    BYTE_DIGIT,
    BYTE_LETTER, /* of a name, in ASCII */
    BYTE_OTHER,  /* above 0x7F, too */
};
static const uint8_t byte_class[256] = {
    [0 ... '\n' - 1] = BYTE_OTHER,
    ['\n'] = BYTE_NEWLINE,
    ['\n' + 1 ... ' ' - 1] = BYTE_OTHER,
    [' '] = BYTE_SPACE,
    ['!'] = BYTE_OTHER,
    ['"'] = BYTE_QUOTE,
    ['#'] = BYTE_OTHER,
    ['$'] = BYTE_OTHER,
    ['%'] = BYTE_PUNCTUATION,
    ['&'] = BYTE_PUNCTUATION,
    ['\''] = BYTE_QUOTE,
    ['('] = BYTE_OPENING,
    [')'] = BYTE_CLOSING,
    ['*' ... '-'] = BYTE_PUNCTUATION,
    ['.'] = BYTE_DOT,
    ['/'] = BYTE_PUNCTUATION,
    ['0' ... '9'] = BYTE_DIGIT,
    [':' ... '>'] = BYTE_PUNCTUATION,
    ['?'] = BYTE_OTHER,
    ['@'] = BYTE_PUNCTUATION,
    ['A' ... 'Z'] = BYTE_LETTER,
    ['['] = BYTE_OPENING,
    ['\\'] = BYTE_OTHER,
    [']'] = BYTE_CLOSING,
    ['^'] = BYTE_PUNCTUATION,
    ['_'] = BYTE_LETTER,
    ['`'] = BYTE_OTHER,
    ['a' ... 'z'] = BYTE_LETTER,
    ['{'] = BYTE_OPENING,
    ['|'] = BYTE_PUNCTUATION,
    ['}'] = BYTE_CLOSING,
    ['~'] = BYTE_PUNCTUATION,
    [0x7F ... 0xFF] = BYTE_OTHER,
};

/* Operators, separators and brackets of one byte. */
enum { MORE_PUNCTUATION = 1 << BYTE_PUNCTUATION | 1 << BYTE_DOT };
static const struct {
    uint8_t kind;
    int8_t level_change;  /* of open brackets */
    uint16_t extended_by; /* the classes (1 << class) that may make more of the token when they come
                             next */
} single[128] = {
    ['('] = {TOKEN_left_parenthesis, 1, 0},
    [')'] = {TOKEN_right_parenthesis, -1, 0},
    ['['] = {TOKEN_left_bracket, 1, 0},
    [']'] = {TOKEN_right_bracket, -1, 0},
    ['{'] = {TOKEN_left_brace, 1, 0},
    ['}'] = {TOKEN_right_brace, -1, 0},
    [','] = {TOKEN_comma, 0, MORE_PUNCTUATION},
    [';'] = {TOKEN_semicolon, 0, MORE_PUNCTUATION},
    ['~'] = {TOKEN_tilde, 0, MORE_PUNCTUATION},
    ['+'] = {TOKEN_plus, 0, MORE_PUNCTUATION},
    ['-'] = {TOKEN_minus, 0, MORE_PUNCTUATION},
    ['*'] = {TOKEN_star, 0, MORE_PUNCTUATION},
    ['/'] = {TOKEN_slash, 0, MORE_PUNCTUATION},
    ['%'] = {TOKEN_percent, 0, MORE_PUNCTUATION},
    ['@'] = {TOKEN_at, 0, MORE_PUNCTUATION},
    ['&'] = {TOKEN_ampersand, 0, MORE_PUNCTUATION},
    ['|'] = {TOKEN_bar, 0, MORE_PUNCTUATION},
    ['^'] = {TOKEN_caret, 0, MORE_PUNCTUATION},
    ['<'] = {TOKEN_less, 0, MORE_PUNCTUATION},
    ['>'] = {TOKEN_greater, 0, MORE_PUNCTUATION},
    ['='] = {TOKEN_assign, 0, MORE_PUNCTUATION},
    ['!'] = {TOKEN_exclamation, 0, MORE_PUNCTUATION},
    [':'] = {TOKEN_colon, 0, MORE_PUNCTUATION},
    ['.'] = {TOKEN_dot, 0, MORE_PUNCTUATION | 1 << BYTE_DIGIT},
};

/* What an operator of more than one byte may have behind the first. */
static const bool is_operator[256] = {
    ['='] = true, ['>'] = true, ['*'] = true, ['/'] = true, ['<'] = true};

/* The kind of an operator with '=' behind it; 0: there is none. */
static const uint8_t assigning_kind[128] = {
    ['+'] = TOKEN_plus_assign,      ['-'] = TOKEN_minus_assign,   ['*'] = TOKEN_star_assign,
    ['/'] = TOKEN_slash_assign,     ['%'] = TOKEN_percent_assign, ['@'] = TOKEN_at_assign,
    ['&'] = TOKEN_ampersand_assign, ['|'] = TOKEN_bar_assign,     ['^'] = TOKEN_caret_assign,
    ['<'] = TOKEN_less_equal,       ['>'] = TOKEN_greater_equal,  ['='] = TOKEN_equal,
    ['!'] = TOKEN_not_equal,        [':'] = TOKEN_walrus,
};

void lexer_reject(struct lexer *lx)
{
    explain_syntax_error(lx->c);
}

void lexer_init(struct lexer *lx, struct compilation *c)
{
    memset(lx, 0, offsetof(struct lexer, column_of));
    lx->c = c;
    lx->fstring_tokens = HAS(c, FSTRING_TOKENS);
    lx->template_strings = HAS(c, TEMPLATE_STRINGS);
    lx->spec_flag = HAS(c, FSTRING_SPEC_FLAG);
    lx->number_checks = HAS(c, NUMBER_END_CHECK);
}

/* Make room for `count` more tokens, and some. */
static void make_room(struct lexer *lx, size_t count)
{
    enum { SPARE = 2 };
    size_t used = (size_t)(lx->next - lx->tokens), size = sizeof *lx->tokens;
    size_t capacity = lx->tokens != NULL ? (size_t)(lx->limit - lx->tokens) + SPARE : 0;
    size_t larger = used + count + SPARE;
    lx->tokens = arena_grow(lx->c->arena, lx->tokens, capacity * size, larger * size);
    lx->next = lx->tokens + used;
    lx->limit = lx->tokens + larger - SPARE;
    lx->pause = lx->tokens + LEXER_CHUNK;
}

/* The place of `p`, which is on the line at hand. */
static inline uint64_t place_of(const struct lexer *lx, const char *p)
{
    return token_place_behind(lx->origin, (uintptr_t)p);
}

/* Fill a token that lies on one line; returns its end. */
static inline const char *put(const struct lexer *lx, struct token *t, unsigned kind, identifier id,
                              const char *start, size_t size)
{
    uint64_t place = place_of(lx, start);
    t->head = TOKEN_HEAD(kind, 0, 0, 0);
    t->id = id;
    t->start = start;
    t->place = place;
    t->end_place = token_place_behind(place, size);
    return start + size;
}

/* Add a token that lies on one line. */
static inline const char *add_with(struct lexer *lx, unsigned kind, identifier id,
                                   const char *start, const char *end)
{
    return put(lx, lx->next++, kind, id, start, (size_t)(end - start));
}

/* The same without an identifier. */
static inline const char *add(struct lexer *lx, unsigned kind, const char *start, const char *end)
{
    return add_with(lx, kind, 0, start, end);
}

const char *lexer_add(struct lexer *lx, unsigned kind, const char *start, const char *end)
{
    return add(lx, kind, start, end);
}

/* `p` is behind a backslash: the start of the next line, which must exist. */
OUT_OF_LINE static const char *continue_line(struct lexer *lx, const char *p)
{
    if (*p != '\n' || p + 1 >= lx->end)
        lexer_reject(lx);
    lexer_start_line(lx, p + 1);
    return p + 1;
}

/* `p` is at a '#': the newline behind the comment. */
OUT_OF_LINE static const char *pass_comment(struct lexer *lx, const char *p)
{
    p = memchr(p, '\n', (size_t)(lx->end - p) + 1);
    if (p == NULL)
        lexer_reject(lx);
    return p;
}

/* Compare the indentation of the line whose first token is at `p` with the open blocks, and add the
 * INDENT or the DEDENTs that it gives. */
static inline void set_indentation(struct lexer *lx, const char *p, int col, int alt)
{
    if (col > lx->column_of[lx->indent]) {
        if (lx->indent + 1 >= LEXER_MAX_INDENT || alt <= lx->alt_column_of[lx->indent])
            lexer_reject(lx);
        lx->indent++;
        lx->column_of[lx->indent] = col;
        lx->alt_column_of[lx->indent] = alt;
        add(lx, TOKEN_indent, p, p);
        return;
    }
    while (lx->indent > 0 && col < lx->column_of[lx->indent]) {
        lx->indent--;
        if (lx->next >= lx->limit)
            make_room(lx, LEXER_MAX_INDENT);
        add(lx, TOKEN_dedent, p, p);
    }
    if (col != lx->column_of[lx->indent] || alt != lx->alt_column_of[lx->indent])
        lexer_reject(lx);
}

/* Pass lines joined by backslashes from `p` on, up to a token or to the newline of a line without
 * any. */
static const char *pass_joined_blanks(struct lexer *lx, const char *p)
{
    for (;; p++) {
        if (*p == '\\')
            p = continue_line(lx, p + 1) - 1;
        else if (*p == '#')
            return pass_comment(lx, p);
        else if (*p != ' ' && *p != '\t' && *p != '\f')
            return p;
    }
}

/* read_line_start where an indentation is not of spaces alone. */
OUT_OF_LINE static const char *pass_indentation(struct lexer *lx, const char *p)
{
    for (;;) {
        int col = 0, alt = 0, continued = 0;
        p = scan_spaces(p);
        col = alt = (int)(p - lx->line_start);
        for (;; p++) {
            if (*p == ' ') {
                col++;
                alt++;
            } else if (*p == '\t') {
                col = (col / 8 + 1) * 8;
                alt++;
            } else if (*p == '\f') {
                col = alt = 0;
            } else if (*p == '\\' && HAS(lx->c, BACKSLASH_KEEPS_INDENT)) {
                p = pass_joined_blanks(lx, p);
                if (*p != '\n')
                    return p;
                break;
            } else if (*p == '\\' && !HAS(lx->c, INDENT_BEFORE_BACKSLASH)) {
                continued = continued ? continued : col;
                p = continue_line(lx, p + 1) - 1;
            } else {
                break;
            }
        }
        if (*p == '#')
            p = pass_comment(lx, p);
        if (*p != '\n') {
            set_indentation(lx, p, continued ? continued : col, continued ? continued : alt);
            return p;
        }
        p++;
        lexer_start_line(lx, p);
    }
}

/* Pass blank lines and comments in front of a logical line, and add its INDENT or DEDENTs. */
static const char *read_line_start(struct lexer *lx, const char *p)
{
    for (;;) {
        p = scan_spaces(p);
        if (*p == '#')
            p = pass_comment(lx, p);
        if (*p != '\n')
            break;
        lexer_start_line(lx, ++p);
    }
    if (*p == '\t' || *p == '\f' || *p == '\\')
        return pass_indentation(lx, lx->line_start);
    set_indentation(lx, p, (int)(p - lx->line_start), (int)(p - lx->line_start));
    return p;
}

/* The identifier of a name with bytes above 0x7F. */
static identifier intern_non_ascii(struct lexer *lx, const char *start, size_t size)
{
    enum unicode_version version = lx->c->target->syntax->unicode.version;
    if (!utf8_is_valid(start, size) || unicode_identifier_span(start, size, version) != size)
        lexer_reject(lx);
    lx->c->has_odd_names = true;
    if (!unicode_is_nfkc_quick(start, size, version))
        start = unicode_nfkc(lx->c->arena, start, size, version, &size);
    return strings_intern(&lx->c->strings, start, size);
}

/* A name or keyword of any length and alphabet. */
OUT_OF_LINE static const char *read_any_name(struct lexer *lx, const char *start)
{
    int high = 0;
    const char *p = scan_name(start, name_byte, &high);
    size_t size = (size_t)(p - start);
    struct token *t = lx->next;
    if (high) {
        identifier id = intern_non_ascii(lx, start, size);
        strings_mark_name(&lx->c->strings, id);
        add_with(lx, TOKEN_name, id, start, p);
        t->flags = TOKEN_NON_ASCII;
    } else {
        identifier id = strings_intern_name(&lx->c->strings, start, size);
        add_with(lx, id <= NAME_KEYWORD_LAST ? id : TOKEN_name, id, start, p);
    }
    return p;
}

/* Behind the closing quote of a string that is opened at `p`; keeps count of lines, notes flags. */
static const char *find_string_end(struct lexer *lx, const char *p, char quote, int quote_size,
                                   unsigned *flags)
{
    int high = 0;
    for (;;) {
        p = scan_string(p, quote, &high);
        char ch = *p++;
        if (ch == quote) {
            if (quote_size == 1 || (p[0] == quote && p[1] == quote))
                break;
        } else if (ch == '\\') {
            *flags |= TOKEN_BACKSLASH;
            high |= (unsigned char)*p >= 0x80;
            if (*p == '\n')
                lexer_start_line(lx, p + 1);
            else if (*p == '\0' && p >= lx->end)
                lexer_reject(lx);
            p++;
        } else if (ch == '\n' && quote_size == 3) {
            lexer_start_line(lx, p);
        } else {
            lexer_reject(lx);
        }
    }
    if (high)
        *flags |= TOKEN_NON_ASCII;
    return quote_size == 1 ? p : p + 2;
}

/* A string whose prefix starts at `start` and whose quote is at `p`. */
OUT_OF_LINE static const char *read_string(struct lexer *lx, const char *start, const char *p,
                                           unsigned flags)
{
    struct token *t = lx->next++;
    char quote = *p;
    unsigned prefix_length = (unsigned)(p - start),
             quote_size = p[1] == quote && p[2] == quote ? 3 : 1;
    t->start = start;
    t->lineno = lx->lineno;
    t->col_offset = (int32_t)(start - lx->line_start);
    uint64_t on_one_line = place_of(lx, start);
    p = find_string_end(lx, p + quote_size, quote, (int)quote_size, &flags);
    t->head = TOKEN_HEAD(TOKEN_string, flags, prefix_length, quote_size);
    if (p - start > INT32_MAX)
        lexer_reject(lx);
    t->length = (uint32_t)(p - start);
    t->end_place = place_of(lx, p);
    if (t->lineno == t->end_lineno)
        t->place = on_one_line;
    return p;
}

/* A name or a prefixed string: a quote follows on a short name. */
OUT_OF_LINE static const char *read_prefixed(struct lexer *lx, const char *start)
{
    bool b = false, r = false, u = false, f = false, t = false;
    const char *p = start;
    for (; *p != '"' && *p != '\''; p++) {
        char lower = (char)(*p | 0x20);
        if (lower == 'b' && !(b || u || f || t))
            b = true;
        else if (lower == 'u' && !(b || u || r || f || t))
            u = true;
        else if (lower == 'r' && !(r || u))
            r = true;
        else if (lower == 'f' && !(f || b || u || t))
            f = true;
        else if (lower == 't' && lx->template_strings && !(t || b || u || f))
            t = true;
        else
            return read_any_name(lx, start);
    }
    if ((f && lx->fstring_tokens) || t)
        return lexer_open_fstring(lx, start, p, r, t);
    unsigned flags = (b ? TOKEN_BYTES : 0) | (r ? TOKEN_RAW : 0) | (f ? TOKEN_FORMATTED : 0) |
                     (*start == 'u' ? TOKEN_UNICODE : 0);
    return read_string(lx, start, p, flags);
}

/* A name, a keyword, or a string with a prefix. Nearly all are short and in ASCII. */
static inline const char *read_name(struct lexer *lx, const char *start)
{
    uint64_t words[2];
    size_t size = scan_short_name(start, name_byte, words);
    unsigned char behind = (unsigned char)start[size];
    if (name_byte[behind] != 0)
        return behind < 0x80 && size <= 2 ? read_prefixed(lx, start) : read_any_name(lx, start);
    identifier id = strings_intern_words(&lx->c->strings, start, size, words);
    return add_with(lx, id <= NAME_KEYWORD_LAST ? id : TOKEN_name, id, start, start + size);
}

/* An opening bracket at `p`. */
static inline const char *read_opening(struct lexer *lx, const char *p, unsigned kind)
{
    if (lx->level >= LEXER_MAX_LEVEL || lx->level < 0)
        lexer_reject(lx);
    lx->brackets[++lx->level] = *p;
    if (lx->fstring_count != 0)
        lx->fstrings[lx->fstring_count - 1].depth++;
    return add(lx, kind, p, p + 1);
}

/* A closing bracket at `p`. In an f-string `expected` must have opened it; elsewhere the parser
 * sees that brackets match, since it takes tokens in order. */
static inline const char *read_closing(struct lexer *lx, const char *p, char expected,
                                       unsigned kind)
{
    if (lx->fstring_count != 0) {
        if (lx->level <= 0 || lx->brackets[lx->level] != expected)
            lexer_reject(lx);
        lexer_close_field_bracket(lx, *p);
    }
    lx->level--;
    return add(lx, kind, p, p + 1);
}

/* A '{' at `p`. */
static const char *read_opening_brace(struct lexer *lx, const char *p)
{
    if (lx->fstring_count != 0)
        lexer_note_field_start(lx, p);
    return read_opening(lx, p, TOKEN_left_brace);
}

/* A '}' at `p`. */
static const char *read_closing_brace(struct lexer *lx, const char *p)
{
    struct token *t = lx->next;
    identifier text = 0;
    if (lx->fstring_count != 0)
        lexer_note_field_end(lx, p, &text);
    p = read_closing(lx, p, '{', TOKEN_right_brace);
    t->id = text;
    return p;
}

/* An operator at `p` that may be longer than a byte. */
OUT_OF_LINE static const char *read_long_operator(struct lexer *lx, const char *p)
{
    unsigned char ch = (unsigned char)p[0];
    if (p[1] == '=' && assigning_kind[ch] != 0)
        return add(lx, assigning_kind[ch], p, p + 2);
    if (p[1] == ch) {
        unsigned twice = ch == '*'   ? TOKEN_double_star
                         : ch == '/' ? TOKEN_double_slash
                         : ch == '<' ? TOKEN_left_shift
                         : ch == '>' ? TOKEN_right_shift
                                     : 0;
        if (twice != 0 && p[2] == '=') {
            unsigned kind = ch == '*'   ? TOKEN_double_star_assign
                            : ch == '/' ? TOKEN_double_slash_assign
                            : ch == '<' ? TOKEN_left_shift_assign
                                        : TOKEN_right_shift_assign;
            return add(lx, kind, p, p + 3);
        }
        if (twice != 0)
            return add(lx, twice, p, p + 2);
    }
    if (ch == '-' && p[1] == '>')
        return add(lx, TOKEN_arrow, p, p + 2);
    if (ch == '<' && p[1] == '>')
        return add(lx, TOKEN_not_equal, p, p + 2);
    if (ch == '=' && lx->fstring_count != 0)
        lexer_note_debug(lx);
    return add(lx, single[ch].kind, p, p + 1);
}

/* A ':' or '!' at `p` inside of an f-string. */
static const char *read_field_punctuation(struct lexer *lx, const char *p)
{
    struct token *t = lx->next;
    identifier text;
    p = lexer_note_field_end(lx, p, &text) ? add(lx, TOKEN_colon, p, p + 1)
                                           : read_long_operator(lx, p);
    t->id = text;
    return p;
}

/* An operator at `p`, of that kind if it is no longer one. */
static inline const char *read_operator(struct lexer *lx, const char *p, unsigned kind)
{
    if (lx->fstring_count != 0)
        return *p == ':' || *p == '!' ? read_field_punctuation(lx, p) : read_long_operator(lx, p);
    if (is_operator[(unsigned char)p[1]])
        return read_long_operator(lx, p);
    return add(lx, kind, p, p + 1);
}

/* Does the text at `p` go on like `rest` and then end the word? */
static bool word_ends_with(const char *p, const char *rest)
{
    size_t n = strlen(rest);
    return strncmp(p, rest, n) == 0 && name_byte[(unsigned char)p[n]] != NAME_BYTE;
}

/* A number from `start` on ends before `p`: a name may not follow at once, a keyword that may stand
 * there is warned of. */
static const char *add_number(struct lexer *lx, const char *start, const char *p)
{
    struct token *t = lx->next;
    add(lx, TOKEN_number, start, p);
    if (!lx->number_checks || name_byte[(unsigned char)*p] != NAME_BYTE ||
        (unsigned char)*p >= 0x80)
        return p;
    bool keyword;
    switch (*p) {
    case 'a': keyword = word_ends_with(p + 1, "nd"); break;
    case 'e': keyword = word_ends_with(p + 1, "lse"); break;
    case 'f': keyword = word_ends_with(p + 1, "or"); break;
    case 'i': keyword = p[1] == 'f' || p[1] == 'n' || p[1] == 's'; break;
    case 'o': keyword = word_ends_with(p + 1, "r"); break;
    case 'n': keyword = word_ends_with(p + 1, "ot"); break;
    default: keyword = false;
    }
    if (!keyword)
        lexer_reject(lx);
    t->flags = TOKEN_WARNING;
    return p;
}

/* Is the byte a digit of the base? */
static inline bool is_digit(char ch, int base)
{
    if (base == 16)
        return (ch >= '0' && ch <= '9') || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'f');
    return ch >= '0' && ch < '0' + base;
}

/* Behind the digits at `p`, with single underscores between them. The first byte is known to be a
 * digit or an underscore that may stand there. */
static const char *pass_digits(struct lexer *lx, const char *p, int base)
{
    for (;;) {
        while (is_digit(*p, base))
            p++;
        if (*p != '_')
            return p;
        p++;
        if (!is_digit(*p, base))
            lexer_reject(lx);
    }
}

/* A number in another base: `p` is behind 0x, 0o or 0b. */
static const char *read_based_number(struct lexer *lx, const char *start, const char *p, int base)
{
    if (!is_digit(*p, base) && *p != '_')
        lexer_reject(lx);
    p = pass_digits(lx, p, base);
    if (*p >= '0' && *p <= '9')
        lexer_reject(lx);
    return add_number(lx, start, p);
}

/* What may follow the integer part of a decimal number: fraction, exponent, j. */
OUT_OF_LINE static const char *read_decimal_rest(struct lexer *lx, const char *start, const char *p,
                                                 bool fraction)
{
    if (fraction && is_digit(*p, 10))
        p = pass_digits(lx, p, 10);
    if ((*p | 0x20) == 'e') {
        const char *q = p + 1;
        if (*q == '+' || *q == '-') {
            q++;
            if (!is_digit(*q, 10))
                lexer_reject(lx);
        }
        if (!is_digit(*q, 10))
            return add_number(lx, start, p);
        p = pass_digits(lx, q, 10);
    }
    if ((*p | 0x20) == 'j')
        p++;
    return add_number(lx, start, p);
}

/* A number that starts with a zero. */
OUT_OF_LINE static const char *read_zero_number(struct lexer *lx, const char *start)
{
    switch (start[1] | 0x20) {
    case 'x': return read_based_number(lx, start, start + 2, 16);
    case 'o': return read_based_number(lx, start, start + 2, 8);
    case 'b': return read_based_number(lx, start, start + 2, 2);
    }
    const char *p = pass_digits(lx, start + 1, 10);
    bool zero = true;
    for (const char *q = start; q < p; q++)
        zero = zero && (*q == '0' || *q == '_');
    if (*p == '.')
        return read_decimal_rest(lx, start, p + 1, true);
    if ((*p | 0x20) == 'e' || (*p | 0x20) == 'j')
        return read_decimal_rest(lx, start, p, false);
    if (!zero)
        lexer_reject(lx);
    return add_number(lx, start, p);
}

/* A number that starts with another digit. */
OUT_OF_LINE static const char *read_decimal_number(struct lexer *lx, const char *start)
{
    const char *p = pass_digits(lx, start, 10);
    bool fraction = *p == '.';
    return read_decimal_rest(lx, start, p + fraction, fraction);
}

/* A number; one digit is the rule. */
static inline const char *read_number(struct lexer *lx, const char *start)
{
    unsigned char behind = (unsigned char)start[1];
    if (name_byte[behind] != NAME_BYTE && behind != '.')
        return add(lx, TOKEN_number, start, start + 1);
    return *start == '0' ? read_zero_number(lx, start) : read_decimal_number(lx, start);
}

/* A number's kind in the warning of what follows it. */
static const char *number_name(const struct token *t)
{
    const char *end = token_end(t);
    char base = end - t->start > 2 && *t->start == '0' ? (char)(t->start[1] | 0x20) : 0;
    return base == 'x'               ? "hexadecimal"
           : base == 'o'             ? "octal"
           : base == 'b'             ? "binary"
           : (end[-1] | 0x20) == 'j' ? "imaginary"
                                     : "decimal";
}

/* Warn of "\{" and "\}" at the end of an f-string's text; of a doubled brace one belongs to the
 * text. */
static void warn_brace_escape(struct compilation *c, const struct token *t)
{
    const char *end = token_end(t);
    char ch = end[-1] == '\\' ? *end : end[-1];
    const char *format =
        HAS(c, LONG_ESCAPE_WARNING)
            ? "\"\\%c\" is an invalid escape sequence. Such sequences will not work in the "
              "future. Did you mean \"\\\\%c\"? A raw string is also an option."
            : "invalid escape sequence '\\%c'";
    explain_warn(c, HAS(c, ESCAPE_SYNTAX_WARNING) ? WARNING_SYNTAX : WARNING_DEPRECATION,
                 t->end_lineno, arena_printf(c->arena, format, ch, ch));
}

void lexer_warn(struct compilation *c, const struct token *t)
{
    if (t->kind != TOKEN_number) {
        warn_brace_escape(c, t);
        return;
    }
    bool shown = HAS(c, NUMBER_END_SYNTAX_WARNING);
    explain_warn(c, shown ? WARNING_SYNTAX : WARNING_DEPRECATION, t->lineno,
                 arena_printf(c->arena, "invalid %s literal", number_name(t)));
}

/* The end of the source at `p`. */
static void read_end(struct lexer *lx, const char *p)
{
    if (p < lx->end || lx->level != 0 || lx->fstring_count != 0)
        lexer_reject(lx);
    add(lx, TOKEN_end_of_file, p, p);
}

/* A token that starts with a dot. */
static inline const char *read_dot(struct lexer *lx, const char *p)
{
    if (p[1] == '.' && p[2] == '.')
        return add(lx, TOKEN_ellipsis, p, p + 3);
    if (is_digit(p[1], 10))
        return read_decimal_rest(lx, p, p + 1, true);
    return add(lx, TOKEN_dot, p, p + 1);
}

/* Are the next bytes an f-string's text? */
static inline bool is_in_fstring_text(const struct lexer *lx)
{
    return lx->fstring_count != 0 && lx->fstrings[lx->fstring_count - 1].literal;
}

/* A newline at `p`, and what begins the next line; NULL: that is left to lexer_read_more. */
static const char *read_newline(struct lexer *lx, const char *p)
{
    struct token *t = lx->next;
    if (lx->level == 0)
        add(lx, TOKEN_newline, p, p + 1);
    lexer_start_line(lx, p + 1);
    if (lx->level != 0)
        return p + 1;
    lx->resumed = p + 1;
    return t < lx->pause ? read_line_start(lx, p + 1) : NULL;
}

/* Behind the spaces at `p` and a comment that follows them. */
static const char *read_spaces(struct lexer *lx, const char *p)
{
    p = scan_spaces(p);
    return *p == '#' ? pass_comment(lx, p) : p;
}

/* The token at `p`, whatever it is, or the blanks there; returns the place behind, or NULL behind
 * the last token of the array. */
static const char *read_token(struct lexer *lx, const char *p)
{
    if (lx->next >= lx->limit)
        make_room(lx, (size_t)(lx->next - lx->tokens) / 2 + 64);
    if (is_in_fstring_text(lx))
        return lexer_read_fstring(lx, p);
    switch ((unsigned char)*p) {
    case 'a' ... 'z':
    case 'A' ... 'Z':
    case '_':
    case 0x80 ... 0xFF: return read_name(lx, p);
    case '0' ... '9': return read_number(lx, p);
    case '"':
    case '\'': return read_string(lx, p, p, 0);
    case '.': return read_dot(lx, p);
    case '(': return read_opening(lx, p, TOKEN_left_parenthesis);
    case '[': return read_opening(lx, p, TOKEN_left_bracket);
    case '{': return read_opening_brace(lx, p);
    case ')': return read_closing(lx, p, '(', TOKEN_right_parenthesis);
    case ']': return read_closing(lx, p, '[', TOKEN_right_bracket);
    case '}': return read_closing_brace(lx, p);
    case ',':
    case ';':
    case '~':
    case '=':
    case ':':
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '@':
    case '&':
    case '|':
    case '^':
    case '<':
    case '>':
    case '!': return read_operator(lx, p, single[(unsigned char)*p].kind);
    case '#': return pass_comment(lx, p);
    case '\n': return read_newline(lx, p);
    case ' ':
    case '\t':
    case '\f': return read_spaces(lx, p + 1);
    case '\\': return continue_line(lx, p + 1);
    case '\0': read_end(lx, p); return NULL;
    default: lexer_reject(lx);
    }
}

/* What read_tokens leaves to others: one token, and all up to the end of an f-string. */
OUT_OF_LINE static const char *read_others(struct lexer *lx, const char *p)
{
    do
        p = read_token(lx, p);
    while (p != NULL && lx->fstring_count != 0);
    return p;
}

/* The class of a byte. */
static inline unsigned class_of(const char *p)
{
    return byte_class[(unsigned char)*p];
}

/* A name of more than 16 bytes, all in ASCII, becomes the token; NULL: it is none. No keyword and
 * no prefix of a string is that long. */
OUT_OF_LINE static const char *put_long_name(const struct lexer *lx, struct token *t, const char *p)
{
    int high = 0;
    const char *end = scan_name(p + 16, name_byte, &high);
    size_t size = (size_t)(end - p);
    return high ? NULL
                : put(lx, t, TOKEN_name, strings_intern_name(&lx->c->strings, p, size), p, size);
}

/* The put_* functions make the token at `p` the next one, *t, if it is of the usual sort. They
 * return the place behind, and *next becomes the class of the byte there; or NULL if they leave the
 * token to read_others.
 *
 * put_name: a name or keyword in ASCII. */
static inline const char *put_name(const struct lexer *lx, struct token **t, const char *p,
                                   unsigned *next)
{
    uint64_t words[2];
    size_t size = scan_short_name(p, name_byte, words);
    *next = class_of(p + size);
    if (*next >= BYTE_FIRST_OF_NAME) {
        const char *end = size == sizeof words ? put_long_name(lx, *t, p) : NULL;
        if (end != NULL) {
            *t += 1;
            *next = class_of(end);
        }
        return end;
    }
    identifier id = strings_intern_words(&lx->c->strings, p, size, words);
    return put(lx, (*t)++, id <= NAME_KEYWORD_LAST ? id : TOKEN_name, id, p, size);
}

/* What a read_* function finds at `p`: one that never ends the array, so that there is a place
 * behind. */
static inline const char *put_by(const char *(*read)(struct lexer *, const char *),
                                 struct lexer *lx, struct token **t, const char *p, unsigned *next)
{
    lx->next = *t;
    p = read(lx, p);
    *t = lx->next;
    *next = class_of(p);
    return p;
}

/* A string that has no prefix. */
OUT_OF_LINE static const char *read_unprefixed(struct lexer *lx, const char *p)
{
    return read_string(lx, p, p, 0);
}

/* The same; most are on one line and have no escapes. */
static inline const char *put_string(struct lexer *lx, struct token **t, const char *p,
                                     unsigned *next)
{
    int high = 0;
    const char *end = scan_string(p + 1, *p, &high);
    size_t size = (size_t)(end + 1 - p);
    if (*end != *p || (size == 2 && end[1] == *p) || size > INT32_MAX)
        return put_by(read_unprefixed, lx, t, p, next);
    put(lx, *t, TOKEN_string, (uint32_t)size, p, size);
    (*t)++->head = TOKEN_HEAD(TOKEN_string, high ? TOKEN_NON_ASCII : 0, 0, 1);
    *next = class_of(end + 1);
    return end + 1;
}

/* An operator or a separator at `p`, and behind it a byte that may be part of it. */
OUT_OF_LINE static const char *read_punctuation(struct lexer *lx, const char *p)
{
    return *p == '.' ? read_dot(lx, p) : read_operator(lx, p, single[(unsigned char)*p].kind);
}

/* An operator, a separator or a bracket. Those of one byte are told apart by tables, since which of
 * them comes next is hard to predict. */
static inline const char *put_single(struct lexer *lx, struct token **t, const char *p,
                                     unsigned *next)
{
    unsigned char ch = (unsigned char)*p;
    unsigned kind = single[ch].kind, behind = class_of(p + 1);
    int level = lx->level;
    if (level >= LEXER_MAX_LEVEL)
        return NULL;
    if (single[ch].extended_by >> behind & 1)
        return put_by(read_punctuation, lx, t, p, next);
    lx->level = level + single[ch].level_change;
    *next = behind;
    return put(lx, (*t)++, kind, 0, p, 1);
}

/* A decimal integer that does not start with a zero, or is one. */
static inline const char *put_digits(const struct lexer *lx, struct token **t, const char *p,
                                     unsigned *next)
{
    const char *end = p + 1;
    *next = class_of(end);
    while (*next == BYTE_DIGIT && *p != '0')
        *next = class_of(++end);
    bool more = *next >= BYTE_DIGIT || *next == BYTE_DOT;
    return more ? NULL : put(lx, (*t)++, TOKEN_number, 0, p, (size_t)(end - p));
}

/* A newline, which is no token in brackets, and what begins the next line. */
static inline const char *put_newline(struct lexer *lx, struct token **t, const char *p,
                                      unsigned *next)
{
    if (lx->level == 0) {
        if (*t >= lx->pause)
            return NULL;
        put(lx, (*t)++, TOKEN_newline, 0, p, 1);
    }
    lexer_start_line(lx, ++p);
    const char *q = scan_spaces(p);
    *next = class_of(q);
    bool same = q - p == lx->column_of[lx->indent] && q - p == lx->alt_column_of[lx->indent] &&
                *next == BYTE_LETTER;
    if (same || lx->level != 0)
        return q;
    return put_by(read_line_start, lx, t, p, next);
}

/* Tokens from `p` on. This is the loop for what is usual; `t` is where the next token goes, and
 * `class` that of the byte at `p`. */
static void read_tokens(struct lexer *lx, const char *p)
{
    p = read_line_start(lx, p);
    struct token *t = lx->next;
    unsigned class = class_of(p);
    for (;;) {
        const char *end = NULL;
        if (class == BYTE_SPACE)
            class = class_of(++p);
        if (t < lx->limit) {
            if (class == BYTE_LETTER) {
                end = put_name(lx, &t, p, &class);
                if (class <= BYTE_LAST_SINGLE) { /* as a rule: a bracket, a dot or a comma */
                    p = end;
                    end = put_single(lx, &t, p, &class);
                }
            } else if (class <= BYTE_LAST_SINGLE)
                end = put_single(lx, &t, p, &class);
            else if (class == BYTE_NEWLINE)
                end = put_newline(lx, &t, p, &class);
            else if (class == BYTE_QUOTE)
                end = put_string(lx, &t, p, &class);
            else if (class == BYTE_DIGIT)
                end = put_digits(lx, &t, p, &class);
        }
        if (end == NULL) {
            lx->next = t;
            end = read_others(lx, p);
            if (end == NULL)
                return;
            t = lx->next;
            class = class_of(end);
        }
        p = end;
    }
}

const struct token *lexer_read(struct lexer *lx, const char *text, size_t length, int32_t lineno,
                               int32_t column)
{
    lx->lineno = lineno;
    lexer_set_line(lx, text, column);
    lx->end = text + length;
    lx->level = lx->indent = lx->fstring_count = 0;
    lx->column_of[0] = lx->alt_column_of[0] = 0;
    lx->brackets[0] = 0;
    lx->resumed = text;
    if (lx->tokens == NULL) {
        lx->next = NULL;
        make_room(lx, length < LEXER_CHUNK ? length + 1 : LEXER_CHUNK + LEXER_CHUNK / 2);
    }
    return lexer_read_more(lx);
}

const struct token *lexer_read_more(struct lexer *lx)
{
    lx->next = lx->tokens;
    read_tokens(lx, lx->resumed);
    return lx->tokens;
}
