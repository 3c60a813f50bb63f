/* Which release a file is for, when the command line does not say: MKPYC_PYTHON, then what the
 * file's path tells, then the newest final release. */
#include "cli/cli.h"

#include "util/os.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The target of a version at the start of `text` ("3.12", "3.12.1", "3.12.1.final.0"): the patch
 * release if it is known, else the series. NULL if there is none. */
static const mkpyc_target *target_of_version(const char *text)
{
    char version[32];
    size_t length = 0, first_dot = 0;
    int dots = 0;
    while (length + 1 < sizeof version &&
           (isdigit((unsigned char)text[length]) || text[length] == '.')) {
        if (text[length] == '.' && ++dots == 2)
            first_dot = length;
        if (dots == 3)
            break;
        version[length] = text[length];
        length++;
    }
    while (length > 0 && version[length - 1] == '.')
        length--;
    version[length] = '\0';
    const mkpyc_target *t = mkpyc_target_find(version);
    if (t == NULL && first_dot > 0) {
        version[first_dot] = '\0';
        t = mkpyc_target_find(version);
    }
    return t;
}

/* The last component "python3.N" of a path, if its release is known. */
static const mkpyc_target *target_of_path(const char *path)
{
    const mkpyc_target *found = NULL;
    for (const char *p = path; (p = strstr(p, "/python3.")) != NULL; p++) {
        size_t length = strcspn(p + 1, "/");
        const char *digits = p + strlen("/python3.");
        size_t count = strspn(digits, "0123456789");
        if (p[1 + length] == '/' && count > 0 && digits + count == p + 1 + length) {
            const mkpyc_target *t = target_of_version(p + strlen("/python"));
            found = t != NULL ? t : found;
        }
    }
    return found;
}

/* The release that a pyvenv.cfg names. */
static const mkpyc_target *target_of_config(const char *path)
{
    FILE *file = fopen(path, "r");
    const mkpyc_target *t = NULL;
    char *line;
    while (file != NULL && t == NULL && (line = cli_read_line(file)) != NULL) {
        size_t key = strcspn(line, " \t=");
        const char *value = strchr(line, '=');
        bool is_version = (key == 7 && memcmp(line, "version", 7) == 0) ||
                          (key == 12 && memcmp(line, "version_info", 12) == 0);
        if (is_version && value != NULL)
            t = target_of_version(value + 1 + strspn(value + 1, " \t"));
        free(line);
    }
    if (file != NULL)
        fclose(file);
    return t;
}

/* The release of the virtual environment that a file is in. */
static const mkpyc_target *target_of_environment(const char *path)
{
    char *folder = malloc(strlen(path) + sizeof "/pyvenv.cfg");
    const mkpyc_target *t = NULL;
    if (folder == NULL)
        return NULL;
    strcpy(folder, path);
    char *slash;
    while (t == NULL && (slash = strrchr(folder, '/')) != NULL) {
        strcpy(slash, "/pyvenv.cfg");
        t = target_of_config(folder);
        *slash = '\0';
    }
    free(folder);
    return t;
}

const mkpyc_target *cli_choose_target(const char *file, const char **why)
{
    const char *reason, *wanted = os_environment("MKPYC_PYTHON");
    const mkpyc_target *t = NULL;
    if (wanted != NULL) {
        t = mkpyc_target_find(wanted);
        reason = "MKPYC_PYTHON says so";
        if (t == NULL) {
            cli_complain("MKPYC_PYTHON: no such target: %s", wanted);
            return NULL;
        }
    }
    char *path = t == NULL ? realpath(file, NULL) : NULL;
    if (path != NULL) {
        t = target_of_path(path);
        reason = "its path names that release";
        if (t == NULL) {
            t = target_of_environment(path);
            reason = "the pyvenv.cfg above it names that release";
        }
        free(path);
    }
    if (t == NULL) {
        t = mkpyc_target_default();
        reason = "it is the newest final release known";
    }
    if (why != NULL)
        *why = reason;
    return t;
}
