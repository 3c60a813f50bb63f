/* See display_width.h. Answers to _wlen in Lib/traceback.py. */
#include "out/display_width.h"

/* The columns of one character. */
static int width_of(uint32_t c)
{
    int low = 0, high = width_range_count;
    if (c < 0x80)
        return 1;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (width_ranges[middle].last < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low < width_range_count && width_ranges[low].first <= c ? width_ranges[low].width : 1;
}

/* The length of the escape sequence at s, 0 if there is none: ESC [, then anything from the space
 * to
 * @, then one from A to ~. */
static int sequence_length(const uint32_t *s, int count)
{
    int i = 2;
    if (count < 3 || s[0] != 0x1B || s[1] != '[')
        return 0;
    while (i < count && s[i] >= ' ' && s[i] <= '@')
        i++;
    return i < count && s[i] >= 'A' && s[i] <= '~' ? i + 1 : 0;
}

int display_width(const uint32_t *characters, int count)
{
    int width = 0;
    for (int i = 0; i < count; i++)
        width += width_of(characters[i]) + (characters[i] == 0x1A);
    for (int i = 0; i < count;) {
        int length = sequence_length(characters + i, count - i);
        width -= length;
        i += length > 0 ? length : 1;
    }
    return width;
}
