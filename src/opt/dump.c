/* See dump.h. */
#include "opt/dump.h"

/* A string of the module. */
static void dump_name(struct compilation *c, identifier name, struct buffer *out)
{
    const struct string *s = strings_get(&c->strings, name);
    buffer_bytes(out, s->bytes, s->length);
}

/* One instruction. */
static void dump_instruction(const struct instruction *in, struct buffer *out)
{
    buffer_printf(out, "    %d:%d-%d:%d %s", in->loc.lineno, in->loc.col_offset, in->loc.end_lineno,
                  in->loc.end_col_offset, opcode_name((enum opcode)in->opcode));
    buffer_printf(out, op_class(in->opcode) & CLASS_TARGET ? " block %d" : " %d", in->oparg);
    if (in->handler >= 0)
        buffer_printf(out, " (handler %d)", in->handler);
    buffer_text(out, "\n");
}

void dump_cfg(struct cfg *g, struct buffer *out)
{
    buffer_text(out, "code ");
    dump_name(g->c, g->u->qualname ? g->u->qualname : g->u->name, out);
    buffer_printf(out, " line %d stacksize %d\n", g->u->firstlineno, g->stacksize);
    FOR_EACH_BLOCK(g, b) {
        buffer_printf(out, "  block %d depth %d%s%s\n", (int)(b - g->blocks), b->startdepth,
                      b->except_handler ? " handler" : "", b->cold ? " cold" : "");
        for (uint32_t i = 0; i < b->used; i++)
            dump_instruction(&b->code[i], out);
    }
}

/* A line of hexadecimal. */
static void dump_bytes(const char *what, struct byte_string s, struct buffer *out)
{
    buffer_printf(out, "  %s ", what);
    for (uint32_t i = 0; i < s.length; i++)
        buffer_printf(out, "%02x", s.bytes[i]);
    buffer_text(out, "\n");
}

void dump_asm(struct compilation *c, const struct code *code, struct buffer *out)
{
    buffer_text(out, "code ");
    dump_name(c, code->qualname ? code->qualname : code->name, out);
    buffer_printf(out, " line %d stacksize %d flags 0x%x\n", code->firstlineno, code->stacksize,
                  (unsigned)code->flags);
    dump_bytes("code", code->code, out);
    dump_bytes("lines", code->linetable, out);
    dump_bytes("exceptions", code->exceptiontable, out);
    for (uint32_t i = 0; i < code->localsplus_count; i++) {
        buffer_printf(out, "  variable %u kind 0x%02x ", (unsigned)i,
                      code->localspluskinds.bytes[i]);
        dump_name(c, code->localsplusnames[i], out);
        buffer_text(out, "\n");
    }
}
