/* Source decoding and codecs, on cases that matter. tools/check-decode and tools/check-codecs
 * compare them with interpreters at length. */
#include "syntax/decode.h"
#include "check.h"

#include <stdlib.h>

static const struct decode_rules old_rules = {
    .codecs = CODECS_3_8, .doubles_last_crlf = true, .unplaced_offset = 0};
static const struct decode_rules middle_rules = {
    .codecs = CODECS_3_13, .null_byte_is_syntax_error = true, .unplaced_offset = -1};
static const struct decode_rules new_rules = {.codecs = CODECS_3_15,
                                              .null_byte_is_syntax_error = true,
                                              .refuses_bad_utf8 = true,
                                              .retranslates_newlines = true,
                                              .unplaced_offset = -1};

/* Decodes; true for success. */
static bool decode(struct diagnostics *diagnostics, struct arena *arena,
                   const struct source_bytes *source, const struct decode_rules *rules,
                   struct decoded_source *decoded)
{
    struct unwind unwind;
    arena->unwind = &unwind;
    diagnostics_init(diagnostics, arena, &unwind);
    if (setjmp(unwind.target))
        return false;
    decode_source(diagnostics, source, rules, decoded);
    return true;
}

/* Whether the size bytes decode to expected. */
static bool gives(struct arena *arena, const char *bytes, size_t size,
                  const struct decode_rules *rules, const char *expected)
{
    struct diagnostics diagnostics;
    struct decoded_source decoded;
    char *copy = malloc(size ? size : 1);
    memcpy(copy, bytes, size);
    bool ok =
        decode(&diagnostics, arena, &(struct source_bytes){copy, size, false}, rules, &decoded);
    static const char sentinel[DECODE_SENTINEL];
    bool same = ok && decoded.size == strlen(expected) &&
                memcmp(decoded.text, expected, decoded.size) == 0 &&
                memcmp(decoded.text + decoded.size, sentinel, sizeof sentinel) == 0;
    free(copy);
    return same;
}

/* Whether the text is refused with that message, line and offset. */
static bool fails(struct arena *arena, const char *text, const struct decode_rules *rules,
                  const char *message, int lineno, int offset)
{
    struct diagnostics diagnostics;
    struct decoded_source decoded;
    struct source_bytes source = {(char *)text, strlen(text), false};
    if (decode(&diagnostics, arena, &source, rules, &decoded))
        return false;
    return strcmp(diagnostics.error.message, message) == 0 && diagnostics.error.lineno == lineno &&
           diagnostics.error.offset == offset;
}

#define GIVES(bytes, rules, expected) CHECK(gives(arena, bytes, sizeof bytes - 1, rules, expected))

static void check_plain(struct arena *arena)
{
    GIVES("", &middle_rules, "");
    GIVES("\xEF\xBB\xBF", &middle_rules, "\n");
    GIVES("x", &middle_rules, "x\n");
    GIVES("x\r", &middle_rules, "x\n");
    GIVES("x\r\n", &middle_rules, "x\n");
    GIVES("x\r\n", &old_rules, "x\n\n");
    GIVES("a\r\r\nb\n\rc", &middle_rules, "a\n\nb\n\nc\n");
    GIVES("# \xFF\n", &middle_rules, "# \xFF\n");
    GIVES("\xEF\xBB\xBF# coding: UTF_8-x\nx", &new_rules, "# coding: UTF_8-x\nx\n");
}

static void check_codecs(struct arena *arena)
{
    GIVES("# coding: latin-1\n\xE9", &middle_rules, "# coding: latin-1\n\xC3\xA9\n");
    GIVES("\n# coding: cp1252\n\x80", &middle_rules, "\n# coding: cp1252\n\xE2\x82\xAC\n");
    GIVES("x\n# coding: nosuch\n", &middle_rules, "x\n# coding: nosuch\n");
    GIVES("# coding: gb18030\n\x81\x30\x81\x30", &middle_rules, "# coding: gb18030\n\xC2\x80\n");
    GIVES("# coding: euc_jis_2004\n\xA4\xF7", &middle_rules,
          "# coding: euc_jis_2004\n\xE3\x81\x8B\xE3\x82\x9A\n");
    GIVES("# coding: utf-7\na+AAA-b", &new_rules, "# coding: utf-7\na\n");
    GIVES("# coding: utf-7\na+AA0-b", &new_rules, "# coding: utf-7\na\nb\n");
    GIVES("# coding: utf-7\na+AA0-b", &middle_rules, "# coding: utf-7\na\rb\n");
}

static void check_errors(struct arena *arena)
{
    CHECK(fails(arena, "# coding: nosuch\n", &old_rules, "unknown encoding: nosuch", 0, 0));
    CHECK(fails(arena, "# coding: nosuch\n", &middle_rules, "unknown encoding: nosuch", 0, -1));
    CHECK(fails(arena, "\xEF\xBB\xBF#coding=ascii", &middle_rules,
                "encoding problem: ascii with BOM", 0, -1));
    CHECK(fails(arena, "\xEF\xBB\xBF#coding=ascii", &new_rules, "encoding problem: ascii with BOM",
                1, 0));
    CHECK(fails(arena, "x\n\xC3\xA9\xFF", &new_rules,
                "Non-UTF-8 code starting with '\\xff' on line 2, but no encoding declared; "
                "see https:"
                "//peps.python.org/pep-0263/ for details",
                2, 2));
    CHECK(fails(arena, "# coding: ascii\n\xFF", &middle_rules,
                "'ascii' codec can't decode byte 0xff in position 16: ordinal not in range(128)", 0,
                -1));
    CHECK(fails(arena, "# coding: hex\n", &middle_rules,
                "'hex' is not a text encoding; use codecs.decode() to handle arbitrary codecs", 0,
                -1));
}

static void check_null(struct arena *arena)
{
    char bytes[] = "x\0y";
    struct diagnostics diagnostics;
    struct decoded_source decoded;
    struct source_bytes source = {bytes, 3, false};
    CHECK(!decode(&diagnostics, arena, &source, &old_rules, &decoded));
    CHECK(diagnostics.error.type == EXCEPTION_VALUE_ERROR);
    CHECK(!decode(&diagnostics, arena, &source, &new_rules, &decoded));
    CHECK(diagnostics.error.type == EXCEPTION_SYNTAX_ERROR && !diagnostics.error.has_location);
}

static void check_in_place(struct arena *arena)
{
    char bytes[8 + DECODE_PADDING] = "h\xC3\xA9=1\n#z";
    memset(bytes + 8, '?', DECODE_PADDING);
    struct diagnostics diagnostics;
    struct decoded_source decoded;
    struct source_bytes source = {bytes, 8, true};
    CHECK(decode(&diagnostics, arena, &source, &new_rules, &decoded));
    CHECK(decoded.text == bytes && decoded.size == 9 && decoded.valid_size == 9 && !decoded.ascii);
    CHECK(decoded.newline_added && strcmp(bytes, "h\xC3\xA9=1\n#z\n") == 0);
}

int main(void)
{
    struct arena arena;
    arena_init(&arena, 0);
    check_plain(&arena);
    check_codecs(&arena);
    check_errors(&arena);
    check_null(&arena);
    check_in_place(&arena);
    arena_free(&arena);
    return failures != 0;
}
