/* unicode_escape and raw_unicode_escape: bytes are Latin-1 but for backslashes.
 *
 * Answers to _PyUnicode_DecodeUnicodeEscapeInternal and _PyUnicode_DecodeRawUnicodeEscapeStateful.
 * An escape that means nothing stays as it is; the warning that CPython issues of it is for the
 * codec's own caller and not shown when a source is compiled.
 */
#include "syntax/codec_tables.h"
#include "syntax/unicode.h"
#include "util/ascii.h"

#include <string.h>

/* Reads count hexadecimal digits from at on, the escape having begun at start; returns where they
 * end. */
static size_t read_hex(struct codec_run_state *state, const char *codec, size_t start, size_t at,
                       int count, const char *truncated, const char *too_big)
{
    uint32_t cp = 0;
    for (; count > 0; count--, at++) {
        int value = at < state->size ? ascii_hex_value(state->bytes[at]) : -1;
        if (value < 0) {
            codec_fail(state, codec, start, at, truncated);
            return at;
        }
        cp = cp << 4 | (uint32_t)value;
    }
    if (cp > UNICODE_MAX)
        codec_fail(state, codec, start, at, too_big);
    else
        codec_write(state, cp);
    return at;
}

/* Reads the "{name}" of \N from at on; returns where it ends. */
static size_t read_name(struct codec_run_state *state, size_t start, size_t at)
{
    const char *reason = "malformed \\N character escape";
    if (at < state->size && state->bytes[at] == '{') {
        const char *name = (const char *)state->bytes + ++at;
        const char *close = memchr(name, '}', state->size - at);
        size_t length = close ? (size_t)(close - name) : state->size - at;
        at += length;
        if (close && length) {
            at++;
            uint32_t cp = unicode_lookup_name(name, length, &state->traits->names);
            if (cp != UNICODE_NONE) {
                codec_write(state, cp);
                return at;
            }
            reason = "unknown Unicode character name";
        }
    }
    codec_fail(state, "unicodeescape", start, at, reason);
    return at;
}

/* Reads an octal escape whose first digit is at; returns where it ends. */
static size_t read_octal(struct codec_run_state *state, size_t at)
{
    uint32_t cp = 0;
    for (int count = 0; count < 3 && at < state->size && (state->bytes[at] & 0xF8) == '0'; count++)
        cp = cp << 3 | (state->bytes[at++] & 7);
    codec_write(state, cp);
    return at;
}

/* Reads the escape whose backslash is at start; returns where it ends. */
static size_t read_escape(struct codec_run_state *state, size_t start)
{
    static const char simple[] = "\\'\"bftnrva";
    static const char meaning[] = "\\'\"\b\f\t\n\r\v\a";
    size_t at = start + 1;
    if (at == state->size) {
        codec_fail(state, "unicodeescape", start, at, "\\ at end of string");
        return at;
    }
    unsigned char c = state->bytes[at++];
    const char *found = c ? strchr(simple, c) : NULL;
    if (found)
        codec_write(state, (unsigned char)meaning[found - simple]);
    else if (c >= '0' && c <= '7')
        return read_octal(state, at - 1);
    else if (c == 'x')
        return read_hex(state, "unicodeescape", start, at, 2, "truncated \\xXX escape", "");
    else if (c == 'u')
        return read_hex(state, "unicodeescape", start, at, 4, "truncated \\uXXXX escape", "");
    else if (c == 'U')
        return read_hex(state, "unicodeescape", start, at, 8, "truncated \\UXXXXXXXX escape",
                        "illegal Unicode character");
    else if (c == 'N')
        return read_name(state, start, at);
    else if (c != '\n') {
        codec_write(state, '\\');
        codec_write(state, c);
    }
    return at;
}

void codec_decode_unicode_escape(struct codec_run_state *state)
{
    for (size_t at = 0; at < state->size && !state->failed;) {
        if (state->bytes[at] == '\\')
            at = read_escape(state, at);
        else
            codec_write(state, state->bytes[at++]);
    }
}

void codec_decode_raw_unicode_escape(struct codec_run_state *state)
{
    const unsigned char *s = state->bytes;
    for (size_t at = 0; at < state->size && !state->failed;) {
        if (s[at] != '\\' || at + 1 == state->size) {
            codec_write(state, s[at++]);
        } else if (s[at + 1] == 'u') {
            at = read_hex(state, "rawunicodeescape", at, at + 2, 4, "truncated \\uXXXX escape", "");
        } else if (s[at + 1] == 'U') {
            at = read_hex(state, "rawunicodeescape", at, at + 2, 8, "truncated \\UXXXXXXXX escape",
                          "\\Uxxxxxxxx out of range");
        } else {
            codec_write(state, '\\');
            codec_write(state, s[at + 1]);
            at += 2;
        }
    }
}
