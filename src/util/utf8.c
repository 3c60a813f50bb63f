/* Validation of UTF-8.
 *
 * ASCII is passed over 32 bytes at a time. What a fault is, where it begins and where it ends
 * follows utf8_decode in Objects/stringlib/codecs.h: a fault covers the longest beginning of a
 * character.
 */
#include "util/utf8.h"

#include "util/arena.h"

#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* The number of bytes before the first one above 0x7F. */
static size_t ascii_span(const char *text, size_t size)
{
    size_t at = 0;
    while (size - at >= 32) {
        uint64_t words[4];
        memcpy(words, text + at, sizeof words);
        if ((words[0] | words[1] | words[2] | words[3]) & HIGH_BITS)
            break;
        at += 32;
    }
    while (at < size && (unsigned char)text[at] < 0x80)
        at++;
    return at;
}

/* Whether second may follow first, the first byte of a character of three or four bytes. */
static bool second_fits(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xE0: return second >= 0xA0 && second < 0xC0;
    case 0xED: return second >= 0x80 && second < 0xA0;
    case 0xF0: return second >= 0x90 && second < 0xC0;
    case 0xF4: return second >= 0x80 && second < 0x90;
    default: return utf8_continues(second);
    }
}

/* The length that a character beginning with first has; 0 if none begins with it. */
static size_t character_length(unsigned char first)
{
    return first < 0x80   ? 1
           : first < 0xC2 ? 0
           : first < 0xE0 ? 2
           : first < 0xF0 ? 3
           : first < 0xF5 ? 4
                          : 0;
}

/* How many of the first bytes at s, of left, are the beginning of one character. */
static size_t good_prefix(const unsigned char *s, size_t left)
{
    size_t length = character_length(s[0]);
    size_t at = 1;
    while (at < length && at < left && (at == 1 ? second_fits(s[0], s[1]) : utf8_continues(s[at])))
        at++;
    return at;
}

struct utf8_scan utf8_scan(const char *text, size_t size)
{
    struct utf8_scan scan = {ascii_span(text, size), true};
    const unsigned char *s = (const unsigned char *)text;
    size_t at = scan.valid_size;
    scan.ascii = at == size;
    while (at < size) {
        if (s[at] < 0x80) {
            at += ascii_span(text + at, size - at);
            continue;
        }
        size_t length = character_length(s[at]);
        if (length == 0 || good_prefix(s + at, size - at) != length)
            break;
        at += length;
    }
    scan.valid_size = at;
    return scan;
}

bool utf8_is_valid(const char *text, size_t size)
{
    return utf8_scan(text, size).valid_size == size;
}

bool utf8_begins_character(const char *text, size_t size)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t length = size != 0 ? character_length(s[0]) : 0;
    return length != 0 && good_prefix(s, size) == length;
}

bool utf8_is_valid_string(const char *text, size_t size)
{
    for (;;) {
        size_t good = utf8_scan(text, size).valid_size;
        if (good == size)
            return true;
        if (!utf8_is_surrogate(text + good, size - good))
            return false;
        text += good + 3;
        size -= good + 3;
    }
}

/* One undecodable place: what UnicodeDecodeError holds. */
struct fault {
    size_t start, end;
    const char *reason;
};

/* The first fault of the size bytes at text, which are not valid. */
static struct fault find_fault(const char *text, size_t size)
{
    size_t at = utf8_scan(text, size).valid_size;
    const unsigned char *s = (const unsigned char *)text + at;
    if (character_length(s[0]) == 0)
        return (struct fault){at, at + 1, "invalid start byte"};
    size_t good = good_prefix(s, size - at);
    const char *reason = at + good == size ? "unexpected end of data" : "invalid continuation byte";
    return (struct fault){at, at + good, reason};
}

const char *utf8_fault_message(struct arena *arena, const char *text, size_t size)
{
    struct fault fault = find_fault(text, size);
    if (fault.end - fault.start == 1)
        return arena_printf(arena, "'utf-8' codec can't decode byte 0x%02x in position %zu: %s",
                            (unsigned char)text[fault.start], fault.start, fault.reason);
    return arena_printf(arena, "'utf-8' codec can't decode bytes in position %zu-%zu: %s",
                        fault.start, fault.end - 1, fault.reason);
}

const char *utf8_replace_faults(struct arena *arena, const char *text, size_t size,
                                size_t *result_size)
{
    size_t good = utf8_scan(text, size).valid_size;
    *result_size = size;
    if (good == size)
        return text;
    char *out = arena_alloc_array(arena, size + 1, 3);
    size_t to = 0;
    size_t at = 0;
    for (;;) {
        memcpy(out + to, text + at, good);
        to += good;
        at += good;
        if (at == size)
            break;
        memcpy(out + to, "\xEF\xBF\xBD", 3);
        to += 3;
        at += find_fault(text + at, size - at).end;
        good = utf8_scan(text + at, size - at).valid_size;
    }
    out[to] = '\0';
    *result_size = to;
    return out;
}

size_t utf8_count_replaced(const char *text, size_t size)
{
    size_t count = 0;
    for (;;) {
        size_t good = utf8_scan(text, size).valid_size;
        count += utf8_count(text, good);
        if (good == size)
            return count;
        size_t end = find_fault(text, size).end;
        count++;
        text += end;
        size -= end;
    }
}
