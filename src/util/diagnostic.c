/* See diagnostic.h. */
#include "util/diagnostic.h"

void diagnostics_init(struct diagnostics *d, struct arena *arena, struct unwind *unwind)
{
    *d = (struct diagnostics){.arena = arena, .unwind = unwind};
    d->tail = &d->warnings;
}

void diagnostic_raise(struct diagnostics *d, const struct diagnostic *error)
{
    d->error = *error;
    unwind_to(d->unwind, UNWIND_DIAGNOSTIC);
}

void diagnostic_raise_plain(struct diagnostics *d, enum exception_type type, const char *message)
{
    struct diagnostic error = {.type = type, .message = message};
    diagnostic_raise(d, &error);
}

/* Is such a warning to be a SyntaxError? */
static bool diagnostic_refuses(struct diagnostics *d, enum warning_category category, int lineno,
                               const char *message)
{
    struct warning w = {.category = category, .message = message, .lineno = lineno};
    return d->refuses != NULL && d->refuses(d->refuses_data, &w);
}

bool diagnostic_try_warn(struct diagnostics *d, enum warning_category category, int lineno,
                         const char *message)
{
    if (diagnostic_refuses(d, category, lineno, message))
        return false;
    struct warning *w = arena_alloc(d->arena, sizeof *w);
    *w = (struct warning){.category = category, .message = message, .lineno = lineno};
    *d->tail = w;
    d->tail = &w->next;
    return true;
}

const char *exception_type_name(enum exception_type type)
{
    static const char *const names[] = {
        [EXCEPTION_NONE] = "",
        [EXCEPTION_SYNTAX_ERROR] = "SyntaxError",
        [EXCEPTION_INDENTATION_ERROR] = "IndentationError",
        [EXCEPTION_TAB_ERROR] = "TabError",
        [EXCEPTION_VALUE_ERROR] = "ValueError",
        [EXCEPTION_MEMORY_ERROR] = "MemoryError",
        [EXCEPTION_RECURSION_ERROR] = "RecursionError",
        [EXCEPTION_SYSTEM_ERROR] = "SystemError",
        [EXCEPTION_UNICODE_DECODE_ERROR] = "UnicodeDecodeError",
        [EXCEPTION_UNICODE_ENCODE_ERROR] = "UnicodeEncodeError",
        [EXCEPTION_UNICODE_ERROR] = "UnicodeError",
        [EXCEPTION_INCOMPLETE_INPUT] = "_IncompleteInputError",
    };
    return names[type];
}
