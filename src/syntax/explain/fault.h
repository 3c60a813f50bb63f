/* Making exceptions: message formatting and character columns. */
#ifndef MKPYC_SYNTAX_EXPLAIN_FAULT_H
#define MKPYC_SYNTAX_EXPLAIN_FAULT_H

#include <stdarg.h>

#include "util/arena.h"

/* vprintf into the arena. */
const char *fault_vformat(struct arena *arena, const char *format, va_list args);
/* How many characters the bytes decode to, a fault counting as the one replacement character it
 * becomes. */
size_t fault_character_count(const char *text, size_t size);

#endif
