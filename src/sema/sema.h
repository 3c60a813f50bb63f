/* What a release decides about the semantic stages, beyond the named features. */
#ifndef MKPYC_SEMA_SEMA_H
#define MKPYC_SEMA_SEMA_H

#include "syntax/ast.h"
#include "syntax/compilation.h"
#include "util/set_table.h"

struct sema_slots {
    /* How the tree is rewritten before the symbol table: fold_tree (constants are folded on the
     * tree) or preprocess_tree (only what cannot wait for the graph: formats, __debug__, patterns).
     */
    void (*fold)(struct compilation *c, struct module_ast *m);
    uint32_t co_future_annotations; /* bits of co_flags */
    uint32_t co_future_barry_as_bdfl;
    int fold_depth_limit; /* levels of statements and expressions before RecursionError, as
                           * py_compile started by a script or by -c meets them */
    int symtable_depth_limit;
    int method_levels;                    /* levels that the attribute in a method call counts */
    struct singleton_addresses addresses; /* to 3.10; later no order depends on them */
    const char *recursion_message;
};

/* RecursionError, when a depth limit is passed. */
_Noreturn void sema_recursion_error(struct compilation *c);

#endif
