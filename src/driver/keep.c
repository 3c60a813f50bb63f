/* See keep.h. */
#include "driver/keep.h"

#include "sema/fold.h"

void keep_clear(struct keep *keep)
{
    for (int i = 0; i < STAGE_COUNT; i++)
        keep->stages[i].valid = false;
}

void keep_free(struct keep *keep)
{
    keep_clear(keep);
    for (int i = 0; i < STAGE_COUNT; i++)
        arena_copy_free(&keep->stages[i].arena);
}

void keep_want(struct keep *keep, const struct target *target, int level, unsigned others)
{
    /* levels that can use the symbol table, if __debug__ is not in the source */
    unsigned alike = others;
    if (fold_drops_docstrings(target))
        alike &= level >= 2 ? 4 : 3;
    keep->wanted = (alike != 0) << STAGE_ANALYSED | (others != alike) << STAGE_PARSED;
}

bool keep_holds(const struct keep *keep)
{
    return keep->stages[STAGE_PARSED].valid || keep->stages[STAGE_ANALYSED].valid;
}

void keep_save(struct keep *keep, enum stage stage, const struct compilation *c,
               const struct progress *progress)
{
    if (keep == NULL || !(keep->wanted & 1u << stage))
        return;
    struct kept_stage *kept = &keep->stages[stage];
    kept->valid = arena_save(c->arena, &kept->arena);
    kept->compilation = *c;
    kept->progress = *progress;
}

/* Do two levels answer alike what was asked? */
static bool agree(unsigned uses, int a, int b)
{
    return (!(uses & LEVEL_DEBUG) || (a == 0) == (b == 0)) &&
           (!(uses & LEVEL_DOCSTRINGS) || (a >= 2) == (b >= 2));
}

/* Make the compilation what it was, but for the level and the place to unwind to. */
static void restore(const struct kept_stage *kept, struct compilation *c)
{
    struct compilation then = kept->compilation;
    then.optimize = c->optimize;
    then.unwind = c->unwind;
    *c = then;
    arena_restore(c->arena, &kept->arena);
}

void keep_resume(struct keep *keep, struct compilation *c, struct progress *progress)
{
    bool held = keep != NULL && keep_holds(keep);
    *progress = (struct progress){NULL, NULL};
    for (int i = STAGE_COUNT; keep != NULL && i-- > 0;) {
        struct kept_stage *kept = &keep->stages[i];
        if (kept->valid &&
            agree(kept->compilation.level_uses, kept->compilation.optimize, c->optimize)) {
            restore(kept, c);
            *progress = kept->progress;
            return;
        }
        kept->valid = false; /* what comes after an earlier state is gone */
    }
    if (held)
        arena_reset(c->arena);
}
