/* The state of one run of the marshal writer; shared by marshal.c and set_order.c only. */
#ifndef MKPYC_OUT_MARSHAL_WRITER_H
#define MKPYC_OUT_MARSHAL_WRITER_H

#include "out/out.h"

/* A candidate is the position of its type byte, shifted by 2, and these. */
enum { CANDIDATE_FLAGGED = 1, CANDIDATE_SHARED = 2 };

/* Objects that are one by content: byte strings and tuples of names. */
struct content {
    const void *content;
    size_t size;
    uint32_t hash;
    uint32_t candidate; /* index plus 1; 0: not written yet */
};
struct content_table {
    ARRAY(struct content) entries;
    uint32_t *index; /* by hash, open addressing: number of the entry plus 1; 0: free */
    uint32_t mask;   /* 0: no index yet */
};

struct marshal_writer {
    uint8_t *next, *limit; /* room in out */
    const struct out_slots *rules;
    uint32_t *interned;  /* by identifier: candidate of the interned string, plus 1 */
    uint32_t *constants; /* by constant id: candidate of the object, plus 1 */
    struct arena *arena;
    const struct strings *strings;
    ARRAY(uint64_t) candidates;
    ARRAY(uint64_t) patches; /* positions of reference numbers */
    struct content_table contents;
    ARRAY(uint32_t) value; /* scratch */
    uint32_t empty_bytes, filename_candidate;
    identifier filename;
    uint32_t depth;
    bool exact, canonical;
    bool surveying; /* written only to learn what is shared: the order of sets does not matter */
    bool sort_key;  /* written only to sort by: flags are those of the whole module */
    struct marshal_writer *survey; /* the finished survey, once it was needed */
    struct marshal_writer *key;    /* the writer of sort keys, once one was needed */
    constant sort_constant;        /* what a writer of sort keys wrote last */
    const struct code *code;       /* at hand */
    constant container;            /* whose item is at hand */
    uint32_t *parts;               /* by identifier, once one was asked for: see note_part */
    const struct code *top;
    struct buffer *out;
    struct compilation *c;
};

/* Is the constant written more than once in the module? Runs the survey when first asked. */
bool marshal_is_shared(struct marshal_writer *w, constant c);
/* The marshalled form of one constant alone, as CPython's frozenset code dumps it to sort by; in
 * the arena. */
struct byte_string marshal_sort_key(struct marshal_writer *w, constant c);

#endif
