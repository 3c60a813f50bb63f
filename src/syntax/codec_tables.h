/* The codecs' inner parts: the generated tables, and what the files codec*.c share. */
#ifndef MKPYC_SYNTAX_CODEC_TABLES_H
#define MKPYC_SYNTAX_CODEC_TABLES_H

#include "syntax/codec.h"
#include "syntax/unicode.h"
#include "util/arena.h"

#include <stdint.h>

/* How a codec decodes. */
enum codec_kind {
    CODEC_ASCII,
    CODEC_LATIN_1,
    CODEC_CHARMAP,
    CODEC_MULTIBYTE,
    CODEC_ISO2022,
    CODEC_HZ,
    CODEC_UTF_7,
    CODEC_UTF_8,
    CODEC_UTF_8_SIG,
    CODEC_UTF_16,
    CODEC_UTF_16_LE,
    CODEC_UTF_16_BE,
    CODEC_UTF_32,
    CODEC_UTF_32_LE,
    CODEC_UTF_32_BE,
    CODEC_UNICODE_ESCAPE,
    CODEC_RAW_UNICODE_ESCAPE,
    CODEC_PUNYCODE,
    CODEC_IDNA,
    CODEC_UNDEFINED,
    CODEC_NOT_TEXT /* exists, but decodes to bytes: no encoding of a source */
};

/* What differs between the sets of codecs apart from tables. */
struct codec_traits {
    struct unicode_name_rules names; /* for \N{...} in unicode_escape */
    bool wraps_errors; /* a UnicodeError of a codec in Python gets a sentence around it */
    bool tells_places; /* punycode and idna fail with a UnicodeDecodeError, and idna ignores case */
    bool limits_labels; /* idna refuses labels of more than 1024 bytes */
    bool checks_plus;   /* '+' and then no digit is an error in UTF-7 */
    bool looks_ahead;   /* punycode shows the byte behind the wrong one; UTF-16 asks first whether
                         * there   is a second surrogate and then whether the first is one */
};

extern const struct codec_traits codec_traits[CODEC_RELEASE_COUNT];

/* A module of the package `encodings`. */
struct codec_module {
    const char *name;
    enum codec_kind kind;
    uint16_t data;     /* which charmap, which multibyte codec */
    uint16_t releases; /* a bit for each enum codec_release that has it */
};

/* An alias of a module. */
struct codec_alias {
    const char *alias;
    const char *module;
    uint16_t releases;
};

/* Both are sorted by name. */
extern const struct codec_module codec_modules[];
extern const size_t codec_module_count;
extern const struct codec_alias codec_aliases[];
extern const size_t codec_alias_count;

extern const uint16_t codec_charmap_values[]; /* 256 for each charmap */
#define CODEC_CHARMAP_NONE 0xFFFE

/* Characters of count byte pairs from first on: base + codec_values[at + i], or base + i if at is
 * CODEC_NO_VALUES. Values from CODEC_ABSENT on are none. */
struct codec_run {
    uint16_t first;
    uint16_t count;
    uint32_t base;
    uint32_t at;
};

#define CODEC_NO_VALUES 0xFFFFFFFFu
#define CODEC_PAIR_BASE 0x80000000u /* the value is the number of a pair of characters */
#define CODEC_ABSENT 0xFFFD         /* the next map decides */
#define CODEC_ILLEGAL_PAIR 0xFFFE   /* illegal, and so are both bytes */
#define CODEC_ILLEGAL 0xFFFF        /* illegal, the first byte is */

/* A map from byte pairs to characters: sorted runs. */
struct codec_map {
    const struct codec_run *runs;
    size_t count;
};

/* Linear four-byte positions of GB 18030 from first on have the characters from character on;
 * 0xFFFFFFFF: none. */
struct codec_range {
    uint32_t first;
    uint32_t character;
};

extern const uint16_t codec_values[];
extern const uint16_t codec_pairs[][2];
extern const struct codec_range codec_gb18030[];
extern const size_t codec_gb18030_count;
extern const struct codec_map codec_map_gbk, codec_map_gb2312_changes, codec_map_gb18030_changes,
    codec_map_big5, codec_map_cp950_changes, codec_map_big5hkscs_changes, codec_map_cp949,
    codec_map_euc_kr_changes, codec_map_johab, codec_map_jisx0208, codec_map_jisx0212,
    codec_map_cp932_changes, codec_map_jisx0213_1, codec_map_jisx0213_1_2000, codec_map_jisx0213_2,
    codec_map_jisx0213_2_2000, codec_map_shift_jis_2004_changes, codec_map_shift_jisx0213_changes;

/* One decoding: input, output, and what went wrong. */
struct codec_run_state {
    struct arena *arena;
    const struct codec_traits *traits;
    const char *name; /* what the codec was called */
    const unsigned char *bytes;
    size_t size;
    char *out;
    size_t out_size;
    size_t out_capacity;
    size_t characters;
    bool failed;
    const char *message; /* when failed */
    const char *python;  /* when failed with an exception of a codec in Python: its type */
    const char *reason;  /* when failed with a UnicodeDecodeError: its parts */
    size_t reason_start, reason_end;
    uint32_t surrogate;   /* the first lone surrogate written, 0: none */
    size_t surrogate_at;  /* its place, in characters */
    size_t surrogate_end; /* where the run of surrogates ends */
};

/* Writes a character. */
void codec_write(struct codec_run_state *state, uint32_t cp);

/* Fails with str() of the UnicodeDecodeError; its places may lie behind the end. */
void codec_fail(struct codec_run_state *state, const char *codec, size_t start, size_t end,
                const char *reason);

/* Fails with a message. */
void codec_fail_message(struct codec_run_state *state, const char *message);

/* Fails with an exception of a codec that is written in Python, a UnicodeError mostly. */
void codec_fail_python(struct codec_run_state *state, const char *type, const char *message);

/* The decoders; each reads all of the input or fails. */
void codec_decode_utf7(struct codec_run_state *state);
void codec_decode_utf16(struct codec_run_state *state, enum codec_kind kind);
void codec_decode_utf32(struct codec_run_state *state, enum codec_kind kind);
void codec_decode_unicode_escape(struct codec_run_state *state);
void codec_decode_raw_unicode_escape(struct codec_run_state *state);
void codec_decode_punycode(struct codec_run_state *state);
void codec_decode_idna(struct codec_run_state *state);
void codec_decode_multibyte(struct codec_run_state *state, unsigned which);
void codec_decode_iso2022(struct codec_run_state *state, unsigned which);
void codec_decode_hz(struct codec_run_state *state);

/* What the map has for a byte pair: a character, CODEC_PAIR_BASE + number, or one of the three
 * values CODEC_ABSENT ... CODEC_ILLEGAL with CODEC_NO_CHARACTER. */
#define CODEC_NO_CHARACTER 0x40000000u
uint32_t codec_map_find(const struct codec_map *map, unsigned pair);

/* Writes what codec_map_find found. */
void codec_write_found(struct codec_run_state *state, uint32_t found);

#endif
