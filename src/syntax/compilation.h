/* The state of one compilation: what all stages share. Made and torn down by the driver. */
#ifndef MKPYC_SYNTAX_COMPILATION_H
#define MKPYC_SYNTAX_COMPILATION_H

#include "targets/target.h"
#include "util/arena.h"
#include "util/constant.h"
#include "util/diagnostic.h"
#include "util/strings.h"

struct compilation {
    const struct target *target;
    struct arena *arena;
    struct unwind unwind;
    struct strings strings;
    struct constants constants;
    struct diagnostics diagnostics;
    const char *filename;    /* co_filename, UTF-8, NUL-terminated */
    int optimize;            /* 0, 1, 2 */
    const char *source;      /* decoded text: UTF-8, newlines are \n, ends with a newline and then a NUL */
    size_t source_length;    /* without the NUL */
    uint32_t future_flags;   /* enum future_flags of sema/future.h; the parser needs barry_as_FLUFL */
};

/* Does the target have a feature? */
#define HAS(c, FEATURE) ((c)->target->has[FEATURE_##FEATURE])

#endif
