/* Tokens: kinds and the record that the lexer fills.
 *
 * A keyword's kind is its fixed identifier (NAME_if, NAME_None ...); all other kinds are TOKEN_*
 * and larger. Soft keywords are names.
 */
#ifndef MKPYC_SYNTAX_TOKEN_H
#define MKPYC_SYNTAX_TOKEN_H

#include "util/strings.h"

enum token_kind {
    TOKEN_LAST_KEYWORD = NAME_KEYWORD_LAST,
#define TOKEN(symbol, name, text) TOKEN_##symbol,
#include "syntax/token.def"
#undef TOKEN
    TOKEN_KIND_COUNT
};

enum token_flags {
    TOKEN_NON_ASCII = 1,  /* a name or string with a byte above 0x7F */
    TOKEN_BACKSLASH = 2,  /* a string with a backslash */
    TOKEN_RAW = 4,        /* string prefix r */
    TOKEN_BYTES = 8,      /* string prefix b */
    TOKEN_FORMATTED = 16, /* string prefix f, in releases that have it as one token */
    TOKEN_UNICODE = 32,   /* string prefix u, lower case */
    TOKEN_WARNING = 64, /* a number with a keyword right behind it; text of an f-string that ends in
                           "\\{" or "\\}" */
};

struct token {
    union {
        struct {
            uint8_t kind;          /* a keyword's identifier or enum token_kind */
            uint8_t flags;         /* enum token_flags */
            uint8_t prefix_length; /* strings: letters before the quote */
            uint8_t quote_size;    /* strings: 1 or 3 */
        };
        uint32_t head; /* all of that, to be written at once */
    };
    union {
        identifier
            id; /* names and keywords; the end of a field's expression: see lexer_field_text */
        uint32_t length; /* strings and text of f-strings, in bytes */
    };
    const char *start;
    union {
        struct {
            int32_t lineno, col_offset, end_lineno, end_col_offset; /* in the order of struct
                                                                       location */
        };
        struct {
            uint64_t place, end_place; /* two of them at once: see token_place */
        };
    };
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define TOKEN_HEAD(kind, flags, prefix_length, quote_size)                                         \
    ((uint32_t)(kind) | (uint32_t)(flags) << 8 | (uint32_t)(prefix_length) << 16 |                 \
     (uint32_t)(quote_size) << 24)
#else
#define TOKEN_HEAD(kind, flags, prefix_length, quote_size)                                         \
    ((uint32_t)(kind) << 24 | (uint32_t)(flags) << 16 | (uint32_t)(prefix_length) << 8 |           \
     (uint32_t)(quote_size))
#endif

/* A line and a column as they lie in a token. */
static inline uint64_t token_place(int32_t lineno, int32_t col_offset)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (uint32_t)lineno | (uint64_t)(uint32_t)col_offset << 32;
#else
    return (uint64_t)(uint32_t)lineno << 32 | (uint32_t)col_offset;
#endif
}

/* The place that many columns behind another. */
static inline uint64_t token_place_behind(uint64_t place, uint64_t columns)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return place + (columns << 32);
#else
    return (place & ~(uint64_t)UINT32_MAX) | (uint32_t)(place + columns);
#endif
}

/* The place behind a token. */
static inline const char *token_end(const struct token *t)
{
    bool text = t->kind == TOKEN_string || t->kind == TOKEN_fstring_middle ||
                t->kind == TOKEN_tstring_middle;
    return t->start + (text ? t->length : (uint32_t)(t->end_col_offset - t->col_offset));
}

/* "NAME", "LPAR", "STRING"; keywords are "NAME". */
const char *token_kind_name(unsigned kind);

#endif
