/* Which warnings are shown, and how: Python's warning filters (PYTHONWARNINGS, -W) and the form of
 * warnings.showwarning.
 *
 * The compiler's warnings have no registry, so "default" and "module" show every one, as in
 * CPython.
 */
#include "cli/cli.h"

#include "util/os.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ACTION:MESSAGE:CATEGORY:MODULE:LINENO; an empty part matches everything. */
struct filter {
    bool show;
    bool once;
    bool error;
    char message[128], category[64], module[256];
    int lineno;
};

enum { FILTERS_MAX = 64 };

/* The last one that matches wins; the program's own state, like its arguments. */
static struct filter filters[FILTERS_MAX] = {{.show = false, .category = "DeprecationWarning"}};
static int filter_count = 1;

/* Copy the next part of a filter, up to a colon; moves *text behind it. */
static void next_part(const char **text, char *part, size_t size)
{
    size_t length = strcspn(*text, ":");
    const char *p = *text;
    *text += length + (p[length] == ':');
    while (length > 0 && (*p == ' ' || *p == '\t')) {
        p++;
        length--;
    }
    while (length > 0 && (p[length - 1] == ' ' || p[length - 1] == '\t'))
        length--;
    snprintf(part, size, "%.*s", (int)length, p);
}

bool cli_add_warning_filter(const char *text)
{
    static const char *const actions[] = {"default", "always", "ignore", "module",
                                          "once",    "all",    "error"};
    char action[32], lineno[32];
    struct filter f = {0};
    next_part(&text, action, sizeof action);
    next_part(&text, f.message, sizeof f.message);
    next_part(&text, f.category, sizeof f.category);
    next_part(&text, f.module, sizeof f.module);
    next_part(&text, lineno, sizeof lineno);
    size_t i = 0, count = sizeof actions / sizeof *actions;
    while (i < count &&
           (action[0] == '\0' ? i > 0 : strncmp(actions[i], action, strlen(action)) != 0))
        i++;
    if (i == count) {
        cli_complain("invalid warning action: '%s'", action);
        return false;
    }
    f.show = strcmp(actions[i], "ignore") != 0;
    f.once = strcmp(actions[i], "once") == 0;
    f.error = strcmp(actions[i], "error") == 0;
    f.lineno = atoi(lineno);
    if (filter_count == FILTERS_MAX) {
        cli_complain("more than %d warning filters", FILTERS_MAX - 1);
        return false;
    }
    filters[filter_count++] = f;
    return true;
}

void cli_read_warning_filters(void)
{
    const char *all = os_environment("PYTHONWARNINGS");
    while (all != NULL && *all != '\0') {
        char one[512];
        size_t length = strcspn(all, ",");
        snprintf(one, sizeof one, "%.*s", (int)length, all);
        if (one[0] != '\0')
            cli_add_warning_filter(one);
        all += length + (all[length] == ',');
    }
}

/* Is a warning of a class, or of one below it? */
static bool is_category(const char *category, const char *wanted)
{
    return wanted[0] == '\0' || strcmp(wanted, "Warning") == 0 || strcmp(category, wanted) == 0;
}

/* The file name without .py, which is the module as far as the compiler knows. */
static bool is_module(const char *filename, const char *wanted)
{
    size_t length = strlen(filename);
    if (length >= 3 && strcmp(filename + length - 3, ".py") == 0)
        length -= 3;
    return wanted[0] == '\0' || (strlen(wanted) == length && memcmp(wanted, filename, length) == 0);
}

/* The filter for a warning, or NULL: shown. */
static const struct filter *find_filter(const mkpyc_warning *w, const char *filename)
{
    if (w->filename != NULL)
        filename = w->filename;
    for (int i = filter_count; i-- > 0;) {
        const struct filter *f = &filters[i];
        if (strncasecmp(w->message, f->message, strlen(f->message)) == 0 &&
            is_category(w->category, f->category) && is_module(filename, f->module) &&
            (f->lineno == 0 || f->lineno == w->lineno))
            return f;
    }
    return NULL;
}

bool cli_refuses_warning(void *data, const mkpyc_warning *warning, const char *filename)
{
    (void)data;
    const struct filter *f = find_filter(warning, filename);
    return f != NULL && f->error;
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

/* Was the same warning among those before it? */
static bool is_repeated(const mkpyc_warning *warnings, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(warnings[i].category, warnings[index].category) == 0 &&
            strcmp(warnings[i].message, warnings[index].message) == 0)
            return true;
    }
    return false;
}

void cli_print_warnings(mkpyc_context *context, const char *filename)
{
    size_t count;
    const mkpyc_warning *warnings = mkpyc_warnings(context, &count);
    for (size_t i = 0; i < count; i++) {
        const struct filter *f = find_filter(&warnings[i], filename);
        if (f != NULL && (!f->show || (f->once && is_repeated(warnings, i))))
            continue;
        const char *name = warnings[i].filename != NULL ? warnings[i].filename : filename;
        fprintf(stderr, "%s:%d: %s: %s\n", name, warnings[i].lineno, warnings[i].category,
                warnings[i].message);
        char *line = source_line(name, warnings[i].lineno);
        if (line != NULL && line[0] != '\0')
            fprintf(stderr, "  %s\n", line);
        free(line);
    }
}
