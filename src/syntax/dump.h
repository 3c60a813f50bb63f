/* Tokens and syntax trees as text; the form is docs/dump-formats.md's. */
#ifndef MKPYC_SYNTAX_DUMP_H
#define MKPYC_SYNTAX_DUMP_H

#include "syntax/ast.h"
#include "syntax/compilation.h"
#include "util/buffer.h"

/* One token a line. */
void dump_tokens(struct compilation *c, struct buffer *out);
/* The tree, one node a line. */
void dump_ast(struct compilation *c, struct module_ast *m, struct buffer *out);
/* A constant as the dumps write it. */
void dump_constant(struct compilation *c, constant value, struct buffer *out);
/* A string between quotes. */
void dump_string(struct compilation *c, identifier id, struct buffer *out);

#endif
