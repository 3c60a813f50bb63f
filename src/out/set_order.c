/* Frozensets have no order of their own, but the file has one.
 *
 * To 3.10 it is that of the hash table: the set is built in source order, then built again in the
 * order of the first table (the compiler's cache of constants does so). From 3.11 the items are
 * sorted by their marshalled form.
 *
 * Answers to the TYPE_FROZENSET part of Python/marshal.c.
 */
#include "out/set_order.h"

#include "out/marshal_writer.h"
#include "sema/sema.h"

#include <stdlib.h>

/* One item with what it is sorted by. */
struct keyed {
    struct byte_string key;
    constant item;
};

/* Order of byte strings. */
static int compare_keys(const void *left, const void *right)
{
    const struct byte_string *a = &((const struct keyed *)left)->key,
                             *b = &((const struct keyed *)right)->key;
    return strings_order(a->bytes, a->length, b->bytes, b->length);
}

void set_order_by_dump(struct marshal_writer *w, constant set, bool remade, constant *items)
{
    (void)remade;
    struct keyed *keyed = arena_alloc_array(w->arena, set->length, sizeof *keyed);
    for (uint32_t i = 0; i < set->length; i++)
        keyed[i] = (struct keyed){marshal_sort_key(w, items[i]), items[i]};
    qsort(keyed, set->length, sizeof *keyed, compare_keys);
    for (uint32_t i = 0; i < set->length; i++)
        items[i] = keyed[i].item;
}

void set_order_by_hash(struct marshal_writer *w, constant set, bool remade, constant *items)
{
    for (int pass = 0; pass < (remade ? 3 : 2); pass++)
        set_table_order(w->arena, w->strings, &w->c->target->sema->addresses, items, set->length);
}
