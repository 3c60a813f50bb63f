/* All that targets choose from for their struct codegen_slots. */
#ifndef MKPYC_LOWER_LOWER_H
#define MKPYC_LOWER_LOWER_H

#include "codegen/emit.h"
#include "codegen/visit.h"
#include "lower/annotation.h"
#include "lower/assert.h"
#include "lower/await.h"
#include "codegen/emit_named.h"
#include "codegen/statement_plain.h"
#include "lower/call.h"
#include "lower/call_split.h"
#include "lower/class.h"
#include "lower/comprehension.h"
#include "lower/display.h"
#include "lower/display_unpack.h"
#include "lower/fstring.h"
#include "lower/function.h"
#include "lower/import.h"
#include "lower/match.h"
#include "lower/try.h"
#include "lower/try_called.h"
#include "lower/try_duplicated.h"
#include "lower/type_params.h"
#include "lower/with.h"

#endif
