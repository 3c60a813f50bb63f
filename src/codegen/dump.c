/* See dump.h; the form is that of docs/dump-formats.md. */
#include "codegen/dump.h"

/* Does the instruction name a label: is it a jump, or does it set up a handler? */
static bool has_target(const struct opcode_info *info, enum opcode op)
{
    return (info->flags & (OPCODE_HAS_JUMP_REL | OPCODE_HAS_JUMP_ABS)) != 0 ||
           op == OP_SETUP_FINALLY || op == OP_SETUP_CLEANUP || op == OP_SETUP_WITH ||
           op == OP_SETUP_ASYNC_WITH;
}

void dump_sequence(struct compilation *c, const struct instruction_sequence *s, struct buffer *out)
{
    for (uint32_t i = 0; i < s->instructions.count; i++) {
        const struct instruction *in = &s->instructions.items[i];
        const struct opcode_info *info = &c->target->opcodes[in->opcode];
        buffer_printf(out, "%u %s ", i, opcode_name((enum opcode)in->opcode));
        if (has_target(info, (enum opcode)in->opcode))
            buffer_printf(out, "%d", s->labels.items[in->oparg]);
        else if (info->flags & OPCODE_HAS_ARG)
            buffer_printf(out, "%d", in->oparg);
        else
            buffer_text(out, "None");
        buffer_printf(out, " %d %d %d %d\n", in->loc.lineno, in->loc.end_lineno, in->loc.col_offset,
                      in->loc.end_col_offset);
    }
}

const struct code *dump_unit(struct compilation *c, const struct code_unit *u, bool apart,
                             struct buffer *out)
{
    buffer_text(out, apart ? "unit of annotations\n" : "unit\n");
    dump_sequence(c, &u->sequence, out);
    struct code *code = arena_zalloc(c->arena, sizeof *code);
    code->name = u->name;
    code->qualname = u->qualname;
    code->firstlineno = u->firstlineno;
    code->consts = c->constants.empty_tuple;
    identifier *freevars = arena_alloc_array(c->arena, u->freevars.count, sizeof *freevars);
    if (u->freevars.count != 0)
        memcpy(freevars, u->freevars.items, u->freevars.count * sizeof *freevars);
    code->freevars = freevars;
    code->freevar_count = u->freevars.count;
    uint8_t *bytes =
        arena_alloc(c->arena, u->sequence.instructions.count * sizeof(struct instruction));
    uint32_t length = (uint32_t)(u->sequence.instructions.count * sizeof(struct instruction));
    memcpy(bytes, u->sequence.instructions.items, length);
    code->code = (struct byte_string){bytes, length};
    return code;
}
