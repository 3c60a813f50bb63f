/* Scanning loops over source text. They may read up to 16 bytes past the place where they stop,
 * which the sentinel behind the source allows. */
#ifndef MKPYC_SYNTAX_SCAN_H
#define MKPYC_SYNTAX_SCAN_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>

/* Which bytes are from `first` to `last`: moved to the top of the signed bytes they are the only
 * ones above a limit. */
static inline __m128i scan_between(__m128i x, char first, char last)
{
    __m128i moved = _mm_add_epi8(x, _mm_set1_epi8((char)(127 - last)));
    return _mm_cmpgt_epi8(moved, _mm_set1_epi8((char)(126 - last + first)));
}

/* Which bytes are of [A-Za-z0-9_]. */
static inline __m128i scan_name_bytes(__m128i x)
{
    __m128i letters = scan_between(_mm_or_si128(x, _mm_set1_epi8(0x20)), 'a', 'z');
    return _mm_or_si128(_mm_or_si128(letters, scan_between(x, '0', '9')),
                        _mm_cmpeq_epi8(x, _mm_set1_epi8('_')));
}
#endif

/* Behind the bytes at `p` that can stand in a name (all above 0x7F can); *high is set if there is
 * one of those. */
static inline const char *scan_name(const char *p, const uint8_t name_byte[256], int *high)
{
#ifdef __SSE2__
    (void)name_byte;
    *high = 0;
    for (;; p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        unsigned above = (unsigned)_mm_movemask_epi8(x);
        unsigned stop = ~((unsigned)_mm_movemask_epi8(scan_name_bytes(x)) | above) & 0xFFFF;
        if (stop != 0) {
            *high |= (above & (stop - 1) & ~stop) != 0;
            return p + __builtin_ctz(stop);
        }
        *high |= above != 0;
    }
#else
    unsigned bits = 0;
    for (; name_byte[(unsigned char)*p] == 1; p++)
        bits |= (unsigned char)*p;
    *high = bits >= 0x80;
    return p;
#endif
}

/* The length of the ASCII name at `p`, or 16 if it is at least that; the words get its bytes, with
 * zeros behind. */
static inline size_t scan_short_name(const char *p, const uint8_t name_byte[256], uint64_t words[2])
{
#ifdef __SSE2__
    static const uint8_t masks[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                      255, 255, 255, 255, 255, 255, 255, 255};
    (void)name_byte;
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    size_t size =
        (size_t)__builtin_ctzll(~(uint64_t)(unsigned)_mm_movemask_epi8(scan_name_bytes(x)));
    x = _mm_and_si128(x, _mm_loadu_si128((const __m128i *)(const void *)(masks + 16 - size)));
    _mm_storeu_si128((__m128i *)(void *)words, x);
    return size;
#else
    size_t size = 0;
    while (size < 16 && name_byte[(unsigned char)p[size]] == 1 && (unsigned char)p[size] < 0x80)
        size++;
    words[0] = words[1] = 0;
    memcpy(words, p, size);
    return size;
#endif
}

/* Behind the spaces at `p`. */
static inline const char *scan_spaces(const char *p)
{
#ifdef __SSE2__
    for (;; p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        unsigned stop =
            ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8(' '))) & 0xFFFF;
        if (stop != 0)
            return p + __builtin_ctz(stop);
    }
#else
    while (*p == ' ')
        p++;
    return p;
#endif
}

/* The first of the bytes from `p` on that a string's reader must look at: the quote, a backslash, a
 * newline or a NUL. *high is set if a byte above 0x7F lies before it. */
static inline const char *scan_string(const char *p, char quote, int *high)
{
#ifdef __SSE2__
    for (;; p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(quote)),
                                                    _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'))),
                                       _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('\n')),
                                                    _mm_cmpeq_epi8(x, _mm_setzero_si128())));
        unsigned stop = (unsigned)_mm_movemask_epi8(special);
        unsigned above = (unsigned)_mm_movemask_epi8(x);
        if (stop != 0) {
            *high |= (above & (stop - 1) & ~stop) != 0;
            return p + __builtin_ctz(stop);
        }
        *high |= above != 0;
    }
#else
    for (; *p != quote && *p != '\\' && *p != '\n' && *p != '\0'; p++)
        *high |= (unsigned char)*p >= 0x80;
    return p;
#endif
}

/* Copy the bytes from `p` on that no backslash precedes, up to `end`; gives their number. Up to 16
 * bytes more are written, too. */
static inline size_t scan_copy(char *to, const char *p, const char *end)
{
#ifdef __SSE2__
    const char *from = p;
    for (;; p += 16, to += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        _mm_storeu_si128((__m128i *)(void *)to, x);
        unsigned stop = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));
        if (stop != 0 || end - p <= 16) {
            p += __builtin_ctz(stop | 1 << 16);
            return (size_t)((p < end ? p : end) - from);
        }
    }
#else
    const char *stop = memchr(p, '\\', (size_t)(end - p));
    size_t size = (size_t)((stop ? stop : end) - p);
    memcpy(to, p, size);
    return size;
#endif
}

#endif
