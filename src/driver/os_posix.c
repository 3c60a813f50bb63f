/* See util/os.h: POSIX systems. */
#include "util/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Read from `fd` until the end, into a block that grows. */
static int read_all(int fd, size_t padding, char **bytes, size_t *length, size_t expected)
{
    size_t capacity = expected + 1, used = 0;
    char *block = capacity <= SIZE_MAX / 2 - padding ? malloc(capacity + padding) : NULL;
    while (block != NULL) {
        ssize_t n = read(fd, block + used, capacity - used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (n == 0) {
                *bytes = block;
                *length = used;
                return 0;
            }
            int error = errno;
            free(block);
            return error;
        }
        used += (size_t)n;
        if (used == capacity) {
            char *bigger =
                capacity <= SIZE_MAX / 4 - padding ? realloc(block, capacity * 2 + padding) : NULL;
            if (bigger == NULL)
                break;
            block = bigger;
            capacity *= 2;
        }
    }
    free(block);
    return ENOMEM;
}

int os_read_file(const char *path, size_t padding, char **bytes, size_t *length)
{
    int fd;
    do {
        fd = open(path, O_RDONLY | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return errno;
    struct stat st;
    int error = fstat(fd, &st) != 0 ? errno : 0;
    if (error == 0 && S_ISDIR(st.st_mode))
        error = EISDIR;
    if (error == 0)
        error = read_all(fd, padding, bytes, length,
                         S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : 8192);
    close(fd);
    return error;
}

int os_stat(const char *path, struct os_file_info *info)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return errno;
    *info = (struct os_file_info){.mtime = st.st_mtime,
                                  .size = st.st_size,
                                  .mode = st.st_mode & 07777,
                                  .regular = S_ISREG(st.st_mode)};
    return 0;
}

enum os_kind os_kind_of(const char *path)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return OS_ABSENT;
    if (S_ISLNK(st.st_mode))
        return OS_SYMLINK;
    return S_ISREG(st.st_mode) ? OS_REGULAR : OS_OTHER;
}

/* Is there anything at the path, links followed? */
static bool exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

int os_make_directories(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length == 0 || exists(path))
        return 0;
    char *copy = strndup(path, length);
    if (copy == NULL)
        return ENOMEM;
    char *slash = strrchr(copy, '/');
    int error = 0;
    if (slash != NULL && slash != copy) {
        *slash = '\0';
        error = os_make_directories(copy);
        *slash = '/';
    }
    if (error == 0 && mkdir(copy, 0777) != 0 && errno != EEXIST)
        error = errno;
    free(copy);
    return error;
}

int os_create(const char *path, unsigned mode, int *file)
{
    int fd;
    do {
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return errno;
    *file = fd;
    return 0;
}

int os_write(int file, const void *bytes, size_t length)
{
    const char *p = bytes;
    while (length > 0) {
        ssize_t n = write(file, p, length < 1u << 30 ? length : 1u << 30);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        p += n;
        length -= (size_t)n;
    }
    return 0;
}

int os_close(int file)
{
    return close(file) != 0 && errno != EINTR ? errno : 0;
}

int os_replace(const char *from, const char *to)
{
    return rename(from, to) != 0 ? errno : 0;
}

int os_remove(const char *path)
{
    return unlink(path) != 0 ? errno : 0;
}

char *os_working_directory(void)
{
    return getcwd(NULL, 0);
}

const char *os_environment(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* Either form of strerror_r. */
static const char *pick_text(const char *returned, const char *buffer)
{
    return returned != NULL ? returned : buffer;
}

void os_error_text(int error, char *text, size_t size)
{
    char own[256] = "";
    snprintf(text, size, "%s", pick_text(strerror_r(error, own, sizeof own), own));
}

uint64_t os_unique_number(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return ((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec) ^ (uint64_t)getpid() << 32;
}
