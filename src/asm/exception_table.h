/* co_exceptiontable, written as the walk over the instructions goes. */
#ifndef MKPYC_ASM_EXCEPTION_TABLE_H
#define MKPYC_ASM_EXCEPTION_TABLE_H

#include "opt/cfg.h"

/* A table on its way. */
struct exception_table {
    struct cfg *g;
    int32_t handler; /* block in force, -1: none */
    uint32_t start;  /* since this code unit */
};

/* Start an empty table. */
struct exception_table exceptions_start(struct cfg *g);
/* From code unit `offset` on another handler is in force. */
void exceptions_switch(struct exception_table *t, int32_t handler, uint32_t offset);
/* The table is done, the code ends at `offset`. */
struct byte_string exceptions_finish(struct exception_table *t, uint32_t offset);

#endif
