/* A growable byte buffer, for output: marshalled code, text dumps.
 *
 * Its memory is its own (malloc), so that a result outlives the arena of its compilation and a
 * worker can use one buffer again and again. When memory runs out it unwinds to `unwind`, which
 * must be set while bytes are added.
 */
#ifndef MKPYC_UTIL_BUFFER_H
#define MKPYC_UTIL_BUFFER_H

#include "util/arena.h"

struct buffer {
    uint8_t *bytes;
    size_t length, capacity;
    struct unwind *unwind;
};

/* Make an empty buffer; no memory is taken yet. */
void buffer_init(struct buffer *b, struct unwind *unwind);
/* Give the memory back. */
void buffer_free(struct buffer *b);
/* The slow path of buffer_reserve. */
void buffer_grow(struct buffer *b, size_t more);
/* Add formatted text. */
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Add NUL-terminated text. */
void buffer_text(struct buffer *b, const char *text);

/* Make room for `more` bytes; returns where they go. */
static inline uint8_t *buffer_reserve(struct buffer *b, size_t more)
{
    if (more > b->capacity - b->length)
        buffer_grow(b, more);
    return b->bytes + b->length;
}

/* Add one byte. */
static inline void buffer_byte(struct buffer *b, uint8_t byte)
{
    *buffer_reserve(b, 1) = byte;
    b->length++;
}

/* Add `length` bytes. */
static inline void buffer_bytes(struct buffer *b, const void *bytes, size_t length)
{
    if (length != 0)
        memcpy(buffer_reserve(b, length), bytes, length);
    b->length += length;
}

#endif
