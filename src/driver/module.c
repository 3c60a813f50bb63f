/* Compiling one module, in memory and from file to file; see mkpyc.h.
 *
 * Answers to py_compile.compile, importlib's SourceLoader.source_to_code and _write_atomic.
 */
#include "driver/context.h"

#include "out/marshal.h"
#include "out/out.h"
#include "out/pyc.h"
#include "syntax/decode.h"
#include "util/os.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* Where the header's place is while the code behind it is made. */
static void reserve_header(struct buffer *pyc)
{
    memset(buffer_reserve(pyc, PYC_HEADER_SIZE), 0, PYC_HEADER_SIZE);
    pyc->length = PYC_HEADER_SIZE;
}

/* Run the pipeline and marshal into x->pyc, behind room for the header. */
static mkpyc_status compile_and_marshal(mkpyc_context *x, const struct source *source,
                                        bool canonical)
{
    struct compilation *c = &x->compilation;
    int reason = setjmp(c->unwind.target);
    if (reason != UNWIND_NONE)
        return context_end(x, reason);
    struct code *code = compile_source(c, source, &x->keep);
    reserve_header(&x->pyc);
    marshal_code(c, code, canonical, &x->pyc);
    return context_end(x, UNWIND_NONE);
}

/* The options that make sense, or a refusal. */
static mkpyc_status check_options(mkpyc_context *x, const mkpyc_options *options)
{
    if (options->optimize < 0 || options->optimize > 2)
        return context_refuse(x, MKPYC_BAD_ARGUMENT, "optimize", " must be 0, 1 or 2");
    if ((unsigned)options->invalidation > MKPYC_INVALIDATION_UNCHECKED_HASH)
        return context_refuse(x, MKPYC_BAD_ARGUMENT, "unknown invalidation mode", "");
    return MKPYC_OK;
}

/* The kind of header. */
static enum pyc_kind header_kind(mkpyc_invalidation invalidation)
{
    switch (invalidation) {
    case MKPYC_INVALIDATION_TIMESTAMP: return PYC_TIMESTAMP;
    case MKPYC_INVALIDATION_CHECKED_HASH: return PYC_CHECKED_HASH;
    case MKPYC_INVALIDATION_UNCHECKED_HASH: return PYC_UNCHECKED_HASH;
    case MKPYC_INVALIDATION_DEFAULT: break;
    }
    return os_environment("SOURCE_DATE_EPOCH") != NULL ? PYC_CHECKED_HASH : PYC_TIMESTAMP;
}

/* Is there a file of the name that messages give? */
static bool finds_file(const struct compilation *c)
{
    struct os_file_info info;
    return os_stat(c->filename, &info) == 0 && info.regular;
}

mkpyc_status mkpyc_compile(mkpyc_context *context, const void *source, size_t length,
                           const mkpyc_options *options, const void **pyc, size_t *pyc_length)
{
    const char *name = options->dfile != NULL ? options->dfile : "<string>";
    context_begin(context, options, name, false);
    mkpyc_status status = check_options(context, options);
    if (status != MKPYC_OK)
        return status;
    struct source bytes = {.bytes = (char *)(uintptr_t)source, .length = length, .padded = false};
    context->compilation.has_program_text = finds_file;
    status = compile_and_marshal(context, &bytes, options->canonical);
    if (status != MKPYC_OK)
        return status;
    const struct target *t = context->compilation.target;
    struct pyc_source about = {.kind = header_kind(options->invalidation),
                               .mtime = options->mtime,
                               .size = (int64_t)length};
    if (about.kind != PYC_TIMESTAMP)
        about.hash = pyc_source_hash(t, source, length);
    pyc_write_header(t, &about, context->pyc.bytes);
    *pyc = context->pyc.bytes;
    *pyc_length = context->pyc.length;
    return MKPYC_OK;
}

const char *mkpyc_cache_path(mkpyc_context *context, const char *file, const mkpyc_target *target,
                             int optimize, const char *prefix)
{
    char *volatile cwd = NULL;
    if (prefix != NULL && prefix[0] != '\0' && (file[0] != '/' || strrchr(file, '/') == file)) {
        cwd = os_working_directory();
        if (cwd == NULL)
            return NULL;
    }
    if (setjmp(context->unwind.target) != 0) {
        free(cwd);
        return NULL;
    }
    context->path.length = 0;
    pyc_cache_path(target != NULL ? target : target_default(), file, optimize, prefix, cwd,
                   &context->path);
    free(cwd);
    return (const char *)context->path.bytes;
}

/* Tell the program about a temporary file. */
static void notify(mkpyc_context *x, const char *name)
{
    if (x->on_temporary != NULL)
        x->on_temporary(x->on_temporary_data, name);
}

/* Write the result under a temporary name beside `cfile` and rename it. */
static mkpyc_status write_atomic(mkpyc_context *x, const char *cfile, unsigned mode)
{
    char *temporary = arena_printf(&x->arena, "%s.%" PRIu64, cfile, os_unique_number());
    int file;
    notify(x, temporary);
    int error = os_create(temporary, mode & 0666, &file);
    if (error != 0) {
        notify(x, NULL);
        return context_os_failure(x, error, temporary);
    }
    error = os_write(file, x->pyc.bytes, x->pyc.length);
    int close_error = os_close(file);
    bool renames = error == 0 && close_error == 0;
    if (error == 0)
        error = close_error;
    if (renames)
        error = os_replace(temporary, cfile);
    if (error != 0)
        os_remove(temporary);
    notify(x, NULL);
    if (error == 0)
        return MKPYC_OK;
    return renames ? context_rename_failure(x, error, temporary, cfile)
                   : context_os_failure(x, error, NULL);
}

/* Make the folder that the output goes to. */
static mkpyc_status make_folder(mkpyc_context *x, const char *cfile)
{
    const char *slash = strrchr(cfile, '/');
    if (slash == NULL || slash == cfile)
        return MKPYC_OK;
    char *folder = arena_copy(&x->arena, cfile, (size_t)(slash - cfile));
    int error = os_make_directories(folder);
    if (error == ENOMEM)
        return MKPYC_NO_MEMORY;
    return error != 0 ? context_os_failure(x, error, folder) : MKPYC_OK;
}

/* The output must not replace a link or a device. */
static mkpyc_status check_output(mkpyc_context *x, const char *cfile)
{
    switch (os_kind_of(cfile)) {
    case OS_SYMLINK:
        return context_refuse(
            x, MKPYC_FILE_EXISTS, cfile,
            " is a symlink and will be changed into a regular file if import writes "
            "a byte-compiled file to it");
    case OS_OTHER:
        return context_refuse(
            x, MKPYC_FILE_EXISTS, cfile,
            " is a non-regular file and will be changed into a regular one if import "
            "writes a byte-compiled file to it");
    case OS_ABSENT:
    case OS_REGULAR: break;
    }
    return MKPYC_OK;
}

/* Everything after the compilation: folder, header, file. */
static mkpyc_status write_result(mkpyc_context *x, const mkpyc_source *source, const char *cfile,
                                 const mkpyc_options *options)
{
    const struct target *t = x->compilation.target;
    struct pyc_source about = {.kind = header_kind(options->invalidation)};
    struct os_file_info info;
    if (setjmp(x->unwind.target) != 0)
        return MKPYC_NO_MEMORY;
    mkpyc_status status = make_folder(x, cfile);
    if (status != MKPYC_OK)
        return status;
    int error = os_stat(source->path, &info);
    if (error != 0)
        return context_os_failure(x, error, source->path);
    about.mtime = info.mtime;
    about.size = info.size;
    if (about.kind != PYC_TIMESTAMP)
        about.hash = pyc_source_hash(t, source->bytes, source->length);
    pyc_write_header(t, &about, x->pyc.bytes);
    return write_atomic(x, cfile, info.mode | 0200);
}

mkpyc_source *mkpyc_source_read(mkpyc_context *context, const char *file)
{
    mkpyc_source *source = calloc(1, sizeof *source);
    int error = ENOMEM;
    context->os_failure = (mkpyc_os_failure){0, NULL};
    if (source != NULL) {
        source->path = malloc(strlen(file) + 1);
        if (source->path != NULL) {
            strcpy(source->path, file);
            error = os_read_file(file, DECODE_PADDING, &source->bytes, &source->length);
        }
    }
    if (error == 0)
        return source;
    mkpyc_source_free(source);
    context_os_failure(context, error, file);
    return NULL;
}

void mkpyc_source_free(mkpyc_source *source)
{
    if (source == NULL)
        return;
    free(source->path);
    free(source->bytes);
    free(source->text.copy);
    free(source);
}

/* Begin a compilation to a file: checks the options, finds the output's path, refuses to replace
 * what is no regular file. */
static mkpyc_status begin_file(mkpyc_context *x, const char *file, const char **cfile,
                               const mkpyc_options *options, bool goes_on)
{
    context_begin(x, options, options->dfile != NULL ? options->dfile : file, goes_on);
    mkpyc_status status = check_options(x, options);
    if (status != MKPYC_OK)
        return status;
    if (*cfile == NULL)
        *cfile = mkpyc_cache_path(x, file, x->compilation.target, options->optimize,
                                  os_environment("PYTHONPYCACHEPREFIX"));
    return *cfile != NULL ? check_output(x, *cfile) : MKPYC_NO_MEMORY;
}

/* The rest of the work, once the source is there. */
static mkpyc_status finish_file(mkpyc_context *x, mkpyc_source *source, const char *cfile,
                                const mkpyc_options *options, const char **written)
{
    struct source bytes = {source->bytes, source->length, true, &source->text};
    x->compilation.has_program_text = options->dfile == NULL ? context_knows_file : finds_file;
    mkpyc_status status = compile_and_marshal(x, &bytes, options->canonical);
    if (status == MKPYC_OK)
        status = write_result(x, source, cfile, options);
    if (status == MKPYC_OK && written != NULL)
        *written = cfile;
    return status;
}

mkpyc_status mkpyc_compile_source(mkpyc_context *context, mkpyc_source *source, const char *cfile,
                                  const mkpyc_options *options, const char **written)
{
    mkpyc_status status = begin_file(context, source->path, &cfile, options, false);
    return status == MKPYC_OK ? finish_file(context, source, cfile, options, written) : status;
}

mkpyc_status mkpyc_compile_levels(
    mkpyc_context *context, mkpyc_source *source, unsigned levels, const mkpyc_options *options,
    void (*done)(void *data, int optimize, mkpyc_status status, const char *written), void *data)
{
    mkpyc_options one = *options;
    mkpyc_status first = MKPYC_OK;
    bool goes_on = false;
    if (levels == 0 || levels > 7) {
        context_begin(context, options, "", false);
        return context_refuse(context, MKPYC_BAD_ARGUMENT, "levels", " must be 1 to 7");
    }
    for (one.optimize = 0; one.optimize <= 2; one.optimize++) {
        if (!(levels & 1u << one.optimize))
            continue;
        const char *cfile = NULL;
        levels &= ~(1u << one.optimize);
        mkpyc_status status = begin_file(context, source->path, &cfile, &one, goes_on);
        keep_want(&context->keep, context->compilation.target, one.optimize, levels);
        if (status == MKPYC_OK)
            status = finish_file(context, source, cfile, &one, &cfile);
        goes_on = true;
        context->keep.wanted = 0;
        if (first == MKPYC_OK)
            first = status;
        if (done != NULL)
            done(data, one.optimize, status, status == MKPYC_OK ? cfile : NULL);
    }
    return first;
}

mkpyc_status mkpyc_compile_file(mkpyc_context *context, const char *file, const char *cfile,
                                const mkpyc_options *options, const char **written)
{
    mkpyc_status status = begin_file(context, file, &cfile, options, false);
    if (status != MKPYC_OK)
        return status;
    mkpyc_source *source = mkpyc_source_read(context, file);
    if (source == NULL)
        return context->os_failure.error == ENOMEM ? MKPYC_NO_MEMORY : MKPYC_OS_ERROR;
    status = finish_file(context, source, cfile, options, written);
    mkpyc_source_free(source);
    return status;
}
