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

const char *lexer_open_fstring(struct lexer *lx, const char *start, const char *quote, bool raw,
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
    return lexer_add(lx, template_ ? TOKEN_tstring_start : TOKEN_fstring_start, start,
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

/* Keep the text of the field's expression; the number that stands for it. */
static identifier keep_field_text(struct lexer *lx, const struct fstring_mode *m)
{
    struct field_text text = {m->expression, m->expression_end, m->raw};
    array_push(lx->c->arena, &lx->fields, text);
    return lx->fields.count;
}

bool lexer_note_field_end(struct lexer *lx, const char *p, identifier *text)
{
    struct fstring_mode *m = current_mode(lx);
    *text = 0;
    if (m->expression_depth < 0)
        return false;
    bool tracked = is_tracked(lx, m, m->depth - 1);
    bool not_equal = *p == '!' && p[1] == '=' && HAS(lx->c, FSTRING_NOT_EQUAL);
    if (tracked && !not_equal) {
        bool last = *p != ':' && HAS(lx->c, FSTRING_LAST_BRACE_ENDS);
        if (last || m->expression_end == NULL)
            m->expression_end = p;
    }
    if (tracked && (m->debug || m->template_) && m->expression_end != NULL)
        *text = keep_field_text(lx, m);
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

/* Add the text up to `end` as a token; the lexer goes on at `next`. */
static const char *add_middle(struct lexer *lx, const struct token *middle, const char *end,
                              const char *next)
{
    struct token *t = lx->next++;
    *t = *middle;
    t->length = (uint32_t)(end - t->start);
    t->end_lineno = lx->lineno;
    t->end_col_offset = (int32_t)(next - lx->line_start);
    return next;
}

/* Text from `start` to the next field, doubled brace or the closing quotes. */
static const char *read_middle(struct lexer *lx, const char *start)
{
    struct fstring_mode *m = current_mode(lx);
    struct token t = {
        .kind = m->template_ ? TOKEN_tstring_middle : TOKEN_fstring_middle,
        .flags = m->raw ? TOKEN_RAW : 0,
        .start = start,
        .lineno = lx->lineno,
        .col_offset = (int32_t)(start - lx->line_start),
    };
    const char *p = start;
    bool named_escape = false;
    int quotes = 0;
    while (quotes != m->quote_size) {
        char ch = *p++;
        if ((unsigned char)ch >= 0x80)
            t.flags |= TOKEN_NON_ASCII;
        bool in_spec = (lx->spec_flag ? m->in_format_spec : m->expression_end != NULL) &&
                       m->expression_depth >= 0;
        if (in_spec && m->quote_size == 1 && ch == '\n' && HAS(lx->c, FSTRING_SPEC_NEWLINE)) {
            m->literal = false;
            m->in_format_spec = false;
            return add_middle(lx, &t, p - 1, p - 1);
        }
        if ((ch == '\0' && p > lx->end) || (m->quote_size == 1 && ch == '\n'))
            lexer_reject(lx);
        if (ch == m->quote) {
            quotes++;
            continue;
        }
        quotes = 0;
        if (ch == '\n') {
            lexer_start_line(lx, p);
        } else if (ch == '{') {
            if (HAS(lx->c, FSTRING_LAST_BRACE_ENDS)) {
                m->expression = p;
                m->expression_end = NULL;
            }
            if (*p == '{' && !in_spec) {
                return add_middle(lx, &t, p, p + 1);
            }
            enter_field(lx);
            if (HAS(lx->c, FSTRING_LAST_BRACE_ENDS))
                m->in_format_spec = false;
            return add_middle(lx, &t, p - 1, p - 1);
        } else if (ch == '}') {
            if (named_escape) {
                return add_middle(lx, &t, p, p);
            }
            if (*p == '}' && !in_spec && (m->depth == 0 || !lx->spec_flag)) {
                return add_middle(lx, &t, p, p + 1);
            }
            m->literal = false;
            m->in_format_spec = false;
            return add_middle(lx, &t, p - 1, p - 1);
        } else if (ch == '\\') {
            t.flags |= TOKEN_BACKSLASH;
            ch = *p;
            if (ch == '{' || ch == '}') {
                if (!m->raw)
                    t.flags |= TOKEN_WARNING;
                continue;
            }
            if (ch == '\0' && p >= lx->end)
                lexer_reject(lx);
            p++;
            if (ch == '\n') {
                lexer_start_line(lx, p);
            }
            if (ch == 'N' && !m->raw && *p == '{') {
                p++;
                named_escape = true;
            }
        }
    }
    p -= m->quote_size;
    return add_middle(lx, &t, p, p);
}

const char *lexer_read_fstring(struct lexer *lx, const char *p)
{
    struct fstring_mode *m = current_mode(lx);
    if (p[0] == '{' && p[1] != '{') {
        enter_field(lx);
        return p;
    }
    int quotes = 0;
    while (quotes < m->quote_size && p[quotes] == m->quote)
        quotes++;
    if (quotes == m->quote_size) {
        lx->fstring_count--;
        return lexer_add(lx, m->template_ ? TOKEN_tstring_end : TOKEN_fstring_end, p, p + quotes);
    }
    return read_middle(lx, p);
}
