/* Strings and f-strings for the exact tokenizer. See scanner.h.
 *
 * From 3.12 an f-string is many tokens: a start, pieces of literal text, the tokens of the
 * expressions, an end. The tokenizer keeps one struct scan_mode for each f-string that it is inside
 * of.
 */
#include "syntax/explain/scan_internal.h"

#define MAX_EXPRESSION_NESTING 3

char scan_prefix(const struct scanner *s)
{
    return s->modes[s->mode].template ? 't' : 'f';
}

/* Goes back to the opening quote, where errors about a string that does not end are reported. */
static int rewind_to(struct scanner *s, const char *start, const char *line_start, int line)
{
    int reached = s->lineno;
    s->cur = start + 1;
    s->line_start = line_start;
    s->lineno = line;
    return reached;
}

/* Reports that an f-string's own closing quotes come inside a replacement field. */
static void report_open_field(struct scanner *s)
{
    const struct scan_mode *m = &s->modes[s->mode];
    int level = s->level - m->depth + m->expression_depth;
    if (level >= 0 && level < s->level && s->bracket_lines[level] != s->lineno &&
        edition_in(s->edition, SINCE(E315)))
        scan_error(s, "%c-string: expecting '}' to close '{' on line %d", scan_prefix(s),
                   s->bracket_lines[level]);
    else
        scan_error(s, "%c-string: expecting '}'", scan_prefix(s));
}

/* Reports a string that ends with its line or with the source; c is what was found. */
static void report_unterminated(struct scanner *s, int c, int quote, int quote_size,
                                bool escaped_quote)
{
    int reached = rewind_to(s, s->start, s->multi_line_start, s->first_lineno);
    const struct scan_mode *m = &s->modes[s->mode];
    if (s->mode > 0 && m->quote == quote && m->quote_size == quote_size) {
        report_open_field(s);
        return;
    }
    if (quote_size == 3) {
        scan_error(s, "unterminated triple-quoted string literal (detected at line %d)", reached);
        if (c != '\n')
            s->status = SCAN_EOFS;
        return;
    }
    if (escaped_quote && edition_in(s->edition, SINCE(E313)))
        scan_error(
            s,
            "unterminated string literal (detected at line %d); perhaps you escaped the end quote?",
            reached);
    else
        scan_error(s, "unterminated string literal (detected at line %d)", reached);
    if (c != '\n')
        s->status = SCAN_EOLS;
}

/* Stops at a string that does not end the way that 3.9 does. */
static void stop_unterminated(struct scanner *s, int c, int quote_size)
{
    if (c == SCAN_END) {
        s->status = quote_size == 3 ? SCAN_EOFS : SCAN_EOLS;
    } else {
        s->status = SCAN_EOLS;
        s->cur = s->inp;
    }
    if (c == SCAN_END)
        s->cur = s->inp;
}

void scan_string(struct scanner *s, struct scan_token *t, int quote)
{
    int quote_size = 1, end_size = 0;
    bool escaped_quote = false;
    s->first_lineno = s->lineno;
    s->multi_line_start = s->line_start;
    int c = scan_char(s);
    if (c == quote) {
        c = scan_char(s);
        if (c == quote)
            quote_size = 3;
        else
            end_size = 1;
    }
    if (c != quote)
        scan_back(s, c);
    while (end_size != quote_size) {
        c = scan_char(s);
        if (c == SCAN_END || (quote_size == 1 && c == '\n')) {
            if (edition_in(s->edition, BEFORE(E310)))
                stop_unterminated(s, c, quote_size);
            else
                report_unterminated(s, c, quote, quote_size, escaped_quote);
            scan_finish(s, t, TOKEN_ERROR);
            return;
        }
        if (c == quote) {
            end_size++;
            continue;
        }
        end_size = 0;
        if (c == '\\') {
            c = scan_char(s);
            if (c == quote)
                escaped_quote = true;
        }
    }
    scan_finish(s, t, TOKEN_STRING);
}

/* Begins an f-string (or t-string) whose first quote has been read. */
static void start_fstring(struct scanner *s, struct scan_token *t, int quote, bool raw,
                          bool template)
{
    int quote_size = 1;
    s->first_lineno = s->lineno;
    s->multi_line_start = s->line_start;
    int after = scan_char(s);
    if (after == quote) {
        int third = scan_char(s);
        if (third == quote) {
            quote_size = 3;
        } else {
            scan_back(s, third);
            scan_back(s, after);
        }
    } else {
        scan_back(s, after);
    }
    if (s->mode + 1 >= SCAN_MAX_FSTRINGS) {
        scan_error(s, edition_in(s->edition, SINCE(E314)) ? "too many nested f-strings or t-strings"
                                                          : "too many nested f-strings");
        scan_finish(s, t, TOKEN_ERROR);
        return;
    }
    scan_finish(s, t, template ? TOKEN_TSTRING_START : TOKEN_FSTRING_START);
    s->modes[++s->mode] = (struct scan_mode){
        .in_string = true,
        .raw = raw,
        .template = template,
        .quote = (char)quote,
        .quote_size = quote_size,
        .expression_depth = -1,
        .first_line = s->lineno,
        .start = s->start,
        .line_start = s->line_start,
    };
}

/* The letters of a string prefix that have been seen. */
struct prefix {
    bool b, r, u, f, t;
};

/* Adds the letter c if it can be in a prefix that goes on like this. */
static bool extend_prefix(const struct scanner *s, struct prefix *p, int c)
{
    bool any = edition_in(s->edition, SINCE(E314)); /* bad combinations are found at the quote */
    int letter = c | 0x20;
    if (c < 'A' || c > 'z')
        return false;
    if (letter == 'b' && !p->b && (any || !(p->u || p->f)))
        return p->b = true;
    if (letter == 'u' && !p->u && (any || !(p->b || p->r || p->f)))
        return p->u = true;
    if (letter == 'r' && !p->r && (any || !p->u))
        return p->r = true;
    if (letter == 'f' && !p->f && (any || !(p->b || p->u)))
        return p->f = true;
    if (letter == 't' && !p->t && any)
        return p->t = true;
    return false;
}

/* Reports letters that do not go together; false if they do. */
static bool report_prefix(struct scanner *s, const struct prefix *p)
{
    static const char pairs[][2] = {{'u', 'b'}, {'u', 'r'}, {'u', 'f'}, {'u', 't'},
                                    {'b', 'f'}, {'b', 't'}, {'f', 't'}};
    bool seen[256] = {['b'] = p->b, ['r'] = p->r, ['u'] = p->u, ['f'] = p->f, ['t'] = p->t};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (seen[(unsigned char)pairs[i][0]] && seen[(unsigned char)pairs[i][1]]) {
            scan_error_range(s, (int)(s->start + 1 - s->line_start), (int)(s->cur - s->line_start),
                             "'%c' and '%c' prefixes are incompatible", pairs[i][0], pairs[i][1]);
            return true;
        }
    }
    return false;
}

bool scan_string_prefix(struct scanner *s, struct scan_token *t, int *first)
{
    struct prefix p = {0};
    int c = *first;
    while (extend_prefix(s, &p, c)) {
        c = scan_char(s);
        if (c != '"' && c != '\'')
            continue;
        if (edition_in(s->edition, SINCE(E314)) && report_prefix(s, &p))
            scan_finish(s, t, TOKEN_ERROR);
        else if ((p.f || p.t) && !edition_in(s->edition, BEFORE(E312)))
            start_fstring(s, t, c, p.r, p.t);
        else
            scan_string(s, t, c);
        return true;
    }
    *first = c;
    return false;
}

bool scan_leaves_expression(struct scanner *s, int c)
{
    struct scan_mode *m = &s->modes[s->mode];
    if ((c != ':' && c != '}' && c != '!' && c != '{') || m->expression_depth < 0)
        return false;
    int depth = m->depth - (c != '{');
    bool noted = depth == 0;
    if (edition_in(s->edition, SINCE(E313P)))
        noted |= depth == 1 && (m->debug || m->in_format_spec);
    if (noted) {
        m->expression_ended = c != '{';
        if (c == '{')
            m->expression_kept = true;
    }
    if (c != ':' || depth != m->expression_depth)
        return false;
    m->in_string = true;
    m->in_format_spec = true;
    return true;
}

/* Begins a replacement field; false: nested too deeply, the error is set. */
static bool enter_expression(struct scanner *s, struct scan_mode *m)
{
    m->expression_depth++;
    if (m->expression_depth >= MAX_EXPRESSION_NESTING) {
        scan_error(s, "%c-string: expressions nested too deeply", scan_prefix(s));
        return false;
    }
    m->in_string = false;
    return true;
}

/* Whether the literal text is that of a format specification. */
static bool in_format_spec(const struct scanner *s, const struct scan_mode *m)
{
    bool in = edition_in(s->edition, SINCE(E313P)) ? m->in_format_spec : m->expression_ended;
    return in && m->expression_depth >= 0;
}

/* Makes a piece of literal text. */
static void finish_middle(struct scanner *s, struct scan_token *t, size_t left_out)
{
    scan_finish(s, t, s->modes[s->mode].template ? TOKEN_TSTRING_MIDDLE : TOKEN_FSTRING_MIDDLE);
    t->end -= left_out;
}

/* The end of a line or of the source inside the literal text. */
static void end_of_text(struct scanner *s, struct scan_token *t, struct scan_mode *m, int c)
{
    if (c == '\n' && in_format_spec(s, m)) {
        if (m->quote_size == 1 && edition_in(s->edition, SINCE(E313P))) {
            char kind = edition_in(s->edition, SINCE(E314)) ? scan_prefix(s) : 'f';
            scan_error(s,
                       "%c-string: newlines are not allowed in format specifiers for single quoted "
                       "%c-strings",
                       kind, kind);
            scan_finish(s, t, TOKEN_ERROR);
            return;
        }
        scan_back(s, c);
        m->in_string = false;
        m->in_format_spec = false;
        finish_middle(s, t, 0);
        return;
    }
    int reached = rewind_to(s, m->start, m->line_start, m->first_line);
    if (m->quote_size == 3) {
        scan_error(s, "unterminated triple-quoted %c-string literal (detected at line %d)",
                   scan_prefix(s), reached);
        if (c != '\n' && edition_in(s->edition, SINCE(E313)))
            s->status = SCAN_EOFS;
    } else {
        scan_error(s, "unterminated %c-string literal (detected at line %d)", scan_prefix(s),
                   reached);
    }
    scan_finish(s, t, TOKEN_ERROR);
}

/* A '{' in the literal text: doubled, or the start of a replacement field. */
static void open_brace(struct scanner *s, struct scan_token *t, struct scan_mode *m)
{
    bool in_spec = in_format_spec(s, m);
    if (edition_in(s->edition, SINCE(E313P))) {
        m->expression_ended = false;
        m->expression_kept = true;
    }
    int next = scan_char(s);
    if (next == '{' && !in_spec) {
        finish_middle(s, t, 1);
        return;
    }
    scan_back(s, next);
    scan_back(s, '{');
    if (!enter_expression(s, m)) {
        scan_finish(s, t, TOKEN_ERROR);
        return;
    }
    m->in_format_spec = false;
    finish_middle(s, t, 0);
}

/* A '}' in the literal text: doubled, or the end of a replacement field. */
static void close_brace(struct scanner *s, struct scan_token *t, struct scan_mode *m)
{
    bool in_spec = in_format_spec(s, m);
    int next = scan_char(s);
    if (next == '}' && !in_spec && (m->depth == 0 || !edition_in(s->edition, SINCE(E313P)))) {
        finish_middle(s, t, 1);
        return;
    }
    scan_back(s, next);
    scan_back(s, '}');
    m->in_string = false;
    m->in_format_spec = false;
    finish_middle(s, t, 0);
}

/* Warns of a backslash before a brace; false: the warning is an error. */
static bool warn_of_brace(struct scanner *s, char c)
{
    bool wordy = s->c->target->has[FEATURE_LONG_ESCAPE_WARNING];
    const char *message =
        wordy ? arena_printf(
                    s->c->arena,
                    "\"\\%c\" is an invalid escape sequence. Such sequences will not work in the "
                    "future. Did you mean \"\\\\%c\"? A raw string is also an option.",
                    c, c)
              : arena_printf(s->c->arena, "invalid escape sequence '\\%c'", c);
    if (diagnostic_try_warn(&s->c->diagnostics, WARNING_SYNTAX, s->lineno, message))
        return true;
    if (wordy)
        scan_error(s,
                   "\"\\%c\" is an invalid escape sequence. Did you mean \"\\\\%c\"? A raw string "
                   "is also an option.",
                   c, c);
    else
        scan_error(s, "%s", message);
    return false;
}

/* Reads behind a backslash; *name is set by \N{, after which a '}' ends the piece. false: an error.
 */
static bool scan_escape(struct scanner *s, const struct scan_mode *m, bool *name)
{
    int c = scan_char(s);
    if (c == '{' || c == '}') {
        if (!m->raw && !warn_of_brace(s, (char)c))
            return false;
        scan_back(s, c);
    } else if (c == 'N' && !m->raw) {
        c = scan_char(s);
        if (c == '{')
            *name = true;
        else
            scan_back(s, c);
    }
    return true;
}

/* Whether the closing quotes come; they are read if so. */
static bool read_end_quotes(struct scanner *s, const struct scan_mode *m)
{
    for (int i = 0; i < m->quote_size; i++) {
        int c = scan_char(s);
        if (c != m->quote) {
            scan_back(s, c);
            return false;
        }
    }
    return true;
}

void scan_fstring(struct scanner *s, struct scan_token *t)
{
    struct scan_mode *m = &s->modes[s->mode];
    s->start = s->cur;
    s->first_lineno = s->lineno;
    s->starting_col_offset = s->col_offset;
    int c = scan_char(s);
    if (c == '{') {
        int next = scan_char(s);
        scan_back(s, next);
        scan_back(s, c);
        if (next != '{') {
            if (enter_expression(s, m))
                scan_code(s, t);
            else
                scan_finish(s, t, TOKEN_ERROR);
            return;
        }
    } else {
        scan_back(s, c);
    }
    if (read_end_quotes(s, m)) {
        if (m->expression_kept) {
            m->expression_kept = false;
            m->expression_ended = false;
        }
        scan_finish(s, t, m->template ? TOKEN_TSTRING_END : TOKEN_FSTRING_END);
        s->mode--;
        return;
    }
    s->multi_line_start = s->line_start;
    bool name = false;
    for (int end_size = 0; end_size != m->quote_size;) {
        c = scan_char(s);
        if (c == SCAN_END || (m->quote_size == 1 && c == '\n')) {
            end_of_text(s, t, m, c);
            return;
        }
        if (c == m->quote) {
            end_size++;
            continue;
        }
        end_size = 0;
        if (c == '{') {
            open_brace(s, t, m);
            return;
        }
        if (c == '}') {
            if (name)
                finish_middle(s, t, 0);
            else
                close_brace(s, t, m);
            return;
        }
        if (c == '\\' && !scan_escape(s, m, &name)) {
            scan_finish(s, t, TOKEN_ERROR);
            return;
        }
    }
    for (int i = 0; i < m->quote_size; i++)
        scan_back(s, m->quote);
    finish_middle(s, t, 0);
}
