/* Answers questions about characters, codecs and sources on standard input, for the checkers in
 * tools/ that compare the answers with an interpreter's.
 *
 *   syntax_probe flags VERSION           -> for each code point a byte: the properties' bits
 *   syntax_probe nfkc VERSION            texts, each ended by a null byte -> their NFKC, likewise
 *   syntax_probe names VERSION LOOSE     names, one a line -> code points in hexadecimal, or "-"
 *   syntax_probe codec RELEASE           pairs of a name and bytes, each with its size (4 bytes,
 *                                        little-endian) before it -> 1 and the text, or 0 and the
 *                                        message, likewise
 *   syntax_probe decode TARGET           sources, each with its size before it -> 1, the text
 *                                        without what follows it and the encoding; or 0, then the
 *                                        exception as text
 */
#include "syntax/codec.h"
#include "syntax/decode.h"
#include "syntax/syntax_rules.h"
#include "syntax/unicode.h"
#include "targets/target.h"
#include "util/arena.h"

#include <stdio.h>
#include <stdlib.h>

/* All of standard input; its size goes to *size. */
static char *read_all(size_t *size)
{
    size_t capacity = 1 << 20;
    char *bytes = malloc(capacity + 1);
    *size = 0;
    for (size_t got; bytes && (got = fread(bytes + *size, 1, capacity - *size, stdin)) > 0;) {
        *size += got;
        if (*size == capacity)
            bytes = realloc(bytes, (capacity *= 2) + 1);
    }
    if (!bytes)
        exit(3);
    bytes[*size] = '\0';
    return bytes;
}

/* Writes the properties of every code point. */
static void answer_flags(enum unicode_version version)
{
    for (uint32_t cp = 0; cp <= UNICODE_MAX; cp++) {
        int bits = unicode_is_xid_start(cp, version) | unicode_is_xid_continue(cp, version) << 1 |
                   unicode_is_printable(cp, version) << 2 | unicode_is_space(cp) << 3 |
                   unicode_is_assigned(cp, version) << 4;
        putchar(bits);
    }
}

/* Writes the NFKC of each text. */
static void answer_nfkc(struct arena *arena, enum unicode_version version)
{
    size_t size;
    char *bytes = read_all(&size);
    for (size_t at = 0; at < size;) {
        size_t length = strlen(bytes + at);
        size_t result_size;
        const char *result = unicode_nfkc(arena, bytes + at, length, version, &result_size);
        fwrite(result, 1, result_size, stdout);
        putchar('\0');
        at += length + 1;
        arena_reset(arena);
    }
    free(bytes);
}

/* Writes the character of each name. */
static void answer_names(const struct unicode_name_rules *rules)
{
    size_t size;
    char *bytes = read_all(&size);
    for (size_t at = 0; at < size;) {
        size_t length = strcspn(bytes + at, "\n");
        uint32_t cp = unicode_lookup_name(bytes + at, length, rules);
        if (cp == UNICODE_NONE)
            puts("-");
        else
            printf("%X\n", cp);
        at += length + 1;
    }
    free(bytes);
}

/* The next piece of the input; its size goes to *size. */
static char *read_piece(char **at, size_t *size)
{
    const unsigned char *s = (const unsigned char *)*at;
    *size = s[0] | (size_t)s[1] << 8 | (size_t)s[2] << 16 | (size_t)s[3] << 24;
    char *piece = *at + 4;
    *at = piece + *size;
    return piece;
}

/* Writes a piece of output. */
static void write_piece(const char *bytes, size_t size)
{
    for (int shift = 0; shift < 32; shift += 8)
        putchar((int)(size >> shift & 0xFF));
    if (size)
        fwrite(bytes, 1, size, stdout);
}

/* Writes what the codecs make of the bytes. */
static void answer_codec(struct arena *arena, enum codec_release release)
{
    size_t size;
    char *bytes = read_all(&size);
    for (char *at = bytes; at < bytes + size;) {
        size_t name_size, data_size;
        const char *piece = read_piece(&at, &name_size);
        const char *name = arena_copy(arena, piece, name_size);
        const char *data = read_piece(&at, &data_size);
        struct codec_result result = codec_decode(arena, name, data, data_size, release);
        putchar(result.ok);
        write_piece(result.text, result.size);
        arena_reset(arena);
    }
    free(bytes);
}

/* Writes an exception as Python's repr of its attributes would have it, but for the quotes. */
static void write_error(struct arena *arena, const struct diagnostic *error)
{
    const char *text;
    if (error->type != EXCEPTION_SYNTAX_ERROR || !error->has_location)
        text = arena_printf(arena, "%s: %s", exception_type_name(error->type), error->message);
    else
        text = arena_printf(
            arena, "%s: %s|%d|%d|%.*s|%d|%d", exception_type_name(error->type), error->message,
            error->lineno, error->offset, error->has_text ? (int)error->text_length : 4,
            error->has_text ? error->text : "None", error->end_lineno, error->end_offset);
    write_piece(text, strlen(text));
}

/* Writes what decoding makes of a source. */
static void answer_source(struct arena *arena, const struct source_bytes *source,
                          const struct target *target)
{
    struct unwind unwind;
    struct diagnostics diagnostics;
    arena->unwind = &unwind;
    diagnostics_init(&diagnostics, arena, &unwind);
    if (setjmp(unwind.target)) {
        putchar(0);
        write_error(arena, &diagnostics.error);
        return;
    }
    struct decoded_source decoded;
    decode_source(&diagnostics, source, &target->syntax->decode, &decoded);
    putchar(1);
    write_piece(decoded.text, decoded.size);
}

/* Writes what decoding makes of the sources. */
static void answer_decode(struct arena *arena, const struct target *target)
{
    size_t size;
    char *bytes = read_all(&size);
    for (char *at = bytes; at < bytes + size;) {
        struct source_bytes source = {.padded = false};
        source.bytes = read_piece(&at, &source.size);
        answer_source(arena, &source, target);
        arena_reset(arena);
    }
    free(bytes);
}

int main(int argc, char **argv)
{
    struct arena arena;
    struct unwind unwind;
    arena_init(&arena, 0);
    arena.unwind = &unwind;
    if (setjmp(unwind.target) || argc < 3)
        return 2;
    enum unicode_version version = (enum unicode_version)atoi(argv[2]);
    if (strcmp(argv[1], "flags") == 0)
        answer_flags(version);
    else if (strcmp(argv[1], "nfkc") == 0)
        answer_nfkc(&arena, version);
    else if (strcmp(argv[1], "names") == 0 && argc > 3)
        answer_names(&(struct unicode_name_rules){version, atoi(argv[3])});
    else if (strcmp(argv[1], "codec") == 0)
        answer_codec(&arena, (enum codec_release)version);
    else if (strcmp(argv[1], "decode") == 0 && target_find(argv[2]))
        answer_decode(&arena, target_find(argv[2]));
    else
        return 2;
    arena_free(&arena);
    return 0;
}
