/* Annotations of variables and of functions. */
#ifndef MKPYC_LOWER_ANNOTATION_H
#define MKPYC_LOWER_ANNOTATION_H

#include "codegen/unit.h"

/* Slots. */
void annotation_eager(struct codegen *g, struct stmt *s);
void annotation_body_eager(struct codegen *g, struct location loc, struct stmt_list *body);

int annotation_function_eager(struct codegen *g, struct stmt *s);
void annotation_deferred(struct codegen *g, struct stmt *s);
void annotation_body_deferred(struct codegen *g, struct location loc, struct stmt_list *body);
int annotation_function_deferred(struct codegen *g, struct stmt *s);

/* Enter the scope of an evaluator: a function of the form that is asked for, which has only values
 * to offer. */
void annotation_enter_scope(struct codegen *g, struct location loc, struct symtable_entry *scope,
                            identifier name);

/* Shared by the variants. */
/* from __future__ import annotations */
bool annotation_as_text(const struct codegen *g);
/* All annotations of a function: [] -> [name, annotation, ...]; how many values. */
int32_t annotation_push_function(struct codegen *g, struct stmt *s);
/* Store the docstring of a module or class; how many statements it takes. */
uint32_t annotation_store_docstring(struct codegen *g, const struct stmt_list *body);
/* Do variables of the scope have annotations that are kept? */
bool annotation_is_kept(const struct codegen *g);
/* __annotations__[name] = annotation */
void annotation_store(struct codegen *g, struct stmt *s);
/* Evaluate the target of an annotation without a value, for its errors. */
void annotation_evaluate_target(struct codegen *g, struct expr *target);

#endif
