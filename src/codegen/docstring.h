/* Docstrings. */
#ifndef MKPYC_CODEGEN_DOCSTRING_H
#define MKPYC_CODEGEN_DOCSTRING_H

#include "codegen/unit.h"

/* The docstring as the release stores it: from 3.13 without its indentation. */
constant docstring_clean(struct codegen *g, constant doc);

#endif
