/* The order of a set's items: that of its hash table under PYTHONHASHSEED=0. */
#ifndef MKPYC_UTIL_SET_TABLE_H
#define MKPYC_UTIL_SET_TABLE_H

#include "util/constant.h"

/* None and Ellipsis hash by their address. Its low bits are their place in the interpreter's file,
 * that of the reference build, for such a file is loaded at multiples of 2 MB; higher bits change
 * from run to run. */
struct singleton_addresses {
    uint32_t none, ellipsis;
};

/* Puts items that all differ into the order of a set to which they are added one by one. */
void set_table_order(struct arena *arena, const struct strings *strings,
                     const struct singleton_addresses *addresses, constant *items, uint32_t count);

#endif
