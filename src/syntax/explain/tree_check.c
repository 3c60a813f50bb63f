/* The faults that 3.8 finds when it turns a parse tree into an AST, once all of the source has been
 * parsed.
 *
 * Nodes are visited in the order in which CPython's converter visits them, which is not always that
 * of the source: an `else` may come first, an `elif` chain goes backwards. The first fault counts.
 * Its place is that of a node of the parse tree, so of the first token of a rule, brackets
 * included.
 *
 * Answers to Python/ast.c.
 */
#include "syntax/explain/peg.h"

#include "syntax/syntax_error.h"
#include "syntax/syntax_rules.h"

static bool visit(struct parser *p, const struct node *n);

bool tree_fault(struct parser *p, const struct node *at, const char *message)
{
    struct diagnostic *e = &p->error;
    *e = (struct diagnostic){
        .type = EXCEPTION_SYNTAX_ERROR,
        .message = message,
        .has_location = true,
        .lineno = at->loc.lineno + (p->in_fstring ? p->first_line - 1 : 0),
        .offset = at->loc.col_offset + 1 + (p->in_fstring ? p->first_column : 0),
        .end_lineno = -1,
        .end_offset = -1,
    };
    if (!p->in_fstring)
        syntax_error_quote_line(p->c, e, false);
    p->failed = true;
    return false;
}

static bool text_is(const struct node *n, const char *text)
{
    return n->text_size == strlen(text) && memcmp(n->text, text, n->text_size) == 0;
}

/* Refuses __debug__ as a name to bind. */
static bool check_name(struct parser *p, const struct node *name, const struct node *at)
{
    return !text_is(name, "__debug__") || tree_fault(p, at, "cannot assign to __debug__");
}

static bool visit_all(struct parser *p, const struct node *n)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (!visit(p, n->items[i]))
            return false;
    return true;
}

/* Checks that an expression can be a target; faults are at `at`. */
static bool set_context(struct parser *p, const struct node *n, bool store, const struct node *at)
{
    switch (n->kind) {
    case NODE_ITEM: return set_context(p, n->items[0], store, at);
    case NODE_Attribute:
    case NODE_Name: return !store || check_name(p, n, at);
    case NODE_Subscript: return true;
    case NODE_Starred: return set_context(p, n->items[0], store, at);
    case NODE_List:
    case NODE_Tuple:
        for (uint32_t i = 0; i < n->count; i++)
            if (!set_context(p, n->items[i], store, at))
                return false;
        return true;
    default:
        return tree_fault(p, at,
                          arena_printf(p->c->arena, "cannot %s %s", store ? "assign to" : "delete",
                                       peg_expression_name(p, n)));
    }
}

/* Targets of for or del: each is visited and checked at its own place. */
static bool visit_targets(struct parser *p, const struct node *n, bool store)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (!visit(p, n->items[i]) || !set_context(p, n->items[i], store, n->items[i]))
            return false;
    return true;
}

/* target: annotation [= value] */
static bool visit_annotation(struct parser *p, const struct node *item, const struct node *rest)
{
    const struct node *target = item->items[0];
    if (!visit(p, target))
        return false;
    switch (target->kind) {
    case NODE_Name:
    case NODE_Attribute:
        if (!check_name(p, target, item))
            return false;
        break;
    case NODE_Subscript: break;
    case NODE_List: return tree_fault(p, item, "only single target (not list) can be annotated");
    case NODE_Tuple: return tree_fault(p, item, "only single target (not tuple) can be annotated");
    default: return tree_fault(p, item, "illegal target for annotation");
    }
    return visit_all(p, rest);
}

/* target += value */
static bool visit_augmented(struct parser *p, const struct node *item, const struct node *rest)
{
    const struct node *target = item->items[0];
    if (!visit(p, target) || !set_context(p, target, true, item))
        return false;
    if (target->kind != NODE_Name && target->kind != NODE_Attribute &&
        target->kind != NODE_Subscript)
        return tree_fault(p, item, "illegal expression for augmented assignment");
    return visit_all(p, rest);
}

/* One target of an assignment. */
static bool visit_assigned(struct parser *p, const struct node *item)
{
    const struct node *target = item->items[0];
    bool bare =
        target->loc.col_offset == item->loc.col_offset && target->loc.lineno == item->loc.lineno;
    if ((target->kind == NODE_Yield || target->kind == NODE_YieldFrom) && bare)
        return tree_fault(p, item, "assignment to yield expression not possible");
    return visit(p, target) && set_context(p, target, true, item);
}

static bool visit_expression_statement(struct parser *p, const struct node *n)
{
    const struct node *item = n->items[0], *rest = n->count > 1 ? n->items[1] : NULL;
    if (rest == NULL)
        return visit(p, item);
    if (rest->kind == NODE_ANNOTATION)
        return visit_annotation(p, item, rest);
    if (rest->kind == NODE_AUGMENTED)
        return visit_augmented(p, item, rest);
    if (!visit_assigned(p, item))
        return false;
    for (uint32_t i = 0; i + 1 < rest->count; i++)
        if (!visit_assigned(p, rest->items[i]))
            return false;
    return visit(p, rest->items[rest->count - 1]);
}

/* if, elif and else: without elif in order, else from the last elif (with the else) back to the if.
 */
static bool visit_conditions(struct parser *p, const struct node *n)
{
    uint32_t count = n->count;
    const struct node *otherwise =
        n->items[count - 1]->kind == NODE_OTHERWISE ? n->items[--count] : NULL;
    for (uint32_t i = count; i-- > 0;) {
        if (!visit(p, n->items[i]))
            return false;
        if (i == count - 1 && otherwise != NULL && !visit(p, otherwise))
            return false;
    }
    return true;
}

/* The parameters from a star on. */
static bool visit_star(struct parser *p, const struct node *n)
{
    uint32_t i = 0;
    if (n->count == 0)
        return tree_fault(p, n, "named arguments must follow bare *");
    if (n->items[0]->kind == NODE_KEYWORDS)
        return tree_fault(p, n->items[0], "named arguments must follow bare *");
    if (n->items[0]->kind == NODE_ARGUMENT) {
        if (!check_name(p, n->items[0]->items[0], n->items[0]) || !visit_all(p, n->items[0]))
            return false;
        i = 1;
    }
    for (; i < n->count; i++) {
        const struct node *parameter = n->items[i];
        if (parameter->kind == NODE_KEYWORDS) {
            if (!visit(p, parameter))
                return false;
            continue;
        }
        if (parameter->count > 1 && !visit(p, parameter->items[1]))
            return false;
        const struct node *name = parameter->items[0]->items[0];
        if (!visit_all(p, parameter->items[0]) || !check_name(p, name, name))
            return false;
    }
    return true;
}

/* The parameters of a function, nested sequences flattened as they come. */
static bool visit_parameters(struct parser *p, const struct node *n, const struct node *list,
                             bool *found_default)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const struct node *parameter = list->items[i];
        if (parameter->kind == NODE_SEQUENCE) {
            if (!visit_parameters(p, n, parameter, found_default))
                return false;
            continue;
        }
        if (parameter->kind != NODE_PARAMETER) {
            if (!visit(p, parameter))
                return false;
            continue;
        }
        if (parameter->count > 1) {
            if (!visit(p, parameter->items[1]))
                return false;
            *found_default = true;
        } else if (*found_default) {
            return tree_fault(p, n, "non-default argument follows default argument");
        }
        if (!check_name(p, parameter->items[0]->items[0], parameter->items[0]) ||
            !visit_all(p, parameter->items[0]))
            return false;
    }
    return true;
}

/* name=value in a call, `keywords` being those before it. */
static bool visit_keyword(struct parser *p, const struct node *n, struct node *const *before,
                          uint32_t count)
{
    const struct node *item = n->items[0], *name = item->items[0];
    bool bare =
        name->loc.col_offset == item->loc.col_offset && name->loc.lineno == item->loc.lineno;
    bool constant =
        name->kind == NODE_Constant &&
        (name->class == CLASS_NONE || name->class == CLASS_TRUE || name->class == CLASS_FALSE);
    if (!bare || (name->kind != NODE_Name && !constant))
        return tree_fault(p, item,
                          "expression cannot contain assignment, perhaps you meant \"==\"?");
    if (constant)
        return tree_fault(
            p, item,
            arena_printf(p->c->arena, "cannot assign to %s", peg_expression_name(p, name)));
    if (!check_name(p, name, item))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (before[i]->kind != NODE_KEYWORD)
            continue;
        const struct node *other = before[i]->items[0]->items[0];
        if (other->text_size == name->text_size &&
            memcmp(other->text, name->text, name->text_size) == 0)
            return tree_fault(p, item, "keyword argument repeated");
    }
    return visit(p, n->items[1]);
}

/* The arguments of a call or the bases of a class. */
static bool visit_arguments(struct parser *p, const struct node *n)
{
    bool keyword = false, unpacking = false;
    for (uint32_t i = 0; i < n->count; i++) {
        if (n->items[i]->kind != NODE_GENERATOR_ARGUMENT)
            continue;
        if (n->kind == NODE_BASES)
            return tree_fault(p, n->items[i], "invalid syntax");
        if (n->count > 1)
            return tree_fault(p, n->items[i], "Generator expression must be parenthesized");
    }
    for (uint32_t i = 0; i < n->count; i++) {
        const struct node *argument = n->items[i];
        switch (argument->kind) {
        case NODE_ITEM:
        case NODE_NamedExpr:
            if (keyword)
                return tree_fault(p, argument,
                                  unpacking
                                      ? "positional argument follows keyword argument unpacking"
                                      : "positional argument follows keyword argument");
            break;
        case NODE_Starred:
            if (unpacking)
                return tree_fault(p, argument,
                                  "iterable argument unpacking follows keyword argument unpacking");
            break;
        case NODE_KEYWORD_UNPACKING: keyword = unpacking = true; break;
        case NODE_KEYWORD:
            keyword = true;
            if (!visit_keyword(p, argument, n->items, i))
                return false;
            continue;
        default: break;
        }
        if (!visit(p, argument))
            return false;
    }
    return true;
}

/* A class. Its name is refused at the fourth part of the statement (that closes empty parentheses,
 * or is the suite), at itself only if there are arguments. */
static bool visit_class(struct parser *p, const struct node *n)
{
    const struct node *name = n->items[0], *suite = n->items[n->count - 1];
    struct node at = *suite;
    if (n->count > 2) {
        const struct node *bases = n->items[1];
        if (!visit(p, bases))
            return false;
        at = bases->count > 0 ? *name : *bases;
        if (bases->count == 0) {
            at.loc.lineno = bases->loc.end_lineno;
            at.loc.col_offset = bases->loc.end_col_offset - 1;
        }
    }
    return visit(p, suite) && check_name(p, name, &at);
}

/* An element and the clauses of a comprehension. */
static bool visit_comprehension(struct parser *p, const struct node *n)
{
    const struct node *item = n->items[0];
    if (!visit(p, item))
        return false;
    if (item->items[0]->kind == NODE_Starred)
        return tree_fault(p, item, "iterable unpacking cannot be used in comprehension");
    return visit(p, n->items[1]);
}

/* Adjacent strings. */
static bool visit_strings(struct parser *p, const struct node *n)
{
    bool bytes = false;
    for (uint32_t i = 0; i < n->count; i++) {
        enum constant_class class;
        p->error_token = (struct peg_token *)n->items[0];
        if (!literal_check(p, (struct peg_token *)n->items[i], bytes, &class)) {
            peg_decode_error(p);
            return false;
        }
        if (i > 0 && bytes != (class == CLASS_BYTES))
            return tree_fault(p, n, "cannot mix bytes and nonbytes literals");
        bytes = class == CLASS_BYTES;
    }
    return true;
}

/* target := value */
static bool visit_named(struct parser *p, const struct node *n)
{
    if (!visit_all(p, n))
        return false;
    if (n->items[0]->kind != NODE_Name)
        return tree_fault(p, n,
                          arena_printf(p->c->arena, "cannot use assignment expressions with %s",
                                       peg_expression_name(p, n->items[0])));
    return check_name(p, n->items[0], n);
}

/* Visits a node and what is below it; false: a fault was found. */
static bool visit(struct parser *p, const struct node *n)
{
    bool found_default = false;
    switch (n->kind) {
    case NODE_STORE: return visit_targets(p, n, true);
    case NODE_DELETE: return visit_targets(p, n, false);
    case NODE_EXPRESSION_STATEMENT: return visit_expression_statement(p, n);
    case NODE_CONDITIONS: return visit_conditions(p, n);
    case NODE_CHECKED_NAME: return check_name(p, n->items[0], n);
    case NODE_KEYWORDS:
        return check_name(p, n->items[0]->items[0], n->items[0]) && visit_all(p, n->items[0]);
    case NODE_BARE_NAMES: {
        const struct node *names = n->items[0];
        if (names->items[names->count - 1]->kind == NODE_TOKEN)
            return tree_fault(p, n, "trailing comma not allowed without surrounding parentheses");
        return visit_all(p, n);
    }
    case NODE_WITH_ITEM:
        return visit_all(p, n) && (n->count < 2 || set_context(p, n->items[1], true, n));
    case NODE_PARAMETERS: return visit_parameters(p, n, n, &found_default);
    case NODE_STAR: return visit_star(p, n);
    case NODE_CLASS: return visit_class(p, n);
    case NODE_ARGUMENTS:
    case NODE_BASES: return visit_arguments(p, n);
    case NODE_STRINGS: return visit_strings(p, n);
    case NODE_NamedExpr: return visit_named(p, n);
    case NODE_Constant: return n->text == NULL || peg_check_number(p, n);
    case NODE_UNPACKING_COMPREHENSION:
        return tree_fault(p, n, "dict unpacking cannot be used in dict comprehension");
    case NODE_ListComp:
    case NODE_SetComp:
    case NODE_GeneratorExp:
    case NODE_GENERATOR_ARGUMENT: return visit_comprehension(p, n);
    default: return visit_all(p, n);
    }
}

bool tree_check(struct parser *p, const struct node *tree)
{
    return visit(p, tree);
}
