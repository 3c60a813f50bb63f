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
    "usage: mkpyc [--python X.Y[.Z]] [-O | -OO] [-o OUT] [--dfile NAME] [--invalidation-mode MODE] FILE...\n"
    "       mkpyc py_compile [ARGS]      as python3.X -m py_compile\n"
    "       mkpyc dis FILE.pyc|FILE.py   list the code\n";

static const char help[] =
    "\n"
    "Compiles Python source files to the .pyc files that CPython would write, without Python.\n"
    "\n"
    "  FILE                       a source file; - reads names from standard input, one a line\n"
    "  --python X.Y[.Z]           the release of CPython to compile for (3.13 is its newest patch release known)\n"
    "  -O, -OO                    leave out assertions; docstrings too\n"
    "  -o OUT                     the file to write (with one FILE); else the place in __pycache__ where Python looks\n"
    "  --dfile NAME               the file name that tracebacks and messages show\n"
    "  --invalidation-mode MODE   timestamp, checked-hash or unchecked-hash\n"
    "  --canonical                flag objects only where they are written more than once\n"
    "  --dump=KIND                print a stage instead: tokens, ast, symtable, instructions, cfg or asm\n"
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

/* The line of a file, stripped of white space at both ends, or NULL; from malloc. */
static char *source_line(const char *filename, int lineno)
{
    FILE *file = fopen(filename, "r");
    char *line = NULL;
    while (file != NULL && lineno-- > 0) {
        free(line);
        line = cli_read_line(file);
        if (line == NULL)
            break;
    }
    if (file != NULL)
        fclose(file);
    if (line == NULL)
        return NULL;
    size_t start = strspn(line, " \t\f\v\r"), end = strlen(line);
    while (end > start && strchr(" \t\f\v\r", line[end - 1]) != NULL)
        end--;
    memmove(line, line + start, end - start);
    line[end - start] = '\0';
    return line;
}

void cli_print_warnings(mkpyc_context *context, const char *filename)
{
    size_t count;
    const mkpyc_warning *warnings = mkpyc_warnings(context, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(warnings[i].category, "SyntaxWarning") != 0)
            continue;
        fprintf(stderr, "%s:%d: %s: %s\n", filename, warnings[i].lineno, warnings[i].category, warnings[i].message);
        char *line = source_line(filename, warnings[i].lineno);
        if (line != NULL && line[0] != '\0')
            fprintf(stderr, "  %s\n", line);
        free(line);
    }
}

/* Compile one file; true if it went well. */
static bool compile_one(mkpyc_context *context, const struct command_line *a, const char *file)
{
    mkpyc_status status = mkpyc_compile_file(context, file, a->output, &a->options, NULL);
    cli_print_warnings(context, a->options.dfile != NULL ? a->options.dfile : file);
    if (status == MKPYC_OK)
        return true;
    const char *message = status == MKPYC_NO_MEMORY ? "out of memory" : mkpyc_message(context);
    size_t length = strlen(message);
    if (status == MKPYC_COMPILE_ERROR)
        fprintf(stderr, "%s%s", message, length > 0 && message[length - 1] == '\n' ? "" : "\n");
    else
        cli_complain("%s", message);
    return false;
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

int cli_dump(const struct command_line *a)
{
    static const char *const kinds[] = {
        [DUMP_TOKENS] = "tokens", [DUMP_AST] = "ast", [DUMP_SYMTABLE] = "symtable",
        [DUMP_INSTRUCTIONS] = "instructions", [DUMP_CFG] = "cfg", [DUMP_ASM] = "asm"};
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
        out.length = 0;
        if (dump_source(context, &source, &a->options, a->files[i], (enum dump_kind)kind, &out) == MKPYC_OK) {
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
        printf("  %-8s %u  %s%s\n", mkpyc_target_release(t), mkpyc_target_magic(t), mkpyc_target_cache_tag(t),
               t == mkpyc_target_default() ? "  (default)" : "");
    }
}

enum { OPTION_PYTHON = 256, OPTION_DFILE, OPTION_INVALIDATION, OPTION_CANONICAL, OPTION_DUMP, OPTION_BATCH, OPTION_HELP,
       OPTION_VERSION };

/* --python's argument. */
static bool choose_target(struct command_line *a, const char *name)
{
    a->options.target = mkpyc_target_find(name);
    if (a->options.target == NULL)
        cli_complain("no such target: %s (mkpyc --version lists them)", name);
    return a->options.target != NULL;
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

/* Read the arguments. Returns -1 to go on, or an exit status. */
static int parse_arguments(struct command_line *a, int argc, char **argv)
{
    static const struct option options[] = {
        {"python", required_argument, NULL, OPTION_PYTHON},   {"dfile", required_argument, NULL, OPTION_DFILE},
        {"invalidation-mode", required_argument, NULL, OPTION_INVALIDATION},
        {"canonical", no_argument, NULL, OPTION_CANONICAL},   {"dump", required_argument, NULL, OPTION_DUMP},
        {"batch", no_argument, NULL, OPTION_BATCH},           {"help", no_argument, NULL, OPTION_HELP},
        {"version", no_argument, NULL, OPTION_VERSION},       {NULL, 0, NULL, 0}};
    int option, optimize = 0;
    bool fine = true;
    while ((option = getopt_long(argc, argv, "O::o:h", options, NULL)) != -1) {
        switch (option) {
        case 'O':
            if (optarg == NULL)
                optimize++;
            else if (strcmp(optarg, "O") == 0)
                optimize += 2;
            else if (strlen(optarg) == 1 && optarg[0] >= '0' && optarg[0] <= '2')
                optimize = optarg[0] - '0';
            else
                fine = false;
            break;
        case 'o': a->output = optarg; break;
        case OPTION_PYTHON: fine &= choose_target(a, optarg); break;
        case OPTION_DFILE: a->options.dfile = optarg; break;
        case OPTION_INVALIDATION: fine &= choose_invalidation(a, optarg); break;
        case OPTION_CANONICAL: a->options.canonical = true; break;
        case OPTION_DUMP: a->dump = optarg; break;
        case OPTION_BATCH: a->batch = true; break;
        case 'h':
        case OPTION_HELP:
            printf("%s%s", usage, help);
            return EXIT_FINE;
        case OPTION_VERSION:
            print_version();
            return EXIT_FINE;
        default: fine = false;
        }
    }
    a->options.optimize = optimize > 2 ? 2 : optimize;
    a->files = argv + optind;
    a->file_count = argc - optind;
    if (fine && a->output != NULL && a->file_count != 1) {
        cli_complain("-o needs exactly one FILE");
        fine = false;
    }
    if (!fine || (a->file_count == 0 && !a->batch)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct command_line a = {0};
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char *name = slash != NULL ? slash + 1 : argc > 0 ? argv[0] : "";
    if (strcmp(name, "py_compile") == 0)
        return cli_py_compile(argc, argv);
    if (argc > 1 && strcmp(argv[1], "py_compile") == 0)
        return cli_py_compile(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "dis") == 0)
        return cli_dis(argc - 1, argv + 1);
    mkpyc_options_init(&a.options, sizeof a.options);
    int status = parse_arguments(&a, argc, argv);
    if (status >= 0)
        return status;
    if (a.batch)
        return cli_batch(&a);
    return a.dump != NULL ? cli_dump(&a) : cli_compile(&a);
}
