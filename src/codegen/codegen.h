/* Code generation: from the AST and the symbol table to instruction sequences, one code unit for
 * each scope.
 *
 * Answers to the codegen half of CPython's Python/compile.c (Python/codegen.c from 3.14). The walk
 * over statements and expressions is the same for every target; a mechanism that has another shape
 * in another release is a function behind a slot (struct codegen_slots), and lives in src/lower
 * with its variants. On leaving a scope the unit goes to backend_assemble.
 */
#ifndef MKPYC_CODEGEN_CODEGEN_H
#define MKPYC_CODEGEN_CODEGEN_H

#include "codegen/instruction.h"
#include "out/code.h"
#include "sema/symtable.h"
#include "syntax/compilation.h"
#include "util/buffer.h"

struct codegen;
struct frame_block;

/* The flags of MAKE_FUNCTION and SET_FUNCTION_ATTRIBUTE. */
enum function_flags {
    FUNCTION_DEFAULTS = 1,
    FUNCTION_KWDEFAULTS = 2,
    FUNCTION_ANNOTATIONS = 4,
    FUNCTION_CLOSURE = 8,
    FUNCTION_ANNOTATE = 16,
};

/* What a target's compiler does in its own way: one function for each mechanism, and the
 * instructions that only changed their name. */
struct codegen_slots {
    int max_blocks;        /* CO_MAXBLOCKS: statically nested blocks */
    enum opcode jump_on;   /* leaves a construct: goes forward, carries no line of its own */
    enum opcode jump_loop; /* goes back to the head of a loop, or out of it */

    void (*body)(struct codegen *g, struct location loc, struct stmt_list *body);
    void (*function)(struct codegen *g, struct stmt *s);
    void (*lambda)(struct codegen *g, struct expr *e);
    void (*make_function)(struct codegen *g, struct location loc, const struct code *code,
                          int flags);
    void (*class_)(struct codegen *g, struct stmt *s);
    void (*type_alias)(struct codegen *g, struct stmt *s);
    void (*type_evaluator)(struct codegen *g, struct location loc, struct expr *e, identifier name,
                           struct symtable_entry *scope, bool allow_star);
    int (*function_annotations)(struct codegen *g, struct stmt *s);
    void (*annotated_assignment)(struct codegen *g, struct stmt *s);
    void (*augmented_assignment)(struct codegen *g, struct stmt *s);
    void (*if_)(struct codegen *g, struct stmt *s);
    void (*for_)(struct codegen *g, struct stmt *s);
    void (*async_for)(struct codegen *g, struct stmt *s);
    void (*while_)(struct codegen *g, struct stmt *s);
    void (*return_)(struct codegen *g, struct stmt *s);
    void (*break_)(struct codegen *g, struct location loc);
    void (*continue_)(struct codegen *g, struct location loc);
    void (*try_)(struct codegen *g, struct stmt *s);
    void (*try_star)(struct codegen *g, struct stmt *s);
    void (*with)(struct codegen *g, struct stmt *s, uint32_t item);
    void (*async_with)(struct codegen *g, struct stmt *s, uint32_t item);
    void (*unwind)(struct codegen *g, struct location *loc, const struct frame_block *block,
                   bool preserve_top);
    void (*match)(struct codegen *g, struct stmt *s);
    void (*assert_)(struct codegen *g, struct stmt *s);
    void (*import)(struct codegen *g, struct stmt *s);
    void (*import_from)(struct codegen *g, struct stmt *s);

    void (*jump_if)(struct codegen *g, struct location loc, struct expr *e, label target,
                    bool condition);
    void (*boolop)(struct codegen *g, struct expr *e);
    void (*compare_chain)(struct codegen *g, struct expr *e);
    void (*compare_op)(struct codegen *g, struct location loc, enum cmpop_kind op);
    void (*binary_op)(struct codegen *g, struct location loc, enum operator_kind op, bool inplace);
    void (*unary_op)(struct codegen *g, struct location loc, enum unaryop_kind op);
    void (*name_op)(struct codegen *g, const struct location *loc, identifier name,
                    enum expr_context ctx);
    void (*attribute)(struct codegen *g, struct expr *e);
    void (*subscript)(struct codegen *g, struct expr *e);
    void (*unpacked_display)(struct codegen *g, struct expr *e, struct expr_list *elements);
    void (*dict)(struct codegen *g, struct expr *e);
    void (*call)(struct codegen *g, struct expr *e);
    void (*call_arguments)(struct codegen *g, struct location loc, int pushed,
                           struct expr_list *args, struct keyword_list *keywords);
    void (*comprehension)(struct codegen *g, struct expr *e);
    void (*joined_str)(struct codegen *g, struct expr *e);
    void (*formatted_value)(struct codegen *g, struct expr *e);
    void (*yield)(struct codegen *g, struct location loc);
    void (*yield_from)(struct codegen *g, struct location loc, bool await);
};

/* Compile a module. The tree has been folded, where the target does so, and its names resolved. */
struct code *codegen_module(struct compilation *c, struct module_ast *m, struct symtable *st);

/* The instructions of all units before the back end sees them, as text: see docs/dump-formats.md.
 */
void dump_instructions(struct compilation *c, struct module_ast *m, struct symtable *st,
                       struct buffer *out);

#endif
