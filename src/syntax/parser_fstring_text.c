/* The parser: f-strings of releases that take them apart as text (to 3.11).
 *
 * The STRING token's text is searched for fields; each field's expression is copied between
 * parentheses and given to a parser of its own. Where its nodes then lie is each release's own
 * affair: see locate_expression. The parts of an f-string all have the position of the whole
 * concatenation.
 *
 * Answers to Parser/string_parser.c (Parser/pegen/parse_string.c in 3.9, Python/ast.c in 3.8).
 */
#include "syntax/explain.h"
#include "syntax/parser_internal.h"

/* A concatenation of strings being taken apart. */
struct fstring_text {
    struct parser *p;
    struct location loc;       /* of the whole concatenation */
    const struct token *first; /* its first token */
    const struct token *token; /* the one at hand */
    const char *end;           /* of that token's text */
    bool raw;
};

/* The literal text gathered since the last expression. */
struct literal_text {
    char *bytes;
    size_t length, capacity;
};

enum { MAX_FORMAT_NESTING = 2 };

static void parse_text(struct fstring_text *f, const char **at, int level,
                       struct literal_text *literal);

static void append_text(struct parser *p, struct literal_text *literal, const char *bytes,
                        size_t length)
{
    if (length == 0)
        return;
    if (length > literal->capacity - literal->length) {
        size_t capacity = 2 * literal->capacity + length + 32;
        literal->bytes = arena_grow(p->arena, literal->bytes, literal->capacity, capacity);
        literal->capacity = capacity;
    }
    memcpy(literal->bytes + literal->length, bytes, length);
    literal->length += length;
}

static void append_string(struct parser *p, struct literal_text *literal, identifier content)
{
    const struct string *s = strings_get(&p->c->strings, content);
    append_text(p, literal, s->bytes, s->length);
}

/* Make the gathered text a part, if there is any. */
static void flush_text(struct fstring_text *f, struct literal_text *literal, struct location loc)
{
    if (literal->length == 0)
        return;
    struct parser *p = f->p;
    struct expr *e = new_expr(p, Constant_kind, loc);
    e->v.Constant.value = constant_str(
        &p->c->constants, strings_intern_copy(&p->c->strings, literal->bytes, literal->length));
    e->u_prefix = (f->first->flags & TOKEN_UNICODE) != 0;
    literal->length = 0;
    scratch_push(p, e);
}

/* Gather literal text from *at on. True: it ended at a doubled brace, and there is more of it. */
static bool find_literal(struct fstring_text *f, const char **at, int level,
                         struct literal_text *literal)
{
    struct parser *p = f->p;
    const char *start = *at, *s = start, *end = f->end;
    bool more = false, escapes = false;
    while (s < end) {
        char ch = *s++;
        if (!f->raw && ch == '\\' && s < end) {
            escapes = true;
            ch = *s++;
            if (ch == 'N') {
                if (s < end && *s++ == '{') {
                    while (s < end && *s++ != '}') {
                    }
                }
                continue;
            }
            if (ch == '{')
                explain_warn(p->c, WARNING_DEPRECATION, f->token->lineno,
                             PARSER_HAS(p, QUOTED_ESCAPE_WARNING) ? "invalid escape sequence '\\{'"
                                                                  : "invalid escape sequence \\{");
        }
        if (ch != '{' && ch != '}')
            continue;
        if (level == 0 && s < end && *s == ch) {
            more = true;
            break;
        }
        if (level == 0 && ch == '}')
            reject(p);
        s--;
        break;
    }
    *at = s + more;
    if (s != start) {
        unsigned flags = (f->raw ? TOKEN_RAW : 0) | (escapes ? TOKEN_BACKSLASH : 0) |
                         (f->token->flags & TOKEN_NON_ASCII);
        append_string(p, literal, literal_str(p, start, (size_t)(s - start), flags, f->token));
    }
    return more;
}

/* Behind the expression that starts at `s`: at the '!', ':', '=' or '}' that ends it. */
static const char *find_expression_end(struct fstring_text *f, const char *s)
{
    struct parser *p = f->p;
    const char *end = f->end;
    char quote = 0, brackets[LEXER_MAX_LEVEL];
    bool triple = false;
    int depth = 0;
    for (; s < end; s++) {
        char ch = *s;
        if (ch == '\\')
            reject(p);
        if (quote != 0) {
            if (ch != quote)
                continue;
            if (!triple) {
                quote = 0;
            } else if (s + 2 < end && s[1] == ch && s[2] == ch) {
                s += 2;
                quote = 0;
            }
        } else if (ch == '\'' || ch == '"') {
            quote = ch;
            triple = s + 2 < end && s[1] == ch && s[2] == ch;
            s += triple ? 2 : 0;
        } else if (ch == '[' || ch == '{' || ch == '(') {
            if (depth >= LEXER_MAX_LEVEL)
                reject(p);
            brackets[depth++] = ch;
        } else if (ch == '#') {
            reject(p);
        } else if (depth == 0 &&
                   (ch == '!' || ch == ':' || ch == '}' || ch == '=' || ch == '>' || ch == '<')) {
            bool pair = s + 1 < end && s[1] == '=' && ch != ':' && ch != '}';
            if (!pair && ch != '>' && ch != '<')
                break;
            s += pair;
        } else if (ch == ']' || ch == '}' || ch == ')') {
            char expected = ch == ')' ? '(' : ch == ']' ? '[' : '{';
            if (depth == 0 || brackets[--depth] != expected)
                reject(p);
        }
    }
    if (quote != 0 || depth != 0 || s >= end)
        reject(p);
    return s;
}

/* Where the parser of an expression starts to count. */
struct expression_place {
    int32_t lineno; /* of the parenthesis in front of it */
    int32_t column; /* added to the columns of its first line */
};

/* Newlines before `s`. */
static int32_t count_lines(const char *text, const char *s)
{
    int32_t lines = 0;
    for (; text < s; text++)
        lines += *text == '\n';
    return lines;
}

/* Is there nothing but a line's end behind the brace? */
static bool newline_follows(const char *brace)
{
    const char *s = brace + 1;
    while (*s == ' ' || *s == '\t' || *s == '\f')
        s++;
    return *s == '}' || *s == '\n';
}

/* The first "{expression}" in the bytes of a token, or NULL. */
static const char *search_field(const struct token *t, const char *start, size_t length)
{
    const char *end = token_end(t);
    for (const char *s = t->start; (size_t)(end - s) >= length + 2; s++) {
        s = memchr(s, '{', (size_t)(end - s));
        if (s == NULL || (size_t)(end - s) < length + 2)
            break;
        if (memcmp(s + 1, start, length) == 0 && s[length + 1] == '}')
            return s;
    }
    return NULL;
}

/* Where an expression lies in a release that searches for it. */
static struct expression_place search_expression(const struct fstring_text *f, const char *start,
                                                 const char *end)
{
    const struct token *t = f->first;
    const char *found = search_field(t, start, (size_t)(end - start));
    if (found == NULL)
        return (struct expression_place){t->lineno, t->col_offset};
    const char *line = found;
    while (line > t->start && *line != '\n')
        line--;
    return (struct expression_place){t->lineno + count_lines(t->start, found),
                                     t->col_offset + (int32_t)(found - line)};
}

/* Where the expression between `start` and `end` lies. */
static struct expression_place locate_expression(const struct fstring_text *f, const char *start,
                                                 const char *end)
{
    if (PARSER_HAS(f->p, FSTRING_FIELD_SEARCHED))
        return search_expression(f, start, end);
    const struct token *t = f->token;
    const char *brace = start - 1;
    bool from_token = PARSER_HAS(f->p, FSTRING_FIELD_FROM_TOKEN);
    int32_t lines = count_lines(t->start, brace), column = 0;
    if (!newline_follows(brace)) {
        const char *line = brace;
        while (line > t->start && *line != '\n')
            line--;
        column = (int32_t)(brace - line) - (*line == '\n' && !from_token);
    }
    return (struct expression_place){t->lineno + lines,
                                     lines != 0 && !from_token ? column : t->col_offset + column};
}

/* The parser for expressions inside of f-strings. */
static struct parser *nested_parser(struct parser *p)
{
    if (p->nested == NULL) {
        p->nested = arena_alloc(p->arena, sizeof *p->nested);
        parser_init(p->nested, p->c);
    }
    return p->nested;
}

/* Parse the expression between `start` and `end`. */
static struct expr *parse_nested(struct fstring_text *f, const char *start, const char *end)
{
    struct parser *p = f->p, *n = nested_parser(p);
    const char *s = start;
    while (s < end && (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\f'))
        s++;
    if (s == end)
        reject(p);
    size_t length = (size_t)(end - start);
    char *text = arena_alloc(p->arena, length + 3 + 16);
    text[0] = '(';
    memcpy(text + 1, start, length);
    memcpy(text + length + 1, ")\n", 2);
    memset(text + length + 3, 0, 16);
    struct expression_place place = locate_expression(f, start, end);
    n->barry_as_flufl = p->barry_as_flufl;
    n->deep = false;
    parser_start(n, text, length + 3, place.lineno, place.column);
    n->depth += p->costs->field_alone;
    struct expr *e = parse_star_expressions(n);
    p->deep |= n->deep;
    if (peek(n) != TOKEN_newline)
        reject(p);
    return e;
}

/* The conversion behind a '!'. */
static int find_conversion(struct fstring_text *f, const char **at)
{
    if (*at >= f->end || (**at != 's' && **at != 'r' && **at != 'a'))
        reject(f->p);
    return *(*at)++;
}

/* The format specification behind a ':'. */
static struct expr *find_format_spec(struct fstring_text *f, const char **at, int level)
{
    struct parser *p = f->p;
    struct literal_text literal = {0};
    uint32_t base = p->scratch_count;
    if (*at >= f->end)
        reject(p);
    parse_text(f, at, level + 1, &literal);
    const struct token *t = f->token;
    struct location loc = token_location(t);
    if (!PARSER_HAS(p, FSTRING_SPEC_AT_TOKEN))
        loc = f->loc;
    flush_text(f, &literal, loc);
    struct expr_list *values = scratch_take(p, base);
    struct expr *e = new_expr(p, JoinedStr_kind, loc);
    e->v.JoinedStr.values = values;
    return e;
}

/* A field, whose '{' is at *at; pushes the text before it and then itself. */
static void find_field(struct fstring_text *f, const char **at, int level,
                       struct literal_text *literal)
{
    struct parser *p = f->p;
    if (level >= MAX_FORMAT_NESTING)
        reject(p);
    const char *start = *at + 1, *s = find_expression_end(f, start);
    struct expr *value = parse_nested(f, start, s);
    bool debug = *s == '=';
    if (debug) {
        s++;
        while (*s == ' ' || (*s >= '\t' && *s <= '\r'))
            s++;
        if (s >= f->end)
            reject(p);
        append_text(p, literal, start, (size_t)(s - start));
    }
    int conversion = -1;
    struct expr *format_spec = NULL;
    if (*s == '!') {
        s++;
        conversion = find_conversion(f, &s);
    }
    if (s >= f->end)
        reject(p);
    flush_text(f, literal, f->loc);
    if (*s == ':') {
        s++;
        format_spec = find_format_spec(f, &s, level);
    }
    if (s >= f->end || *s != '}')
        reject(p);
    *at = s + 1;
    if (debug && format_spec == NULL && conversion == -1)
        conversion = 'r';
    struct expr *e = new_expr(p, FormattedValue_kind, f->loc);
    e->v.FormattedValue.value = value;
    e->v.FormattedValue.conversion = conversion;
    e->v.FormattedValue.format_spec = format_spec;
    scratch_push(p, e);
}

/* Push the parts of the text at *at, up to its end or, in a format specification, to the '}'. Text
 * at the end stays in `literal`. */
static void parse_text(struct fstring_text *f, const char **at, int level,
                       struct literal_text *literal)
{
    for (;;) {
        if (find_literal(f, at, level, literal))
            continue;
        if (*at >= f->end || **at == '}')
            break;
        find_field(f, at, level, literal);
    }
    if (level != 0 && (*at >= f->end || **at != '}'))
        reject(f->p);
}

/* The value of neighbouring STRING tokens, one of them an f-string at least. */
struct expr *parse_text_fstrings(struct parser *p, const struct token *tokens, uint32_t count)
{
    const struct token *last = &tokens[count - 1];
    struct fstring_text f = {
        .p = p,
        .first = tokens,
        .loc = {tokens->lineno, tokens->col_offset, last->end_lineno, last->end_col_offset},
    };
    struct literal_text literal = {0};
    uint32_t base = p->scratch_count;
    p->folds++;
    p->specials++;
    for (uint32_t i = 0; i < count; i++) {
        const struct token *t = &tokens[i];
        const char *text = t->start + t->prefix_length + t->quote_size;
        const char *end = token_end(t) - t->quote_size;
        if (t->flags & TOKEN_BYTES)
            reject(p);
        f.token = t;
        f.end = end;
        f.raw = t->flags & TOKEN_RAW;
        if (t->flags & TOKEN_FORMATTED)
            parse_text(&f, &text, 0, &literal);
        else
            append_string(p, &literal, literal_str(p, text, (size_t)(end - text), t->flags, t));
    }
    flush_text(&f, &literal, f.loc);
    struct expr_list *values = scratch_take(p, base);
    struct expr *e = new_expr(p, JoinedStr_kind, f.loc);
    e->v.JoinedStr.values = values;
    return e;
}
