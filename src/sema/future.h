/* `from __future__ import ...`: which features a module turns on. Answers to Python/future.c. */
#ifndef MKPYC_SEMA_FUTURE_H
#define MKPYC_SEMA_FUTURE_H

#include "syntax/ast.h"
#include "syntax/compilation.h"

enum future_flags {
    FUTURE_ANNOTATIONS = 1,
    FUTURE_BARRY_AS_BDFL = 2,
};

/* Read the __future__ statements at the head of the module: sets c->future_flags and
 * c->future_location. */
void future_parse(struct compilation *c, struct module_ast *m);
/* The CO_FUTURE_* bits that every code object of the module carries. */
uint32_t future_code_flags(const struct compilation *c);
/* The statement is a __future__ import that comes too late: the check that code generation
 * (to 3.13) or the symbol table makes. */
bool future_is_late(const struct compilation *c, const struct stmt *import_from);

#endif
