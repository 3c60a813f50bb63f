/* Fuzzes source decoding: cookies, byte-order marks, newlines, every codec.
 *
 * The first byte of an input chooses the target, and whether the source comes with padding; the
 * rest is the source. What decode.h promises of a decoded text is checked.
 */
#include "syntax/decode.h"
#include "syntax/syntax_rules.h"
#include "targets/target.h"
#include "util/arena.h"
#include "util/diagnostic.h"

#include <setjmp.h>
#include <stdlib.h>

#define CEILING (512u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process if a promise of decode.h is broken. */
static void check(const struct decoded_source *decoded, const struct decode_rules *rules)
{
    if (decoded->valid_size > decoded->size)
        abort();
    if (decoded->size != 0 && decoded->text[decoded->size - 1] != '\n')
        abort();
    if (memchr(decoded->text, '\0', decoded->size) != NULL)
        abort();
    if (rules->retranslates_newlines && memchr(decoded->text, '\r', decoded->size) != NULL)
        abort();
    for (int i = 0; i < DECODE_SENTINEL; i++) {
        if (decoded->text[decoded->size + i] != '\0')
            abort();
    }
    for (size_t i = 0; decoded->ascii && i < decoded->size; i++) {
        if ((unsigned char)decoded->text[i] >= 0x80)
            abort();
    }
}

/* Decode a copy of the bytes as a target does. */
static void decode(struct arena *arena, const struct target *target, const uint8_t *data,
                   size_t size, bool padded)
{
    struct unwind unwind;
    struct decoded_source decoded;
    struct diagnostics diagnostics;
    char *copy = malloc(size + (padded ? DECODE_PADDING : 1));

    if (copy == NULL)
        return;
    memcpy(copy, data, size);
    arena->unwind = &unwind;
    if (setjmp(unwind.target) == UNWIND_NONE) {
        struct source_bytes source = {.bytes = copy, .size = size, .padded = padded};
        diagnostics_init(&diagnostics, arena, &unwind);
        decode_source(&diagnostics, &source, &target->syntax->decode, &decoded);
        check(&decoded, &target->syntax->decode);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static bool ready;

    if (!ready) {
        arena_init(&arena, CEILING);
        ready = true;
    }
    if (size == 0)
        return 0;
    arena_reset(&arena);
    decode(&arena, targets[(data[0] >> 1) % target_count], data + 1, size - 1, data[0] & 1);
    return 0;
}
