/* What one level of optimisation leaves for the next.
 *
 * The stages up to the symbol table hardly look at the level, but the stages after the parser write
 * into the tree. So the state is saved as it stands, arena and all, when the tree is parsed and
 * again when the symbol table is there, and another level of the same source and target goes on
 * from the later of the two that is the same for both levels.
 */
#ifndef MKPYC_DRIVER_KEEP_H
#define MKPYC_DRIVER_KEEP_H

#include "syntax/compilation.h"

/* How far a compilation has come. */
struct progress {
    struct module_ast *module; /* NULL: not parsed */
    struct symtable *symtable; /* NULL: not analysed */
};

/* A compilation at the end of a stage. */
struct kept_stage {
    bool valid;
    struct arena_copy arena;
    struct compilation compilation;
    struct progress progress;
};

enum stage { STAGE_PARSED, STAGE_ANALYSED, STAGE_COUNT };

struct keep {
    unsigned wanted; /* bit N: stage N, for a level that follows */
    struct kept_stage stages[STAGE_COUNT];
};

/* Hold nothing; memory is kept for the next source. */
void keep_clear(struct keep *keep);
/* Give all memory back. */
void keep_free(struct keep *keep);
/* Say which levels (bit N: level N) come after `level`: decides which stages will be saved. */
void keep_want(struct keep *keep, const struct target *target, int level, unsigned others);
/* Is there a state to go on from? Then the arena must not be reset. */
bool keep_holds(const struct keep *keep);
/* Note that a stage is done. Where there is no memory for that the next level begins earlier. */
void keep_save(struct keep *keep, enum stage stage, const struct compilation *c,
               const struct progress *progress);
/* Go on from the latest state that fits c->optimize, or from nothing; *progress tells how far that
 * is. */
void keep_resume(struct keep *keep, struct compilation *c, struct progress *progress);

#endif
