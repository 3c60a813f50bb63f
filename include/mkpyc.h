/* mkpyc: Python source to CPython .pyc files, without Python.
 *
 * What comes out is, byte for byte, what the chosen release of CPython writes with py_compile in a
 * fresh process. A release is a *target* ("3.13.0"); all targets are in the library.
 *
 * Threads: there is no global state. A context belongs to one thread at a time; different contexts
 * may work at the same time. Targets are constant and may be shared. Nothing here prints, exits,
 * aborts or installs signal handlers.
 *
 * Memory: whatever a function of a context hands out (bytes, texts, diagnostics) belongs to the
 * context and stays good until the next call that compiles with it, or until it is freed. Strings
 * are UTF-8 and NUL-terminated unless a length is given; lone surrogates, which Python strings can
 * hold, are encoded in three bytes.
 */
#ifndef MKPYC_H
#define MKPYC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MKPYC_API __attribute__((visibility("default")))
#else
#define MKPYC_API
#endif

#define MKPYC_VERSION_MAJOR 0
#define MKPYC_VERSION_MINOR 1
#define MKPYC_VERSION_PATCH 0

/* The version of the library that is running, "0.1.0". */
MKPYC_API const char *mkpyc_version(void);

/* ---- Targets ---- */

/* One release of CPython. */
typedef struct target mkpyc_target;

/* The number of targets. */
MKPYC_API size_t mkpyc_target_count(void);
/* The target with an index below mkpyc_target_count(), oldest release first; NULL beyond. */
MKPYC_API const mkpyc_target *mkpyc_target_at(size_t index);
/* A target by name: "3.13" (its newest patch release known), "3.13.0" (that one), "cpython-313";
 * NULL if there is none. */
MKPYC_API const mkpyc_target *mkpyc_target_find(const char *name);
/* The newest final release known. */
MKPYC_API const mkpyc_target *mkpyc_target_default(void);
/* "3.13". */
MKPYC_API const char *mkpyc_target_name(const mkpyc_target *target);
/* The patch release whose output is reproduced: "3.13.0". */
MKPYC_API const char *mkpyc_target_release(const mkpyc_target *target);
/* What file names in __pycache__ carry: "cpython-313" (sys.implementation.cache_tag). */
MKPYC_API const char *mkpyc_target_cache_tag(const mkpyc_target *target);
/* The first two bytes of its .pyc files as a number, least significant byte first: 3571
 * (importlib.util.MAGIC_NUMBER). */
MKPYC_API unsigned mkpyc_target_magic(const mkpyc_target *target);

/* ---- Options ---- */

/* How a reader of the .pyc file finds out whether it is up to date (PEP 552,
 * py_compile.PycInvalidationMode). */
typedef enum mkpyc_invalidation {
    /* checked hash if the environment has a non-empty SOURCE_DATE_EPOCH, else timestamp */
    MKPYC_INVALIDATION_DEFAULT = 0,
    MKPYC_INVALIDATION_TIMESTAMP = 1, /* modification time and size of the source */
    MKPYC_INVALIDATION_CHECKED_HASH = 2,
    MKPYC_INVALIDATION_UNCHECKED_HASH = 3
} mkpyc_invalidation;

/* How to compile. Start from mkpyc_options_init, so that fields of later versions have their
 * defaults. */
typedef struct mkpyc_options {
    size_t size;                /* sizeof(mkpyc_options), set by mkpyc_options_init */
    const mkpyc_target *target; /* NULL: mkpyc_target_default() */
    int optimize;               /* 0, 1 (-O: no asserts), 2 (-OO: no docstrings either) */
    mkpyc_invalidation invalidation;
    const char *dfile; /* the name in co_filename and in messages; NULL: the name of the file */
    /* mkpyc_compile only: the source's modification time in seconds, for the header */
    int64_t mtime;
    bool canonical; /* an object carries the reference flag exactly when it is written more than
                       once; false: as CPython flags it (to 3.10, where that is not one definite
                       form, canonical) */
} mkpyc_options;

/* Fill in the defaults: newest final target, optimize 0, default invalidation, no dfile, mtime 0,
 * not canonical. */
MKPYC_API void mkpyc_options_init(mkpyc_options *options, size_t size);

/* ---- Results ---- */

typedef enum mkpyc_status {
    MKPYC_OK = 0,
    /* the source is rejected: see mkpyc_error (py_compile raises PyCompileError) */
    MKPYC_COMPILE_ERROR = 1,
    /* a file cannot be read or written: see mkpyc_os_error (Python raises OSError) */
    MKPYC_OS_ERROR = 2,
    /* the output is a symlink or not a regular file: see mkpyc_message (FileExistsError) */
    MKPYC_FILE_EXISTS = 3,
    MKPYC_NO_MEMORY = 4,   /* out of memory */
    MKPYC_BAD_ARGUMENT = 5 /* an option or argument makes no sense: see mkpyc_message */
} mkpyc_status;

/* What a number of a diagnostic is when the attribute is None. */
#define MKPYC_NONE INT32_MIN

/* Why a source was rejected, in the terms of the exception that compile() raises. */
typedef struct mkpyc_diagnostic {
    const char *type;     /* "SyntaxError", "IndentationError", "ValueError", ... */
    const char *message;  /* SyntaxError.msg; for other exceptions their str() */
    const char *filename; /* NULL: None, as for an exception that has no place */
    int lineno;           /* from 1; or MKPYC_NONE */
    int offset;           /* from 1, in characters; 0 and -1 occur, too */
    int end_lineno;       /* as lineno; MKPYC_NONE always to 3.9 */
    int end_offset;       /* as offset */
    const char *text;     /* the line, mostly with its newline; NULL: None */
    size_t text_length;   /* in bytes */
} mkpyc_diagnostic;

/* A warning that CPython issues while compiling. Whether it is shown is up to the caller. */
typedef struct mkpyc_warning {
    const char *category; /* "SyntaxWarning", "DeprecationWarning" */
    const char *message;
    int lineno;
    const char *filename; /* NULL: that of the module; "<input>" or "<string>" if it is about a
                             piece of the source that was read once more to explain a SyntaxError */
} mkpyc_warning;

/* An operation on a file that failed. */
typedef struct mkpyc_os_failure {
    int error;        /* errno */
    const char *path; /* NULL: none */
} mkpyc_os_failure;

/* ---- Contexts ---- */

/* A worker: memory that is used again from one compilation to the next, and the last results. */
typedef struct mkpyc_context mkpyc_context;

/* A new context, or NULL when out of memory. */
MKPYC_API mkpyc_context *mkpyc_context_new(void);
/* Free it and all that it handed out; NULL is allowed. */
MKPYC_API void mkpyc_context_free(mkpyc_context *context);
/* No compilation may take more than so many bytes (a MemoryError if it wants to); 0, the default:
 * no limit. */
MKPYC_API void mkpyc_context_limit_memory(mkpyc_context *context, size_t bytes);
/* Before a temporary file is made `notify` is called with its name, and with NULL once it is gone
 * or has its final name: for programs that want to remove it when they are killed by a signal. */
MKPYC_API void mkpyc_context_on_temporary(mkpyc_context *context,
                                          void (*notify)(void *data, const char *name), void *data);

/* Warnings for which `refuse` returns true become SyntaxErrors, as under Python's filter action
 * "error". NULL: none do. */
MKPYC_API void mkpyc_context_refuse_warnings(
    mkpyc_context *context,
    bool (*refuse)(void *data, const mkpyc_warning *warning, const char *filename), void *data);

/* ---- Compiling ---- */

/* Compile `length` bytes of source, as they stand in a file, to the bytes of a .pyc file. No file
 * is touched, but lines for messages are looked up in the file named by options->dfile, as CPython
 * does. dfile NULL: "<string>". With MKPYC_OK, *pyc and *pyc_length are the result. */
MKPYC_API mkpyc_status mkpyc_compile(mkpyc_context *context, const void *source, size_t length,
                                     const mkpyc_options *options, const void **pyc,
                                     size_t *pyc_length);

/* py_compile.compile(file, cfile, dfile, doraise=True, optimize, invalidation_mode): compile a file
 * into a file, in the order of work of CPython. cfile NULL: the path of mkpyc_cache_path. The
 * directory is made if need be; the file is written under a temporary name, without following
 * links, and renamed; its mode is that of the source, writable for its owner, less the umask. On
 * failure nothing is left behind. With MKPYC_OK and `written` not NULL, *written is the path
 * written. */
MKPYC_API mkpyc_status mkpyc_compile_file(mkpyc_context *context, const char *file,
                                          const char *cfile, const mkpyc_options *options,
                                          const char **written);

/* A source file in memory, to compile it more than once. It belongs to one thread at a time. */
typedef struct mkpyc_source mkpyc_source;

/* Read a file; what all targets see alike of it is worked out once. NULL when that fails: see
 * mkpyc_os_error (ENOMEM when out of memory), and mkpyc_message for the text. */
MKPYC_API mkpyc_source *mkpyc_source_read(mkpyc_context *context, const char *file);
/* Free it; NULL is allowed. */
MKPYC_API void mkpyc_source_free(mkpyc_source *source);
/* mkpyc_compile_file with a file that was read before: for other targets, other levels, other
 * outputs. The header's time and size are the file's at the time of this call. */
MKPYC_API mkpyc_status mkpyc_compile_source(mkpyc_context *context, mkpyc_source *source,
                                            const char *cfile, const mkpyc_options *options,
                                            const char **written);

/* mkpyc_compile_source at several levels, lowest first, into the files of mkpyc_cache_path: the
 * source is parsed once. Bit N of `levels` stands for level N; options->optimize is not looked at.
 * After each level `done`, if not NULL, is called with its status and the path written (NULL if
 * none was); the functions below tell of that level then. It must not compile with this context.
 * The result is MKPYC_OK or the first failure; a failure does not keep the other levels from being
 * compiled. */
MKPYC_API mkpyc_status mkpyc_compile_levels(
    mkpyc_context *context, mkpyc_source *source, unsigned levels, const mkpyc_options *options,
    void (*done)(void *data, int optimize, mkpyc_status status, const char *written), void *data);

/* Where CPython looks for the .pyc file of a source (importlib.util.cache_from_source, PEP 3147 and
 * 488): in __pycache__, or below `prefix` (sys.pycache_prefix) if that is neither NULL nor empty.
 * NULL when out of memory or when the working directory, which a relative path needs with a prefix,
 * cannot be found. */
MKPYC_API const char *mkpyc_cache_path(mkpyc_context *context, const char *file,
                                       const mkpyc_target *target, int optimize,
                                       const char *prefix);

/* ---- What happened ---- */

/* After MKPYC_COMPILE_ERROR, the exception; else NULL. */
MKPYC_API const mkpyc_diagnostic *mkpyc_error(const mkpyc_context *context);
/* After MKPYC_OS_ERROR, what failed; else NULL. */
MKPYC_API const mkpyc_os_failure *mkpyc_os_error(const mkpyc_context *context);
/* After a failure, its text: of a compile error str(PyCompileError), which is the formatted
 * exception with its line and caret, or "Sorry: TYPE: TEXT"; of an OS error "[Errno 2] No such file
 * or directory: 'x.py'". "" after success. */
MKPYC_API const char *mkpyc_message(const mkpyc_context *context);
/* The warnings of the last compilation, in order; *count may be 0. */
MKPYC_API const mkpyc_warning *mkpyc_warnings(const mkpyc_context *context, size_t *count);

#ifdef __cplusplus
}
#endif

#endif
