/* The parser: its state, its depth, the module. See parser.h and parser_internal.h. */
#include "syntax/parser.h"

#include "syntax/explain.h"
#include "syntax/parser_internal.h"

void parser_init(struct parser *p, struct compilation *c)
{
    memset(p, 0, offsetof(struct parser, lx));
    p->c = c;
    p->arena = c->arena;
    p->has = c->target->has;
    p->folds_tree = !HAS(c, GRAPH_FOLDING);
    p->folds_formats = HAS(c, FOLDS_FORMATS);
    p->costs = c->target->syntax->nesting;
    p->depth_limit = c->target->syntax->parser_stack + p->costs->doubt;
    p->depth_doubt = c->target->syntax->parser_stack - p->costs->doubt;
    p->empty = arena_zalloc(c->arena, sizeof(struct expr_list));
    p->percent = strings_intern_literal(&c->strings, "%");
    lexer_init(&p->lx, c);
}

void parser_start(struct parser *p, const char *text, size_t length, int32_t lineno, int32_t column)
{
    p->line = p->token = lexer_read(&p->lx, text, length, lineno, column);
    p->depth = p->costs->statement;
    p->statement = NULL;
    p->scratch_count = 0;
    p->name_count = 0;
}

void parser_grow_scratch(struct parser *p)
{
    if (p->scratch_capacity > UINT32_MAX / 2)
        unwind_to(p->arena->unwind, UNWIND_NO_MEMORY);
    uint32_t capacity = p->scratch_capacity == 0 ? 256 : p->scratch_capacity * 2;
    void **bigger = arena_alloc_array(p->arena, (size_t)capacity + LIST_COPY, sizeof *bigger);
    if (p->scratch_count != 0)
        memcpy(bigger, p->scratch, p->scratch_count * sizeof *bigger);
    p->scratch = bigger;
    p->scratch_capacity = capacity;
}

/* Is nothing between the brackets at hand? Then the rules of an expression are not called. */
static bool is_empty_bracket(const struct parser *p)
{
    static const bool closing[TOKEN_KIND_COUNT] = {
        [TOKEN_right_parenthesis] = true,
        [TOKEN_right_bracket] = true,
        [TOKEN_right_brace] = true,
    };
    bool open = peek(p) == TOKEN_left_parenthesis || peek(p) == TOKEN_left_bracket ||
                peek(p) == TOKEN_left_brace;
    return closing[p->token[open].kind];
}

void parser_check_depth(struct parser *p)
{
    if (p->depth > p->depth_limit && (p->costs->doubt != 0 || !is_empty_bracket(p))) {
        if (p->costs->doubt != 0)
            reject(p);
        diagnostic_raise_plain(&p->c->diagnostics, EXCEPTION_MEMORY_ERROR, "");
    }
    p->deep = p->costs->doubt != 0;
}

struct module_ast *parse_module(struct compilation *c)
{
    struct parser *p = arena_alloc(c->arena, sizeof *p);
    parser_init(p, c);
    parser_start(p, c->source, c->source_length, 1, 0);
    struct module_ast *m = arena_alloc(c->arena, sizeof *m);
    m->body = parse_file(p);
    m->names = p->names_useless ? NULL : p->names;
    m->name_count = p->name_count;
    if (p->deep)
        explain_check(c);
    return m;
}
