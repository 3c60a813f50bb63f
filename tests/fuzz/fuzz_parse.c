/* Fuzzes the lexer, the parser and the search for the error of what the parser rejects, with the
 * dump of what it accepts.
 *
 * The first byte of an input chooses the target (choose_target.h), the second is passed over (so
 * that seeds fit fuzz_compile too); the rest is the source.
 */
#include "driver/context.h"

#include "choose_target.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Parses and dumps a source; either a dump or an error must come out. */
static void parse(mkpyc_context *context, const mkpyc_options *options, const uint8_t *bytes,
                  size_t length)
{
    struct buffer out;
    struct source source = {.bytes = malloc(length + 1), .length = length, .padded = false};

    if (source.bytes == NULL)
        return;
    memcpy(source.bytes, bytes, length);
    buffer_init(&out, NULL);
    mkpyc_status status = dump_source(context, &source, options, "fuzz.py", DUMP_AST, &out);
    if (status == MKPYC_OK && out.length == 0)
        abort();
    if (status == MKPYC_COMPILE_ERROR && mkpyc_error(context) == NULL)
        abort();
    buffer_free(&out);
    free(source.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mkpyc_context *context = fuzz_context();
    mkpyc_options options;

    if (context == NULL || size < 2)
        return 0;
    mkpyc_options_init(&options, sizeof options);
    options.target = choose_target(data[0]);
    parse(context, &options, data + 2, size - 2);
    return 0;
}
