/* Every allocation fails in turn: once alone, once with all that come after it.
 *
 * The functions that take memory are wrapped by the linker (see CMakeLists.txt). Whatever fails,
 * the API must say so, leak nothing (the sanitized build looks), and do its work when asked again
 * with the same context.
 */
#include "mkpyc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tommath.h>
#include <unistd.h>

static volatile long until_failure = -1; /* calls that still succeed; negative: all do */
static bool fails_once;
static bool has_failed;

/* Is it this call's turn to fail? */
static bool fails(void)
{
    if (until_failure < 0)
        return false;
    if (until_failure > 0) {
        until_failure--;
        return false;
    }
    if (fails_once)
        until_failure = -1;
    has_failed = true;
    errno = ENOMEM;
    return true;
}

#define WRAP(type, name, failure, parameters, arguments)                                           \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails() ? (failure) : __real_##name arguments;                                      \
    }
WRAP(void *, malloc, NULL, (size_t size), (size))
WRAP(void *, calloc, NULL, (size_t count, size_t size), (count, size))
WRAP(void *, realloc, NULL, (void *block, size_t size), (block, size))
WRAP(char *, strndup, NULL, (const char *text, size_t size), (text, size))
WRAP(char *, getcwd, NULL, (char *text, size_t size), (text, size))
WRAP(mp_err, mp_init, MP_MEM, (mp_int * a), (a))
WRAP(mp_err, mp_add, MP_MEM, (const mp_int *a, const mp_int *b, mp_int *c), (a, b, c))
WRAP(mp_err, mp_mul, MP_MEM, (const mp_int *a, const mp_int *b, mp_int *c), (a, b, c))
WRAP(mp_err, mp_mul_2d, MP_MEM, (const mp_int *a, int b, mp_int *c), (a, b, c))

static int failures;

/* What is done again and again. */
struct job {
    const char *name;
    const char *source;
    mkpyc_status expected;
    /* does it with a context; what it made goes to *result, from malloc */
    mkpyc_status (*run)(mkpyc_context *x, const struct job *job, const mkpyc_target *target,
                        char **result, size_t *length);
};

/* Keep what a compilation made: its bytes, or its message. */
static void keep(mkpyc_context *x, mkpyc_status status, const void *bytes, size_t size,
                 char **result, size_t *length)
{
    if (status == MKPYC_COMPILE_ERROR) {
        bytes = mkpyc_message(x);
        size = strlen(bytes);
    }
    long rest = until_failure;
    until_failure = -1;
    *length = size;
    *result = malloc(size + 1);
    memcpy(*result, bytes, size);
    until_failure = rest;
}

/* From memory to memory. */
static mkpyc_status in_memory(mkpyc_context *x, const struct job *job, const mkpyc_target *target,
                              char **result, size_t *length)
{
    mkpyc_options options;
    const void *pyc = NULL;
    size_t size = 0;
    mkpyc_options_init(&options, sizeof options);
    options.target = target;
    options.invalidation = MKPYC_INVALIDATION_TIMESTAMP;
    options.dfile = "a.py";
    mkpyc_status status = mkpyc_compile(x, job->source, strlen(job->source), &options, &pyc, &size);
    if (status == MKPYC_OK || status == MKPYC_COMPILE_ERROR)
        keep(x, status, pyc, size, result, length);
    return status;
}

/* The worst of the levels. */
static void note_status(void *data, int optimize, mkpyc_status status, const char *written)
{
    mkpyc_status *worst = data;
    (void)optimize;
    (void)written;
    if (status > *worst)
        *worst = status;
}

/* A whole file. */
static void read_back(mkpyc_context *x, const char *name, char **result, size_t *length)
{
    static char bytes[1 << 16];
    long rest = until_failure;
    until_failure = -1;
    FILE *file = fopen(name, "rb");
    size_t size = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file != NULL)
        fclose(file);
    keep(x, MKPYC_OK, bytes, size, result, length);
    until_failure = rest;
}

/* From a file to files, at all levels. */
static mkpyc_status to_files(mkpyc_context *x, const struct job *job, const mkpyc_target *target,
                             char **result, size_t *length)
{
    mkpyc_options options;
    mkpyc_status worst = MKPYC_OK;
    (void)job;
    mkpyc_options_init(&options, sizeof options);
    options.target = target;
    mkpyc_source *source = mkpyc_source_read(x, "b.py");
    if (source == NULL)
        return mkpyc_os_error(x)->error == ENOMEM ? MKPYC_NO_MEMORY : MKPYC_OS_ERROR;
    mkpyc_compile_levels(x, source, 7, &options, note_status, &worst);
    if (worst == MKPYC_OK)
        worst = mkpyc_compile_source(x, source, "deep/er/b.pyc", &options, NULL);
    mkpyc_source_free(source);
    if (worst == MKPYC_OK)
        worst = mkpyc_compile_file(x, "b.py", "b.pyc", &options, NULL);
    if (worst == MKPYC_OK)
        read_back(x, "b.pyc", result, length);
    return worst;
}

/* Remove a test's folder and what is in it. */
static bool remove_folder(const char *folder)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0;
}

/* A report. */
static void complain(const struct job *job, const mkpyc_target *target, long turn, const char *what)
{
    if (failures++ < 20)
        printf("%s, %s, allocation %ld: %s\n", job->name, mkpyc_target_release(target), turn, what);
}

/* One allocation's failure; false when there was none left to fail. */
static bool fail_at(const struct job *job, const mkpyc_target *target, long turn, bool once,
                    const char *expected, size_t expected_length)
{
    char *result = NULL;
    size_t length = 0;
    has_failed = false;
    fails_once = once;
    until_failure = turn;
    mkpyc_context *x = mkpyc_context_new();
    mkpyc_status status = x != NULL ? job->run(x, job, target, &result, &length) : MKPYC_NO_MEMORY;
    until_failure = -1;
    bool failed = has_failed;
    if (status != MKPYC_NO_MEMORY && status != job->expected)
        complain(job, target, turn, "another status");
    if (status == MKPYC_NO_MEMORY && !failed)
        complain(job, target, turn, "out of memory without a cause");
    if (status == job->expected &&
        (length != expected_length || memcmp(result, expected, length) != 0))
        complain(job, target, turn, "another result");
    free(result);
    result = NULL;
    if (x != NULL && (job->run(x, job, target, &result, &length) != job->expected ||
                      length != expected_length || memcmp(result, expected, length) != 0))
        complain(job, target, turn, "the context is of no use any more");
    free(result);
    mkpyc_context_free(x);
    return failed;
}

/* All of a job's allocations; how many there were. */
static long fail_in_turn(const struct job *job, const mkpyc_target *target)
{
    char *expected = NULL;
    size_t length = 0;
    long turn = 0;
    mkpyc_context *x = mkpyc_context_new();
    if (job->run(x, job, target, &expected, &length) != job->expected)
        complain(job, target, -1, mkpyc_message(x));
    while (fail_at(job, target, turn, true, expected, length)) {
        fail_at(job, target, turn, false, expected, length);
        turn++;
    }
    free(expected);
    mkpyc_context_free(x);
    return turn;
}

/* A source long enough for many chunks of memory. */
static char *long_source(void)
{
    enum { COUNT = 400 };
    char *text = malloc(COUNT * 200), *p = text;
    for (int i = 0; i < COUNT; i++)
        p += sprintf(
            p,
            "def f%d(a, b=%d, *c):\n    'doc'\n    try:\n        x = [g + %d.5 for g in a if g]"
            "\n    finally:\n        print(f'{x} {b!r:>{a}}')\n",
            i, i, i);
    return text;
}

int main(void)
{
    char *large = long_source();
    struct job jobs[] = {
        {"constants",
         "x = 10 ** 40 + 7, 1 << 200, {'a', 'b', ('c', 2.5j)}, b'x' * 3, 'a' 'b'\n"
         "def f(a, *b, c: int = 1, **d):\n    'doc'\n    yield [f'{i!r:>{a}}' for i in b]\n",
         MKPYC_OK, in_memory},
        {"warnings", "x = 1 is 1\nassert (x, '\\d')\n", MKPYC_OK, in_memory},
        {"codec", "# coding: shift_jis\r\nx = '\x83\x5c'\r\n", MKPYC_OK, in_memory},
        {"syntax error", "x = 1\ndef f(x):\n    return (x + 1\n\nprint(f(2))\n",
         MKPYC_COMPILE_ERROR, in_memory},
        {"typing error", "fro x in y:\n    pass\n", MKPYC_COMPILE_ERROR, in_memory},
        {"late error", "def f():\n    x = 1\n    global x\n", MKPYC_COMPILE_ERROR, in_memory},
        {"long", large, MKPYC_OK, in_memory},
        {"files", NULL, MKPYC_OK, to_files},
    };
    char folder[] = "/tmp/mkpyc-test-XXXXXX";
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 1;
    FILE *files[2] = {fopen("a.py", "w"), fopen("b.py", "w")};
    fputs("fro x in y:\n    pass\n", files[0]);
    fputs("'doc'\r\ndef f(a):\r\n    'doc'\r\n    assert a\r\n    return __debug__, a + 1\r\n",
          files[1]);
    fclose(files[0]);
    fclose(files[1]);
    long count = 0;
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        for (size_t j = 0; j < mkpyc_target_count(); j++)
            count += fail_in_turn(&jobs[i], mkpyc_target_at(j));
    }
    free(large);
    if (chdir("/") != 0 || !remove_folder(folder))
        return 1;
    printf("%ld allocations, %d failures\n", count, failures);
    return failures != 0;
}
