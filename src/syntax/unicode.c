/* Properties of characters, and identifiers.
 *
 * A character's entry in a two-stage table is the number of its history; the history's row has a
 * column for each Unicode version, and the column's bits are the answers. Code points above
 * U+10FFFF have no property.
 *
 * Answers to Objects/unicodectype.c and PyUnicode_IsIdentifier.
 */
#include "syntax/unicode.h"

#include "syntax/unicode_tables.h"
#include "util/utf8.h"

#include <stdio.h>
#include <string.h>

#define ASCII_RANGE(cp, first, last) ((cp) - (uint32_t)(first) <= (uint32_t)((last) - (first)))

/* The bits of cp's properties in the version. */
static unsigned properties(uint32_t cp, enum unicode_version version)
{
    if (cp > UNICODE_MAX)
        return 0;
    uint32_t page = unicode_history_page[cp >> unicode_history_bits];
    uint32_t at = cp & ((1u << unicode_history_bits) - 1);
    uint32_t history = unicode_history_index[(page << unicode_history_bits) + at];
    return unicode_history[history * UNICODE_VERSION_COUNT + version];
}

bool unicode_is_xid_start(uint32_t cp, enum unicode_version version)
{
    if (cp < 0x80)
        return ASCII_RANGE(cp | 0x20, 'a', 'z') || cp == '_';
    return properties(cp, version) & UNICODE_BIT_START;
}

bool unicode_is_xid_continue(uint32_t cp, enum unicode_version version)
{
    if (cp < 0x80)
        return ASCII_RANGE(cp | 0x20, 'a', 'z') || cp == '_' || ASCII_RANGE(cp, '0', '9');
    return properties(cp, version) & UNICODE_BIT_CONTINUE;
}

bool unicode_is_printable(uint32_t cp, enum unicode_version version)
{
    if (cp < 0x80)
        return ASCII_RANGE(cp, ' ', '~');
    return properties(cp, version) & UNICODE_BIT_PRINTABLE;
}

bool unicode_is_space(uint32_t cp)
{
    return properties(cp, UNICODE_17_0) & UNICODE_BIT_SPACE;
}

bool unicode_is_assigned(uint32_t cp, enum unicode_version version)
{
    return properties(cp, version) & UNICODE_BIT_ASSIGNED;
}

bool unicode_is_named(uint32_t cp, enum unicode_version version)
{
    return properties(cp, version) & UNICODE_BIT_NAMED;
}

char unicode_repr_quote(const char *text, size_t size)
{
    return memchr(text, '\'', size) != NULL && memchr(text, '"', size) == NULL ? '"' : '\'';
}

/* The letter of the escape sequence that repr() has for cp; 0: none. */
static char repr_letter(uint32_t cp, char quote)
{
    switch (cp) {
    case '\t': return 't';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\\': return '\\';
    default: return cp == (unsigned char)quote ? quote : '\0';
    }
}

size_t unicode_write_repr(char *out, uint32_t cp, char quote, enum unicode_version version)
{
    char escape[12], letter = repr_letter(cp, quote);
    if (letter != '\0') {
        out[0] = '\\';
        out[1] = letter;
        return 2;
    }
    if (unicode_is_printable(cp, version))
        return utf8_write(out, cp);
    const char *format = cp <= 0xFF ? "\\x%02x" : cp <= 0xFFFF ? "\\u%04x" : "\\U%08x";
    size_t size = (size_t)snprintf(escape, sizeof escape, format, (unsigned)cp);
    memcpy(out, escape, size);
    return size;
}

size_t unicode_identifier_span(const char *text, size_t size, enum unicode_version version)
{
    size_t at = 0;
    while (at < size) {
        size_t length;
        uint32_t cp = utf8_read(text + at, &length);
        if (at == 0 ? !unicode_is_xid_start(cp, version) : !unicode_is_xid_continue(cp, version))
            return at;
        at += length;
    }
    return size;
}
