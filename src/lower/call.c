/* Calls: callable, NULL or self, arguments, then CALL (from 3.12; CALL_KW from 3.13). Answers to
 * compiler_call, maybe_optimize_method_call, compiler_call_helper, compiler_subkwargs. */
#include "lower/call.h"

#include "codegen/check.h"
#include "codegen/emit.h"
#include "codegen/names_tuple.h"
#include "codegen/visit.h"
#include "lower/display.h"
#include "lower/super.h"
#include "util/out_of_line.h"

/* [callable, NULL or self, n arguments] -> [result], by CALL or CALL_KW */
static void emit_call(struct codegen *g, struct location loc, enum opcode op, int32_t n)
{
    if (HAS(g->c, PRECALL))
        emit_arg(g, loc, OP_PRECALL, n);
    emit_arg(g, loc, op, n);
}

void call_plain(struct codegen *g, struct location loc, int n)
{
    if (HAS(g->c, SPLIT_CALLS))
        emit_arg(g, loc, OP_CALL_FUNCTION, n + 1);
    else
        emit_call(g, loc, OP_CALL, n);
}

void call_null_below(struct codegen *g, struct location loc)
{
    if (HAS(g->c, NULL_BELOW_CALLABLE))
        emit(g, loc, OP_PUSH_NULL);
}

void call_null_above(struct codegen *g, struct location loc)
{
    if (!HAS(g->c, NULL_BELOW_CALLABLE) && !HAS(g->c, SPLIT_CALLS))
        emit(g, loc, OP_PUSH_NULL);
}

void call_decorator(struct codegen *g, struct location loc)
{
    struct location saved = g->u->state;
    if (HAS(g->c, RESUME))
        unit_move_to(g, loc);
    call_plain(g, loc, 0);
    if (HAS(g->c, RESUME))
        unit_move_to(g, saved);
}

/* Is one of the arguments starred, or a `**`? */
bool call_has_unpacking(const struct expr_list *args, const struct keyword_list *keywords)
{
    for (uint32_t i = 0; i < args->count; i++) {
        if (args->items[i]->kind == Starred_kind)
            return true;
    }
    for (uint32_t i = 0; i < keywords->count; i++) {
        if (keywords->items[i]->arg == 0)
            return true;
    }
    return false;
}

/* The names of keywords begin to end as a constant tuple. */
constant call_keyword_names(struct codegen *g, const struct keyword_list *keywords, uint32_t begin,
                            uint32_t end)
{
    constant *names = arena_alloc_array(g->arena, end - begin, sizeof *names);
    for (uint32_t i = begin; i < end; i++)
        names[i - begin] = constant_str(&g->c->constants, keywords->items[i]->arg);
    return names_tuple_constant(g, names, end - begin);
}

/* The values of all keywords, then the tuple of their names. `loc` is that of the names. */
static void push_keywords(struct codegen *g, struct location loc,
                          const struct keyword_list *keywords)
{
    for (uint32_t i = 0; i < keywords->count; i++)
        visit_expr(g, keywords->items[i]->value);
    constant names = call_keyword_names(g, keywords, 0, keywords->count);
    if (HAS(g->c, CALL_KW))
        emit_const(g, loc, names);
    else
        emit_arg(g, loc, OP_KW_NAMES, unit_const(g, names));
}

/* [callable, NULL or self, arguments] -> [result] */
static void finish_call(struct codegen *g, struct location loc, uint32_t count, bool with_keywords)
{
    emit_call(g, loc, with_keywords && HAS(g->c, CALL_KW) ? OP_CALL_KW : OP_CALL, (int32_t)count);
}

/* Is it a name that an import binds at module level? A module's attribute is no method. All names
 * of the tree are among those of the module. */
static inline bool is_imported(const struct codegen *g, const struct expr *e)
{
    identifier id = e->kind == Name_kind ? e->v.Name.id : 0;
    return g->module_names[id] & MODULE_IMPORTS_NAME;
}

/* May what is called be a method, which LOAD_METHOD loads? */
static inline bool is_method(const struct codegen *g, const struct expr *e)
{
    return e->kind == Attribute_kind && !is_imported(g, e->v.Attribute.value);
}

/* Can the call be made through LOAD_METHOD? */
static bool is_method_call(struct codegen *g, const struct expr *e)
{
    if (!is_method(g, e->v.Call.func))
        return false;
    uint32_t args = e->v.Call.args->count, keywords = e->v.Call.keywords->count;
    return (uint64_t)args + keywords + (keywords != 0) < STACK_USE_GUIDELINE &&
           !call_has_unpacking(e->v.Call.args, e->v.Call.keywords);
}

/* [] -> [method, self or NULL]; the location of what follows. */
static inline struct location load_method(struct codegen *g, struct expr *method)
{
    if (super_is_plain_call(g, method))
        return super_load_method(g, method);
    visit_expr(g, method->v.Attribute.value);
    struct location loc = visit_attribute_location(g, method->loc, method);
    unit_move_to(g, loc);
    emit_load_method(g, loc, method->v.Attribute.attr);
    return loc;
}

/* object.method(arguments) */
static void call_method(struct codegen *g, struct expr *e)
{
    struct expr *method = e->v.Call.func;
    struct location loc = load_method(g, method);
    visit_exprs(g, e->v.Call.args);
    uint32_t keywords = e->v.Call.keywords->count;
    if (keywords != 0)
        push_keywords(g, loc, e->v.Call.keywords);
    loc = visit_attribute_location(g, e->loc, method);
    unit_move_to(g, loc);
    finish_call(g, loc, e->v.Call.args->count + keywords, keywords != 0);
}

/* Keywords begin to end, none of them a `**`: [] -> [dict] */
static void build_keyword_dict(struct codegen *g, struct location loc,
                               const struct keyword_list *keywords, uint32_t begin, uint32_t end)
{
    uint32_t n = end - begin;
    bool big = n * 2 > STACK_USE_GUIDELINE && HAS(g->c, BIG_DISPLAYS_IN_STEPS);
    if (n > 1 && !big && HAS(g->c, BUILD_CONST_KEY_MAP)) {
        for (uint32_t i = begin; i < end; i++)
            visit_expr(g, keywords->items[i]->value);
        emit_const(g, loc, call_keyword_names(g, keywords, begin, end));
        emit_arg(g, loc, OP_BUILD_CONST_KEY_MAP, (int32_t)n);
        return;
    }
    if (big)
        emit_arg(g, NO_LOCATION, OP_BUILD_MAP, 0);
    for (uint32_t i = begin; i < end; i++) {
        emit_str(g, loc, keywords->items[i]->arg);
        visit_expr(g, keywords->items[i]->value);
        if (big)
            emit_arg(g, NO_LOCATION, OP_MAP_ADD, 1);
    }
    if (!big)
        emit_arg(g, loc, OP_BUILD_MAP, (int32_t)n);
}

/* Keywords begin to end go into the dictionary of keyword arguments. */
static void merge_keywords(struct codegen *g, struct location loc,
                           const struct keyword_list *keywords, uint32_t begin, uint32_t end,
                           bool have_dict)
{
    if (begin == end)
        return;
    build_keyword_dict(g, loc, keywords, begin, end);
    if (have_dict)
        emit_arg(g, loc, OP_DICT_MERGE, 1);
}

/* [] -> [dict of the keyword arguments] */
static void unpack_keywords(struct codegen *g, struct location loc,
                            const struct keyword_list *keywords)
{
    bool have_dict = false;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < keywords->count; i++) {
        if (keywords->items[i]->arg != 0) {
            seen++;
            continue;
        }
        merge_keywords(g, loc, keywords, i - seen, i, have_dict);
        if (seen == 0 && !have_dict)
            emit_arg(g, loc, OP_BUILD_MAP, 0);
        have_dict = true;
        seen = 0;
        visit_expr(g, keywords->items[i]->value);
        emit_arg(g, loc, OP_DICT_MERGE, 1);
    }
    merge_keywords(g, loc, keywords, keywords->count - seen, keywords->count, have_dict);
}

/* A call with stars or with many arguments: tuple and dictionary, CALL_FUNCTION_EX. */
void call_unpacked(struct codegen *g, struct location loc, int pushed, struct expr_list *args,
                   struct keyword_list *keywords)
{
    if (pushed == 0 && args->count == 1 && args->items[0]->kind == Starred_kind)
        visit_expr(g, args->items[0]->v.Starred.value);
    else
        display_argument_tuple(g, loc, args, pushed);
    if (keywords->count != 0)
        unpack_keywords(g, loc, keywords);
    if (!HAS(g->c, CALL_EX_ALWAYS_TAKES_KEYWORDS)) {
        emit_arg(g, loc, OP_CALL_FUNCTION_EX, keywords->count != 0);
        return;
    }
    if (keywords->count == 0)
        emit(g, loc, OP_PUSH_NULL);
    emit(g, loc, OP_CALL_FUNCTION_EX);
}

/* Is the last argument the base Generic[...] that the compiler has put there, in a release that
 * does not count it? */
static bool has_uncounted_base(const struct codegen *g, const struct expr_list *args)
{
    const struct expr *last = args->count != 0 ? args->items[args->count - 1] : NULL;
    return last != NULL && last->kind == Name_kind && last->v.Name.id == NAME_dot_generic_base &&
           HAS(g->c, GENERIC_BASE_NOT_COUNTED);
}

void call_arguments_unified(struct codegen *g, struct location loc, int pushed,
                            struct expr_list *args, struct keyword_list *keywords)
{
    check_keywords(g, loc, keywords);
    uint32_t n = args->count, keyword_count = keywords->count,
             counted = n - has_uncounted_base(g, args);
    if ((uint64_t)counted + (uint64_t)keyword_count * 2 > STACK_USE_GUIDELINE ||
        call_has_unpacking(args, keywords)) {
        call_unpacked(g, loc, pushed, args, keywords);
        return;
    }
    visit_exprs(g, args);
    if (keyword_count != 0)
        push_keywords(g, loc, keywords);
    finish_call(g, loc, (uint32_t)pushed + n + keyword_count, keyword_count != 0);
}

/* Arguments of LOAD_COMMON_CONSTANT: builtins that are called with a generator expression. */
enum builtin {
    BUILTIN_NONE = -1,
    BUILTIN_TUPLE = 2,
    BUILTIN_ALL = 3,
    BUILTIN_ANY = 4,
    BUILTIN_LIST = 5,
    BUILTIN_SET = 6,
};

/* all, any, tuple, list or set of a generator expression, by the looks of the call. */
static enum builtin builtin_of(const struct codegen *g, const struct expr *e)
{
    const struct expr *function = e->v.Call.func;
    const struct expr_list *args = e->v.Call.args;
    if (function->kind != Name_kind || args->count != 1 || e->v.Call.keywords->count != 0 ||
        args->items[0]->kind != GeneratorExp_kind || !HAS(g->c, BUILTINS_OF_GENERATORS) ||
        symtable_entry_at(g->st, args->items[0]->scope)->ste_coroutine)
        return BUILTIN_NONE;
    switch (function->v.Name.id) {
    case NAME_all: return BUILTIN_ALL;
    case NAME_any: return BUILTIN_ANY;
    case NAME_tuple: return BUILTIN_TUPLE;
    case NAME_list: return HAS(g->c, BUILTINS_OF_GENERATORS_BUILD) ? BUILTIN_LIST : BUILTIN_NONE;
    case NAME_set: return HAS(g->c, BUILTINS_OF_GENERATORS_BUILD) ? BUILTIN_SET : BUILTIN_NONE;
    default: return BUILTIN_NONE;
    }
}

/* The generator runs here when the function is the builtin: [function] -> [result], on to `end`;
 * else [function] -> [function]. COPY 1; LOAD_COMMON_CONSTANT; IS_OP; jump to skip if false;
 * POP_TOP; [BUILD_LIST] <generator> loop: FOR_ITER cleanup; LIST_APPEND; JUMP loop        or
 * TO_BOOL; jump to loop unless it decides POP_ITER; [LOAD_CONST;] JUMP end cleanup: END_FOR;
 * POP_ITER; <list to tuple, or LOAD_CONST>; JUMP end skip: */
static void run_generator(struct codegen *g, struct expr *e, enum builtin builtin, label end)
{
    struct location loc = e->v.Call.func->loc;
    bool decides = builtin == BUILTIN_ALL || builtin == BUILTIN_ANY,
         exhausted = builtin == BUILTIN_ALL;
    int32_t below = HAS(g->c, ITERATORS_WITH_INDEX) ? 3 : 2;
    label skip = emit_new_label(g), cleanup = emit_new_label(g);
    emit_copy(g, loc, 1);
    emit_arg(g, loc, OP_LOAD_COMMON_CONSTANT, (int32_t)builtin);
    g->slots->compare_op(g, loc, Is);
    emit_pop_jump(g, loc, false, skip);
    emit(g, loc, OP_POP_TOP);
    if (!decides)
        emit_arg(g, loc, builtin == BUILTIN_SET ? OP_BUILD_SET : OP_BUILD_LIST, 0);
    visit_expr(g, e->v.Call.args->items[0]);
    if (HAS(g->c, ITERATORS_WITH_INDEX))
        emit(g, loc, OP_PUSH_NULL);
    label loop = emit_label_here(g);
    emit_jump(g, loc, OP_FOR_ITER, cleanup);
    if (!decides) {
        emit_arg(g, loc, builtin == BUILTIN_SET ? OP_SET_ADD : OP_LIST_APPEND, below);
        emit_jump(g, loc, g->slots->jump_loop, loop);
    } else {
        emit(g, loc, OP_TO_BOOL);
        emit_pop_jump(g, loc, exhausted, loop);
    }
    emit(g, NO_LOCATION, OP_POP_ITER);
    if (decides)
        emit_const(g, loc, constant_bool(&g->c->constants, !exhausted));
    emit_jump(g, loc, g->slots->jump_loop, end);
    emit_label(g, cleanup);
    emit(g, NO_LOCATION, OP_END_FOR);
    emit(g, NO_LOCATION, OP_POP_ITER);
    if (builtin == BUILTIN_TUPLE)
        emit_intrinsic(g, loc, INTRINSIC_LIST_TO_TUPLE);
    else if (decides)
        emit_const(g, loc, constant_bool(&g->c->constants, exhausted));
    emit_jump(g, loc, g->slots->jump_loop, end);
    emit_label(g, skip);
}

/* NULL above the callable that has just been evaluated: the load of a global says so itself. */
static void push_null_above(struct codegen *g, const struct expr *function)
{
    struct instruction *last = g->u->next - 1;
    if (function->kind != Name_kind || last->opcode != OP_LOAD_GLOBAL ||
        g->u->joins == JOINS_NOTHING || !HAS(g->c, LOAD_GLOBAL_NULL_BIT) ||
        HAS(g->c, NULL_BELOW_CALLABLE)) {
        call_null_above(g, function->loc);
        return;
    }
    last->oparg |= 1;
    if (g->u->joins == JOINS_IN_PLACE)
        emit(g, function->loc, OP_NOP);
    else
        last->size = 1;
}

/* [] -> [callable], with NULL below it where that has its place */
static inline void load_function(struct codegen *g, struct expr *e)
{
    struct expr *function = e->v.Call.func;
    check_caller(g, function);
    unit_move_to(g, function->loc);
    call_null_below(g, function->loc);
    unit_move_to(g, e->loc);
    visit_expr(g, function);
}

/* Any call. */
static OUT_OF_LINE void call_with_care(struct codegen *g, struct expr *e)
{
    check_keywords(g, e->loc, e->v.Call.keywords);
    if (is_method_call(g, e)) {
        call_method(g, e);
        return;
    }
    struct expr *function = e->v.Call.func;
    load_function(g, e);
    enum builtin builtin = builtin_of(g, e);
    label end = builtin != BUILTIN_NONE ? emit_new_label(g) : -1;
    if (builtin == BUILTIN_NONE) {
        push_null_above(g, function);
    } else {
        run_generator(g, e, builtin, end);
        call_null_above(g, function->loc);
    }
    g->slots->call_arguments(g, e->loc, 0, e->v.Call.args, e->v.Call.keywords);
    if (builtin != BUILTIN_NONE)
        emit_label(g, end);
}

void call_unified(struct codegen *g, struct expr *e)
{
    uint32_t count = e->v.Call.args->count;
    if (!e->plain_call | (count >= STACK_USE_GUIDELINE)) {
        call_with_care(g, e);
        return;
    }
    struct expr *function = e->v.Call.func;
    struct location loc = e->loc;
    if (is_method(g, function)) {
        load_method(g, function);
        visit_exprs(g, e->v.Call.args);
        loc = visit_attribute_location(g, loc, function);
        unit_move_to(g, loc);
    } else {
        load_function(g, e);
        push_null_above(g, function);
        visit_exprs(g, e->v.Call.args);
    }
    finish_call(g, loc, count, false);
}
