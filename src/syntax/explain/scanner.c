/* The exact tokenizer: lines, indentation, names, punctuation. Numbers are in scan_number.c,
 * strings and f-strings in scan_string.c. See scanner.h.
 *
 * Invariants: line_start <= cur <= inp; everything before inp has been "read"; a status other than
 * SCAN_OK means that nothing more is read.
 */
#include "syntax/explain/scanner.h"

#include "syntax/explain/scan_internal.h"
#include "syntax/syntax_rules.h"
#include "util/utf8.h"

#define TAB_SIZE 8

static const struct {
    const char *text;
    size_t size;
} operators[] = {
#define OPERATOR(symbol, text) {text, sizeof(text) - 1},
#include "syntax/explain/token.def"
#undef OPERATOR
};
#define OPERATOR_COUNT (sizeof operators / sizeof *operators)
#define FIRST_OPERATOR TOKEN_LPAR

enum token_type token_operator_type(const char *text, size_t size)
{
    for (size_t i = 0; i < OPERATOR_COUNT; i++)
        if (operators[i].size == size && memcmp(operators[i].text, text, size) == 0)
            return (enum token_type)(FIRST_OPERATOR + i);
    return TOKEN_OPERATOR;
}

void scanner_init(struct scanner *s, struct compilation *c, const struct edition *edition,
                  const char *text, size_t size, struct diagnostic *error)
{
    memset(s, 0, sizeof *s);
    s->c = c;
    s->edition = edition;
    s->error = error;
    s->text = s->buf = s->cur = s->inp = text;
    s->line_start = s->multi_line_start = text;
    s->text_end = text + size;
    s->at_line_start = true;
    s->modes[0] = (struct scan_mode){.expression_depth = -1};
}

/* Makes one more line current; false at the end of the text. */
static bool read_line(struct scanner *s)
{
    if (s->inp >= s->text_end) {
        s->status = SCAN_EOF;
        return false;
    }
    const char *end = memchr(s->inp, '\n', (size_t)(s->text_end - s->inp));
    if (s->start == NULL)
        s->buf = s->cur;
    s->line_start = s->cur;
    s->lineno++;
    s->col_offset = 0;
    s->inp = end ? end + 1 : s->text_end;
    return true;
}

int scan_char(struct scanner *s)
{
    if (s->cur == s->inp) {
        if (s->status != SCAN_OK)
            return SCAN_END;
        if (!read_line(s)) {
            s->cur = s->inp;
            return SCAN_END;
        }
        s->line_start = s->cur;
    }
    s->col_offset++;
    return (unsigned char)*s->cur++;
}

void scan_back(struct scanner *s, int c)
{
    if (c != SCAN_END) {
        s->cur--;
        s->col_offset--;
    }
}

/* Sets a SyntaxError with columns; -1: up to where the tokenizer is. */
static enum token_type set_error(struct scanner *s, int offset, int end_offset, const char *format,
                                 va_list args)
{
    if (s->status == SCAN_ERROR)
        return TOKEN_ERROR;
    struct arena *arena = s->c->arena;
    struct diagnostic *e = s->error;
    size_t read = s->cur >= s->line_start ? (size_t)(s->cur - s->line_start) : 0;
    if (offset == -1)
        offset = (int)utf8_count_replaced(s->line_start, read);
    else if (edition_in(s->edition, SINCE(E314)))
        offset = (int)utf8_count_replaced(s->line_start, (size_t)offset - 1) + 1;
    if (end_offset == -1)
        end_offset = offset;
    else if (edition_in(s->edition, SINCE(E314)))
        end_offset = (int)utf8_count_replaced(s->line_start, (size_t)end_offset);
    const char *newline = memchr(s->line_start, '\n', (size_t)(s->text_end - s->line_start));
    size_t line_size = (size_t)((newline ? newline : s->text_end) - s->line_start);
    *e = (struct diagnostic){
        .type = EXCEPTION_SYNTAX_ERROR,
        .message = arena_vprintf(arena, format, args),
        .has_location = true,
        .has_text = true,
        .lineno = s->lineno,
        .offset = offset,
        .end_lineno = edition_in(s->edition, BEFORE(E310)) ? -1 : s->lineno,
        .end_offset = edition_in(s->edition, BEFORE(E310)) ? -1 : end_offset,
    };
    e->text = utf8_replace_faults(arena, s->line_start, line_size, &e->text_length);
    e->text = arena_copy(arena, e->text, e->text_length);
    s->status = SCAN_ERROR;
    return TOKEN_ERROR;
}

enum token_type scan_error(struct scanner *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    enum token_type type = set_error(s, -1, -1, format, args);
    va_end(args);
    return type;
}

enum token_type scan_error_range(struct scanner *s, int offset, int end_offset, const char *format,
                                 ...)
{
    va_list args;
    va_start(args, format);
    enum token_type type = set_error(s, offset, end_offset, format, args);
    va_end(args);
    return type;
}

/* Stops at an indentation that mixes tabs and spaces. */
static enum token_type stop_line(struct scanner *s, enum scan_status status)
{
    s->status = status;
    s->cur = s->inp;
    return TOKEN_ERROR;
}

bool scan_continuation(struct scanner *s)
{
    int c = scan_char(s);
    if (c != '\n') {
        s->status = SCAN_LINECONT;
        if (edition_in(s->edition, E38))
            s->cur = s->inp;
        return false;
    }
    c = scan_char(s);
    if (c == SCAN_END) {
        s->status = SCAN_EOF;
        s->cur = s->inp;
        return false;
    }
    scan_back(s, c);
    return true;
}

/* Compares a new line's columns with the stack of indentations; sets s->pending.
 * Returns TOKEN_ENDMARKER when all is well. */
static enum token_type update_indentation(struct scanner *s, int column, int alternate)
{
    if (column == s->indents[s->indent]) {
        if (alternate != s->alternate_indents[s->indent])
            return stop_line(s, SCAN_TABSPACE);
    } else if (column > s->indents[s->indent]) {
        if (s->indent + 1 >= SCAN_MAX_INDENT)
            return stop_line(s, SCAN_TOODEEP);
        if (alternate <= s->alternate_indents[s->indent])
            return stop_line(s, SCAN_TABSPACE);
        s->pending++;
        s->indents[++s->indent] = column;
        s->alternate_indents[s->indent] = alternate;
    } else {
        while (s->indent > 0 && column < s->indents[s->indent]) {
            s->pending--;
            s->indent--;
        }
        if (column != s->indents[s->indent])
            return stop_line(s, SCAN_DEDENT);
        if (alternate != s->alternate_indents[s->indent])
            return stop_line(s, SCAN_TABSPACE);
    }
    return TOKEN_ENDMARKER;
}

/* Measures the white space at the start of a line. *blank: nothing but a comment follows.
 * Returns TOKEN_ENDMARKER when all is well. */
static enum token_type read_indentation(struct scanner *s, bool *blank)
{
    int column = 0, alternate = 0, continued = 0, c;
    bool splits = !edition_in(s->edition, BEFORE(E310));
    s->at_line_start = false;
    for (;;) {
        c = scan_char(s);
        if (c == ' ') {
            column++;
            alternate++;
        } else if (c == '\t') {
            column = (column / TAB_SIZE + 1) * TAB_SIZE;
            alternate++;
        } else if (c == '\f') {
            column = alternate = 0;
        } else if (c == '\\' && splits) {
            continued = continued ? continued : column;
            if (!scan_continuation(s))
                return TOKEN_ERROR;
        } else {
            break;
        }
    }
    scan_back(s, c);
    *blank = c == '#' || c == '\n' || (c == '\\' && edition_in(s->edition, E39));
    if (*blank || s->level > 0)
        return TOKEN_ENDMARKER;
    return update_indentation(s, continued ? continued : column, continued ? continued : alternate);
}

bool scan_is_name_start(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 128;
}

bool scan_is_name_char(int c)
{
    return scan_is_name_start(c) || (c >= '0' && c <= '9');
}

/* Checks a name with characters beyond ASCII; false: the error is set. */
static bool check_identifier(struct scanner *s)
{
    size_t size = (size_t)(s->cur - s->start);
    bool valid = utf8_is_valid(s->start, size);
    size_t span =
        valid ? unicode_identifier_span(s->start, size, s->c->target->syntax->unicode.version) : 0;
    if (span < size && edition_in(s->edition, E38)) {
        s->status = SCAN_IDENTIFIER;
        return false;
    }
    if (!valid) {
        *s->error = (struct diagnostic){
            .type = EXCEPTION_UNICODE_DECODE_ERROR,
            .message = utf8_fault_message(s->c->arena, s->start, size),
        };
        s->status = SCAN_DECODE;
        return false;
    }
    if (span >= size)
        return true;
    size_t length;
    uint32_t ch = utf8_read(s->start + span, &length);
    if (span + length < size)
        s->cur = s->start + span + length;
    if (unicode_is_printable(ch, s->c->target->syntax->unicode.version))
        scan_error(s, "invalid character '%.*s' (U+%04X)", (int)length, s->start + span,
                   (unsigned)ch);
    else
        scan_error(s, "invalid non-printable character U+%04X", (unsigned)ch);
    return false;
}

/* Fills in the positions of a token that has been read. */
static void finish(struct scanner *s, struct scan_token *t, enum token_type type, const char *start,
                   const char *end)
{
    bool string =
        type == TOKEN_STRING || type == TOKEN_FSTRING_MIDDLE || type == TOKEN_TSTRING_MIDDLE;
    t->type = type;
    t->level = s->level;
    t->lineno = string ? s->first_lineno : s->lineno;
    t->end_lineno = s->lineno;
    t->start = start;
    t->end = end;
    t->col_offset = t->end_col_offset = -1;
    if (edition_in(s->edition, BEFORE(E312))) {
        const char *line = type == TOKEN_STRING ? s->multi_line_start : s->line_start;
        if (start != NULL && start >= line)
            t->col_offset = (int)(start - line);
        if (end != NULL && end >= s->line_start)
            t->end_col_offset = (int)(end - s->line_start);
    } else if (start != NULL) {
        t->col_offset = s->starting_col_offset;
        t->end_col_offset = s->col_offset;
    }
}

void scan_finish(struct scanner *s, struct scan_token *t, enum token_type type)
{
    if (type == TOKEN_ERROR || type == TOKEN_ENDMARKER)
        finish(s, t, type, NULL, NULL);
    else
        finish(s, t, type, s->start, s->cur);
}

/* Opens a bracket; returns false with the error set when there are too many. */
static bool open_bracket(struct scanner *s, int c)
{
    if (s->level >= SCAN_MAX_LEVEL) {
        scan_error(s, "too many nested parentheses");
        return false;
    }
    s->brackets[s->level] = (char)c;
    s->bracket_lines[s->level] = s->lineno;
    s->bracket_columns[s->level] = (int)(s->start - s->line_start);
    s->level++;
    if (s->mode > 0)
        s->modes[s->mode].depth++;
    return true;
}

/* Reports a closing bracket that does not fit the innermost open one. */
static void report_mismatch(struct scanner *s, int c, int opening)
{
    struct scan_mode *m = &s->modes[s->mode];
    if (s->mode > 0 && opening == '{' && m->depth - 1 == m->expression_depth) {
        scan_error(s, "%c-string: unmatched '%c'", scan_prefix(s), c);
        return;
    }
    int line = s->bracket_lines[s->level];
    if (line != s->lineno)
        scan_error(s, "closing parenthesis '%c' does not match opening parenthesis '%c' on line %d",
                   c, opening, line);
    else
        scan_error(s, "closing parenthesis '%c' does not match opening parenthesis '%c'", c,
                   opening);
}

/* Closes a bracket; returns false with the error set when it does not fit. */
static bool close_bracket(struct scanner *s, int c)
{
    struct scan_mode *m = &s->modes[s->mode];
    bool inside = s->mode > 0;
    if (inside && m->depth == 0 && c == '}') {
        scan_error(s, "%c-string: single '}' is not allowed", scan_prefix(s));
        return false;
    }
    if (s->level == 0 && !s->liberal) {
        scan_error(s, "unmatched '%c'", c);
        return false;
    }
    int opening = s->level > 0 ? s->brackets[--s->level] : 0;
    bool fits = (opening == '(' && c == ')') || (opening == '[' && c == ']') ||
                (opening == '{' && c == '}');
    if (!fits && !s->liberal) {
        report_mismatch(s, c, opening);
        return false;
    }
    if (!inside)
        return true;
    m->depth--;
    if (m->depth < 0 && edition_in(s->edition, SINCE(E313))) {
        scan_error(s, "%c-string: unmatched '%c'", scan_prefix(s), c);
        return false;
    }
    if (c == '}' && m->depth == m->expression_depth) {
        m->expression_depth--;
        m->in_string = true;
        m->in_format_spec = false;
        m->debug = false;
    }
    return true;
}

/* Reads an operator or anything else that is a character of its own. */
static void scan_punctuation(struct scanner *s, struct scan_token *t, int c)
{
    struct scan_mode *m = &s->modes[s->mode];
    if (s->mode > 0 && scan_leaves_expression(s, c)) {
        scan_finish(s, t, TOKEN_COLON);
        return;
    }
    char text[3] = {(char)c};
    text[1] = (char)scan_char(s);
    int second = s->cur > s->start + 1 ? (unsigned char)text[1] : SCAN_END;
    enum token_type two = second == SCAN_END ? TOKEN_OPERATOR : token_operator_type(text, 2);
    if (two == TOKEN_DIAMOND && edition_in(s->edition, SINCE(E314)))
        two = TOKEN_OPERATOR;
    if (two != TOKEN_OPERATOR || (c == '.' && second == '.')) {
        int third = scan_char(s);
        text[2] = (char)third;
        enum token_type three = third == SCAN_END ? TOKEN_OPERATOR : token_operator_type(text, 3);
        if (three == TOKEN_OPERATOR)
            scan_back(s, third);
        if (three != TOKEN_OPERATOR || two != TOKEN_OPERATOR) {
            scan_finish(s, t,
                        three != TOKEN_OPERATOR ? three
                        : two == TOKEN_DIAMOND  ? TOKEN_NOTEQUAL
                                                : two);
            return;
        }
    }
    scan_back(s, second);
    bool good = true;
    if (c == '(' || c == '[' || c == '{')
        good = open_bracket(s, c);
    else if (c == ')' || c == ']' || c == '}')
        good = close_bracket(s, c);
    if (good && !edition_in(s->edition, BEFORE(E311)) && (c < ' ' || c == 127)) {
        scan_error(s, "invalid non-printable character U+%04X", (unsigned)c);
        good = false;
    }
    if (!good) {
        scan_finish(s, t, TOKEN_ERROR);
        return;
    }
    if (c == '=' && m->expression_depth >= 0 &&
        (edition_in(s->edition, BEFORE(E313P)) || m->depth - m->expression_depth == 1))
        m->debug = true;
    enum token_type one = token_operator_type(text, 1);
    if (one == TOKEN_EXCLAMATION && edition_in(s->edition, BEFORE(E312)))
        one = TOKEN_OPERATOR;
    scan_finish(s, t, one);
}

/* Reads a name, or the string that it turns out to be a prefix of. */
static void scan_name(struct scanner *s, struct scan_token *t, int c)
{
    bool beyond_ascii = false;
    if (scan_string_prefix(s, t, &c))
        return;
    while (scan_is_name_char(c)) {
        if (c >= 128)
            beyond_ascii = true;
        c = scan_char(s);
    }
    scan_back(s, c);
    bool good = !beyond_ascii || s->liberal || check_identifier(s);
    scan_finish(s, t, good ? TOKEN_NAME : TOKEN_ERROR);
}

/* Skips spaces, comments and joined lines; returns the first character of a token, with s->start at
 * it, or SCAN_END - 1 after an error. */
static int skip_to_token(struct scanner *s)
{
    for (;;) {
        int c;
        s->start = NULL;
        do {
            c = scan_char(s);
        } while (c == ' ' || c == '\t' || c == '\f');
        s->start = s->cur - (c != SCAN_END || s->cur > s->text);
        s->starting_col_offset = s->col_offset - 1;
        if (c == '#')
            while (c != SCAN_END && c != '\n')
                c = scan_char(s);
        if (c != '\\')
            return c;
        if (!scan_continuation(s))
            return SCAN_END - 1;
    }
}

/* Dispatches on the first character of a token; false: a newline that counts for nothing. */
static bool scan_token(struct scanner *s, struct scan_token *t, int c, bool blank)
{
    if (scan_is_name_start(c)) {
        scan_name(s, t, c);
    } else if (c == '\n') {
        s->at_line_start = true;
        if (blank || s->level > 0)
            return false;
        finish(s, t, TOKEN_NEWLINE, s->start, s->cur - 1);
    } else if (c >= '0' && c <= '9') {
        scan_number(s, t, c);
    } else if (c == '.') {
        c = scan_char(s);
        if (c >= '0' && c <= '9') {
            scan_fraction(s, t, c);
        } else {
            scan_back(s, c);
            scan_punctuation(s, t, '.');
        }
    } else if (c == '\'' || c == '"') {
        scan_string(s, t, c);
    } else {
        scan_punctuation(s, t, c);
    }
    return true;
}

void scan_code(struct scanner *s, struct scan_token *t)
{
    bool blank;
    do {
        s->start = NULL;
        s->starting_col_offset = -1;
        blank = false;
        if (s->at_line_start && read_indentation(s, &blank) == TOKEN_ERROR) {
            finish(s, t, TOKEN_ERROR, NULL, NULL);
            return;
        }
        s->start = s->cur;
        s->starting_col_offset = s->col_offset;
        if (s->pending != 0) {
            bool dedent = s->pending < 0;
            s->pending += dedent ? 1 : -1;
            finish(s, t, dedent ? TOKEN_DEDENT : TOKEN_INDENT, NULL, NULL);
            return;
        }
        scan_back(s, scan_char(s));
        int c = skip_to_token(s);
        bool open = s->level > 0 && !edition_in(s->edition, BEFORE(E310));
        if (c < SCAN_END || (c == SCAN_END && (open || s->status != SCAN_EOF))) {
            finish(s, t, TOKEN_ERROR, NULL, NULL);
            return;
        }
        if (c == SCAN_END) {
            finish(s, t, TOKEN_ENDMARKER, NULL, NULL);
            return;
        }
        if (scan_token(s, t, c, blank))
            return;
    } while (true);
}

void scan_next(struct scanner *s, struct scan_token *t)
{
    if (s->modes[s->mode].in_string)
        scan_fstring(s, t);
    else
        scan_code(s, t);
}
