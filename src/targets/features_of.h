/* Included inside the initialiser of target.has, after TARGET_VERSION is defined: one 0 or 1 for
 * each row of features.def. Meant to be included more than once, so it has no guard. */
#define FIRST 0
#define END PY(99, 0, 0)
#define FEATURE(name, from, until)                                                                 \
    [FEATURE_##name] = TARGET_VERSION >= (from) && TARGET_VERSION < (until),
#include "targets/features.def"
#undef FEATURE
#undef END
#undef FIRST
