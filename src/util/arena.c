/* See arena.h. Chunks double up to a bound, so a small module costs one chunk and a large one a few
 * dozen. */
#include "util/arena.h"

#include <stdio.h>
#include <stdlib.h>

struct arena_chunk {
    struct arena_chunk *previous;
    size_t size; /* payload bytes */
    size_t used; /* of them, once another chunk has become the current one */
    _Alignas(16) char data[];
};

enum { CHUNK_FIRST = 64 * 1024, CHUNK_MAX = 8 * 1024 * 1024, KEEP_MAX = 64 * 1024 * 1024 };

void unwind_to(struct unwind *u, enum unwind_reason reason)
{
    longjmp(u->target, (int)reason);
}

void arena_init(struct arena *a, size_t ceiling)
{
    *a = (struct arena){.ceiling = ceiling};
}

/* Make `c` the current chunk. */
static void use_chunk(struct arena *a, struct arena_chunk *c)
{
    if (a->chunk != NULL)
        a->chunk->used = (size_t)(a->next - a->chunk->data);
    c->previous = a->chunk;
    a->chunk = c;
    a->next = c->data;
    a->limit = c->data + c->size;
    a->allocated += c->size;
}

void *arena_alloc_slow(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        unwind_to(a->unwind, UNWIND_NO_MEMORY);
    struct arena_chunk **spare = &a->spare;
    while (*spare != NULL && (*spare)->size < size)
        spare = &(*spare)->previous;
    struct arena_chunk *c = *spare;
    if (c != NULL) {
        *spare = c->previous;
        use_chunk(a, c);
    } else {
        size_t want = a->chunk ? a->chunk->size * 2 : CHUNK_FIRST;
        if (want > CHUNK_MAX)
            want = CHUNK_MAX;
        if (want < size)
            want = size;
        if (a->ceiling != 0 && a->allocated + want > a->ceiling) {
            want = size;
            if (a->allocated + want > a->ceiling)
                unwind_to(a->unwind, UNWIND_NO_MEMORY);
        }
        c = malloc(sizeof *c + want + ARENA_SLACK);
        if (c == NULL)
            unwind_to(a->unwind, UNWIND_NO_MEMORY);
        c->size = want;
        use_chunk(a, c);
    }
    void *p = a->next;
    a->next += size;
    return p;
}

void arena_reset(struct arena *a)
{
    size_t kept = 0;
    struct arena_chunk *c = a->chunk, *list = NULL;
    for (struct arena_chunk *s = a->spare; s != NULL; s = s->previous)
        kept += s->size;
    list = a->spare;
    while (c != NULL) {
        struct arena_chunk *previous = c->previous;
        if (kept + c->size <= KEEP_MAX) {
            kept += c->size;
            c->previous = list;
            list = c;
        } else {
            free(c);
        }
        c = previous;
    }
    a->spare = list;
    a->chunk = NULL;
    a->next = a->limit = NULL;
    a->allocated = 0;
}

void arena_free(struct arena *a)
{
    struct arena_chunk *lists[2] = {a->chunk, a->spare};
    for (int i = 0; i < 2; i++) {
        while (lists[i] != NULL) {
            struct arena_chunk *previous = lists[i]->previous;
            free(lists[i]);
            lists[i] = previous;
        }
    }
    arena_init(a, a->ceiling);
}

/* How much of a chunk is in use. */
static size_t used_bytes(const struct arena *a, const struct arena_chunk *c)
{
    return c == a->chunk ? (size_t)(a->next - c->data) : c->used;
}

bool arena_save(const struct arena *a, struct arena_copy *copy)
{
    size_t size = 0;
    for (const struct arena_chunk *c = a->chunk; c != NULL; c = c->previous)
        size += used_bytes(a, c);
    if (size > KEEP_MAX)
        return false;
    if (size > copy->capacity) {
        free(copy->bytes);
        copy->bytes = malloc(size);
        copy->capacity = copy->bytes != NULL ? size : 0;
        if (copy->bytes == NULL)
            return false;
    }
    char *to = copy->bytes;
    for (const struct arena_chunk *c = a->chunk; c != NULL; c = c->previous) {
        size_t used = used_bytes(a, c);
        memcpy(to, c->data, used);
        to += used;
    }
    copy->chunk = a->chunk;
    copy->next = a->next;
    copy->allocated = a->allocated;
    return true;
}

void arena_restore(struct arena *a, const struct arena_copy *copy)
{
    while (a->chunk != copy->chunk) {
        struct arena_chunk *c = a->chunk;
        a->chunk = c->previous;
        c->previous = a->spare;
        a->spare = c;
    }
    a->next = copy->next;
    a->limit = a->chunk != NULL ? a->chunk->data + a->chunk->size : NULL;
    a->allocated = copy->allocated;
    const char *from = copy->bytes;
    for (struct arena_chunk *c = a->chunk; c != NULL; c = c->previous) {
        size_t used = used_bytes(a, c);
        memcpy(c->data, from, used);
        from += used;
    }
}

void arena_copy_free(struct arena_copy *copy)
{
    free(copy->bytes);
    *copy = (struct arena_copy){0};
}

void clear_struct(void *p, size_t size)
{
    memset(p, 0, size);
}

/* Make the last block larger where it is; false: it is not the last one, or there is no room. */
static bool grow_in_place(struct arena *a, void *p, size_t old_size, size_t new_size)
{
    size_t old = (old_size + 7) & ~(size_t)7;
    if (p == NULL || (char *)p + old != a->next || new_size > SIZE_MAX / 2)
        return false;
    size_t new_rounded = (new_size + 7) & ~(size_t)7;
    if (new_rounded > (size_t)(a->limit - (char *)p))
        return false;
    a->next = (char *)p + new_rounded;
    return true;
}

void *arena_grow(struct arena *a, void *p, size_t old_size, size_t new_size)
{
    if (grow_in_place(a, p, old_size, new_size))
        return p;
    void *q = arena_alloc(a, new_size);
    if (old_size != 0)
        memcpy(q, p, old_size < new_size ? old_size : new_size);
    return q;
}

char *arena_copy(struct arena *a, const char *bytes, size_t length)
{
    char *p = arena_alloc(a, length + 1);
    if (length != 0)
        memcpy(p, bytes, length);
    p[length] = '\0';
    return p;
}

char *arena_vprintf(struct arena *a, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0)
        unwind_to(a->unwind, UNWIND_NO_MEMORY);
    char *p = arena_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, format, args);
    return p;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *p = arena_vprintf(a, format, args);
    va_end(args);
    return p;
}

void *array_grow_(struct arena *a, void *items, uint32_t count, uint32_t *capacity, uint32_t more,
                  size_t size)
{
    if (more > UINT32_MAX / 2 - count)
        unwind_to(a->unwind, UNWIND_NO_MEMORY);
    uint32_t want = *capacity < 8 ? 8 : *capacity * 2;
    if (want < count + more)
        want = count + more;
    if (grow_in_place(a, items, (size_t)*capacity * size, (size_t)want * size)) {
        *capacity = want;
        return items;
    }
    void *larger = arena_alloc(a, (size_t)want * size);
    if (count != 0)
        memcpy(larger, items, (size_t)count * size);
    *capacity = want;
    return larger;
}
