/* Exceptions of the exact parser: which, where, and with which line of text. See peg.h.
 *
 * Positions come in as byte columns and go out as characters of the quoted line (to 3.12 only if
 * the source names its encoding). The line is the file's where there is one. Else it is what the
 * tokenizer has at hand, which need not be the line of the error: an error on the tokenizer's
 * current line quotes that line from where its token began, others are looked up in the source.
 */
#include "syntax/explain/peg.h"

#include "syntax/decode.h"
#include "syntax/syntax_error.h"
#include "util/utf8.h"

/* A line of a text, or the last one. */
static void find_line(const char *line, const char *text_end, int lineno, const char **text,
                      size_t *size)
{
    for (int i = 1; i < lineno; i++) {
        const char *newline = memchr(line, '\n', (size_t)(text_end - line));
        if (newline == NULL || newline + 1 > text_end)
            break;
        line = newline + 1;
    }
    const char *end = memchr(line, '\n', (size_t)(text_end - line));
    *text = line;
    *size = (size_t)((end ? end : text_end) - line);
}

/* The characters in the first `column` bytes of a line; one byte behind it counts as one more. */
static int character_column(const char *line, size_t size, int column)
{
    size_t bytes = column < 0 ? 0 : (size_t)column;
    size_t extra = bytes > size;
    return (int)(utf8_count_replaced(line, extra ? size : bytes) + extra);
}

/* Fills in the quoted line and the columns, which are one more than byte columns (0: none). */
static void set_place(struct parser *p, struct diagnostic *e, int column, int end_column)
{
    const struct scanner *s = &p->scanner;
    const char *line;
    size_t size;
    if (!p->in_fstring)
        syntax_error_quote_line(p->c, e, true);
    if (edition_in(p->edition, BEFORE(E313)) &&
        !utf8_is_valid(e->text, e->has_text ? e->text_length : 0))
        e->has_text = false;
    if (e->has_text) {
        line = e->text;
        size = e->text_length;
    } else if ((s->lineno <= e->lineno && s->inp > s->buf) || edition_in(p->edition, E39)) {
        line = edition_in(p->edition, BEFORE(E313P)) ? s->buf : s->line_start;
        size = (size_t)(s->inp - line);
    } else {
        /* The text before decoding is what is searched. 3.10 does so as if that came first in
         * memory; for all but small texts it does not, and the search stops at once. */
        const char *undecoded = p->in_fstring ? NULL : p->c->decoded->undecoded;
        if (undecoded == NULL)
            find_line(s->text, s->text_end,
                      p->in_fstring ? e->lineno - p->first_line + 1 : e->lineno, &line, &size);
        else
            find_line(undecoded, undecoded + strlen(undecoded),
                      edition_in(p->edition, E310) && p->c->source_length > 480 ? 1 : e->lineno,
                      &line, &size);
    }
    size_t clean_size;
    const char *clean = utf8_replace_faults(p->c->arena, line, size, &clean_size);
    e->has_text = true;
    e->text = arena_copy(p->c->arena, clean, clean_size);
    e->text_length = clean_size;
    column -= p->first_column;
    end_column -= p->first_column;
    if (edition_in(p->edition, BEFORE(E313)) &&
        (p->in_fstring || p->c->decoded->encoding == NULL)) {
        e->offset = column;
        e->end_offset = end_column;
        return;
    }
    e->offset = character_column(clean, clean_size, column);
    e->end_offset = end_column > 0 ? character_column(clean, clean_size, end_column) : end_column;
}

/* Whether an exception is pending that no other raised in these editions may replace. */
static bool is_final(const struct parser *p, unsigned editions)
{
    return peg_error_set(p) && p->failed && edition_in(p->edition, editions);
}

/* Raises with columns that count from 1, 0 standing for none. */
static void raise_located(struct parser *p, enum exception_type type, int lineno, int column,
                          int end_lineno, int end_column, const char *message)
{
    if (is_final(p, SINCE(E313)))
        return;
    p->failed = true;
    const struct scanner *s = &p->scanner;
    p->error = (struct diagnostic){
        .type = type,
        .message = p->in_fstring ? arena_printf(p->c->arena, "f-string: %s", message) : message,
        .has_location = true,
        .lineno = lineno,
        .end_lineno = end_lineno == AT_TOKENIZER ? s->lineno : end_lineno,
    };
    if (edition_in(p->edition, E39)) {
        set_place(p, &p->error, column, 0);
        p->error.end_lineno = p->error.end_offset = -1;
        return;
    }
    if (end_column == AT_TOKENIZER)
        end_column = (int)(s->cur - s->line_start);
    set_place(p, &p->error, column, end_column);
}

void peg_raise_at(struct parser *p, enum exception_type type, int lineno, int column,
                  int end_lineno, int end_column, const char *message)
{
    raise_located(p, type, lineno, column + 1, end_lineno,
                  end_column == AT_TOKENIZER ? AT_TOKENIZER : end_column + 1, message);
}

void peg_raise(struct parser *p, enum exception_type type, bool next, const char *message)
{
    if (is_final(p, SINCE(E311)))
        return;
    if (edition_in(p->edition, E38)) {
        tree_fault(p, &p->error_token->node, message);
        return;
    }
    if (p->tokens.count == 0) {
        raise_located(p, type, 0, 0, 0, -1, message);
        return;
    }
    if (next && p->mark == (int)p->tokens.count && !peg_fill(p))
        return;
    const struct scanner *s = &p->scanner;
    const struct peg_token *t = p->error_token
                                    ? p->error_token
                                    : p->tokens.items[next ? p->mark : (int)p->tokens.count - 1];
    int column = t->node.loc.col_offset + 1;
    if (t->node.loc.col_offset == -1)
        column = (int)(s->cur -
                       (s->cur == s->buf || edition_in(p->edition, E39) ? s->buf : s->line_start));
    int end_column = t->node.loc.end_col_offset == -1 ? -1 : t->node.loc.end_col_offset + 1;
    raise_located(p, type, t->node.loc.lineno, column, t->node.loc.end_lineno, end_column, message);
}

void peg_raise_range(struct parser *p, const struct node *a, const struct node *b,
                     const char *message)
{
    peg_raise_at(p, EXCEPTION_SYNTAX_ERROR, a->loc.lineno, a->loc.col_offset, b->loc.end_lineno,
                 b->loc.end_col_offset, message);
}

/* Raises as 3.8's parser does: on the tokenizer's line, at the start of the last token if there is
 * one. */
static void raise_on_current_line(struct parser *p, enum exception_type type, const char *message)
{
    const struct scanner *s = &p->scanner;
    const struct location at = p->tokens.items[p->tokens.count - 1]->node.loc;
    int column = at.col_offset != -1 ? at.col_offset + 1 : (int)(s->cur - s->buf);
    size_t size = (size_t)(s->inp - s->buf), clean_size;
    if (p->c->decoded->newline_foreign && !p->in_fstring && s->inp == s->text_end)
        size--;
    const char *clean = utf8_replace_faults(p->c->arena, s->buf, size, &clean_size);
    p->failed = true;
    p->error = (struct diagnostic){
        .type = type,
        .message = message,
        .has_location = true,
        .has_text = true,
        .lineno = s->lineno,
        .offset = (int)utf8_count_replaced(s->buf, (size_t)column > size ? size : (size_t)column),
        .end_lineno = -1,
        .end_offset = -1,
        .text = arena_copy(p->c->arena, clean, clean_size),
        .text_length = clean_size,
    };
}

/* Raises about the innermost bracket that is open. */
static void raise_unclosed(struct parser *p)
{
    const struct scanner *s = &p->scanner;
    int line = s->bracket_lines[s->level - 1];
    peg_raise_at(p, EXCEPTION_SYNTAX_ERROR, line, s->bracket_columns[s->level - 1], line, -1,
                 arena_printf(p->c->arena, "'%c' was never closed", s->brackets[s->level - 1]));
}

void peg_stuck(struct parser *p)
{
    unsigned type = p->tokens.items[p->tokens.count - 1]->type;
    if (p->scanner.status == SCAN_EOF)
        raise_on_current_line(p, EXCEPTION_SYNTAX_ERROR, "unexpected EOF while parsing");
    else if (p->wanted_indent == (int)p->tokens.count - 1 &&
             type != TOKEN_OPERATOR) /* what is no token is met first */
        raise_on_current_line(p, EXCEPTION_INDENTATION_ERROR, "expected an indented block");
    else if (type == TOKEN_INDENT || type == TOKEN_DEDENT)
        raise_on_current_line(p, EXCEPTION_INDENTATION_ERROR,
                              type == TOKEN_INDENT ? "unexpected indent" : "unexpected unindent");
    else
        raise_on_current_line(p, EXCEPTION_SYNTAX_ERROR, "invalid syntax");
}

/* What a status of the tokenizer says. */
struct tokenizer_error {
    enum scan_status status;
    enum exception_type type;
    const char *message;
    bool at_line; /* from 3.9: on the tokenizer's line, not at the last token */
};

/* The error of a status. */
static const struct tokenizer_error *find_error(enum scan_status status)
{
    static const struct tokenizer_error errors[] = {
        {SCAN_EOF, EXCEPTION_SYNTAX_ERROR, "unexpected EOF while parsing", false},
        {SCAN_EOFS, EXCEPTION_SYNTAX_ERROR, "EOF while scanning triple-quoted string literal",
         false},
        {SCAN_EOLS, EXCEPTION_SYNTAX_ERROR, "EOL while scanning string literal", false},
        {SCAN_DEDENT, EXCEPTION_INDENTATION_ERROR,
         "unindent does not match any outer indentation level", false},
        {SCAN_TABSPACE, EXCEPTION_TAB_ERROR, "inconsistent use of tabs and spaces in indentation",
         true},
        {SCAN_TOODEEP, EXCEPTION_INDENTATION_ERROR, "too many levels of indentation", true},
        {SCAN_LINECONT, EXCEPTION_SYNTAX_ERROR,
         "unexpected character after line continuation character", true},
        {SCAN_IDENTIFIER, EXCEPTION_SYNTAX_ERROR, "invalid character in identifier", true},
    };
    static const struct tokenizer_error unknown = {SCAN_OK, EXCEPTION_SYNTAX_ERROR,
                                                   "unknown parsing error", true};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].status == status)
            return &errors[i];
    return &unknown;
}

void peg_tokenizer_error(struct parser *p)
{
    const struct scanner *s = &p->scanner;
    const struct tokenizer_error *e = find_error(s->status);
    if (peg_error_set(p))
        return;
    if (edition_in(p->edition, E38)) {
        raise_on_current_line(p, e->type, e->message);
        return;
    }
    p->failed = true;
    int column = s->status == SCAN_LINECONT ? (int)(s->cur - s->buf) - 1 : 0;
    if (s->status == SCAN_EOF && s->level > 0 && !edition_in(p->edition, E39))
        raise_unclosed(p);
    else if (e->at_line)
        peg_raise_at(p, e->type, s->lineno, column >= 0 ? column : 0, s->lineno, -1, e->message);
    else
        peg_raise(p, e->type, false, e->message);
}

void peg_decode_error(struct parser *p)
{
    const char *kind = NULL;
    if (p->error.type == EXCEPTION_UNICODE_DECODE_ERROR || p->error.type == EXCEPTION_UNICODE_ERROR)
        kind = "unicode error";
    else if (p->error.type == EXCEPTION_VALUE_ERROR)
        kind = "value error";
    if (kind == NULL)
        return;
    const char *message = arena_printf(p->c->arena, "(%s) %s", kind, p->error.message);
    p->error.type = EXCEPTION_NONE;
    peg_raise(p, EXCEPTION_SYNTAX_ERROR, false, message);
}

/* Reads all that is left of the source: an error of the tokenizer comes before one of the parser,
 * and so does a bracket that was never closed on an earlier line. */
static void check_rest_of_source(struct parser *p)
{
    struct scanner *s = &p->scanner;
    const struct diagnostic saved = p->error;
    const struct peg_token *current =
        p->error_token ? p->error_token : p->tokens.items[p->tokens.count - 1];
    int line = current->node.loc.lineno;
    struct scan_token t;
    p->error.type = EXCEPTION_NONE;
    do
        scan_next(s, &t);
    while (t.type != TOKEN_ERROR && t.type != TOKEN_ENDMARKER);
    if (t.type == TOKEN_ERROR && !peg_error_set(p) && s->level > 0 &&
        line > s->bracket_lines[s->level - 1])
        raise_unclosed(p);
    bool in_fstring = s->mode > 0 && edition_in(p->edition, SINCE(E312));
    if (!peg_error_set(p) || in_fstring)
        p->error = saved;
}

void peg_conclude(struct parser *p, struct peg_token *last)
{
    const struct scanner *s = &p->scanner;
    bool first = edition_in(p->edition, E39);
    if (peg_error_set(p)) {
        if (exception_is_syntax_error(p->error.type) && s->status == SCAN_OK && !first)
            check_rest_of_source(p);
        return;
    }
    if (first) { /* what matters is what was read last, in the second pass, too */
        last = p->tokens.items[p->tokens.count - 1];
        if (s->status == SCAN_EOF) {
            peg_raise(p, EXCEPTION_SYNTAX_ERROR, false, "unexpected EOF while parsing");
            return;
        }
    }
    if (last->type == TOKEN_ERROR && s->status == SCAN_EOF) {
        if (s->level > 0)
            raise_unclosed(p);
        else
            peg_raise(p, EXCEPTION_SYNTAX_ERROR, false, "unexpected EOF while parsing");
        return;
    }
    if (last->type == TOKEN_INDENT || last->type == TOKEN_DEDENT) {
        peg_raise(p, EXCEPTION_INDENTATION_ERROR, false,
                  last->type == TOKEN_INDENT ? "unexpected indent" : "unexpected unindent");
        return;
    }
    if (first) {
        peg_raise(p, EXCEPTION_SYNTAX_ERROR, false, "invalid syntax");
        return;
    }
    peg_raise_range(p, &last->node, &last->node, "invalid syntax");
    check_rest_of_source(p);
}
