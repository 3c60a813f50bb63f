/* See buffer.h. */
#include "util/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buffer_init(struct buffer *b, struct unwind *unwind)
{
    *b = (struct buffer){.unwind = unwind};
}

void buffer_free(struct buffer *b)
{
    free(b->bytes);
    buffer_init(b, b->unwind);
}

void buffer_grow(struct buffer *b, size_t more)
{
    if (more > SIZE_MAX / 4 - b->length)
        unwind_to(b->unwind, UNWIND_NO_MEMORY);
    size_t capacity = b->capacity < 4096 ? 4096 : b->capacity * 2;
    if (capacity < b->length + more)
        capacity = b->length + more;
    uint8_t *bytes = realloc(b->bytes, capacity);
    if (bytes == NULL)
        unwind_to(b->unwind, UNWIND_NO_MEMORY);
    b->bytes = bytes;
    b->capacity = capacity;
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        unwind_to(b->unwind, UNWIND_NO_MEMORY);
    buffer_reserve(b, (size_t)n + 1);
    va_start(args, format);
    vsnprintf((char *)b->bytes + b->length, (size_t)n + 1, format, args);
    va_end(args);
    b->length += (size_t)n;
}

void buffer_text(struct buffer *b, const char *text)
{
    buffer_bytes(b, text, strlen(text));
}
