/* Unicode: the shape of the answers, on cases that matter to sources. tools/check-unicode compares
 * the whole of the tables with interpreters. */
#include "syntax/unicode.h"
#include "util/arena.h"
#include "util/utf8.h"
#include "check.h"

/* Whether NFKC of text is expected. */
static bool normalizes(struct arena *arena, const char *text, const char *expected)
{
    size_t size;
    const char *result = unicode_nfkc(arena, text, strlen(text), UNICODE_15_1, &size);
    return size == strlen(expected) && memcmp(result, expected, size) == 0;
}

static void check_properties(void)
{
    CHECK(unicode_is_xid_start('_', UNICODE_15_1) && !unicode_is_xid_start('1', UNICODE_15_1));
    CHECK(unicode_is_xid_continue('9', UNICODE_15_1) &&
          !unicode_is_xid_continue('-', UNICODE_15_1));
    CHECK(unicode_is_xid_start(0xE9, UNICODE_6_3) && !unicode_is_xid_start(0xD7, UNICODE_17_0));
    CHECK(unicode_is_xid_start(0x16EA0, UNICODE_17_0) &&
          !unicode_is_xid_start(0x16EA0, UNICODE_16_0));
    CHECK(!unicode_is_printable(0xA0, UNICODE_15_1) && unicode_is_printable(0x20AC, UNICODE_15_1));
    CHECK(!unicode_is_printable(0xFFFFFFFF, UNICODE_15_1));
    CHECK(unicode_identifier_span("h\xC3\xA9!", 4, UNICODE_15_1) == 3);
    CHECK(unicode_identifier_span("1a", 2, UNICODE_15_1) == 0);
    CHECK(unicode_is_space(0x3000) && !unicode_is_space(0x180E) && !unicode_is_space('_'));
}

static void check_nfkc(struct arena *arena)
{
    CHECK(normalizes(arena, "\xEF\xAC\x81", "fi"));
    CHECK(normalizes(arena, "e\xCC\x81", "\xC3\xA9"));
    CHECK(normalizes(arena, "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8", "\xEA\xB0\x81"));
    CHECK(normalizes(arena, "\xF0\x9D\x94\x98nicode", "Unicode"));
    CHECK(normalizes(arena, "a\xCC\x95\xCC\x80", "\xC3\xA0\xCC\x95"));
}

static void check_names(void)
{
    struct unicode_name_rules strict = {UNICODE_15_1, false};
    struct unicode_name_rules loose = {UNICODE_15_1, true};
    CHECK(unicode_lookup_name("latin Small letter A", 20, &strict) == 'a');
    CHECK(unicode_lookup_name("BEL", 3, &strict) == 7);
    CHECK(unicode_lookup_name("KEYCAP DIGIT ONE", 16, &strict) == UNICODE_NONE);
    CHECK(unicode_lookup_name("hangul syllable ga", 18, &strict) == UNICODE_NONE);
    CHECK(unicode_lookup_name("hangul syllable ga", 18, &loose) == 0xAC00);
    CHECK(unicode_lookup_name("CJK UNIFIED IDEOGRAPH-4E00", 26, &strict) == 0x4E00);
    CHECK(unicode_lookup_name("", 0, &strict) == UNICODE_NONE);
}

static void check_utf8(struct arena *arena)
{
    size_t size;
    CHECK(utf8_is_valid("\xF4\x8F\xBF\xBF", 4) && !utf8_is_valid("\xED\xA0\x80", 3));
    CHECK(strcmp(utf8_fault_message(arena, "ab\xFF", 3),
                 "'utf-8' codec can't decode byte 0xff in position 2: invalid start byte") == 0);
    CHECK(strcmp(utf8_fault_message(arena, "\xE2\x82", 2),
                 "'utf-8' codec can't decode bytes in position 0-1: unexpected end of data") == 0);
    CHECK(strcmp(utf8_fault_message(arena, "\xC3(", 2),
                 "'utf-8' codec can't decode byte 0xc3 in position 0: invalid continuation byte") ==
          0);
    CHECK(strcmp(utf8_replace_faults(arena, "a\xE2\x82z\xFF", 5, &size),
                 "a\xEF\xBF\xBDz\xEF\xBF\xBD") == 0);
    CHECK(utf8_is_valid_string("h\xED\xA0\x80\xED\xBF\xBF\xC3\xA9", 9));
    CHECK(!utf8_is_valid("\xED\xA0\x80", 3) && !utf8_is_valid_string("\xED\xA0", 2));
    CHECK(!utf8_is_valid_string("a\xC3", 2) && !utf8_is_valid_string("\xED\xA0\xC0", 3));
    CHECK(utf8_count("h\xC3\xA9\xF0\x9D\x94\x98", 7) == 3 && utf8_count("\x80\xFF", 2) == 1);
    CHECK(utf8_count_replaced("\xFFh\xE2\x82\xC3\xA9", 6) == 4);
}

int main(void)
{
    struct arena arena;
    struct unwind unwind;
    arena_init(&arena, 0);
    arena.unwind = &unwind;
    if (setjmp(unwind.target))
        return 2;
    check_properties();
    check_nfkc(&arena);
    check_names();
    check_utf8(&arena);
    arena_free(&arena);
    return failures != 0;
}
