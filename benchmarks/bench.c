/* Compiles a list of files in memory, round after round, and prints the processor seconds of each
 * round.
 *
 *   bench VERSION FILE-LIST ROUNDS
 *
 * The files are read before the clock starts; a round is one mkpyc_compile for each, with one
 * context. A file that is rejected ends the run: benchmarks/run lists only files that the release
 * accepts.
 */
#include <mkpyc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct source {
    char *path;
    char *bytes;
    size_t length;
};

/* Processor seconds of this process. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Ends the program with a message. */
static _Noreturn void fail(const char *what, const char *of)
{
    fprintf(stderr, "bench: %s: %s\n", what, of);
    exit(1);
}

/* Reads a whole file. */
static void read_source(struct source *source, const char *path)
{
    FILE *file = fopen(path, "rb");
    long length;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (length = ftell(file)) < 0)
        fail("cannot read", path);
    rewind(file);
    source->path = strdup(path);
    source->bytes = malloc((size_t)length + 1);
    source->length = (size_t)length;
    if (source->path == NULL || source->bytes == NULL ||
        fread(source->bytes, 1, source->length, file) != source->length)
        fail("cannot read", path);
    fclose(file);
}

/* Reads the files that a list names, one a line. */
static struct source *read_list(const char *list, size_t *count)
{
    struct source *sources = NULL;
    size_t capacity = 0;
    char line[4096];
    FILE *file = fopen(list, "r");

    if (file == NULL)
        fail("cannot read", list);
    *count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (*count == capacity) {
            capacity = capacity * 2 + 64;
            sources = realloc(sources, capacity * sizeof *sources);
            if (sources == NULL)
                fail("out of memory", list);
        }
        read_source(&sources[(*count)++], line);
    }
    fclose(file);
    return sources;
}

/* Compiles every source once; the bytes that came out. */
static size_t compile_all(mkpyc_context *context, const mkpyc_target *target,
                          const struct source *sources, size_t count)
{
    mkpyc_options options;
    size_t total = 0;

    mkpyc_options_init(&options, sizeof options);
    options.target = target;
    options.invalidation = MKPYC_INVALIDATION_TIMESTAMP;
    for (size_t i = 0; i < count; i++) {
        const void *pyc;
        size_t length;
        options.dfile = sources[i].path;
        if (mkpyc_compile(context, sources[i].bytes, sources[i].length, &options, &pyc, &length) !=
            MKPYC_OK)
            fail(sources[i].path, mkpyc_message(context));
        total += length;
    }
    return total;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        fail("usage", "bench VERSION FILE-LIST ROUNDS");
    const mkpyc_target *target = mkpyc_target_find(argv[1]);
    mkpyc_context *context = mkpyc_context_new();
    if (target == NULL || context == NULL)
        fail("no such target", argv[1]);
    size_t count, total = 0;
    struct source *sources = read_list(argv[2], &count);
    for (int round = atoi(argv[3]); round > 0; round--) {
        double start = now();
        size_t bytes = compile_all(context, target, sources, count);
        printf("%.6f\n", now() - start);
        if (total != 0 && bytes != total)
            fail("rounds differ", argv[2]);
        total = bytes;
    }
    for (size_t i = 0; i < count; i++) {
        free(sources[i].path);
        free(sources[i].bytes);
    }
    free(sources);
    mkpyc_context_free(context);
    return 0;
}
