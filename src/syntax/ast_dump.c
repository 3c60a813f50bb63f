/* Tokens and syntax trees as text. See dump.h; every node's fields come from ast.def.
 *
 * A node is written in two passes over its fields: first those that stand on its own line, then
 * those that are nodes.
 */
#include "syntax/dump.h"

#include "syntax/lexer.h"
#include "util/utf8.h"

struct dumper {
    struct compilation *c;
    struct buffer *out;
    int depth;
};

/* One character inside of quotes. */
static void put_character(struct buffer *out, uint32_t cp, bool bytes)
{
    if (cp == '\\' || cp == '\'')
        buffer_printf(out, "\\%c", (int)cp);
    else if (cp >= 0x20 && cp <= 0x7E)
        buffer_byte(out, (uint8_t)cp);
    else if (cp <= 0xFF || bytes)
        buffer_printf(out, "\\x%02x", (unsigned)cp);
    else if (cp <= 0xFFFF)
        buffer_printf(out, "\\u%04x", (unsigned)cp);
    else
        buffer_printf(out, "\\U%08x", (unsigned)cp);
}

/* UTF-8 text between quotes. */
static void put_text(struct buffer *out, const char *text, size_t size)
{
    buffer_byte(out, '\'');
    for (size_t i = 0, length; i < size; i += length)
        put_character(out, utf8_read(text + i, &length), false);
    buffer_byte(out, '\'');
}

void dump_string(struct compilation *c, identifier id, struct buffer *out)
{
    const struct string *s = strings_get(&c->strings, id);
    put_text(out, s->bytes, s->length);
}

/* The bits of a double. */
static unsigned long long bits_of(double d)
{
    unsigned long long bits;
    memcpy(&bits, &d, sizeof bits);
    return bits;
}

void dump_constant(struct compilation *c, constant value, struct buffer *out)
{
    switch ((enum constant_kind)value->kind) {
    case CONSTANT_NONE: buffer_text(out, "None"); break;
    case CONSTANT_FALSE: buffer_text(out, "False"); break;
    case CONSTANT_TRUE: buffer_text(out, "True"); break;
    case CONSTANT_ELLIPSIS: buffer_text(out, "Ellipsis"); break;
    case CONSTANT_INT: buffer_printf(out, "%lld", (long long)value->v.integer); break;
    case CONSTANT_BIGINT:
        buffer_text(out, value->v.big.negative ? "-0x" : "0x");
        for (uint32_t i = value->length; i-- > 0;)
            buffer_printf(out, i + 1 == value->length ? "%x" : "%08x",
                          (unsigned)value->v.big.limbs[i]);
        break;
    case CONSTANT_FLOAT: buffer_printf(out, "f64(%016llx)", bits_of(value->v.number)); break;
    case CONSTANT_COMPLEX:
        buffer_printf(out, "c128(%016llx,%016llx)", bits_of(value->v.complex.real),
                      bits_of(value->v.complex.imag));
        break;
    case CONSTANT_STR: dump_string(c, value->v.str, out); break;
    case CONSTANT_BYTES:
        buffer_text(out, "b'");
        for (uint32_t i = 0; i < value->length; i++)
            put_character(out, (unsigned char)value->v.bytes[i], true);
        buffer_byte(out, '\'');
        break;
    case CONSTANT_TUPLE:
    case CONSTANT_FROZENSET:
    case CONSTANT_SLICE:
        buffer_text(out, value->kind == CONSTANT_TUPLE   ? "("
                         : value->kind == CONSTANT_SLICE ? "slice("
                                                         : "frozenset(");
        for (uint32_t i = 0; i < value->length; i++) {
            dump_constant(c, value->v.items[i], out);
            buffer_text(out, ",");
        }
        buffer_text(out, ")");
        break;
    case CONSTANT_CODE: buffer_text(out, "code"); break;
    }
}

static const char *name_of_expr_context(unsigned v)
{
    static const char *const names[] = {"", "Load", "Store", "Del"};
    return names[v];
}
static const char *name_of_boolop_kind(unsigned v)
{
    static const char *const names[] = {"", "And", "Or"};
    return names[v];
}
static const char *name_of_operator_kind(unsigned v)
{
    static const char *const names[] = {"",      "Add",    "Sub",    "Mult",    "MatMult",
                                        "Div",   "Mod",    "Pow",    "LShift",  "RShift",
                                        "BitOr", "BitXor", "BitAnd", "FloorDiv"};
    return names[v];
}
static const char *name_of_unaryop_kind(unsigned v)
{
    static const char *const names[] = {"", "Invert", "Not", "UAdd", "USub"};
    return names[v];
}
static const char *name_of_cmpop_kind(unsigned v)
{
    static const char *const names[] = {"",    "Eq", "NotEq", "Lt", "LtE",  "Gt",
                                        "GtE", "Is", "IsNot", "In", "NotIn"};
    return names[v];
}

/* Start a node's line: indentation, label, kind, position. */
static void put_head(struct dumper *d, const char *label, const char *kind,
                     const struct location *loc)
{
    for (int i = 0; i < d->depth; i++)
        buffer_text(d->out, "  ");
    if (label != NULL)
        buffer_printf(d->out, "%s: ", label);
    buffer_text(d->out, kind);
    if (loc != NULL)
        buffer_printf(d->out, "@%d:%d-%d:%d", loc->lineno, loc->col_offset, loc->end_lineno,
                      loc->end_col_offset);
}

/* A list element that is None. */
static void put_none(struct dumper *d, const char *label)
{
    put_head(d, label, "None", NULL);
    buffer_byte(d->out, '\n');
}

static void put_id(struct dumper *d, const char *name, identifier id)
{
    buffer_printf(d->out, " %s=", name);
    dump_string(d->c, id, d->out);
}

static void put_optional_id(struct dumper *d, const char *name, identifier id)
{
    if (id != 0)
        put_id(d, name, id);
}

static void put_cmpop_kinds(struct dumper *d, const char *name, const struct cmpop_kind_list *ops)
{
    buffer_printf(d->out, " %s=[", name);
    for (uint32_t i = 0; i < ops->count; i++)
        buffer_printf(d->out, "%s%s", i == 0 ? "" : ", ", name_of_cmpop_kind(ops->items[i]));
    buffer_byte(d->out, ']');
}

static void put_ids(struct dumper *d, const char *name, const struct identifier_list *ids)
{
    if (ids->count == 0)
        return;
    buffer_printf(d->out, " %s=[", name);
    for (uint32_t i = 0; i < ids->count; i++) {
        buffer_text(d->out, i == 0 ? "" : ", ");
        dump_string(d->c, ids->items[i], d->out);
    }
    buffer_byte(d->out, ']');
}

static void put_constant(struct dumper *d, const char *name, constant value)
{
    buffer_printf(d->out, " %s=", name);
    dump_constant(d->c, value, d->out);
}

static void put_stmt(struct dumper *d, const char *label, const struct stmt *n);
static void put_expr(struct dumper *d, const char *label, const struct expr *n);
static void put_pattern(struct dumper *d, const char *label, const struct pattern *n);
static void put_excepthandler(struct dumper *d, const char *label, const struct excepthandler *n);
static void put_type_param(struct dumper *d, const char *label, const struct type_param *n);

static void put_arg(struct dumper *d, const char *label, const struct arg *n)
{
    put_head(d, label, "arg", &n->loc);
    put_id(d, "arg", n->arg);
    buffer_byte(d->out, '\n');
    d->depth++;
    if (n->annotation != NULL)
        put_expr(d, "annotation", n->annotation);
    d->depth--;
}

static void put_args(struct dumper *d, const char *label, const struct arg_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        put_arg(d, label, list->items[i]);
}

static void put_exprs(struct dumper *d, const char *label, const struct expr_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i] == NULL)
            put_none(d, label);
        else
            put_expr(d, label, list->items[i]);
    }
}

static void put_arguments(struct dumper *d, const char *label, const struct arguments *n)
{
    put_head(d, label, "arguments", NULL);
    buffer_byte(d->out, '\n');
    d->depth++;
    put_args(d, "posonlyargs", n->posonlyargs);
    put_args(d, "args", n->args);
    if (n->vararg != NULL)
        put_arg(d, "vararg", n->vararg);
    put_args(d, "kwonlyargs", n->kwonlyargs);
    put_exprs(d, "kw_defaults", n->kw_defaults);
    if (n->kwarg != NULL)
        put_arg(d, "kwarg", n->kwarg);
    put_exprs(d, "defaults", n->defaults);
    d->depth--;
}

static void put_keyword(struct dumper *d, const char *label, const struct keyword *n)
{
    put_head(d, label, "keyword", &n->loc);
    if (n->arg != 0)
        put_id(d, "arg", n->arg);
    buffer_byte(d->out, '\n');
    d->depth++;
    put_expr(d, "value", n->value);
    d->depth--;
}

static void put_alias(struct dumper *d, const char *label, const struct alias *n)
{
    put_head(d, label, "alias", &n->loc);
    put_id(d, "name", n->name);
    if (n->asname != 0)
        put_id(d, "asname", n->asname);
    buffer_byte(d->out, '\n');
}

static void put_withitem(struct dumper *d, const char *label, const struct withitem *n)
{
    put_head(d, label, "withitem", NULL);
    buffer_byte(d->out, '\n');
    d->depth++;
    put_expr(d, "context_expr", n->context_expr);
    if (n->optional_vars != NULL)
        put_expr(d, "optional_vars", n->optional_vars);
    d->depth--;
}

static void put_match_case(struct dumper *d, const char *label, const struct match_case *n)
{
    put_head(d, label, "match_case", NULL);
    buffer_byte(d->out, '\n');
    d->depth++;
    put_pattern(d, "pattern", n->pattern);
    if (n->guard != NULL)
        put_expr(d, "guard", n->guard);
    for (uint32_t i = 0; i < n->body->count; i++)
        put_stmt(d, "body", n->body->items[i]);
    d->depth--;
}

static void put_comprehension(struct dumper *d, const char *label, const struct comprehension *n)
{
    put_head(d, label, "comprehension", NULL);
    buffer_printf(d->out, " is_async=%d\n", n->is_async);
    d->depth++;
    put_expr(d, "target", n->target);
    put_expr(d, "iter", n->iter);
    put_exprs(d, "ifs", n->ifs);
    d->depth--;
}

/* First pass over a node's fields: what stands on its line. */
#define F_NODE(owner, type, name)
#define F_OPT(owner, type, name)
#define F_LIST(owner, type, name)
#define F_ID(owner, name) put_id(d, #name, n->v.owner.name);
#define F_OPT_ID(owner, name) put_optional_id(d, #name, n->v.owner.name);
#define F_PREFIX(owner, name) put_optional_id(d, #name, n->u_prefix ? NAME_u : 0);
#define F_IDS(owner, name) put_ids(d, #name, n->v.owner.name);
#define F_CONST(owner, name) put_constant(d, #name, n->v.owner.name);
#define F_INT(owner, name) buffer_printf(d->out, " %s=%d", #name, n->v.owner.name);
#define F_ENUM(owner, type, name)                                                                  \
    buffer_printf(d->out, " %s=%s", #name, name_of_##type(n->v.owner.name));
#define F_ENUMS(owner, type, name) put_##type##s(d, #name, n->v.owner.name);
#define LINE(type, kind_name, fields)                                                              \
    case kind_name##_kind:                                                                         \
        put_head(d, label, #kind_name, &n->loc);                                                   \
        fields break;
#define LINE_FUNCTION(type)                                                                        \
    static void put_##type##_line(struct dumper *d, const char *label, const struct type *n)       \
    {                                                                                              \
        switch (n->kind) {
#define LINE_FUNCTION_END                                                                          \
    }                                                                                              \
    buffer_byte(d->out, '\n');                                                                     \
    }
LINE_FUNCTION(stmt)
#define STMT(name, fields) LINE(stmt, name, fields)
#include "syntax/ast.def"
#undef STMT
LINE_FUNCTION_END
LINE_FUNCTION(expr)
#define EXPR(name, fields) LINE(expr, name, fields)
#include "syntax/ast.def"
#undef EXPR
LINE_FUNCTION_END
LINE_FUNCTION(pattern)
#define PATTERN(name, fields) LINE(pattern, name, fields)
#include "syntax/ast.def"
#undef PATTERN
LINE_FUNCTION_END
LINE_FUNCTION(excepthandler)
#define EXCEPTHANDLER(name, fields) LINE(excepthandler, name, fields)
#include "syntax/ast.def"
#undef EXCEPTHANDLER
LINE_FUNCTION_END
LINE_FUNCTION(type_param)
#define TYPE_PARAM(name, fields) LINE(type_param, name, fields)
#include "syntax/ast.def"
#undef TYPE_PARAM
LINE_FUNCTION_END
#undef F_NODE
#undef F_OPT
#undef F_LIST
#undef F_ID
#undef F_OPT_ID
#undef F_PREFIX
#undef F_IDS
#undef F_CONST
#undef F_INT
#undef F_ENUM
#undef F_ENUMS

/* Second pass: the children. */
#define F_NODE(owner, type, name) put_##type(d, #name, n->v.owner.name);
#define F_OPT(owner, type, name)                                                                   \
    if (n->v.owner.name != NULL)                                                                   \
        put_##type(d, #name, n->v.owner.name);
#define F_LIST(owner, type, name)                                                                  \
    for (uint32_t i = 0; i < n->v.owner.name->count; i++) {                                        \
        if (n->v.owner.name->items[i] == NULL)                                                     \
            put_none(d, #name);                                                                    \
        else                                                                                       \
            put_##type(d, #name, n->v.owner.name->items[i]);                                       \
    }
#define F_ID(owner, name)
#define F_OPT_ID(owner, name)
#define F_PREFIX(owner, name)
#define F_IDS(owner, name)
#define F_CONST(owner, name)
#define F_INT(owner, name)
#define F_ENUM(owner, type, name)
#define F_ENUMS(owner, type, name)
#define CHILDREN(kind_name, fields)                                                                \
    case kind_name##_kind:                                                                         \
        fields break;
#define CHILDREN_FUNCTION(type)                                                                    \
    static void put_##type(struct dumper *d, const char *label, const struct type *n)              \
    {                                                                                              \
        put_##type##_line(d, label, n);                                                            \
        d->depth++;                                                                                \
        switch (n->kind) {
#define CHILDREN_FUNCTION_END                                                                      \
    }                                                                                              \
    d->depth--;                                                                                    \
    }
CHILDREN_FUNCTION(stmt)
#define STMT(name, fields) CHILDREN(name, fields)
#include "syntax/ast.def"
#undef STMT
CHILDREN_FUNCTION_END
CHILDREN_FUNCTION(expr)
#define EXPR(name, fields) CHILDREN(name, fields)
#include "syntax/ast.def"
#undef EXPR
CHILDREN_FUNCTION_END
CHILDREN_FUNCTION(pattern)
#define PATTERN(name, fields) CHILDREN(name, fields)
#include "syntax/ast.def"
#undef PATTERN
CHILDREN_FUNCTION_END
CHILDREN_FUNCTION(excepthandler)
#define EXCEPTHANDLER(name, fields) CHILDREN(name, fields)
#include "syntax/ast.def"
#undef EXCEPTHANDLER
CHILDREN_FUNCTION_END
CHILDREN_FUNCTION(type_param)
#define TYPE_PARAM(name, fields) CHILDREN(name, fields)
#include "syntax/ast.def"
#undef TYPE_PARAM
CHILDREN_FUNCTION_END

void dump_ast(struct compilation *c, struct module_ast *m, struct buffer *out)
{
    struct dumper d = {c, out, 0};
    put_head(&d, NULL, "Module", NULL);
    buffer_byte(out, '\n');
    d.depth++;
    for (uint32_t i = 0; i < m->body->count; i++)
        put_stmt(&d, "body", m->body->items[i]);
}

void dump_tokens(struct compilation *c, struct buffer *out)
{
    struct lexer *lx = arena_alloc(c->arena, sizeof *lx);
    lexer_init(lx, c);
    const struct token *t = lexer_read(lx, c->source, c->source_length, 1, 0);
    for (bool goes_on = true; goes_on;) {
        buffer_printf(out, "%d,%d-%d,%d %s ", t->lineno, t->col_offset, t->end_lineno,
                      t->end_col_offset, token_kind_name(t->kind));
        put_text(out, t->start, (size_t)(token_end(t) - t->start));
        buffer_byte(out, '\n');
        goes_on = t->kind != TOKEN_end_of_file;
        t = t->kind == TOKEN_newline ? lexer_behind_newline(lx, t) : t + 1;
    }
}
