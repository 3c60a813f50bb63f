/* Names of characters, as \N{...} resolves them.
 *
 * Three kinds: Hangul syllables, spelt by their letters; ranges named by a prefix and the code
 * point; and all others, aliases included, held by a minimal automaton. Each edge of the automaton
 * has a label of one or more characters and the number of names passed over by taking it, so that
 * walking a name adds up to the name's number, and an array gives the character.
 *
 * An edge is 64 bits: 0 last edge of its state; 1 its target is the end of a name; 2-7 length and
 * 8-23 start of the label in unicode_name_labels; 24-40 first edge of the target, 0 if it has none;
 * 41-56 names passed over.
 *
 * Answers to _getcode in Modules/unicodedata.c.
 */
#include "syntax/unicode.h"
#include "syntax/unicode_tables.h"
#include "util/ascii.h"

#include <string.h>

/* Longer names are none. */
#define LONGEST_NAME 256

static const char *const hangul_leading[19] = {"G", "GG", "N", "D",  "DD", "R", "M",
                                               "B", "BB", "S", "SS", "",   "J", "JJ",
                                               "C", "K",  "T", "P",  "H"};
static const char *const hangul_vowel[21] = {"A",   "AE", "YA", "YAE", "EO", "E",  "YEO",
                                             "YE",  "O",  "WA", "WAE", "OE", "YO", "U",
                                             "WEO", "WE", "WI", "YU",  "EU", "YI", "I"};
static const char *const hangul_trailing[28] = {
    "",   "G",  "GG", "GS", "N",  "NJ", "NH", "D",  "L", "LG", "LM", "LB", "LS", "LT",
    "LP", "LH", "M",  "B",  "BS", "S",  "SS", "NG", "J", "C",  "K",  "T",  "P",  "H"};

/* Takes the longest of the count spellings that begins name at *at; returns its index, -1 if none.
 */
static int take_spelling(const char *name, size_t size, size_t *at, const char *const *spellings,
                         int count)
{
    int best = -1;
    size_t best_length = 0;
    for (int i = 0; i < count; i++) {
        size_t length = strlen(spellings[i]);
        if ((best >= 0 && length <= best_length) || length > size - *at ||
            memcmp(name + *at, spellings[i], length) != 0)
            continue;
        best = i;
        best_length = length;
    }
    *at += best_length;
    return best;
}

/* The Hangul syllable spelt by name, in capitals. */
static uint32_t hangul_syllable(const char *name, size_t size)
{
    size_t at = 0;
    int leading = take_spelling(name, size, &at, hangul_leading, 19);
    int vowel = take_spelling(name, size, &at, hangul_vowel, 21);
    int trailing = take_spelling(name, size, &at, hangul_trailing, 28);
    if (leading < 0 || vowel < 0 || trailing < 0 || at != size)
        return UNICODE_NONE;
    return 0xAC00u + (uint32_t)((leading * 21 + vowel) * 28 + trailing);
}

/* The number that the capital hexadecimal digits spell; UNICODE_NONE if they are not all such. */
static uint32_t parse_hex(const char *digits, size_t size)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++) {
        int digit = ascii_hex_value(digits[i]);
        if (digit < 0)
            return UNICODE_NONE;
        value = value << 4 | (uint32_t)digit;
    }
    return value;
}

/* Whether cp is in a range named by the prefix. */
static bool has_prefix(uint32_t cp, uint32_t prefix)
{
    size_t low = 0;
    size_t high = unicode_name_range_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (unicode_name_ranges[middle].last < cp)
            low = middle + 1;
        else
            high = middle;
    }
    return low < unicode_name_range_count && unicode_name_ranges[low].first <= cp &&
           unicode_name_ranges[low].prefix == prefix;
}

/* The character that the prefix and the digits name. Unified ideographs (prefix 0) are strict in
 * older releases: capitals, four or five digits with zeros in front allowed. */
static uint32_t numbered_character(uint32_t prefix, const char *name, const char *capitals,
                                   size_t at, size_t size, const struct unicode_name_rules *rules)
{
    size_t digits = size - at;
    bool strict = prefix == 0 && !rules->derived_loose;
    if (digits < 4 || digits > (strict ? 5 : 6) || (!strict && capitals[at] == '0'))
        return UNICODE_NONE;
    if ((strict && memcmp(name, capitals, size) != 0) || (prefix == 1 && !rules->derived_loose))
        return UNICODE_NONE;
    uint32_t cp = parse_hex(capitals + at, digits);
    if (cp == UNICODE_NONE || !has_prefix(cp, prefix) || !unicode_is_named(cp, rules->version))
        return UNICODE_NONE;
    return cp;
}

/* The number of the name, in capitals, in the order of all names of all versions; -1 if it is none.
 */
static long name_number(const char *name, size_t size)
{
    uint32_t edge_index = 0;
    long number = 0;
    for (size_t at = 0;;) {
        uint64_t edge = unicode_name_edges[edge_index];
        size_t length = edge >> 2 & 0x3F;
        const char *label = unicode_name_labels + (edge >> 8 & 0xFFFF);
        if (length > size - at || memcmp(label, name + at, length) != 0) {
            if (edge & 1)
                return -1;
            edge_index++;
            continue;
        }
        at += length;
        number += (long)(edge >> 41);
        edge_index = edge >> 24 & 0x1FFFF;
        if (at == size)
            return edge & 2 ? number : -1;
        if (edge_index == 0)
            return -1;
    }
}

/* Whether the numbered name of cp is known to the version. */
static bool name_is_known(long number, uint32_t cp, enum unicode_version version)
{
    if (!unicode_is_assigned(cp, version))
        return false;
    for (size_t i = 0; i < unicode_late_name_count; i++)
        if (unicode_late_names[i].number == number)
            return (unsigned)version >= unicode_late_names[i].first_version;
    return true;
}

uint32_t unicode_lookup_name(const char *name, size_t size, const struct unicode_name_rules *rules)
{
    static const char syllable[] = "HANGUL SYLLABLE ";
    char capitals[LONGEST_NAME];
    if (size == 0 || size > LONGEST_NAME)
        return UNICODE_NONE;
    for (size_t i = 0; i < size; i++)
        capitals[i] = ascii_upper(name[i]);
    size_t prefix_size = sizeof syllable - 1;
    if (size >= prefix_size && memcmp(capitals, syllable, prefix_size) == 0) {
        if (!rules->derived_loose && memcmp(name, capitals, size) != 0)
            return UNICODE_NONE;
        return hangul_syllable(capitals + prefix_size, size - prefix_size);
    }
    for (uint32_t prefix = 0; prefix < unicode_name_prefix_count; prefix++) {
        prefix_size = strlen(unicode_name_prefixes[prefix]);
        if (size > prefix_size && memcmp(capitals, unicode_name_prefixes[prefix], prefix_size) == 0)
            return numbered_character(prefix, name, capitals, prefix_size, size, rules);
    }
    long number = name_number(capitals, size);
    if (number < 0)
        return UNICODE_NONE;
    uint32_t cp = unicode_name_characters[number];
    return name_is_known(number, cp, rules->version) ? cp : UNICODE_NONE;
}
