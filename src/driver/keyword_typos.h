/* The keyword that a source with a syntax error may have meant. */
#ifndef MKPYC_DRIVER_KEYWORD_TYPOS_H
#define MKPYC_DRIVER_KEYWORD_TYPOS_H

#include "driver/context.h"

/* Look for a name near the error of x->compilation in whose place a keyword would make the source
 * good. NULL: there is none. Else the error in the form in which it is to be shown. Warnings that
 * the search brings about are added to those of the compilation. */
const struct diagnostic *keyword_typos_find(mkpyc_context *x);

#endif
