/* Source decoding: from the bytes of a file to the UTF-8 text that the tokenizer of CPython sees when
 * it compiles a byte string.
 *
 * In CPython's order: null bytes are refused; newlines become '\n' and a missing last one is added; a
 * byte-order mark is dropped; the first two lines are searched for a PEP 263 cookie; a codec other
 * than UTF-8 decodes the whole, and newlines are translated once more; what follows a null character
 * that a codec made is cut off.
 *
 * The common case, valid UTF-8 with '\n' only, copies nothing: the text is the input in place. For
 * that the input must be followed by DECODE_PADDING bytes that may be written (see struct source_bytes).
 * The text always ends in '\n' (unless it is empty) and then at least DECODE_SENTINEL null bytes.
 *
 * Releases before 3.14 do not validate a source without a cookie here: a fault in a comment goes
 * unnoticed, one in a name or string is reported where that token is used. The text then is passed on
 * as it is, with valid_size telling where it stops being UTF-8; the tokenizer takes its careful path.
 *
 * Answers to decode_str and its helpers in Parser/tokenizer*, and to _Py_SourceAsString.
 */
#ifndef MKPYC_SYNTAX_DECODE_H
#define MKPYC_SYNTAX_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "syntax/codec.h"

struct arena;

#define DECODE_SENTINEL 16
#define DECODE_PADDING 32

/* What depends on the release. */
struct decode_rules {
    enum codec_release codecs;     /* which codecs and aliases exist, with which mappings */
    bool null_byte_is_syntax_error; /* ValueError otherwise */
    bool validates_utf8;            /* "Non-UTF-8 code starting with ..." for a source without a cookie */
};

/* The bytes of a source. */
struct source_bytes {
    char *bytes;
    size_t size;
    bool padded; /* DECODE_PADDING bytes after the end belong to us; decoding writes there */
};

/* A decoded source. Views into text stay good as long as the input and the arena do. */
struct decoded_source {
    const char *text;   /* UTF-8 if valid_size == size; '\n' the only newline; ends in '\n' or is empty */
    size_t size;        /* without the sentinel */
    size_t valid_size;  /* the bytes before the first one that starts no valid UTF-8 character */
    bool ascii;         /* no byte above 0x7F */
    bool final_newline_added; /* the source did not end in a newline */
    const char *encoding; /* the cookie as CPython records it ("utf-8", "iso-8859-1", ...), NULL if none */
};

/* What went wrong; the exception that compile() raises. */
enum decode_exception {
    DECODE_OK,
    DECODE_SYNTAX_ERROR,
    DECODE_VALUE_ERROR,
    DECODE_UNICODE_ERROR,
    DECODE_UNICODE_DECODE_ERROR,
    DECODE_UNICODE_ENCODE_ERROR,
    DECODE_LOOKUP_ERROR,
    DECODE_OTHER_ERROR /* message starts with the type's name and ": " */
};

struct decode_error {
    enum decode_exception exception;
    const char *message; /* str() of the exception, without place; in the arena */
    size_t message_size;
    int lineno;          /* -1: the exception has none */
    int offset;          /* -1: as CPython's */
    const char *text;    /* the exception's text attribute, NULL for None */
    size_t text_size;
};

/* Decodes source by the rules. On success fills *decoded and returns true; else fills *error.
 * filename (UTF-8) is only spoken of in messages. */
bool decode_source(struct arena *arena, const struct source_bytes *source, const char *filename,
                   const struct decode_rules *rules, struct decoded_source *decoded,
                   struct decode_error *error);

#endif
