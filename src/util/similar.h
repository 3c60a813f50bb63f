/* How alike two words are, in the two ways in which Python finds suggestions. */
#ifndef MKPYC_UTIL_SIMILAR_H
#define MKPYC_UTIL_SIMILAR_H

#include <stddef.h>

/* A word in UTF-8. */
struct word {
    const char *bytes;
    size_t size;
};

/* The one of `words` that the fewest edits turn `name` into, if they touch no more than a third of
 * both (_Py_CalculateSuggestions in Python/suggestions.c); -1: none. `name` itself is none. */
int similar_by_edits(struct word name, const struct word *words, int count);
/* The at most `most` words in ASCII that share the most with `name`, best first, half of all
 * characters at least (difflib.get_close_matches); returns how many. */
int similar_by_blocks(struct word name, const struct word *words, int count, int *found, int most);

#endif
