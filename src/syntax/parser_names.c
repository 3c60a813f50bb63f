/* The names of the module for the symbol table: see struct module_ast. */
#include "syntax/parser_internal.h"

void parser_grow_names(struct parser *p)
{
    if (p->name_capacity > UINT32_MAX / 2)
        unwind_to(p->arena->unwind, UNWIND_NO_MEMORY);
    uint32_t capacity = p->name_capacity == 0 ? 1024 : p->name_capacity * 2;
    p->names = arena_grow(p->arena, p->names, p->name_capacity * sizeof *p->names,
                          capacity * sizeof *p->names);
    p->name_capacity = capacity;
}

uint32_t reserve_name_node(struct parser *p)
{
    uint32_t at = p->name_count;
    if (p->name_capacity - at < NAME_NODE_WORDS)
        parser_grow_names(p);
    p->name_count += NAME_NODE_WORDS;
    set_name_node(p, at, NULL, 0);
    return at;
}

void set_name_node(struct parser *p, uint32_t at, void *node, unsigned flags)
{
    struct name_node n = {
        .head = NAME_NODE | flags | (p->in_try ? NAME_IN_TRY : 0) | p->level,
        .end = p->name_count,
        .node = node,
    };
    memcpy(p->names + at, &n, sizeof n);
}

void name_expression(struct parser *p, uint32_t start, struct expr *e)
{
    p->name_count = start;
    if (e != NULL)
        set_name_node(p, reserve_name_node(p), e, NAME_EXPRESSION);
}

void name_statement(struct parser *p, uint32_t start, struct stmt *s)
{
    p->name_count = start;
    set_name_node(p, reserve_name_node(p), s, 0);
}
