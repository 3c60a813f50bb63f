/* The command line: what its parts share. */
#ifndef MKPYC_CLI_CLI_H
#define MKPYC_CLI_CLI_H

#include "mkpyc.h"

#include <stdio.h>

/* Exit statuses, as Python's tools have them. */
enum { EXIT_FINE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

enum { TARGETS_MAX = 32 };

/* The command line of the compiler itself. */
struct command_line {
    /* with the first target and level; target NULL: to be chosen for each file */
    mkpyc_options options;
    const mkpyc_target *targets[TARGETS_MAX];
    int target_count;
    unsigned levels;    /* bit 0: -O0, ... */
    const char *output; /* -o */
    const char *dump;   /* --dump=KIND */
    bool batch;
    bool explain;
    char **files;
    int file_count;
};

/* Make a context whose temporary files are removed when a signal ends the program; exits when out
 * of memory. */
mkpyc_context *cli_context(void);
/* "mkpyc: " and a printf text on stderr. */
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Print the warnings of the last compilation, as the filters say. */
void cli_print_warnings(mkpyc_context *context, const char *filename);
/* Do the filters make the warning an error? For mkpyc_context_refuse_warnings. */
bool cli_refuses_warning(void *data, const mkpyc_warning *warning, const char *filename);
/* Take PYTHONWARNINGS into the filters. */
void cli_read_warning_filters(void);
/* -W's argument; complains and returns false when it makes no sense. */
bool cli_add_warning_filter(const char *text);
/* The target for a file without --python; *why, if not NULL, becomes a reason. NULL and a complaint
 * when MKPYC_PYTHON names no target. */
const mkpyc_target *cli_choose_target(const char *file, const char **why);
/* Read a file; complains and returns false when it cannot be read. With the padding that decoding
 * wants. */
bool cli_read(const char *path, char **bytes, size_t *length);
/* The next line of stdin without its newline, from malloc; NULL at the end. */
char *cli_read_line(FILE *input);

/* The sub-commands; each returns the exit status. */
int cli_compile(const struct command_line *a);
int cli_batch(const struct command_line *a);
int cli_dump(const struct command_line *a);
int cli_dis(const struct command_line *a, int argc, char **argv);
int cli_py_compile(const struct command_line *a, int argc, char **argv);

#endif
