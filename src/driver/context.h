/* A worker and the pipeline: what mkpyc.h hides. */
#ifndef MKPYC_DRIVER_CONTEXT_H
#define MKPYC_DRIVER_CONTEXT_H

#include "mkpyc.h"
#include "driver/keep.h"
#include "out/code.h"
#include "syntax/compilation.h"
#include "syntax/decode.h"
#include "targets/stack_effect.h"
#include "util/buffer.h"

struct mkpyc_context {
    struct strings_start strings_start; /* kept for all compilations */
    struct opcode_effects effects;      /* the same */
    struct arena arena;                 /* of the last compilation */
    struct unwind unwind;               /* for work outside a compilation */
    struct compilation compilation;
    struct keep keep;   /* of the levels before, see mkpyc_compile_levels */
    struct buffer pyc;  /* the result */
    struct buffer path; /* the last cache path */
    struct buffer text; /* the last message */
    bool failed;        /* `diagnostic` holds */
    mkpyc_diagnostic diagnostic;
    mkpyc_os_failure os_failure; /* error 0: none */
    mkpyc_warning *warnings;     /* in the arena */
    size_t warning_count;
    void (*on_temporary)(void *data, const char *name);
    void *on_temporary_data;
    bool (*refuse)(void *data, const mkpyc_warning *warning, const char *filename);
    void *refuse_data;
};

/* The text of a source that every release decodes alike, once one compilation has decoded it. */
struct shared_text {
    bool known;
    struct decoded_source decoded;
    char *copy; /* its text, if that is not the source's own bytes; from malloc */
};

/* A file that was read. */
struct mkpyc_source {
    char *path;
    char *bytes; /* DECODE_PADDING bytes follow */
    size_t length;
    struct shared_text text;
};

/* What can be shown of a compilation as text. */
enum dump_kind { DUMP_TOKENS, DUMP_AST, DUMP_SYMTABLE, DUMP_INSTRUCTIONS, DUMP_CFG, DUMP_ASM };

/* For compilation.has_program_text: the source comes from the file that messages name. */
bool context_knows_file(const struct compilation *c);
/* Start over: forget the last results, set up a compilation of `options` for `filename`, which must
 * outlive it. With `goes_on` it is of the same source for the same target as the last, and what
 * that has kept stays. */
void context_begin(mkpyc_context *x, const mkpyc_options *options, const char *filename,
                   bool goes_on);
/* After the compilation unwound: note the error or the lack of memory; the status to return. */
mkpyc_status context_end(mkpyc_context *x, int reason);
/* Note that an operation on a file failed. */
mkpyc_status context_os_failure(mkpyc_context *x, int error, const char *path);
/* The same of giving a file another name. */
mkpyc_status context_rename_failure(mkpyc_context *x, int error, const char *path, const char *to);
/* Note why an argument was refused, or FileExistsError: `subject` with `why` behind it. Returns the
 * status, MKPYC_NO_MEMORY if there is no room for the text. */
mkpyc_status context_refuse(mkpyc_context *x, mkpyc_status status, const char *subject,
                            const char *why);

/* The bytes of a source; with `padded` DECODE_PADDING writable bytes follow them. */
struct source {
    char *bytes;
    size_t length;
    bool padded;
    struct shared_text *shared; /* NULL: the text is not kept */
};

/* Bytes to text: sets c->source. */
void decode_stage(struct compilation *c, const struct source *source);
/* All but that: parse, ..., assemble. */
struct code *compile_decoded(struct compilation *c);
/* The pipeline: decode, parse, ..., assemble, as far as `keep` (which may be NULL) does not hold it
 * from an earlier level. Leaves through the compilation's unwind on failure. */
struct code *compile_source(struct compilation *c, const struct source *source, struct keep *keep);
/* Run the pipeline as far as needed and append the dump. */
mkpyc_status dump_source(mkpyc_context *x, const struct source *source,
                         const mkpyc_options *options, const char *filename, enum dump_kind kind,
                         struct buffer *out);

#endif
