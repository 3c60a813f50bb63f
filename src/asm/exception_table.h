/* co_exceptiontable. */
#ifndef MKPYC_ASM_EXCEPTION_TABLE_H
#define MKPYC_ASM_EXCEPTION_TABLE_H

#include "opt/cfg.h"

/* The table for code of g->code_size; before the first of the runs no handler is in force. */
struct byte_string exceptions_write(struct cfg *g, const struct caught_run *runs, uint32_t count);

#endif
