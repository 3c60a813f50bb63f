/* The codecs that CPython accepts as the encoding of a source.
 *
 * A codec is found by the name in the cookie, normalised and looked up as `codecs.lookup` does it
 * in that release, and turns bytes into UTF-8. A failure is told in the words of the exception
 * CPython raises; a source's cookie turns every one into a SyntaxError.
 *
 * Answers to PyUnicode_Decode, Lib/encodings and Modules/cjkcodecs.
 */
#ifndef MKPYC_SYNTAX_CODEC_H
#define MKPYC_SYNTAX_CODEC_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* The sets of codecs: aliases, mappings and messages come and go. One per minor release of CPython,
 * and one where a patch release changed them. */
enum codec_release {
    CODECS_3_6,
    CODECS_3_7,
    CODECS_3_8,
    CODECS_3_9,
    CODECS_3_10,
    CODECS_3_11,
    CODECS_3_12,
    CODECS_3_13,
    CODECS_3_13_15,
    CODECS_3_14,
    CODECS_3_15,
    CODEC_RELEASE_COUNT
};

struct codec_result {
    bool ok;
    const char *text; /* in the arena: the UTF-8 text, or the message: str() of the exception */
    size_t size;
};

/* Decodes the size bytes as PyUnicode_Decode(bytes, size, name, NULL).encode() of that release
 * does. */
struct codec_result codec_decode(struct arena *arena, const char *name, const char *bytes,
                                 size_t size, enum codec_release release);

#endif
