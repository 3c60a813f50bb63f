/* The parser: targets. A target is parsed as the expression that it also is and then converted in
 * place, which accepts the same language as CPython's separate target rules. */
#include "syntax/parser_expressions.h"

void convert_target(struct parser *p, struct expr *e, enum expr_context ctx)
{
    switch (e->kind) {
    case Name_kind:
        if (ctx == Store)
            check_binding(p, e->v.Name.id);
        e->v.Name.ctx = ctx;
        p->names[e->scope] |= NAME_BINDING;
        break;
    case Attribute_kind:
        if (ctx == Store)
            check_binding(p, e->v.Attribute.attr);
        e->v.Attribute.ctx = ctx;
        break;
    case Subscript_kind: e->v.Subscript.ctx = ctx; break;
    case Starred_kind:
        if (PARSER_HAS(p, PEG_PARSER) && (ctx == Del || e->v.Starred.value->kind == Starred_kind))
            reject(p);
        e->v.Starred.ctx = ctx;
        convert_target(p, e->v.Starred.value, ctx);
        break;
    case Tuple_kind:
        e->v.Tuple.ctx = ctx;
        for (uint32_t i = 0; i < e->v.Tuple.elts->count; i++)
            convert_target(p, e->v.Tuple.elts->items[i], ctx);
        break;
    case List_kind:
        e->v.List.ctx = ctx;
        for (uint32_t i = 0; i < e->v.List.elts->count; i++)
            convert_target(p, e->v.List.elts->items[i], ctx);
        break;
    default: reject(p);
    }
}

struct expr *parse_star_target(struct parser *p)
{
    struct expr *e = peek(p) == TOKEN_star ? parse_starred(p) : parse_operators(p, P_BIT_OR);
    convert_target(p, e, Store);
    return e;
}

struct expr *parse_star_targets(struct parser *p)
{
    mark m = mark_here(p);
    struct expr *first = parse_star_target(p);
    if (peek(p) != TOKEN_comma)
        return first;
    uint32_t base = p->scratch_count;
    scratch_push(p, first);
    while (accept(p, TOKEN_comma) && starts_expression(p))
        scratch_push(p, parse_star_target(p));
    struct expr_list *elts = scratch_take(p, base);
    struct expr *e = new_tuple(p, m, elts);
    e->v.Tuple.ctx = Store;
    if (!PARSER_HAS(p, PEG_PARSER)) { /* from the first item's node, not counting its parentheses */
        e->loc.lineno = first->loc.lineno;
        e->loc.col_offset = first->loc.col_offset;
    }
    return e;
}
