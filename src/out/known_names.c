/* See known_names.h. */
#include "out/known_names.h"

#include "util/strings.h"

bool is_known_name(enum known_names release, const char *bytes, size_t length)
{
    uint32_t low = 0, high = known_name_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const char *text = known_name_text + known_name_offsets[middle];
        int order = strings_order(bytes, length, text, strlen(text));
        if (order == 0)
            return known_name_releases[middle] >> release & 1;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}
