/* Source decoding: from the bytes of a file to the UTF-8 text that the tokenizer of CPython sees
 * when it compiles a byte string.
 *
 * In CPython's order: null bytes are refused; newlines become '\n' and a missing last one is added;
 * a byte-order mark is dropped; the first two lines are searched for a PEP 263 cookie; a codec
 * other than UTF-8 decodes the whole, and newlines are translated once more; what follows a null
 * character that a codec made is cut off.
 *
 * The common case, valid UTF-8 with '\n' only, copies nothing: the text is the input in place. For
 * that the input must be followed by DECODE_PADDING bytes that may be written (see struct
 * source_bytes). The text always ends in '\n' (unless it is empty) and then at least
 * DECODE_SENTINEL null bytes.
 *
 * Older releases do not validate a source without a cookie here: a fault in a comment goes
 * unnoticed, one in a name or string is reported where that token is used. The text then is passed
 * on as it is, with valid_size telling where it stops being UTF-8; the tokenizer takes its careful
 * path.
 *
 * Answers to decode_str and its helpers in Parser/tokenizer*, and to _Py_SourceAsString.
 */
#ifndef MKPYC_SYNTAX_DECODE_H
#define MKPYC_SYNTAX_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "syntax/codec.h"
#include "util/diagnostic.h"

#define DECODE_SENTINEL 16
#define DECODE_PADDING 32

/* What depends on the release; a target's constant. */
struct decode_rules {
    enum codec_release codecs;      /* which codecs and aliases exist, with which mappings */
    bool null_byte_is_syntax_error; /* 3.11 on; ValueError before */
    bool refuses_bad_utf8;      /* 3.14 on: "Non-UTF-8 code starting with ...", with its place; the
                                 * place of a cookie that contradicts a BOM is told, too */
    bool retranslates_newlines; /* 3.13.15 and 3.14 on: newlines that a codec made are translated */
    bool doubles_last_crlf;     /* to 3.11: a last "\r\n" becomes two newlines */
    int unplaced_offset; /* SyntaxError.offset of errors of the encoding: 0 to 3.8, then -1 */
};

/* The bytes of a source. */
struct source_bytes {
    char *bytes;
    size_t size;
    bool padded; /* DECODE_PADDING bytes after the end belong to us; decoding writes there */
};

/* A decoded source. Views into text stay good as long as the input and the arena do. */
struct decoded_source {
    const char *text;      /* UTF-8 if valid_size == size; ends in '\n' or is empty */
    size_t size;           /* without the sentinel */
    size_t valid_size;     /* the bytes before the first one that starts no valid UTF-8 character */
    bool ascii;            /* no byte above 0x7F */
    bool any_release;      /* every release decodes the source to this */
    bool newline_added;    /* the source did not end in a newline */
    bool newline_foreign;  /* the last newline is ours alone: to CPython the text ends before it
                            * without  a NEWLINE token (only what a codec makes, without
                            * retranslates_newlines;  such a text may hold '\r', too) */
    const char *undecoded; /* without retranslates_newlines, what a codec decoded, NUL-terminated:
                            * errors may quote it; else NULL */
    const char *encoding;  /* the cookie as CPython records it ("utf-8", "iso-8859-1", ...), "utf-8"
                            * after a  BOM, NULL if there is neither */
};

/* Decodes source by the rules into *decoded; raises through diagnostics what compile() raises. */
void decode_source(struct diagnostics *diagnostics, const struct source_bytes *source,
                   const struct decode_rules *rules, struct decoded_source *decoded);

#endif
