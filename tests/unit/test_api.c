/* The public API: compiling in memory and into files, errors, warnings, reuse, threads. */
#include "mkpyc.h"
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Remove a test's folder and what is in it. */
static bool remove_folder(const char *folder)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0;
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
    CHECK(remove_folder(folder));
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

/* Is the file the same as that of another level's place? */
static bool same_file(const char *name, const char *other)
{
    char a[4096], b[4096];
    FILE *first = fopen(name, "rb"), *second = fopen(other, "rb");
    size_t length = first != NULL ? fread(a, 1, sizeof a, first) : 0;
    size_t length_of_other = second != NULL ? fread(b, 1, sizeof b, second) : 0;
    if (first != NULL)
        fclose(first);
    if (second != NULL)
        fclose(second);
    return length > 16 && length == length_of_other && memcmp(a, b, length) == 0;
}

/* What the levels are held against. */
struct levels {
    mkpyc_context *alone;
    mkpyc_source *source;
    mkpyc_context *meddling; /* compiles something else in between, or NULL */
    mkpyc_options options;
    mkpyc_status expected;
    unsigned seen;
};

/* After one level: compile it by itself; both must come out alike. */
static void compare_level(void *data, int optimize, mkpyc_status status, const char *written)
{
    struct levels *levels = data;
    const void *pyc;
    size_t length;
    CHECK(status == levels->expected && (written != NULL) == (status == MKPYC_OK));
    levels->seen |= 1u << optimize;
    levels->options.optimize = optimize;
    CHECK(mkpyc_compile_source(levels->alone, levels->source, "alone.pyc", &levels->options,
                               NULL) == levels->expected);
    CHECK(written == NULL || same_file(written, "alone.pyc"));
    if (levels->meddling != NULL)
        mkpyc_compile(levels->meddling, "a = b\n", 6, &levels->options, &pyc, &length);
}

/* Several levels at once against each by itself. */
static void test_levels(void)
{
    static const struct {
        const char *text;
        mkpyc_status expected;
    } rows[] = {
        {"'doc'\ndef f(a):\n    'doc'\n    assert a, 1\n    return a + 1 + 2\n", MKPYC_OK},
        {"'doc'\nif __debug__:\n    x = {'a', 'b'}\nassert x\n", MKPYC_OK},
        {"class C:\r\n    'doc'\r\n    x = 1\rassert 1", MKPYC_OK},
        {"x = 1\r\n", MKPYC_OK},
        {"\xEF\xBB\xBFx = '\xC3\xA9'\n", MKPYC_OK},
        {"# coding: latin-1\n'\xE9'\nx = '\xE9'\n", MKPYC_OK},
        {"x = (1\n", MKPYC_COMPILE_ERROR},
        {"'doc'\nbreak\n", MKPYC_COMPILE_ERROR},
    };
    char folder[] = "/tmp/mkpyc-test-XXXXXX";
    CHECK(mkdtemp(folder) != NULL && chdir(folder) == 0);
    mkpyc_context *x = mkpyc_context_new(), *alone = mkpyc_context_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        put("a.py", rows[i].text);
        mkpyc_source *source = mkpyc_source_read(x, "a.py");
        for (size_t j = 0; j < mkpyc_target_count(); j++) {
            for (unsigned bits = 1; bits <= 7; bits++) {
                mkpyc_options options = options_of(mkpyc_target_release(mkpyc_target_at(j)));
                /* the source by itself is read anew, so that nothing is shared with it */
                mkpyc_source *again = mkpyc_source_read(alone, "a.py");
                struct levels levels = {
                    alone, again, bits == 7 && j % 2 ? x : NULL, options, rows[i].expected, 0};
                CHECK(mkpyc_compile_levels(x, source, bits, &options, compare_level, &levels) ==
                      rows[i].expected);
                CHECK(levels.seen == bits);
                mkpyc_source_free(again);
            }
        }
        mkpyc_source_free(source);
    }
    mkpyc_source *source = mkpyc_source_read(x, "a.py");
    mkpyc_options options = options_of("3.13.0");
    CHECK(mkpyc_compile_levels(x, source, 0, &options, NULL, NULL) == MKPYC_BAD_ARGUMENT);
    CHECK(mkpyc_compile_levels(x, source, 8, &options, NULL, NULL) == MKPYC_BAD_ARGUMENT);
    mkpyc_source_free(source);
    mkpyc_context_free(x);
    mkpyc_context_free(alone);
    CHECK(chdir("/") == 0 && remove_folder(folder));
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
            "def f(a, *b, c=1):\n    '''doc'''\n    return [x for x in a if x in {'p', 'q'}]\n"
            "x = f'{f:>{10}}' '\\d' '\\N{EURO SIGN}', 10 ** 30, 1 is 1\n";
        static const char wrong[] = "x = [a b for a in ()]\n";
        const void *pyc;
        size_t length;
        if (mkpyc_compile(x, wrong, sizeof wrong - 1, &options, &pyc, &length) !=
                MKPYC_COMPILE_ERROR ||
            mkpyc_compile(x, source, sizeof source - 1, &options, &pyc, &length) != MKPYC_OK) {
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
    enum { COUNT = 18 }; /* every target, most of them twice */
    pthread_t threads[COUNT];
    void *result;
    for (int i = 0; i < COUNT; i++) {
        const mkpyc_target *target = mkpyc_target_at((size_t)i % mkpyc_target_count());
        CHECK(pthread_create(&threads[i], NULL, work, (void *)(uintptr_t)target) == 0);
    }
    for (int i = 0; i < COUNT; i++) {
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
    test_levels();
    test_threads();
    printf("%d failures\n", failures);
    return failures != 0;
}
