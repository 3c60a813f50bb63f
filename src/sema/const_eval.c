/* See const_eval.h. Numbers follow Objects/longobject.c, floatobject.c and complexobject.c;
 * sequences follow their own files; the limits are those of ast_opt.c (to 3.13) and flowgraph.c. */
#include "sema/const_eval.h"

#include "util/bigint.h"
#include "util/utf8.h"

#include <errno.h>
#include <math.h>

#define MAX_INT_SIZE 128
#define MAX_COLLECTION_SIZE 256
#define MAX_STR_SIZE 4096
#define MAX_TOTAL_ITEMS 1024

struct complex_value {
    double real, imag;
};

/* int or bool? */
static bool is_int(constant c)
{
    return c->kind == CONSTANT_INT || c->kind == CONSTANT_BIGINT || c->kind == CONSTANT_TRUE ||
           c->kind == CONSTANT_FALSE;
}

/* int, bool, float or complex? */
static bool is_number(constant c)
{
    return is_int(c) || c->kind == CONSTANT_FLOAT || c->kind == CONSTANT_COMPLEX;
}

/* An int constant that fits, as a C integer. */
static bool small_int(constant c, int64_t *value)
{
    switch ((enum constant_kind)c->kind) {
    case CONSTANT_INT: *value = c->v.integer; return true;
    case CONSTANT_TRUE:
    case CONSTANT_FALSE: *value = c->kind == CONSTANT_TRUE; return true;
    default: return false;
    }
}

/* An int constant as a big integer. */
static struct bigint to_bigint(struct compilation *c, constant x)
{
    int64_t value;
    if (small_int(x, &value))
        return bigint_from_int(c->arena, value);
    return (struct bigint){x->v.big.negative, x->length, x->v.big.limbs};
}

/* A big integer as a constant. */
static constant from_bigint(struct compilation *c, struct bigint x)
{
    return constant_bigint(&c->constants, x.negative, x.limbs, x.count);
}

/* A real number as a double; false when an int is too large. */
static bool to_double(struct compilation *c, constant x, double *value)
{
    if (x->kind == CONSTANT_FLOAT) {
        *value = x->v.number;
        return true;
    }
    return bigint_to_double(to_bigint(c, x), value);
}

/* A number as a complex one. */
static bool to_complex(struct compilation *c, constant x, struct complex_value *value)
{
    if (x->kind == CONSTANT_COMPLEX) {
        *value = (struct complex_value){x->v.complex.real, x->v.complex.imag};
        return true;
    }
    value->imag = 0;
    return to_double(c, x, &value->real);
}

size_t const_str_length(const struct compilation *c, identifier str)
{
    const struct string *s = strings_get(&c->strings, str);
    if (s->flags & STRING_ASCII)
        return s->length;
    return utf8_count(s->bytes, s->length);
}

/* ---- int ---- */

/* base ** exponent, a small exponent; the result has at most MAX_INT_SIZE bits or so. */
static struct bigint int_power(struct arena *a, struct bigint base, uint64_t exponent)
{
    struct bigint result = bigint_from_int(a, 1);
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1)
            result = bigint_multiply(a, result, base);
        if (exponent > 1)
            base = bigint_multiply(a, base, base);
    }
    return result;
}

static constant float_binary(struct compilation *c, enum operator_kind op, double x, double y);

/* left ** right for ints. */
static constant int_pow(struct compilation *c, constant left, constant right)
{
    struct bigint x = to_bigint(c, left), y = to_bigint(c, right);
    if (y.negative) {
        double base, exponent;
        if (!to_double(c, left, &base) || !to_double(c, right, &exponent))
            return NULL;
        return float_binary(c, Pow, base, exponent);
    }
    if (y.count == 0)
        return constant_int(&c->constants, 1);
    if (x.count == 0)
        return constant_int(&c->constants, 0);
    int64_t exponent;
    if (!bigint_to_int(y, &exponent) || bigint_bits(x) > MAX_INT_SIZE / (uint64_t)exponent)
        return NULL;
    return from_bigint(c, int_power(c->arena, x, (uint64_t)exponent));
}

/* left << right and left >> right for ints. */
static constant int_shift(struct compilation *c, enum operator_kind op, constant left,
                          constant right)
{
    struct bigint x = to_bigint(c, left), y = to_bigint(c, right);
    int64_t bits;
    if (y.negative)
        return NULL;
    bool fits = bigint_to_int(y, &bits);
    if (op == RShift) {
        if (!fits)
            return constant_int(&c->constants, x.negative ? -1 : 0);
        return from_bigint(c, bigint_shift_right(c->arena, x, (uint64_t)bits));
    }
    if (x.count == 0)
        return constant_int(&c->constants, 0);
    if (!fits || bits > MAX_INT_SIZE ||
        (bits != 0 && bigint_bits(x) > MAX_INT_SIZE - (uint64_t)bits))
        return NULL;
    return from_bigint(c, bigint_shift_left(c->arena, x, (uint64_t)bits));
}

/* &, | and ^ of ints; of two bools they give a bool. */
static constant int_bitwise(struct compilation *c, char op, constant left, constant right)
{
    struct bigint result = bigint_bitwise(c->arena, op, to_bigint(c, left), to_bigint(c, right));
    bool bools = left->kind != CONSTANT_INT && left->kind != CONSTANT_BIGINT &&
                 right->kind != CONSTANT_INT && right->kind != CONSTANT_BIGINT;
    return bools ? constant_bool(&c->constants, result.count != 0) : from_bigint(c, result);
}

/* left op right for ints of 64 bits; false when the result is not one, or op is for others to do.
 */
static bool int64_binary(enum operator_kind op, int64_t left, int64_t right, int64_t *result)
{
    switch (op) {
    case Add: return !__builtin_add_overflow(left, right, result);
    case Sub: return !__builtin_sub_overflow(left, right, result);
    case Mult: return !__builtin_mul_overflow(left, right, result);
    default: return false;
    }
}

/* left op right for ints. */
static constant int_binary(struct compilation *c, enum operator_kind op, constant left,
                           constant right)
{
    struct bigint x, y, quotient, remainder;
    double value;
    switch (op) {
    case Pow: return int_pow(c, left, right);
    case LShift:
    case RShift: return int_shift(c, op, left, right);
    case BitAnd: return int_bitwise(c, '&', left, right);
    case BitOr: return int_bitwise(c, '|', left, right);
    case BitXor: return int_bitwise(c, '^', left, right);
    default: break;
    }
    int64_t small_left, small_right, small;
    if (small_int(left, &small_left) && small_int(right, &small_right) &&
        int64_binary(op, small_left, small_right, &small))
        return constant_int(&c->constants, small);
    x = to_bigint(c, left);
    y = to_bigint(c, right);
    switch (op) {
    case Add: return from_bigint(c, bigint_add(c->arena, x, y));
    case Sub: return from_bigint(c, bigint_subtract(c->arena, x, y));
    case Mult:
        if (x.count != 0 && y.count != 0 && bigint_bits(x) + bigint_bits(y) > MAX_INT_SIZE)
            return NULL;
        return from_bigint(c, bigint_multiply(c->arena, x, y));
    case Div:
        if (y.count == 0 || !bigint_true_divide(c->arena, x, y, &value))
            return NULL;
        return constant_float(&c->constants, value);
    case FloorDiv:
    case Mod:
        if (y.count == 0)
            return NULL;
        bigint_divide(c->arena, x, y, &quotient, &remainder);
        return from_bigint(c, op == Mod ? remainder : quotient);
    default: return NULL;
    }
}

/* ---- float ---- */

/* x // y and x % y; y is not 0. */
static double float_divmod(double x, double y, double *mod)
{
    *mod = fmod(x, y);
    double div = (x - *mod) / y;
    if (*mod != 0) {
        if ((y < 0) != (*mod < 0)) {
            *mod += y;
            div -= 1.0;
        }
    } else {
        *mod = copysign(0.0, y);
    }
    if (div == 0)
        return copysign(0.0, x / y);
    double floored = floor(div);
    if (div - floored > 0.5)
        floored += 1.0;
    return floored;
}

static constant complex_pow(struct compilation *c, struct complex_value a, struct complex_value b);

/* x ** y */
static constant float_pow(struct compilation *c, double x, double y)
{
    struct constants *t = &c->constants;
    bool odd = fmod(fabs(y), 2.0) == 1.0, negate = false;
    if (y == 0)
        return constant_float(t, 1.0);
    if (isnan(x))
        return constant_float(t, x);
    if (isnan(y))
        return constant_float(t, x == 1.0 ? 1.0 : y);
    if (isinf(y)) {
        x = fabs(x);
        if (x == 1.0)
            return constant_float(t, 1.0);
        return constant_float(t, (y > 0) == (x > 1.0) ? fabs(y) : 0.0);
    }
    if (isinf(x)) {
        if (y > 0)
            return constant_float(t, odd ? x : fabs(x));
        return constant_float(t, odd ? copysign(0.0, x) : 0.0);
    }
    if (x == 0)
        return y < 0 ? NULL : constant_float(t, odd ? x : 0.0);
    if (x < 0) {
        if (y != floor(y))
            return complex_pow(c, (struct complex_value){x, 0}, (struct complex_value){y, 0});
        x = -x;
        negate = odd;
    }
    double result = x == 1.0 ? 1.0 : pow(x, y);
    if (isinf(result))
        return NULL;
    return constant_float(t, negate ? -result : result);
}

/* x op y for floats. */
static constant float_binary(struct compilation *c, enum operator_kind op, double x, double y)
{
    struct constants *t = &c->constants;
    double mod, div;
    switch (op) {
    case Add: return constant_float(t, x + y);
    case Sub: return constant_float(t, x - y);
    case Mult: return constant_float(t, x * y);
    case Div: return y == 0 ? NULL : constant_float(t, x / y);
    case FloorDiv:
    case Mod:
        if (y == 0)
            return NULL;
        div = float_divmod(x, y, &mod);
        return constant_float(t, op == Mod ? mod : div);
    case Pow: return float_pow(c, x, y);
    default: return NULL;
    }
}

/* ---- complex ---- */

/* What is infinite becomes 1, the rest 0, with the sign kept. */
static double boxed(double x)
{
    return copysign(isinf(x) ? 1.0 : 0.0, x);
}

/* A NaN becomes 0 with its sign. */
static double without_nan(double x)
{
    return isnan(x) ? copysign(0.0, x) : x;
}

/* a * b as C11's annex G has it: infinities that came out as NaNs are found again. */
static struct complex_value recover_product(struct complex_value z, struct complex_value w,
                                            struct complex_value r)
{
    double a = z.real, b = z.imag, c = w.real, d = w.imag;
    bool again = false;
    if (!isnan(r.real) || !isnan(r.imag))
        return r;
    bool overflowed = isinf(a * c) || isinf(b * d) || isinf(a * d) || isinf(b * c);
    if (isinf(a) || isinf(b)) {
        a = boxed(a), b = boxed(b);
        c = without_nan(c), d = without_nan(d);
        again = true;
    }
    if (isinf(c) || isinf(d)) {
        c = boxed(c), d = boxed(d);
        a = without_nan(a), b = without_nan(b);
        again = true;
    }
    if (!again && overflowed) {
        a = without_nan(a), b = without_nan(b);
        c = without_nan(c), d = without_nan(d);
        again = true;
    }
    if (again)
        r = (struct complex_value){(double)INFINITY * (a * c - b * d),
                                   (double)INFINITY * (a * d + b * c)};
    return r;
}

/* a * b */
static struct complex_value complex_product(struct compilation *c, struct complex_value a,
                                            struct complex_value b)
{
    double ac = a.real * b.real, bd = a.imag * b.imag, ad = a.real * b.imag, bc = a.imag * b.real;
    struct complex_value r = {ac - bd, ad + bc};
    return HAS(c, COMPLEX_MIXED_ARITHMETIC) ? recover_product(a, b, r) : r;
}

/* Infinities and zeros of a / b that came out as NaNs, as annex G has it. */
static struct complex_value recover_quotient(struct complex_value a, struct complex_value b,
                                             struct complex_value r)
{
    if (!isnan(r.real) || !isnan(r.imag))
        return r;
    if ((isinf(a.real) || isinf(a.imag)) && isfinite(b.real) && isfinite(b.imag)) {
        double x = boxed(a.real), y = boxed(a.imag);
        r.real = (double)INFINITY * (x * b.real + y * b.imag);
        r.imag = (double)INFINITY * (y * b.real - x * b.imag);
    } else if ((isinf(b.real) || isinf(b.imag)) && isfinite(a.real) && isfinite(a.imag)) {
        double x = boxed(b.real), y = boxed(b.imag);
        r.real = 0.0 * (a.real * x + a.imag * y);
        r.imag = 0.0 * (a.imag * x - a.real * y);
    }
    return r;
}

/* a / b by Smith's method; false when b is 0. */
static bool complex_quotient(struct compilation *c, struct complex_value a, struct complex_value b,
                             struct complex_value *r)
{
    double breal = fabs(b.real), bimag = fabs(b.imag);
    *r = (struct complex_value){0, 0};
    if (breal >= bimag) {
        if (breal == 0)
            return false;
        double ratio = b.imag / b.real, denom = b.real + b.imag * ratio;
        r->real = (a.real + a.imag * ratio) / denom;
        r->imag = (a.imag - a.real * ratio) / denom;
    } else if (bimag >= breal) {
        double ratio = b.real / b.imag, denom = b.real * ratio + b.imag;
        r->real = (a.real * ratio + a.imag) / denom;
        r->imag = (a.imag * ratio - a.real) / denom;
    } else {
        r->real = r->imag = HAS(c, POSITIVE_NAN) ? (double)NAN : -(double)NAN;
    }
    if (HAS(c, COMPLEX_MIXED_ARITHMETIC))
        *r = recover_quotient(a, b, *r);
    return true;
}

/* a real / b complex where the real is not widened first. */
static bool real_by_complex(double a, struct complex_value b, struct complex_value *r)
{
    double breal = fabs(b.real), bimag = fabs(b.imag);
    *r = (struct complex_value){0, 0};
    if (breal >= bimag) {
        if (breal == 0)
            return false;
        double ratio = b.imag / b.real, denom = b.real + b.imag * ratio;
        r->real = a / denom;
        r->imag = (-a * ratio) / denom;
    } else if (bimag >= breal) {
        double ratio = b.real / b.imag, denom = b.real * ratio + b.imag;
        r->real = (a * ratio) / denom;
        r->imag = -a / denom;
    } else {
        r->real = r->imag = (double)NAN;
    }
    if (isnan(r->real) && isnan(r->imag) && isfinite(a) && (isinf(breal) || isinf(bimag))) {
        r->real = 0.0 * (a * boxed(b.real));
        r->imag = 0.0 * (-a * boxed(b.imag));
    }
    return true;
}

/* a ** n by repeated squaring. */
static bool complex_int_power(struct compilation *c, struct complex_value a, long n,
                              struct complex_value *result)
{
    struct complex_value r = {1, 0}, p = a;
    long positive = n < 0 ? -n : n;
    for (long mask = 1; mask > 0 && positive >= mask; mask <<= 1) {
        if (positive & mask)
            r = complex_product(c, r, p);
        p = complex_product(c, p, p);
    }
    *result = r;
    return n > 0 || complex_quotient(c, (struct complex_value){1, 0}, r, result);
}

/* a ** b through polar coordinates; false where there is no value. */
static bool complex_polar_power(struct compilation *c, struct complex_value a,
                                struct complex_value b, struct complex_value *r)
{
    *r = (struct complex_value){0, 0};
    if (b.real == 0 && b.imag == 0) {
        r->real = 1;
        return true;
    }
    if (a.real == 0 && a.imag == 0)
        return b.imag == 0 && b.real >= 0;
    double vabs = hypot(a.real, a.imag), len = pow(vabs, b.real), at = atan2(a.imag, a.real),
           phase = at * b.real;
    if (b.imag != 0) {
        if (HAS(c, COMPLEX_POWER_MULTIPLIES))
            len *= exp(-at * b.imag);
        else
            len /= exp(at * b.imag);
        phase += b.imag * log(vabs);
    }
    if (isinf(phase))
        return false; /* the sine and cosine of infinity are domain errors */
    *r = (struct complex_value){len * cos(phase), len * sin(phase)};
    return true;
}

/* a ** b */
static constant complex_pow(struct compilation *c, struct complex_value a, struct complex_value b)
{
    struct complex_value r;
    bool whole = b.imag == 0 && b.real == floor(b.real) && fabs(b.real) <= 100;
    if (whole ? !complex_int_power(c, a, (long)b.real, &r) : !complex_polar_power(c, a, b, &r))
        return NULL;
    if (isinf(r.real) || isinf(r.imag))
        return NULL;
    return constant_complex(&c->constants, r.real, r.imag);
}

/* One operand real, the other complex, from 3.14: the real one has no imaginary part at all. */
static constant mixed_binary(struct compilation *c, enum operator_kind op, constant left,
                             constant right)
{
    struct constants *t = &c->constants;
    bool left_real = left->kind != CONSTANT_COMPLEX;
    double x;
    struct complex_value z, r;
    if (!to_double(c, left_real ? left : right, &x) || !to_complex(c, left_real ? right : left, &z))
        return NULL;
    switch (op) {
    case Add: return constant_complex(t, z.real + x, z.imag);
    case Sub:
        return left_real ? constant_complex(t, x - z.real, -z.imag)
                         : constant_complex(t, z.real - x, z.imag);
    case Mult: return constant_complex(t, z.real * x, z.imag * x);
    case Div:
        if (!left_real)
            return x == 0 ? NULL : constant_complex(t, z.real / x, z.imag / x);
        return real_by_complex(x, z, &r) ? constant_complex(t, r.real, r.imag) : NULL;
    default: return NULL;
    }
}

/* left op right where at least one is complex. */
static constant complex_binary(struct compilation *c, enum operator_kind op, constant left,
                               constant right)
{
    struct constants *t = &c->constants;
    struct complex_value a, b, r;
    bool mixed = left->kind != CONSTANT_COMPLEX || right->kind != CONSTANT_COMPLEX;
    if (mixed && op != Pow && HAS(c, COMPLEX_MIXED_ARITHMETIC))
        return mixed_binary(c, op, left, right);
    if (!to_complex(c, left, &a) || !to_complex(c, right, &b))
        return NULL;
    switch (op) {
    case Add: return constant_complex(t, a.real + b.real, a.imag + b.imag);
    case Sub: return constant_complex(t, a.real - b.real, a.imag - b.imag);
    case Mult: r = complex_product(c, a, b); return constant_complex(t, r.real, r.imag);
    case Div: return complex_quotient(c, a, b, &r) ? constant_complex(t, r.real, r.imag) : NULL;
    case Pow: return complex_pow(c, a, b);
    default: return NULL;
    }
}

/* ---- sequences ---- */

/* The rest of `limit` after counting all items, nested ones too; negative when there are more. */
static long remaining_complexity(constant c, long limit)
{
    if (c->kind != CONSTANT_TUPLE)
        return limit;
    limit -= (long)c->length;
    for (uint32_t i = 0; limit >= 0 && i < c->length; i++)
        limit = remaining_complexity(c->v.items[i], limit);
    return limit;
}

/* `count` copies of bytes: each step doubles what is there. */
static char *repeat_bytes(struct compilation *c, const char *bytes, size_t length, size_t count)
{
    char *out = arena_alloc_array(c->arena, count, length);
    size_t done = 0, left = count * length;
    if (left == 0)
        return out;
    memcpy(out, bytes, length);
    while ((left -= length) != 0) {
        done += length;
        length = left < done ? left : done;
        memcpy(out + done, out, length);
    }
    return out;
}

/* sequence * times */
static constant repeat(struct compilation *c, constant sequence, constant times)
{
    int64_t n = 0;
    bool fits = small_int(times, &n);
    size_t size =
        sequence->kind == CONSTANT_STR ? const_str_length(c, sequence->v.str) : sequence->length;
    if (size == 0)
        return fits ? sequence : NULL;
    long limit = sequence->kind == CONSTANT_TUPLE ? MAX_COLLECTION_SIZE : MAX_STR_SIZE;
    if (!fits || n < 0 || (uint64_t)n > (uint64_t)limit / size)
        return NULL;
    if (sequence->kind == CONSTANT_STR) {
        const struct string *s = strings_get(&c->strings, sequence->v.str);
        uint32_t length = s->length;
        const char *bytes = repeat_bytes(c, s->bytes, length, (size_t)n);
        return constant_str(&c->constants, strings_intern(&c->strings, bytes, length * (size_t)n));
    }
    if (sequence->kind == CONSTANT_BYTES && n == 0)
        return constant_no_bytes(&c->constants);
    if (sequence->kind == CONSTANT_BYTES)
        return constant_bytes(&c->constants, repeat_bytes(c, sequence->v.bytes, size, (size_t)n),
                              size * (size_t)n);
    if (n != 0 && remaining_complexity(sequence, MAX_TOTAL_ITEMS / (long)n) < 0)
        return NULL;
    constant *items = (constant *)(void *)repeat_bytes(
        c, (const char *)(const void *)sequence->v.items, size * sizeof(constant), (size_t)n);
    return constant_tuple(&c->constants, items, size * (size_t)n);
}

/* Two blocks of bytes end to end. */
static char *join_bytes(struct compilation *c, const void *x, size_t x_size, const void *y,
                        size_t y_size)
{
    if (x_size + y_size > UINT32_MAX / 4)
        unwind_to(c->arena->unwind, UNWIND_NO_MEMORY);
    char *out = arena_alloc(c->arena, x_size + y_size);
    if (x_size != 0)
        memcpy(out, x, x_size);
    if (y_size != 0)
        memcpy(out + x_size, y, y_size);
    return out;
}

/* left + right for two sequences of one type. */
static constant concatenate(struct compilation *c, constant left, constant right)
{
    if (left->kind == CONSTANT_STR) {
        const struct string *x = strings_get(&c->strings, left->v.str),
                            *y = strings_get(&c->strings, right->v.str);
        size_t length = (size_t)x->length + y->length;
        const char *bytes = join_bytes(c, x->bytes, x->length, y->bytes, y->length);
        return constant_str(&c->constants, strings_intern(&c->strings, bytes, length));
    }
    if (left->kind == CONSTANT_BYTES) {
        if (left->length == 0 || right->length == 0)
            return left->length == 0 ? right : left;
        const char *bytes =
            join_bytes(c, left->v.bytes, left->length, right->v.bytes, right->length);
        return constant_bytes(&c->constants, bytes, (size_t)left->length + right->length);
    }
    constant *items =
        (constant *)(void *)join_bytes(c, left->v.items, left->length * sizeof(constant),
                                       right->v.items, right->length * sizeof(constant));
    return constant_tuple(&c->constants, items, (size_t)left->length + right->length);
}

/* str, bytes or tuple? */
static bool is_sequence(constant c)
{
    return c->kind == CONSTANT_STR || c->kind == CONSTANT_BYTES || c->kind == CONSTANT_TUPLE;
}

constant const_binary(struct compilation *c, enum operator_kind op, constant left, constant right)
{
    if (op == MatMult)
        return NULL;
    if (is_number(left) && is_number(right)) {
        if (is_int(left) && is_int(right))
            return int_binary(c, op, left, right);
        if (left->kind == CONSTANT_COMPLEX || right->kind == CONSTANT_COMPLEX)
            return complex_binary(c, op, left, right);
        double x, y;
        return to_double(c, left, &x) && to_double(c, right, &y) ? float_binary(c, op, x, y) : NULL;
    }
    if (op == Add && is_sequence(left) && left->kind == right->kind)
        return concatenate(c, left, right);
    if (op == Mult && is_sequence(left) && is_int(right))
        return repeat(c, left, right);
    if (op == Mult && is_int(left) && is_sequence(right))
        return repeat(c, right, left);
    return NULL;
}

constant const_unary(struct compilation *c, enum unaryop_kind op, constant operand)
{
    struct constants *t = &c->constants;
    if (op == Not)
        return constant_bool(t, !constant_is_true(t, operand));
    if (!is_number(operand))
        return NULL;
    bool is_bool = operand->kind == CONSTANT_TRUE || operand->kind == CONSTANT_FALSE;
    if (op == UAdd)
        return is_bool ? constant_int(t, operand->kind == CONSTANT_TRUE) : operand;
    if (op == USub) {
        if (operand->kind == CONSTANT_FLOAT)
            return constant_float(t, -operand->v.number);
        if (operand->kind == CONSTANT_COMPLEX)
            return constant_complex(t, -operand->v.complex.real, -operand->v.complex.imag);
        int64_t value;
        if (small_int(operand, &value) && value != INT64_MIN)
            return constant_int(t, -value);
        return from_bigint(c, bigint_negate(to_bigint(c, operand)));
    }
    if (!is_int(operand) || (is_bool && HAS(c, KEEPS_INVERTED_BOOL)))
        return NULL;
    return from_bigint(
        c, bigint_subtract(c->arena, bigint_from_int(c->arena, -1), to_bigint(c, operand)));
}

/* ---- subscripts ---- */

/* The byte offset of a character. */
static uint32_t offset_of_char(const struct string *s, size_t index)
{
    if (s->flags & STRING_ASCII)
        return (uint32_t)index;
    uint32_t at = 0;
    for (; index > 0; index--) {
        for (at++; at < s->length && utf8_continues(s->bytes[at]);)
            at++;
    }
    return at;
}

/* One character as a string. */
static constant char_at(struct compilation *c, identifier str, size_t index)
{
    const struct string *s = strings_get(&c->strings, str);
    uint32_t start = offset_of_char(s, index), end = start + 1;
    while (end < s->length && utf8_continues(s->bytes[end]))
        end++;
    const char *bytes = s->bytes + start;
    return constant_str(&c->constants, strings_intern(&c->strings, bytes, end - start));
}

/* One field of a slice, clipped to a range; `missing` for None. False: not an int. */
static bool slice_field(constant field, int64_t missing, int64_t *value)
{
    if (field->kind == CONSTANT_NONE) {
        *value = missing;
        return true;
    }
    if (small_int(field, value))
        return true;
    if (field->kind != CONSTANT_BIGINT)
        return false;
    *value = field->v.big.negative ? INT64_MIN : INT64_MAX;
    return true;
}

/* A bound of a slice brought into the sequence. */
static int64_t clip_bound(int64_t value, int64_t length, bool backward)
{
    if (value < 0) {
        value = value < -length ? -1 : value + length;
        return value < 0 ? (backward ? -1 : 0) : value;
    }
    return value >= length ? (backward ? length - 1 : length) : value;
}

/* container[start:stop:step] */
static constant subscript_slice(struct compilation *c, constant container, constant slice,
                                int64_t length)
{
    int64_t start, stop, step;
    if (!slice_field(slice->v.items[2], 1, &step) || step == 0)
        return NULL;
    bool backward = step < 0;
    if (step < -INT64_MAX)
        step = -INT64_MAX;
    if (!slice_field(slice->v.items[0], backward ? INT64_MAX : 0, &start) ||
        !slice_field(slice->v.items[1], backward ? INT64_MIN : INT64_MAX, &stop))
        return NULL;
    start = clip_bound(start, length, backward);
    stop = clip_bound(stop, length, backward);
    size_t count = 0;
    if (backward ? stop < start : start < stop)
        count = (size_t)(backward ? (start - stop - 1) / -step + 1 : (stop - start - 1) / step + 1);
    if (container->kind == CONSTANT_TUPLE) {
        constant *items = arena_alloc_array(c->arena, count, sizeof *items);
        for (size_t i = 0; i < count; i++)
            items[i] = container->v.items[start + (int64_t)i * step];
        return constant_tuple(&c->constants, items, count);
    }
    if (container->kind == CONSTANT_BYTES) {
        char *bytes = arena_alloc(c->arena, count);
        for (size_t i = 0; i < count; i++)
            bytes[i] = container->v.bytes[start + (int64_t)i * step];
        return constant_bytes(&c->constants, bytes, count);
    }
    const struct string *s = strings_get(&c->strings, container->v.str);
    uint32_t *offsets = arena_alloc_array(c->arena, (size_t)length + 1, sizeof *offsets);
    uint32_t at = 0;
    for (int64_t i = 0; i <= length; i++) {
        offsets[i] = at;
        for (at++; at < s->length && utf8_continues(s->bytes[at]);)
            at++;
    }
    offsets[length] = s->length;
    char *bytes = arena_alloc(c->arena, s->length);
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t k = start + (int64_t)i * step;
        memcpy(bytes + size, s->bytes + offsets[k], offsets[k + 1] - offsets[k]);
        size += offsets[k + 1] - offsets[k];
    }
    return constant_str(&c->constants, strings_intern(&c->strings, bytes, size));
}

constant const_subscript(struct compilation *c, constant container, constant index)
{
    if (!is_sequence(container))
        return NULL;
    int64_t length = container->kind == CONSTANT_STR
                         ? (int64_t)const_str_length(c, container->v.str)
                         : container->length;
    if (index->kind == CONSTANT_SLICE)
        return subscript_slice(c, container, index, length);
    int64_t i;
    if (!small_int(index, &i))
        return NULL;
    if (i < 0)
        i += length;
    if (i < 0 || i >= length)
        return NULL;
    if (container->kind == CONSTANT_STR)
        return char_at(c, container->v.str, (size_t)i);
    if (container->kind == CONSTANT_BYTES)
        return constant_int(&c->constants, (unsigned char)container->v.bytes[i]);
    return container->v.items[i];
}
