/* All targets, and finding one by name. Releases stand oldest first, so the last match is the
 * newest. */
#include "targets/cpython_308/target.h"
#include "targets/cpython_309/target.h"
#include "targets/cpython_310/target.h"
#include "targets/cpython_311/target.h"
#include "targets/cpython_312/target.h"
#include "targets/cpython_313_0/target.h"
#include "targets/cpython_313/target.h"
#include "targets/cpython_314/target.h"
#include "targets/cpython_315/target.h"

#include <string.h>

const struct target *const targets[] = {
    &cpython_308,   &cpython_309, &cpython_310, &cpython_311, &cpython_312,
    &cpython_313_0, &cpython_313, &cpython_314, &cpython_315,
};
const size_t target_count = sizeof targets / sizeof *targets;

const struct target *target_find(const char *name)
{
    for (size_t i = target_count; i-- > 0;) {
        const struct target *t = targets[i];
        if (strcmp(name, t->name) == 0 || strcmp(name, t->reference) == 0 ||
            strcmp(name, t->cache_tag) == 0)
            return t;
    }
    return NULL;
}

const struct target *target_default(void)
{
    for (size_t i = target_count; i-- > 0;) {
        if (targets[i]->final)
            return targets[i];
    }
    return NULL;
}
