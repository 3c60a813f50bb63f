/* What fuzz targets of the public interface share: which target an input is for (one of those that
 * $MKPYC_FUZZ_TARGETS names, "3.12.1,3.13.0", or of all), and the context for all inputs. */
#ifndef MKPYC_TESTS_FUZZ_CHOOSE_TARGET_H
#define MKPYC_TESTS_FUZZ_CHOOSE_TARGET_H

#include <mkpyc.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The target for a number. */
static inline const mkpyc_target *choose_target(uint8_t number)
{
    const char *allowed = getenv("MKPYC_FUZZ_TARGETS");
    size_t count = mkpyc_target_count();

    for (size_t i = 0; i < count; i++) {
        const mkpyc_target *target = mkpyc_target_at((number + i) % count);
        if (allowed == NULL || strstr(allowed, mkpyc_target_release(target)) != NULL)
            return target;
    }
    return mkpyc_target_default();
}

/* The context, which may take a gigabyte; NULL: there was no memory for it. */
static inline mkpyc_context *fuzz_context(void)
{
    static mkpyc_context *context;
    if (context == NULL) {
        context = mkpyc_context_new();
        if (context != NULL)
            mkpyc_context_limit_memory(context, (size_t)1 << 30);
    }
    return context;
}

#endif
