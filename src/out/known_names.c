/* See known_names.h. */
#include "out/known_names.h"

#include <string.h>

bool is_known_name(enum known_names release, const char *bytes, size_t length)
{
    uint32_t low = 0, high = known_name_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const char *text = known_name_text + known_name_offsets[middle];
        size_t text_length = strlen(text);
        int order = memcmp(bytes, text, length < text_length ? length : text_length);
        if (order == 0 && length == text_length)
            return known_name_releases[middle] >> release & 1;
        if (order < 0 || (order == 0 && length < text_length))
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}
