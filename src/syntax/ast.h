/* The abstract syntax tree: structs expanded from ast.def. Answers to Parser/Python.asdl.
 *
 * Nodes live in the module's arena. Children are never NULL unless ast.def says F_OPT; lists are
 * never NULL. Dispatch on `node->kind` (Name_kind, If_kind, ...); payload in `node->v.Name.id`.
 */
#ifndef MKPYC_SYNTAX_AST_H
#define MKPYC_SYNTAX_AST_H

#include "util/constant.h"

/* Lines from 1, columns in UTF-8 bytes from 0. lineno -1: no location (see NO_LOCATION,
 * NEXT_LOCATION). */
struct location {
    int32_t lineno, col_offset, end_lineno, end_col_offset;
};
#define NO_LOCATION ((struct location){-1, -1, -1, -1})
#define NEXT_LOCATION ((struct location){-2, -2, -2, -2})

enum expr_context { Load = 1, Store, Del };
enum boolop_kind { And = 1, Or };
enum operator_kind {
    Add = 1,
    Sub,
    Mult,
    MatMult,
    Div,
    Mod,
    Pow,
    LShift,
    RShift,
    BitOr,
    BitXor,
    BitAnd,
    FloorDiv
};
enum unaryop_kind { Invert = 1, Not, UAdd, USub };
enum cmpop_kind { Eq = 1, NotEq, Lt, LtE, Gt, GtE, Is, IsNot, In, NotIn };

struct stmt;
struct expr;
struct pattern;
struct excepthandler;
struct type_param;
struct arguments;
struct arg;
struct keyword;
struct alias;
struct withitem;
struct match_case;
struct comprehension;

#define AST_LIST(T, element)                                                                       \
    struct T##_list {                                                                              \
        uint32_t count;                                                                            \
        element items[];                                                                           \
    }
AST_LIST(stmt, struct stmt *);
AST_LIST(expr, struct expr *);
AST_LIST(pattern, struct pattern *);
AST_LIST(excepthandler, struct excepthandler *);
AST_LIST(type_param, struct type_param *);
AST_LIST(arg, struct arg *);
AST_LIST(keyword, struct keyword *);
AST_LIST(alias, struct alias *);
AST_LIST(withitem, struct withitem *);
AST_LIST(match_case, struct match_case *);
AST_LIST(comprehension, struct comprehension *);
AST_LIST(identifier, identifier);
AST_LIST(cmpop_kind, uint8_t);

#define F_NODE(owner, type, name) struct type *name;
#define F_OPT(owner, type, name) struct type *name;
#define F_LIST(owner, type, name) struct type##_list *name;
#define F_ID(owner, name) identifier name;
#define F_OPT_ID(owner, name) identifier name;
#define F_PREFIX(owner, name)
#define F_IDS(owner, name) struct identifier_list *name;
#define F_CONST(owner, name) constant name;
#define F_INT(owner, name) int name;
#define F_ENUM(owner, type, name) enum type name;
#define F_ENUMS(owner, type, name) struct type##_list *name;

enum stmt_kind {
    stmt_kind_none,
#define STMT(name, fields) name##_kind,
#include "syntax/ast.def"
#undef STMT
    stmt_kind_count
};
enum expr_kind {
    expr_kind_none,
#define EXPR(name, fields) name##_kind,
#include "syntax/ast.def"
#undef EXPR
    expr_kind_count
};
enum pattern_kind {
    pattern_kind_none,
#define PATTERN(name, fields) name##_kind,
#include "syntax/ast.def"
#undef PATTERN
    pattern_kind_count
};
enum excepthandler_kind { ExceptHandler_kind = 1 };
enum type_param_kind {
    type_param_kind_none,
#define TYPE_PARAM(name, fields) name##_kind,
#include "syntax/ast.def"
#undef TYPE_PARAM
    type_param_kind_count
};

/* Is there nothing in a statement that folding would look for? */
enum stmt_plain { STMT_NOT_PLAIN, STMT_PLAIN, STMT_PLAIN_COMPOUND };
/* A line of a plain statement has no more tokens than the first, and it nests no deeper than the
 * second says: that bounds the depth of its tree. */
enum { STMT_PLAIN_TOKENS = 512, STMT_PLAIN_NESTING = 200 };

#define MEMBER(name, fields)                                                                       \
    struct {                                                                                       \
        fields                                                                                     \
    } name;
struct stmt {
    uint8_t kind;  /* enum stmt_kind */
    uint8_t plain; /* enum stmt_plain: can nothing be folded in it (see parser.folds)? */
    struct location loc;
    uint32_t scope; /* the symbol table's entry for the scope that the statement opens; until
                       symtable_build sets it, its place in module_ast.names */
    union {
#define STMT(name, fields) MEMBER(name, fields)
#include "syntax/ast.def"
#undef STMT
    } v;
};
struct expr {
    uint8_t kind;          /* enum expr_kind */
    uint8_t parenthesized; /* written in parentheses of its own (not part of the AST proper;
                              releases differ in what they do with it) */
    bool u_prefix;         /* a string that was written with the prefix u: field `kind` */
    bool plain_call;       /* a call that surely has only positional arguments, none of them starred
                              or a generator expression; false says nothing */
    struct location loc;
    uint32_t scope; /* as in struct stmt; a name's place in module_ast.names */
    union {
#define EXPR(name, fields) MEMBER(name, fields)
#include "syntax/ast.def"
#undef EXPR
    } v;
};
struct pattern {
    uint8_t kind;
    struct location loc;
    union {
#define PATTERN(name, fields) MEMBER(name, fields)
#include "syntax/ast.def"
#undef PATTERN
    } v;
};
struct excepthandler {
    uint8_t kind;
    struct location loc;
    union {
#define EXCEPTHANDLER(name, fields) MEMBER(name, fields)
#include "syntax/ast.def"
#undef EXCEPTHANDLER
    } v;
};
struct type_param {
    uint8_t kind;
    struct location loc;
    uint32_t scope;         /* entry of a TypeVar's bound; of the default of the others */
    uint32_t default_scope; /* entry of a TypeVar's default */
    union {
#define TYPE_PARAM(name, fields) MEMBER(name, fields)
#include "syntax/ast.def"
#undef TYPE_PARAM
    } v;
};
#undef MEMBER
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

struct arguments {
    struct arg_list *posonlyargs, *args;
    struct arg *vararg; /* or NULL */
    struct arg_list *kwonlyargs;
    struct expr_list *kw_defaults; /* NULL items: no default */
    struct arg *kwarg;             /* or NULL */
    struct expr_list *defaults;
    bool annotated;    /* one of them has an annotation */
    bool body_catches; /* the body of the function, or one in there, may set up handlers */
};
struct arg {
    identifier arg;
    struct expr *annotation; /* or NULL */
    struct location loc;
};
struct keyword {
    identifier arg; /* 0: **value */
    struct expr *value;
    struct location loc;
};
struct alias {
    identifier name, asname; /* asname 0: none */
    struct location loc;
};
struct withitem {
    struct expr *context_expr, *optional_vars; /* optional_vars or NULL */
};
struct match_case {
    struct pattern *pattern;
    struct expr *guard; /* or NULL */
    struct stmt_list *body;
};
struct comprehension {
    struct expr *target, *iter;
    struct expr_list *ifs;
    int is_async;
};
/* The names of a module for the symbol table, in the order in which it meets them, so that it need
 * not walk the tree: a word each, twice the identifier, and one more if the name is bound or
 * deleted. What has more to say than names that are used and bound stands there as a node, in
 * several words, with the words of what is inside a function or class behind it, from where
 * stmt.scope says. */
struct name_node {
    uint32_t head; /* NAME_NODE, more of that enumeration, and how many statements it is inside */
    uint32_t end;  /* the first word behind the node and what is in it */
    void *node;    /* or NULL: nothing */
};
enum { NAME_NODE_WORDS = sizeof(struct name_node) / sizeof(uint32_t) };
enum name_word {
    NAME_BINDING = 1,           /* in the word of a name */
    NAME_LEVEL = (1 << 16) - 1, /* in that of a node: the number of statements */
    NAME_IN_TRY = 1 << 16,      /* one of those is a try statement */
    NAME_EXPRESSION = 1 << 17,  /* it is an expression of the innermost, not a statement */
    NAME_NODE = 1 << 30,
};
_Static_assert(2 * (uint32_t)IDENTIFIER_LIMIT <= (uint32_t)NAME_NODE,
               "the word of a name is not that of a node");
struct module_ast {
    struct stmt_list *body;
    const uint32_t *names; /* NULL: they are of no use */
    uint32_t name_count;
};

/* A node has room for the members of its kind only: for a kind's size. Folding changes expressions
 * in place: any into a Constant, a UnaryOp into a Compare. */
static inline size_t ast_expr_size(enum expr_kind kind)
{
#define EXPR(name, fields)                                                                         \
    [name##_kind] = offsetof(struct expr, v) +                                                     \
                    (sizeof(((struct expr *)0)->v.name) > sizeof(((struct expr *)0)->v.Constant)   \
                         ? sizeof(((struct expr *)0)->v.name)                                      \
                         : sizeof(((struct expr *)0)->v.Constant)),
    static const uint8_t sizes[] = {
#include "syntax/ast.def"
    };
#undef EXPR
    return sizes[kind == UnaryOp_kind ? Compare_kind : kind];
}
static inline size_t ast_stmt_size(enum stmt_kind kind)
{
#define STMT(name, fields)                                                                         \
    [name##_kind] = offsetof(struct stmt, v) + sizeof(((struct stmt *)0)->v.name),
    static const uint8_t sizes[] = {
#include "syntax/ast.def"
    };
#undef STMT
    return sizes[kind];
}

/* A new node, zeroed but for kind and location. */
static inline struct expr *ast_expr(struct arena *a, enum expr_kind kind, struct location loc)
{
    struct expr *e = arena_zalloc(a, ast_expr_size(kind));
    e->kind = (uint8_t)kind;
    e->loc = loc;
    return e;
}
static inline struct stmt *ast_stmt(struct arena *a, enum stmt_kind kind, struct location loc)
{
    struct stmt *s = arena_zalloc(a, ast_stmt_size(kind));
    s->kind = (uint8_t)kind;
    s->loc = loc;
    return s;
}

#endif
