/* NFKC: full compatibility decomposition, canonical order, composition.
 *
 * The tables hold decompositions in full, so that one look-up replaces the recursion. Characters
 * that a version does not know yet stay as they are; all else about them is the same in every
 * version. Hangul goes by arithmetic.
 *
 * Answers to nfd_nfkd and nfc_nfkc in Modules/unicodedata.c.
 */
#include "syntax/unicode.h"
#include "syntax/unicode_tables.h"
#include "util/arena.h"
#include "util/utf8.h"

enum {
    HANGUL_S = 0xAC00,
    HANGUL_L = 0x1100,
    HANGUL_V = 0x1161,
    HANGUL_T = 0x11A7,
    HANGUL_L_COUNT = 19,
    HANGUL_V_COUNT = 21,
    HANGUL_T_COUNT = 28,
    HANGUL_S_COUNT = HANGUL_L_COUNT * HANGUL_V_COUNT * HANGUL_T_COUNT
};

/* A text as code points. */
struct code_points {
    uint32_t *items;
    size_t count;
};

/* What normalisation knows of cp, whatever the version. */
static const struct unicode_norm *norm_of(uint32_t cp)
{
    uint32_t page = unicode_norm_page[cp >> unicode_norm_bits];
    uint32_t at = cp & ((1u << unicode_norm_bits) - 1);
    return &unicode_norm[unicode_norm_index[(page << unicode_norm_bits) + at]];
}

/* The combining class of cp. */
static unsigned combining_class(uint32_t cp, enum unicode_version version)
{
    unsigned combining = norm_of(cp)->combining;
    return combining && unicode_is_assigned(cp, version) ? combining : 0;
}

bool unicode_is_nfkc_quick(const char *text, size_t size, enum unicode_version version)
{
    (void)version;
    for (size_t at = 0; at < size;) {
        if ((unsigned char)text[at] < 0x80) {
            at++;
            continue;
        }
        size_t length;
        const struct unicode_norm *norm = norm_of(utf8_read(text + at, &length));
        if (norm->combining || norm->length || norm->joins)
            return false;
        at += length;
    }
    return true;
}

/* The number of code points that cp decomposes to. */
static size_t decomposed_length(uint32_t cp)
{
    if (cp - HANGUL_S < HANGUL_S_COUNT)
        return 3;
    size_t length = norm_of(cp)->length;
    return length ? length : 1;
}

/* Writes the decomposition of cp to out; returns its length. */
static size_t decompose(uint32_t *out, uint32_t cp, enum unicode_version version)
{
    uint32_t syllable = cp - HANGUL_S;
    if (syllable < HANGUL_S_COUNT) {
        uint32_t tail = syllable % HANGUL_T_COUNT;
        out[0] = HANGUL_L + syllable / (HANGUL_V_COUNT * HANGUL_T_COUNT);
        out[1] = HANGUL_V + syllable / HANGUL_T_COUNT % HANGUL_V_COUNT;
        out[2] = HANGUL_T + tail;
        return tail ? 3 : 2;
    }
    const struct unicode_norm *norm = norm_of(cp);
    if (norm->length == 0 || !unicode_is_assigned(cp, version)) {
        out[0] = cp;
        return 1;
    }
    memcpy(out, unicode_decomposition + norm->start, norm->length * sizeof *out);
    return norm->length;
}

/* The text decomposed, in new memory. */
static struct code_points decompose_text(struct arena *arena, const char *text, size_t size,
                                         enum unicode_version version)
{
    size_t most = 0;
    size_t length;
    for (size_t at = 0; at < size; at += length)
        most += decomposed_length(utf8_read(text + at, &length));
    struct code_points all = {arena_alloc_array(arena, most ? most : 1, sizeof *all.items), 0};
    for (size_t at = 0; at < size; at += length)
        all.count += decompose(all.items + all.count, utf8_read(text + at, &length), version);
    return all;
}

/* Merges the two sorted runs [first, middle) and [middle, last) of classes, and their code points.
 */
static void merge_runs(uint32_t *to, const uint32_t *from, size_t first, size_t middle, size_t last,
                       enum unicode_version version)
{
    size_t left = first;
    size_t right = middle;
    for (size_t at = first; at < last; at++) {
        bool take_left =
            right == last || (left < middle && combining_class(from[left], version) <=
                                                   combining_class(from[right], version));
        to[at] = take_left ? from[left++] : from[right++];
    }
}

/* Sorts count combining characters by class, equal ones staying in order; scratch has room for
 * them. */
static void sort_marks(uint32_t *marks, size_t count, uint32_t *scratch,
                       enum unicode_version version)
{
    uint32_t *from = marks;
    uint32_t *to = scratch;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t first = 0; first < count; first += 2 * width) {
            size_t middle = first + width < count ? first + width : count;
            size_t last = middle + width < count ? middle + width : count;
            merge_runs(to, from, first, middle, last, version);
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != marks)
        memcpy(marks, from, count * sizeof *marks);
}

/* Puts each run of combining characters in canonical order. */
static void order_marks(struct arena *arena, struct code_points *all, enum unicode_version version)
{
    uint32_t *scratch = NULL;
    for (size_t at = 0; at < all->count;) {
        size_t last = at;
        bool sorted = true;
        unsigned before = 0;
        for (; last < all->count; last++) {
            unsigned combining = combining_class(all->items[last], version);
            if (combining == 0)
                break;
            sorted &= before <= combining;
            before = combining;
        }
        if (!sorted) {
            if (!scratch)
                scratch = arena_alloc_array(arena, all->count, sizeof *scratch);
            sort_marks(all->items + at, last - at, scratch, version);
        }
        at = last > at ? last : at + 1;
    }
}

/* What first and second compose to by the table, or UNICODE_NONE. */
static uint32_t compose_pair(uint32_t first, uint32_t second, enum unicode_version version)
{
    size_t low = 0;
    size_t high = unicode_pair_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct unicode_pair *pair = &unicode_pairs[middle];
        if (pair->first < first || (pair->first == first && pair->second < second))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == unicode_pair_count || unicode_pairs[low].first != first ||
        unicode_pairs[low].second != second ||
        !unicode_is_assigned(unicode_pairs[low].whole, version))
        return UNICODE_NONE;
    return unicode_pairs[low].whole;
}

/* Composes the Hangul syllable that begins at items[at], if one does; returns how many code points
 * it took (0: none). */
static size_t compose_hangul(const struct code_points *all, size_t at, uint32_t *whole)
{
    const uint32_t *items = all->items + at;
    size_t left = all->count - at;
    if (items[0] - HANGUL_L >= HANGUL_L_COUNT || left < 2 || items[1] - HANGUL_V >= HANGUL_V_COUNT)
        return 0;
    *whole = HANGUL_S +
             ((items[0] - HANGUL_L) * HANGUL_V_COUNT + (items[1] - HANGUL_V)) * HANGUL_T_COUNT;
    if (left < 3 || items[2] - (HANGUL_T + 1) >= HANGUL_T_COUNT - 1)
        return 2;
    *whole += items[2] - HANGUL_T;
    return 3;
}

/* Composes with the starter items[at] what follows it up to the next starter that does not join;
 * marks what was taken with UNICODE_NONE. */
static void compose_starter(struct code_points *all, size_t at, enum unicode_version version)
{
    unsigned blocked = 0;
    for (size_t next = at + 1; next < all->count; next++) {
        uint32_t cp = all->items[next];
        unsigned combining = combining_class(cp, version);
        if (blocked && (combining == 0 || combining <= blocked)) {
            if (combining == 0)
                return;
            continue;
        }
        uint32_t whole = compose_pair(all->items[at], cp, version);
        if (whole != UNICODE_NONE) {
            all->items[at] = whole;
            all->items[next] = UNICODE_NONE;
            continue;
        }
        if (combining == 0)
            return;
        blocked = combining;
    }
}

/* Composes the whole text in place. */
static void compose_text(struct code_points *all, enum unicode_version version)
{
    size_t out = 0;
    for (size_t at = 0; at < all->count; at++) {
        uint32_t cp = all->items[at];
        if (cp == UNICODE_NONE)
            continue;
        uint32_t whole;
        size_t taken = compose_hangul(all, at, &whole);
        if (taken) {
            all->items[out++] = whole;
            at += taken - 1;
            continue;
        }
        if (combining_class(cp, version) == 0)
            compose_starter(all, at, version);
        all->items[out++] = all->items[at];
    }
    all->count = out;
}

/* The code points as UTF-8 with a NUL behind. */
static char *encode_text(struct arena *arena, const struct code_points *all, size_t *size)
{
    char *text = arena_alloc(arena, all->count * 4 + 1);
    size_t at = 0;
    for (size_t i = 0; i < all->count; i++)
        at += utf8_write(text + at, all->items[i]);
    text[at] = '\0';
    *size = at;
    return text;
}

const char *unicode_nfkc(struct arena *arena, const char *text, size_t size,
                         enum unicode_version version, size_t *result_size)
{
    if (unicode_is_nfkc_quick(text, size, version)) {
        *result_size = size;
        return text;
    }
    struct code_points all = decompose_text(arena, text, size, version);
    order_marks(arena, &all, version);
    compose_text(&all, version);
    return encode_text(arena, &all, result_size);
}
