/* Text forms of the back end's stages: --dump=cfg and --dump=asm. */
#ifndef MKPYC_OPT_DUMP_H
#define MKPYC_OPT_DUMP_H

#include "opt/cfg.h"

/* The graph of one code unit as its last pass left it: blocks, instructions, lines. */
void dump_cfg(struct cfg *g, struct buffer *out);
/* The finished code object's own bytes and tables, in hexadecimal. */
void dump_asm(struct compilation *c, const struct code *code, struct buffer *out);

#endif
