/* For what is seldom done in functions that are called often: they need to save no registers for
 * it. */
#ifndef MKPYC_UTIL_OUT_OF_LINE_H
#define MKPYC_UTIL_OUT_OF_LINE_H

#define OUT_OF_LINE __attribute__((noinline))

#endif
