/* See siphash.h. After the paper of Aumasson and Bernstein. */
#include "util/siphash.h"

#include <string.h>

static inline uint64_t rotate_left(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

/* The permutation, `rounds` times. */
static inline void mix(uint64_t v[4], int rounds)
{
    for (int i = 0; i < rounds; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate_left(v[1], 13) ^ v[0];
        v[3] = rotate_left(v[3], 16) ^ v[2];
        v[0] = rotate_left(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate_left(v[1], 17) ^ v[2];
        v[3] = rotate_left(v[3], 21) ^ v[0];
        v[2] = rotate_left(v[2], 32);
    }
}

uint64_t siphash(int compression_rounds, int finalization_rounds, uint64_t key0, uint64_t key1,
                 const void *bytes, size_t length)
{
    const unsigned char *p = bytes;
    uint64_t last = (uint64_t)length << 56;
    uint64_t v[4] = {key0 ^ 0x736f6d6570736575u, key1 ^ 0x646f72616e646f6du,
                     key0 ^ 0x6c7967656e657261u, key1 ^ 0x7465646279746573u};
    for (; length >= 8; length -= 8, p += 8) {
        uint64_t word = 0;
        for (int i = 0; i < 8; i++)
            word |= (uint64_t)p[i] << 8 * i;
        v[3] ^= word;
        mix(v, compression_rounds);
        v[0] ^= word;
    }
    for (size_t i = 0; i < length; i++)
        last |= (uint64_t)p[i] << 8 * i;
    v[3] ^= last;
    mix(v, compression_rounds);
    v[0] ^= last;
    v[2] ^= 0xFF;
    mix(v, finalization_rounds);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
