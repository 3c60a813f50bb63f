/* How many columns of a terminal characters take. */
#ifndef MKPYC_OUT_DISPLAY_WIDTH_H
#define MKPYC_OUT_DISPLAY_WIDTH_H

#include <stdint.h>

/* Characters that do not take one column. */
struct width_range {
    uint32_t first, last;
    int width;
};

/* In ascending order (gen/display_width.c). */
extern const struct width_range width_ranges[];
extern const int width_range_count;

/* The columns that `count` characters take. A control-Z takes two, as ^Z; escape sequences of
 * terminals take what is left of them when their length is taken off. */
int display_width(const uint32_t *characters, int count);

#endif
