/* Fuzzes the reader of marshal data, and the writer with whatever the reader let through.
 *
 * The first byte of an input chooses the target, the rest is the data.
 */
#include "out/marshal.h"
#include "out/unmarshal.h"

#include <setjmp.h>

#define CEILING (256u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read `data` and append its canonical form to *out, or as much of it as comes before a refusal. */
static void rewrite(struct arena *arena, const struct target *target, const uint8_t *data,
                    size_t size, struct buffer *out)
{
    struct compilation c = {.target = target, .arena = arena};
    arena->unwind = &c.unwind;
    buffer_init(out, &c.unwind);
    if (setjmp(c.unwind.target) != UNWIND_NONE)
        return;
    strings_init(&c.strings, arena);
    constants_init(&c.constants, arena, &c.strings, 0);
    diagnostics_init(&c.diagnostics, arena, &c.unwind);
    struct code *code = unmarshal_code(&c, data, size);
    marshal_code(&c, code, true, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static bool ready;
    struct buffer out;

    if (!ready) {
        arena_init(&arena, CEILING);
        ready = true;
    }
    if (size == 0)
        return 0;
    arena_reset(&arena);
    rewrite(&arena, targets[data[0] % target_count], data + 1, size - 1, &out);
    buffer_free(&out);
    return 0;
}
