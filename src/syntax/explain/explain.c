/* The entry of the slow path; see explain.h. */
#include "syntax/explain.h"

void explain_syntax_error(struct compilation *c)
{
    struct diagnostic error = {
        .type = EXCEPTION_SYNTAX_ERROR,
        .message = "invalid syntax",
        .has_location = true,
        .lineno = 1,
        .offset = 1,
        .end_lineno = 1,
        .end_offset = 1,
    };
    diagnostic_raise(&c->diagnostics, &error);
}
