/* Answers questions about characters, codecs and sources on standard input, for the checkers in tools/
 * that compare the answers with an interpreter's.
 *
 *   syntax_probe flags VERSION           -> for each code point two bytes: the properties' bits
 *   syntax_probe nfkc VERSION            texts, each ended by a null byte -> their NFKC, likewise
 *   syntax_probe names VERSION LOOSE     names, one a line -> code points in hexadecimal, or "-"
 */
#include "syntax/unicode.h"
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
                   unicode_is_printable(cp, version) << 2 | unicode_is_space(cp, version) << 3 |
                   unicode_is_assigned(cp, version) << 4;
        putchar(bits);
        putchar(unicode_decimal_value(cp, version) + 1);
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
    else
        return 2;
    arena_free(&arena);
    return 0;
}
