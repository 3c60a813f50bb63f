/* The parser: statements. See parser_internal.h.
 *
 * One function for each statement, named after its grammar rule. Statements are pushed on scratch
 * by parse_statement, since a line of simple statements gives several.
 */
#include "syntax/parser_internal.h"

static void parse_statement(struct parser *p);
static void parse_simple_stmts(struct parser *p);

/* Operators of augmented assignments by token kind; 0: the token is none. */
static const uint8_t augmented[TOKEN_KIND_COUNT] = {
    [TOKEN_plus_assign] = Add,
    [TOKEN_minus_assign] = Sub,
    [TOKEN_star_assign] = Mult,
    [TOKEN_at_assign] = MatMult,
    [TOKEN_slash_assign] = Div,
    [TOKEN_percent_assign] = Mod,
    [TOKEN_double_star_assign] = Pow,
    [TOKEN_left_shift_assign] = LShift,
    [TOKEN_right_shift_assign] = RShift,
    [TOKEN_bar_assign] = BitOr,
    [TOKEN_caret_assign] = BitXor,
    [TOKEN_ampersand_assign] = BitAnd,
    [TOKEN_double_slash_assign] = FloorDiv,
};

/* Is the simple statement at its end? */
static inline bool at_statement_end(const struct parser *p)
{
    return peek(p) == TOKEN_newline || peek(p) == TOKEN_semicolon;
}

struct stmt_list *parse_file(struct parser *p)
{
    while (peek(p) != TOKEN_end_of_file) {
        if (peek(p) == TOKEN_newline && !PARSER_HAS(p, PEG_PARSER))
            expect_newline(p);
        else
            parse_statement(p);
    }
    return scratch_take(p, 0);
}

/* In releases before the PEG parser a compound statement ends with its last statement, not with its
 * last token. */
static struct stmt_list *end_at_last(struct parser *p, struct stmt_list *body)
{
    if (!PARSER_HAS(p, PEG_PARSER)) {
        const struct location *loc = &body->items[body->count - 1]->loc;
        p->block_end = token_place(loc->end_lineno, loc->end_col_offset);
    }
    return body;
}

/* simple_stmt | NEWLINE INDENT statements DEDENT, behind the ':'. */
struct stmt_list *parse_block(struct parser *p)
{
    uint32_t base = p->scratch_count;
    if (peek(p) != TOKEN_newline) {
        parse_simple_stmts(p);
        return end_at_last(p, scratch_take(p, base));
    }
    expect_newline(p);
    expect(p, TOKEN_indent);
    parser_enter(p, p->costs->block);
    while (peek(p) != TOKEN_dedent)
        parse_statement(p);
    p->depth -= p->costs->block;
    advance(p);
    return end_at_last(p, scratch_take(p, base));
}

/* ':' block */
static struct stmt_list *parse_suite(struct parser *p)
{
    expect(p, TOKEN_colon);
    note_long_line(p);
    p->level++;
    struct stmt_list *body = parse_block(p);
    p->level--;
    return body;
}

/* ':' block, of a function or class */
static struct stmt_list *parse_body(struct parser *p)
{
    uint32_t level = p->level;
    bool in_try = p->in_try;
    p->level = 0;
    p->in_try = false;
    expect(p, TOKEN_colon);
    note_long_line(p);
    struct stmt_list *body = parse_block(p);
    p->level = level;
    p->in_try = in_try;
    return body;
}

/* [else_block] */
static struct stmt_list *parse_else(struct parser *p)
{
    return accept(p, NAME_else) ? parse_suite(p) : p->empty;
}

/* The targets of an assignment whose first is made and followed by `e` and '='; *value is what
 * stands last. */
__attribute__((noinline)) static struct expr_list *
parse_more_targets(struct parser *p, struct expr *first, struct expr *e, struct expr **value)
{
    uint32_t base = p->scratch_count;
    scratch_push(p, first);
    while (accept(p, TOKEN_assign)) {
        convert_target(p, e, Store);
        scratch_push(p, e);
        e = parse_yield_or_star_expressions(p);
    }
    *value = e;
    return scratch_take(p, base);
}

/* An assignment, behind its first '='. */
static struct stmt *parse_assignment(struct parser *p, mark m, struct expr *target)
{
    struct expr *value = parse_yield_or_star_expressions(p);
    struct expr_list *targets = peek(p) != TOKEN_assign
                                    ? single_list(p, target)
                                    : parse_more_targets(p, target, value, &value);
    struct stmt *s = new_stmt(p, Assign_kind, span(p, m));
    s->v.Assign.targets = targets;
    s->v.Assign.value = value;
    return s;
}

/* target ':' annotation ['=' value], at the ':'. */
__attribute__((noinline)) static struct stmt *parse_annotated_assignment(struct parser *p, mark m,
                                                                         struct expr *target)
{
    if (target->kind != Name_kind && target->kind != Attribute_kind &&
        target->kind != Subscript_kind)
        reject(p);
    p->specials++;
    convert_target(p, target, Store);
    advance(p);
    struct expr *annotation = parse_expression(p);
    struct expr *value = accept(p, TOKEN_assign) ? parse_yield_or_star_expressions(p) : NULL;
    struct stmt *s = new_stmt(p, AnnAssign_kind, span(p, m));
    s->v.AnnAssign.target = target;
    s->v.AnnAssign.annotation = annotation;
    s->v.AnnAssign.value = value;
    s->v.AnnAssign.simple = target->kind == Name_kind && !target->parenthesized;
    return s;
}

/* target augassign value, at the operator. */
__attribute__((noinline)) static struct stmt *parse_augmented_assignment(struct parser *p, mark m,
                                                                         struct expr *target)
{
    enum operator_kind op = (enum operator_kind)augmented[peek(p)];
    if (target->kind != Name_kind && target->kind != Attribute_kind &&
        target->kind != Subscript_kind)
        reject(p);
    convert_target(p, target, Store);
    advance(p);
    struct expr *value =
        peek(p) == NAME_yield ? parse_yield_or_star_expressions(p) : parse_iterable(p);
    struct stmt *s = new_stmt(p, AugAssign_kind, span(p, m));
    s->v.AugAssign.target = target;
    s->v.AugAssign.op = op;
    s->v.AugAssign.value = value;
    return s;
}

/* An assignment of any kind, or an expression. */
static struct stmt *parse_expression_stmt(struct parser *p)
{
    mark m = mark_here(p);
    struct expr *e;
    if ((m->kind == TOKEN_name) & (m[1].kind == TOKEN_assign)) {
        check_binding(p, m->id);
        e = parse_name(p, Store);
        advance(p);
        return parse_assignment(p, m, e);
    }
    p->statement = m;
    e = peek(p) == NAME_yield ? parse_yield_or_star_expressions(p) : parse_any_star_expressions(p);
    if (peek(p) == TOKEN_assign) {
        advance(p);
        convert_target(p, e, Store);
        return parse_assignment(p, m, e);
    }
    if (peek(p) == TOKEN_colon)
        return parse_annotated_assignment(p, m, e);
    if (augmented[peek(p)] != 0)
        return parse_augmented_assignment(p, m, e);
    struct stmt *s = new_stmt(p, Expr_kind, span(p, m));
    s->v.Expr.value = e;
    return s;
}

/* type_param: NAME [':' bound] ['=' default] | '*' NAME ['=' default] | '**' NAME ['=' default] */
static struct type_param *parse_type_param(struct parser *p)
{
    mark m = mark_here(p);
    struct type_param *t = arena_zalloc(p->arena, sizeof *t);
    struct expr *bound = NULL, *value = NULL;
    unsigned token = peek(p);
    if (token == TOKEN_star || token == TOKEN_double_star)
        advance(p);
    identifier name = expect_name(p);
    if (token == TOKEN_name && accept(p, TOKEN_colon))
        bound = parse_expression(p);
    if (PARSER_HAS(p, TYPE_PARAMETER_DEFAULTS) && accept(p, TOKEN_assign))
        value = token == TOKEN_star ? parse_star_expression(p) : parse_expression(p);
    t->loc = span(p, m);
    if (token == TOKEN_star) {
        t->kind = TypeVarTuple_kind;
        t->v.TypeVarTuple.name = name;
        t->v.TypeVarTuple.default_value = value;
    } else if (token == TOKEN_double_star) {
        t->kind = ParamSpec_kind;
        t->v.ParamSpec.name = name;
        t->v.ParamSpec.default_value = value;
    } else {
        t->kind = TypeVar_kind;
        t->v.TypeVar.name = name;
        t->v.TypeVar.bound = bound;
        t->v.TypeVar.default_value = value;
    }
    return t;
}

/* [type_params] */
static struct type_param_list *parse_type_params(struct parser *p)
{
    if (peek(p) != TOKEN_left_bracket || !PARSER_HAS(p, TYPE_PARAMETERS))
        return p->empty;
    advance(p);
    uint32_t base = p->scratch_count;
    do
        scratch_push(p, parse_type_param(p));
    while (accept(p, TOKEN_comma) && peek(p) != TOKEN_right_bracket);
    expect(p, TOKEN_right_bracket);
    return scratch_take(p, base);
}

/* "type" NAME [type_params] '=' expression */
static struct stmt *parse_type_alias(struct parser *p)
{
    mark m = mark_here(p), name_mark;
    p->specials++;
    advance(p);
    name_mark = mark_here(p);
    identifier id = expect_name(p);
    struct expr *name = new_expr(p, Name_kind, span(p, name_mark));
    name->v.Name.id = id;
    name->v.Name.ctx = Store;
    struct type_param_list *type_params = parse_type_params(p);
    expect(p, TOKEN_assign);
    struct expr *value = parse_expression(p);
    struct stmt *s = new_stmt(p, TypeAlias_kind, span(p, m));
    s->v.TypeAlias.name = name;
    s->v.TypeAlias.type_params = type_params;
    s->v.TypeAlias.value = value;
    return s;
}

static struct stmt *parse_return_stmt(struct parser *p)
{
    mark m = mark_here(p);
    advance(p);
    struct expr *value = at_statement_end(p) ? NULL : parse_star_expressions(p);
    struct stmt *s = new_stmt(p, Return_kind, span(p, m));
    p->jumps++;
    s->v.Return.value = value;
    return s;
}

static struct stmt *parse_raise_stmt(struct parser *p)
{
    mark m = mark_here(p);
    advance(p);
    struct expr *exc = NULL, *cause = NULL;
    if (!at_statement_end(p)) {
        exc = parse_expression(p);
        if (accept(p, NAME_from))
            cause = parse_expression(p);
    }
    struct stmt *s = new_stmt(p, Raise_kind, span(p, m));
    s->v.Raise.exc = exc;
    s->v.Raise.cause = cause;
    return s;
}

/* 'global' or 'nonlocal' and names; both have one layout. */
static struct stmt *parse_scope_stmt(struct parser *p, enum stmt_kind kind)
{
    mark m = mark_here(p);
    uint32_t base = p->scratch_count;
    p->specials++;
    do {
        advance(p);
        identifier id = peek(p) == TOKEN_name ? p->token->id : 0;
        expect_name(p);
        scratch_push(p, (void *)(uintptr_t)id);
    } while (peek(p) == TOKEN_comma);
    uint32_t count = p->scratch_count - base;
    struct identifier_list *names =
        arena_alloc_array(p->arena, (size_t)count + 1, sizeof(identifier));
    names->count = count;
    for (uint32_t i = 0; i < count; i++)
        names->items[i] = (identifier)(uintptr_t)p->scratch[base + i];
    p->scratch_count = base;
    struct stmt *s = new_stmt(p, kind, span(p, m));
    s->v.Global.names = names;
    return s;
}

static struct stmt *parse_del_stmt(struct parser *p)
{
    mark m = mark_here(p);
    advance(p);
    uint32_t base = p->scratch_count;
    do {
        struct expr *e = peek(p) == TOKEN_star ? parse_star_expression(p) : parse_bitwise_or(p);
        convert_target(p, e, Del);
        scratch_push(p, e);
    } while (accept(p, TOKEN_comma) && !at_statement_end(p));
    struct expr_list *targets = scratch_take(p, base);
    struct stmt *s = new_stmt(p, Delete_kind, span(p, m));
    s->v.Delete.targets = targets;
    return s;
}

static struct stmt *parse_assert_stmt(struct parser *p)
{
    mark m = mark_here(p);
    advance(p);
    struct expr *test = parse_expression(p);
    struct expr *msg = accept(p, TOKEN_comma) ? parse_expression(p) : NULL;
    struct stmt *s = new_stmt(p, Assert_kind, span(p, m));
    s->v.Assert.test = test;
    s->v.Assert.msg = msg;
    return s;
}

/* The names and dots from a token up to the current one as one identifier; so is what stands before
 * each dot, but where the release joins all at once. They share their bytes: with a copy for each,
 * memory would grow with the square of the number of parts. */
static identifier join_names(struct parser *p, const struct token *first)
{
    bool whole = PARSER_HAS(p, DOTTED_NAME_WHOLE);
    struct strings *strings = &p->c->strings;
    size_t length = 0;
    for (const struct token *t = first; t < p->token; t += 2)
        length += strings_get(strings, t->id)->length + 1;
    char *joined = arena_alloc(p->arena, length);
    identifier id = 0;
    length = 0;
    for (const struct token *t = first; t < p->token; t += 2) {
        const struct string *part = strings_get(strings, t->id);
        memcpy(joined + length, part->bytes, part->length);
        length += part->length;
        if (whole)
            strings_unmark_part(strings, t->id);
        if (t != first && (!whole || t + 1 == p->token)) {
            id = strings_intern(strings, joined, length);
            strings_mark_name(strings, id);
        }
        joined[length++] = '.';
    }
    p->c->has_odd_names = true;
    return id;
}

/* dotted_name as one identifier. */
static identifier parse_dotted_name(struct parser *p)
{
    const struct token *first = p->token;
    identifier id = expect_name(p);
    while (accept(p, TOKEN_dot))
        expect_name(p);
    return p->token - first == 1 ? id : join_names(p, first);
}

/* name ['as' NAME]; the name may have dots if `dotted`. */
static struct alias *parse_alias(struct parser *p, bool dotted)
{
    mark m = mark_here(p);
    struct alias *a = arena_alloc(p->arena, sizeof *a);
    a->name = dotted ? parse_dotted_name(p) : expect_name(p);
    a->asname = accept(p, NAME_as) ? expect_name(p) : 0;
    check_binding(p, a->asname != 0 ? a->asname : a->name);
    a->loc = span(p, m);
    return a;
}

/* import_name, at 'import'; the statement starts at the mark. */
static struct stmt *parse_import_name(struct parser *p, mark m, bool lazy)
{
    uint32_t base = p->scratch_count;
    p->specials++;
    do {
        advance(p);
        scratch_push(p, parse_alias(p, true));
    } while (peek(p) == TOKEN_comma);
    struct alias_list *names = scratch_take(p, base);
    struct stmt *s = new_stmt(p, Import_kind, span(p, m));
    s->v.Import.names = names;
    s->v.Import.is_lazy = lazy;
    return s;
}

/* import_from_targets, behind 'import'. */
static struct alias_list *parse_import_targets(struct parser *p)
{
    if (peek(p) == TOKEN_star) {
        mark m = mark_here(p);
        struct alias *a = arena_alloc(p->arena, sizeof *a);
        advance(p);
        a->name = NAME_star;
        a->asname = 0;
        a->loc = span(p, m);
        return single_list(p, a);
    }
    bool parenthesized = accept(p, TOKEN_left_parenthesis);
    uint32_t base = p->scratch_count;
    do
        scratch_push(p, parse_alias(p, false));
    while (accept(p, TOKEN_comma) && !(parenthesized && peek(p) == TOKEN_right_parenthesis));
    if (parenthesized)
        expect(p, TOKEN_right_parenthesis);
    return scratch_take(p, base);
}

/* import_from, at 'from'; the statement starts at the mark. */
static struct stmt *parse_import_from(struct parser *p, mark m, bool lazy)
{
    advance(p);
    p->specials++;
    int level = 0;
    identifier module = 0;
    for (; peek(p) == TOKEN_dot || peek(p) == TOKEN_ellipsis; advance(p))
        level += peek(p) == TOKEN_dot ? 1 : 3;
    if (level == 0 || peek(p) == TOKEN_name)
        module = parse_dotted_name(p);
    expect(p, NAME_import);
    if (lazy && level == 0 && module == NAME_dunder_future)
        reject(p);
    struct alias_list *names = parse_import_targets(p);
    struct stmt *s = new_stmt(p, ImportFrom_kind, span(p, m));
    s->v.ImportFrom.module = module;
    s->v.ImportFrom.names = names;
    s->v.ImportFrom.level = level;
    s->v.ImportFrom.is_lazy = lazy;
    if (level == 0 && module == NAME_dunder_future && PARSER_HAS(p, FLUFL_BY_IMPORT)) {
        for (uint32_t i = 0; i < names->count; i++)
            p->barry_as_flufl |= names->items[i]->name == NAME_barry_as_FLUFL;
    }
    return s;
}

/* A statement that starts with "type" or "lazy" as a keyword, or NULL: there is none. */
static struct stmt *parse_soft_stmt(struct parser *p)
{
    bool type = at_soft_keyword(p, NAME_type) && PARSER_HAS(p, TYPE_PARAMETERS);
    bool lazy = at_soft_keyword(p, NAME_lazy) && PARSER_HAS(p, LAZY_IMPORTS);
    unsigned next = p->token[1].kind;
    if (lazy && (next == NAME_import || next == NAME_from)) {
        mark m = mark_here(p);
        advance(p);
        return next == NAME_import ? parse_import_name(p, m, true) : parse_import_from(p, m, true);
    }
    return type && next == TOKEN_name ? parse_type_alias(p) : NULL;
}

/* pass, break and continue. */
static struct stmt *parse_word_stmt(struct parser *p, enum stmt_kind kind)
{
    mark m = mark_here(p);
    advance(p);
    p->jumps += kind != Pass_kind;
    return new_stmt(p, kind, span(p, m));
}

/* A simple statement that starts with a keyword, or NULL: it is an expression. Out of line, since
 * most are expressions. */
__attribute__((noinline)) static struct stmt *parse_keyword_stmt(struct parser *p)
{
    switch (peek(p)) {
    case TOKEN_name: return parse_soft_stmt(p);
    case NAME_return: return parse_return_stmt(p);
    case NAME_import: return parse_import_name(p, mark_here(p), false);
    case NAME_from: return parse_import_from(p, mark_here(p), false);
    case NAME_raise: return parse_raise_stmt(p);
    case NAME_pass: return parse_word_stmt(p, Pass_kind);
    case NAME_break: return parse_word_stmt(p, Break_kind);
    case NAME_continue: return parse_word_stmt(p, Continue_kind);
    case NAME_del: return parse_del_stmt(p);
    case NAME_assert: return parse_assert_stmt(p);
    case NAME_global: return parse_scope_stmt(p, Global_kind);
    case NAME_nonlocal: return parse_scope_stmt(p, Nonlocal_kind);
    default: return NULL;
    }
}

static inline struct stmt *parse_simple_stmt(struct parser *p)
{
    const struct token *t = p->token;
    bool soft = t->kind == TOKEN_name && t->id <= NAME_SOFT_KEYWORD_LAST;
    struct stmt *s = t->kind <= TOKEN_LAST_KEYWORD || soft ? parse_keyword_stmt(p) : NULL;
    return s != NULL ? s : parse_expression_stmt(p);
}

/* A simple statement, marked if there is no need to look for what folds in it. That it is short
 * bounds its depth. */
static struct stmt *parse_marked_stmt(struct parser *p)
{
    const struct token *start = p->token;
    uint32_t folds = p->folds, specials = p->specials, names = p->name_count;
    struct stmt *s = parse_simple_stmt(p);
    bool is_long = p->token - start > STMT_PLAIN_TOKENS;
    p->folds += is_long;
    if (p->specials != specials || is_long)
        name_statement(p, names, s);
    s->plain = p->folds == folds ? STMT_PLAIN : STMT_NOT_PLAIN;
    return s;
}

/* simple_stmts: one logical line; pushes its statements. */
static void parse_simple_stmts(struct parser *p)
{
    do
        scratch_push(p, parse_marked_stmt(p));
    while (accept(p, TOKEN_semicolon) && peek(p) != TOKEN_newline);
    p->block_end = p->token[-1].end_place;
    expect_newline(p);
}

/* Does the line up to here hold more than names for the symbol table? */
static inline bool is_special_head(const struct parser *p, uint32_t specials)
{
    return p->specials != specials || p->token - p->line > STMT_PLAIN_TOKENS;
}

/* What follows 'if' or 'while', or an exception's type. */
static struct expr *parse_head(struct parser *p, struct expr *(*parse)(struct parser *))
{
    uint32_t names = p->name_count, specials = p->specials;
    struct expr *e = parse(p);
    if (is_special_head(p, specials))
        name_expression(p, names, e);
    return e;
}

static struct stmt *parse_if_stmt(struct parser *p)
{
    uint64_t start = place_here(p);
    advance(p);
    struct expr *test = parse_head(p, parse_named_expression);
    struct stmt_list *body = parse_suite(p), *orelse;
    if (peek(p) == NAME_elif) {
        parser_enter(p, p->costs->elif);
        p->names_useless |= ++p->elifs > STMT_PLAIN_NESTING - LEXER_MAX_INDENT;
        p->folds += p->names_useless;
        p->level++;
        orelse = single_list(p, parse_if_stmt(p));
        p->level--;
        p->elifs--;
        p->depth -= p->costs->elif;
    } else {
        orelse = parse_else(p);
    }
    struct stmt *s = new_stmt(p, If_kind, block_span(p, start));
    s->v.If.test = test;
    s->v.If.body = body;
    s->v.If.orelse = orelse;
    return s;
}

static struct stmt *parse_while_stmt(struct parser *p)
{
    uint64_t start = place_here(p);
    advance(p);
    struct expr *test = parse_head(p, parse_named_expression);
    struct stmt_list *body = parse_suite(p);
    struct stmt_list *orelse = parse_else(p);
    struct stmt *s = new_stmt(p, While_kind, block_span(p, start));
    s->v.While.test = test;
    s->v.While.body = body;
    s->v.While.orelse = orelse;
    return s;
}

/* for_stmt, at 'for'; both kinds have one layout. */
static struct stmt *parse_for_stmt(struct parser *p, uint64_t start, enum stmt_kind kind)
{
    advance(p);
    uint32_t names = p->name_count, specials = p->specials;
    struct expr *target = parse_star_targets(p);
    expect(p, NAME_in);
    struct expr *iter = parse_iterable(p);
    if (is_special_head(p, specials)) {
        name_expression(p, names, target);
        name_expression(p, p->name_count, iter);
    }
    note_searched(p, iter);
    struct stmt_list *body = parse_suite(p);
    struct stmt_list *orelse = parse_else(p);
    struct stmt *s = new_stmt(p, kind, block_span(p, start));
    s->v.For.target = target;
    s->v.For.iter = iter;
    s->v.For.body = body;
    s->v.For.orelse = orelse;
    return s;
}

static struct withitem *new_withitem(struct parser *p, struct expr *context_expr,
                                     struct expr *optional_vars)
{
    struct withitem *w = arena_alloc(p->arena, sizeof *w);
    w->context_expr = context_expr;
    w->optional_vars = optional_vars;
    return w;
}

/* with_item */
static struct withitem *parse_with_item(struct parser *p)
{
    struct expr *e = parse_expression(p);
    if (!accept(p, NAME_as))
        return new_withitem(p, e, NULL);
    if (peek(p) == TOKEN_star && !PARSER_HAS(p, PEG_PARSER))
        reject(p);
    return new_withitem(p, e, parse_star_target(p));
}

/* What the parentheses behind 'with' are, found by looking ahead to their end. */
enum with_parentheses {
    WITH_EXPRESSION, /* part of an expression */
    WITH_ENCLOSING,  /* all of the statement's head, and no 'as' at their top level */
    WITH_ITEMS,      /* all of the head, with an 'as' */
};

static enum with_parentheses classify_with(struct parser *p)
{
    if (!PARSER_HAS(p, PARENTHESIZED_WITH))
        return WITH_EXPRESSION;
    const struct token *t = p->token;
    bool as = false;
    int level = 0;
    do {
        switch (t->kind) {
        case TOKEN_left_parenthesis:
        case TOKEN_left_bracket:
        case TOKEN_left_brace: level++; break;
        case TOKEN_right_parenthesis:
        case TOKEN_right_bracket:
        case TOKEN_right_brace: level--; break;
        case NAME_as: as = as || level == 1; break;
        }
        t++;
    } while (level != 0);
    return t->kind != TOKEN_colon ? WITH_EXPRESSION : as ? WITH_ITEMS : WITH_ENCLOSING;
}

/* The items of a tuple in parentheses that encloses all items of a with statement: each could stand
 * alone. */
static bool is_with_items(const struct expr *e)
{
    if (e->kind != Tuple_kind || e->v.Tuple.elts->count == 0)
        return false;
    for (uint32_t i = 0; i < e->v.Tuple.elts->count; i++) {
        const struct expr *item = e->v.Tuple.elts->items[i];
        if (item->kind == Starred_kind || (item->kind == NamedExpr_kind && !item->parenthesized))
            return false;
    }
    return true;
}

/* The items of a with statement, up to its ':'. */
static struct withitem_list *parse_with_items(struct parser *p)
{
    enum with_parentheses form =
        peek(p) == TOKEN_left_parenthesis ? classify_with(p) : WITH_EXPRESSION;
    uint32_t base = p->scratch_count;
    if (form == WITH_ITEMS) {
        advance(p);
        do
            scratch_push(p, parse_with_item(p));
        while (accept(p, TOKEN_comma) && peek(p) != TOKEN_right_parenthesis);
        expect(p, TOKEN_right_parenthesis);
        return scratch_take(p, base);
    }
    if (form == WITH_ENCLOSING) {
        mark m = mark_here(p);
        struct expr *e = parse_expression(p);
        bool own_parentheses = e->loc.lineno == m->lineno && e->loc.col_offset == m->col_offset;
        if (!own_parentheses || !is_with_items(e))
            return single_list(p, new_withitem(p, e, NULL));
        for (uint32_t i = 0; i < e->v.Tuple.elts->count; i++)
            scratch_push(p, new_withitem(p, e->v.Tuple.elts->items[i], NULL));
        return scratch_take(p, base);
    }
    do
        scratch_push(p, parse_with_item(p));
    while (accept(p, TOKEN_comma));
    return scratch_take(p, base);
}

/* with_stmt, at 'with'; both kinds have one layout. */
static struct stmt *parse_with_stmt(struct parser *p, uint64_t start, enum stmt_kind kind)
{
    advance(p);
    p->catching++;
    uint32_t names = p->name_count, specials = p->specials;
    struct withitem_list *items = parse_with_items(p);
    if (is_special_head(p, specials)) {
        p->name_count = names;
        for (uint32_t i = 0; i < items->count; i++) {
            name_expression(p, p->name_count, items->items[i]->context_expr);
            name_expression(p, p->name_count, items->items[i]->optional_vars);
        }
    }
    struct stmt_list *body = parse_suite(p);
    struct stmt *s = new_stmt(p, kind, block_span(p, start));
    s->v.With.items = items;
    s->v.With.body = body;
    return s;
}

/* What stands between 'except' or 'except *' and ':' or 'as'. */
static struct expr *parse_except_type(struct parser *p)
{
    mark m = mark_here(p);
    struct expr *type = parse_expression(p);
    if (peek(p) != TOKEN_comma || !PARSER_HAS(p, EXCEPT_WITHOUT_PARENTHESES))
        return type;
    type = parse_expression_tuple(p, type, m);
    if (peek(p) != TOKEN_colon)
        reject(p);
    return type;
}

/* except_block or except_star_block, at 'except'; *star tells which and must be the same for all.
 */
static struct excepthandler *parse_except(struct parser *p, bool first, bool *star)
{
    uint64_t start = place_here(p);
    advance(p);
    bool starred = PARSER_HAS(p, EXCEPT_STAR) && accept(p, TOKEN_star);
    if (!first && starred != *star)
        reject(p);
    *star = starred;
    struct expr *type = NULL;
    identifier name = 0;
    if (peek(p) != TOKEN_colon || starred) {
        type = parse_head(p, parse_except_type);
        if (accept(p, NAME_as))
            name = expect_name(p);
        check_binding(p, name);
        if (name != 0)
            push_name(p, name, NAME_BINDING);
    }
    struct stmt_list *body = parse_suite(p);
    struct excepthandler *h = arena_alloc(p->arena, sizeof *h);
    h->kind = ExceptHandler_kind;
    h->loc = block_span(p, start);
    h->v.ExceptHandler.type = type;
    h->v.ExceptHandler.name = name;
    h->v.ExceptHandler.body = body;
    return h;
}

static struct stmt *parse_try_stmt(struct parser *p)
{
    uint64_t start = place_here(p);
    bool was_in_try = p->in_try;
    uint32_t node = reserve_name_node(p);
    p->in_try = true;
    p->catching++;
    advance(p);
    struct stmt_list *body = parse_suite(p);
    uint32_t base = p->scratch_count;
    bool star = false;
    while (peek(p) == NAME_except)
        scratch_push(p, parse_except(p, p->scratch_count == base, &star));
    struct excepthandler_list *handlers = scratch_take(p, base);
    struct stmt_list *orelse = handlers->count != 0 ? parse_else(p) : p->empty;
    struct stmt_list *finalbody = p->empty;
    if (accept(p, NAME_finally)) {
        uint32_t jumps = p->jumps;
        finalbody = parse_suite(p);
        p->folds += p->jumps != jumps && PARSER_HAS(p, WARNS_OF_JUMPS_IN_FINALLY);
    } else if (handlers->count == 0) {
        reject(p);
    }
    struct stmt *s = new_stmt(p, star ? TryStar_kind : Try_kind, block_span(p, start));
    p->in_try = was_in_try;
    if (orelse->count != 0 && !PARSER_HAS(p, HANDLERS_VISITED_BEFORE_ELSE))
        set_name_node(p, node, s, 0);
    s->v.Try.body = body;
    s->v.Try.handlers = handlers;
    s->v.Try.orelse = orelse;
    s->v.Try.finalbody = finalbody;
    return s;
}

/* function_def_raw, at 'def'; both kinds have one layout. */
static struct stmt *parse_function(struct parser *p, uint64_t start, enum stmt_kind kind,
                                   struct expr_list *decorators)
{
    uint32_t node = reserve_name_node(p);
    advance(p);
    identifier name = expect_name(p);
    check_binding(p, name);
    struct type_param_list *type_params = parse_type_params(p);
    expect(p, TOKEN_left_parenthesis);
    struct arguments *args = parse_parameters(p, TOKEN_right_parenthesis, true);
    expect(p, TOKEN_right_parenthesis);
    struct expr *returns = accept(p, TOKEN_arrow) ? parse_expression(p) : NULL;
    p->name_count = node + NAME_NODE_WORDS;
    uint32_t catching = p->catching;
    struct stmt_list *body = parse_body(p);
    args->body_catches = p->catching != catching;
    struct stmt *s = new_stmt(p, kind, block_span(p, start));
    s->scope = node;
    set_name_node(p, node, s, 0);
    s->v.FunctionDef.name = name;
    s->v.FunctionDef.args = args;
    s->v.FunctionDef.body = body;
    s->v.FunctionDef.decorator_list = decorators;
    s->v.FunctionDef.returns = returns;
    s->v.FunctionDef.type_params = type_params;
    return s;
}

/* class_def_raw, at 'class'. */
static struct stmt *parse_class(struct parser *p, struct expr_list *decorators)
{
    mark m = mark_here(p);
    uint64_t start = m->place;
    uint32_t node = reserve_name_node(p);
    advance(p);
    identifier name = expect_name(p);
    check_binding(p, name);
    struct type_param_list *type_params = parse_type_params(p);
    struct call_items items = {p->empty, p->empty};
    if (accept(p, TOKEN_left_parenthesis) && !accept(p, TOKEN_right_parenthesis))
        items = parse_call_arguments(p, NULL);
    p->name_count = node + NAME_NODE_WORDS;
    struct stmt_list *body = parse_body(p);
    struct stmt *s = new_stmt(p, ClassDef_kind, block_span(p, start));
    s->scope = node;
    set_name_node(p, node, s, 0);
    s->v.ClassDef.name = name;
    s->v.ClassDef.bases = items.args;
    s->v.ClassDef.keywords = items.keywords;
    s->v.ClassDef.body = body;
    s->v.ClassDef.decorator_list = decorators;
    s->v.ClassDef.type_params = type_params;
    return s;
}

/* Is it a dotted name, possibly called? That is all a decorator may be where decorators are
 * restricted. */
static bool is_plain_decorator(const struct expr *e)
{
    if (e->parenthesized)
        return false;
    if (e->kind == Call_kind)
        e = e->v.Call.func;
    while (e->kind == Attribute_kind && !e->parenthesized)
        e = e->v.Attribute.value;
    return e->kind == Name_kind && !e->parenthesized;
}

/* decorators and what they decorate, at the first '@'. */
static struct stmt *parse_decorated(struct parser *p)
{
    uint32_t base = p->scratch_count, names = p->name_count;
    while (accept(p, TOKEN_at)) {
        p->depth += p->costs->decorator;
        struct expr *e = parse_named_expression(p);
        p->depth -= p->costs->decorator;
        if (!PARSER_HAS(p, RELAXED_DECORATORS) && !is_plain_decorator(e))
            reject(p);
        scratch_push(p, e);
        note_long_line(p);
        expect_newline(p);
    }
    p->name_count = names;
    struct expr_list *decorators = scratch_take(p, base);
    uint64_t start = place_here(p);
    if (peek(p) == NAME_class)
        return parse_class(p, decorators);
    bool async = accept(p, NAME_async);
    if (peek(p) != NAME_def)
        reject(p);
    return parse_function(p, start, async ? AsyncFunctionDef_kind : FunctionDef_kind, decorators);
}

/* A statement that starts with 'async'. */
static struct stmt *parse_async(struct parser *p)
{
    uint64_t start = place_here(p);
    advance(p);
    switch (peek(p)) {
    case NAME_def: return parse_function(p, start, AsyncFunctionDef_kind, p->empty);
    case NAME_for:
    case NAME_with: break;
    default: reject(p);
    }
    uint32_t node = reserve_name_node(p);
    struct stmt *s = peek(p) == NAME_for ? parse_for_stmt(p, start, AsyncFor_kind)
                                         : parse_with_stmt(p, start, AsyncWith_kind);
    set_name_node(p, node, s, 0);
    return s;
}

/* A statement that starts with the name "match", a match statement or another; pushes it or, if it
 * is simple, those of its line. */
__attribute__((noinline)) static void parse_match_or_simple(struct parser *p)
{
    struct stmt *s = NULL;
    uint32_t node = reserve_name_node(p);
    if (at_soft_keyword(p, NAME_match) && PARSER_HAS(p, MATCH_STATEMENT))
        s = parse_match_stmt(p);
    if (s == NULL) {
        p->name_count = node;
        parse_simple_stmts(p);
    } else {
        p->folds++; /* numbers in patterns are made one constant */
        set_name_node(p, node, s, 0);
        scratch_push(p, s);
    }
}

/* Tokens that start a compound statement. */
static const bool starts_compound[TOKEN_KIND_COUNT] = {
    [NAME_def] = true, [TOKEN_at] = true,   [NAME_async] = true,
    [NAME_if] = true,  [NAME_class] = true, [NAME_with] = true,
    [NAME_for] = true, [NAME_try] = true,   [NAME_while] = true,
};

/* Pushes a compound statement. */
__attribute__((noinline)) static void parse_compound_stmt(struct parser *p)
{
    uint64_t start = place_here(p);
    uint32_t folds = p->folds;
    struct stmt *s;
    switch (peek(p)) {
    case NAME_def: s = parse_function(p, start, FunctionDef_kind, p->empty); break;
    case TOKEN_at: s = parse_decorated(p); break;
    case NAME_async: s = parse_async(p); break;
    case NAME_if: s = parse_if_stmt(p); break;
    case NAME_class: s = parse_class(p, p->empty); break;
    case NAME_with: s = parse_with_stmt(p, start, With_kind); break;
    case NAME_for: s = parse_for_stmt(p, start, For_kind); break;
    case NAME_try: s = parse_try_stmt(p); break;
    default: s = parse_while_stmt(p); break;
    }
    s->plain = p->folds == folds ? STMT_PLAIN_COMPOUND : STMT_NOT_PLAIN;
    scratch_push(p, s);
}

/* Pushes one statement, or those of one line. The others are called as the last step, so it costs
 * no frame. */
static void parse_statement(struct parser *p)
{
    const struct token *t = p->token;
    if (starts_compound[t->kind])
        parse_compound_stmt(p);
    else if (t->kind == TOKEN_name && t->id == NAME_match)
        parse_match_or_simple(p);
    else
        parse_simple_stmts(p);
}
