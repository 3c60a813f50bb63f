/* See pyc.h. Answers to cache_from_source, _code_to_timestamp_pyc and _code_to_hash_pyc of
 * Lib/importlib/_bootstrap_external.py and to _imp.source_hash. */
#include "out/pyc.h"

#include "out/out.h"
#include "util/siphash.h"

uint64_t pyc_source_hash(const struct target *t, const void *bytes, size_t length)
{
    uint64_t key = t->magic | (uint64_t)'\r' << 16 | (uint64_t)'\n' << 24;
    return siphash(t->out->hash_compression_rounds, t->out->hash_finalization_rounds, key, 0, bytes,
                   length);
}

/* `count` bytes of a number, least significant first. */
static void put_number(uint8_t *p, uint64_t value, int count)
{
    for (int i = 0; i < count; i++)
        p[i] = (uint8_t)(value >> 8 * i);
}

void pyc_write_header(const struct target *t, const struct pyc_source *source, uint8_t *header)
{
    put_number(header, t->magic, 2);
    header[2] = '\r';
    header[3] = '\n';
    put_number(header + 4,
               source->kind == PYC_TIMESTAMP      ? 0
               : source->kind == PYC_CHECKED_HASH ? 3
                                                  : 1,
               4);
    if (source->kind == PYC_TIMESTAMP) {
        put_number(header + 8, (uint64_t)source->mtime, 4);
        put_number(header + 12, (uint64_t)source->size, 4);
    } else {
        put_number(header + 8, source->hash, 8);
    }
}

/* Append a part of a path, without its trailing slashes, and a slash. Empty parts add nothing. */
static void put_part(struct buffer *out, const char *part, size_t length)
{
    if (length == 0)
        return;
    while (length > 0 && part[length - 1] == '/')
        length--;
    buffer_bytes(out, part, length);
    buffer_byte(out, '/');
}

/* Append the folder below the prefix: the absolute folder of the source without its leading
 * slashes. */
static void put_prefixed_folder(struct buffer *out, const char *prefix, const char *cwd,
                                const char *head, size_t length)
{
    put_part(out, prefix, strlen(prefix));
    if (length == 0 || head[0] != '/') {
        while (*cwd == '/')
            cwd++;
        put_part(out, cwd, strlen(cwd));
    }
    while (length > 0 && head[0] == '/') {
        head++;
        length--;
    }
    put_part(out, head, length);
}

void pyc_cache_path(const struct target *t, const char *file, int optimize, const char *prefix,
                    const char *cwd, struct buffer *out)
{
    const char *slash = strrchr(file, '/');
    const char *tail = slash != NULL ? slash + 1 : file;
    size_t head_length = slash != NULL ? (size_t)(slash - file) : 0;
    if (prefix != NULL && prefix[0] != '\0') {
        put_prefixed_folder(out, prefix, cwd, file, head_length);
    } else {
        put_part(out, file, head_length);
        buffer_text(out, "__pycache__/");
    }
    const char *dot = strrchr(tail, '.');
    if (dot == NULL)
        buffer_text(out, tail);
    else if (dot == tail)
        buffer_printf(out, "%s.", tail + 1);
    else
        buffer_bytes(out, tail, (size_t)(dot + 1 - tail));
    buffer_text(out, t->cache_tag);
    if (optimize > 0)
        buffer_printf(out, ".opt-%d", optimize);
    buffer_bytes(out, ".pyc", 5);
}
