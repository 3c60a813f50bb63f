/* The order in which the items of a frozenset constant are written. */
#ifndef MKPYC_OUT_SET_ORDER_H
#define MKPYC_OUT_SET_ORDER_H

#include "out/out.h"

/* The iteration order of the set under PYTHONHASHSEED=0, built twice, three times when remade
 * (to 3.10). */
frozenset_order set_order_by_hash;
/* Sorted by each item's own marshalled form (from 3.11). */
frozenset_order set_order_by_dump;

#endif
