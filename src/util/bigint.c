/* See bigint.h. The arithmetic is libtommath's; what comes in is unpacked for it and its result
 * packed into the arena. */
#include "util/bigint.h"

#include <math.h>
#include <tommath.h>

/* Drop leading zero limbs. */
static struct bigint normal(bool negative, const uint32_t *limbs, uint32_t count)
{
    while (count > 0 && limbs[count - 1] == 0)
        count--;
    return (struct bigint){negative && count > 0, count, limbs};
}

/* Room for limbs; taken before libtommath has any memory, so that running out leaks nothing. */
static uint32_t *limbs_new(struct arena *a, uint64_t count)
{
    if (count > UINT32_MAX)
        unwind_to(a->unwind, UNWIND_NO_MEMORY);
    return arena_alloc_array(a, count, sizeof(uint32_t));
}

/* Make x a number of libtommath's. */
static mp_err unpack(mp_int *to, struct bigint x)
{
    mp_err error =
        mp_unpack(to, x.count, MP_LSB_FIRST, sizeof *x.limbs, MP_NATIVE_ENDIAN, 0, x.limbs);
    return error == MP_OKAY && x.negative ? mp_neg(to, to) : error;
}

/* A number of libtommath's in the room that was taken for it. */
static mp_err pack(const mp_int *from, uint32_t *limbs, uint64_t room, struct bigint *result)
{
    size_t count = 0;
    mp_err error =
        mp_pack(limbs, room, &count, MP_LSB_FIRST, sizeof *limbs, MP_NATIVE_ENDIAN, 0, from);
    *result = normal(mp_isneg(from), limbs, (uint32_t)count);
    return error;
}

/* libtommath only ever fails for want of memory here. */
static void check(struct arena *a, mp_err error)
{
    if (error != MP_OKAY)
        unwind_to(a->unwind, UNWIND_NO_MEMORY);
}

typedef mp_err binary_operation(const mp_int *x, const mp_int *y, mp_int *result);

/* op(x, y), which has so many limbs at most. */
static struct bigint apply(struct arena *a, binary_operation *op, struct bigint x, struct bigint y,
                           uint64_t room)
{
    uint32_t *limbs = limbs_new(a, room);
    struct bigint result = {0};
    mp_int u, v;
    mp_err error = mp_init_multi(&u, &v, NULL);
    check(a, error);
    if ((error = unpack(&u, x)) == MP_OKAY && (error = unpack(&v, y)) == MP_OKAY &&
        (error = op(&u, &v, &u)) == MP_OKAY)
        error = pack(&u, limbs, room, &result);
    mp_clear_multi(&u, &v, NULL);
    check(a, error);
    return result;
}

typedef mp_err shift_operation(const mp_int *x, int bits, mp_int *result);

/* op(x, bits), which has so many limbs at most. */
static struct bigint apply_shift(struct arena *a, shift_operation *op, struct bigint x, int bits,
                                 uint64_t room)
{
    uint32_t *limbs = limbs_new(a, room);
    struct bigint result = {0};
    mp_int u;
    check(a, mp_init(&u));
    mp_err error = unpack(&u, x);
    if (error == MP_OKAY && (error = op(&u, bits, &u)) == MP_OKAY)
        error = pack(&u, limbs, room, &result);
    mp_clear(&u);
    check(a, error);
    return result;
}

static uint64_t larger(uint32_t x, uint32_t y)
{
    return x > y ? x : y;
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
    uint64_t magnitude =
        (x.count > 0 ? x.limbs[0] : 0) | (x.count > 1 ? (uint64_t)x.limbs[1] << 32 : 0);
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

struct bigint bigint_add(struct arena *a, struct bigint x, struct bigint y)
{
    return apply(a, mp_add, x, y, larger(x.count, y.count) + 1);
}

struct bigint bigint_subtract(struct arena *a, struct bigint x, struct bigint y)
{
    return apply(a, mp_sub, x, y, larger(x.count, y.count) + 1);
}

struct bigint bigint_multiply(struct arena *a, struct bigint x, struct bigint y)
{
    return apply(a, mp_mul, x, y, (uint64_t)x.count + y.count);
}

struct bigint bigint_bitwise(struct arena *a, char op, struct bigint x, struct bigint y)
{
    return apply(a,
                 op == '&'   ? mp_and
                 : op == '|' ? mp_or
                             : mp_xor,
                 x, y, larger(x.count, y.count) + 1);
}

void bigint_divide(struct arena *a, struct bigint x, struct bigint y, struct bigint *quotient,
                   struct bigint *remainder)
{
    uint64_t quotient_room = (uint64_t)x.count + 1, remainder_room = y.count;
    uint32_t *quotient_limbs = limbs_new(a, quotient_room),
             *remainder_limbs = limbs_new(a, remainder_room);
    mp_int u, v, q, r;
    check(a, mp_init_multi(&u, &v, &q, &r, NULL));
    mp_err error;
    if ((error = unpack(&u, x)) == MP_OKAY && (error = unpack(&v, y)) == MP_OKAY)
        error = mp_div(&u, &v, &q, &r);
    /* That quotient is rounded to zero. */
    if (error == MP_OKAY && !mp_iszero(&r) && x.negative != y.negative &&
        (error = mp_sub_d(&q, 1, &q)) == MP_OKAY)
        error = mp_add(&r, &v, &r);
    if (error == MP_OKAY && (error = pack(&q, quotient_limbs, quotient_room, quotient)) == MP_OKAY)
        error = pack(&r, remainder_limbs, remainder_room, remainder);
    mp_clear_multi(&u, &v, &q, &r, NULL);
    check(a, error);
}

struct bigint bigint_shift_left(struct arena *a, struct bigint x, uint64_t bits)
{
    if (x.count == 0)
        return x;
    if (bits > INT_MAX)
        unwind_to(a->unwind, UNWIND_NO_MEMORY);
    return apply_shift(a, mp_mul_2d, x, (int)bits, x.count + bits / 32 + 1);
}

struct bigint bigint_shift_right(struct arena *a, struct bigint x, uint64_t bits)
{
    if (bits >= bigint_bits(x))
        return bigint_from_int(a, x.negative ? -1 : 0);
    return apply_shift(a, mp_signed_rsh, x, (int)bits, (uint64_t)x.count + 1);
}

/* The double nearest to mantissa * 2**exponent, the mantissa having 64 significant bits whose last
 * one is sticky. */
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

bool bigint_to_double(struct bigint x, double *value)
{
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
    bigint_divide(a, x, y, &quotient, &remainder);
    int64_t exponent;
    uint64_t mantissa = top_bits(quotient, &exponent);
    mantissa |= remainder.count != 0;
    return round_to_double(mantissa, exponent - shift, negative, value);
}

char *bigint_to_decimal(struct arena *a, struct bigint x)
{
    size_t room = (size_t)x.count * 10 + 3;
    char *text = arena_alloc(a, room);
    mp_int u;
    check(a, mp_init(&u));
    mp_err error = unpack(&u, x);
    if (error == MP_OKAY)
        error = mp_to_radix(&u, text, room, NULL, 10);
    mp_clear(&u);
    check(a, error);
    return text;
}
