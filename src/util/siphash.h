/* SipHash with any number of rounds: CPython's hash of strings (2-4 to 3.10) and of sources (1-3
 * from 3.11). */
#ifndef MKPYC_UTIL_SIPHASH_H
#define MKPYC_UTIL_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t siphash(int compression_rounds, int finalization_rounds, uint64_t key0, uint64_t key1,
                 const void *bytes, size_t length);

#endif
