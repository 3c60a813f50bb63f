/* `mkpyc py_compile ARGS`, and the command under the name py_compile: the command line of
 * Lib/py_compile.py, with its texts, streams and exit statuses. */
#include "cli/cli.h"

#include "driver/context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What stands on the command line. */
struct request {
    const struct command_line *a;
    mkpyc_context *context;
    const char *program; /* as usage shows it */
    bool quiet;
    char **names; /* files */
    int count;
    const char **unknown; /* options that there are not */
    int unknown_count;
};

/* The first lines of help and errors. */
static void print_usage(const struct request *r, FILE *out)
{
    fprintf(out, "usage: %s [-h] [-q] filenames [filenames ...]\n", r->program);
}

/* Is `argument` the long option or a beginning of it? */
static bool is_long_option(const char *argument, const char *option)
{
    size_t length = strlen(argument);
    return length > 2 && strncmp(argument, option, length) == 0;
}

/* Sort one option. Returns -1 to go on, or an exit status. */
static int take_option(struct request *r, const char *argument)
{
    if (strcmp(argument, "-q") == 0 || is_long_option(argument, "--quiet")) {
        r->quiet = true;
    } else if (strcmp(argument, "-h") == 0 || is_long_option(argument, "--help")) {
        print_usage(r, stdout);
        fputs("\nA simple command-line interface for py_compile module.\n"
              "\npositional arguments:\n  filenames    Files to compile\n"
              "\noptions:\n  -h, --help   show this help message and exit\n  -q, --quiet  Suppress "
              "error output\n",
              stdout);
        return EXIT_FINE;
    } else {
        r->unknown[r->unknown_count++] = argument;
    }
    return -1;
}

/* Tell files from options. Returns -1 to go on, or an exit status. */
static int sort_arguments(struct request *r, int argc, char **argv)
{
    bool only_names = false;
    for (int i = 1; i < argc; i++) {
        if (!only_names && strcmp(argv[i], "--") == 0) {
            only_names = true;
        } else if (!only_names && argv[i][0] == '-' && argv[i][1] != '\0') {
            int status = take_option(r, argv[i]);
            if (status >= 0)
                return status;
        } else {
            r->names[r->count++] = argv[i];
        }
    }
    if (r->count > 0 && r->unknown_count == 0)
        return -1;
    print_usage(r, stderr);
    fprintf(stderr, "%s: error: ", r->program);
    if (r->count == 0)
        fputs("the following arguments are required: filenames", stderr);
    for (int i = 0; r->count > 0 && i < r->unknown_count; i++)
        fprintf(stderr, "%s%s", i == 0 ? "unrecognized arguments: " : " ", r->unknown[i]);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

/* py_compile.compile(name, doraise=True), with warnings shown. */
static mkpyc_status compile(const struct request *r, const char *name)
{
    mkpyc_status status = mkpyc_compile_file(r->context, name, NULL, &r->a->options, NULL);
    cli_print_warnings(r->context, name);
    return status;
}

/* What to print of a failure. */
static const char *text_of(const struct request *r, mkpyc_status status)
{
    return status == MKPYC_NO_MEMORY ? "MemoryError" : mkpyc_message(r->context);
}

/* The class of the exception that a failure other than a compile error is. */
static const char *exception_of(const struct request *r, mkpyc_status status)
{
    const mkpyc_os_failure *failure = mkpyc_os_error(r->context);
    if (status == MKPYC_FILE_EXISTS)
        return "FileExistsError";
    switch (failure != NULL ? failure->error : 0) {
    case ENOENT: return "FileNotFoundError";
    case EACCES:
    case EPERM: return "PermissionError";
    case EISDIR: return "IsADirectoryError";
    case ENOTDIR: return "NotADirectoryError";
    }
    return "OSError";
}

/* From 3.10: the first failure ends the run. */
static int run_with_options(struct request *r)
{
    char **names = r->names;
    int count = r->count, result = EXIT_FINE;
    bool from_stdin = count == 1 && strcmp(names[0], "-") == 0;
    if (from_stdin) {
        int capacity = 0;
        char *line;
        names = NULL;
        count = 0;
        while ((line = cli_read_line(stdin)) != NULL) {
            if (count == capacity) {
                capacity = capacity * 2 + 16;
                names = realloc(names, (size_t)capacity * sizeof *names);
                if (names == NULL)
                    exit(EXIT_FAILED);
            }
            names[count++] = line;
        }
    }
    for (int i = 0; i < count && result == EXIT_FINE; i++) {
        mkpyc_status status = compile(r, names[i]);
        if (status != MKPYC_OK) {
            result = EXIT_FAILED;
            if (!r->quiet)
                fputs(text_of(r, status), stderr);
        }
    }
    for (int i = 0; from_stdin && i < count; i++)
        free(names[i]);
    if (from_stdin)
        free(names);
    return result;
}

/* To 3.9: a compile error is printed and the run goes on; other failures end it with a traceback,
 * unless the name came from standard input. Returns false to end. */
static bool run_one(struct request *r, const char *name, bool from_stdin, int *result)
{
    mkpyc_status status = compile(r, name);
    if (status == MKPYC_OK)
        return true;
    *result = EXIT_FAILED;
    if (status == MKPYC_COMPILE_ERROR || from_stdin) {
        fprintf(stderr, "%s\n", text_of(r, status));
        return true;
    }
    fprintf(stderr, "Traceback (most recent call last):\n%s: %s\n", exception_of(r, status),
            text_of(r, status));
    return false;
}

/* To 3.9: every argument is a file name. */
static int run_without_options(struct request *r, int argc, char **argv)
{
    int result = EXIT_FINE;
    char *line;
    if (argc == 2 && strcmp(argv[1], "-") == 0) {
        while ((line = cli_read_line(stdin)) != NULL) {
            run_one(r, line, true, &result);
            free(line);
        }
        return result;
    }
    for (int i = 1; i < argc; i++) {
        if (!run_one(r, argv[i], false, &result))
            break;
    }
    return result;
}

int cli_py_compile(const struct command_line *a, int argc, char **argv)
{
    const mkpyc_target *t = a->options.target;
    char program[64] = "py_compile.py";
    if (t->has[FEATURE_MODULE_IN_USAGE])
        snprintf(program, sizeof program, "python%s -m py_compile", mkpyc_target_name(t));
    struct request r = {.a = a,
                        .context = cli_context(),
                        .program = program,
                        .names = calloc((size_t)argc + 1, sizeof *r.names),
                        .unknown = calloc((size_t)argc + 1, sizeof *r.unknown)};
    int status = EXIT_FAILED;
    if (r.names == NULL || r.unknown == NULL) {
        cli_complain("out of memory");
    } else if (t->has[FEATURE_PY_COMPILE_OPTIONS]) {
        status = sort_arguments(&r, argc, argv);
        if (status < 0)
            status = run_with_options(&r);
    } else {
        status = run_without_options(&r, argc, argv);
    }
    free(r.names);
    free(r.unknown);
    mkpyc_context_free(r.context);
    return status;
}
