/* Fuzzes the whole compiler through its public interface.
 *
 * The first byte of an input chooses the target (choose_target.h), the second the optimisation
 * level and the form; the rest is the source.
 */
#include "choose_target.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Compiles a source; a result, of either kind, must be complete. */
static void compile(mkpyc_context *context, const mkpyc_options *options, const uint8_t *source,
                    size_t length)
{
    const void *pyc = NULL;
    size_t pyc_length = 0, count;
    mkpyc_status status = mkpyc_compile(context, source, length, options, &pyc, &pyc_length);

    if (status == MKPYC_OK && (pyc == NULL || pyc_length <= 16))
        abort();
    if (status == MKPYC_COMPILE_ERROR &&
        (mkpyc_error(context) == NULL || mkpyc_message(context)[0] == '\0'))
        abort();
    if (status != MKPYC_OK && status != MKPYC_COMPILE_ERROR && status != MKPYC_NO_MEMORY)
        abort();
    const mkpyc_warning *warnings = mkpyc_warnings(context, &count);
    for (size_t i = 0; i < count; i++) {
        if (strlen(warnings[i].message) == 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mkpyc_context *context = fuzz_context();
    mkpyc_options options;

    if (context == NULL || size < 2)
        return 0;
    mkpyc_options_init(&options, sizeof options);
    options.target = choose_target(data[0]);
    options.optimize = data[1] % 3;
    options.canonical = data[1] & 0x80;
    options.dfile = "fuzz.py";
    compile(context, &options, data + 2, size - 2);
    return 0;
}
