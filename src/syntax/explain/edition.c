/* Which target is in which edition; see edition.h. */
#include "syntax/explain/edition.h"

/* Oldest first. An edition starts with the target that has its feature. */
static const struct {
    enum feature since;
    struct edition edition;
} editions[] = {
    {FEATURE_WALRUS, {E38}},
    {FEATURE_PEG_PARSER, {E39}},
    {FEATURE_MATCH_STATEMENT, {E310}},
    {FEATURE_EXCEPT_STAR, {E311}},
    {FEATURE_TYPE_PARAMETERS, {E312}},
    {FEATURE_TYPE_PARAMETER_DEFAULTS, {E313}},
    {FEATURE_FORMAT_SPEC_STATE, {E313P}},
    {FEATURE_TEMPLATE_STRINGS, {E314}},
    {FEATURE_LAZY_IMPORTS, {E315}},
};

const struct edition *edition_of(const struct target *target)
{
    size_t found = 0;
    for (size_t i = 0; i < sizeof editions / sizeof *editions; i++)
        if (target->has[editions[i].since])
            found = i;
    return &editions[found].edition;
}
