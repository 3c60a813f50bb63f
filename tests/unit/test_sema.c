/* The semantic stages on small sources: big integers, folding, mangling, scopes, text of
 * annotations, and the errors and depth limits of several releases. tools/compare-symtable compares
 * symbol tables with interpreters at length. */
#include "sema/fold.h"
#include "sema/future.h"
#include "sema/symtable.h"
#include "sema/unparse.h"
#include "syntax/decode.h"
#include "syntax/parser.h"
#include "syntax/syntax_rules.h"
#include "util/bigint.h"
#include "util/buffer.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

/* Which stages run. */
enum stages { FOLD = 1, SYMTABLE = 2 };

/* A source on its way. */
struct run {
    struct arena arena;
    struct compilation c;
    struct module_ast *m;
    struct symtable *st;
};

/* Run the stages for a release; true unless an error was raised. */
static bool run(struct run *r, const char *release, const char *text, enum stages stages)
{
    struct compilation *c = &r->c;
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 0);
    c->target = target_find(release);
    c->arena = &r->arena;
    c->filename = "test";
    r->arena.unwind = &c->unwind;
    diagnostics_init(&c->diagnostics, c->arena, &c->unwind);
    if (setjmp(c->unwind.target) != 0)
        return false;
    strings_init(&c->strings, c->arena);
    constants_init(&c->constants, c->arena, &c->strings, 0);
    struct source_bytes bytes = {.bytes = arena_copy(c->arena, text, strlen(text)),
                                 .size = strlen(text)};
    struct decoded_source *decoded = arena_alloc(c->arena, sizeof *decoded);
    decode_source(&c->diagnostics, &bytes, &c->target->syntax->decode, decoded);
    c->decoded = decoded;
    c->source = decoded->text;
    c->source_length = decoded->size;
    c->final_newline_added = decoded->newline_added;
    r->m = parse_module(c);
    future_parse(c, r->m);
    if (stages & FOLD)
        fold_module(c, r->m);
    if (stages & SYMTABLE)
        r->st = symtable_build(c, r->m);
    return true;
}

/* Does the expression fold to what the other text is? Both are compared as text. */
static bool folds(const char *release, const char *text, const char *expected)
{
    struct run r;
    bool same = false;
    if (run(&r, release, text, FOLD)) {
        const struct string *s =
            strings_get(&r.c.strings, unparse_expr(&r.c, r.m->body->items[0]->v.Expr.value));
        same = s->length == strlen(expected) && memcmp(s->bytes, expected, s->length) == 0;
        if (!same)
            printf("%s: %s gives %.*s\n", release, text, (int)s->length, s->bytes);
    }
    arena_free(&r.arena);
    return same;
}

/* Is the source refused with this message at this place? */
static bool refused(const char *release, const char *text, const char *message, int lineno,
                    int offset)
{
    struct run r;
    bool accepted = run(&r, release, text, FOLD | SYMTABLE);
    const struct diagnostic *e = &r.c.diagnostics.error;
    bool same =
        !accepted && strcmp(e->message, message) == 0 && e->lineno == lineno && e->offset == offset;
    if (!same)
        printf("%s: %s: %s %d:%d\n", release, text, accepted ? "accepted" : e->message, e->lineno,
               e->offset);
    arena_free(&r.arena);
    return same;
}

/* Is this the dump of the symbol table? */
static bool scopes(const char *release, const char *text, const char *expected)
{
    struct run r;
    bool same = false;
    if (run(&r, release, text, SYMTABLE)) {
        struct buffer out;
        buffer_init(&out, &r.c.unwind);
        dump_symtable(&r.c, r.st, &out);
        same = out.length == strlen(expected) && memcmp(out.bytes, expected, out.length) == 0;
        if (!same)
            printf("%s: %s gives\n%.*s", release, text, (int)out.length, (const char *)out.bytes);
        buffer_free(&out);
    }
    arena_free(&r.arena);
    return same;
}

/* Is a chain of `length` operators accepted? */
static bool chain_fits(const char *release, int length)
{
    struct run r;
    char *text = malloc((size_t)length * 2 + 3);
    strcpy(text, "a");
    for (int i = 0; i < length; i++)
        memcpy(text + 1 + 2 * i, "+a", 2);
    strcpy(text + 1 + 2 * length, "\n");
    bool fits = run(&r, release, text, FOLD | SYMTABLE);
    free(text);
    arena_free(&r.arena);
    return fits;
}

/* Integers beyond 64 bits. */
static void test_bigint(void)
{
    struct arena a;
    struct unwind unwind;
    arena_init(&a, 0);
    a.unwind = &unwind;
    struct bigint x = bigint_shift_left(&a, bigint_from_int(&a, 3), 200),
                  y = bigint_from_int(&a, -7), q, r;
    double value;
    bigint_divide(&a, x, y, &q, &r);
    CHECK(strcmp(bigint_to_decimal(&a, x),
                 "4820814132776970826625886277023487807566608981348378505904128") == 0);
    CHECK(strcmp(bigint_to_decimal(&a, bigint_add(&a, bigint_multiply(&a, q, y), r)),
                 bigint_to_decimal(&a, x)) == 0);
    CHECK(r.negative && bigint_bits(r) <= 3);
    CHECK(strcmp(bigint_to_decimal(&a, bigint_shift_right(&a, bigint_from_int(&a, -5), 1)), "-3") ==
          0);
    CHECK(strcmp(bigint_to_decimal(&a, bigint_bitwise(&a, '&', bigint_from_int(&a, -2), x)),
                 bigint_to_decimal(&a, x)) == 0);
    CHECK(bigint_to_double(bigint_from_int(&a, 9007199254740993), &value) &&
          value == 9007199254740992.0);
    CHECK(bigint_true_divide(&a, x, bigint_shift_left(&a, bigint_from_int(&a, 1), 201), &value) &&
          value == 1.5);
    CHECK(!bigint_to_double(bigint_shift_left(&a, x, 1000), &value));
    arena_free(&a);
}

/* Folding on the tree, and what is left to the graph. A string that folding makes is no docstring,
 * so it turns into an f-string. */
static void test_fold(void)
{
    CHECK(folds("3.13", "1 + 2 * 3", "7"));
    CHECK(folds("3.13", "2 ** 127", "2 ** 127"));
    CHECK(folds("3.13", "1 << 127", "170141183460469231731687303715884105728"));
    CHECK(folds("3.13", "-7 // 2", "-4"));
    CHECK(folds("3.13", "-7 % 3", "2"));
    CHECK(folds("3.13", "7.5 % -2", "-0.5"));
    CHECK(folds("3.13", "1 / 0", "1 / 0"));
    CHECK(folds("3.13", "0 / -5", "-0.0"));
    CHECK(folds("3.13", "(-8.0) ** 0.5 * 0", "0j"));
    CHECK(folds("3.13", "'ab' * 3 + 'c'", "f'abababc'"));
    CHECK(folds("3.13", "(1, 2)[-1]", "2"));
    CHECK(folds("3.13", "0, 'a\\u20acb'[1]", "(0, '\u20ac')"));
    CHECK(folds("3.13", "not a in b", "a not in b"));
    CHECK(folds("3.13", "a in [1, 2]", "a in (1, 2)"));
    CHECK(folds("3.13", "'%s-%5r' % (a, b)", "f'{a!s}-{b!r:>5}'"));
    CHECK(folds("3.9", "'%s' % (a,)", "'%s' % (a,)"));
    CHECK(folds("3.13", "True & False", "False"));
    CHECK(folds("3.13", "2 - 0j", "(2+0j)"));
    CHECK(folds("3.14", "1 + 2", "1 + 2"));
    CHECK(folds("3.14", "__debug__", "True"));
}

/* Annotations as text. */
static void test_unparse(void)
{
    CHECK(folds("3.14", "lambda *, a=1: (b, *c)", "lambda*, a=1: (b, *c)"));
    CHECK(folds("3.14", "(a if b else c) ** -d", "(a if b else c) ** (-d)"));
    CHECK(folds("3.14", "x[1:2, ::3]", "x[1:2, ::3]"));
    CHECK(folds("3.14", "1e22", "1e+22"));
    CHECK(folds("3.14", "1e999", "1e309"));
    CHECK(folds("3.14", "0.1", "0.1"));
    CHECK(folds("3.14", "1 .real", "1 .real"));
    CHECK(folds("3.14", "'\\'\\n\\x7f'", "\"'\\n\\x7f\""));
}

/* Scopes, cells, mangling. */
static void test_scopes(void)
{
    CHECK(scopes("3.13", "def f(a):\n    return lambda: a\n",
                 "module 'top' 0 varnames=[]\n"
                 "  'f': local LOCAL\n"
                 "  function 'f' 1 varnames=['a']\n"
                 "    'a': param CELL\n"
                 "    function 'lambda' 2 nested varnames=[]\n"
                 "      'a': use FREE\n"));
    CHECK(scopes("3.11", "class A:\n    __x = [y for y in z]\n",
                 "module 'top' 0 varnames=[]\n"
                 "  'A': local LOCAL\n"
                 "  class 'A' 1 varnames=[]\n"
                 "    '_A__x': local LOCAL\n"
                 "    'z': use GLOBAL_IMPLICIT\n"
                 "    function 'listcomp' 2 varnames=['.0']\n"
                 "      '.0': param LOCAL\n"
                 "      'y': local use comp_iter LOCAL\n"));
    CHECK(scopes("3.12", "class A:\n    x = [y for y in z]\n",
                 "module 'top' 0 varnames=[]\n"
                 "  'A': local LOCAL\n"
                 "  class 'A' 1 varnames=[]\n"
                 "    'x': local LOCAL\n"
                 "    'y': local use comp_iter LOCAL\n"
                 "    'z': use GLOBAL_IMPLICIT\n"));
}

/* Errors with their places. */
static void test_errors(void)
{
    CHECK(refused("3.13", "def f(a,\n  a): pass\n", "duplicate argument 'a' in function definition",
                  2, 3));
    CHECK(refused("3.9", "def f(a,\n  a): pass\n", "duplicate argument 'a' in function definition",
                  1, 1));
    CHECK(refused("3.15", "def f(a, a): pass\n", "duplicate parameter 'a' in function definition",
                  1, 10));
    CHECK(refused("3.13", "'\u00e9'; nonlocal x\n",
                  "nonlocal declaration not allowed at module level", 1, 7));
    CHECK(refused("3.13", "[[x := 1 for y in z] for x in w]\n",
                  "assignment expression cannot rebind comprehension iteration variable 'x'", 1,
                  3));
    CHECK(refused("3.9", "[[x := 1 for y in z] for x in w]\n",
                  "assignment expression cannot rebind comprehension iteration variable 'x'", 1,
                  2));
    CHECK(refused("3.13", "from __future__ import nope\n", "future feature nope is not defined", 1,
                  24));
    CHECK(refused("3.12", "from __future__ import nope\n", "future feature nope is not defined", 1,
                  1));
    CHECK(refused("3.14", "__debug__ = 1\n", "cannot assign to __debug__", 1, 1));
}

/* The levels of nesting that each release takes. */
static void test_depth(void)
{
    static const struct {
        const char *release;
        int longest;
    } limits[] = {{"3.8", 2983}, {"3.11", 2983}, {"3.12", 2992}, {"3.13", 9995}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        CHECK(chain_fits(limits[i].release, limits[i].longest));
        CHECK(!chain_fits(limits[i].release, limits[i].longest + 1));
    }
}

int main(void)
{
    test_bigint();
    test_fold();
    test_unparse();
    test_scopes();
    test_errors();
    test_depth();
    return failures != 0;
}
