/* The whole pipeline, from the bytes of a source to a code object. */
#include "driver/context.h"

#include "codegen/codegen.h"
#include "opt/backend.h"
#include "sema/fold.h"
#include "sema/future.h"
#include "sema/symtable.h"
#include "syntax/decode.h"
#include "syntax/parser.h"
#include "syntax/syntax_rules.h"

#include <stdlib.h>

/* Keep a decoded text beyond this compilation; without memory for it, it is decoded again. */
static void share_text(struct shared_text *shared, const struct source *source,
                       const struct decoded_source *decoded)
{
    shared->decoded = *decoded;
    if (decoded->text < source->bytes || decoded->text > source->bytes + source->length) {
        shared->copy = malloc(decoded->size + DECODE_PADDING);
        if (shared->copy == NULL)
            return;
        memcpy(shared->copy, decoded->text, decoded->size + DECODE_SENTINEL);
        shared->decoded.text = shared->copy;
    }
    shared->known = true;
}

/* The text of a source: from an earlier compilation if it is the same for all releases. */
static const struct decoded_source *find_text(struct compilation *c, const struct source *source)
{
    if (source->shared != NULL && source->shared->known)
        return &source->shared->decoded;
    struct source_bytes bytes = {
        .bytes = source->bytes, .size = source->length, .padded = source->padded};
    struct decoded_source *decoded = arena_alloc(c->arena, sizeof *decoded);
    decode_source(&c->diagnostics, &bytes, &c->target->syntax->decode, decoded);
    if (source->shared != NULL && decoded->any_release)
        share_text(source->shared, source, decoded);
    return decoded;
}

void decode_stage(struct compilation *c, const struct source *source)
{
    const struct decoded_source *decoded = find_text(c, source);
    enum { BYTES_PER_STRING = 64, BYTES_PER_CONSTANT = 128 }; /* of source code; few have less */
    strings_init_from(&c->strings, c->arena, c->strings_start, decoded->size / BYTES_PER_STRING);
    constants_init(&c->constants, c->arena, &c->strings, decoded->size / BYTES_PER_CONSTANT);
    c->decoded = decoded;
    c->source = decoded->text;
    c->source_length = decoded->size;
    c->final_newline_added = decoded->newline_added;
}

/* From the text to the code object, going on from `p`. */
static struct code *go_on(struct compilation *c, struct progress *p, struct keep *keep)
{
    if (p->module == NULL) {
        p->module = parse_module(c);
        future_parse(c, p->module);
        keep_save(keep, STAGE_PARSED, c, p);
    }
    if (p->symtable == NULL) {
        fold_module(c, p->module);
        p->symtable = symtable_build(c, p->module);
        keep_save(keep, STAGE_ANALYSED, c, p);
    }
    /* hands each scope to backend_assemble as it leaves it */
    return codegen_module(c, p->module, p->symtable);
}

struct code *compile_decoded(struct compilation *c)
{
    struct progress p = {NULL, NULL};
    return go_on(c, &p, NULL);
}

struct code *compile_source(struct compilation *c, const struct source *source, struct keep *keep)
{
    struct progress p;
    keep_resume(keep, c, &p);
    if (p.module == NULL)
        decode_stage(c, source);
    return go_on(c, &p, keep);
}
