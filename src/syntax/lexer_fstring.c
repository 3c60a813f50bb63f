/* The lexer inside of f-strings and t-strings, in releases that make tokens of them (PEP 701, PEP
 * 750).
 *
 * Each open f-string has a mode record. While `literal` is set the bytes are text; a '{' ends that
 * until the field's '}' or, in the format specification behind its ':', sets it again. The notes on
 * where an expression ends follow CPython's to the letter, since the text of f"{x=}" depends on
 * them.
 *
 * Answers to tok_get_fstring_mode, _PyLexer_update_fstring_expr and set_fstring_expr in
 * Parser/lexer/lexer.c.
 */
#include "syntax/lexer_internal.h"

enum { MAX_FIELD_NESTING = 3 };

/* The innermost open f-string. */
static inline struct fstring_mode *current_mode(struct lexer *lx)
{
    return &lx->fstrings[lx->fstring_count - 1];
}

void lexer_open_fstring(struct lexer *lx, const char *start, const char *quote, bool raw,
                        bool template_)
{
    if (lx->fstring_count + 1 >= LEXER_MAX_FSTRINGS)
        lexer_reject(lx);
    uint8_t quote_size = quote[1] == *quote && quote[2] == *quote ? 3 : 1;
    lx->fstrings[lx->fstring_count++] = (struct fstring_mode){
        .start = start,
        .expression_depth = -1,
        .quote = *quote,
        .quote_size = quote_size,
        .literal = true,
        .raw = raw,
        .template_ = template_,
    };
    lx->token.flags = raw ? TOKEN_RAW : 0;
    lexer_finish(lx, template_ ? TOKEN_tstring_start : TOKEN_fstring_start, start,
                 quote + quote_size);
}

/* Does a bracket or punctuation mark at `depth` belong to a field whose text is kept? */
static bool is_tracked(const struct lexer *lx, const struct fstring_mode *m, int depth)
{
    return depth == 0 || (depth == 1 && lx->spec_flag && (m->debug || m->in_format_spec));
}

void lexer_note_field_start(struct lexer *lx, const char *p)
{
    struct fstring_mode *m = current_mode(lx);
    bool field = HAS(lx->c, FSTRING_NOT_EQUAL) && m->depth == m->expression_depth;
    if (m->expression_depth >= 0 && (field || is_tracked(lx, m, m->depth))) {
        m->expression = p + 1;
        m->expression_end = NULL;
    }
}

bool lexer_note_field_end(struct lexer *lx, const char *p)
{
    struct fstring_mode *m = current_mode(lx);
    if (m->expression_depth < 0)
        return false;
    m->text_known = is_tracked(lx, m, m->depth - 1) && (m->debug || m->template_);
    bool not_equal = *p == '!' && p[1] == '=' && HAS(lx->c, FSTRING_NOT_EQUAL);
    if (is_tracked(lx, m, m->depth - 1) && !not_equal) {
        bool last = *p != ':' && HAS(lx->c, FSTRING_LAST_BRACE_ENDS);
        if (last || m->expression_end == NULL)
            m->expression_end = p;
    }
    if (*p != ':' || m->depth - 1 != m->expression_depth)
        return false;
    m->literal = true;
    m->in_format_spec = true;
    return true;
}

void lexer_close_field_bracket(struct lexer *lx, char bracket)
{
    struct fstring_mode *m = current_mode(lx);
    if (--m->depth < 0)
        lexer_reject(lx);
    if (bracket == '}' && m->depth == m->expression_depth) {
        m->expression_depth--;
        m->literal = true;
        m->in_format_spec = false;
        m->debug = false;
    }
}

void lexer_note_debug(struct lexer *lx)
{
    struct fstring_mode *m = current_mode(lx);
    if (m->depth - m->expression_depth == 1 || (!lx->spec_flag && m->expression_depth >= 0))
        m->debug = true;
}

/* A replacement field opens at the '{' at `p`. */
static void enter_field(struct lexer *lx)
{
    struct fstring_mode *m = current_mode(lx);
    if (++m->expression_depth >= MAX_FIELD_NESTING)
        lexer_reject(lx);
    m->literal = false;
}

/* Give the text up to `end` as a token; the lexer goes on at `next`. */
static void finish_middle(struct lexer *lx, int32_t lineno, int32_t col, const char *start,
                          const char *end, const char *next)
{
    struct token *t = &lx->token;
    t->kind = current_mode(lx)->template_ ? TOKEN_tstring_middle : TOKEN_fstring_middle;
    t->start = start;
    t->end = end;
    t->lineno = lineno;
    t->col_offset = col;
    t->end_lineno = lx->lineno;
    t->end_col_offset = (int32_t)(next - lx->line_start);
    lx->cur = next;
}

/* Warn of "\{" and "\}". */
static void warn_brace_escape(struct lexer *lx, char ch)
{
    bool shown = HAS(lx->c, ESCAPE_SYNTAX_WARNING);
    bool long_text = HAS(lx->c, LONG_ESCAPE_WARNING);
    const char *format =
        long_text ? "\"\\%c\" is an invalid escape sequence. Such sequences will not work in the "
                    "future. Did you mean \"\\\\%c\"? A raw string is also an option."
                  : "invalid escape sequence '\\%c'";
    diagnostic_warn(&lx->c->diagnostics, shown ? WARNING_SYNTAX : WARNING_DEPRECATION, lx->lineno,
                    arena_printf(lx->c->arena, format, ch, ch));
}

/* Text from `start` to the next field, doubled brace or the closing quotes. */
static void read_middle(struct lexer *lx, const char *start)
{
    struct fstring_mode *m = current_mode(lx);
    int32_t lineno = lx->lineno, col = (int32_t)(start - lx->line_start);
    const char *p = start;
    bool named_escape = false;
    lx->token.flags = m->raw ? TOKEN_RAW : 0;
    int quotes = 0;
    while (quotes != m->quote_size) {
        char ch = *p++;
        if ((unsigned char)ch >= 0x80)
            lx->token.flags |= TOKEN_NON_ASCII;
        bool in_spec = (lx->spec_flag ? m->in_format_spec : m->expression_end != NULL) &&
                       m->expression_depth >= 0;
        if (in_spec && m->quote_size == 1 && ch == '\n' && HAS(lx->c, FSTRING_SPEC_NEWLINE)) {
            m->literal = false;
            m->in_format_spec = false;
            finish_middle(lx, lineno, col, start, p - 1, p - 1);
            return;
        }
        if ((ch == '\0' && p > lx->end) || (m->quote_size == 1 && ch == '\n'))
            lexer_reject(lx);
        if (ch == m->quote) {
            quotes++;
            continue;
        }
        quotes = 0;
        if (ch == '\n') {
            lx->lineno++;
            lx->line_start = p;
        } else if (ch == '{') {
            if (HAS(lx->c, FSTRING_LAST_BRACE_ENDS)) {
                m->expression = p;
                m->expression_end = NULL;
            }
            if (*p == '{' && !in_spec) {
                finish_middle(lx, lineno, col, start, p, p + 1);
                return;
            }
            enter_field(lx);
            if (HAS(lx->c, FSTRING_LAST_BRACE_ENDS))
                m->in_format_spec = false;
            finish_middle(lx, lineno, col, start, p - 1, p - 1);
            return;
        } else if (ch == '}') {
            if (named_escape) {
                finish_middle(lx, lineno, col, start, p, p);
                return;
            }
            if (*p == '}' && !in_spec && (m->depth == 0 || !lx->spec_flag)) {
                finish_middle(lx, lineno, col, start, p, p + 1);
                return;
            }
            m->literal = false;
            m->in_format_spec = false;
            finish_middle(lx, lineno, col, start, p - 1, p - 1);
            return;
        } else if (ch == '\\') {
            lx->token.flags |= TOKEN_BACKSLASH;
            ch = *p;
            if (ch == '{' || ch == '}') {
                if (!m->raw)
                    warn_brace_escape(lx, ch);
                continue;
            }
            if (ch == '\0' && p >= lx->end)
                lexer_reject(lx);
            p++;
            if (ch == '\n') {
                lx->lineno++;
                lx->line_start = p;
            }
            if (ch == 'N' && !m->raw && *p == '{') {
                p++;
                named_escape = true;
            }
        }
    }
    p -= m->quote_size;
    finish_middle(lx, lineno, col, start, p, p);
}

void lexer_next_in_fstring(struct lexer *lx)
{
    struct fstring_mode *m = current_mode(lx);
    const char *p = lx->cur;
    if (p[0] == '{' && p[1] != '{') {
        enter_field(lx);
        lexer_next(lx);
        return;
    }
    int quotes = 0;
    while (quotes < m->quote_size && p[quotes] == m->quote)
        quotes++;
    if (quotes == m->quote_size) {
        unsigned kind = m->template_ ? TOKEN_tstring_end : TOKEN_fstring_end;
        lx->fstring_count--;
        lexer_finish(lx, kind, p, p + quotes);
        return;
    }
    read_middle(lx, p);
}
