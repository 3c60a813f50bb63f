/* Contexts, options and results of the public API; see mkpyc.h. */
#include "driver/context.h"

#include "driver/keyword_typos.h"
#include "out/message.h"
#include "syntax/syntax_rules.h"
#include "util/os.h"

#include <stdlib.h>

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

const char *mkpyc_version(void)
{
    return TEXT(MKPYC_VERSION_MAJOR) "." TEXT(MKPYC_VERSION_MINOR) "." TEXT(MKPYC_VERSION_PATCH);
}

size_t mkpyc_target_count(void)
{
    return target_count;
}

const mkpyc_target *mkpyc_target_at(size_t index)
{
    return index < target_count ? targets[index] : NULL;
}

const mkpyc_target *mkpyc_target_find(const char *name)
{
    return name != NULL ? target_find(name) : NULL;
}

const mkpyc_target *mkpyc_target_default(void)
{
    return target_default();
}

const char *mkpyc_target_name(const mkpyc_target *target)
{
    return target->name;
}

const char *mkpyc_target_release(const mkpyc_target *target)
{
    return target->reference;
}

const char *mkpyc_target_cache_tag(const mkpyc_target *target)
{
    return target->cache_tag;
}

unsigned mkpyc_target_magic(const mkpyc_target *target)
{
    return target->magic;
}

void mkpyc_options_init(mkpyc_options *options, size_t size)
{
    memset(options, 0, size);
    options->size = size;
}

mkpyc_context *mkpyc_context_new(void)
{
    mkpyc_context *x = calloc(1, sizeof *x);
    if (x == NULL)
        return NULL;
    arena_init(&x->arena, 0);
    x->arena.unwind = &x->unwind;
    buffer_init(&x->pyc, &x->compilation.unwind);
    buffer_init(&x->path, &x->unwind);
    buffer_init(&x->text, &x->unwind);
    return x;
}

void mkpyc_context_free(mkpyc_context *context)
{
    if (context == NULL)
        return;
    arena_free(&context->arena);
    keep_free(&context->keep);
    buffer_free(&context->pyc);
    buffer_free(&context->path);
    buffer_free(&context->text);
    free(context);
}

void mkpyc_context_limit_memory(mkpyc_context *context, size_t bytes)
{
    context->arena.ceiling = bytes;
}

void mkpyc_context_on_temporary(mkpyc_context *context,
                                void (*notify)(void *data, const char *name), void *data)
{
    context->on_temporary = notify;
    context->on_temporary_data = data;
}

void mkpyc_context_refuse_warnings(mkpyc_context *context,
                                   bool (*refuse)(void *data, const mkpyc_warning *warning,
                                                  const char *filename),
                                   void *data)
{
    context->refuse = refuse;
    context->refuse_data = data;
}

/* A warning as the API shows it. */
static mkpyc_warning public_warning(const struct warning *w)
{
    return (mkpyc_warning){w->category == WARNING_SYNTAX ? "SyntaxWarning" : "DeprecationWarning",
                           w->message, w->lineno, w->filename};
}

/* Ask the program whether a warning is to be an error. */
static bool refuses(void *data, const struct warning *w)
{
    mkpyc_context *x = data;
    mkpyc_warning shown = public_warning(w);
    return x->refuse(x->refuse_data, &shown, filename_of(&x->compilation, w->filename));
}

bool context_knows_file(const struct compilation *c)
{
    (void)c;
    return true;
}

void context_begin(mkpyc_context *x, const mkpyc_options *options, const char *filename,
                   bool goes_on)
{
    struct compilation *c = &x->compilation;
    memset(c, 0, sizeof *c);
    c->target = options->target != NULL ? options->target : target_default();
    c->arena = &x->arena;
    c->strings_start = &x->strings_start;
    c->effects = &x->effects;
    c->filename = filename;
    c->optimize = options->optimize;
    c->future_location = NO_LOCATION;
    if (!goes_on)
        keep_clear(&x->keep);
    if (!keep_holds(&x->keep))
        arena_reset(&x->arena);
    x->arena.unwind = &c->unwind;
    x->pyc.length = 0;
    x->text.length = 0;
    x->failed = false;
    x->os_failure = (mkpyc_os_failure){0, NULL};
    x->warnings = NULL;
    x->warning_count = 0;
    diagnostics_init(&c->diagnostics, c->arena, &c->unwind);
    if (x->refuse != NULL) {
        c->diagnostics.refuses = refuses;
        c->diagnostics.refuses_data = x;
    }
}

/* Hand over the warnings of the compilation. */
static void collect_warnings(mkpyc_context *x)
{
    size_t count = 0;
    for (struct warning *w = x->compilation.diagnostics.warnings; w != NULL; w = w->next)
        count++;
    x->warnings = arena_alloc_array(&x->arena, count, sizeof *x->warnings);
    for (struct warning *w = x->compilation.diagnostics.warnings; w != NULL; w = w->next)
        x->warnings[x->warning_count++] = public_warning(w);
}

/* Hand over the exception, and format its message, which may show something else than the place of
 * the error: `shown`. */
static void collect_error(mkpyc_context *x, const struct diagnostic *shown)
{
    struct compilation *c = &x->compilation;
    const struct diagnostic *e = &c->diagnostics.error;
    const char *filename = filename_of(c, e->filename);
    bool has_end = e->has_location && e->end_lineno >= 0 && HAS(c, ERROR_END_POSITIONS);
    x->failed = true;
    x->diagnostic = (mkpyc_diagnostic){
        .type = exception_type_name(e->type),
        .message = e->message,
        .filename = e->has_location ? arena_copy(c->arena, filename, strlen(filename)) : NULL,
        .lineno = e->has_location ? e->lineno : MKPYC_NONE,
        .offset = e->has_location ? e->offset : MKPYC_NONE,
        .end_lineno = has_end ? e->end_lineno : MKPYC_NONE,
        .end_offset = has_end && e->end_offset != DIAGNOSTIC_NONE ? e->end_offset : MKPYC_NONE,
        .text =
            e->has_location && e->has_text ? arena_copy(c->arena, e->text, e->text_length) : NULL,
        .text_length = e->has_text ? e->text_length : 0};
    message_of_error(c, e, shown, &x->text);
    buffer_byte(&x->text, '\0');
}

mkpyc_status context_end(mkpyc_context *x, int reason)
{
    volatile mkpyc_status status =
        reason == UNWIND_NO_MEMORY ? MKPYC_NO_MEMORY : MKPYC_COMPILE_ERROR;
    x->arena.unwind = &x->unwind;
    if (setjmp(x->unwind.target) != 0) {
        x->failed = false;
        return MKPYC_NO_MEMORY;
    }
    if (reason == UNWIND_NONE)
        status = MKPYC_OK;
    const struct diagnostic *shown = NULL;
    if (status == MKPYC_COMPILE_ERROR)
        shown = keyword_typos_find(x);
    collect_warnings(x);
    if (status == MKPYC_COMPILE_ERROR)
        collect_error(x, shown);
    return status;
}

mkpyc_status context_rename_failure(mkpyc_context *x, int error, const char *path, const char *to)
{
    const struct target *target =
        x->compilation.target != NULL ? x->compilation.target : target_default();
    enum unicode_version unicode = target->syntax->unicode.version;
    char why[256];
    os_error_text(error, why, sizeof why);
    x->os_failure = (mkpyc_os_failure){error, NULL};
    x->arena.unwind = &x->unwind;
    if (setjmp(x->unwind.target) != 0)
        return MKPYC_NO_MEMORY;
    if (path != NULL)
        x->os_failure.path = arena_copy(&x->arena, path, strlen(path));
    x->text.length = 0;
    buffer_printf(&x->text, "[Errno %d] %s", error, why);
    if (path != NULL) {
        buffer_text(&x->text, ": ");
        message_put_repr(&x->text, path, unicode);
    }
    if (to != NULL) {
        buffer_text(&x->text, " -> ");
        message_put_repr(&x->text, to, unicode);
    }
    buffer_byte(&x->text, '\0');
    return MKPYC_OS_ERROR;
}

mkpyc_status context_os_failure(mkpyc_context *x, int error, const char *path)
{
    return context_rename_failure(x, error, path, NULL);
}

mkpyc_status context_refuse(mkpyc_context *x, mkpyc_status status, const char *subject,
                            const char *why)
{
    if (setjmp(x->unwind.target) != 0)
        return MKPYC_NO_MEMORY;
    x->text.length = 0;
    buffer_text(&x->text, subject);
    buffer_text(&x->text, why);
    buffer_byte(&x->text, '\0');
    return status;
}

const mkpyc_diagnostic *mkpyc_error(const mkpyc_context *context)
{
    return context->failed ? &context->diagnostic : NULL;
}

const mkpyc_os_failure *mkpyc_os_error(const mkpyc_context *context)
{
    return context->os_failure.error != 0 ? &context->os_failure : NULL;
}

const char *mkpyc_message(const mkpyc_context *context)
{
    return context->text.length > 0 ? (const char *)context->text.bytes : "";
}

const mkpyc_warning *mkpyc_warnings(const mkpyc_context *context, size_t *count)
{
    *count = context->warning_count;
    return context->warnings;
}
