/* The lexer. See lexer.h.
 *
 * `cur` always stands behind the current token. The source ends in a newline and NULs, so no scan
 * needs to look at the end: every loop stops at a newline or a NUL. Columns are distances from
 * line_start.
 *
 * Answers to tok_get_normal_mode and its helpers in Parser/lexer/lexer.c; f-string text is in
 * lexer_fstring.c.
 */
#include "syntax/lexer_internal.h"

#include "syntax/explain.h"
#include "syntax/scan.h"
#include "syntax/syntax_rules.h"
#include "syntax/unicode.h"
#include "syntax/utf8.h"

/* Keeps the dispatcher small, so that it needs no stack frame of its own. */
#define OUT_OF_LINE __attribute__((noinline))

/* What a byte can start or continue. */
enum char_class {
    C_BAD,
    C_SPACE,
    C_NEWLINE,
    C_END,
    C_NAME,
    C_PREFIX,
    C_DIGIT,
    C_QUOTE,
    C_HASH,
    C_BACKSLASH,
    C_DOT,
    C_OPEN,
    C_CLOSE,
    C_PLAIN,    /* an operator that no other extends: , ; ~ */
    C_OPERATOR, /* the others */
};

#define LETTERS(X)                                                                                 \
    X('a')                                                                                         \
    X('c') X('d') X('e') X('g') X('h') X('i') X('j') X('k') X('l') X('m') X('n') X('o') X('p')     \
        X('q') X('s') X('v') X('w') X('x') X('y') X('z') X('A') X('C') X('D') X('E') X('G') X('H') \
            X('I') X('J') X('K') X('L') X('M') X('N') X('O') X('P') X('Q') X('S') X('V') X('W')    \
                X('X') X('Y') X('Z') X('_')
#define PREFIXES(X) X('b') X('f') X('r') X('t') X('u') X('B') X('F') X('R') X('T') X('U')
#define DIGITS(X) X('0') X('1') X('2') X('3') X('4') X('5') X('6') X('7') X('8') X('9')

static const uint8_t class_of[256] = {
#define X(c) [c] = C_NAME,
    LETTERS(X)
#undef X
#define X(c) [c] = C_PREFIX,
        PREFIXES(X)
#undef X
#define X(c) [c] = C_DIGIT,
            DIGITS(X)
#undef X
                [128 ... 255] = C_NAME,
    [' '] = C_SPACE,
    ['\t'] = C_SPACE,
    ['\f'] = C_SPACE,
    ['\n'] = C_NEWLINE,
    [0] = C_END,
    ['"'] = C_QUOTE,
    ['\''] = C_QUOTE,
    ['#'] = C_HASH,
    ['\\'] = C_BACKSLASH,
    ['.'] = C_DOT,
    ['('] = C_OPEN,
    ['['] = C_OPEN,
    ['{'] = C_OPEN,
    [')'] = C_CLOSE,
    [']'] = C_CLOSE,
    ['}'] = C_CLOSE,
    [','] = C_PLAIN,
    [';'] = C_PLAIN,
    ['~'] = C_PLAIN,
    ['+'] = C_OPERATOR,
    ['-'] = C_OPERATOR,
    ['*'] = C_OPERATOR,
    ['/'] = C_OPERATOR,
    ['%'] = C_OPERATOR,
    ['@'] = C_OPERATOR,
    ['&'] = C_OPERATOR,
    ['|'] = C_OPERATOR,
    ['^'] = C_OPERATOR,
    ['<'] = C_OPERATOR,
    ['>'] = C_OPERATOR,
    ['='] = C_OPERATOR,
    ['!'] = C_OPERATOR,
    [':'] = C_OPERATOR,
};

/* 1: continues a name; the others do not. */
static const uint8_t name_byte[256] = {
#define X(c) [c] = 1,
    LETTERS(X) PREFIXES(X) DIGITS(X)
#undef X
        [128 ... 255] = 1,
};

static const uint8_t single_kind[128] = {
    ['('] = TOKEN_left_parenthesis,
    [')'] = TOKEN_right_parenthesis,
    ['['] = TOKEN_left_bracket,
    [']'] = TOKEN_right_bracket,
    ['{'] = TOKEN_left_brace,
    ['}'] = TOKEN_right_brace,
    [','] = TOKEN_comma,
    [';'] = TOKEN_semicolon,
    ['~'] = TOKEN_tilde,
    ['+'] = TOKEN_plus,
    ['-'] = TOKEN_minus,
    ['*'] = TOKEN_star,
    ['/'] = TOKEN_slash,
    ['%'] = TOKEN_percent,
    ['@'] = TOKEN_at,
    ['&'] = TOKEN_ampersand,
    ['|'] = TOKEN_bar,
    ['^'] = TOKEN_caret,
    ['<'] = TOKEN_less,
    ['>'] = TOKEN_greater,
    ['='] = TOKEN_assign,
    ['!'] = TOKEN_exclamation,
    [':'] = TOKEN_colon,
};

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

void lexer_init(struct lexer *lx, struct compilation *c, const char *text, size_t length)
{
    memset(lx, 0, offsetof(struct lexer, column_of));
    lx->c = c;
    lx->cur = lx->line_start = text;
    lx->end = text + length;
    lx->lineno = 1;
    lx->at_line_start = true;
    lx->column_of[0] = lx->alt_column_of[0] = 0;
    lx->fstring_tokens = HAS(c, FSTRING_TOKENS);
    lx->template_strings = HAS(c, TEMPLATE_STRINGS);
    lx->spec_flag = HAS(c, FSTRING_SPEC_FLAG);
    lx->number_checks = HAS(c, NUMBER_END_CHECK);
}

void lexer_save(const struct lexer *lx, struct lexer_position *position)
{
    *position = (struct lexer_position){
        .token = lx->token,
        .cur = lx->cur,
        .line_start = lx->line_start,
        .lineno = lx->lineno,
        .pending = lx->pending,
        .level = lx->level,
        .indent = lx->indent,
        .at_line_start = lx->at_line_start,
        .warnings = lx->c->diagnostics.tail,
    };
}

void lexer_restore(struct lexer *lx, const struct lexer_position *position)
{
    lx->token = position->token;
    lx->cur = position->cur;
    lx->line_start = position->line_start;
    lx->lineno = position->lineno;
    lx->pending = position->pending;
    lx->level = position->level;
    lx->indent = position->indent;
    lx->at_line_start = position->at_line_start;
    lx->c->diagnostics.tail = position->warnings;
    *position->warnings = NULL;
}

/* Finish a token that lies on one line and starts at `start`. */
static inline void finish(struct lexer *lx, unsigned kind, const char *start, const char *end)
{
    struct token *t = &lx->token;
    t->kind = (uint8_t)kind;
    t->start = start;
    t->end = end;
    t->lineno = t->end_lineno = lx->lineno;
    t->col_offset = (int32_t)(start - lx->line_start) + lx->column_base;
    t->end_col_offset = (int32_t)(end - lx->line_start) + lx->column_base;
    lx->cur = end;
}

void lexer_finish(struct lexer *lx, unsigned kind, const char *start, const char *end)
{
    finish(lx, kind, start, end);
}

/* A newline was passed: the next line starts at `p`. */
static inline void start_line(struct lexer *lx, const char *p)
{
    lx->lineno++;
    lx->line_start = p;
    lx->column_base = 0;
}

/* `p` is behind a backslash: the start of the next line, which must exist. */
OUT_OF_LINE static const char *continue_line(struct lexer *lx, const char *p)
{
    if (*p != '\n' || p + 1 >= lx->end)
        lexer_reject(lx);
    start_line(lx, p + 1);
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

/* Compare an indentation with the open blocks and set `pending`. */
static void set_indentation(struct lexer *lx, int col, int alt)
{
    if (col == lx->column_of[lx->indent]) {
        if (alt != lx->alt_column_of[lx->indent])
            lexer_reject(lx);
        return;
    }
    if (col > lx->column_of[lx->indent]) {
        if (lx->indent + 1 >= LEXER_MAX_INDENT || alt <= lx->alt_column_of[lx->indent])
            lexer_reject(lx);
        lx->indent++;
        lx->column_of[lx->indent] = col;
        lx->alt_column_of[lx->indent] = alt;
        lx->pending = 1;
        return;
    }
    while (lx->indent > 0 && col < lx->column_of[lx->indent]) {
        lx->indent--;
        lx->pending--;
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

/* Pass blank lines and comments, measure the indentation of the first line that has a token. */
OUT_OF_LINE static const char *read_indentation(struct lexer *lx, const char *p)
{
    lx->at_line_start = false;
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
            set_indentation(lx, continued ? continued : col, continued ? continued : alt);
            return p;
        }
        p++;
        start_line(lx, p);
    }
}

/* The identifier of a name with bytes above 0x7F. */
static identifier intern_non_ascii(struct lexer *lx, const char *start, size_t size)
{
    enum unicode_version version = lx->c->target->syntax->unicode.version;
    if (!utf8_is_valid(start, size) || unicode_identifier_span(start, size, version) != size)
        lexer_reject(lx);
    if (!unicode_is_nfkc_quick(start, size, version))
        start = unicode_nfkc(lx->c->arena, start, size, version, &size);
    return strings_intern(&lx->c->strings, start, size);
}

/* A name or keyword that starts at `start`; `p` is somewhere in it. */
OUT_OF_LINE static void read_name(struct lexer *lx, const char *start, const char *p)
{
    int high;
    p = scan_name(p, name_byte, &high);
    size_t size = (size_t)(p - start);
    unsigned kind = TOKEN_name;
    lx->token.flags = 0;
    if (high) {
        lx->token.flags = TOKEN_NON_ASCII;
        lx->token.id = intern_non_ascii(lx, start, size);
        strings_mark_name(&lx->c->strings, lx->token.id);
    } else {
        identifier id = strings_intern_name(&lx->c->strings, start, size);
        lx->token.id = id;
        kind = id <= NAME_KEYWORD_LAST ? id : TOKEN_name;
    }
    finish(lx, kind, start, p);
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
                start_line(lx, p + 1);
            else if (*p == '\0' && p >= lx->end)
                lexer_reject(lx);
            p++;
        } else if (ch == '\n' && quote_size == 3) {
            start_line(lx, p);
        } else {
            lexer_reject(lx);
        }
    }
    if (high)
        *flags |= TOKEN_NON_ASCII;
    return quote_size == 1 ? p : p + 2;
}

/* A string whose prefix starts at `start` and whose quote is at `p`. */
OUT_OF_LINE static void read_string(struct lexer *lx, const char *start, const char *p,
                                    unsigned flags)
{
    struct token *t = &lx->token;
    char quote = *p;
    t->prefix_length = (uint8_t)(p - start);
    t->quote_size = 1;
    t->lineno = lx->lineno;
    t->col_offset = (int32_t)(start - lx->line_start);
    int32_t base = lx->column_base;
    if (p[1] == quote && p[2] == quote)
        t->quote_size = 3;
    p = find_string_end(lx, p + t->quote_size, quote, t->quote_size, &flags);
    t->kind = TOKEN_string;
    t->flags = (uint8_t)flags;
    t->start = start;
    t->end = lx->cur = p;
    t->end_lineno = lx->lineno;
    t->end_col_offset = (int32_t)(p - lx->line_start) + lx->column_base;
    t->col_offset += t->lineno == t->end_lineno ? base : 0;
}

/* A name or a prefixed string: the byte at `start` may be a string prefix. */
OUT_OF_LINE static void read_prefixed(struct lexer *lx, const char *start)
{
    bool b = false, r = false, u = false, f = false, t = false;
    const char *p = start;
    for (;; p++) {
        char lower = (char)(*p | 0x20);
        if (*p == '"' || *p == '\'')
            break;
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
        else {
            read_name(lx, start, p);
            return;
        }
    }
    if ((f && lx->fstring_tokens) || t) {
        lexer_open_fstring(lx, start, p, r, t);
        return;
    }
    unsigned flags = (b ? TOKEN_BYTES : 0) | (r ? TOKEN_RAW : 0) | (f ? TOKEN_FORMATTED : 0) |
                     (*start == 'u' ? TOKEN_UNICODE : 0);
    read_string(lx, start, p, flags);
}

/* Pass the newline at `p` at the end of a logical line. */
OUT_OF_LINE static void read_newline(struct lexer *lx, const char *p)
{
    finish(lx, TOKEN_newline, p, p + 1);
    lx->at_line_start = true;
    start_line(lx, p + 1);
}

/* An opening bracket at `p`. */
OUT_OF_LINE static void open_bracket(struct lexer *lx, const char *p)
{
    if (lx->level >= LEXER_MAX_LEVEL)
        lexer_reject(lx);
    lx->brackets[lx->level++] = *p;
    if (lx->fstring_count != 0)
        lx->fstrings[lx->fstring_count - 1].depth++;
    finish(lx, single_kind[(unsigned char)*p], p, p + 1);
}

/* A closing bracket at `p`. */
OUT_OF_LINE static void close_bracket(struct lexer *lx, const char *p)
{
    char expected = *p == ')' ? '(' : *p == ']' ? '[' : '{';
    if (lx->level == 0 || lx->brackets[--lx->level] != expected)
        lexer_reject(lx);
    if (lx->fstring_count != 0)
        lexer_close_field_bracket(lx, *p);
    finish(lx, single_kind[(unsigned char)*p], p, p + 1);
}

/* An operator at `p` that may be longer than a byte. */
OUT_OF_LINE static void read_operator(struct lexer *lx, const char *p)
{
    unsigned char ch = (unsigned char)p[0];
    if (p[1] == '=' && assigning_kind[ch] != 0) {
        finish(lx, assigning_kind[ch], p, p + 2);
        return;
    }
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
            finish(lx, kind, p, p + 3);
            return;
        }
        if (twice != 0) {
            finish(lx, twice, p, p + 2);
            return;
        }
    }
    if (ch == '-' && p[1] == '>') {
        finish(lx, TOKEN_arrow, p, p + 2);
    } else if (ch == '<' && p[1] == '>') {
        finish(lx, TOKEN_not_equal, p, p + 2);
    } else {
        if (ch == '=' && lx->fstring_count != 0)
            lexer_note_debug(lx);
        finish(lx, single_kind[ch], p, p + 1);
    }
}

/* Does the text at `p` go on like `rest` and then end the word? */
static bool word_ends_with(const char *p, const char *rest)
{
    size_t n = strlen(rest);
    return strncmp(p, rest, n) == 0 && !name_byte[(unsigned char)p[n]];
}

/* A number ends before `p`: a name may not follow at once, a keyword that may stand there is warned
 * of. */
static void check_number_end(struct lexer *lx, const char *p, const char *what)
{
    if (!lx->number_checks || !name_byte[(unsigned char)*p] || (unsigned char)*p >= 0x80)
        return;
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
    bool shown = HAS(lx->c, NUMBER_END_SYNTAX_WARNING);
    diagnostic_warn(&lx->c->diagnostics, shown ? WARNING_SYNTAX : WARNING_DEPRECATION, lx->lineno,
                    arena_printf(lx->c->arena, "invalid %s literal", what));
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
static void read_based_number(struct lexer *lx, const char *start, const char *p, int base,
                              const char *what)
{
    if (!is_digit(*p, base) && *p != '_')
        lexer_reject(lx);
    p = pass_digits(lx, p, base);
    if (*p >= '0' && *p <= '9')
        lexer_reject(lx);
    check_number_end(lx, p, what);
    finish(lx, TOKEN_number, start, p);
}

/* What may follow the integer part of a decimal number: fraction, exponent, j. */
OUT_OF_LINE static void read_decimal_rest(struct lexer *lx, const char *start, const char *p,
                                          bool fraction)
{
    const char *what = "decimal";
    if (fraction && is_digit(*p, 10))
        p = pass_digits(lx, p, 10);
    if ((*p | 0x20) == 'e') {
        const char *q = p + 1;
        if (*q == '+' || *q == '-') {
            q++;
            if (!is_digit(*q, 10))
                lexer_reject(lx);
        }
        if (!is_digit(*q, 10)) {
            check_number_end(lx, p, what);
            finish(lx, TOKEN_number, start, p);
            return;
        }
        p = pass_digits(lx, q, 10);
    }
    if ((*p | 0x20) == 'j') {
        p++;
        what = "imaginary";
    }
    check_number_end(lx, p, what);
    finish(lx, TOKEN_number, start, p);
}

/* A number that starts with a zero. */
OUT_OF_LINE static void read_zero_number(struct lexer *lx, const char *start)
{
    switch (start[1] | 0x20) {
    case 'x': read_based_number(lx, start, start + 2, 16, "hexadecimal"); return;
    case 'o': read_based_number(lx, start, start + 2, 8, "octal"); return;
    case 'b': read_based_number(lx, start, start + 2, 2, "binary"); return;
    }
    const char *p = pass_digits(lx, start + 1, 10);
    bool zero = true;
    for (const char *q = start; q < p; q++)
        zero = zero && (*q == '0' || *q == '_');
    if (*p == '.')
        read_decimal_rest(lx, start, p + 1, true);
    else if ((*p | 0x20) == 'e' || (*p | 0x20) == 'j')
        read_decimal_rest(lx, start, p, false);
    else if (!zero)
        lexer_reject(lx);
    else {
        check_number_end(lx, p, "decimal");
        finish(lx, TOKEN_number, start, p);
    }
}

/* A number that starts with another digit. */
OUT_OF_LINE static void read_number(struct lexer *lx, const char *start)
{
    const char *p = pass_digits(lx, start, 10);
    bool fraction = *p == '.';
    read_decimal_rest(lx, start, p + fraction, fraction);
}

/* The end of the source at `p`. */
OUT_OF_LINE static void read_end(struct lexer *lx, const char *p)
{
    if (p < lx->end || lx->level != 0 || lx->fstring_count != 0)
        lexer_reject(lx);
    finish(lx, TOKEN_end_of_file, p, p);
}

/* Layout and f-string text: what the next token is when it depends on more than the next byte.
 * True: it was found. */
OUT_OF_LINE static bool read_special(struct lexer *lx)
{
    if (lx->fstring_count != 0 && lx->fstrings[lx->fstring_count - 1].literal) {
        lexer_next_in_fstring(lx);
        return true;
    }
    if (lx->at_line_start)
        lx->cur = read_indentation(lx, lx->cur);
    if (lx->pending == 0)
        return false;
    bool indent = lx->pending > 0;
    lx->pending += indent ? -1 : 1;
    finish(lx, indent ? TOKEN_indent : TOKEN_dedent, lx->cur, lx->cur);
    return true;
}

/* An opening brace, a closing one, a ':' or a '!' inside of an f-string. */
OUT_OF_LINE static void read_in_field(struct lexer *lx, const char *p)
{
    switch (*p) {
    case '{':
        lexer_note_field_start(lx, p);
        open_bracket(lx, p);
        break;
    case '}':
        lexer_note_field_end(lx, p);
        close_bracket(lx, p);
        break;
    default:
        if (lexer_note_field_end(lx, p))
            finish(lx, TOKEN_colon, p, p + 1);
        else
            read_operator(lx, p);
    }
}

/* A token that starts with a dot. */
OUT_OF_LINE static void read_dot(struct lexer *lx, const char *p)
{
    if (is_digit(p[1], 10))
        read_decimal_rest(lx, p, p + 1, true);
    else if (p[1] == '.' && p[2] == '.')
        finish(lx, TOKEN_ellipsis, p, p + 3);
    else
        finish(lx, TOKEN_dot, p, p + 1);
}

void lexer_next(struct lexer *lx)
{
    if ((lx->at_line_start | lx->pending | lx->fstring_count) != 0 && read_special(lx))
        return;
    for (const char *p = lx->cur;;) {
        p += *p == ' ';
        switch ((enum char_class)class_of[(unsigned char)*p]) {
        case C_NAME: read_name(lx, p, p); return;
        case C_PREFIX: read_prefixed(lx, p); return;
        case C_PLAIN: finish(lx, single_kind[(unsigned char)*p], p, p + 1); return;
        case C_OPEN:
            if (lx->fstring_count != 0 && *p == '{')
                read_in_field(lx, p);
            else
                open_bracket(lx, p);
            return;
        case C_CLOSE:
            if (lx->fstring_count != 0 && *p == '}')
                read_in_field(lx, p);
            else
                close_bracket(lx, p);
            return;
        case C_DOT: read_dot(lx, p); return;
        case C_OPERATOR:
            if (lx->fstring_count != 0 && (*p == ':' || *p == '!'))
                read_in_field(lx, p);
            else
                read_operator(lx, p);
            return;
        case C_QUOTE: read_string(lx, p, p, 0); return;
        case C_DIGIT:
            if (*p == '0')
                read_zero_number(lx, p);
            else
                read_number(lx, p);
            return;
        case C_HASH: p = pass_comment(lx, p); break;
        case C_NEWLINE:
            if (lx->level == 0) {
                read_newline(lx, p);
                return;
            }
            start_line(lx, p + 1);
            p = scan_spaces(p + 1);
            break;
        case C_SPACE: p++; break;
        case C_BACKSLASH: p = continue_line(lx, p + 1); break;
        case C_END: read_end(lx, p); return;
        case C_BAD: lexer_reject(lx);
        }
    }
}
