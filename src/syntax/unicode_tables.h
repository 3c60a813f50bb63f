/* The generated Unicode tables: their shape, for the files that read them (unicode*.c). */
#ifndef MKPYC_SYNTAX_UNICODE_TABLES_H
#define MKPYC_SYNTAX_UNICODE_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* The bits of a history's entry. */
enum {
    UNICODE_BIT_START = 1,
    UNICODE_BIT_CONTINUE = 2,
    UNICODE_BIT_PRINTABLE = 4,
    UNICODE_BIT_SPACE = 8,
    UNICODE_BIT_ASSIGNED = 16,
    UNICODE_BIT_NAMED = 32
};

extern const int unicode_history_bits;
extern const uint8_t unicode_history_page[];
extern const uint8_t unicode_history_index[];
extern const uint8_t unicode_history[];

/* What normalisation knows of a character. */
struct unicode_norm {
    uint8_t combining;
    uint16_t start; /* of the full compatibility decomposition in unicode_decomposition */
    uint8_t length; /* 0: it decomposes to itself */
    uint8_t joins;  /* it may compose with what stands before it */
};

/* first and second compose to whole. */
struct unicode_pair {
    uint32_t first;
    uint32_t second;
    uint32_t whole;
};

extern const int unicode_norm_bits;
extern const uint16_t unicode_norm_page[];
extern const uint16_t unicode_norm_index[];
extern const struct unicode_norm unicode_norm[];
extern const uint32_t unicode_decomposition[];
extern const struct unicode_pair unicode_pairs[];
extern const size_t unicode_pair_count;

/* A name that came later than its character. */
struct unicode_late_name {
    uint16_t number;
    uint16_t first_version;
};

/* Characters that are named by prefix and number. */
struct unicode_name_range {
    uint32_t prefix;
    uint32_t first;
    uint32_t last;
};

extern const char unicode_name_labels[];
extern const uint64_t unicode_name_edges[];
extern const uint32_t unicode_name_characters[];
extern const struct unicode_late_name unicode_late_names[];
extern const size_t unicode_late_name_count;
extern const char *const unicode_name_prefixes[];
extern const size_t unicode_name_prefix_count;
extern const struct unicode_name_range unicode_name_ranges[];
extern const size_t unicode_name_range_count;

#endif
