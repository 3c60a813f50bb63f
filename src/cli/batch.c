/* Batch mode: requests on standard input, one JSON object a line, each answered with one line. For
 * programs that compile many files, and for the comparison tools. docs/batch.md describes the
 * objects. */
#include "cli/cli.h"

#include "driver/context.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* JSON text of UTF-8 in which lone surrogates may be encoded; those become JSON escapes of a kind
 * that every reader takes. */
static void print_string(FILE *out, const char *text, size_t length)
{
    fputc('"', out);
    for (size_t i = 0; i < length;) {
        uint32_t c = (unsigned char)text[i++];
        int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
        if (more > 0)
            c &= 0x3Fu >> more;
        while (more-- > 0 && i < length)
            c = c << 6 | ((unsigned char)text[i++] & 0x3F);
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", (int)c);
        else if (c >= 0x20 && c < 0x7F)
            fputc((int)c, out);
        else if (c < 0x10000)
            fprintf(out, "\\u%04x", c);
        else
            fprintf(out, "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10), 0xDC00 + (c & 0x3FF));
    }
    fputc('"', out);
}

/* `"key":"text",` or `"key":null,`. */
static void print_text_field(const char *key, const char *text, size_t length)
{
    printf("\"%s\":", key);
    if (text != NULL)
        print_string(stdout, text, length);
    else
        printf("null");
    putchar(',');
}

/* `"key":number,` or `"key":null,`. */
static void print_number_field(const char *key, int value)
{
    if (value != MKPYC_NONE)
        printf("\"%s\":%d,", key, value);
    else
        printf("\"%s\":null,", key);
}

/* What went wrong. */
static void print_error(const mkpyc_context *x, mkpyc_status status)
{
    const mkpyc_diagnostic *e = mkpyc_error(x);
    const char *message = status == MKPYC_NO_MEMORY ? "out of memory" : mkpyc_message(x);
    if (e == NULL) {
        const char *type = status == MKPYC_OS_ERROR      ? "OSError"
                           : status == MKPYC_FILE_EXISTS ? "FileExistsError"
                           : status == MKPYC_NO_MEMORY   ? "MemoryError"
                                                         : "ValueError";
        print_text_field("type", type, strlen(type));
        print_text_field("msg", message, strlen(message));
    } else {
        print_text_field("type", e->type, strlen(e->type));
        print_text_field("msg", e->message, strlen(e->message));
        print_text_field("filename", e->filename, e->filename != NULL ? strlen(e->filename) : 0);
        print_number_field("lineno", e->lineno);
        print_number_field("offset", e->offset);
        print_number_field("end_lineno", e->end_lineno);
        print_number_field("end_offset", e->end_offset);
        print_text_field("text", e->text, e->text_length);
    }
    print_text_field("message", message, strlen(message));
}

/* One answer. */
static void print_answer(const mkpyc_context *x, mkpyc_status status)
{
    size_t count;
    const mkpyc_warning *warnings = mkpyc_warnings(x, &count);
    printf("{\"ok\":%s,", status == MKPYC_OK ? "true" : "false");
    if (status != MKPYC_OK)
        print_error(x, status);
    printf("\"warnings\":[");
    for (size_t i = 0; i < count; i++) {
        printf("%s{", i > 0 ? "," : "");
        print_text_field("category", warnings[i].category, strlen(warnings[i].category));
        print_text_field("message", warnings[i].message, strlen(warnings[i].message));
        if (warnings[i].filename != NULL)
            print_text_field("filename", warnings[i].filename, strlen(warnings[i].filename));
        printf("\"lineno\":%d}", warnings[i].lineno);
    }
    printf("]}\n");
    fflush(stdout);
}

/* A request that makes no sense. */
static void refuse(const char *why)
{
    printf("{\"ok\":false,\"type\":\"request\",\"msg\":\"%s\",\"warnings\":[]}\n", why);
    fflush(stdout);
}

/* Answer one request. */
static void answer(mkpyc_context *x, const struct command_line *a, const char *line)
{
    json_error_t error;
    json_t *request = json_loads(line, 0, &error);
    const char *src = json_string_value(json_object_get(request, "src"));
    if (src == NULL) {
        refuse("not a JSON object with a src");
        json_decref(request);
        return;
    }
    mkpyc_options options = a->options;
    const json_t *optimize = json_object_get(request, "optimize");
    if (json_is_integer(optimize))
        options.optimize = (int)json_integer_value(optimize);
    const char *dfile = json_string_value(json_object_get(request, "dfile"));
    if (dfile != NULL)
        options.dfile = dfile;
    const char *pyc = json_string_value(json_object_get(request, "pyc"));
    mkpyc_status status = mkpyc_compile_file(x, src, pyc, &options, NULL);
    print_answer(x, status);
    json_decref(request);
}

int cli_batch(const struct command_line *a)
{
    mkpyc_context *x = cli_context();
    char *line;
    while ((line = cli_read_line(stdin)) != NULL) {
        answer(x, a, line);
        free(line);
    }
    mkpyc_context_free(x);
    return EXIT_FINE;
}
