/* A finished code object, the same record for all targets: what marshal writes in the order that
 * the release wants. */
#ifndef MKPYC_OUT_CODE_H
#define MKPYC_OUT_CODE_H

#include "util/constant.h"

struct byte_string {
    const uint8_t *bytes; /* in the arena */
    uint32_t length;
};

struct code {
    int argcount, posonlyargcount, kwonlyargcount;
    int nlocals; /* to 3.10 */
    int stacksize, flags, firstlineno;
    struct byte_string code; /* co_code */
    constant consts;         /* a tuple */
    const identifier *names;
    uint32_t name_count;
    const identifier *varnames; /* to 3.10, and the first part of localsplus from 3.11 */
    uint32_t varname_count;
    const identifier *cellvars, *freevars;
    uint32_t cellvar_count, freevar_count;
    const identifier *localsplusnames; /* from 3.11 */
    struct byte_string localspluskinds;
    uint32_t localsplus_count;
    bool localsplus_unshared;  /* the tuple is an object of its own (3.14's compiler-made
                                  __annotate__) */
    identifier name, qualname; /* filename is the compilation's */
    bool owns_qualname;        /* a class body whose qualname is that constant, not an equal one */
    uint32_t number;           /* among those of the module, in the order of their making */
    struct byte_string linetable;      /* co_lnotab or co_linetable */
    struct byte_string exceptiontable; /* from 3.11 */
};

#endif
