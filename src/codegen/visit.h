/* The walk over statements and expressions. */
#ifndef MKPYC_CODEGEN_VISIT_H
#define MKPYC_CODEGEN_VISIT_H

#include "codegen/unit.h"

/* Say what visits each kind of statement and of expression. */
void visit_fill_stmt_visitors(struct codegen *g);
void visit_fill_expr_visitors(struct codegen *g);
/* One statement. */
static inline void visit_stmt(struct codegen *g, struct stmt *s)
{
    if (g->location_by_state)
        unit_set_line(g, s->loc);
    g->stmt_visitors[s->kind](g, s);
}
/* Statements in a row. */
void visit_stmts(struct codegen *g, struct stmt_list *list);
/* ... -> ..., value (or the effect of a store or delete) */
static inline void visit_expr(struct codegen *g, struct expr *e)
{
    g->expr_visitors[e->kind](g, e);
}
/* Expressions in a row. */
static inline void visit_exprs(struct codegen *g, const struct expr_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        visit_expr(g, list->items[i]);
}

/* ... -> ..., start, stop[, step]; how many */
int visit_slice_parts(struct codegen *g, struct expr *slice);
/* A slice whose parts are all constant or not there, in a release that makes a constant of it. */
bool visit_is_constant_slice(const struct codegen *g, const struct expr *e);
/* A slice without a step, other than that: it needs no slice object. */
bool visit_is_two_part_slice(const struct codegen *g, const struct expr *e);
/* visit_attribute_location when that is another line. */
struct location visit_moved_to_attribute(struct codegen *g, struct location loc,
                                         const struct expr *attribute);
/* Start of an attribute access moved to the attribute's own line, when it is not on the line where
 * the access starts. */
static inline struct location visit_attribute_location(struct codegen *g, struct location loc,
                                                       const struct expr *attribute)
{
    if (loc.lineno == attribute->loc.end_lineno)
        return loc;
    return visit_moved_to_attribute(g, loc, attribute);
}
/* Are all expressions there and constant? */
bool visit_all_constant(const struct expr_list *list, uint32_t begin, uint32_t end);
/* The constants of expressions that all are. */
constant visit_constant_tuple(struct codegen *g, const struct expr_list *list, uint32_t begin,
                              uint32_t end);

/* More values than this are not put on the stack at once. */
enum { STACK_USE_GUIDELINE = 30 };

/* Behind an exhausted iterator: what FOR_ITER has left on the stack goes. */
void visit_loop_end(struct codegen *g);

/* Slots that concern plain statements and expressions. */
void visit_if(struct codegen *g, struct stmt *s);
void visit_for(struct codegen *g, struct stmt *s);
void visit_async_for(struct codegen *g, struct stmt *s);
void visit_while(struct codegen *g, struct stmt *s);
void visit_while_testing_once(struct codegen *g, struct stmt *s);
void visit_return(struct codegen *g, struct stmt *s);
void visit_break(struct codegen *g, struct location loc);
void visit_continue(struct codegen *g, struct location loc);
void visit_augmented_assignment(struct codegen *g, struct stmt *s);
void visit_jump_if(struct codegen *g, struct location loc, struct expr *e, label target,
                   bool condition);
void visit_boolop(struct codegen *g, struct expr *e);
void visit_boolop_jump_if(struct codegen *g, struct expr *e);
void visit_compare_chain(struct codegen *g, struct expr *e);
void visit_attribute(struct codegen *g, struct expr *e);
void visit_subscript(struct codegen *g, struct expr *e);

#endif
