/* The stages as text; docs/dump-formats.md has the forms. */
#include "driver/context.h"

#include "codegen/codegen.h"
#include "opt/backend.h"
#include "sema/fold.h"
#include "sema/future.h"
#include "sema/symtable.h"
#include "syntax/dump.h"
#include "syntax/parser.h"

/* Run the stages up to the one that is shown. */
static void dump(struct compilation *c, const struct source *source, enum dump_kind kind,
                 struct buffer *out)
{
    if (kind == DUMP_CFG || kind == DUMP_ASM) {
        *(kind == DUMP_CFG ? &c->cfg_dump : &c->asm_dump) = out;
        compile_source(c, source, NULL);
        return;
    }
    decode_stage(c, source);
    if (kind == DUMP_TOKENS) {
        dump_tokens(c, out);
        return;
    }
    struct module_ast *m = parse_module(c);
    if (kind == DUMP_AST) {
        dump_ast(c, m, out);
        return;
    }
    future_parse(c, m);
    if (kind != DUMP_SYMTABLE)
        fold_module(c, m); /* the symtable module shows the table of the tree as it was parsed */
    struct symtable *st = symtable_build(c, m);
    if (kind == DUMP_INSTRUCTIONS)
        dump_instructions(c, m, st, out);
    else
        dump_symtable(c, st, out);
}

mkpyc_status dump_source(mkpyc_context *x, const struct source *source,
                         const mkpyc_options *options, const char *filename, enum dump_kind kind,
                         struct buffer *out)
{
    context_begin(x, options, options->dfile != NULL ? options->dfile : filename, false);
    struct compilation *c = &x->compilation;
    c->has_program_text = context_knows_file;
    struct unwind *outer = out->unwind;
    out->unwind = &c->unwind;
    int reason = setjmp(c->unwind.target);
    if (reason == UNWIND_NONE) {
        dump(c, source, kind, out);
    }
    out->unwind = outer;
    return context_end(x, reason);
}
