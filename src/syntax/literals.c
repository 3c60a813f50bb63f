/* The values of number and string literals.
 *
 * Answers to parsenumber in Parser/action_helpers.c and Parser/pegen.c, to Parser/string_parser.c
 * and to the escape decoders of Objects/unicodeobject.c and Objects/bytesobject.c.
 */
#include "syntax/explain.h"
#include "syntax/parser_internal.h"
#include "syntax/scan.h"
#include "syntax/syntax_error.h"
#include "syntax/syntax_rules.h"
#include "util/ascii.h"
#include "util/utf8.h"

#include <locale.h>
#include <stdlib.h>

/* The value of a digit in any base. */
static inline unsigned digit_value(char ch)
{
    return ch <= '9' ? (unsigned)(ch - '0') : (unsigned)((ch | 0x20) - 'a' + 10);
}

/* An integer in base 2, 8 or 16 whose digits are at `s`. */
static constant binary_integer(struct parser *p, const char *s, const char *end, unsigned bits)
{
    size_t capacity = ((size_t)(end - s) * bits + 31) / 32 + 1;
    uint32_t small[8];
    uint32_t *limbs = capacity <= 8 ? small : arena_alloc_array(p->arena, capacity, sizeof *limbs);
    uint32_t count = 0;
    uint64_t pending = 0;
    unsigned pending_bits = 0;
    while (end > s) {
        char ch = *--end;
        if (ch == '_')
            continue;
        pending |= (uint64_t)digit_value(ch) << pending_bits;
        pending_bits += bits;
        if (pending_bits >= 32) {
            limbs[count++] = (uint32_t)pending;
            pending >>= 32;
            pending_bits -= 32;
        }
    }
    limbs[count++] = (uint32_t)pending;
    return constant_bigint(&p->c->constants, false, limbs, count);
}

/* A decimal integer of many digits. */
static constant long_decimal(struct parser *p, const char *s, const char *end)
{
    size_t digits = 0;
    bool zero = true;
    for (const char *q = s; q < end; q++) {
        digits += *q != '_';
        zero = zero && (*q == '_' || *q == '0');
    }
    if (zero)
        return constant_int(&p->c->constants, 0);
    int limit = p->c->target->syntax->max_int_digits;
    if (limit != 0 && digits > (size_t)limit)
        reject(p);
    uint32_t *limbs = arena_alloc_array(p->arena, digits / 9 + 2, sizeof *limbs);
    uint32_t count = 0;
    while (s < end) {
        uint32_t chunk = 0, scale = 1;
        for (; s < end && scale < 1000000000; s++) {
            if (*s == '_')
                continue;
            chunk = chunk * 10 + (uint32_t)(*s - '0');
            scale *= 10;
        }
        uint64_t carry = chunk;
        for (uint32_t i = 0; i < count; i++) {
            carry += (uint64_t)limbs[i] * scale;
            limbs[i] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry != 0)
            limbs[count++] = (uint32_t)carry;
    }
    return constant_bigint(&p->c->constants, false, limbs, count);
}

/* The double nearest to a decimal text, by the C library, whatever its locale's decimal point. */
static double slow_double(struct parser *p, const char *s, const char *end)
{
    const char *point = localeconv()->decimal_point;
    size_t point_length = strlen(point);
    char *copy = arena_alloc(p->arena, (size_t)(end - s) + point_length + 1), *out = copy;
    for (; s < end; s++) {
        if (*s == '.') {
            memcpy(out, point, point_length);
            out += point_length;
        } else if (*s != '_') {
            *out++ = *s;
        }
    }
    *out = '\0';
    return strtod(copy, NULL);
}

/* The double nearest to a decimal text. Up to 15 digits and powers of ten up to 22 are exact in
 * doubles, so one multiplication or division rounds correctly. */
static double decimal_double(struct parser *p, const char *s, const char *end)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    uint64_t mantissa = 0;
    int digits = 0, exponent = 0;
    bool fraction = false;
    const char *q = s;
    for (; q < end && (*q | 0x20) != 'e'; q++) {
        if (*q == '.') {
            fraction = true;
        } else if (*q != '_') {
            mantissa = mantissa * 10 + (uint64_t)(*q - '0');
            digits += digits != 0 || *q != '0';
            exponent -= fraction;
            if (digits > 15 || exponent < -100)
                return slow_double(p, s, end);
        }
    }
    if (q < end) {
        q++;
        bool negative = *q == '-';
        q += *q == '-' || *q == '+';
        int written = 0;
        for (; q < end; q++) {
            if (*q != '_')
                written = written * 10 + (*q - '0');
            if (written > 400)
                return slow_double(p, s, end);
        }
        exponent += negative ? -written : written;
    }
    if (mantissa == 0)
        return 0.0;
    if (exponent < -22 || exponent > 22)
        return slow_double(p, s, end);
    return exponent < 0 ? (double)mantissa / powers[-exponent]
                        : (double)mantissa * powers[exponent];
}

constant literal_number(struct parser *p, const struct token *t)
{
    const char *s = t->start, *end = s + (t->end_col_offset - t->col_offset);
    struct constants *constants = &p->c->constants;
    if (end - s == 1)
        return constant_int(constants, *s - '0');
    if (*s == '0' && end - s > 2) {
        switch (s[1] | 0x20) {
        case 'x': return binary_integer(p, s + 2, end, 4);
        case 'o': return binary_integer(p, s + 2, end, 3);
        case 'b': return binary_integer(p, s + 2, end, 1);
        }
    }
    int64_t value = 0;
    const char *q = s;
    for (; q < end && (unsigned char)(*q - '0') < 10 && q - s < 18; q++)
        value = value * 10 + (*q - '0');
    if (q == end)
        return constant_int(constants, value);
    if ((end[-1] | 0x20) == 'j')
        return constant_complex(constants, 0.0, decimal_double(p, s, end - 1));
    for (; q < end; q++) {
        if (*q == '.' || (*q | 0x20) == 'e')
            return constant_float(constants, decimal_double(p, s, end));
    }
    return long_decimal(p, s, end);
}

/* Warn of the first invalid escape of a token; `escape` is behind its backslash, `text` where the
 * token's text starts. */
static void warn_escape(struct parser *p, const char *text, const char *escape,
                        const struct token *t)
{
    char ch = *escape;
    bool octal = ch >= '4' && ch <= '7';
    bool middle = t->kind == TOKEN_fstring_middle || t->kind == TOKEN_fstring_end ||
                  t->kind == TOKEN_tstring_middle || t->kind == TOKEN_tstring_end;
    if (middle && (ch == '{' || ch == '}'))
        return;
    int32_t lineno = t->lineno;
    if (PARSER_HAS(p, ESCAPE_WARNING_AT_LINE)) {
        for (const char *q = text; q < escape; q++)
            lineno += *q == '\n';
    }
    bool wordy = PARSER_HAS(p, LONG_ESCAPE_WARNING);
    const char *format;
    if (octal)
        format = wordy ? "\"\\%.3s\" is an invalid octal escape sequence. Such sequences will not "
                         "work in the future. "
                         "Did you mean \"\\\\%.3s\"? A raw string is also an option."
                       : "invalid octal escape sequence '\\%.3s'";
    else
        format = wordy ? "\"\\%.1s\" is an invalid escape sequence. Such sequences will not work "
                         "in the future. "
                         "Did you mean \"\\\\%.1s\"? A raw string is also an option."
                 : PARSER_HAS(p, QUOTED_ESCAPE_WARNING) ? "invalid escape sequence '\\%.1s'"
                                                        : "invalid escape sequence \\%.1s";
    enum warning_category category =
        PARSER_HAS(p, ESCAPE_SYNTAX_WARNING) ? WARNING_SYNTAX : WARNING_DEPRECATION;
    const char *message = arena_printf(p->arena, format, escape, escape);
    explain_warn(p->c, category, lineno, message);
}

/* `count` hexadecimal digits at `s`; rejects anything else. */
static uint32_t hex_escape(struct parser *p, const char *s, const char *end, int count)
{
    uint32_t value = 0;
    if (end - s < count)
        reject(p);
    for (int i = 0; i < count; i++) {
        int digit = ascii_hex_value(s[i]);
        if (digit < 0)
            reject(p);
        value = value << 4 | (uint32_t)digit;
    }
    return value;
}

/* Up to three octal digits; *s is moved behind them. */
static unsigned octal_escape(const char **s, const char *end)
{
    unsigned value = 0;
    for (int i = 0; i < 3 && *s < end && **s >= '0' && **s <= '7'; i++)
        value = value * 8 + (unsigned)(*(*s)++ - '0');
    return value;
}

/* The byte that a one-letter escape stands for; 0: none. */
static char simple_escape(char ch)
{
    static const char meaning[128] = {
        ['\\'] = '\\', ['\''] = '\'', ['"'] = '"',  ['a'] = '\a', ['b'] = '\b',
        ['f'] = '\f',  ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t', ['v'] = '\v',
    };
    return (unsigned char)ch < 0x80 ? meaning[(unsigned char)ch] : 0;
}

/* The character of the \N{...} whose '{' is at *s. */
static uint32_t named_escape(struct parser *p, const char **s, const char *end)
{
    const char *name = *s + 1;
    if (*s >= end || **s != '{')
        reject(p);
    const char *close = memchr(name, '}', (size_t)(end - name));
    if (close == NULL || close == name)
        reject(p);
    uint32_t cp = unicode_lookup_name(name, (size_t)(close - name), &p->c->target->syntax->unicode);
    if (cp == UNICODE_NONE)
        reject(p);
    *s = close + 1;
    return cp;
}

/* Decode an escape that is more than a letter, or none, at the byte behind its backslash. Returns
 * where the next byte goes; the first escape to warn of is noted in *invalid. */
static char *decode_escape(struct parser *p, char *out, const char **text, const char *end,
                           const char **invalid)
{
    const char *start = *text;
    char ch = *(*text)++;
    switch (ch) {
    case '\n': return out;
    case '0' ... '7': {
        *text = start;
        unsigned value = octal_escape(text, end);
        if (value > 0377 && *invalid == NULL && PARSER_HAS(p, OCTAL_ESCAPE_WARNING))
            *invalid = start;
        return out + utf8_write(out, value);
    }
    case 'x':
    case 'u':
    case 'U': {
        int digits = ch == 'x' ? 2 : ch == 'u' ? 4 : 8;
        uint32_t cp = hex_escape(p, *text, end, digits);
        if (cp > UNICODE_MAX)
            reject(p);
        *text += digits;
        return out + utf8_write(out, cp);
    }
    case 'N': return out + utf8_write(out, named_escape(p, text, end));
    }
    *out++ = '\\';
    if ((unsigned char)ch >= 0x80) {
        *text = start;
        return out;
    }
    if (*invalid == NULL)
        *invalid = start;
    *out++ = ch;
    return out;
}

/* Decode the escapes of a text. */
static identifier decode_escapes(struct parser *p, const char *text, size_t length,
                                 const struct token *t)
{
    char *buffer = arena_alloc(p->arena, length + 16), *out = buffer;
    const char *s = text, *end = text + length, *invalid = NULL;
    while (s < end) {
        size_t plain = scan_copy(out, s, end);
        out += plain;
        s += plain;
        if (s == end)
            break;
        s++;
        if (s == end) { /* CPython keeps a lone backslash at the end of a part */
            *out++ = '\\';
            break;
        }
        char simple = simple_escape(*s);
        if (simple == 0) {
            out = decode_escape(p, out, &s, end, &invalid);
        } else {
            *out++ = simple;
            s++;
        }
    }
    if (invalid != NULL)
        warn_escape(p, text, invalid, t);
    return strings_intern_text(&p->c->strings, buffer, (size_t)(out - buffer), false);
}

identifier literal_str(struct parser *p, const char *text, size_t length, unsigned flags,
                       const struct token *t)
{
    if ((flags & TOKEN_NON_ASCII) && !utf8_is_valid(text, length))
        reject(p);
    if ((flags & TOKEN_RAW) || !(flags & TOKEN_BACKSLASH))
        return strings_intern_text(&p->c->strings, text, length, !(flags & TOKEN_NON_ASCII));
    return decode_escapes(p, text, length, t);
}

constant literal_bytes(struct parser *p, const struct token *t)
{
    const char *s = t->start + t->prefix_length + t->quote_size,
               *end = token_end(t) - t->quote_size;
    const char *text = s, *invalid = NULL;
    if (t->flags & TOKEN_NON_ASCII)
        reject(p);
    if ((t->flags & TOKEN_RAW) || !(t->flags & TOKEN_BACKSLASH))
        return constant_bytes(&p->c->constants, s, (size_t)(end - s));
    char *buffer = arena_alloc(p->arena, (size_t)(end - s) + 1), *out = buffer;
    while (s < end) {
        if (*s != '\\') {
            *out++ = *s++;
            continue;
        }
        char ch = s[1], simple = simple_escape(ch);
        s += 2;
        if (simple != 0) {
            *out++ = simple;
        } else if (ch == '\n') {
            continue;
        } else if (ch >= '0' && ch <= '7') {
            const char *digits = --s;
            unsigned value = octal_escape(&s, end);
            if (value > 0377 && invalid == NULL && PARSER_HAS(p, OCTAL_ESCAPE_WARNING))
                invalid = digits;
            *out++ = (char)value;
        } else if (ch == 'x') {
            *out++ = (char)hex_escape(p, s, end, 2);
            s += 2;
        } else {
            if (invalid == NULL)
                invalid = s - 1;
            *out++ = '\\';
            s--;
        }
    }
    if (invalid != NULL)
        warn_escape(p, text, invalid, t);
    return constant_bytes(&p->c->constants, buffer, (size_t)(out - buffer));
}
