/* Hashes of what is more than one word. */
#ifndef MKPYC_UTIL_HASH_H
#define MKPYC_UTIL_HASH_H

#include <stdint.h>

/* Mix a word into a running hash. */
static inline uint32_t hash_mix(uint32_t h, uint64_t w)
{
    uint64_t x = (h ^ w) * UINT64_C(0x9FB21C651E98DF25);
    return (uint32_t)(x ^ (x >> 32));
}

#endif
