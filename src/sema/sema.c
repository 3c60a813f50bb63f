/* See sema.h. */
#include "sema/sema.h"

void sema_recursion_error(struct compilation *c)
{
    diagnostic_raise_plain(&c->diagnostics, EXCEPTION_RECURSION_ERROR,
                           c->target->sema->recursion_message);
}
