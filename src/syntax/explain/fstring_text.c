/* F-strings as CPython reads them to 3.11: one string token whose text is taken apart by a scanner
 * of its own.
 *
 * Each expression is put in parentheses and goes through a tokenizer and a parser of its own, which
 * know where in the file they are; their messages get the prefix "f-string: ".
 *
 * Answers to Parser/string_parser.c.
 */
#include "syntax/explain/peg.h"

#define MAX_NESTED_BRACKETS 200

/* One f-string being read. */
struct text {
    struct parser *p;
    struct peg_token *token;
    const char *next, *end;
    bool raw;
};

static bool read_text(struct text *t, int level);

/* Raises at the last token; always false. */
static bool refuse(struct text *t, const char *message)
{
    peg_raise(t->p, EXCEPTION_SYNTAX_ERROR, false, message);
    return false;
}

static bool refuse_end(struct text *t)
{
    return refuse(t, "f-string: expecting '}'");
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

/* The first place in a string token where the text of an expression with its braces occurs, as 3.8
 * looks for it; NULL if there is none (what follows the expression need not be a brace). */
static const char *find_text(const struct peg_token *token, const char *start, const char *end)
{
    size_t size = (size_t)(end - start);
    const char *limit = token->node.text + token->node.text_size;
    for (const char *s = token->node.text; s + size + 2 <= limit; s++)
        if (*s == '{' && s[size + 1] == '}' && memcmp(s + 1, start, size) == 0)
            return s;
    return NULL;
}

/* How many lines and columns into the token an expression begins; `brace` is at its opening brace.
 */
static void locate(const struct peg_token *token, const char *brace, bool first, int *lines,
                   int *columns)
{
    const char *s = brace + 1;
    *lines = *columns = 0;
    while (is_blank(*s))
        s++;
    if (*s != '}' && *s != '\n') {
        s = brace;
        while (s > token->node.text && *s != '\n')
            s--;
        *columns = (int)(brace - s) - (*s == '\n' && !first);
    }
    for (s = token->node.text; s < brace; s++)
        *lines += *s == '\n';
}

/* Parses the expression from start to end. */
static bool parse_expression(struct text *t, const char *start, const char *end)
{
    struct parser *p = t->p;
    const char *s = start;
    while (s < end && (is_blank(*s) || *s == '\n'))
        s++;
    if (s == end) {
        if (*end != '}' && edition_in(p->edition, SINCE(E311)))
            return refuse(
                t, arena_printf(p->c->arena, "f-string: expression required before '%c'", *end));
        return refuse(t, "f-string: empty expression not allowed");
    }
    int lines = 0, columns = 0;
    bool first = edition_in(p->edition, BEFORE(E310)), searched = edition_in(p->edition, E38);
    const struct peg_token *token = searched ? p->error_token : t->token;
    const struct location at = token->node.loc;
    const char *brace = searched ? find_text(token, start, end) : start - 1;
    if (brace != NULL)
        locate(token, brace, first, &lines, &columns);
    size_t size = (size_t)(end - start);
    char *text = arena_alloc(p->c->arena, size + 4);
    text[0] = '(';
    memcpy(text + 1, start, size);
    memcpy(text + 1 + size, ")\n", 3);
    size_t newline = !searched;
    return peg_run_expression(p, text, size + 2 + newline, at.lineno + lines,
                              lines != 0 && !first ? columns : at.col_offset + columns);
}

/* Skips over a string inside an expression, *next being its first quote; false: it does not end. */
static bool skip_string(struct text *t, char quote, int *quote_size)
{
    if (*quote_size == 3) {
        if (t->end - t->next > 2 && t->next[1] == quote && t->next[2] == quote) {
            t->next += 2;
            return true;
        }
        return false;
    }
    return true;
}

/* Finds the end of the expression at t->next; false: an error. */
static bool find_expression_end(struct text *t)
{
    struct arena *arena = t->p->c->arena;
    char quote = 0, brackets[MAX_NESTED_BRACKETS];
    int quote_size = 0, depth = 0;
    for (; t->next < t->end; t->next++) {
        char c = *t->next;
        char second = t->next + 1 < t->end ? t->next[1] : 0;
        if (c == '\\')
            return refuse(t, "f-string expression part cannot include a backslash");
        if (quote != 0) {
            if (c == quote && skip_string(t, quote, &quote_size))
                quote = 0;
        } else if (c == '\'' || c == '"') {
            bool triple = t->end - t->next > 2 && second == c && t->next[2] == c;
            quote = c;
            quote_size = triple ? 3 : 1;
            t->next += triple ? 2 : 0;
        } else if (c == '[' || c == '{' || c == '(') {
            if (depth >= MAX_NESTED_BRACKETS)
                return refuse(t, "f-string: too many nested parenthesis");
            brackets[depth++] = c;
        } else if (c == '#') {
            return refuse(t, "f-string expression part cannot include '#'");
        } else if (depth == 0 && strchr("!:}=><", c) != NULL && c != 0) {
            if (second == '=' && (c == '!' || c == '=' || c == '<' || c == '>')) {
                t->next++;
                continue;
            }
            if ((c != '>' && c != '<') || (second == 0 && edition_in(t->p->edition, E38)))
                break;
        } else if (c == ']' || c == '}' || c == ')') {
            if (depth == 0)
                return refuse(t, arena_printf(arena, "f-string: unmatched '%c'", c));
            char opening = brackets[--depth];
            if ((c == ')') != (opening == '(') || (c == ']') != (opening == '['))
                return refuse(
                    t, arena_printf(arena,
                                    "f-string: closing parenthesis '%c' does not match opening "
                                    "parenthesis '%c'",
                                    c, opening));
        }
    }
    if (quote != 0)
        return refuse(t, "f-string: unterminated string");
    if (depth > 0)
        return refuse(t, arena_printf(arena, "f-string: unmatched '%c'", brackets[depth - 1]));
    return t->next < t->end || refuse_end(t);
}

/* Reads a replacement field, at whose brace t->next is; false: an error. */
static bool read_field(struct text *t, int level)
{
    if (level >= 2)
        return refuse(t, "f-string: expressions nested too deeply");
    const char *start = ++t->next;
    if (!find_expression_end(t) || !parse_expression(t, start, t->next))
        return false;
    if (*t->next == '=') {
        t->next++;
        while (is_blank(*t->next) || *t->next == '\n' || *t->next == '\v' || *t->next == '\r')
            t->next++;
        if (t->next >= t->end)
            return refuse_end(t);
    }
    if (*t->next == '!') {
        t->next++;
        if (t->next >= t->end)
            return refuse_end(t);
        char conversion = *t->next++;
        if (conversion != 's' && conversion != 'r' && conversion != 'a')
            return refuse(t, "f-string: invalid conversion character: expected 's', 'r', or 'a'");
    }
    if (t->next >= t->end)
        return refuse_end(t);
    if (*t->next == ':') {
        t->next++;
        if (t->next >= t->end)
            return refuse_end(t);
        if (!read_text(t, level + 1))
            return false;
    }
    if (t->next >= t->end || *t->next != '}')
        return refuse_end(t);
    t->next++;
    return true;
}

/* Reads behind a backslash in literal text, t->next being at the character after it; true: what was
 * read can still be a brace that counts. */
static bool skip_escape(struct text *t, char *c)
{
    *c = *t->next++;
    if (*c == 'N') {
        if (t->next < t->end && *t->next++ == '{')
            while (t->next < t->end && *t->next++ != '}')
                continue;
        return false;
    }
    if (*c == '{' && (!t->p->call_invalid || edition_in(t->p->edition, BEFORE(E311)))) {
        const char *message = t->p->c->target->has[FEATURE_QUOTED_ESCAPE_WARNING]
                                  ? "invalid escape sequence '\\{'"
                                  : "invalid escape sequence \\{";
        if (!diagnostic_try_warn(&t->p->c->diagnostics, WARNING_DEPRECATION,
                                 t->token->node.loc.lineno, message)) {
            t->p->error_token = t->token;
            peg_raise(t->p, EXCEPTION_SYNTAX_ERROR, false, message);
        }
    }
    return true;
}

enum literal_end { LITERAL_ERROR, LITERAL_DONE, LITERAL_DOUBLED };

/* Reads literal text up to a brace that counts, the end, or the first of two braces. */
static enum literal_end read_literal(struct text *t, int level)
{
    const char *start = t->next, *stop = NULL;
    enum literal_end result = LITERAL_DONE;
    while (t->next < t->end) {
        char c = *t->next++;
        if (!t->raw && c == '\\' && t->next < t->end && !skip_escape(t, &c))
            continue;
        if (peg_error_set(t->p))
            return LITERAL_ERROR;
        if (c != '{' && c != '}')
            continue;
        if (level == 0 && t->next < t->end && *t->next == c) {
            stop = t->next++;
            result = LITERAL_DOUBLED;
            break;
        }
        t->next--;
        if (level == 0 && c == '}') {
            refuse(t, "f-string: single '}' is not allowed");
            return LITERAL_ERROR;
        }
        break;
    }
    if (stop == NULL)
        stop = t->next;
    struct node piece = {.text = start, .text_size = (size_t)(stop - start)};
    if (stop > start && !literal_check_piece(t->p, &piece, t->raw, t->token))
        return LITERAL_ERROR;
    return result;
}

/* Reads literal text and fields to the end, or to the brace that ends a format specification. */
static bool read_text(struct text *t, int level)
{
    for (;;) {
        enum literal_end end = read_literal(t, level);
        if (end == LITERAL_ERROR)
            return false;
        if (end == LITERAL_DOUBLED)
            continue;
        if (t->next >= t->end || *t->next == '}')
            break;
        if (!read_field(t, level))
            return false;
    }
    if (level == 0 && t->next < t->end - 1)
        return refuse(t, "f-string: unexpected end of string");
    if (level != 0 && *t->next != '}')
        return refuse_end(t);
    return true;
}

bool fstring_text_check(struct parser *p, struct peg_token *token, const char *start,
                        const char *end, bool raw)
{
    struct text t = {.p = p, .token = token, .next = start, .end = end, .raw = raw};
    return read_text(&t, 0);
}
