/* Type parameters and type aliases. */
#ifndef MKPYC_LOWER_TYPE_PARAMS_H
#define MKPYC_LOWER_TYPE_PARAMS_H

#include "codegen/unit.h"

/* Slots. */
void type_params_alias(struct codegen *g, struct stmt *s);
void type_params_evaluator_plain(struct codegen *g, struct location loc, struct expr *e,
                                 identifier name, struct symtable_entry *scope, bool allow_star);
void type_params_evaluator_by_format(struct codegen *g, struct location loc, struct expr *e,
                                     identifier name, struct symtable_entry *scope,
                                     bool allow_star);

/* Enter the scope of the type parameters around a function, class or alias. */
void type_params_enter(struct codegen *g, struct symtable_entry *inner, identifier name,
                       int lineno);
/* [] -> [tuple of the type parameters]; each is bound to its name, too */
void type_params_build(struct codegen *g, struct type_param_list *params);
/* Leave the scope and make a function of it: [] -> [function] */
void type_params_leave(struct codegen *g, struct location loc);

#endif
