/* What each release decides about the semantic stages; see sema.h. */
#include "sema/sema.h"

#include "sema/fold.h"

#include <limits.h>

