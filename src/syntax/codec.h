/* The codecs that CPython accepts as the encoding of a source.
 *
 * A codec is found by the name in the cookie, normalised and looked up as `codecs.lookup` does it in
 * that release, and turns bytes into UTF-8. A failure is told in the words of the exception CPython
 * raises.
 *
 * Answers to PyUnicode_Decode, Lib/encodings and Modules/cjkcodecs.
 */
#ifndef MKPYC_SYNTAX_CODEC_H
#define MKPYC_SYNTAX_CODEC_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct codec;

/* The sets of codecs, one per minor release of CPython, since aliases and mappings come and go. */
enum codec_release {
    CODECS_3_4,
    CODECS_3_5,
    CODECS_3_6,
    CODECS_3_7,
    CODECS_3_8,
    CODECS_3_9,
    CODECS_3_10,
    CODECS_3_11,
    CODECS_3_12,
    CODECS_3_13,
    CODECS_3_14,
    CODECS_3_15,
    CODEC_RELEASE_COUNT
};

/* The exception a decoding ended with. */
enum codec_failure {
    CODEC_OK,
    CODEC_UNICODE_DECODE_ERROR,
    CODEC_UNICODE_ENCODE_ERROR, /* the text holds a lone surrogate, so that it has no UTF-8 form */
    CODEC_UNICODE_ERROR,
    CODEC_LOOKUP_ERROR,
    CODEC_OTHER_ERROR /* message starts with the type's name and ": " */
};

struct codec_result {
    enum codec_failure failure;
    const char *text;    /* the UTF-8 text, or the message: str() of the exception; in the arena */
    size_t size;
};

/* Decodes the size bytes as PyUnicode_Decode(bytes, size, name, NULL).encode() of that release does. */
struct codec_result codec_decode(struct arena *arena, const char *name, const char *bytes, size_t size,
                                 enum codec_release release);

#endif
