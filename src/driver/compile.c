/* The whole pipeline, from the bytes of a source to a code object. */
#include "driver/context.h"

#include "opt/backend.h"
#include "sema/fold.h"
#include "sema/future.h"
#include "sema/symtable.h"
#include "syntax/decode.h"
#include "syntax/parser.h"
#include "syntax/syntax_rules.h"

#if __has_include("codegen/codegen.h")
#include "codegen/codegen.h"
#else
struct code *codegen_module(struct compilation *c, struct module_ast *m, struct symtable *st);
#endif

/* Stages that may not be linked in yet. */
#pragma weak decode_source
#pragma weak parse_module
#pragma weak future_parse
#pragma weak fold_module
#pragma weak symtable_build
#pragma weak codegen_module

/* Leave when a stage is missing. */
static void need(struct compilation *c, const void *stage, const char *name)
{
    if (stage == NULL)
        diagnostic_raise_plain(&c->diagnostics, EXCEPTION_SYSTEM_ERROR, name);
}
#define NEED(c, stage) need(c, (const void *)(uintptr_t)stage, "no stage " #stage)

void decode_stage(struct compilation *c, const struct source *source)
{
    NEED(c, decode_source);
    struct source_bytes bytes = {.bytes = source->bytes, .size = source->length, .padded = source->padded};
    struct decoded_source *decoded = arena_alloc(c->arena, sizeof *decoded);
    decode_source(&c->diagnostics, &bytes, &c->target->syntax->decode, decoded);
    c->decoded = decoded;
    c->source = decoded->text;
    c->source_length = decoded->size;
    c->final_newline_added = decoded->newline_added;
}

struct code *compile_source(struct compilation *c, const struct source *source)
{
    decode_stage(c, source);
    NEED(c, parse_module);
    struct module_ast *m = parse_module(c);
    NEED(c, future_parse);
    future_parse(c, m);
    NEED(c, fold_module);
    fold_module(c, m);
    NEED(c, symtable_build);
    struct symtable *st = symtable_build(c, m);
    NEED(c, codegen_module);
    return codegen_module(c, m, st); /* hands each scope to the back end as it leaves it */
}
