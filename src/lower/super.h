/* super().name without making the super object. */
#ifndef MKPYC_LOWER_SUPER_H
#define MKPYC_LOWER_SUPER_H

#include "codegen/unit.h"

/* super_is_plain_call of an attribute of some call. */
bool super_call_is_plain(struct codegen *g, const struct expr *attribute);
/* Is the attribute one of super() or super(a, b), as far as can be seen, in a release with
 * LOAD_SUPER_ATTR? */
static inline bool super_is_plain_call(struct codegen *g, const struct expr *attribute)
{
    return attribute->v.Attribute.value->kind == Call_kind && super_call_is_plain(g, attribute);
}
/* [] -> [attribute] */
void super_load_attribute(struct codegen *g, struct expr *attribute);
/* [] -> [method, self or NULL]; returns the location for what follows */
struct location super_load_method(struct codegen *g, struct expr *attribute);

#endif
