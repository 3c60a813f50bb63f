/* What can go wrong with a module, in the terms of Python's exceptions, and the warnings on the
 * way. Texts are not copied: they are literals, or lie in the arena of the compilation. */
#ifndef MKPYC_UTIL_DIAGNOSTIC_H
#define MKPYC_UTIL_DIAGNOSTIC_H

#include "util/arena.h"

#include <limits.h>

enum exception_type {
    EXCEPTION_NONE,
    EXCEPTION_SYNTAX_ERROR,
    EXCEPTION_INDENTATION_ERROR,
    EXCEPTION_TAB_ERROR,
    EXCEPTION_VALUE_ERROR,
    EXCEPTION_MEMORY_ERROR,
    EXCEPTION_RECURSION_ERROR,
    EXCEPTION_SYSTEM_ERROR,
    EXCEPTION_UNICODE_DECODE_ERROR,
    EXCEPTION_UNICODE_ENCODE_ERROR,
    EXCEPTION_UNICODE_ERROR,
    EXCEPTION_INCOMPLETE_INPUT,
};

enum { DIAGNOSTIC_NONE = INT_MIN };

/* One exception. The position fields mean what the attributes of SyntaxError mean; `has_*` false is
 * Python's None. */
struct diagnostic {
    enum exception_type type;
    const char *message; /* SyntaxError.msg, or str(exception); UTF-8, NUL-terminated */
    bool has_location;   /* false: SyntaxError was raised with a message only (no filename, lineno,
                            ...) */
    bool has_text;       /* false: text is None */
    int lineno, offset;  /* 1-based; offset counts characters; -1: None */
    int end_lineno;      /* -1: None, as end_offset is then */
    int end_offset;      /* -1 occurs; DIAGNOSTIC_NONE: None */
    const char *text;    /* the source line with its newline if it has one; UTF-8 */
    size_t text_length;
    const char *filename; /* NULL: that of the module */
    bool from_parser;     /* the parser's second pass raised it, and had read ... */
    int statement_line;   /* ... the last compound statement on this line; 0: none */
};

enum warning_category { WARNING_SYNTAX, WARNING_DEPRECATION };

struct warning {
    enum warning_category category;
    const char *message;
    int lineno;
    const char *filename; /* NULL: that of the module */
    struct warning *next;
};

struct diagnostics {
    struct arena *arena;
    struct unwind *unwind;
    struct diagnostic error;          /* valid once type is not EXCEPTION_NONE */
    struct warning *warnings, **tail; /* in the order in which CPython issues them */
    bool (*refuses)(void *data,
                    const struct warning *w); /* warnings that are to be SyntaxErrors; NULL: none */
    void *refuses_data;
};

/* Start with nothing wrong. */
void diagnostics_init(struct diagnostics *d, struct arena *arena, struct unwind *unwind);
/* Record a copy of the error and leave the compilation. */
_Noreturn void diagnostic_raise(struct diagnostics *d, const struct diagnostic *error);
/* An exception with a message alone (MemoryError, RecursionError, ValueError ...). */
_Noreturn void diagnostic_raise_plain(struct diagnostics *d, enum exception_type type,
                                      const char *message);
/* Note a warning. false: it is refused, and whoever warns must raise it as a SyntaxError. */
bool diagnostic_try_warn(struct diagnostics *d, enum warning_category category, int lineno,
                         const char *message);
/* "SyntaxError", "IndentationError", ... */
const char *exception_type_name(enum exception_type type);
/* Is it SyntaxError or a class below it? */
static inline bool exception_is_syntax_error(enum exception_type type)
{
    return type == EXCEPTION_SYNTAX_ERROR || type == EXCEPTION_INDENTATION_ERROR ||
           type == EXCEPTION_TAB_ERROR;
}

#endif
