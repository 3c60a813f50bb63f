/* What the syntax stage wants to know of a release beyond yes and no. One constant in each target's file. */
#ifndef MKPYC_SYNTAX_SYNTAX_RULES_H
#define MKPYC_SYNTAX_SYNTAX_RULES_H

#include "syntax/decode.h"
#include "syntax/unicode.h"

struct syntax_rules {
    struct unicode_name_rules unicode; /* which Unicode, and how \N{...} is looked up */
    struct decode_rules decode;
    int parser_stack;                  /* calls of grammar rules that may be nested (MAXSTACK) */
    int max_int_digits;                /* sys.int_info.default_max_str_digits; 0: no limit */
};

#endif
