/* The command: reads its arguments and hands on to one of its parts. */
#include "cli/cli.h"

#include "driver/context.h"
#include "syntax/decode.h"
#include "util/os.h"

#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: mkpyc [--python X.Y[.Z]] [-O | -OO] [-o OUT] [--dfile NAME] [--invalidation-mode MODE] "
    "FILE...\n"
    "       mkpyc [--python X.Y[.Z]] py_compile [ARGS]      as python3.X -m py_compile ARGS; a "
    "link named\n"
    "                                                       py_compile does the same\n"
    "       mkpyc [--python X.Y[.Z]] dis FILE.pyc|FILE.py   list the code\n";

static const char help[] =
    "\n"
    "Compiles Python source files to the .pyc files that CPython would write, without Python.\n"
    "\n"
    "  FILE                       a source file; - reads names from standard input, one a line\n"
    "  --python X.Y[.Z]           the release of CPython to compile for (3.13 is its newest patch "
    "release known); may be\n"
    "                             given several times; else $MKPYC_PYTHON, the release that the "
    "file's path names\n"
    "                             (lib/python3.12, a pyvenv.cfg above it), the newest final "
    "release known\n"
    "  -O, -OO                    leave out assertions; docstrings too; -O0 -O2 writes both "
    "levels\n"
    "  -o OUT                     the file to write (with one FILE); else the place in __pycache__ "
    "where Python looks\n"
    "  --dfile NAME               the file name that tracebacks and messages show\n"
    "  --invalidation-mode MODE   timestamp, checked-hash or unchecked-hash\n"
    "  --canonical                flag objects only where they are written more than once\n"
    "  -W FILTER                  which warnings are shown, as python -W\n"
    "  --explain                  say which target each FILE is compiled for, and why\n"
    "  --dump=KIND                print a stage instead: tokens, ast, symtable, instructions, cfg "
    "or asm\n"
    "  --batch                    answer requests on standard input, one JSON object a line\n"
    "  --help, --version\n";

/* The temporary file to remove when a signal ends the program. */
static char temporary_name[4096];
static volatile sig_atomic_t has_temporary;

/* Remove the temporary file, then die of the signal. */
static void die(int number)
{
    if (has_temporary)
        unlink(temporary_name);
    signal(number, SIG_DFL);
    raise(number);
}

/* Take note of a temporary file, or that there is none. */
static void note_temporary(void *data, const char *name)
{
    (void)data;
    has_temporary = 0;
    if (name != NULL && strlen(name) < sizeof temporary_name) {
        strcpy(temporary_name, name);
        has_temporary = 1;
    }
}

mkpyc_context *cli_context(void)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGXCPU, SIGXFSZ};
    mkpyc_context *context = mkpyc_context_new();
    if (context == NULL) {
        cli_complain("out of memory");
        exit(EXIT_FAILED);
    }
    mkpyc_context_on_temporary(context, note_temporary, NULL);
    mkpyc_context_refuse_warnings(context, cli_refuses_warning, NULL);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        if (signal(signals[i], die) == SIG_IGN)
            signal(signals[i], SIG_IGN);
    }
    return context;
}

void cli_complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("mkpyc: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

bool cli_read(const char *path, char **bytes, size_t *length)
{
    int error = os_read_file(path, DECODE_PADDING, bytes, length);
    if (error != 0)
        cli_complain("[Errno %d] %s: '%s'", error, strerror(error), path);
    return error == 0;
}

char *cli_read_line(FILE *input)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = getline(&line, &capacity, input);
    if (length < 0) {
        free(line);
        return NULL;
    }
    if (length > 0 && line[length - 1] == '\n')
        line[length - 1] = '\0';
    return line;
}

/* Print why a file was not compiled. */
static void print_failure(mkpyc_context *context, mkpyc_status status)
{
    const char *message = status == MKPYC_NO_MEMORY ? "out of memory" : mkpyc_message(context);
    size_t length = strlen(message);
    if (status == MKPYC_COMPILE_ERROR)
        fprintf(stderr, "%s%s", message, length > 0 && message[length - 1] == '\n' ? "" : "\n");
    else
        cli_complain("%s", message);
}

/* Whose results are told. */
struct told {
    mkpyc_context *context;
    const char *name; /* as warnings show it */
};

/* Print what one level had to say. */
static void tell(void *data, int optimize, mkpyc_status status, const char *written)
{
    const struct told *t = data;
    (void)optimize;
    (void)written;
    cli_print_warnings(t->context, t->name);
    if (status != MKPYC_OK)
        print_failure(t->context, status);
}

/* Compile one source for one target at all levels; true if it went well. */
static bool compile_levels(mkpyc_context *context, const struct command_line *a,
                           const mkpyc_options *options, mkpyc_source *source, const char *file)
{
    struct told t = {context, options->dfile != NULL ? options->dfile : file};
    mkpyc_status status;
    if (a->output == NULL) {
        status = mkpyc_compile_levels(context, source, a->levels, options, tell, &t);
    } else { /* one level */
        status = mkpyc_compile_source(context, source, a->output, options, NULL);
        tell(&t, options->optimize, status, NULL);
    }
    return status == MKPYC_OK;
}

/* Compile one file for all targets and levels: it is read and decoded once, parsed once a target.
 */
static bool compile_one(mkpyc_context *context, const struct command_line *a, const char *file)
{
    mkpyc_options options = a->options;
    mkpyc_source *source = mkpyc_source_read(context, file);
    bool fine = source != NULL;
    if (!fine)
        print_failure(context, MKPYC_OS_ERROR);
    if (fine && a->target_count == 0) {
        options.target = cli_choose_target(file, NULL);
        fine = options.target != NULL && compile_levels(context, a, &options, source, file);
    }
    for (int i = 0; source != NULL && i < a->target_count; i++) {
        options.target = a->targets[i];
        fine &= compile_levels(context, a, &options, source, file);
    }
    mkpyc_source_free(source);
    return fine;
}

int cli_compile(const struct command_line *a)
{
    mkpyc_context *context = cli_context();
    bool fine = true;
    for (int i = 0; i < a->file_count; i++) {
        if (strcmp(a->files[i], "-") != 0) {
            fine &= compile_one(context, a, a->files[i]);
            continue;
        }
        char *name;
        while ((name = cli_read_line(stdin)) != NULL) {
            fine &= compile_one(context, a, name);
            free(name);
        }
    }
    mkpyc_context_free(context);
    return fine ? EXIT_FINE : EXIT_FAILED;
}

/* Say which target each file is compiled for, and why. */
static int explain(const struct command_line *a)
{
    for (int i = 0; i < a->file_count; i++) {
        const char *why = "--python says so";
        for (int j = 0; j < a->target_count; j++)
            printf("%s: %s, because %s\n", a->files[i], mkpyc_target_release(a->targets[j]), why);
        if (a->target_count > 0)
            continue;
        const mkpyc_target *t = cli_choose_target(a->files[i], &why);
        if (t == NULL)
            return EXIT_FAILED;
        printf("%s: %s, because %s\n", a->files[i], mkpyc_target_release(t), why);
    }
    return EXIT_FINE;
}

int cli_dump(const struct command_line *a)
{
    static const char *const kinds[] = {
        [DUMP_TOKENS] = "tokens",     [DUMP_AST] = "ast",
        [DUMP_SYMTABLE] = "symtable", [DUMP_INSTRUCTIONS] = "instructions",
        [DUMP_CFG] = "cfg",           [DUMP_ASM] = "asm"};
    int kind = 0;
    while (kind <= DUMP_ASM && strcmp(kinds[kind], a->dump) != 0)
        kind++;
    if (kind > DUMP_ASM) {
        cli_complain("--dump: tokens, ast, symtable, instructions, cfg or asm");
        return EXIT_USAGE;
    }
    mkpyc_context *context = cli_context();
    struct buffer out;
    int result = EXIT_FINE;
    buffer_init(&out, NULL);
    for (int i = 0; i < a->file_count; i++) {
        struct source source = {.padded = true};
        if (!cli_read(a->files[i], &source.bytes, &source.length)) {
            result = EXIT_FAILED;
            continue;
        }
        mkpyc_options options = a->options;
        if (options.target == NULL)
            options.target = cli_choose_target(a->files[i], NULL);
        out.length = 0;
        if (options.target != NULL && dump_source(context, &source, &options, a->files[i],
                                                  (enum dump_kind)kind, &out) == MKPYC_OK) {
            fwrite(out.bytes, 1, out.length, stdout);
        } else {
            fputs(mkpyc_message(context), stderr);
            result = EXIT_FAILED;
        }
        free(source.bytes);
    }
    buffer_free(&out);
    mkpyc_context_free(context);
    return result;
}

/* The version, and the targets with their magic numbers. */
static void print_version(void)
{
    printf("mkpyc %s\n", mkpyc_version());
    for (size_t i = 0; i < mkpyc_target_count(); i++) {
        const mkpyc_target *t = mkpyc_target_at(i);
        printf("  %-8s %u  %s%s\n", mkpyc_target_release(t), mkpyc_target_magic(t),
               mkpyc_target_cache_tag(t), t == mkpyc_target_default() ? "  (default)" : "");
    }
}

enum {
    OPTION_PYTHON = 256,
    OPTION_DFILE,
    OPTION_INVALIDATION,
    OPTION_CANONICAL,
    OPTION_DUMP,
    OPTION_BATCH,
    OPTION_EXPLAIN,
    OPTION_VERSION
};

/* --python's argument. */
static bool choose_target(struct command_line *a, const char *name)
{
    const mkpyc_target *t = mkpyc_target_find(name);
    if (t == NULL)
        cli_complain("no such target: %s (mkpyc --version lists them)", name);
    else if (a->target_count == TARGETS_MAX)
        cli_complain("--python can be given %d times at most", TARGETS_MAX);
    if (t == NULL || a->target_count == TARGETS_MAX)
        return false;
    a->targets[a->target_count++] = t;
    return true;
}

/* What follows -O: nothing, O, or a level. */
static bool choose_level(struct command_line *a, const char *level)
{
    static const char *const names[] = {"0", "1", "2"};
    if (level == NULL)
        level = "1";
    else if (strcmp(level, "O") == 0)
        level = "2";
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(level, names[i]) == 0) {
            a->levels |= 1u << i;
            return true;
        }
    }
    cli_complain("-O, -OO, -O0, -O1 or -O2");
    return false;
}

/* --invalidation-mode's argument. */
static bool choose_invalidation(struct command_line *a, const char *mode)
{
    if (strcmp(mode, "timestamp") == 0)
        a->options.invalidation = MKPYC_INVALIDATION_TIMESTAMP;
    else if (strcmp(mode, "checked-hash") == 0)
        a->options.invalidation = MKPYC_INVALIDATION_CHECKED_HASH;
    else if (strcmp(mode, "unchecked-hash") == 0)
        a->options.invalidation = MKPYC_INVALIDATION_UNCHECKED_HASH;
    else {
        cli_complain("--invalidation-mode: timestamp, checked-hash or unchecked-hash");
        return false;
    }
    return true;
}

/* One option. Returns -1 to go on, or an exit status. */
static int take_option(struct command_line *a, int option)
{
    bool fine = true;
    switch (option) {
    case 'O': fine = choose_level(a, optarg); break;
    case 'o': a->output = optarg; break;
    case 'W': fine = cli_add_warning_filter(optarg); break;
    case OPTION_PYTHON: fine = choose_target(a, optarg); break;
    case OPTION_DFILE: a->options.dfile = optarg; break;
    case OPTION_INVALIDATION: fine = choose_invalidation(a, optarg); break;
    case OPTION_CANONICAL: a->options.canonical = true; break;
    case OPTION_DUMP: a->dump = optarg; break;
    case OPTION_BATCH: a->batch = true; break;
    case OPTION_EXPLAIN: a->explain = true; break;
    case OPTION_VERSION: print_version(); return EXIT_FINE;
    case 'h': printf("%s%s", usage, help); return EXIT_FINE;
    default: fine = false;
    }
    return fine ? -1 : EXIT_USAGE;
}

/* Are there as many files as the options want? */
static bool check_files(const struct command_line *a)
{
    if (a->batch)
        return true;
    bool several = a->target_count > 1 || (a->levels & (a->levels - 1)) != 0;
    if (a->output != NULL && (a->file_count != 1 || several || strcmp(a->files[0], "-") == 0)) {
        cli_complain("-o needs exactly one FILE, one target and one level");
        return false;
    }
    return a->file_count > 0;
}

/* Read the arguments. With `only_leading` stop before the first that is no option. Returns -1 to go
 * on, or an exit status. */
static int parse_arguments(struct command_line *a, int argc, char **argv, bool only_leading)
{
    static const struct option options[] = {
        {"python", required_argument, NULL, OPTION_PYTHON},
        {"dfile", required_argument, NULL, OPTION_DFILE},
        {"invalidation-mode", required_argument, NULL, OPTION_INVALIDATION},
        {"canonical", no_argument, NULL, OPTION_CANONICAL},
        {"dump", required_argument, NULL, OPTION_DUMP},
        {"batch", no_argument, NULL, OPTION_BATCH},
        {"explain", no_argument, NULL, OPTION_EXPLAIN},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, OPTION_VERSION},
        {NULL, 0, NULL, 0}};
    int option, status = -1;
    while (status < 0 && (option = getopt_long(argc, argv, only_leading ? "+O::o:W:h" : "O::o:W:h",
                                               options, NULL)) != -1)
        status = take_option(a, option);
    if (a->levels == 0)
        a->levels = 1;
    a->options.optimize = a->levels & 1 ? 0 : a->levels & 2 ? 1 : 2;
    a->options.target = a->target_count > 0 ? a->targets[0] : NULL;
    a->files = argv + optind;
    a->file_count = argc - optind;
    if (status < 0 && !only_leading && !check_files(a))
        status = EXIT_USAGE;
    if (status == EXIT_USAGE)
        fputs(usage, stderr);
    return status;
}

/* The index of the sub-command behind leading options, or 0. */
static int find_command(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "py_compile") == 0 || strcmp(argv[i], "dis") == 0)
            return i;
        if (strcmp(argv[i], "--python") == 0 || strcmp(argv[i], "-W") == 0)
            i++;
        else if (strncmp(argv[i], "--python=", 9) != 0 && strncmp(argv[i], "-O", 2) != 0 &&
                 strncmp(argv[i], "-W", 2) != 0)
            return 0;
    }
    return 0;
}

/* Run a sub-command, with a target that is MKPYC_PYTHON's or the default unless given. */
static int run_command(const struct command_line *a, const char *command, int argc, char **argv)
{
    struct command_line with_target = *a;
    if (with_target.options.target == NULL)
        with_target.options.target = cli_choose_target("", NULL);
    if (with_target.options.target == NULL)
        return EXIT_FAILED;
    return strcmp(command, "dis") == 0 ? cli_dis(a, argc, argv)
                                       : cli_py_compile(&with_target, argc, argv);
}

int main(int argc, char **argv)
{
    struct command_line a = {0};
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char *name = slash != NULL ? slash + 1 : argc > 0 ? argv[0] : "";
    mkpyc_options_init(&a.options, sizeof a.options);
    cli_read_warning_filters();
    if (strcmp(name, "py_compile") == 0)
        return run_command(&a, name, argc, argv);
    int command = find_command(argc, argv);
    int status = parse_arguments(&a, command > 0 ? command : argc, argv, command > 0);
    if (status >= 0)
        return status;
    if (command > 0)
        return run_command(&a, argv[command], argc - command, argv + command);
    if (a.batch)
        return cli_batch(&a);
    if (a.explain)
        return explain(&a);
    return a.dump != NULL ? cli_dump(&a) : cli_compile(&a);
}
