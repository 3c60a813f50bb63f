/* Integers of any size, as folding needs them: libtommath's arithmetic on values that lie in an
 * arena.
 *
 * A value is sign and magnitude, least significant 32-bit limb first, the top limb not 0; zero has
 * no limbs and is not negative. Results are what Python's int gives. Operands are not changed;
 * results lie in the arena, or share an operand's limbs. When memory runs out, libtommath's too,
 * they unwind as the arena does.
 */
#ifndef MKPYC_UTIL_BIGINT_H
#define MKPYC_UTIL_BIGINT_H

#include "util/arena.h"

struct bigint {
    bool negative;
    uint32_t count;
    const uint32_t *limbs;
};

struct bigint bigint_from_int(struct arena *a, int64_t value);
/* Fits int64_t? Then the value is in *value. */
bool bigint_to_int(struct bigint x, int64_t *value);
/* The number of bits of the magnitude. */
uint64_t bigint_bits(struct bigint x);
struct bigint bigint_negate(struct bigint x);
struct bigint bigint_add(struct arena *a, struct bigint x, struct bigint y);
struct bigint bigint_subtract(struct arena *a, struct bigint x, struct bigint y);
struct bigint bigint_multiply(struct arena *a, struct bigint x, struct bigint y);
/* Quotient rounded down and remainder with the sign of the divisor; y is not 0. */
void bigint_divide(struct arena *a, struct bigint x, struct bigint y, struct bigint *quotient,
                   struct bigint *remainder);
struct bigint bigint_shift_left(struct arena *a, struct bigint x, uint64_t bits);
/* Rounded down. */
struct bigint bigint_shift_right(struct arena *a, struct bigint x, uint64_t bits);
/* op: '&', '|' or '^', on two's complement without end. */
struct bigint bigint_bitwise(struct arena *a, char op, struct bigint x, struct bigint y);
/* The nearest double, ties to even; false when it is too large. */
bool bigint_to_double(struct bigint x, double *value);
/* x / y correctly rounded; false when too large. y is not 0. */
bool bigint_true_divide(struct arena *a, struct bigint x, struct bigint y, double *value);
/* Decimal digits, NUL-terminated. */
char *bigint_to_decimal(struct arena *a, struct bigint x);

#endif
