/* Rewriting of the tree before the symbol table is built: constant folding (to 3.13) or
 * preprocessing (from 3.14). */
#ifndef MKPYC_SEMA_FOLD_H
#define MKPYC_SEMA_FOLD_H

#include "syntax/ast.h"
#include "syntax/compilation.h"

/* Fold in place, as the target's release does. */
void fold_module(struct compilation *c, struct module_ast *m);
/* The two ways of it, for sema_slots. */
void fold_tree(struct compilation *c, struct module_ast *m);
void preprocess_tree(struct compilation *c, struct module_ast *m);
/* Does folding, and not code generation, drop docstrings at -O2? */
bool fold_drops_docstrings(const struct target *target);
/* Is the first statement a plain string (not an f-string, not bytes)? Its constant, or NULL. */
constant ast_docstring(const struct stmt_list *body);

#endif
