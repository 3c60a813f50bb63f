/* `mkpyc dis FILE...`: the code of .pyc files, or of sources, as text. */
#include "cli/cli.h"

#include "driver/context.h"
#include "out/listing.h"
#include "out/pyc.h"
#include "out/unmarshal.h"
#include "syntax/decode.h"

#include <stdlib.h>
#include <string.h>

/* The newest release that writes a magic number, or NULL. */
static const mkpyc_target *target_of_magic(unsigned magic)
{
    for (size_t i = mkpyc_target_count(); i-- > 0;) {
        if (mkpyc_target_magic(mkpyc_target_at(i)) == magic)
            return mkpyc_target_at(i);
    }
    return NULL;
}

/* What the header says. */
static void print_header(const uint8_t *p, const mkpyc_target *target)
{
    uint32_t words[3];
    for (int i = 0; i < 3; i++)
        words[i] = p[4 + 4 * i] | (uint32_t)p[5 + 4 * i] << 8 | (uint32_t)p[6 + 4 * i] << 16 |
                   (uint32_t)p[7 + 4 * i] << 24;
    printf("# Python %s, ", mkpyc_target_name(target));
    if (words[0] == 0)
        printf("source of %u bytes, modified %u\n", words[2], words[1]);
    else
        printf("%s hash %08x%08x\n", words[0] & 2 ? "checked" : "unchecked", words[2], words[1]);
}

/* List the code of marshal data, or of a source when `is_source`. */
static int list(mkpyc_context *x, const mkpyc_options *options, const char *name,
                const struct source *source, bool is_source)
{
    struct compilation *c = &x->compilation;
    struct buffer out;
    context_begin(x, options, is_source ? name : NULL, false);
    buffer_init(&out, &c->unwind);
    int reason = setjmp(c->unwind.target);
    if (reason == UNWIND_NONE) {
        struct code *code;
        if (is_source) {
            code = compile_source(c, source, NULL);
        } else {
            strings_init(&c->strings, c->arena);
            constants_init(&c->constants, c->arena, &c->strings, 0);
            code = unmarshal_code(c, (const uint8_t *)source->bytes, source->length);
        }
        buffer_printf(&out, "# %s\n", c->filename);
        list_code(c, code, &out);
        fwrite(out.bytes, 1, out.length, stdout);
    }
    buffer_free(&out);
    if (c->filename == NULL)
        c->filename = name;
    mkpyc_status status = context_end(x, reason);
    if (status != MKPYC_OK)
        cli_complain("%s: %s", name,
                     status == MKPYC_NO_MEMORY ? "out of memory" : mkpyc_message(x));
    return status == MKPYC_OK ? EXIT_FINE : EXIT_FAILED;
}

/* One file. */
static int list_file(mkpyc_context *x, mkpyc_options *options, const char *name)
{
    struct source file = {.padded = true};
    if (!cli_read(name, &file.bytes, &file.length))
        return EXIT_FAILED;
    const uint8_t *head = (const uint8_t *)file.bytes;
    bool is_pyc = file.length >= PYC_HEADER_SIZE && head[2] == '\r' && head[3] == '\n';
    const mkpyc_target *target = is_pyc ? target_of_magic(head[0] | (unsigned)head[1] << 8) : NULL;
    int status;
    if (is_pyc && target == NULL) {
        cli_complain("%s: of a release that is not known", name);
        status = EXIT_FAILED;
    } else if (is_pyc) {
        mkpyc_options of_file = *options;
        of_file.target = target;
        print_header(head, target);
        struct source code = {.bytes = file.bytes + PYC_HEADER_SIZE,
                              .length = file.length - PYC_HEADER_SIZE};
        status = list(x, &of_file, name, &code, false);
    } else {
        status = list(x, options, name, &file, true);
    }
    free(file.bytes);
    return status;
}

int cli_dis(const struct command_line *a, int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: mkpyc [--python X.Y[.Z]] [-O | -OO] dis FILE.pyc|FILE.py...\n", stderr);
        return EXIT_USAGE;
    }
    mkpyc_context *x = cli_context();
    int status = EXIT_FINE;
    for (int i = 1; i < argc; i++) {
        mkpyc_options options = a->options;
        if (options.target == NULL)
            options.target = cli_choose_target(argv[i], NULL);
        int one = options.target != NULL ? list_file(x, &options, argv[i]) : EXIT_FAILED;
        status = one != EXIT_FINE ? one : status;
    }
    mkpyc_context_free(x);
    return status;
}
