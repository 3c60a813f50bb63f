/* The .pyc file around the marshalled code: header, path, and how it gets onto the disk. */
#ifndef MKPYC_OUT_PYC_H
#define MKPYC_OUT_PYC_H

#include "targets/target.h"
#include "util/buffer.h"

enum { PYC_HEADER_SIZE = 16 };

enum pyc_kind { PYC_TIMESTAMP, PYC_CHECKED_HASH, PYC_UNCHECKED_HASH };

/* What the header says of the source. */
struct pyc_source {
    enum pyc_kind kind;
    int64_t mtime, size; /* PYC_TIMESTAMP; written modulo 2**32 */
    uint64_t hash;       /* the hash kinds: pyc_source_hash */
};

/* The hash of the bytes of a source, as importlib.util.source_hash of the target. */
uint64_t pyc_source_hash(const struct target *t, const void *bytes, size_t length);
/* Fill the PYC_HEADER_SIZE bytes of a header. */
void pyc_write_header(const struct target *t, const struct pyc_source *source, uint8_t *header);

/* Append importlib.util.cache_from_source(file, optimization=...) and a NUL. `prefix` is
 * sys.pycache_prefix or NULL; `cwd` the working directory, needed when there is a prefix and `file`
 * is relative, or (a quirk of CPython) directly in the root folder. */
void pyc_cache_path(const struct target *t, const char *file, int optimize, const char *prefix,
                    const char *cwd, struct buffer *out);

#endif
