/* Copies without memcpy's choice among sizes, which the processor cannot foresee where each one is
 * of another size. They read and write in steps of COPY_STEP bytes, that is, up to so many behind
 * what is asked for: the arena has them behind everything that it holds (ARENA_SLACK), and what
 * is allocated last has nothing behind it that could be overwritten. */
#ifndef MKPYC_UTIL_COPY_H
#define MKPYC_UTIL_COPY_H

#include <stddef.h>
#include <string.h>

#include "util/arena.h"

enum { COPY_STEP = ARENA_SLACK };

/* One step; what is behind the source may be where the copy goes. */
static inline void copy_step(void *to, const void *from)
{
    for (int i = 0; i < COPY_STEP; i += 16) /* compilers know how to move 16 bytes */
        memmove((char *)to + i, (const char *)from + i, 16);
}

/* Of what is one step long as a rule. */
static inline void copy_short(void *to, const void *from, size_t size)
{
    copy_step(to, from);
    if (__builtin_expect(size > COPY_STEP, 0))
        memcpy((char *)to + COPY_STEP, (const char *)from + COPY_STEP, size - COPY_STEP);
}

/* Of what is some steps long. */
static inline void copy_steps(void *to, const void *from, size_t size)
{
    for (size_t done = 0; done < size; done += COPY_STEP)
        copy_step((char *)to + done, (const char *)from + done);
}

#endif
