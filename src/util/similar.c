/* See similar.h. */
#include "util/similar.h"

#include "util/ascii.h"
#include "util/strings.h"
#include "util/utf8.h"

#include <string.h>

enum {
    MOVE_COST = 2,
    CASE_COST = 1,
    LONGEST = 40, /* longer words are like no other */
    CLOSEST = 8,  /* words that similar_by_blocks keeps at most */
};

/* What it costs to put b in the place of a. */
static int substitution_cost(char a, char b)
{
    if (a == b)
        return 0;
    return ascii_lower(a) == ascii_lower(b) ? CASE_COST : MOVE_COST;
}

/* The cheapest way from a to b, in bytes; more than `limit` if it costs more. */
static int edit_cost(struct word a, struct word b, int limit)
{
    int row[LONGEST + 1];
    while (a.size > 0 && b.size > 0 && a.bytes[0] == b.bytes[0]) {
        a.bytes++, a.size--;
        b.bytes++, b.size--;
    }
    while (a.size > 0 && b.size > 0 && a.bytes[a.size - 1] == b.bytes[b.size - 1])
        a.size--, b.size--;
    if (a.size == 0 || b.size == 0)
        return (int)(a.size + b.size) * MOVE_COST;
    if (a.size > LONGEST || b.size > LONGEST)
        return limit + 1;
    for (size_t i = 0; i <= a.size; i++)
        row[i] = (int)i * MOVE_COST;
    for (size_t j = 0; j < b.size; j++) {
        int diagonal = row[0];
        row[0] = (int)(j + 1) * MOVE_COST;
        for (size_t i = 0; i < a.size; i++) {
            int replaced = diagonal + substitution_cost(a.bytes[i], b.bytes[j]);
            int moved = (row[i] < row[i + 1] ? row[i] : row[i + 1]) + MOVE_COST;
            diagonal = row[i + 1];
            row[i + 1] = replaced < moved ? replaced : moved;
        }
    }
    return row[a.size];
}

static int is_same(struct word a, struct word b)
{
    return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

int similar_by_edits(struct word name, const struct word *words, int count)
{
    int best = -1, best_cost = 0;
    if (name.size > 1024) /* a word is never a third of this */
        return -1;
    for (int i = 0; i < count; i++) {
        int limit = (int)(name.size + words[i].size + 3) * MOVE_COST / 6;
        if (best >= 0 && limit > best_cost - 1)
            limit = best_cost - 1;
        int cost = is_same(name, words[i]) ? limit + 1 : edit_cost(name, words[i], limit);
        if (cost <= limit) {
            best = i;
            best_cost = cost;
        }
    }
    return best;
}

/* The characters in blocks that a and b have in common, the longest one first and then those on
 * both sides of it. Bytes stand for characters: what is not ASCII is in one of the words only. */
static int common(struct word a, struct word b)
{
    size_t best = 0, at = 0, in = 0;
    for (size_t i = 0; i < a.size; i++) {
        for (size_t j = 0; j < b.size; j++) {
            size_t k = 0;
            while (i + k < a.size && j + k < b.size && a.bytes[i + k] == b.bytes[j + k])
                k++;
            if (k > best) {
                best = k;
                at = i;
                in = j;
            }
        }
    }
    if (best == 0)
        return 0;
    struct word rest_a = {a.bytes + at + best, a.size - at - best};
    struct word rest_b = {b.bytes + in + best, b.size - in - best};
    return (int)best + common((struct word){a.bytes, at}, (struct word){b.bytes, in}) +
           common(rest_a, rest_b);
}

static int characters(struct word w)
{
    return (int)utf8_count(w.bytes, w.size);
}

static int compare(struct word a, struct word b)
{
    return strings_order(a.bytes, a.size, b.bytes, b.size);
}

int similar_by_blocks(struct word name, const struct word *words, int count, int *found, int most)
{
    int kept = 0;
    double ratios[CLOSEST];
    for (int i = 0; i < count; i++) {
        int both = characters(words[i]) + characters(name);
        if (4 * characters(words[i]) < both || 4 * characters(name) < both)
            continue; /* not even if the shorter one were all in the longer one */
        double ratio = 2.0 * common(words[i], name) / both;
        if (ratio < 0.5)
            continue;
        int place = kept;
        while (place > 0 &&
               (ratio > ratios[place - 1] ||
                (ratio == ratios[place - 1] && compare(words[i], words[found[place - 1]]) > 0)))
            place--;
        if (place >= most)
            continue;
        kept += kept < most;
        for (int j = kept - 1; j > place; j--) {
            ratios[j] = ratios[j - 1];
            found[j] = found[j - 1];
        }
        ratios[place] = ratio;
        found[place] = i;
    }
    return kept;
}
