/* punycode and idna, codecs that CPython has in Python.
 *
 * A source in punycode is its ASCII characters up to the last '-', then the others as numbers (RFC
 * 3492). One in idna is ASCII whose labels between dots may begin with "xn--" and go on in
 * punycode. What such a label holds beyond ASCII must be as nameprep leaves it; that would need
 * tables of Unicode 3.2 and is refused in plain words. Every other fault of a label is CPython's.
 *
 * Answers to Lib/encodings/punycode.py and idna.py.
 */
#include "syntax/codec_tables.h"
#include "util/ascii.h"

#include <stdio.h>
#include <string.h>

/* A number of a punycode text that is this great is beyond all characters. */
#define GREATEST_DELTA (UINT64_C(1) << 56)

/* A punycode text on its way. */
struct punycode {
    struct codec_run_state *state;
    size_t numbers; /* where the numbers begin */
    size_t at;      /* the next byte */
    uint32_t *characters;
    size_t count;
    uint64_t character; /* the one inserted last */
    uint64_t position;  /* behind where it went */
    unsigned bias;
};

/* The threshold of the j-th digit. */
static unsigned threshold(unsigned j, unsigned bias)
{
    unsigned whole = 36 * (j + 1);
    if (whole < bias + 1)
        return 1;
    return whole - bias > 26 ? 26 : whole - bias;
}

/* The bias after an insertion. */
static unsigned adapt(uint64_t delta, bool first, size_t count)
{
    unsigned divisions = 0;
    delta /= first ? 700 : 2;
    for (delta += delta / count; delta > 455; delta /= 35)
        divisions += 36;
    return divisions + (unsigned)(36 * delta / (delta + 38));
}

/* The value of a digit in either case, -1 if c is none. */
static int digit_value(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    return c >= '0' && c <= '9' ? c - '0' + 26 : -1;
}

/* Fails at a byte, or behind the last one. */
static void fail_at(struct punycode *text, size_t at, const char *old_message, const char *reason)
{
    struct codec_run_state *state = text->state;
    if (state->traits->tells_places)
        codec_fail(state, "punycode", at, at + 1, reason);
    else
        codec_fail_python(state, "UnicodeError", old_message);
}

/* Fails for a byte that is no digit. */
static void fail_digit(struct punycode *text)
{
    struct codec_run_state *state = text->state;
    unsigned char c = state->bytes[text->at];
    if (state->traits->looks_ahead) {
        if (text->at + 1 == state->size) {
            codec_fail_python(state, "IndexError", "string index out of range");
            return;
        }
        c = state->bytes[text->at + 1];
        c = (unsigned char)ascii_upper((char)c);
    }
    const char *old_message = arena_printf(state->arena, "Invalid extended code point '%c'", c);
    const char *reason = arena_printf(state->arena, "Invalid extended code point '%d'", c);
    fail_at(text, text->at, old_message, reason);
}

/* Reads a number; false on failure. */
static bool read_number(struct punycode *text, uint64_t *number)
{
    uint64_t weight = 1;
    *number = 0;
    for (unsigned j = 0;; j++) {
        if (text->at == text->state->size) {
            fail_at(text, text->at, "incomplete punicode string", "incomplete punycode string");
            return false;
        }
        int digit = digit_value(text->state->bytes[text->at]);
        if (digit < 0) {
            fail_digit(text);
            return false;
        }
        text->at++;
        unsigned least = threshold(j < 1000 ? j : 1000, text->bias);
        if (*number < GREATEST_DELTA)
            *number += (uint64_t)digit * weight;
        if ((unsigned)digit < least)
            return true;
        if (weight < GREATEST_DELTA)
            weight *= 36 - least;
    }
}

/* Fails for a number that leads beyond all characters. */
static void fail_character(struct punycode *text)
{
    const char *reason = arena_printf(text->state->arena, "Invalid character U+%llx",
                                      (unsigned long long)text->character);
    fail_at(text, text->numbers + (size_t)text->position - 1, reason, reason);
}

/* Inserts the character that a number tells. */
static void insert_character(struct punycode *text, uint64_t delta, bool first)
{
    text->position += delta;
    text->character += text->position / (text->count + 1);
    if (text->character > UNICODE_MAX) {
        fail_character(text);
        return;
    }
    size_t at = (size_t)(text->position % (text->count + 1));
    memmove(text->characters + at + 1, text->characters + at,
            (text->count - at) * sizeof *text->characters);
    text->characters[at] = (uint32_t)text->character;
    text->count++;
    text->bias = adapt(delta, first, text->count);
    text->position = at + 1;
}

/* Fails at the first byte from at on that is not ASCII, if there is one; places count from start.
 */
static void check_ascii(struct codec_run_state *state, size_t start, size_t at, size_t end)
{
    for (; at < end && !state->failed; at++) {
        if (state->bytes[at] < 0x80)
            continue;
        struct codec_run_state part = *state;
        part.bytes += start;
        codec_fail(&part, "ascii", at - start, at - start + 1, "ordinal not in range(128)");
        part.bytes -= start;
        *state = part;
    }
}

void codec_decode_punycode(struct codec_run_state *state)
{
    size_t base = state->size;
    while (base > 0 && state->bytes[base - 1] != '-')
        base--;
    bool has_dash = base > 0;
    base -= has_dash;
    struct punycode text = {
        .state = state,
        .numbers = base + has_dash,
        .at = base + has_dash,
        .characters = arena_alloc_array(state->arena, state->size + 1, sizeof *text.characters),
        .character = 0x80,
        .bias = 72};
    check_ascii(state, 0, 0, base);
    if (!state->traits->tells_places)
        check_ascii(state, text.at, text.at, state->size);
    for (; text.count < base; text.count++)
        text.characters[text.count] = state->bytes[text.count];
    for (bool first = true; text.at < state->size && !state->failed; first = false) {
        uint64_t delta;
        if (read_number(&text, &delta))
            insert_character(&text, delta, first);
    }
    for (size_t i = 0; i < text.count && !state->failed; i++)
        codec_write(state, text.characters[i]);
}

/* Whether the text of size bytes begins with "xn--". */
static bool is_encoded_label(const char *text, size_t size, bool any_case)
{
    return size >= 4 && (text[0] == 'x' || (any_case && text[0] == 'X')) &&
           (text[1] == 'n' || (any_case && text[1] == 'N')) && text[2] == '-' && text[3] == '-';
}

/* repr() of ASCII bytes. */
static const char *repr_of(struct arena *arena, const unsigned char *bytes, size_t size)
{
    bool single = memchr(bytes, '\'', size) != NULL, twice = memchr(bytes, '"', size) != NULL;
    char quote = single && !twice ? '"' : '\'', *text = arena_alloc(arena, 4 * size + 4),
         *out = text;
    *out++ = 'b';
    *out++ = quote;
    for (size_t i = 0; i < size; i++) {
        const char *letter = bytes[i] != '\0' ? strchr("\tt\nn\rr", bytes[i]) : NULL;
        if (bytes[i] == quote || bytes[i] == '\\') {
            *out++ = '\\';
            *out++ = (char)bytes[i];
        } else if (letter != NULL && bytes[i] < ' ') {
            *out++ = '\\';
            *out++ = letter[1];
        } else if (bytes[i] < ' ' || bytes[i] == 0x7F) {
            out += sprintf(out, "\\x%02x", bytes[i]);
        } else {
            *out++ = (char)bytes[i];
        }
    }
    *out++ = quote;
    *out = '\0';
    return text;
}

/* Fails for the label of size bytes at, in the words of either age. */
static void fail_label(struct codec_run_state *state, size_t at, size_t size,
                       const char *old_message, const char *reason)
{
    if (state->traits->tells_places)
        codec_fail(state, "idna", at, at + size, reason);
    else
        codec_fail_python(state, "UnicodeError", old_message);
}

/* Fails for the label of size bytes at that begins with "xn--": it is not what its text would be
 * encoded to. */
static void fail_encoded_label(struct codec_run_state *state, size_t at, size_t size)
{
    struct codec_run_state inner = *state;
    inner.name = "punycode";
    inner.bytes += at + 4;
    inner.size = size - 4;
    inner.out_size = inner.characters = 0;
    inner.out_capacity = 2 * size;
    inner.out = arena_alloc(state->arena, inner.out_capacity);
    codec_decode_punycode(&inner);
    if (inner.failed && state->traits->tells_places) {
        at += 4;
        codec_fail(state, "idna", at + inner.reason_start, at + inner.reason_end, inner.reason);
    } else if (inner.failed && inner.python != NULL) {
        codec_fail_python(state, inner.python, inner.message);
    } else if (inner.failed) {
        codec_fail_message(state, inner.message);
    } else if (inner.out_size != inner.characters) {
        codec_fail_message(state, "mkpyc does not decode characters of an \"xn--\" label in idna");
    } else if (inner.out_size == 0) {
        fail_label(state, at, 1, "label empty or too long", "label empty");
    } else if (inner.out_size >= 64) {
        fail_label(state, at, inner.out_size, "label empty or too long", "label too long");
    } else {
        const char *label = repr_of(state->arena, state->bytes + at, size),
                   *text = repr_of(state->arena, inner.bytes, inner.out_size);
        static const char reason[] = "IDNA does not round-trip";
        if (state->traits->tells_places)
            codec_fail(state, "idna", at, at + size,
                       arena_printf(state->arena, "%s, '%s' != '%s'", reason, label, text));
        else
            codec_fail_message(state,
                               arena_printf(state->arena, "('%s', %s, %s)", reason, label, text));
    }
}

/* Decodes a label of size bytes at. */
static void decode_label(struct codec_run_state *state, size_t at, size_t size)
{
    bool tells = state->traits->tells_places;
    if (size > 1024 && state->traits->limits_labels) {
        fail_label(state, at, size, "label way too long", "label way too long");
        return;
    }
    if (is_encoded_label((const char *)state->bytes + at, size, tells)) {
        fail_encoded_label(state, at, size);
        return;
    }
    for (size_t i = at; i < at + size; i++) {
        if (state->bytes[i] >= 0x80 && tells)
            codec_fail(state, "idna", i, i + 1, "ordinal not in range(128)");
        else if (state->bytes[i] >= 0x80)
            check_ascii(state, at, i, i + 1);
        if (state->failed)
            return;
        codec_write(state, state->bytes[i]);
    }
}

/* Whether every byte is ASCII and no label is encoded. */
static bool is_plain(const struct codec_run_state *state)
{
    const char *bytes = (const char *)state->bytes;
    for (size_t at = 0; at < state->size; at++)
        if (state->bytes[at] >= 0x80 ||
            is_encoded_label(bytes + at, state->size - at, state->traits->tells_places))
            return false;
    return true;
}

void codec_decode_idna(struct codec_run_state *state)
{
    if (is_plain(state)) {
        for (size_t at = 0; at < state->size; at++)
            codec_write(state, state->bytes[at]);
        return;
    }
    for (size_t at = 0; at < state->size && !state->failed; at++) {
        const unsigned char *dot = memchr(state->bytes + at, '.', state->size - at);
        size_t size = dot ? (size_t)(dot - state->bytes) - at : state->size - at;
        decode_label(state, at, size);
        at += size;
        if (dot)
            codec_write(state, '.');
    }
}
