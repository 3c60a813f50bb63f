/* match statements (3.10). A pattern consumes the subject on top of the stack. On failure it jumps
 * to the place that pops as many values as are then on top of what the statement started with:
 * `on_top` values that the pattern at work needs, and the values that have been captured, which lie
 * below them until the whole pattern has matched. Answers to compiler_match, compiler_pattern and
 * the functions below it. */
#include "lower/match.h"

#include "codegen/check.h"
#include "codegen/emit.h"
#include "codegen/names_tuple.h"
#include "codegen/visit.h"
#include "sema/unparse.h"
#include "syntax/syntax_error.h"

struct pattern_context {
    ARRAY(identifier) stores; /* captured names, in the order of their values on the stack */
    bool allow_irrefutable;   /* may the pattern match everything? */
    ARRAY(label) fail_pop;    /* [n]: pops n values, then goes on behind the pattern */
    /* values on top of the stack that are popped on failure, over the captured ones */
    int32_t on_top;
};

static void visit_pattern(struct codegen *g, struct pattern *p, struct pattern_context *pc);

/* repr() of a constant. */
static const char *repr(struct codegen *g, constant value)
{
    struct expr *e = ast_expr(g->arena, Constant_kind, NO_LOCATION);
    e->v.Constant.value = value;
    return name_text(g->c, unparse_expr(g->c, e));
}

/* repr() of a name. */
static const char *name_repr(struct codegen *g, identifier name)
{
    return repr(g, constant_str(&g->c->constants, name));
}

/* case _ */
static bool is_wildcard(const struct pattern *p)
{
    return p->kind == MatchAs_kind && p->v.MatchAs.name == 0;
}

/* Have labels for popping up to n values. */
static void need_fail_pop(struct codegen *g, struct pattern_context *pc, uint32_t n)
{
    while (pc->fail_pop.count <= n) {
        label l = emit_new_label(g);
        array_push(g->arena, &pc->fail_pop, l);
    }
}

/* Jump to where all that the pattern has put on the stack is popped. */
static void jump_to_fail_pop(struct codegen *g, struct location loc, struct pattern_context *pc,
                             enum opcode op)
{
    uint32_t pops = (uint32_t)pc->on_top + pc->stores.count;
    need_fail_pop(g, pc, pops);
    emit_jump(g, loc, op, pc->fail_pop.items[pops]);
}

/* [bool] -> [], or fail */
static void fail_if_false(struct codegen *g, struct location loc, struct pattern_context *pc)
{
    jump_to_fail_pop(g, loc, pc, OP_POP_JUMP_IF_FALSE);
}

/* Emit the places that pop. */
static void emit_fail_pop(struct codegen *g, struct location loc, struct pattern_context *pc)
{
    if (pc->fail_pop.count == 0)
        return;
    for (uint32_t i = pc->fail_pop.count - 1; i > 0; i--) {
        emit_label(g, pc->fail_pop.items[i]);
        emit(g, loc, OP_POP_TOP);
    }
    emit_label(g, pc->fail_pop.items[0]);
    pc->fail_pop.count = 0;
}

/* Move the top below count - 1 values. */
static void rotate(struct codegen *g, struct location loc, int32_t count)
{
    if (!HAS(g->c, COPY_AND_SWAP)) {
        emit_arg(g, loc, OP_ROT_N, count);
        return;
    }
    for (; count > 1; count--)
        emit_swap(g, loc, count);
}

/* The place of a name among the captured ones, or -1. */
static int32_t find_store(const struct pattern_context *pc, identifier name)
{
    for (uint32_t i = 0; i < pc->stores.count; i++) {
        if (pc->stores.items[i] == name)
            return (int32_t)i;
    }
    return -1;
}

/* Add a captured name; it may be there only once. */
static void add_store(struct codegen *g, struct location loc, struct pattern_context *pc,
                      identifier name)
{
    if (find_store(pc, name) >= 0)
        check_refuse(g, loc,
                     arena_printf(g->arena, "multiple assignments to name %s in pattern",
                                  name_repr(g, name)));
    array_push(g->arena, &pc->stores, name);
}

/* Capture the top under a name; 0: drop it. */
static void store_name(struct codegen *g, struct location loc, identifier name,
                       struct pattern_context *pc)
{
    if (name == 0) {
        emit(g, loc, OP_POP_TOP);
        return;
    }
    check_forbidden_name(g, loc, name, Store);
    if (find_store(pc, name) < 0)
        rotate(g, loc, pc->on_top + (int32_t)pc->stores.count + 1);
    add_store(g, loc, pc, name);
}

/* A pattern inside another one: it may match everything. */
static void visit_subpattern(struct codegen *g, struct pattern *p, struct pattern_context *pc)
{
    bool allow = pc->allow_irrefutable;
    pc->allow_irrefutable = true;
    visit_pattern(g, p, pc);
    pc->allow_irrefutable = allow;
}

/* [sequence] -> [last, ..., first] */
static void unpack_sequence(struct codegen *g, struct location loc,
                            const struct pattern_list *patterns)
{
    uint32_t n = patterns->count;
    bool seen_star = false;
    for (uint32_t i = 0; i < n; i++) {
        if (patterns->items[i]->kind != MatchStar_kind)
            continue;
        if (seen_star)
            check_refuse(g, loc, "multiple starred expressions in sequence pattern");
        if (i >= 1 << 8 || n - i - 1 >= INT32_MAX >> 8)
            check_refuse(g, loc, "too many expressions in star-unpacking sequence pattern");
        emit_arg(g, loc, OP_UNPACK_EX, (int32_t)(i + ((n - i - 1) << 8)));
        seen_star = true;
    }
    if (!seen_star)
        emit_arg(g, loc, OP_UNPACK_SEQUENCE, (int32_t)n);
}

/* Match the elements by unpacking all of them. */
static void match_unpacked(struct codegen *g, struct location loc,
                           const struct pattern_list *patterns, struct pattern_context *pc)
{
    unpack_sequence(g, loc, patterns);
    pc->on_top += (int32_t)patterns->count;
    for (uint32_t i = 0; i < patterns->count; i++) {
        pc->on_top--;
        visit_subpattern(g, patterns->items[i], pc);
    }
}

/* [first, *_, last]: match the elements by subscripts. */
static void match_subscripted(struct codegen *g, struct location loc,
                              const struct pattern_list *patterns, int32_t star,
                              struct pattern_context *pc)
{
    int32_t size = (int32_t)patterns->count;
    pc->on_top++;
    for (int32_t i = 0; i < size; i++) {
        struct pattern *p = patterns->items[i];
        if (is_wildcard(p) || i == star)
            continue;
        emit_copy(g, loc, 1);
        if (i < star) {
            emit_int(g, loc, i);
        } else {
            emit(g, loc, OP_GET_LEN);
            emit_int(g, loc, size - i);
            g->slots->binary_op(g, loc, Sub, false);
        }
        emit_subscript(g, loc);
        visit_subpattern(g, p, pc);
    }
    pc->on_top--;
    emit(g, loc, OP_POP_TOP);
}

/* Compare the length of the subject: [subject] -> [subject], or fail */
static void check_length(struct codegen *g, struct location loc, struct pattern_context *pc,
                         int32_t length, bool exact)
{
    emit(g, loc, OP_GET_LEN);
    emit_int(g, loc, length);
    g->slots->compare_op(g, loc, exact ? Eq : GtE);
    fail_if_false(g, loc, pc);
}

/* [a, b, *rest] */
static void pattern_sequence(struct codegen *g, struct pattern *p, struct pattern_context *pc)
{
    const struct pattern_list *patterns = p->v.MatchSequence.patterns;
    int32_t size = (int32_t)patterns->count, star = -1;
    bool only_wildcard = true, star_wildcard = false;
    for (int32_t i = 0; i < size; i++) {
        const struct pattern *element = patterns->items[i];
        if (element->kind == MatchStar_kind) {
            if (star >= 0)
                check_refuse(g, p->loc, "multiple starred names in sequence pattern");
            star_wildcard = element->v.MatchStar.name == 0;
            only_wildcard = only_wildcard && star_wildcard;
            star = i;
        } else {
            only_wildcard = only_wildcard && is_wildcard(element);
        }
    }
    pc->on_top++;
    emit(g, p->loc, OP_MATCH_SEQUENCE);
    fail_if_false(g, p->loc, pc);
    if (star < 0)
        check_length(g, p->loc, pc, size, true);
    else if (size > 1)
        check_length(g, p->loc, pc, size - 1, false);
    pc->on_top--;
    if (only_wildcard)
        emit(g, p->loc, OP_POP_TOP);
    else if (star_wildcard)
        match_subscripted(g, p->loc, patterns, star, pc);
    else
        match_unpacked(g, p->loc, patterns, pc);
}

/* Are two constants among the keys equal? */
static bool repeats_key(struct codegen *g, const struct expr_list *keys, uint32_t count)
{
    constant *items = arena_alloc_array(g->arena, count, sizeof *items);
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (keys->items[i]->kind == Constant_kind)
            items[n++] = keys->items[i]->v.Constant.value;
    }
    return constant_frozenset(&g->c->constants, items, n)->length != n;
}

/* [] -> [keys as a tuple] */
static void push_keys(struct codegen *g, struct pattern *p)
{
    const struct expr_list *keys = p->v.MatchMapping.keys;
    bool repeated = repeats_key(g, keys, keys->count);
    for (uint32_t i = 0; i < keys->count; i++) {
        struct expr *key = keys->items[i];
        if (repeated && key->kind == Constant_kind && repeats_key(g, keys, i + 1))
            check_refuse(g, p->loc,
                         arena_printf(g->arena, "mapping pattern checks duplicate key (%s)",
                                      repr(g, key->v.Constant.value)));
        if (key->kind != Constant_kind && key->kind != Attribute_kind)
            check_refuse(g, p->loc,
                         "mapping pattern keys may only match literals and attribute lookups");
        visit_expr(g, key);
    }
    emit_build_tuple(g, p->loc, (int32_t)keys->count);
}

/* **rest: [subject, keys] -> [subject's other items], captured */
static void store_rest(struct codegen *g, struct pattern *p, struct pattern_context *pc)
{
    struct location loc = p->loc;
    int32_t size = (int32_t)p->v.MatchMapping.keys->count;
    emit_arg(g, loc, OP_BUILD_MAP, 0);
    emit_swap(g, loc, 3);
    emit_arg(g, loc, OP_DICT_UPDATE, 2);
    emit_arg(g, loc, OP_UNPACK_SEQUENCE, size);
    for (; size > 0; size--) {
        emit_copy(g, loc, 1 + size);
        emit_swap(g, loc, 2);
        emit(g, loc, OP_DELETE_SUBSCR);
    }
    store_name(g, loc, p->v.MatchMapping.rest, pc);
}

/* [values or None] -> [values], or fail */
static void fail_if_none(struct codegen *g, struct location loc, struct pattern_context *pc)
{
    emit_copy(g, loc, 1);
    emit_none(g, loc);
    emit_arg(g, loc, OP_IS_OP, 1);
    fail_if_false(g, loc, pc);
}

/* [subject, keys, values or None] -> [], or fail */
static void match_values_unpacked(struct codegen *g, struct pattern *p, struct pattern_context *pc)
{
    struct location loc = p->loc;
    const struct pattern_list *patterns = p->v.MatchMapping.patterns;
    int32_t size = (int32_t)patterns->count;
    pc->on_top += 2;
    fail_if_none(g, loc, pc);
    emit_arg(g, loc, OP_UNPACK_SEQUENCE, size);
    pc->on_top += size - 1;
    for (int32_t i = 0; i < size; i++) {
        pc->on_top--;
        visit_subpattern(g, patterns->items[i], pc);
    }
    pc->on_top -= 2;
    if (p->v.MatchMapping.rest != 0) {
        store_rest(g, p, pc);
    } else {
        emit(g, loc, OP_POP_TOP);
        emit(g, loc, OP_POP_TOP);
    }
}

/* Match value `i` of the tuple on top by its subscript: [values] -> [values], or fail */
static void match_indexed(struct codegen *g, struct location loc, int32_t i, struct pattern *p,
                          struct pattern_context *pc)
{
    if (is_wildcard(p))
        return;
    emit_copy(g, loc, 1);
    emit_int(g, loc, i);
    emit_subscript(g, loc);
    visit_subpattern(g, p, pc);
}

/* [subject, keys, values, bool] -> [], or fail */
static void match_values_indexed(struct codegen *g, struct pattern *p, struct pattern_context *pc)
{
    struct location loc = p->loc;
    const struct pattern_list *patterns = p->v.MatchMapping.patterns;
    pc->on_top += 2;
    fail_if_false(g, loc, pc);
    for (uint32_t i = 0; i < patterns->count; i++)
        match_indexed(g, loc, (int32_t)i, patterns->items[i], pc);
    pc->on_top -= 2;
    emit(g, loc, OP_POP_TOP);
    if (p->v.MatchMapping.rest != 0) {
        emit(g, loc, OP_COPY_DICT_WITHOUT_KEYS);
        store_name(g, loc, p->v.MatchMapping.rest, pc);
    } else {
        emit(g, loc, OP_POP_TOP);
    }
    pc->on_top--;
    emit(g, loc, OP_POP_TOP);
}

/* {key: pattern, **rest} */
static void pattern_mapping(struct codegen *g, struct pattern *p, struct pattern_context *pc)
{
    struct location loc = p->loc;
    int32_t size = (int32_t)p->v.MatchMapping.patterns->count;
    pc->on_top++;
    emit(g, loc, OP_MATCH_MAPPING);
    fail_if_false(g, loc, pc);
    if (size == 0 && p->v.MatchMapping.rest == 0) {
        pc->on_top--;
        emit(g, loc, OP_POP_TOP);
        return;
    }
    if (size != 0)
        check_length(g, loc, pc, size, false);
    push_keys(g, p);
    emit(g, loc, OP_MATCH_KEYS);
    if (HAS(g->c, MATCH_PUSHES_BOOL))
        match_values_indexed(g, p, pc);
    else
        match_values_unpacked(g, p, pc);
}

/* An attribute may be named only once. */
static void check_attributes(struct codegen *g, const struct pattern *p)
{
    const struct identifier_list *names = p->v.MatchClass.kwd_attrs;
    const struct pattern_list *patterns = p->v.MatchClass.kwd_patterns;
    for (uint32_t i = 0; i < names->count; i++) {
        if (names->items[i] == NAME_dunder_debug)
            unit_move_to(g, patterns->items[i]->loc);
        check_forbidden_name(g, patterns->items[i]->loc, names->items[i], Store);
        for (uint32_t j = i + 1; j < names->count; j++) {
            if (names->items[j] == names->items[i])
                syntax_error_format(g->c, patterns->items[j]->loc,
                                    "attribute name repeated in class pattern: %s",
                                    name_text(g->c, names->items[i]));
        }
    }
}

/* The attribute names as a constant tuple. */
static constant attribute_names(struct codegen *g, const struct identifier_list *names)
{
    constant *items = arena_alloc_array(g->arena, names->count, sizeof *items);
    for (uint32_t i = 0; i < names->count; i++)
        items[i] = constant_str(&g->c->constants, names->items[i]);
    return names_tuple_constant(g, items, names->count);
}

/* Pattern `i` of a class pattern, the positional ones first. */
static struct pattern *class_subpattern(const struct pattern *p, int32_t i)
{
    int32_t positional = (int32_t)p->v.MatchClass.patterns->count;
    return i < positional ? p->v.MatchClass.patterns->items[i]
                          : p->v.MatchClass.kwd_patterns->items[i - positional];
}

/* [attributes or None] -> [], or fail */
static void match_attributes_unpacked(struct codegen *g, struct pattern *p, int32_t count,
                                      struct pattern_context *pc)
{
    struct location loc = p->loc;
    pc->on_top++;
    fail_if_none(g, loc, pc);
    emit_arg(g, loc, OP_UNPACK_SEQUENCE, count);
    pc->on_top += count - 1;
    for (int32_t i = 0; i < count; i++) {
        pc->on_top--;
        struct pattern *sub = class_subpattern(p, i);
        if (is_wildcard(sub))
            emit(g, loc, OP_POP_TOP);
        else
            visit_subpattern(g, sub, pc);
    }
}

/* [attributes, bool] -> [], or fail */
static void match_attributes_indexed(struct codegen *g, struct pattern *p, int32_t count,
                                     struct pattern_context *pc)
{
    pc->on_top++;
    fail_if_false(g, p->loc, pc);
    for (int32_t i = 0; i < count; i++)
        match_indexed(g, p->loc, i, class_subpattern(p, i), pc);
    pc->on_top--;
    emit(g, p->loc, OP_POP_TOP);
}

/* Class(pattern, name=pattern) */
static void pattern_class(struct codegen *g, struct pattern *p, struct pattern_context *pc)
{
    int32_t positional = (int32_t)p->v.MatchClass.patterns->count;
    int32_t count = positional + (int32_t)p->v.MatchClass.kwd_attrs->count;
    check_attributes(g, p);
    visit_expr(g, p->v.MatchClass.cls);
    emit_const(g, p->loc, attribute_names(g, p->v.MatchClass.kwd_attrs));
    emit_arg(g, p->loc, OP_MATCH_CLASS, positional);
    if (HAS(g->c, MATCH_PUSHES_BOOL))
        match_attributes_indexed(g, p, count, pc);
    else
        match_attributes_unpacked(g, p, count, pc);
}

/* name, _, or pattern as name */
static void pattern_as(struct codegen *g, struct pattern *p, struct pattern_context *pc)
{
    identifier name = p->v.MatchAs.name;
    if (p->v.MatchAs.pattern != NULL) {
        pc->on_top++;
        emit_copy(g, p->loc, 1);
        visit_pattern(g, p->v.MatchAs.pattern, pc);
        pc->on_top--;
    } else if (!pc->allow_irrefutable) {
        if (name == 0)
            check_refuse(g, p->loc, "wildcard makes remaining patterns unreachable");
        check_refuse(g, p->loc,
                     arena_printf(g->arena, "name capture %s makes remaining patterns unreachable",
                                  name_repr(g, name)));
    }
    store_name(g, p->loc, name, pc);
}

/* Take a literal or a dotted name as the pattern. */
static void pattern_value(struct codegen *g, struct pattern *p, struct pattern_context *pc)
{
    struct expr *value = p->v.MatchValue.value;
    if (value->kind != Constant_kind && value->kind != Attribute_kind)
        check_refuse(g, p->loc, "patterns may only match literals and attribute lookups");
    visit_expr(g, value);
    g->slots->compare_op(g, p->loc, Eq);
    if (HAS(g->c, TO_BOOL))
        emit(g, p->loc, OP_TO_BOOL);
    fail_if_false(g, p->loc, pc);
}

/* None, True, False */
static void pattern_singleton(struct codegen *g, struct pattern *p, struct pattern_context *pc)
{
    emit_const(g, p->loc, p->v.MatchSingleton.value);
    g->slots->compare_op(g, p->loc, Is);
    fail_if_false(g, p->loc, pc);
}

/* Bring the captured values of an alternative into the order of the first one, on the stack and in
 * the list. */
static void reorder_stores(struct codegen *g, struct location loc, struct pattern *whole,
                           struct pattern_context *pc, const identifier *control)
{
    identifier *stores = pc->stores.items;
    for (uint32_t at = pc->stores.count; at-- > 0;) {
        int32_t found = find_store(pc, control[at]);
        if (found < 0)
            check_refuse(g, whole->loc, "alternative patterns bind different names");
        if ((uint32_t)found == at)
            continue;
        uint32_t rotations = (uint32_t)found + 1, rest = at - (uint32_t)found;
        identifier *rotated = arena_alloc_array(g->arena, rotations, sizeof *rotated);
        memcpy(rotated, stores, rotations * sizeof *rotated);
        memmove(stores, stores + rotations, rest * sizeof *stores);
        memcpy(stores + rest, rotated, rotations * sizeof *rotated);
        while (rotations-- > 0)
            rotate(g, loc, (int32_t)at + 1);
    }
}

/* One alternative: [subject] -> [captured values, subject], then on to `end`; or on behind it.
 * Returns its context. */
static void alternative(struct codegen *g, struct pattern *whole, uint32_t i,
                        struct pattern_context *pc, const struct pattern_context *first, label end)
{
    struct pattern *p = whole->v.MatchOr.patterns->items[i];
    unit_move_to(g, p->loc);
    emit_copy(g, p->loc, 1);
    visit_pattern(g, p, pc);
    if (i != 0) {
        if (pc->stores.count != first->stores.count)
            check_refuse(g, whole->loc, "alternative patterns bind different names");
        reorder_stores(g, p->loc, whole, pc, first->stores.items);
    }
    emit_jump(g, p->loc, g->slots->jump_loop, end);
    emit_fail_pop(g, p->loc, pc);
}

/* a | b | c */
static void pattern_or(struct codegen *g, struct pattern *p, struct pattern_context *pc)
{
    uint32_t size = p->v.MatchOr.patterns->count;
    label end = emit_new_label(g);
    struct pattern_context first = {.on_top = 0};
    for (uint32_t i = 0; i < size; i++) {
        struct pattern_context own = {.allow_irrefutable = i + 1 == size && pc->allow_irrefutable};
        alternative(g, p, i, &own, &first, end);
        if (i == 0)
            first = own;
    }
    emit(g, p->loc, OP_POP_TOP);
    jump_to_fail_pop(g, p->loc, pc, g->slots->jump_loop);
    emit_label(g, end);
    int32_t depth = (int32_t)first.stores.count + 1 + pc->on_top + (int32_t)pc->stores.count;
    for (uint32_t i = 0; i < first.stores.count; i++) {
        rotate(g, p->loc, depth);
        add_store(g, p->loc, pc, first.stores.items[i]);
    }
    emit(g, p->loc, OP_POP_TOP);
}

/* Match the top of the stack against a pattern: [subject] -> [], with captured values below what is
 * on top. */
static void visit_pattern(struct codegen *g, struct pattern *p, struct pattern_context *pc)
{
    unit_move_to(g, p->loc);
    switch ((enum pattern_kind)p->kind) {
    case MatchValue_kind: pattern_value(g, p, pc); break;
    case MatchSingleton_kind: pattern_singleton(g, p, pc); break;
    case MatchSequence_kind: pattern_sequence(g, p, pc); break;
    case MatchMapping_kind: pattern_mapping(g, p, pc); break;
    case MatchClass_kind: pattern_class(g, p, pc); break;
    case MatchStar_kind: store_name(g, p->loc, p->v.MatchStar.name, pc); break;
    case MatchAs_kind: pattern_as(g, p, pc); break;
    case MatchOr_kind: pattern_or(g, p, pc); break;
    case pattern_kind_none:
    case pattern_kind_count: break;
    }
}

/* One case: the subject is copied for it unless it is the last one to be tried. */
static void visit_case(struct codegen *g, struct match_case *m, bool last_tried, bool last,
                       label end)
{
    struct location loc = m->pattern->loc;
    struct pattern_context pc = {.allow_irrefutable = m->guard != NULL || last};
    unit_move_to(g, loc);
    if (!last_tried)
        emit_copy(g, loc, 1);
    visit_pattern(g, m->pattern, &pc);
    for (uint32_t i = 0; i < pc.stores.count; i++)
        emit_name_op(g, loc, pc.stores.items[i], Store);
    if (m->guard != NULL) {
        need_fail_pop(g, &pc, 0);
        g->slots->jump_if(g, loc, m->guard, pc.fail_pop.items[0], false);
    }
    if (!last_tried) {
        g->u->code.takes_next_locations |= HAS(g->c, CASE_POPS_AT_ITS_BODY);
        emit(g, HAS(g->c, CASE_POPS_AT_ITS_BODY) ? NEXT_LOCATION : loc, OP_POP_TOP);
    }
    visit_stmts(g, m->body);
    emit_jump(g, HAS(g->c, CASE_ENDS_ON_NO_LINE) ? NO_LOCATION : loc, g->slots->jump_loop, end);
    unit_move_to(g, loc);
    emit_fail_pop(g, loc, &pc);
}

/* A last `case _`: nothing is to be matched. */
static void visit_default(struct codegen *g, struct match_case *m, label end)
{
    unit_move_to(g, m->pattern->loc);
    emit(g, m->pattern->loc, OP_NOP);
    if (m->guard != NULL)
        g->slots->jump_if(g, m->pattern->loc, m->guard, end, false);
    visit_stmts(g, m->body);
    if (HAS(g->c, CASE_ENDS_ON_NO_LINE))
        unit_lose_line(g);
}

void match_statement(struct codegen *g, struct stmt *s)
{
    const struct match_case_list *cases = s->v.Match.cases;
    label end = emit_new_label(g);
    visit_expr(g, s->v.Match.subject);
    uint32_t n = cases->count;
    bool has_default = n > 1 && is_wildcard(cases->items[n - 1]->pattern);
    uint32_t tried = has_default ? n - 1 : n;
    for (uint32_t i = 0; i < tried; i++)
        visit_case(g, cases->items[i], i + 1 == tried, i + 1 == n, end);
    if (has_default)
        visit_default(g, cases->items[n - 1], end);
    emit_label(g, end);
}
