/* What the files of the parser share: its state, small helpers, and the rules that call across
 * files.
 *
 * parse_* functions stand at the first token of what they parse and leave behind its last. Lists
 * are gathered on `scratch` and copied to exact size. A node's position runs from the mark taken at
 * its first token to the end of the last token consumed. The tokens of a logical line are an array:
 * to look ahead is to look at those behind `token`.
 */
#ifndef MKPYC_SYNTAX_PARSER_INTERNAL_H
#define MKPYC_SYNTAX_PARSER_INTERNAL_H

#include "syntax/ast.h"
#include "syntax/lexer.h"
#include "syntax/syntax_rules.h"

/* The first token of a node. */
typedef const struct token *mark;

struct parser {
    const struct token *token; /* the current one */
    uint64_t block_end;        /* the place behind the latest logical line (see token_place) */
    struct compilation *c;
    struct arena *arena;
    const bool *has; /* the target's features */
    int depth;       /* nested calls of grammar rules as CPython's parser would count them, about */
    /* deeper than this is too deep; deeper than that must be checked exactly */
    int depth_limit, depth_doubt;
    const struct nesting_costs *costs;
    mark statement; /* where the statement at hand starts */
    bool deep;      /* went deeper than depth_doubt */
    mark line;      /* where the logical line at hand starts, or an INDENT or DEDENT before that */
    uint32_t folds; /* counts what src/sema/fold.c may change or has to see: operations on what is a
                       constant by now, '%', lines with too many tokens */
    uint32_t elifs; /* open ones */
    uint32_t jumps; /* counts return, break and continue */
    uint32_t annotated_parameters; /* counts those */
    uint32_t catching;             /* counts what may set up handlers of exceptions */
    bool folds_tree;               /* operations on constants are folded on the tree */
    bool folds_formats;            /* '%s' % (x,) is folded */
    identifier percent;            /* the string '%' */
    uint32_t specials;  /* counts what the symbol table must see as nodes: all that opens scopes or
                           says more of a function than names, and what it visits in another order */
    uint32_t level;     /* statements that the one at hand is inside, in its scope */
    bool in_try;        /* one of them is a try statement */
    bool names_useless; /* there are too many elifs in a row: the tree must be walked, to see if it
                           is too deep */
    uint32_t *names;    /* see struct module_ast */
    uint32_t name_count, name_capacity;
    uint32_t scratch_count, scratch_capacity;
    void **scratch;
    bool plain_arguments;  /* those of the innermost call: see expr.plain_call */
    void *empty;           /* the empty list of any kind */
    bool barry_as_flufl;   /* <> in place of != */
    struct parser *nested; /* for expressions in f-strings that are taken apart as text, or NULL */
    struct lexer lx;
};

#define PARSER_HAS(p, FEATURE) ((p)->has[FEATURE_##FEATURE])

/* The kind of the current token. */
static inline unsigned peek(const struct parser *p)
{
    return p->token->kind;
}

static inline mark mark_here(const struct parser *p)
{
    return p->token;
}

static inline struct location token_location(const struct token *t)
{
    return (struct location){t->lineno, t->col_offset, t->end_lineno, t->end_col_offset};
}

/* From one place to another. */
static inline struct location span_of(uint64_t start, uint64_t end)
{
    struct location loc;
    memcpy(&loc.lineno, &start, sizeof start);
    memcpy(&loc.end_lineno, &end, sizeof end);
    return loc;
}

/* From a mark to the end of another token. */
static inline struct location span_to(mark m, const struct token *last)
{
    return span_of(m->place, last->end_place);
}

/* From a mark to the last token consumed, which is not NEWLINE, INDENT or DEDENT. */
static inline struct location span(const struct parser *p, mark m)
{
    return span_to(m, p->token - 1);
}

/* Where the current token starts: what a mark cannot tell any more once the line is left. */
static inline uint64_t place_here(const struct parser *p)
{
    return p->token->place;
}

/* From a place to the end of a block behind which the parser stands. */
static inline struct location block_span(const struct parser *p, uint64_t start)
{
    return span_of(start, p->block_end);
}

/* Consume a token. */
static inline void advance(struct parser *p)
{
    p->token++;
}

/* Consume the current token if it is of that kind. */
static inline bool accept(struct parser *p, unsigned kind)
{
    if (peek(p) != kind)
        return false;
    advance(p);
    return true;
}

/* The source is not acceptable. */
_Noreturn static inline void reject(struct parser *p)
{
    lexer_reject(&p->lx);
}

static inline void expect(struct parser *p, unsigned kind)
{
    if (peek(p) != kind)
        reject(p);
    advance(p);
}

/* Consume a NEWLINE. Marks made before are of no use any more. */
static inline void expect_newline(struct parser *p)
{
    if (peek(p) != TOKEN_newline)
        reject(p);
    p->line = p->token = lexer_behind_newline(&p->lx, p->token);
    p->statement = NULL;
}

/* Is the current token that soft keyword, as written in ASCII? */
static inline bool at_soft_keyword(const struct parser *p, identifier id)
{
    return p->token->kind == TOKEN_name && p->token->id == id && p->token->flags == 0;
}

/* Consume a NAME and give its identifier. */
static inline identifier expect_name(struct parser *p)
{
    if (peek(p) != TOKEN_name)
        reject(p);
    identifier id = p->token->id;
    advance(p);
    return id;
}

/* A name is bound: releases before the PEG parser refuse __debug__ (and None, False, True by
 * another spelling) at once. */
static inline void check_binding(struct parser *p, identifier id)
{
    if (!PARSER_HAS(p, PEG_PARSER) && (id == NAME_dunder_debug || (id != 0 && id <= NAME_True)))
        reject(p);
}

/* A node whose payload the caller fills. */
static inline struct expr *new_expr(struct parser *p, enum expr_kind kind, struct location loc)
{
    struct expr *e = arena_alloc(p->arena, ast_expr_size(kind));
    e->kind = (uint8_t)kind;
    e->parenthesized = 0;
    e->u_prefix = false;
    e->plain_call = false;
    e->loc = loc;
    return e;
}
static inline struct stmt *new_stmt(struct parser *p, enum stmt_kind kind, struct location loc)
{
    struct stmt *s = arena_alloc(p->arena, ast_stmt_size(kind));
    s->kind = (uint8_t)kind;
    s->plain = STMT_NOT_PLAIN;
    s->loc = loc;
    return s;
}

void parser_grow_names(struct parser *p);

/* A name for the symbol table, with NAME_BINDING or without; gives its place. */
static inline uint32_t push_name(struct parser *p, identifier name, unsigned flag)
{
    uint32_t at = p->name_count;
    if (at == p->name_capacity)
        parser_grow_names(p);
    p->names[at] = name * 2 + flag;
    p->name_count = at + 1;
    return at;
}

/* Is there a NAME, and room for its node and its word without a call? */
static inline bool at_quick_name(const struct parser *p)
{
    return peek(p) == TOKEN_name && arena_has_room(p->arena, ast_expr_size(Name_kind)) &&
           p->name_count != p->name_capacity;
}

/* A NAME. */
static inline struct expr *parse_name(struct parser *p, enum expr_context ctx)
{
    const struct token *t = p->token;
    struct expr *e = new_expr(p, Name_kind, token_location(t));
    e->v.Name.id = t->id;
    e->v.Name.ctx = ctx;
    e->scope = push_name(p, t->id, ctx == Store ? NAME_BINDING : 0);
    p->token = t + 1;
    return e;
}

void parser_grow_scratch(struct parser *p);
void parser_check_depth(struct parser *p);

/* Go that many rules deeper. The caller takes them off again. */
static inline void parser_enter(struct parser *p, int levels)
{
    p->depth += levels;
    if (p->depth > p->depth_doubt)
        parser_check_depth(p);
}

/* Add to the list being gathered. */
static inline void scratch_push(struct parser *p, void *item)
{
    if (p->scratch_count == p->scratch_capacity)
        parser_grow_scratch(p);
    p->scratch[p->scratch_count++] = item;
}

/* So many pointers are copied, be there fewer: most lists are short, and no processor foresees how
 * short. Behind lists lies room (ARENA_SLACK), behind scratch, too. */
enum { LIST_COPY = 4 };
_Static_assert(LIST_COPY * sizeof(void *) <= ARENA_SLACK, "the copy stays behind the list");

/* The list of the items pushed since the count was `base`, which are popped. All lists of pointers
 * have one layout. */
static inline void *scratch_take(struct parser *p, uint32_t base)
{
    uint32_t count = p->scratch_count - base;
    if (count == 0)
        return p->empty;
    struct expr_list *list = arena_alloc(p->arena, sizeof *list + (size_t)count * sizeof(void *));
    void **items = p->scratch + base;
    p->scratch_count = base;
    list->count = count;
    memcpy(list->items, items, LIST_COPY * sizeof(void *));
    if (count > LIST_COPY)
        memcpy(list->items + LIST_COPY, items + LIST_COPY, (count - LIST_COPY) * sizeof(void *));
    return list;
}

/* A list of one. */
static inline void *single_list(struct parser *p, void *item)
{
    struct expr_list *list = arena_alloc(p->arena, sizeof *list + sizeof(void *));
    list->count = 1;
    list->items[0] = item;
    return list;
}

/* A list or set that is iterated over or searched may become a constant. */
static inline void note_searched(struct parser *p, const struct expr *e)
{
    p->folds += p->folds_tree & ((e->kind == List_kind) | (e->kind == Set_kind));
}

/* The expressions of the logical line up to here are not plain if there are too many of them. */
static inline void note_long_line(struct parser *p)
{
    p->folds += p->token - p->line > STMT_PLAIN_TOKENS;
}

/* parser.c */
/* Make a parser ready. */
void parser_init(struct parser *p, struct compilation *c);
/* Read the tokens of a text and stand at the first; see lexer_read. */
void parser_start(struct parser *p, const char *text, size_t length, int32_t lineno,
                  int32_t column);

/* parser_expressions.c */
struct expr *parse_expression(struct parser *p);
struct expr *parse_named_expression(struct parser *p);
struct expr *parse_star_expressions(struct parser *p);
/* The same where one token alone is not likely. */
struct expr *parse_any_star_expressions(struct parser *p);
struct expr *parse_star_named_expression(struct parser *p);
struct expr *parse_star_expression(struct parser *p);
struct expr *parse_yield_or_star_expressions(struct parser *p);
/* The tuple of plain expressions whose first is parsed and followed by a comma. */
struct expr *parse_expression_tuple(struct parser *p, struct expr *first, mark m);
struct expr *parse_bitwise_or(struct parser *p);
/* What a for statement runs over and what follows an augmented assignment: without stars where the
 * release has it so. */
struct expr *parse_iterable(struct parser *p);

/* parser_atoms.c */
/* A NUMBER. */
struct expr *parse_number(struct parser *p);

/* parser_targets.c */
struct expr *parse_star_target(struct parser *p);
struct expr *parse_star_targets(struct parser *p);
/* Make a target of an expression; rejects what cannot be one. */
void convert_target(struct parser *p, struct expr *e, enum expr_context ctx);

/* parser_parameters.c */
struct arguments *parse_parameters(struct parser *p, unsigned closing, bool annotated);

/* parser_arguments.c */
/* What stands between the parentheses of a call or a class statement. */
struct call_items {
    struct expr_list *args;
    struct keyword_list *keywords;
};
/* That, behind the '(' at `open`, if it is more than the ')'. A call may have a generator
 * expression there; where `open` is NULL there must be none. */
struct call_items parse_call_arguments(struct parser *p, mark open);

/* parser_names.c */
/* Make room for a node among the names, which is none until it is set; gives its place. */
uint32_t reserve_name_node(struct parser *p);
/* Set it: all names since then are in the node. */
void set_name_node(struct parser *p, uint32_t at, void *node, unsigned flags);
/* Replace the names since `start` by the expression, if there is one. */
void name_expression(struct parser *p, uint32_t start, struct expr *e);
/* Replace the names since `start` by the statement. */
void name_statement(struct parser *p, uint32_t start, struct stmt *s);

/* parser_statements.c */
struct stmt_list *parse_file(struct parser *p);
struct stmt_list *parse_block(struct parser *p);

/* parser_patterns.c */
struct stmt *parse_match_stmt(struct parser *p);

/* parser_fstring.c */
struct expr *parse_strings(struct parser *p);

/* parser_fstring_text.c */
/* The value of neighbouring STRING tokens, one of them an f-string at least, in releases that take
 * f-strings apart as text. */
struct expr *parse_text_fstrings(struct parser *p, const struct token *tokens, uint32_t count);

/* literals.c */
/* The value of a NUMBER token. */
constant literal_number(struct parser *p, const struct token *t);
/* The content of `length` bytes of a string's text. `flags`: TOKEN_RAW, TOKEN_BACKSLASH,
 * TOKEN_NON_ASCII as the text has them; `t` is the token that warnings are about. */
identifier literal_str(struct parser *p, const char *text, size_t length, unsigned flags,
                       const struct token *t);
/* The content of a STRING token with prefix b. */
constant literal_bytes(struct parser *p, const struct token *t);

#endif
