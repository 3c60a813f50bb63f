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

void decode_stage(struct compilation *c, const struct source *source)
{
    struct source_bytes bytes = {
        .bytes = source->bytes, .size = source->length, .padded = source->padded};
    struct decoded_source *decoded = arena_alloc(c->arena, sizeof *decoded);
    decode_source(&c->diagnostics, &bytes, &c->target->syntax->decode, decoded);
    c->decoded = decoded;
    c->source = decoded->text;
    c->source_length = decoded->size;
    c->final_newline_added = decoded->newline_added;
}

struct code *compile_decoded(struct compilation *c)
{
    struct module_ast *m = parse_module(c);
    future_parse(c, m);
    fold_module(c, m);
    struct symtable *st = symtable_build(c, m);
    return codegen_module(c, m, st); /* hands each scope to backend_assemble as it leaves it */
}

struct code *compile_source(struct compilation *c, const struct source *source)
{
    decode_stage(c, source);
    return compile_decoded(c);
}
