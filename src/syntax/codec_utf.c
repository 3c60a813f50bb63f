/* UTF-7, UTF-16 and UTF-32, with CPython's messages.
 *
 * Answers to PyUnicode_DecodeUTF7Stateful, ...UTF16Stateful and ...UTF32Stateful, the decoders of
 * the modules utf_16 and utf_32 among them: without a byte-order mark they take the machine for
 * little-endian, as the reference builds are.
 */
#include "syntax/codec_tables.h"

/* A base-64 section of UTF-7. */
struct base64 {
    uint32_t buffer;
    unsigned bits;
    uint32_t surrogate; /* a first surrogate that waits for its second, 0: none */
    size_t start;       /* the place of the '+' */
};

/* The value of a base-64 digit, -1 if c is none. */
static int base64_value(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_high_surrogate(uint32_t cp)
{
    return (cp & 0xFFFFFC00) == 0xD800;
}

static bool is_low_surrogate(uint32_t cp)
{
    return (cp & 0xFFFFFC00) == 0xDC00;
}

static uint32_t join_surrogates(uint32_t high, uint32_t low)
{
    return 0x10000 + ((high & 0x3FF) << 10 | (low & 0x3FF));
}

/* Takes a 16-bit unit of a base-64 section. */
static void take_unit(struct codec_run_state *state, struct base64 *section, uint32_t unit)
{
    if (section->surrogate) {
        uint32_t high = section->surrogate;
        section->surrogate = 0;
        if (is_low_surrogate(unit)) {
            codec_write(state, join_surrogates(high, unit));
            return;
        }
        codec_write(state, high);
    }
    if (is_high_surrogate(unit))
        section->surrogate = unit;
    else
        codec_write(state, unit);
}

/* Takes a base-64 digit. */
static void take_digit(struct codec_run_state *state, struct base64 *section, int value)
{
    section->buffer = section->buffer << 6 | (uint32_t)value;
    section->bits += 6;
    if (section->bits < 16)
        return;
    section->bits -= 16;
    uint32_t unit = section->buffer >> section->bits & 0xFFFF;
    section->buffer &= (1u << section->bits) - 1;
    take_unit(state, section, unit);
}

/* Ends a base-64 section before the byte at. */
static void end_section(struct codec_run_state *state, struct base64 *section, size_t at)
{
    if (section->bits >= 6)
        codec_fail(state, "utf7", section->start, at + 1, "partial character in shift sequence");
    else if (section->bits > 0 && section->buffer != 0)
        codec_fail(state, "utf7", section->start, at + 1,
                   "non-zero padding bits in shift sequence");
    else if (section->surrogate && state->bytes[at] < 0x80)
        codec_write(state, section->surrogate);
}

/* Reads a base-64 section, whose '+' is at section->start, from at on; returns where it ends. */
static size_t read_section(struct codec_run_state *state, struct base64 *section, size_t at)
{
    for (; at < state->size; at++) {
        int value = base64_value(state->bytes[at]);
        if (value < 0) {
            end_section(state, section, at);
            return state->bytes[at] == '-' ? at + 1 : at;
        }
        take_digit(state, section, value);
    }
    if (section->surrogate || section->bits >= 6 || (section->bits > 0 && section->buffer != 0))
        codec_fail(state, "utf7", section->start, state->size, "unterminated shift sequence");
    return at;
}

void codec_decode_utf7(struct codec_run_state *state)
{
    const unsigned char *s = state->bytes;
    for (size_t at = 0; at < state->size && !state->failed;) {
        if (s[at] >= 0x80) {
            codec_fail(state, "utf7", at, at + 1, "unexpected special character");
        } else if (s[at] != '+') {
            codec_write(state, s[at++]);
        } else if (at + 1 < state->size && s[at + 1] == '-') {
            codec_write(state, '+');
            at += 2;
        } else if (state->traits->checks_plus && at + 1 < state->size &&
                   base64_value(s[at + 1]) < 0) {
            codec_fail(state, "utf7", at, at + 2, "ill-formed sequence");
        } else {
            struct base64 section = {.start = at};
            at = read_section(state, &section, at + 1);
        }
    }
}

/* The 16 bits at s. */
static uint32_t read16(const unsigned char *s, bool big)
{
    return big ? (uint32_t)s[0] << 8 | s[1] : (uint32_t)s[1] << 8 | s[0];
}

/* The 32 bits at s. */
static uint32_t read32(const unsigned char *s, bool big)
{
    return big ? read16(s, big) << 16 | read16(s + 2, big)
               : read16(s + 2, big) << 16 | read16(s, big);
}

void codec_decode_utf16(struct codec_run_state *state, enum codec_kind kind)
{
    bool big = kind == CODEC_UTF_16_BE;
    size_t at = 0;
    if (kind == CODEC_UTF_16 && state->size >= 2) {
        uint32_t mark = read16(state->bytes, false);
        big = mark == 0xFFFE;
        at = big || mark == 0xFEFF ? 2 : 0;
    }
    const char *codec = big ? "utf-16-be" : "utf-16-le";
    while (state->size - at >= 2) {
        uint32_t unit = read16(state->bytes + at, big);
        at += 2;
        bool last = state->size - at < 2;
        if (is_low_surrogate(unit) && !(last && state->traits->looks_ahead)) {
            codec_fail(state, codec, at - 2, at, "illegal encoding");
            return;
        }
        if ((unit & 0xF800) == 0xD800) {
            if (last) {
                codec_fail(state, codec, at - 2, state->size, "unexpected end of data");
                return;
            }
            uint32_t low = read16(state->bytes + at, big);
            if (!is_low_surrogate(low)) {
                codec_fail(state, codec, at - 2, at, "illegal UTF-16 surrogate");
                return;
            }
            unit = join_surrogates(unit, low);
            at += 2;
        }
        codec_write(state, unit);
    }
    if (at < state->size)
        codec_fail(state, codec, at, state->size, "truncated data");
}

void codec_decode_utf32(struct codec_run_state *state, enum codec_kind kind)
{
    bool big = kind == CODEC_UTF_32_BE;
    size_t at = 0;
    if (kind == CODEC_UTF_32 && state->size >= 4) {
        uint32_t mark = read32(state->bytes, false);
        big = mark == 0xFFFE0000;
        at = big || mark == 0xFEFF ? 4 : 0;
    }
    const char *codec = big ? "utf-32-be" : "utf-32-le";
    for (; state->size - at >= 4; at += 4) {
        uint32_t cp = read32(state->bytes + at, big);
        if (cp >= 0xD800 && cp < 0xE000) {
            codec_fail(state, codec, at, at + 4,
                       "code point in surrogate code point range(0xd800, 0xe000)");
            return;
        }
        if (cp > 0x10FFFF) {
            codec_fail(state, codec, at, at + 4, "code point not in range(0x110000)");
            return;
        }
        codec_write(state, cp);
    }
    if (at < state->size)
        codec_fail(state, codec, at, state->size, "truncated data");
}
