/* Bump allocation for one compilation.
 *
 * Everything that a compilation makes lives in one arena and goes away in one step: nothing is
 * freed piecemeal. arena_alloc never returns NULL: when memory (or the arena's own ceiling) runs
 * out it unwinds to the place that set `arena->unwind`. A worker keeps its arena and resets it
 * between modules.
 */
#ifndef MKPYC_UTIL_ARENA_H
#define MKPYC_UTIL_ARENA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Why a compilation was left early; the value that setjmp returns. */
enum unwind_reason { UNWIND_NONE = 0, UNWIND_NO_MEMORY = 1, UNWIND_DIAGNOSTIC = 2 };

struct unwind {
    jmp_buf target;
};

struct arena_chunk;

/* What an arena held at one moment, to go back to it. */
struct arena_copy {
    struct arena_chunk *chunk; /* the current chunk then */
    char *next;
    size_t allocated;
    char *bytes; /* the contents of all chunks, from malloc; kept for the next copy */
    size_t capacity;
};

struct arena {
    char *next;                /* first free byte of the current chunk, 8-byte aligned */
    char *limit;               /* end of the current chunk */
    struct arena_chunk *chunk; /* current chunk; the others hang behind it */
    struct arena_chunk *spare; /* empty chunks kept by arena_reset */
    size_t allocated;          /* bytes of all chunks in use */
    size_t ceiling;            /* no more than this many bytes; 0: no ceiling */
    struct unwind *unwind;     /* where to go when memory runs out; never NULL while allocating */
};

/* Make an empty arena; no memory is taken yet. */
void arena_init(struct arena *a, size_t ceiling);
/* Forget all allocations, keep a bounded amount of memory for the next module. */
void arena_reset(struct arena *a);
/* Give all memory back. */
void arena_free(struct arena *a);
/* Copy all that the arena holds. False, and nothing copied, if that is much or there is no memory.
 */
bool arena_save(const struct arena *a, struct arena_copy *copy);
/* Make the arena what it was when it was saved: the same contents at the same addresses. Only while
 * it has not been reset since, nor gone back to an earlier copy. */
void arena_restore(struct arena *a, const struct arena_copy *copy);
/* Give a copy's memory back. */
void arena_copy_free(struct arena_copy *copy);
/* The slow path of arena_alloc. */
void *arena_alloc_slow(struct arena *a, size_t size);
/* Leave the compilation. */
_Noreturn void unwind_to(struct unwind *u, enum unwind_reason reason);

/* Behind every block lie that many bytes more that may be read, and be written, though not kept:
 * the next block takes them. So a few items are copied by a fixed number of bytes (util/copy.h). */
enum { ARENA_SLACK = 32 };

/* 8-byte aligned, uninitialised memory; no more than SIZE_MAX / 2 bytes. Addresses are compared as
 * 64-bit numbers, which no such sum exceeds. */
static inline void *arena_alloc(struct arena *a, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    uint64_t next = (uintptr_t)a->next, end = next + size;
    if (end > (uintptr_t)a->limit)
        return arena_alloc_slow(a, size);
    void *p = a->next;
    a->next += size;
    return p;
}

/* Does a block of that size take no new chunk? A function that asks, and leaves all else to another
 * one, has no call in it and needs no frame. */
static inline bool arena_has_room(const struct arena *a, size_t size)
{
    return (uint64_t)(uintptr_t)a->next + size <= (uintptr_t)a->limit;
}

/* Give back what is behind `end` of a block that was taken `size` bytes large, since nobody knew
 * better; nothing if another block has been taken since. */
static inline void arena_trim(struct arena *a, const void *block, size_t size, const void *end)
{
    size_t used = (size_t)((const char *)end - (const char *)block);
    if (a->next == (const char *)block + ((size + 7) & ~(size_t)7))
        a->next -= ((size + 7) & ~(size_t)7) - ((used + 7) & ~(size_t)7);
}

/* Zeroed memory. */
static inline void *arena_zalloc(struct arena *a, size_t size)
{
    void *p = arena_alloc(a, size);
    memset(p, 0, size);
    return p;
}

/* Zero the bytes of a struct. A call, since what compilers write in its place (rep stos, on x86)
 * takes three times as long for some hundred bytes. */
void clear_struct(void *p, size_t size);

/* `count` elements of `size` bytes, with the multiplication checked. */
static inline void *arena_alloc_array(struct arena *a, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX >> 1) / size)
        unwind_to(a->unwind, UNWIND_NO_MEMORY);
    return arena_alloc(a, count * size);
}

/* Move `old_size` bytes at `p` into a block of `new_size`; grows in place when `p` is the last
 * block. */
void *arena_grow(struct arena *a, void *p, size_t old_size, size_t new_size);

/* A copy of `length` bytes with a NUL behind it. */
char *arena_copy(struct arena *a, const char *bytes, size_t length);
/* printf into the arena. */
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Growable array in an arena: ARRAY(struct foo) foos = {0}; array_push(arena, &foos, foo); */
#define ARRAY(T)                                                                                   \
    struct {                                                                                       \
        T *items;                                                                                  \
        uint32_t count, capacity;                                                                  \
    }
#define array_reserve(a, v, n)                                                                     \
    ((v)->count + (n) <= (v)->capacity                                                             \
         ? (void)0                                                                                 \
         : (void)((v)->items = array_grow_((a), (v)->items, (v)->count, &(v)->capacity, (n),       \
                                           sizeof *(v)->items)))
#define array_push(a, v, x) (array_reserve((a), (v), 1), (void)((v)->items[(v)->count++] = (x)))
void *array_grow_(struct arena *a, void *items, uint32_t count, uint32_t *capacity, uint32_t more,
                  size_t size);

#endif
