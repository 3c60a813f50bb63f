/* What a release decides about the semantic stages, beyond the named features. */
#ifndef MKPYC_SEMA_SEMA_H
#define MKPYC_SEMA_SEMA_H

#include "syntax/ast.h"
#include "syntax/compilation.h"

struct sema_slots {
    /* How the tree is rewritten before the symbol table: fold_tree (constants are folded on the tree) or
     * preprocess_tree (only what cannot wait for the graph: formats, __debug__, patterns). */
    void (*fold)(struct compilation *c, struct module_ast *m);
    uint32_t co_future_annotations; /* bits of co_flags */
    uint32_t co_future_barry_as_bdfl;
    int fold_depth_limit;           /* levels of statements and expressions before RecursionError */
    int symtable_depth_limit;
};

extern const struct sema_slots sema_tree_folding;  /* 3.8 to 3.11 */
extern const struct sema_slots sema_tree_folding_c_stack; /* 3.12, 3.13 */
extern const struct sema_slots sema_graph_folding; /* from 3.14 */

#endif
