/* The parser: strings, their concatenation, and f-strings that the lexer makes tokens of
 * (from 3.12).
 *
 * Parts are gathered on scratch as nodes, Constant or FormattedValue (a field with '=' gives two),
 * and then folded: a run of constants becomes one, empty ones vanish. Answers to
 * _PyPegen_joined_str, _PyPegen_formatted_value and _PyPegen_concatenate_strings in
 * Parser/action_helpers.c.
 */
#include "syntax/parser_internal.h"
#include "syntax/syntax_rules.h"
#include "util/utf8.h"

/* The text of a part whose escapes are decoded when its f-string is complete, as CPython does. */
struct pending_text {
    const char *text;
    size_t length;
};
enum { PENDING = 2 }; /* in expr.parenthesized */

static inline struct expr *new_str(struct parser *p, identifier content, bool u_prefix,
                                   struct location loc)
{
    struct expr *e = new_expr(p, Constant_kind, loc);
    e->v.Constant.value = constant_str(&p->c->constants, content);
    e->u_prefix = u_prefix;
    p->folds += content == p->percent;
    return e;
}

/* The value of a STRING token without fields. */
static struct expr *parse_plain_string(struct parser *p)
{
    const struct token *t = p->token;
    struct location loc = token_location(t);
    struct expr *e;
    if (t->flags & TOKEN_BYTES) {
        e = new_expr(p, Constant_kind, loc);
        e->v.Constant.value = literal_bytes(p, t);
    } else {
        const char *text = t->start + t->prefix_length + t->quote_size;
        size_t length = t->length - t->prefix_length - 2 * (size_t)t->quote_size;
        bool plain = !(t->flags & (TOKEN_BACKSLASH | TOKEN_NON_ASCII));
        identifier content = plain ? strings_intern_text(&p->c->strings, text, length, true)
                                   : literal_str(p, text, length, t->flags, t);
        e = new_str(p, content, (t->flags & TOKEN_UNICODE) != 0, loc);
    }
    advance(p);
    return e;
}

static inline bool is_str(const struct expr *e)
{
    return e->kind == Constant_kind && e->v.Constant.value->kind == CONSTANT_STR;
}

static inline bool is_empty_str(const struct parser *p, const struct expr *e)
{
    return is_str(e) && strings_get(&p->c->strings, e->v.Constant.value->v.str)->length == 0;
}

/* One constant of the run of at least two that starts at items[0]; their number goes to *count. */
static struct expr *join_run(struct parser *p, struct expr **items, uint32_t available,
                             uint32_t *count)
{
    size_t length = 0;
    uint32_t n = 0;
    for (; n < available && items[n]->kind == Constant_kind; n++)
        length += strings_get(&p->c->strings, items[n]->v.Constant.value->v.str)->length;
    char *buffer = arena_alloc(p->arena, length), *out = buffer;
    for (uint32_t i = 0; i < n; i++) {
        const struct string *s = strings_get(&p->c->strings, items[i]->v.Constant.value->v.str);
        memcpy(out, s->bytes, s->length);
        out += s->length;
    }
    struct location loc = items[0]->loc;
    loc.end_lineno = items[n - 1]->loc.end_lineno;
    loc.end_col_offset = items[n - 1]->loc.end_col_offset;
    *count = n;
    return new_str(p, strings_intern(&p->c->strings, buffer, length), items[0]->u_prefix, loc);
}

/* Fold the parts on scratch from `base` on into a list; runs of constants become one, empty
 * constants vanish. */
static struct expr_list *fold_parts(struct parser *p, uint32_t base)
{
    uint32_t kept = base;
    for (uint32_t i = base; i < p->scratch_count;) {
        struct expr **items = (struct expr **)(void *)(p->scratch + i);
        struct expr *e = items[0];
        uint32_t count = 1;
        if (e->kind == Constant_kind && i + 1 < p->scratch_count && items[1]->kind == Constant_kind)
            e = join_run(p, items, p->scratch_count - i, &count);
        i += count;
        if (!is_empty_str(p, e))
            p->scratch[kept++] = e;
    }
    p->scratch_count = kept;
    return scratch_take(p, base);
}

static struct expr *new_joined(struct parser *p, enum expr_kind kind, struct location loc,
                               struct expr_list *values)
{
    struct expr *e = new_expr(p, kind, loc);
    e->v.JoinedStr.values = values;
    return e;
}

/* A constant whose escapes are decoded later. */
static struct expr *new_pending(struct parser *p, const char *text, size_t length,
                                struct location loc)
{
    struct pending_text *pending = arena_alloc(p->arena, sizeof *pending);
    *pending = (struct pending_text){text, length};
    struct expr *e = new_expr(p, Constant_kind, loc);
    e->parenthesized = PENDING;
    e->v.Constant.value = (constant)(void *)pending;
    return e;
}

static inline bool at_middle(const struct parser *p)
{
    return peek(p) == TOKEN_fstring_middle || peek(p) == TOKEN_tstring_middle;
}

/* FSTRING_MIDDLE or TSTRING_MIDDLE. `deferred`: its escapes are decoded later. */
static struct expr *parse_middle(struct parser *p, bool deferred)
{
    const struct token *t = p->token;
    unsigned flags = t->flags;
    if (flags & TOKEN_WARNING)
        lexer_warn(p->c, t);
    if (!deferred && !PARSER_HAS(p, FSTRING_RAW_SPEC))
        flags &= ~(unsigned)TOKEN_RAW;
    struct location loc = token_location(t);
    size_t length = t->length;
    struct expr *e;
    if (deferred && (flags & (TOKEN_BACKSLASH | TOKEN_RAW)) == TOKEN_BACKSLASH) {
        e = new_pending(p, t->start, length, loc);
    } else {
        e = new_str(p, literal_str(p, t->start, length, flags, t), 0, loc);
    }
    advance(p);
    return e;
}

/* Decode what parse_middle deferred; `t` is the FSTRING_END, which warnings are about. */
static void decode_pending(struct parser *p, uint32_t base, const struct token *t)
{
    for (uint32_t i = base; i < p->scratch_count; i++) {
        struct expr *e = p->scratch[i];
        if (e->kind != Constant_kind || e->parenthesized != PENDING)
            continue;
        const struct pending_text *text = (const void *)e->v.Constant.value;
        identifier content =
            literal_str(p, text->text, text->length, TOKEN_BACKSLASH | TOKEN_NON_ASCII, t);
        e->v.Constant.value = constant_str(&p->c->constants, content);
        e->parenthesized = 0;
        p->folds += content == p->percent;
    }
}

/* The text of a field's expression without its comments. `strings`: a '#' in a string is none. */
static identifier strip_comments(struct parser *p, const char *text, size_t length, bool strings)
{
    char *buffer = arena_alloc(p->arena, length), *out = buffer;
    bool escapes = PARSER_HAS(p, FSTRING_COMMENTS_KNOW_ESCAPES);
    char quote = 0;
    for (size_t i = 0; i < length; i++) {
        char ch = text[i];
        if (escapes && ch == '\\') {
            *out++ = ch;
            if (++i < length)
                *out++ = text[i];
        } else if (strings && (ch == '"' || ch == '\'')) {
            quote = quote == 0 ? ch : quote == ch ? 0 : quote;
            *out++ = ch;
        } else if (ch == '#' && quote == 0) {
            while (i < length && text[i] != '\n')
                i++;
            if (i < length)
                *out++ = '\n';
        } else {
            *out++ = ch;
        }
    }
    return strings_intern(&p->c->strings, buffer, (size_t)(out - buffer));
}

/* Is there a '#' outside of strings, by CPython's rough count of quotes? */
static bool has_comment(const char *text, size_t length)
{
    char quote = 0;
    for (size_t i = 0; i < length; i++) {
        char ch = text[i];
        if (ch == '\\')
            i++;
        else if (ch == '"' || ch == '\'')
            quote = quote == 0 ? ch : quote == ch ? 0 : quote;
        else if (ch == '#' && quote == 0)
            return true;
    }
    return false;
}

/* The source text of the field whose expression ends at the current token; *raw: its f-string is.
 */
static identifier parse_field_text(struct parser *p, bool *raw)
{
    if (peek(p) != TOKEN_exclamation && peek(p) != TOKEN_colon && peek(p) != TOKEN_right_brace)
        reject(p);
    const struct field_text *field = lexer_field_text(&p->lx, p->token);
    if (field == NULL)
        diagnostic_raise_plain(&p->c->diagnostics, EXCEPTION_VALUE_ERROR,
                               "field 'value' is required for Constant");
    *raw = field->raw;
    size_t length = (size_t)(field->end - field->start);
    bool strings = PARSER_HAS(p, FSTRING_COMMENTS_KNOW_STRINGS);
    bool comments = memchr(field->start, '#', length) != NULL &&
                    (!strings || has_comment(field->start, length));
    identifier text = comments ? strip_comments(p, field->start, length, strings)
                               : strings_intern(&p->c->strings, field->start, length);
    const struct string *s = strings_get(&p->c->strings, text);
    if (!utf8_is_valid(s->bytes, s->length))
        reject(p);
    return text;
}

/* '!' NAME: the conversion's character. */
static int parse_conversion(struct parser *p)
{
    int32_t lineno = p->token->lineno, col_offset = p->token->end_col_offset;
    advance(p);
    const struct token *t = p->token;
    if (t->kind != TOKEN_name || t->lineno != lineno || t->col_offset != col_offset)
        reject(p);
    const struct string *name = strings_get(&p->c->strings, t->id);
    char ch = name->bytes[0];
    if (name->length != 1 || (ch != 's' && ch != 'r' && ch != 'a'))
        reject(p);
    advance(p);
    return ch;
}

/* The text of an interpolation: without a '=' at its end and the white space behind that. */
static constant interpolation_text(struct parser *p, identifier text, bool debug)
{
    const struct string *s = strings_get(&p->c->strings, text);
    const char *end = debug ? memrchr(s->bytes, '=', s->length) : NULL;
    size_t length = end != NULL ? (size_t)(end - s->bytes) : s->length;
    return constant_str(&p->c->constants, strings_intern(&p->c->strings, s->bytes, length));
}

/* The constant with a field's text. */
static struct expr *new_field_text(struct parser *p, identifier text, bool raw, struct location loc)
{
    const struct string *s = strings_get(&p->c->strings, text);
    if (!PARSER_HAS(p, FSTRING_TEXT_DECODED) || raw || memchr(s->bytes, '\\', s->length) == NULL)
        return new_str(p, text, 0, loc);
    return new_pending(p, s->bytes, s->length, loc);
}

static void parse_field(struct parser *p, bool template_);

/* fstring_full_format_spec, at the ':'. */
static struct expr *parse_format_spec(struct parser *p)
{
    mark m = mark_here(p);
    uint32_t base = p->scratch_count;
    advance(p);
    while (at_middle(p) || peek(p) == TOKEN_left_brace) {
        if (at_middle(p))
            scratch_push(p, parse_middle(p, false));
        else
            parse_field(p, false);
    }
    struct location loc = span(p, m);
    if (!PARSER_HAS(p, FSTRING_SPEC_FOLDED)) {
        if (p->scratch_count - base == 1 && is_empty_str(p, p->scratch[base]))
            p->scratch_count = base;
        return new_joined(p, JoinedStr_kind, loc, scratch_take(p, base));
    }
    uint32_t constants = 0, count = 0;
    for (uint32_t i = base; i < p->scratch_count; i++) {
        struct expr *e = p->scratch[i];
        count += !is_empty_str(p, e);
        constants += e->kind == Constant_kind && !is_empty_str(p, e);
    }
    struct expr_list *values = fold_parts(p, base);
    if (count == constants && count > 1)
        return values->items[0];
    return new_joined(p, JoinedStr_kind, loc, values);
}

/* A replacement field, at the '{'; pushes one or two parts. */
static void parse_field(struct parser *p, bool template_)
{
    mark m = mark_here(p);
    advance(p);
    parser_enter(p, p->costs->field);
    struct expr *value = parse_yield_or_star_expressions(p);
    p->depth -= p->costs->field;
    bool debug = accept(p, TOKEN_assign);
    bool raw = false;
    identifier text = debug || template_ ? parse_field_text(p, &raw) : 0;
    int conversion = debug ? 'r' : -1;
    mark debug_end = mark_here(p);
    if (peek(p) == TOKEN_exclamation)
        conversion = parse_conversion(p);
    else if (debug && peek(p) == TOKEN_colon)
        conversion = -1;
    struct expr *format_spec = peek(p) == TOKEN_colon ? parse_format_spec(p) : NULL;
    if (peek(p) != TOKEN_right_brace)
        reject(p);
    if (debug) {
        struct location loc = {m->lineno, m->col_offset + 1, debug_end->lineno,
                               debug_end->col_offset};
        scratch_push(p, new_field_text(p, text, raw, loc));
    }
    advance(p);
    struct expr *e = new_expr(p, template_ ? Interpolation_kind : FormattedValue_kind, span(p, m));
    if (template_) {
        e->v.Interpolation.value = value;
        e->v.Interpolation.str = interpolation_text(p, text, debug);
        e->v.Interpolation.conversion = conversion;
        e->v.Interpolation.format_spec = format_spec;
    } else {
        e->v.FormattedValue.value = value;
        e->v.FormattedValue.conversion = conversion;
        e->v.FormattedValue.format_spec = format_spec;
    }
    scratch_push(p, e);
}

/* An f-string or t-string, at its start token; pushes its parts. */
static void parse_fstring(struct parser *p)
{
    bool template_ = peek(p) == TOKEN_tstring_start;
    uint32_t base = p->scratch_count;
    advance(p);
    for (;;) {
        if (at_middle(p))
            scratch_push(p, parse_middle(p, true));
        else if (peek(p) == TOKEN_left_brace)
            parse_field(p, template_);
        else
            break;
    }
    if (peek(p) != (template_ ? TOKEN_tstring_end : TOKEN_fstring_end))
        reject(p);
    decode_pending(p, base, p->token);
    uint32_t kept = base;
    for (uint32_t i = base; i < p->scratch_count; i++) {
        struct expr *e = p->scratch[i];
        if (!is_empty_str(p, e))
            p->scratch[kept++] = e;
    }
    p->scratch_count = kept;
    advance(p);
}

/* Bytes literals side by side: the parts on scratch from `base` on. */
static struct expr *join_bytes(struct parser *p, uint32_t base, struct location loc)
{
    size_t length = 0;
    for (uint32_t i = base; i < p->scratch_count; i++)
        length += ((struct expr *)p->scratch[i])->v.Constant.value->length;
    char *buffer = arena_alloc(p->arena, length), *out = buffer;
    for (uint32_t i = base; i < p->scratch_count; i++) {
        constant value = ((struct expr *)p->scratch[i])->v.Constant.value;
        memcpy(out, value->v.bytes, value->length);
        out += value->length;
    }
    p->scratch_count = base;
    struct expr *e = new_expr(p, Constant_kind, loc);
    e->v.Constant.value = constant_bytes(&p->c->constants, buffer, length);
    return e;
}

static inline bool at_string(const struct parser *p)
{
    return peek(p) == TOKEN_string || peek(p) == TOKEN_fstring_start;
}

/* Are there f-strings among the STRING tokens from here on? Their number goes to *count. */
static bool text_fstring_ahead(const struct parser *p, uint32_t *count)
{
    unsigned flags = 0;
    const struct token *t = p->token;
    for (; t->kind == TOKEN_string; t++)
        flags |= t->flags;
    *count = (uint32_t)(t - p->token);
    return flags & TOKEN_FORMATTED;
}

/* Neighbouring strings, or one with fields. Out of line, since most are alone and plain. */
__attribute__((noinline)) static struct expr *parse_string_run(struct parser *p)
{
    mark m = mark_here(p);
    uint32_t count;
    if (!p->lx.fstring_tokens && text_fstring_ahead(p, &count)) {
        p->token = m + count;
        return parse_text_fstrings(p, m, count);
    }
    uint32_t base = p->scratch_count;
    bool formatted = false, bytes = false, text = false;
    if (peek(p) == TOKEN_tstring_start) {
        while (peek(p) == TOKEN_tstring_start)
            parse_fstring(p);
        struct location loc = span(p, m);
        struct expr_list *values = fold_parts(p, base);
        return new_joined(p, TemplateStr_kind, loc, values);
    }
    while (at_string(p)) {
        if (peek(p) == TOKEN_fstring_start) {
            formatted = true;
            parse_fstring(p);
            continue;
        }
        struct expr *e = parse_plain_string(p);
        if (is_str(e))
            text = true;
        else
            bytes = true;
        scratch_push(p, e);
    }
    if (bytes && (text || formatted))
        reject(p);
    struct location loc = span(p, m);
    if (bytes)
        return join_bytes(p, base, loc);
    if (!formatted) {
        struct expr *e = join_run(p, (struct expr **)(void *)(p->scratch + base),
                                  p->scratch_count - base, &count);
        p->scratch_count = base;
        return e;
    }
    struct expr_list *values = fold_parts(p, base);
    return new_joined(p, JoinedStr_kind, loc, values);
}

struct expr *parse_strings(struct parser *p)
{
    const struct token *t = p->token;
    bool alone = t->kind == TOKEN_string && !(t->flags & TOKEN_FORMATTED) &&
                 t[1].kind != TOKEN_string && t[1].kind != TOKEN_fstring_start;
    return alone ? parse_plain_string(p) : parse_string_run(p);
}
