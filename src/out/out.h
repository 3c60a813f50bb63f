/* What a release decides about its output: the marshal format, object identity and flags, the
 * source hash. */
#ifndef MKPYC_OUT_OUT_H
#define MKPYC_OUT_OUT_H

#include "out/known_names.h"
#include "out/listing.h"
#include "out/marshal.h"
#include "out/message.h"

struct marshal_writer;

/* Puts the items of a frozenset constant into the order in which they are written. `remade`: the
 * set is built once more, with interned strings in place of its own. */
typedef void frozenset_order(struct marshal_writer *w, constant set, bool remade, constant *items);

struct out_slots {
    uint8_t marshal_version;
    bool exact_flags;       /* a fresh process gives one definite set of flags (from 3.11) */
    bool localsplus_layout; /* code objects of 3.11+; else names, varnames, freevars, cellvars and
                               lnotab */
    enum line_table_form line_table;
    bool jumps_in_words;    /* jump arguments count 2-byte words, not bytes */
    bool flags_top_code;    /* the module's code object carries the reference flag */
    bool shares_code_bytes; /* equal co_code are one object */
    bool shares_linetable;  /* equal line tables (and exception tables) are one object */
    /* tuples that the peephole optimiser folds are objects of their own */
    bool folded_tuples_apart;
    bool code_name_constants_interned; /* "<lambda>" and the like are interned names */
    bool interns_code_names; /* co_filename, co_name, co_qualname and all one-character latin-1
                                strings are interned */
    bool slice_items_apart;  /* items of slice constants are not merged with equal constants */
    bool key_always_flagged; /* the sort key of a frozenset's element always has the flag */
    const char *interned_characters; /* non-name characters whose one-character string is interned
                                        in a fresh process */
    int64_t small_int_max;           /* ints from -5 to this are singletons */
    enum known_names known_names;    /* what a fresh process has interned */
    frozenset_order *order_frozenset;
    caret_form *point_at; /* how a SyntaxError shows its place in the line */
    /* SipHash of the source in hash-based files */
    uint8_t hash_compression_rounds, hash_finalization_rounds;
};

#endif
