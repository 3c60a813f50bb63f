/* The public API: compiling in memory and into files, errors, warnings, reuse, threads. */
#include "mkpyc.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failures;

static void check(bool holds, const char *what, int line)
{
    if (!holds) {
        printf("line %d: %s\n", line, what);
        failures++;
    }
}
#define CHECK(condition) check((condition), #condition, __LINE__)

/* Options for 3.13.0. */
static mkpyc_options options_of(const char *target)
{
    mkpyc_options options;
    mkpyc_options_init(&options, sizeof options);
    options.target = mkpyc_target_find(target);
    return options;
}

static void test_targets(void)
{
    CHECK(mkpyc_target_count() >= 9);
    CHECK(mkpyc_target_at(mkpyc_target_count()) == NULL);
    CHECK(mkpyc_target_find("2.7") == NULL && mkpyc_target_find(NULL) == NULL);
    CHECK(mkpyc_target_find("3.13") != mkpyc_target_find("3.13.0"));
    CHECK(mkpyc_target_find("3.13") == mkpyc_target_find("cpython-313"));
    CHECK(strcmp(mkpyc_target_release(mkpyc_target_find("3.13.0")), "3.13.0") == 0);
    CHECK(mkpyc_target_magic(mkpyc_target_find("3.13.0")) == 3571);
    CHECK(mkpyc_target_default() != NULL);
}

static void test_memory(void)
{
    mkpyc_context *x = mkpyc_context_new();
    mkpyc_options options = options_of("3.13.0");
    const void *pyc;
    size_t length, count;
    options.dfile = "m.py";
    options.mtime = 0x12345678;
    options.invalidation = MKPYC_INVALIDATION_TIMESTAMP;
    CHECK(mkpyc_compile(x, "x = 1", 5, &options, &pyc, &length) == MKPYC_OK);
    static const unsigned char head[16] = {0xF3, 0x0D, '\r', '\n', 0, 0, 0, 0,
                                           0x78, 0x56, 0x34, 0x12, 5, 0, 0, 0};
    CHECK(length > 16 && memcmp(pyc, head, 16) == 0 && ((const unsigned char *)pyc)[16] == 0xE3);
    CHECK(mkpyc_error(x) == NULL && mkpyc_os_error(x) == NULL && mkpyc_message(x)[0] == '\0');
    CHECK(mkpyc_compile(x, "x is 1", 6, &options, &pyc, &length) == MKPYC_OK);
    const mkpyc_warning *warnings = mkpyc_warnings(x, &count);
    CHECK(count == 1 && strcmp(warnings[0].category, "SyntaxWarning") == 0 &&
          warnings[0].lineno == 1);
    CHECK(mkpyc_compile(x, "x = (1", 6, &options, &pyc, &length) == MKPYC_COMPILE_ERROR);
    const mkpyc_diagnostic *e = mkpyc_error(x);
    CHECK(e != NULL && strcmp(e->type, "SyntaxError") == 0 &&
          strcmp(e->message, "'(' was never closed") == 0);
    CHECK(e != NULL && e->lineno == 1 && e->offset == 5 && strcmp(e->filename, "m.py") == 0);
    options.optimize = 3;
    CHECK(mkpyc_compile(x, "", 0, &options, &pyc, &length) == MKPYC_BAD_ARGUMENT &&
          mkpyc_message(x)[0] != '\0');
    options.optimize = 0;
    mkpyc_context_limit_memory(x, 100 * 1024);
    char *large = malloc(1 << 20);
    memset(large, 'a', 1 << 20);
    for (int i = 1; i < 1 << 20; i += 2)
        large[i] = '\n';
    CHECK(mkpyc_compile(x, large, 1 << 20, &options, &pyc, &length) == MKPYC_NO_MEMORY);
    mkpyc_context_limit_memory(x, 0);
    CHECK(mkpyc_compile(x, large, 1 << 20, &options, &pyc, &length) == MKPYC_OK);
    free(large);
    mkpyc_context_free(x);
    mkpyc_context_free(NULL);
}

/* Fill a file. */
static void put(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    if (file != NULL) {
        fputs(text, file);
        fclose(file);
    }
}

static int temporaries;

static void count_temporaries(void *data, const char *name)
{
    (void)data;
    temporaries += name != NULL ? 1 : -1;
}

static void test_files(void)
{
    char folder[] = "/tmp/mkpyc-test-XXXXXX";
    CHECK(mkdtemp(folder) != NULL && chdir(folder) == 0);
    mkpyc_context *x = mkpyc_context_new();
    mkpyc_options options = options_of("3.13.0");
    const char *written = NULL;
    struct stat st;
    mkpyc_context_on_temporary(x, count_temporaries, NULL);
    put("a.py", "x = 1\n");
    CHECK(mkpyc_compile_file(x, "a.py", NULL, &options, &written) == MKPYC_OK);
    CHECK(written != NULL && strcmp(written, "__pycache__/a.cpython-313.pyc") == 0);
    options.optimize = 2;
    CHECK(mkpyc_compile_file(x, "a.py", NULL, &options, &written) == MKPYC_OK);
    CHECK(strcmp(written, "__pycache__/a.cpython-313.opt-2.pyc") == 0);
    CHECK(mkpyc_compile_file(x, "a.py", "deep/er/a.pyc", &options, NULL) == MKPYC_OK &&
          stat("deep/er/a.pyc", &st) == 0);
    CHECK(mkpyc_compile_file(x, "b.py", NULL, &options, NULL) == MKPYC_OS_ERROR);
    CHECK(mkpyc_os_error(x) != NULL && mkpyc_os_error(x)->error == ENOENT);
    CHECK(strcmp(mkpyc_message(x), "[Errno 2] No such file or directory: 'b.py'") == 0);
    CHECK(symlink("nowhere", "link.pyc") == 0);
    CHECK(mkpyc_compile_file(x, "a.py", "link.pyc", &options, NULL) == MKPYC_FILE_EXISTS);
    CHECK(mkpyc_compile_file(x, "a.py", "deep", &options, NULL) == MKPYC_FILE_EXISTS);
    CHECK(mkpyc_compile_file(x, "a.py", "a.py/x.pyc", &options, NULL) == MKPYC_OS_ERROR);
    put("bad.py", "if\n");
    CHECK(mkpyc_compile_file(x, "bad.py", "bad.pyc", &options, NULL) == MKPYC_COMPILE_ERROR &&
          stat("bad.pyc", &st) != 0);
    CHECK(temporaries == 0);
    mkpyc_context_free(x);
    CHECK(system("rm -rf /tmp/mkpyc-test-??????") == 0);
}

static void test_cache_path(void)
{
    static const struct {
        const char *file, *prefix, *expected;
    } rows[] = {{"a.py", NULL, "__pycache__/a.cpython-313.pyc"},
                {"/x/y.z.py", "", "/x/__pycache__/y.z.cpython-313.pyc"},
                {"noext", NULL, "__pycache__/noextcpython-313.pyc"},
                {".hidden", NULL, "__pycache__/hidden.cpython-313.pyc"},
                {"d//a.py", NULL, "d/__pycache__/a.cpython-313.pyc"},
                {"/x/a.py", "/p/q/", "/p/q/x/a.cpython-313.pyc"},
                {"/a.py", "/p", "/p/usr/a.cpython-313.pyc"},
                {"b/a.py", "/p", "/p/usr/b/a.cpython-313.pyc"}};
    CHECK(chdir("/usr") == 0);
    mkpyc_context *x = mkpyc_context_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *path =
            mkpyc_cache_path(x, rows[i].file, mkpyc_target_find("3.13"), 0, rows[i].prefix);
        if (path == NULL || strcmp(path, rows[i].expected) != 0) {
            printf("%s: %s, not %s\n", rows[i].file, path != NULL ? path : "NULL",
                   rows[i].expected);
            failures++;
        }
    }
    mkpyc_context_free(x);
}

/* One thread: the same source again and again must give the same bytes. */
static void *work(void *argument)
{
    const mkpyc_target *target = argument;
    mkpyc_context *x = mkpyc_context_new();
    mkpyc_options options;
    mkpyc_options_init(&options, sizeof options);
    options.target = target;
    void *first = NULL;
    size_t first_length = 0;
    bool same = true;
    for (int i = 0; i < 200; i++) {
        static const char source[] =
            "def f(a, *b, c=1):\n    '''doc'''\n    return [x for x in a if x in {'p', 'q'}]\n";
        const void *pyc;
        size_t length;
        if (mkpyc_compile(x, source, sizeof source - 1, &options, &pyc, &length) != MKPYC_OK) {
            same = false;
            break;
        }
        if (first == NULL) {
            first = malloc(length);
            memcpy(first, pyc, length);
            first_length = length;
        }
        same &= length == first_length && memcmp(first, pyc, length) == 0;
    }
    free(first);
    mkpyc_context_free(x);
    return same ? argument : NULL;
}

static void test_threads(void)
{
    pthread_t threads[8];
    mkpyc_target *target = (mkpyc_target *)(uintptr_t)mkpyc_target_find("3.13.0");
    void *result;
    for (int i = 0; i < 8; i++)
        CHECK(pthread_create(&threads[i], NULL, work, target) == 0);
    for (int i = 0; i < 8; i++) {
        CHECK(pthread_join(threads[i], &result) == 0);
        CHECK(result != NULL);
    }
}

int main(void)
{
    test_targets();
    test_memory();
    test_files();
    test_cache_path();
    test_threads();
    printf("%d failures\n", failures);
    return failures != 0;
}
