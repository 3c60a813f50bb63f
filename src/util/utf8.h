/* UTF-8: reading and writing characters, validation, and CPython's words for what is wrong.
 *
 * Valid means what CPython's decoder means: no overlong forms, no surrogates, nothing above
 * U+10FFFF.
 */
#ifndef MKPYC_UTIL_UTF8_H
#define MKPYC_UTIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Whether the byte goes on with a character that an earlier one began. */
static inline bool utf8_continues(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The number of characters that begin in the size bytes at text, be they valid or not. */
static inline size_t utf8_count(const char *text, size_t size)
{
    size_t count = 0;
    for (size_t at = 0; at < size; at++)
        count += !utf8_continues(text[at]);
    return count;
}

/* Whether the size bytes at text begin with a surrogate in three bytes, which is no valid UTF-8. */
static inline bool utf8_is_surrogate(const char *text, size_t size)
{
    return size >= 3 && (unsigned char)text[0] == 0xED && (unsigned char)text[1] >= 0xA0 &&
           utf8_continues((unsigned char)text[1]) && utf8_continues((unsigned char)text[2]);
}

/* What a first pass over a text finds. */
struct utf8_scan {
    size_t valid_size; /* the bytes before the first one that starts no valid character; size if
                          none */
    bool ascii;        /* no byte above 0x7F (before that place) */
};

/* Scans the size bytes at text. */
struct utf8_scan utf8_scan(const char *text, size_t size);

/* Whether the size bytes at text begin with a valid character. */
bool utf8_begins_character(const char *text, size_t size);

/* Whether the size bytes at text are valid UTF-8. */
bool utf8_is_valid(const char *text, size_t size);

/* The same where surrogates may be, as in the strings of a module ("surrogatepass"). */
bool utf8_is_valid_string(const char *text, size_t size);

/* str() of the UnicodeDecodeError that decoding the size bytes at text as UTF-8 raises, e.g.
 * "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"; they must not be valid.
 */
const char *utf8_fault_message(struct arena *arena, const char *text, size_t size);

/* The size bytes at text with each fault replaced by U+FFFD, as decode("utf-8", "replace") does;
 * text itself when it is valid. The result's size goes to *result_size. */
const char *utf8_replace_faults(struct arena *arena, const char *text, size_t size,
                                size_t *result_size);

/* The number of characters that utf8_replace_faults makes of the size bytes at text. */
size_t utf8_count_replaced(const char *text, size_t size);

/* Reads the character at text, which must be valid UTF-8 (or a surrogate as three bytes), and puts
 * its length to *length. */
static inline uint32_t utf8_read(const char *text, size_t *length)
{
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80) {
        *length = 1;
        return s[0];
    }
    if (s[0] < 0xE0) {
        *length = 2;
        return (uint32_t)(s[0] & 0x1F) << 6 | (s[1] & 0x3F);
    }
    if (s[0] < 0xF0) {
        *length = 3;
        return (uint32_t)(s[0] & 0x0F) << 12 | (uint32_t)(s[1] & 0x3F) << 6 | (s[2] & 0x3F);
    }
    *length = 4;
    return (uint32_t)(s[0] & 0x07) << 18 | (uint32_t)(s[1] & 0x3F) << 12 |
           (uint32_t)(s[2] & 0x3F) << 6 | (s[3] & 0x3F);
}

/* Writes cp as UTF-8 (surrogates too, as three bytes) to at most 4 bytes at out; returns the
 * length. */
static inline size_t utf8_write(char *out, uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

#endif
