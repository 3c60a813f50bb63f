/* Reads code objects and writes them again, for tools/check-marshal.
 *
 *   marshal_probe                        the targets, one a line
 *   marshal_probe RELEASE [canonical]    marshalled code objects on standard input, each with its
 *                                        size (4 bytes, little-endian) before it -> 1 and what is
 *                                        written of it, or 0 and the message, likewise
 */
#include "out/marshal.h"
#include "out/unmarshal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The next code object, from malloc; NULL at the end. */
static uint8_t *read_one(size_t *size)
{
    uint8_t head[4];
    if (fread(head, 1, 4, stdin) != 4)
        return NULL;
    *size = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
    uint8_t *bytes = malloc(*size + 1);
    if (bytes == NULL || fread(bytes, 1, *size, stdin) != *size)
        exit(3);
    return bytes;
}

/* One answer. */
static void answer(int kind, const void *bytes, size_t size)
{
    uint8_t head[5] = {(uint8_t)kind, (uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16),
                       (uint8_t)(size >> 24)};
    fwrite(head, 1, sizeof head, stdout);
    fwrite(bytes, 1, size, stdout);
}

/* Read one code object and write it again. */
static void rewrite(struct arena *arena, const struct target *target, bool canonical,
                    const uint8_t *bytes, size_t size, struct buffer *out)
{
    struct compilation c = {.target = target, .arena = arena};
    arena_reset(arena);
    arena->unwind = &c.unwind;
    out->unwind = &c.unwind;
    out->length = 0;
    if (setjmp(c.unwind.target) != UNWIND_NONE) {
        const char *message = c.diagnostics.error.message;
        message = message != NULL ? message : "out of memory";
        answer(0, message, strlen(message));
        return;
    }
    diagnostics_init(&c.diagnostics, arena, &c.unwind);
    strings_init(&c.strings, arena);
    constants_init(&c.constants, arena, &c.strings, 0);
    marshal_code(&c, unmarshal_code(&c, bytes, size), canonical, out);
    answer(1, out->bytes, out->length);
}

int main(int argc, char **argv)
{
    const struct target *target = argc > 1 ? target_find(argv[1]) : NULL;
    bool canonical = argc > 2 && strcmp(argv[2], "canonical") == 0;
    struct arena arena;
    struct buffer out;
    size_t size;
    uint8_t *bytes;
    for (size_t i = 0; target == NULL && i < target_count; i++)
        puts(targets[i]->reference);
    if (target == NULL)
        return 2;
    arena_init(&arena, 0);
    buffer_init(&out, NULL);
    while ((bytes = read_one(&size)) != NULL) {
        rewrite(&arena, target, canonical, bytes, size, &out);
        free(bytes);
    }
    buffer_free(&out);
    arena_free(&arena);
    return 0;
}
