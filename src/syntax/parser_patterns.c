/* The parser: the match statement and its patterns. See parser_internal.h. */
#include "syntax/parser_internal.h"

static struct pattern *parse_pattern(struct parser *p);

static struct pattern *new_pattern(struct parser *p, enum pattern_kind kind, struct location loc)
{
    struct pattern *n = arena_zalloc(p->arena, sizeof *n);
    n->kind = (uint8_t)kind;
    n->loc = loc;
    return n;
}

/* Does the logical line that starts at the current token end in a colon? Nothing but a match
 * statement does then. */
static bool line_ends_in_colon(const struct parser *p)
{
    const struct token *t = p->token + 1;
    bool colon = false;
    switch (t->kind) {
    case TOKEN_assign:
    case TOKEN_dot:
    case TOKEN_comma:
    case TOKEN_colon:
    case TOKEN_newline:
    case TOKEN_semicolon: break;
    default:
        for (; t->kind != TOKEN_newline && t->kind != TOKEN_end_of_file; t++)
            colon = t->kind == TOKEN_colon;
    }
    return colon;
}

/* subject_expr */
static struct expr *parse_subject(struct parser *p)
{
    mark m = mark_here(p);
    struct expr *e = parse_star_named_expression(p);
    if (peek(p) != TOKEN_comma) {
        if (e->kind == Starred_kind)
            reject(p);
        return e;
    }
    uint32_t base = p->scratch_count;
    scratch_push(p, e);
    while (accept(p, TOKEN_comma) && peek(p) != TOKEN_colon)
        scratch_push(p, parse_star_named_expression(p));
    struct expr_list *elts = scratch_take(p, base);
    struct expr *tuple = new_expr(p, Tuple_kind, span(p, m));
    tuple->v.Tuple.elts = elts;
    tuple->v.Tuple.ctx = Load;
    return tuple;
}

/* An optional sign and a number. */
static struct expr *parse_signed_number(struct parser *p)
{
    mark m = mark_here(p);
    bool minus = peek(p) == TOKEN_minus;
    bool plus = peek(p) == TOKEN_plus && PARSER_HAS(p, PLUS_IN_PATTERN);
    if (minus || plus)
        advance(p);
    if (peek(p) != TOKEN_number)
        reject(p);
    struct expr *e = parse_number(p);
    if (!minus && !plus)
        return e;
    struct expr *unary = new_expr(p, UnaryOp_kind, span(p, m));
    unary->v.UnaryOp.op = minus ? USub : UAdd;
    unary->v.UnaryOp.operand = e;
    return unary;
}

/* signed_number or complex_number */
static struct expr *parse_numeric_pattern(struct parser *p)
{
    mark m = mark_here(p);
    struct expr *left = parse_signed_number(p);
    if (peek(p) != TOKEN_plus && peek(p) != TOKEN_minus)
        return left;
    struct expr *real = left->kind == UnaryOp_kind ? left->v.UnaryOp.operand : left;
    enum operator_kind op = peek(p) == TOKEN_plus ? Add : Sub;
    advance(p);
    if (peek(p) != TOKEN_number)
        reject(p);
    struct expr *right = parse_number(p);
    if (real->v.Constant.value->kind == CONSTANT_COMPLEX ||
        right->v.Constant.value->kind != CONSTANT_COMPLEX)
        reject(p);
    struct expr *e = new_expr(p, BinOp_kind, span(p, m));
    e->v.BinOp.left = left;
    e->v.BinOp.op = op;
    e->v.BinOp.right = right;
    return e;
}

/* The constant that a keyword stands for. */
static constant keyword_constant(struct parser *p)
{
    struct constants *constants = &p->c->constants;
    return peek(p) == NAME_None   ? constants->none
           : peek(p) == NAME_True ? constants->true_
                                  : constants->false_;
}

/* literal_expr: a mapping pattern's key that is not dotted. */
static struct expr *parse_literal_key(struct parser *p)
{
    switch (peek(p)) {
    case TOKEN_number:
    case TOKEN_minus:
    case TOKEN_plus: return parse_numeric_pattern(p);
    case TOKEN_string:
    case TOKEN_fstring_start:
    case TOKEN_tstring_start: return parse_strings(p);
    case NAME_None:
    case NAME_True:
    case NAME_False: {
        mark m = mark_here(p);
        constant value = keyword_constant(p);
        advance(p);
        struct expr *e = new_expr(p, Constant_kind, span(p, m));
        e->v.Constant.value = value;
        return e;
    }
    default: reject(p);
    }
}

/* name_or_attr */
static struct expr *parse_name_or_attr(struct parser *p)
{
    mark m = mark_here(p);
    identifier id = expect_name(p);
    struct expr *e = new_expr(p, Name_kind, span(p, m));
    e->v.Name.id = id;
    e->v.Name.ctx = Load;
    while (accept(p, TOKEN_dot)) {
        identifier attr = expect_name(p);
        struct expr *outer = new_expr(p, Attribute_kind, span(p, m));
        outer->v.Attribute.value = e;
        outer->v.Attribute.attr = attr;
        outer->v.Attribute.ctx = Load;
        e = outer;
    }
    return e;
}

/* pattern_capture_target: not '_', nothing behind it that makes more of it. */
static identifier parse_capture_target(struct parser *p)
{
    if (at_soft_keyword(p, NAME__))
        reject(p);
    identifier id = expect_name(p);
    if (peek(p) == TOKEN_dot || peek(p) == TOKEN_left_parenthesis || peek(p) == TOKEN_assign)
        reject(p);
    return id;
}

/* star_pattern, at the '*'. */
static struct pattern *parse_star_pattern(struct parser *p)
{
    mark m = mark_here(p);
    advance(p);
    identifier name = 0;
    if (at_soft_keyword(p, NAME__))
        advance(p);
    else
        name = parse_capture_target(p);
    struct pattern *n = new_pattern(p, MatchStar_kind, span(p, m));
    n->v.MatchStar.name = name;
    return n;
}

static struct pattern *parse_maybe_star_pattern(struct parser *p)
{
    return peek(p) == TOKEN_star ? parse_star_pattern(p) : parse_pattern(p);
}

/* The patterns up to the closing bracket, the first one parsed already or NULL; the bracket is
 * consumed. */
static struct pattern *parse_sequence_rest(struct parser *p, mark m, struct pattern *first,
                                           unsigned closing)
{
    uint32_t base = p->scratch_count;
    if (first == NULL && peek(p) != closing)
        first = parse_maybe_star_pattern(p);
    if (first != NULL) {
        scratch_push(p, first);
        while (accept(p, TOKEN_comma) && peek(p) != closing)
            scratch_push(p, parse_maybe_star_pattern(p));
    }
    expect(p, closing);
    struct pattern_list *patterns = scratch_take(p, base);
    struct pattern *n = new_pattern(p, MatchSequence_kind, span(p, m));
    n->v.MatchSequence.patterns = patterns;
    return n;
}

/* group_pattern or sequence_pattern, at the '('. */
static struct pattern *parse_parenthesized_pattern(struct parser *p)
{
    mark m = mark_here(p);
    advance(p);
    if (peek(p) == TOKEN_right_parenthesis)
        return parse_sequence_rest(p, m, NULL, TOKEN_right_parenthesis);
    struct pattern *first = parse_maybe_star_pattern(p);
    if (peek(p) == TOKEN_comma)
        return parse_sequence_rest(p, m, first, TOKEN_right_parenthesis);
    if (first->kind == MatchStar_kind)
        reject(p);
    expect(p, TOKEN_right_parenthesis);
    return first;
}

/* mapping_pattern, at the '{'. */
static struct pattern *parse_mapping_pattern(struct parser *p)
{
    mark m = mark_here(p);
    advance(p);
    uint32_t base = p->scratch_count;
    identifier rest = 0;
    while (peek(p) != TOKEN_right_brace) {
        if (accept(p, TOKEN_double_star)) {
            rest = parse_capture_target(p);
            accept(p, TOKEN_comma);
            break;
        }
        struct expr *key;
        if (peek(p) == TOKEN_name) {
            key = parse_name_or_attr(p);
            if (key->kind != Attribute_kind)
                reject(p);
        } else {
            key = parse_literal_key(p);
        }
        scratch_push(p, key);
        expect(p, TOKEN_colon);
        scratch_push(p, parse_pattern(p));
        if (!accept(p, TOKEN_comma))
            break;
    }
    expect(p, TOKEN_right_brace);
    uint32_t count = (p->scratch_count - base) / 2;
    struct expr_list *keys = arena_alloc_array(p->arena, (size_t)count + 1, sizeof(void *));
    struct pattern_list *patterns = arena_alloc_array(p->arena, (size_t)count + 1, sizeof(void *));
    keys->count = patterns->count = count;
    for (uint32_t i = 0; i < count; i++) {
        keys->items[i] = p->scratch[base + 2 * i];
        patterns->items[i] = p->scratch[base + 2 * i + 1];
    }
    p->scratch_count = base;
    struct pattern *n = new_pattern(p, MatchMapping_kind, span(p, m));
    n->v.MatchMapping.keys = keys;
    n->v.MatchMapping.patterns = patterns;
    n->v.MatchMapping.rest = rest;
    return n;
}

/* Is the current token a NAME with a '=' behind it? */
static bool at_keyword_pattern(const struct parser *p)
{
    return peek(p) == TOKEN_name && p->token[1].kind == TOKEN_assign;
}

/* class_pattern, at the '('. */
static struct pattern *parse_class_pattern(struct parser *p, mark m, struct expr *cls)
{
    advance(p);
    uint32_t base = p->scratch_count;
    while (peek(p) != TOKEN_right_parenthesis && !at_keyword_pattern(p)) {
        scratch_push(p, parse_pattern(p));
        if (!accept(p, TOKEN_comma))
            break;
    }
    struct pattern_list *patterns = scratch_take(p, base);
    if (patterns->count != 0 && at_soft_keyword(p, NAME__))
        reject(p); /* behind a pattern it is the wildcard, not a keyword of that name */
    while (peek(p) == TOKEN_name) {
        identifier name = expect_name(p);
        expect(p, TOKEN_assign);
        struct pattern *value = parse_pattern(p);
        scratch_push(p, (void *)(uintptr_t)name);
        scratch_push(p, value);
        if (!accept(p, TOKEN_comma))
            break;
    }
    expect(p, TOKEN_right_parenthesis);
    uint32_t count = (p->scratch_count - base) / 2;
    struct identifier_list *names =
        arena_alloc_array(p->arena, (size_t)count + 1, sizeof(identifier));
    struct pattern_list *values = arena_alloc_array(p->arena, (size_t)count + 1, sizeof(void *));
    names->count = values->count = count;
    for (uint32_t i = 0; i < count; i++) {
        names->items[i] = (identifier)(uintptr_t)p->scratch[base + 2 * i];
        values->items[i] = p->scratch[base + 2 * i + 1];
    }
    p->scratch_count = base;
    struct pattern *n = new_pattern(p, MatchClass_kind, span(p, m));
    n->v.MatchClass.cls = cls;
    n->v.MatchClass.patterns = patterns;
    n->v.MatchClass.kwd_attrs = names;
    n->v.MatchClass.kwd_patterns = values;
    return n;
}

/* A pattern that starts with a name: capture, wildcard, value or class. */
static struct pattern *parse_name_pattern(struct parser *p)
{
    mark m = mark_here(p);
    if (at_soft_keyword(
            p, NAME__)) { /* whatever follows: the wildcard comes before values and classes */
        advance(p);
        return new_pattern(p, MatchAs_kind, span(p, m));
    }
    struct expr *e = parse_name_or_attr(p);
    if (peek(p) == TOKEN_left_parenthesis)
        return parse_class_pattern(p, m, e);
    if (peek(p) == TOKEN_assign)
        reject(p);
    if (e->kind == Attribute_kind) {
        struct pattern *n = new_pattern(p, MatchValue_kind, span(p, m));
        n->v.MatchValue.value = e;
        return n;
    }
    struct pattern *n = new_pattern(p, MatchAs_kind, span(p, m));
    n->v.MatchAs.name = e->v.Name.id;
    return n;
}

static struct pattern *parse_closed_pattern(struct parser *p)
{
    mark m = mark_here(p);
    switch (peek(p)) {
    case TOKEN_name: return parse_name_pattern(p);
    case TOKEN_left_parenthesis: return parse_parenthesized_pattern(p);
    case TOKEN_left_bracket:
        advance(p);
        return parse_sequence_rest(p, m, NULL, TOKEN_right_bracket);
    case TOKEN_left_brace: return parse_mapping_pattern(p);
    case NAME_None:
    case NAME_True:
    case NAME_False: {
        constant value = keyword_constant(p);
        advance(p);
        struct pattern *n = new_pattern(p, MatchSingleton_kind, span(p, m));
        n->v.MatchSingleton.value = value;
        return n;
    }
    default: {
        struct expr *value = parse_literal_key(p);
        struct pattern *n = new_pattern(p, MatchValue_kind, span(p, m));
        n->v.MatchValue.value = value;
        return n;
    }
    }
}

/* or_pattern */
static struct pattern *parse_or_pattern(struct parser *p)
{
    mark m = mark_here(p);
    parser_enter(p, p->costs->pattern);
    struct pattern *first = parse_closed_pattern(p);
    p->depth -= p->costs->pattern;
    if (peek(p) != TOKEN_bar)
        return first;
    uint32_t base = p->scratch_count;
    scratch_push(p, first);
    while (accept(p, TOKEN_bar))
        scratch_push(p, parse_closed_pattern(p));
    struct pattern_list *patterns = scratch_take(p, base);
    struct pattern *n = new_pattern(p, MatchOr_kind, span(p, m));
    n->v.MatchOr.patterns = patterns;
    return n;
}

/* as_pattern | or_pattern */
static struct pattern *parse_pattern(struct parser *p)
{
    mark m = mark_here(p);
    struct pattern *inner = parse_or_pattern(p);
    if (!accept(p, NAME_as))
        return inner;
    identifier name = parse_capture_target(p);
    struct pattern *n = new_pattern(p, MatchAs_kind, span(p, m));
    n->v.MatchAs.pattern = inner;
    n->v.MatchAs.name = name;
    return n;
}

/* patterns: an open sequence or one pattern. */
static struct pattern *parse_patterns(struct parser *p)
{
    mark m = mark_here(p);
    struct pattern *first = parse_maybe_star_pattern(p);
    if (peek(p) != TOKEN_comma) {
        if (first->kind == MatchStar_kind)
            reject(p);
        return first;
    }
    uint32_t base = p->scratch_count;
    scratch_push(p, first);
    while (accept(p, TOKEN_comma) && peek(p) != TOKEN_colon && peek(p) != NAME_if)
        scratch_push(p, parse_maybe_star_pattern(p));
    struct pattern_list *patterns = scratch_take(p, base);
    struct pattern *n = new_pattern(p, MatchSequence_kind, span(p, m));
    n->v.MatchSequence.patterns = patterns;
    return n;
}

/* case_block */
static struct match_case *parse_case_block(struct parser *p)
{
    if (!at_soft_keyword(p, NAME_case))
        reject(p);
    advance(p);
    struct match_case *n = arena_alloc(p->arena, sizeof *n);
    n->pattern = parse_patterns(p);
    n->guard = accept(p, NAME_if) ? parse_named_expression(p) : NULL;
    expect(p, TOKEN_colon);
    n->body = parse_block(p);
    return n;
}

/* match_stmt, at the soft keyword; NULL, with nothing consumed, if the statement is another one. */
struct stmt *parse_match_stmt(struct parser *p)
{
    if (!line_ends_in_colon(p))
        return NULL;
    uint64_t start = place_here(p);
    advance(p);
    struct expr *subject = parse_subject(p);
    expect(p, TOKEN_colon);
    expect_newline(p);
    expect(p, TOKEN_indent);
    uint32_t base = p->scratch_count;
    do
        scratch_push(p, parse_case_block(p));
    while (peek(p) != TOKEN_dedent);
    advance(p);
    struct match_case_list *cases = scratch_take(p, base);
    struct stmt *s = new_stmt(p, Match_kind, block_span(p, start));
    s->v.Match.subject = subject;
    s->v.Match.cases = cases;
    return s;
}
