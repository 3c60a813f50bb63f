/* The slot constants that the stages offer to the targets: one name for each mechanism and each
 * rule set. */
#ifndef MKPYC_TARGETS_SLOTS_H
#define MKPYC_TARGETS_SLOTS_H

#include "out/out.h"
#include "out/set_order.h"
#include "sema/fold.h"
#include "sema/sema.h"
#include "syntax/syntax_rules.h"
#include "targets/target.h"

#endif
