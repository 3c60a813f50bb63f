/* Finding a codec, the simple ones, and the ends of a decoding.
 *
 * Names go the way of codecs.lookup and encodings.search_function: lower case, runs of other
 * characters than letters, digits and dots become one underscore, then the alias's module, then the
 * module of the name itself. An exception of a codec written in Python is wrapped in a sentence
 * to 3.11.
 */
#include "syntax/codec_tables.h"
#include "syntax/unicode.h"
#include "util/ascii.h"
#include "util/utf8.h"

#include <string.h>

/* Longer names are of no codec. */
#define LONGEST_NAME 64

const struct codec_traits codec_traits[CODEC_RELEASE_COUNT] = {
    [CODECS_3_6] = {{UNICODE_9_0, false}, true, false, false, false, true},
    [CODECS_3_7] = {{UNICODE_11_0, false}, true, false, false, false, false},
    [CODECS_3_8] = {{UNICODE_12_1, false}, true, false, false, true, false},
    [CODECS_3_9] = {{UNICODE_13_0, false}, true, false, false, true, false},
    [CODECS_3_10] = {{UNICODE_13_0, false}, true, false, false, true, false},
    [CODECS_3_11] = {{UNICODE_14_0, false}, true, false, false, true, false},
    [CODECS_3_12] = {{UNICODE_15_0, false}, false, false, true, true, false},
    [CODECS_3_13] = {{UNICODE_15_1, false}, false, true, true, true, false},
    [CODECS_3_13_15] = {{UNICODE_15_1, true}, false, true, true, true, false},
    [CODECS_3_14] = {{UNICODE_16_0, true}, false, true, true, true, false},
    [CODECS_3_15] = {{UNICODE_17_0, true}, false, true, true, true, false},
};

void codec_write(struct codec_run_state *state, uint32_t cp)
{
    if (state->out_capacity - state->out_size < 4) {
        size_t capacity = state->out_capacity * 2;
        state->out = arena_grow(state->arena, state->out, state->out_capacity, capacity);
        state->out_capacity = capacity;
    }
    if (cp >= 0xD800 && cp < 0xE000) {
        if (!state->surrogate) {
            state->surrogate = cp;
            state->surrogate_at = state->surrogate_end = state->characters;
        }
        state->surrogate_end += state->surrogate_end == state->characters;
    }
    state->out_size += utf8_write(state->out + state->out_size, cp);
    state->characters++;
}

void codec_fail_message(struct codec_run_state *state, const char *message)
{
    state->failed = true;
    state->message = message;
}

void codec_fail(struct codec_run_state *state, const char *codec, size_t start, size_t end,
                const char *reason)
{
    const char *message;
    if (end == start + 1 && start < state->size)
        message =
            arena_printf(state->arena, "'%s' codec can't decode byte 0x%02x in position %zu: %s",
                         codec, state->bytes[start], start, reason);
    else
        message =
            arena_printf(state->arena, "'%s' codec can't decode bytes in position %zu-%zu: %s",
                         codec, start, end - 1, reason);
    codec_fail_message(state, message);
    state->reason = reason;
    state->reason_start = start;
    state->reason_end = end;
}

void codec_fail_python(struct codec_run_state *state, const char *type, const char *message)
{
    if (state->traits->wraps_errors)
        message = arena_printf(state->arena, "decoding with '%s' codec failed (%s: %s)",
                               state->name, type, message);
    codec_fail_message(state, message);
    state->python = type;
}

/* Decodes ASCII. */
static void decode_ascii(struct codec_run_state *state)
{
    for (size_t at = 0; at < state->size; at++) {
        if (state->bytes[at] >= 0x80) {
            codec_fail(state, "ascii", at, at + 1, "ordinal not in range(128)");
            return;
        }
        codec_write(state, state->bytes[at]);
    }
}

/* Decodes Latin-1. */
static void decode_latin1(struct codec_run_state *state)
{
    for (size_t at = 0; at < state->size; at++)
        codec_write(state, state->bytes[at]);
}

/* Decodes by a table of 256 characters. */
static void decode_charmap(struct codec_run_state *state, unsigned which)
{
    const uint16_t *characters = codec_charmap_values + 256 * which;
    for (size_t at = 0; at < state->size; at++) {
        uint32_t cp = characters[state->bytes[at]];
        if (cp == CODEC_CHARMAP_NONE) {
            codec_fail(state, "charmap", at, at + 1, "character maps to <undefined>");
            return;
        }
        codec_write(state, cp);
    }
}

/* Decodes UTF-8 from the byte at on; positions of faults count from there. */
static void decode_utf8(struct codec_run_state *state, size_t at)
{
    const char *text = (const char *)state->bytes + at;
    size_t size = state->size - at;
    if (!utf8_is_valid(text, size)) {
        codec_fail_message(state, utf8_fault_message(state->arena, text, size));
        return;
    }
    state->out = arena_copy(state->arena, text, size);
    state->out_size = size;
}

/* Decodes UTF-8 with a byte-order mark or without. */
static void decode_utf8_sig(struct codec_run_state *state)
{
    bool marked = state->size >= 3 && memcmp(state->bytes, "\xEF\xBB\xBF", 3) == 0;
    decode_utf8(state, marked ? 3 : 0);
}

/* Refuses a codec that gives bytes. */
static void decode_not_text(struct codec_run_state *state)
{
    codec_fail_message(state,
                       arena_printf(state->arena,
                                    "'%s' is not a text encoding; use codecs.decode() to handle "
                                    "arbitrary codecs",
                                    state->name));
}

/* Decodes by the module. */
static void decode_by(struct codec_run_state *state, const struct codec_module *module)
{
    switch (module->kind) {
    case CODEC_ASCII: decode_ascii(state); break;
    case CODEC_LATIN_1: decode_latin1(state); break;
    case CODEC_CHARMAP: decode_charmap(state, module->data); break;
    case CODEC_MULTIBYTE: codec_decode_multibyte(state, module->data); break;
    case CODEC_ISO2022: codec_decode_iso2022(state, module->data); break;
    case CODEC_HZ: codec_decode_hz(state); break;
    case CODEC_UTF_7: codec_decode_utf7(state); break;
    case CODEC_UTF_8: decode_utf8(state, 0); break;
    case CODEC_UTF_8_SIG: decode_utf8_sig(state); break;
    case CODEC_UTF_16:
    case CODEC_UTF_16_LE:
    case CODEC_UTF_16_BE: codec_decode_utf16(state, module->kind); break;
    case CODEC_UTF_32:
    case CODEC_UTF_32_LE:
    case CODEC_UTF_32_BE: codec_decode_utf32(state, module->kind); break;
    case CODEC_UNICODE_ESCAPE: codec_decode_unicode_escape(state); break;
    case CODEC_RAW_UNICODE_ESCAPE: codec_decode_raw_unicode_escape(state); break;
    case CODEC_PUNYCODE: codec_decode_punycode(state); break;
    case CODEC_IDNA: codec_decode_idna(state); break;
    case CODEC_UNDEFINED: codec_fail_python(state, "UnicodeError", "undefined encoding"); break;
    case CODEC_NOT_TEXT: decode_not_text(state); break;
    }
}

/* The module of that name in the release, or NULL. */
static const struct codec_module *find_module(const char *name, enum codec_release release)
{
    for (size_t i = 0; i < codec_module_count; i++)
        if (codec_modules[i].releases >> release & 1 && strcmp(codec_modules[i].name, name) == 0)
            return &codec_modules[i];
    return NULL;
}

/* The module's name that alias stands for in the release, or NULL. */
static const char *find_alias(const char *alias, enum codec_release release)
{
    for (size_t i = 0; i < codec_alias_count; i++)
        if (codec_aliases[i].releases >> release & 1 && strcmp(codec_aliases[i].alias, alias) == 0)
            return codec_aliases[i].module;
    return NULL;
}

/* Normalises a name into LONGEST_NAME bytes at out; false if it is too long for any codec. */
static bool normalize_name(const char *name, char *out)
{
    size_t size = 0;
    bool gap = false;
    for (; *name; name++) {
        char c = ascii_lower(*name);
        bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
        if (!keep) {
            gap = true;
            continue;
        }
        if (size + 3 > LONGEST_NAME)
            return false;
        if (gap && size)
            out[size++] = '_';
        gap = false;
        out[size++] = c;
    }
    out[size] = '\0';
    return true;
}

/* The module that name leads to in the release, or NULL. */
static const struct codec_module *find_codec(const char *name, enum codec_release release)
{
    char normal[LONGEST_NAME];
    char undotted[LONGEST_NAME];
    if (!normalize_name(name, normal))
        return NULL;
    strcpy(undotted, normal);
    for (char *dot; (dot = strchr(undotted, '.'));)
        *dot = '_';
    const char *alias = find_alias(normal, release);
    if (!alias)
        alias = find_alias(undotted, release);
    const struct codec_module *module = alias ? find_module(alias, release) : NULL;
    if (!module && !strchr(normal, '.'))
        module = find_module(normal, release);
    return module;
}

/* Fails if a lone surrogate was written: the text has no UTF-8 form. */
static void check_surrogates(struct codec_run_state *state)
{
    if (state->failed || !state->surrogate)
        return;
    size_t start = state->surrogate_at;
    if (state->surrogate_end == start + 1)
        codec_fail_message(
            state, arena_printf(state->arena,
                                "'utf-8' codec can't encode character '\\u%04x' in position "
                                "%zu: surrogates not allowed",
                                (unsigned)state->surrogate, start));
    else
        codec_fail_message(state, arena_printf(state->arena,
                                               "'utf-8' codec can't encode characters in position "
                                               "%zu-%zu: surrogates not allowed",
                                               start, state->surrogate_end - 1));
}

struct codec_result codec_decode(struct arena *arena, const char *name, const char *bytes,
                                 size_t size, enum codec_release release)
{
    const struct codec_module *module = find_codec(name, release);
    if (!module) {
        const char *message = arena_printf(arena, "unknown encoding: %s", name);
        return (struct codec_result){false, message, strlen(message)};
    }
    struct codec_run_state state = {.arena = arena,
                                    .traits = &codec_traits[release],
                                    .name = name,
                                    .bytes = (const unsigned char *)bytes,
                                    .size = size,
                                    .out_capacity = size + size / 2 + 16};
    state.out = arena_alloc(arena, state.out_capacity);
    decode_by(&state, module);
    check_surrogates(&state);
    if (state.failed)
        return (struct codec_result){false, state.message, strlen(state.message)};
    return (struct codec_result){true, state.out, state.out_size};
}
