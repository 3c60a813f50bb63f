/* All that mkpyc asks of the operating system. Implemented once for each kind of system
 * (os_posix.c).
 *
 * Functions return 0 or an errno value. Paths are bytes, as the system has them.
 */
#ifndef MKPYC_UTIL_OS_H
#define MKPYC_UTIL_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum os_kind { OS_ABSENT, OS_REGULAR, OS_SYMLINK, OS_OTHER };

struct os_file_info {
    int64_t mtime; /* whole seconds, rounded down */
    int64_t size;
    unsigned mode; /* permission bits */
    bool regular;
};

/* Read a whole file into memory from malloc, with `padding` bytes behind it that are not counted.
 */
int os_read_file(const char *path, size_t padding, char **bytes, size_t *length);
/* What stat says of a path, links followed. */
int os_stat(const char *path, struct os_file_info *info);
/* Is it a symlink, else (links followed) is there something, and is it a regular file? */
enum os_kind os_kind_of(const char *path);
/* Make a directory and those above it (mode 0777 less the umask). It may be there already. */
int os_make_directories(const char *path);
/* Make a new file for writing, which must not be there yet; *file is its handle. */
int os_create(const char *path, unsigned mode, int *file);
/* Write all bytes. */
int os_write(int file, const void *bytes, size_t length);
/* Close a file. */
int os_close(int file);
/* Give a file its final name, replacing what is there. */
int os_replace(const char *from, const char *to);
/* Remove a file. */
int os_remove(const char *path);
/* The working directory in memory from malloc, or NULL. */
char *os_working_directory(void);
/* A variable of the environment, or NULL when it is not set or empty. */
const char *os_environment(const char *name);
/* strerror, without shared state: fills `text`. */
void os_error_text(int error, char *text, size_t size);
/* A number that differs between processes and calls, for temporary names. */
uint64_t os_unique_number(void);

#endif
