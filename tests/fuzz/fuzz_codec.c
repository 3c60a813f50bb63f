/* Fuzzes the codecs, of an old release and a new one, and NFKC of what comes out. The first byte
 * says which codec's cookie is put before the input, if any. */
#include "syntax/decode.h"
#include "syntax/codec_tables.h"
#include "util/utf8.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decodes by the rules; whatever comes out must be whole. */
static void decode(struct arena *arena, char *bytes, size_t size, const struct decode_rules *rules)
{
    struct unwind unwind;
    struct diagnostics diagnostics;
    arena->unwind = &unwind;
    diagnostics_init(&diagnostics, arena, &unwind);
    if (setjmp(unwind.target))
        return;
    struct decoded_source decoded;
    struct source_bytes source = {bytes, size, false};
    decode_source(&diagnostics, &source, rules, &decoded);
    if (decoded.size &&
        (decoded.text[decoded.size - 1] != '\n' || decoded.text[decoded.size] != '\0'))
        abort();
    if (memchr(decoded.text, '\0', decoded.size))
        abort();
    if (decoded.valid_size == decoded.size && !utf8_is_valid(decoded.text, decoded.size))
        abort();
    size_t normal_size;
    unicode_nfkc(arena, decoded.text, decoded.valid_size, UNICODE_17_0, &normal_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct decode_rules old_rules = {.codecs = CODECS_3_8, .doubles_last_crlf = true};
    static const struct decode_rules new_rules = {.codecs = CODECS_3_15,
                                                  .null_byte_is_syntax_error = true,
                                                  .refuses_bad_utf8 = true,
                                                  .retranslates_newlines = true,
                                                  .unplaced_offset = -1};
    if (size == 0)
        return 0;
    struct arena arena;
    arena_init(&arena, 0);
    size_t cookie = 0;
    char *bytes = malloc(size + 128);
    if (!bytes)
        return 0;
    if (data[0] < codec_module_count)
        cookie = (size_t)snprintf(bytes, 128, "# coding: %s\n", codec_modules[data[0]].name);
    memcpy(bytes + cookie, data + 1, size - 1);
    decode(&arena, bytes, cookie + size - 1, &old_rules);
    decode(&arena, bytes, cookie + size - 1, &new_rules);
    arena_free(&arena);
    free(bytes);
    return 0;
}
