/* What the compiler warns of and refuses. */
#ifndef MKPYC_CODEGEN_CHECK_H
#define MKPYC_CODEGEN_CHECK_H

#include "codegen/unit.h"

/* SyntaxError if the name is __debug__ and is being stored or deleted. */
void check_forbidden_name(struct codegen *g, struct location loc, identifier name,
                          enum expr_context ctx);
/* Does the module use the name __debug__? */
static inline bool check_has_debug(const struct codegen *g)
{
    return strings_is_name(strings_get(&g->c->strings, NAME_dunder_debug));
}
/* check_parameters in such a module. */
void check_debug_parameters(struct codegen *g, struct location loc, const struct arguments *args);
/* SyntaxError if a parameter is called __debug__; `loc` is the function's. */
static inline void check_parameters(struct codegen *g, struct location loc,
                                    const struct arguments *args)
{
    if (check_has_debug(g))
        check_debug_parameters(g, loc, args);
}
/* check_keywords when there is something to check. */
void check_some_keywords(struct codegen *g, struct location loc,
                         const struct keyword_list *keywords);
/* SyntaxError if a keyword argument is repeated or called __debug__; `loc` is the call's. */
static inline void check_keywords(struct codegen *g, struct location loc,
                                  const struct keyword_list *keywords)
{
    if (keywords->count > !check_has_debug(g)) /* one repeats no other */
        check_some_keywords(g, loc, keywords);
}
/* SyntaxError if the return statement may not stand here. */
void check_return(struct codegen *g, const struct stmt *s);
/* Warn of "is" with a literal. */
void check_compare(struct codegen *g, const struct expr *e);
/* Warn of calling something that cannot be called. */
void check_caller(struct codegen *g, const struct expr *e);
/* Warn of subscripting something that cannot be, or with a wrong index. */
void check_subscript(struct codegen *g, const struct expr *value, const struct expr *index);
/* A SyntaxError at `loc`; at the current location in the releases that keep one. */
_Noreturn void check_refuse(struct codegen *g, struct location loc, const char *message);
/* A SyntaxWarning in the same place, unless this is a second copy of a finally clause. */
void check_warn(struct codegen *g, struct location loc, const char *message);

#endif
