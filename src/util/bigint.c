/* See bigint.h. */
#include "util/bigint.h"

#include <math.h>

/* Drop leading zero limbs. */
static struct bigint normal(bool negative, uint32_t *limbs, uint32_t count)
{
    while (count > 0 && limbs[count - 1] == 0)
        count--;
    return (struct bigint){negative && count > 0, count, limbs};
}

/* Room for limbs. */
static uint32_t *limbs_new(struct arena *a, uint64_t count)
{
    return arena_alloc_array(a, count, sizeof(uint32_t));
}

struct bigint bigint_from_int(struct arena *a, int64_t value)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint32_t *limbs = limbs_new(a, 2);
    limbs[0] = (uint32_t)magnitude;
    limbs[1] = (uint32_t)(magnitude >> 32);
    return normal(value < 0, limbs, 2);
}

bool bigint_to_int(struct bigint x, int64_t *value)
{
    if (x.count > 2)
        return false;
    uint64_t magnitude = (x.count > 0 ? x.limbs[0] : 0) | (x.count > 1 ? (uint64_t)x.limbs[1] << 32 : 0);
    if (magnitude > (uint64_t)INT64_MAX + x.negative)
        return false;
    *value = (int64_t)(x.negative ? 0 - magnitude : magnitude);
    return true;
}

uint64_t bigint_bits(struct bigint x)
{
    if (x.count == 0)
        return 0;
    return (uint64_t)(x.count - 1) * 32 + (32 - (unsigned)__builtin_clz(x.limbs[x.count - 1]));
}

struct bigint bigint_negate(struct bigint x)
{
    x.negative = x.count > 0 && !x.negative;
    return x;
}

/* -1, 0 or 1 as the magnitude of x is below, equal to or above that of y. */
static int compare_magnitude(struct bigint x, struct bigint y)
{
    if (x.count != y.count)
        return x.count < y.count ? -1 : 1;
    for (uint32_t i = x.count; i-- > 0;) {
        if (x.limbs[i] != y.limbs[i])
            return x.limbs[i] < y.limbs[i] ? -1 : 1;
    }
    return 0;
}

/* |x| + |y| with a sign. */
static struct bigint add_magnitudes(struct arena *a, struct bigint x, struct bigint y, bool negative)
{
    uint32_t count = (x.count > y.count ? x.count : y.count) + 1;
    uint32_t *limbs = limbs_new(a, count);
    uint64_t carry = 0;
    for (uint32_t i = 0; i < count; i++) {
        carry += (i < x.count ? x.limbs[i] : 0) + (uint64_t)(i < y.count ? y.limbs[i] : 0);
        limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return normal(negative, limbs, count);
}

/* |x| - |y| with a sign; |x| >= |y|. */
static struct bigint subtract_magnitudes(struct arena *a, struct bigint x, struct bigint y, bool negative)
{
    uint32_t *limbs = limbs_new(a, x.count);
    int64_t borrow = 0;
    for (uint32_t i = 0; i < x.count; i++) {
        int64_t d = (int64_t)x.limbs[i] - (i < y.count ? y.limbs[i] : 0) + borrow;
        limbs[i] = (uint32_t)d;
        borrow = d < 0 ? -1 : 0;
    }
    return normal(negative, limbs, x.count);
}

struct bigint bigint_add(struct arena *a, struct bigint x, struct bigint y)
{
    if (x.negative == y.negative)
        return add_magnitudes(a, x, y, x.negative);
    if (compare_magnitude(x, y) >= 0)
        return subtract_magnitudes(a, x, y, x.negative);
    return subtract_magnitudes(a, y, x, y.negative);
}

struct bigint bigint_subtract(struct arena *a, struct bigint x, struct bigint y)
{
    return bigint_add(a, x, bigint_negate(y));
}

struct bigint bigint_multiply(struct arena *a, struct bigint x, struct bigint y)
{
    uint32_t count = x.count + y.count;
    uint32_t *limbs = limbs_new(a, count);
    memset(limbs, 0, count * sizeof *limbs);
    for (uint32_t i = 0; i < x.count; i++) {
        uint64_t carry = 0;
        for (uint32_t j = 0; j < y.count; j++) {
            carry += (uint64_t)x.limbs[i] * y.limbs[j] + limbs[i + j];
            limbs[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        limbs[i + y.count] = (uint32_t)carry;
    }
    return normal(x.negative != y.negative, limbs, count);
}

/* Divide limbs in place by one limb; gives the remainder. */
static uint32_t divide_by_limb(uint32_t *limbs, uint32_t count, uint32_t divisor)
{
    uint64_t rest = 0;
    for (uint32_t i = count; i-- > 0;) {
        rest = rest << 32 | limbs[i];
        limbs[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    return (uint32_t)rest;
}

/* Long division of magnitudes (Knuth's algorithm D); |x| >= |y|, y has two limbs or more. */
static void divide_long(struct arena *a, struct bigint x, struct bigint y, struct bigint *quotient, struct bigint *remainder)
{
    unsigned shift = (unsigned)__builtin_clz(y.limbs[y.count - 1]);
    struct bigint v = bigint_shift_left(a, (struct bigint){false, y.count, y.limbs}, shift);
    struct bigint shifted = bigint_shift_left(a, (struct bigint){false, x.count, x.limbs}, shift);
    uint32_t n = v.count, m = x.count - n;
    uint32_t *u = limbs_new(a, (uint64_t)x.count + 1), *q = limbs_new(a, (uint64_t)m + 1);
    memset(u, 0, ((size_t)x.count + 1) * sizeof *u);
    memcpy(u, shifted.limbs, shifted.count * sizeof *u);
    for (uint32_t j = m + 1; j-- > 0;) {
        uint64_t top = (uint64_t)u[j + n] << 32 | u[j + n - 1];
        uint64_t guess = top / v.limbs[n - 1], rest = top % v.limbs[n - 1];
        while (guess >> 32 != 0 || guess * v.limbs[n - 2] > (rest << 32 | u[j + n - 2])) {
            guess--;
            rest += v.limbs[n - 1];
            if (rest >> 32 != 0)
                break;
        }
        uint64_t carry = 0;
        int64_t borrow = 0;
        for (uint32_t i = 0; i < n; i++) {
            carry += guess * v.limbs[i];
            int64_t d = (int64_t)u[i + j] - (int64_t)(uint32_t)carry + borrow;
            u[i + j] = (uint32_t)d;
            borrow = d >> 32;
            carry >>= 32;
        }
        int64_t d = (int64_t)u[j + n] - (int64_t)carry + borrow;
        u[j + n] = (uint32_t)d;
        if (d < 0) {
            guess--;
            carry = 0;
            for (uint32_t i = 0; i < n; i++) {
                carry += (uint64_t)u[i + j] + v.limbs[i];
                u[i + j] = (uint32_t)carry;
                carry >>= 32;
            }
            u[j + n] += (uint32_t)carry;
        }
        q[j] = (uint32_t)guess;
    }
    *quotient = normal(false, q, m + 1);
    *remainder = bigint_shift_right(a, normal(false, u, n), shift);
}

/* Quotient and remainder of the magnitudes. */
static void divide_magnitudes(struct arena *a, struct bigint x, struct bigint y, struct bigint *quotient,
                              struct bigint *remainder)
{
    if (compare_magnitude(x, y) < 0) {
        *quotient = (struct bigint){false, 0, NULL};
        *remainder = (struct bigint){false, x.count, x.limbs};
    } else if (y.count == 1) {
        uint32_t *limbs = limbs_new(a, x.count);
        memcpy(limbs, x.limbs, x.count * sizeof *limbs);
        uint32_t *rest = limbs_new(a, 1);
        *rest = divide_by_limb(limbs, x.count, y.limbs[0]);
        *quotient = normal(false, limbs, x.count);
        *remainder = normal(false, rest, 1);
    } else {
        divide_long(a, x, y, quotient, remainder);
    }
}

void bigint_divide(struct arena *a, struct bigint x, struct bigint y, struct bigint *quotient, struct bigint *remainder)
{
    struct bigint q, r;
    divide_magnitudes(a, x, y, &q, &r);
    if (x.negative != y.negative) {
        q = bigint_negate(q);
        if (r.count != 0) {
            q = bigint_subtract(a, q, bigint_from_int(a, 1));
            r = subtract_magnitudes(a, y, r, false);
        }
    }
    r.negative = r.count != 0 && y.negative;
    *quotient = q;
    *remainder = r;
}

struct bigint bigint_shift_left(struct arena *a, struct bigint x, uint64_t bits)
{
    if (x.count == 0)
        return x;
    uint64_t words = bits / 32, count = x.count + words + 1;
    unsigned shift = (unsigned)(bits % 32);
    if (count > UINT32_MAX)
        unwind_to(a->unwind, UNWIND_NO_MEMORY);
    uint32_t *limbs = limbs_new(a, count);
    memset(limbs, 0, words * sizeof *limbs);
    uint64_t carry = 0;
    for (uint32_t i = 0; i < x.count; i++) {
        carry |= (uint64_t)x.limbs[i] << shift;
        limbs[words + i] = (uint32_t)carry;
        carry >>= 32;
    }
    limbs[count - 1] = (uint32_t)carry;
    return normal(x.negative, limbs, (uint32_t)count);
}

struct bigint bigint_shift_right(struct arena *a, struct bigint x, uint64_t bits)
{
    uint64_t words = bits / 32;
    unsigned shift = (unsigned)(bits % 32);
    if (words >= x.count)
        return bigint_from_int(a, x.negative ? -1 : 0);
    uint32_t count = x.count - (uint32_t)words;
    bool lost = (x.limbs[words] & ((1ull << shift) - 1)) != 0;
    for (uint32_t i = 0; i < words; i++)
        lost |= x.limbs[i] != 0;
    uint32_t *limbs = limbs_new(a, count);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t pair = x.limbs[words + i] | (i + 1 < count ? (uint64_t)x.limbs[words + i + 1] << 32 : 0);
        limbs[i] = (uint32_t)(pair >> shift);
    }
    struct bigint result = normal(x.negative, limbs, count);
    if (x.negative && lost) {
        result.negative = false;
        result = bigint_add(a, result, bigint_from_int(a, 1));
        result.negative = true;
    }
    return result;
}

/* The magnitude in two's complement in `count` limbs. */
static uint32_t *to_twos_complement(struct arena *a, struct bigint x, uint32_t count)
{
    uint32_t *limbs = limbs_new(a, count);
    uint64_t carry = x.negative;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t limb = i < x.count ? x.limbs[i] : 0;
        carry += x.negative ? (uint32_t)~limb : limb;
        limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return limbs;
}

struct bigint bigint_bitwise(struct arena *a, char op, struct bigint x, struct bigint y)
{
    uint32_t count = (x.count > y.count ? x.count : y.count) + 1;
    uint32_t *u = to_twos_complement(a, x, count), *v = to_twos_complement(a, y, count);
    for (uint32_t i = 0; i < count; i++)
        u[i] = op == '&' ? u[i] & v[i] : op == '|' ? u[i] | v[i] : u[i] ^ v[i];
    if (u[count - 1] >> 31 == 0)
        return normal(false, u, count);
    uint64_t carry = 1;
    for (uint32_t i = 0; i < count; i++) {
        carry += (uint32_t)~u[i];
        u[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return normal(true, u, count);
}

/* The double nearest to mantissa * 2**exponent, the mantissa having 64 significant bits whose last one is sticky. */
static bool round_to_double(uint64_t mantissa, int64_t exponent, bool negative, double *value)
{
    int64_t top = exponent + 64;
    if (top > 1024)
        return false;
    unsigned drop = 11;
    if (top < -1021)
        drop = -1021 - top > 53 ? 64 : 11 + (unsigned)(-1021 - top);
    uint64_t kept, half, rest;
    if (drop >= 64) {
        kept = 0;
        half = drop == 64 ? mantissa >> 63 : 0;
        rest = drop == 64 ? mantissa << 1 : mantissa;
    } else {
        kept = mantissa >> drop;
        half = mantissa >> (drop - 1) & 1;
        rest = mantissa & ((1ull << (drop - 1)) - 1);
    }
    if (half && (rest != 0 || kept & 1))
        kept++;
    double result = ldexp((double)kept, (int)(exponent + drop));
    *value = negative ? -result : result;
    return !isinf(result);
}

/* The top 64 bits of a magnitude, the last one set if anything is below; x is not 0. */
static uint64_t top_bits(struct bigint x, int64_t *exponent)
{
    uint64_t bits = bigint_bits(x), mantissa = 0;
    for (unsigned i = 0; i < 64; i++) {
        mantissa <<= 1;
        if (i < bits) {
            uint64_t at = bits - 1 - i;
            mantissa |= x.limbs[at / 32] >> at % 32 & 1;
        }
    }
    *exponent = (int64_t)bits - 64;
    for (uint64_t at = 0; at + 64 < bits; at += 32) {
        uint32_t limb = x.limbs[at / 32];
        if (bits - 64 - at < 32)
            limb &= (1u << (bits - 64 - at)) - 1;
        mantissa |= limb != 0;
    }
    return mantissa;
}

bool bigint_to_double(struct arena *a, struct bigint x, double *value)
{
    (void)a;
    *value = 0;
    if (x.count == 0)
        return true;
    int64_t exponent;
    uint64_t mantissa = top_bits(x, &exponent);
    return round_to_double(mantissa, exponent, x.negative, value);
}

bool bigint_true_divide(struct arena *a, struct bigint x, struct bigint y, double *value)
{
    bool negative = x.negative != y.negative;
    *value = negative ? -0.0 : 0.0;
    int64_t shift = (int64_t)bigint_bits(y) + 66 - (int64_t)bigint_bits(x);
    if (x.count == 0 || shift > 1200 + 66)
        return true;
    x.negative = y.negative = false;
    if (shift > 0)
        x = bigint_shift_left(a, x, (uint64_t)shift);
    else
        y = bigint_shift_left(a, y, (uint64_t)-shift);
    struct bigint quotient, remainder;
    divide_magnitudes(a, x, y, &quotient, &remainder);
    int64_t exponent;
    uint64_t mantissa = top_bits(quotient, &exponent);
    mantissa |= remainder.count != 0;
    return round_to_double(mantissa, exponent - shift, negative, value);
}

struct bigint bigint_from_double(struct arena *a, double value)
{
    int exponent;
    double fraction = frexp(fabs(value), &exponent);
    struct bigint x = bigint_from_int(a, (int64_t)ldexp(fraction, 53));
    x = exponent >= 53 ? bigint_shift_left(a, x, (uint64_t)(exponent - 53)) : bigint_shift_right(a, x, (uint64_t)(53 - exponent));
    x.negative = value < 0 && x.count > 0;
    return x;
}

char *bigint_to_decimal(struct arena *a, struct bigint x)
{
    size_t room = (size_t)x.count * 10 + 3;
    char *text = arena_alloc(a, room), *p = text + room - 1;
    *p = '\0';
    uint32_t *limbs = limbs_new(a, x.count), count = x.count;
    if (count != 0)
        memcpy(limbs, x.limbs, count * sizeof *limbs);
    while (count > 0) {
        uint32_t digits = divide_by_limb(limbs, count, 1000000000);
        while (count > 0 && limbs[count - 1] == 0)
            count--;
        for (int i = 0; i < 9 && (count > 0 || digits > 0); i++, digits /= 10)
            *--p = (char)('0' + digits % 10);
    }
    if (*p == '\0')
        *--p = '0';
    if (x.negative)
        *--p = '-';
    return p;
}
