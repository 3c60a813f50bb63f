/* See frame_block.h; answers to compiler_push_fblock, compiler_pop_fblock and
 * compiler_unwind_fblock_stack. What is emitted to leave one block is the target's (slot `unwind`).
 */
#include "codegen/frame_block.h"

#include "codegen/check.h"
#include "syntax/syntax_error.h"

/* Add a block. */
static void push(struct codegen *g, struct frame_block block)
{
    bool full = (int)g->u->blocks.count >= g->slots->max_blocks;
    if (full && HAS(g->c, NESTED_BLOCKS_ERROR_UNPLACED))
        diagnostic_raise_plain(&g->c->diagnostics, EXCEPTION_SYNTAX_ERROR,
                               "too many statically nested blocks");
    if (full)
        check_refuse(g, block.loc, "too many statically nested blocks");
    array_push(g->arena, &g->u->blocks, block);
    if (block.kind == BLOCK_FINALLY_END && HAS(g->c, WARNINGS_ONCE_IN_FINALLY))
        g->warnings_off++;
}

void frame_block_push(struct codegen *g, enum frame_block_kind kind, struct location loc,
                      label block, label exit)
{
    push(g, (struct frame_block){kind, block, exit, loc, NULL, 0, NULL});
}

void frame_block_push_finally(struct codegen *g, struct location loc, label block, label exit,
                              struct stmt_list *finally)
{
    push(g, (struct frame_block){BLOCK_FINALLY_TRY, block, exit, loc, finally, 0, NULL});
}

void frame_block_push_finally_end(struct codegen *g, struct location loc, label block, bool *left)
{
    push(g, (struct frame_block){BLOCK_FINALLY_END, block, -1, loc, NULL, 0, left});
}

void frame_block_push_handler(struct codegen *g, struct location loc, label block, identifier name)
{
    push(g, (struct frame_block){BLOCK_HANDLER_CLEANUP, block, -1, loc, NULL, name, NULL});
}

void frame_block_pop(struct codegen *g)
{
    struct unit *u = g->u;
    if (u->blocks.items[--u->blocks.count].kind == BLOCK_FINALLY_END &&
        HAS(g->c, WARNINGS_ONCE_IN_FINALLY))
        g->warnings_off--;
}

const struct frame_block *frame_block_unwind(struct codegen *g, struct location *loc,
                                             bool preserve_top, bool to_loop)
{
    if (g->u->blocks.count == 0)
        return NULL;
    struct frame_block *top = &g->u->blocks.items[g->u->blocks.count - 1];
    if (top->kind == BLOCK_EXCEPTION_GROUP_HANDLER)
        syntax_error_at(g->c, *loc,
                        "'break', 'continue' and 'return' cannot appear in an except* block");
    if (to_loop && (top->kind == BLOCK_WHILE_LOOP || top->kind == BLOCK_FOR_LOOP ||
                    top->kind == BLOCK_ASYNC_FOR_LOOP))
        return top;
    struct frame_block copy = *top;
    g->u->blocks.count--;
    bool warns_again = copy.kind == BLOCK_FINALLY_END && HAS(g->c, WARNINGS_OUTSIDE_LEFT_FINALLY);
    if (warns_again)
        g->warnings_off--;
    g->slots->unwind(g, loc, &copy, preserve_top);
    const struct frame_block *loop = frame_block_unwind(g, loc, preserve_top, to_loop);
    uint32_t at = g->u->blocks.count++;
    g->u->blocks.items[at] = copy;
    if (warns_again)
        g->warnings_off++;
    return loop;
}
