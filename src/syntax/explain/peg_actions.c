/* What the alternatives of the grammar make, and what they refuse. See peg.h.
 *
 * Nodes are kept only as far as the rules for invalid code look at them. An action that gives no
 * value and sets no exception ends its rule as not matched, without another alternative being
 * tried.
 */
#include "syntax/explain/peg.h"

#include "syntax/syntax_rules.h"
#include "util/utf8.h"

enum target_kind { TARGETS_STAR, TARGETS_DEL, TARGETS_FOR };

struct node *peg_new_node(struct parser *p, enum node_kind kind, struct location loc)
{
    struct node *n = arena_zalloc(p->c->arena, sizeof *n);
    n->kind = (uint8_t)kind;
    n->loc = loc;
    return n;
}

/* Where what a rule has matched begins and ends. */
static struct location span(struct parser *p, const struct frame *f)
{
    const struct location start = p->tokens.items[f->start]->node.loc;
    const struct peg_token *last = peg_last_token(p);
    const struct location end = last ? last->node.loc : start;
    return (struct location){start.lineno, start.col_offset, end.end_lineno, end.end_col_offset};
}

/* The last item of a sequence, with the last part of a comprehension; anything else is its own
 * last. */
static const struct node *last_item(const struct node *n)
{
    while ((n->kind == NODE_SEQUENCE || n->kind == NODE_COMPREHENSION) && n->count > 0)
        n = n->items[n->count - 1];
    return n;
}

/* The first item of a sequence; anything else is its own first. */
static const struct node *first_item(const struct node *n)
{
    while (n->kind == NODE_SEQUENCE && n->count > 0)
        n = n->items[0];
    return n;
}

/* Makes the values children of n, those of sequences each. */
static void set_children(struct parser *p, struct node *n, struct node *const *values, int count)
{
    uint32_t total = 0;
    for (int i = 0; i < count; i++)
        if (values[i] != NULL)
            total += values[i]->kind == NODE_SEQUENCE ? values[i]->count : 1;
    n->items = arena_alloc_array(p->c->arena, total, sizeof *n->items);
    for (int i = 0; i < count; i++) {
        if (values[i] == NULL)
            continue;
        if (values[i]->kind == NODE_SEQUENCE) {
            if (values[i]->count > 0)
                memcpy(n->items + n->count, values[i]->items, values[i]->count * sizeof *n->items);
            n->count += values[i]->count;
        } else {
            n->items[n->count++] = values[i];
        }
    }
}

const char *peg_expression_name(const struct parser *p, const struct node *n)
{
    static const char *const names[] = {
#define NODE(kind, name) name,
#include "syntax/explain/node.def"
#undef NODE
    };
    bool first = edition_in(p->edition, BEFORE(E310));
    switch (n->kind) {
    case NODE_Constant:
        switch (n->class) {
        case CLASS_NONE: return "None";
        case CLASS_TRUE: return "True";
        case CLASS_FALSE: return "False";
        case CLASS_ELLIPSIS: return first ? "Ellipsis" : "ellipsis";
        default: return "literal";
        }
    case NODE_BoolOp:
    case NODE_BinOp:
    case NODE_UnaryOp: return first ? "operator" : "expression";
    case NODE_STRINGS:
        for (uint32_t i = 0; i < n->count; i++)
            for (const char *s = n->items[i]->text; *s != '"' && *s != '\''; s++)
                if (*s == 'f' || *s == 'F')
                    return "f-string expression";
        return "literal";
    case NODE_Dict: return first ? "dict display" : "dict literal";
    default: return names[n->kind] ? names[n->kind] : "";
    }
}

/* A message with %n, %l and %t filled in from a. */
static const char *expand(struct parser *p, const char *message, const struct node *a)
{
    const char *mark = strchr(message, '%');
    if (mark == NULL)
        return message;
    int before = (int)(mark - message);
    if (mark[1] == 'l')
        return arena_printf(p->c->arena, "%.*s%d%s", before, message, a->loc.lineno, mark + 2);
    if (mark[1] == 'n')
        return arena_printf(p->c->arena, "%.*s%s%s", before, message, peg_expression_name(p, a),
                            mark + 2);
    return arena_printf(p->c->arena, "%.*s%.*s%s", before, message, (int)a->text_size, a->text,
                        mark + 2);
}

/* Raises the error of a FAULT alternative. */
static void raise_fault(struct parser *p, const struct alternative *alternative,
                        struct node *const *slots)
{
    const struct node *a = slots[0], *b = slots[1];
    const char *message = expand(p, alternative->message, a);
    switch ((enum fault_place)alternative->detail) {
    case AT_A: peg_raise_range(p, a, a, message); break;
    case A_TO_B: peg_raise_range(p, a, last_item(b), message); break;
    case A_TO_B_OF_A: peg_raise_range(p, first_item(a), last_item(a), message); break;
    case LAST_A_TO_B: peg_raise_range(p, last_item(a), b, message); break;
    case FROM_A:
        peg_raise_at(p, EXCEPTION_SYNTAX_ERROR, a->loc.lineno, a->loc.col_offset, AT_TOKENIZER,
                     AT_TOKENIZER, message);
        break;
    case LAST: peg_raise(p, EXCEPTION_SYNTAX_ERROR, false, message); break;
    case NEXT_UNLESS_SET:
        if (peg_error_set(p))
            break;
        /* fall through */
    case NEXT: peg_raise(p, EXCEPTION_SYNTAX_ERROR, true, message); break;
    case INDENTATION: peg_raise(p, EXCEPTION_INDENTATION_ERROR, false, message); break;
    }
}

/* The part of an expression that cannot be a target; NULL if it can. */
static const struct node *invalid_target(const struct node *n, enum target_kind kind)
{
    switch (n->kind) {
    case NODE_List:
    case NODE_Tuple:
        for (uint32_t i = 0; i < n->count; i++) {
            const struct node *bad = invalid_target(n->items[i], kind);
            if (bad != NULL)
                return bad;
        }
        return NULL;
    case NODE_Starred:
        return kind == TARGETS_DEL || n->count == 0 ? n : invalid_target(n->items[0], kind);
    case NODE_Compare:
        if (kind != TARGETS_FOR)
            return n;
        return n->items[1]->kind == NODE_IN_PAIR ? invalid_target(n->items[0], kind) : NULL;
    case NODE_Name:
    case NODE_Subscript:
    case NODE_Attribute: return NULL;
    default: return n;
    }
}

/* Raises about the part of n that cannot be a target, if there is one. */
static struct node *check_target(struct parser *p, const struct node *n, enum target_kind kind)
{
    const struct node *bad = invalid_target(n, kind);
    if (bad != NULL)
        peg_raise_range(
            p, bad, bad,
            arena_printf(p->c->arena,
                         kind == TARGETS_DEL ? "cannot delete %s" : "cannot assign to %s",
                         peg_expression_name(p, bad)));
    else if (edition_in(p->edition, E39))
        peg_raise(p, EXCEPTION_SYNTAX_ERROR, false, "invalid syntax");
    return NULL;
}

static bool text_is(const struct node *n, const char *text)
{
    return n->text_size == strlen(text) && memcmp(n->text, text, n->text_size) == 0;
}

/* Whether n is the name print or exec. */
static bool is_legacy(const struct node *n)
{
    return n->kind == NODE_Name && (text_is(n, "print") || text_is(n, "exec"));
}

struct node *peg_number(struct parser *p, struct peg_token *token)
{
    const char *text = token->node.text;
    size_t size = token->node.text_size;
    struct node *n = peg_new_node(p, NODE_Constant, token->node.loc);
    char last = text[size - 1];
    bool based = size > 1 && text[0] == '0' && strchr("xXoObB", text[1]) != NULL;
    n->class = (last == 'j' || last == 'J') && !based ? CLASS_IMAGINARY : CLASS_NUMBER;
    n->text = text;
    n->text_size = size;
    return edition_in(p->edition, E38) || peg_check_number(p, n) ? n : NULL; /* 3.8 checks later */
}

bool peg_check_number(struct parser *p, const struct node *number)
{
    const char *text = number->text;
    size_t size = number->text_size;
    bool based = size > 1 && text[0] == '0' && strchr("xXoObB", text[1]) != NULL;
    int limit = p->c->target->syntax->max_int_digits, digits = 0;
    for (size_t i = 0; i < size && limit > 0 && !based; i++) {
        if (text[i] >= '0' && text[i] <= '9')
            digits++;
        else if (text[i] != '_')
            limit = 0;
    }
    if (limit == 0 || based || digits <= limit)
        return true;
    const char *message = arena_printf(
        p->c->arena,
        "Exceeds the limit (%d%s) for integer string conversion: value has %d digits; "
        "use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for "
        "huge integer literals to avoid decimal conversion limits.",
        limit, edition_in(p->edition, SINCE(E311)) ? " digits" : "", digits);
    if (edition_in(p->edition, E38))
        return tree_fault(p, number, message);
    p->failed = true;
    if (!peg_error_set(p))
        peg_raise_at(p, EXCEPTION_SYNTAX_ERROR, number->loc.lineno,
                     edition_in(p->edition, E39) ? 0 : -1, number->loc.end_lineno, -1, message);
    return false;
}

/* Checks a replacement field's conversion. */
static bool check_conversion_letter(struct parser *p, const struct node *name)
{
    if (text_is(name, "s") || text_is(name, "r") || text_is(name, "a"))
        return true;
    peg_raise_range(
        p, name, name,
        arena_printf(p->c->arena,
                     "%c-string: invalid conversion character '%.*s': expected 's', 'r', or 'a'",
                     edition_in(p->edition, SINCE(E314)) ? scan_prefix(&p->scanner) : 'f',
                     (int)name->text_size, name->text));
    return false;
}

/* A replacement field; before 3.14 this is where its conversion is looked at. */
static struct node *formatted_value(struct parser *p, const struct node *conversion,
                                    const struct location loc)
{
    if (conversion != NULL && !edition_in(p->edition, SINCE(E314)) &&
        !check_conversion_letter(p, conversion))
        return NULL;
    return peg_new_node(p, NODE_JoinedStr, loc);
}

/* Checks that a conversion's letter follows the exclamation mark. */
static struct node *check_conversion(struct parser *p, struct node *mark, struct node *name)
{
    if (mark->loc.lineno != name->loc.lineno || mark->loc.end_col_offset != name->loc.col_offset) {
        const char *prefix =
            edition_in(p->edition, SINCE(E314)) && scan_prefix(&p->scanner) == 't' ? "t" : "f";
        peg_raise_range(
            p, mark, name,
            arena_printf(p->c->arena,
                         "%s-string: conversion type must come right after the %s mark", prefix,
                         edition_in(p->edition, SINCE(E313P)) ? "exclamation" : "exclamanation"));
        return NULL;
    }
    if (edition_in(p->edition, SINCE(E314)) && !check_conversion_letter(p, name))
        return NULL;
    return name;
}

/* The start token of an f-string says whether it is raw. */
static bool is_raw_prefix(const struct node *start)
{
    for (size_t i = 0; i < start->text_size; i++)
        if (start->text[i] == 'r' || start->text[i] == 'R')
            return true;
    return false;
}

/* Checks the literal text of an f-string or t-string. */
static struct node *joined_str(struct parser *p, enum node_kind kind, struct node *const *slots)
{
    const struct node *start = slots[0], *parts = slots[1], *end = slots[2];
    bool raw = is_raw_prefix(start);
    for (uint32_t i = 0; i < parts->count; i++) {
        const struct node *part = parts->items[i];
        if (part->kind == NODE_TOKEN &&
            !literal_check_middle(p, part, raw, (struct peg_token *)end)) {
            peg_decode_error(p);
            return NULL;
        }
    }
    return peg_new_node(p, kind,
                        (struct location){start->loc.lineno, start->loc.col_offset,
                                          end->loc.end_lineno, end->loc.end_col_offset});
}

/* Checks a piece of a format specification. */
static struct node *decode_middle(struct parser *p, struct node *token)
{
    const struct scan_mode *m = &p->scanner.modes[p->scanner.mode];
    bool raw = edition_in(p->edition, SINCE(E313P)) && p->scanner.mode > 0 && m->raw;
    return literal_check_middle(p, token, raw, (struct peg_token *)token) ? token : NULL;
}

/* A string token as a Constant. */
static struct node *string_constant(struct parser *p, struct node *token, bool behind_bytes)
{
    struct node *n = peg_new_node(p, NODE_Constant, token->loc);
    enum constant_class class;
    if (!literal_check(p, (struct peg_token *)token, behind_bytes, &class)) {
        peg_decode_error(p);
        return NULL;
    }
    n->class = (uint8_t) class;
    return n;
}

/* Adjacent strings as one; the items are tokens where f-strings are, too, else what the rules made
 * of them. */
static struct node *concatenate(struct parser *p, const struct node *strings, struct location loc)
{
    static const char mixed[] = "cannot mix bytes and nonbytes literals";
    bool bytes = false, text = false, formatted = false;
    for (uint32_t i = 0; i < strings->count; i++) {
        struct node *s = strings->items[i];
        bool token = s->kind == NODE_TOKEN;
        if (token && (s = string_constant(p, s, bytes)) == NULL)
            return NULL;
        formatted |= s->kind != NODE_Constant || s->class == CLASS_FORMATTED;
        if (s->kind == NODE_Constant && s->class == CLASS_BYTES)
            bytes = true;
        else
            text = true;
        if (token && text && bytes) {
            peg_raise(p, EXCEPTION_SYNTAX_ERROR, false, mixed);
            return NULL;
        }
    }
    if (text && bytes) {
        peg_raise(p, EXCEPTION_SYNTAX_ERROR, false, mixed);
        return NULL;
    }
    if (strings->count == 1 && !formatted && !bytes && !edition_in(p->edition, BEFORE(E312)))
        return strings->items[0];
    struct node *n = peg_new_node(p, formatted ? NODE_JoinedStr : NODE_Constant, loc);
    n->class = bytes ? CLASS_BYTES : CLASS_STR;
    return n;
}

/* None, True, False or `...`. */
static struct node *singleton(struct parser *p, const struct node *token)
{
    struct node *n = peg_new_node(p, NODE_Constant, token->loc);
    n->class = text_is(token, "None")    ? CLASS_NONE
               : text_is(token, "True")  ? CLASS_TRUE
               : text_is(token, "False") ? CLASS_FALSE
                                         : CLASS_ELLIPSIS;
    return n;
}

/* Raises about a generator expression that shares the call with other arguments. */
static struct node *bare_generator(struct parser *p, const struct node *call,
                                   const struct node *clauses)
{
    const struct node *last = NULL;
    int positional = 0;
    for (uint32_t i = 0; i < call->count; i++) {
        if (call->items[i]->kind != NODE_KEYWORD &&
            call->items[i]->kind != NODE_KEYWORD_UNPACKING) {
            last = call->items[i];
            positional++;
        }
    }
    if (positional > 1)
        peg_raise_range(p, last, last_item(clauses), "Generator expression must be parenthesized");
    return NULL;
}

/* Raises about a positional argument behind a keyword. */
static struct node *argument_order(struct parser *p, const struct node *call)
{
    bool unpacking = false;
    for (uint32_t i = 0; i < call->count; i++)
        unpacking |= call->items[i]->kind == NODE_KEYWORD_UNPACKING;
    peg_raise(p, EXCEPTION_SYNTAX_ERROR, false,
              unpacking ? "positional argument follows keyword argument unpacking"
                        : "positional argument follows keyword argument");
    return NULL;
}

/* Raises about two expressions side by side within brackets. */
static struct node *missing_comma(struct parser *p, const struct node *a, const struct node *b)
{
    static const char message[] = "invalid syntax. Perhaps you forgot a comma?";
    if (is_legacy(a) || p->tokens.items[p->mark - 1]->level == 0)
        return NULL;
    if (edition_in(p->edition, SINCE(E315)) && a->loc.lineno != a->loc.end_lineno)
        peg_raise_at(p, EXCEPTION_SYNTAX_ERROR, a->loc.end_lineno, a->loc.col_offset,
                     a->loc.end_lineno, a->loc.end_col_offset, message);
    else
        peg_raise_range(p, a, b, message);
    return NULL;
}

/* Raises about print or exec used as a statement. */
static struct node *legacy_statement(struct parser *p, const struct node *a, const struct node *b)
{
    int size = (int)a->text_size;
    if (is_legacy(a))
        peg_raise_range(
            p, a, b,
            arena_printf(p->c->arena,
                         "Missing parentheses in call to '%.*s'. Did you mean %.*s(...)?", size,
                         a->text, size, a->text));
    return NULL;
}

/* Raises about a bound given to *T or **T. */
static struct node *bad_bound(struct parser *p, const struct node *colon, const struct node *bound,
                              const char *what)
{
    peg_raise_at(p, EXCEPTION_SYNTAX_ERROR, colon->loc.lineno, colon->loc.col_offset, AT_TOKENIZER,
                 AT_TOKENIZER,
                 arena_printf(p->c->arena, "cannot use %s with %s",
                              bound->kind == NODE_Tuple ? "constraints" : "bound", what));
    return NULL;
}

/* Refuses a lazy import from __future__; notes the import that changes != to <>. */
static struct node *future_import(struct parser *p, struct node *const *slots, struct location loc)
{
    const struct node *module = slots[0], *dots = slots[1], *names = slots[2], *lazy = slots[3];
    if (lazy != NULL && dots->count == 0 && module->kind == NODE_Name &&
        text_is(module, "__future__")) {
        peg_raise_range(p, lazy, lazy, "lazy from __future__ import is not allowed");
        return NULL;
    }
    if (!edition_in(p->edition, BEFORE(E313P)) && dots->count == 0 && module->kind == NODE_Name &&
        text_is(module, "__future__") && names->kind == NODE_SEQUENCE)
        for (uint32_t i = 0; i < names->count; i++)
            if (text_is(names->items[i], "barry_as_FLUFL"))
                p->barry = true;
    return peg_new_node(p, NODE_STATEMENT, loc);
}

/* Checks the spelling of the operator for "not equal". */
static struct node *not_equal(struct parser *p, struct node *token)
{
    bool diamond = text_is(token, "<>");
    if (p->barry && !diamond) {
        peg_raise(p, EXCEPTION_SYNTAX_ERROR, false, "with Barry as BDFL, use '<>' instead of '!='");
        return NULL;
    }
    return !p->barry && diamond ? NULL : token;
}

/* Whether two one-character tokens stand side by side. */
static bool are_adjacent(const struct node *a, const struct node *b)
{
    return a->loc.end_lineno == b->loc.lineno && a->loc.end_col_offset == b->loc.col_offset;
}

/* A new sequence of the values. */
static struct node *sequence(struct parser *p, struct node *const *slots)
{
    struct node *n = peg_new_node(p, NODE_SEQUENCE, NO_LOCATION);
    set_children(p, n, slots, 4);
    return n;
}

/* A number that must (or must not) be imaginary. */
static struct node *ensure_number(struct parser *p, struct node *n, bool imaginary)
{
    if ((n->class == CLASS_IMAGINARY) == imaginary)
        return n;
    peg_raise_range(p, n, n,
                    imaginary ? "imaginary number required in complex literal"
                              : "real number required in complex literal");
    return NULL;
}

/* The value of `a b`: a alone if there is no b (and no c), else a node with both below it. */
static struct node *fold(struct parser *p, enum node_kind kind, struct frame *f)
{
    struct node *const *slots = f->slots;
    bool more = slots[1] != NULL && (slots[1]->kind != NODE_SEQUENCE || slots[1]->count > 0);
    if (!more && slots[2] == NULL)
        return slots[0];
    struct node *n = peg_new_node(p, kind, span(p, f));
    set_children(p, n, slots, 2);
    return n;
}

/* An atom with its trailers, all below one node of the last one's kind, so that long chains are not
 * deep. */
static struct node *fold_trailers(struct parser *p, struct frame *f)
{
    const struct node *trailers = f->slots[1];
    if (trailers->count == 0)
        return f->slots[0];
    const struct node *last = trailers->items[trailers->count - 1];
    struct node *n = peg_new_node(p, (enum node_kind)last->kind, span(p, f));
    set_children(p, n, f->slots, 2);
    n->text = last->text;
    n->text_size = last->text_size;
    return n;
}

/* .name, with the name as its text. */
static struct node *attribute(struct parser *p, const struct node *name)
{
    struct node *n = peg_new_node(p, NODE_Attribute, name->loc);
    n->text = name->text;
    n->text_size = name->text_size;
    return n;
}

/* The name that an import binds, to be checked; a dotted one binds another. */
static struct node *imported_name(struct parser *p, struct node *const *slots)
{
    struct node *name = slots[2] != NULL ? slots[2] : slots[0];
    if (slots[2] == NULL && slots[1] != NULL && slots[1]->count > 0)
        return p->pair;
    struct node *n = peg_new_node(p, NODE_CHECKED_NAME, name->loc);
    set_children(p, n, &name, 1);
    return n;
}

/* What stands in brackets: a comprehension of that kind, or a display of its items but for a last
 * comma. */
static struct node *display(struct parser *p, struct frame *f, enum node_kind kind,
                            enum node_kind comprehension)
{
    struct node *inner = f->slots[0];
    if (inner->kind == NODE_GeneratorExp) {
        inner->kind = (uint8_t)comprehension;
        inner->loc = span(p, f);
        return inner;
    }
    bool comma = inner->items[inner->count - 1]->kind == NODE_TOKEN;
    if (kind == NODE_Tuple && inner->count == 1)
        return inner->items[0];
    inner->count -= comma;
    struct node *n = peg_new_node(p, kind, span(p, f));
    set_children(p, n, &inner, 1);
    return n;
}

/* Runs an action of CALL. */
static struct node *call(struct parser *p, enum grammar_call which, struct frame *f)
{
    struct node **slots = f->slots, *a = slots[0], *b = slots[1];
    switch (which) {
    case CALL_compound_statement:
        if (p->call_invalid && f->slots[0]->loc.lineno >= p->statement_line)
            p->statement_line = f->slots[0]->loc.lineno;
        return f->slots[0];
    case CALL_future_import: return future_import(p, slots, span(p, f));
    case CALL_or_pattern:
        return a->count == 1 ? a->items[0] : peg_new_node(p, NODE_PATTERN, span(p, f));
    case CALL_ensure_real: return ensure_number(p, a, false);
    case CALL_ensure_imaginary: return ensure_number(p, a, true);
    case CALL_bad_type_var_tuple: return bad_bound(p, a, b, "TypeVarTuple");
    case CALL_bad_param_spec: return bad_bound(p, a, b, "ParamSpec");
    case CALL_not_equal: return not_equal(p, a);
    case CALL_barry_not_equal: return p->barry && are_adjacent(a, b) ? a : NULL;
    case CALL_diamond:
        if (!p->barry && are_adjacent(a, b))
            peg_raise_range(p, a, b, "invalid syntax.  Maybe you meant '!=' instead of '<>'?");
        return NULL;
    case CALL_singleton: return singleton(p, a);
    case CALL_formatted_value: return formatted_value(p, a, span(p, f));
    case CALL_check_conversion: return check_conversion(p, a, b);
    case CALL_middle: /* its text is made a string before anything is decoded: the exception stays
                         what it is */
        return utf8_is_valid(a->text, a->text_size) || literal_check_middle(p, a, true, NULL)
                   ? a
                   : NULL;
    case CALL_decode_middle: return decode_middle(p, a);
    case CALL_joined_str: return joined_str(p, NODE_JoinedStr, slots);
    case CALL_template_str: return joined_str(p, NODE_TemplateStr, slots);
    case CALL_string_constant: return string_constant(p, a, false);
    case CALL_concatenate: return concatenate(p, a, span(p, f));
    case CALL_sequence: return sequence(p, slots);
    case CALL_bare_generator: return bare_generator(p, a, b);
    case CALL_argument_order: return argument_order(p, a);
    case CALL_legacy_statement: return legacy_statement(p, a, b);
    case CALL_missing_comma: return missing_comma(p, a, b);
    case CALL_star_targets: return check_target(p, a, TARGETS_STAR);
    case CALL_del_targets: return check_target(p, a, TARGETS_DEL);
    case CALL_for_targets: return check_target(p, a, TARGETS_FOR);
    case CALL_fold_tuple: return fold(p, NODE_Tuple, f);
    case CALL_fold_named: return fold(p, NODE_NamedExpr, f);
    case CALL_fold_conditional: return fold(p, NODE_IfExp, f);
    case CALL_fold_boolean: return fold(p, NODE_BoolOp, f);
    case CALL_fold_comparison: return fold(p, NODE_Compare, f);
    case CALL_fold_binary: return fold(p, NODE_BinOp, f);
    case CALL_fold_trailers: return fold_trailers(p, f);
    case CALL_attribute: return attribute(p, a);
    case CALL_imported_name: return imported_name(p, slots);
    case CALL_parenthesized: return display(p, f, NODE_Tuple, NODE_GeneratorExp);
    case CALL_bracketed: return display(p, f, NODE_List, NODE_ListComp);
    case CALL_braced: a->loc = span(p, f); return a;
    case CALL_missing_colon:
        peg_raise_at(p, EXCEPTION_SYNTAX_ERROR, a->loc.lineno, a->loc.end_col_offset - 1,
                     a->loc.end_lineno, -1, "':' expected after dictionary key");
        return NULL;
    }
    return NULL;
}

struct node *peg_act(struct parser *p, const struct alternative *alternative, struct frame *f)
{
    struct node *n;
    switch (alternative->result) {
    case RESULT_DEFAULT: return f->value_count == 1 ? f->value : p->pair;
    case RESULT_PICK: return f->slots[0];
    case RESULT_MAKE:
        n = peg_new_node(p, (enum node_kind)alternative->detail, span(p, f));
        set_children(p, n, f->slots, 4);
        return n;
    case RESULT_CALL: return call(p, (enum grammar_call)alternative->detail, f);
    case RESULT_FAULT: raise_fault(p, alternative, f->slots); return NULL;
    }
    return NULL;
}
