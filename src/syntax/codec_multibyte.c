/* The East Asian codecs of one, two and more bytes a character.
 *
 * One loop serves them all: a byte is a character of its own, or it leads a pair, and the pair is
 * looked up in the codec's maps in turn; what a codec has beyond that (three bytes after 0x8F, four
 * bytes of GB 18030, spelt-out Hangul of EUC-KR) is a function of its own. Codecs of the Shift JIS
 * family keep the rows of JIS X 0208 and 0213 at other places: their pairs are moved to those of
 * EUC first.
 *
 * Answers to Modules/cjkcodecs.
 */
#include "syntax/codec_tables.h"

/* How bytes below the pairs are read. */
enum singles {
    SINGLES_ASCII,    /* ASCII; every other byte leads a pair */
    SINGLES_KATAKANA, /* and half-width katakana */
    SINGLES_JISX0201, /* the same with yen sign and overline */
    SINGLES_CP932     /* and some of Windows' own */
};

/* What a codec has besides pairs. */
enum extension { EXTENSION_NONE, EXTENSION_GB18030, EXTENSION_EUC_KR, EXTENSION_EUC_JP };

struct multibyte_codec {
    const char *name;
    enum singles singles;
    enum extension extension;
    uint8_t last_lead;               /* Shift JIS family: the last byte that leads a pair; else 0 */
    uint8_t least;                   /* bytes of a pair below this are illegal */
    const struct codec_map *changes; /* by the pair as it stands; NULL: none */
    const struct codec_map *maps[3]; /* by the pair as in EUC, in turn */
    const struct codec_map *plane2[3];
};

/* By the numbers that tools/make-codec-tables gives them. */
static const struct multibyte_codec codecs[] = {
    {"gb2312", 0, 0, 0, 0xA1, &codec_map_gb2312_changes, {&codec_map_gbk}, {0}},
    {"gbk", 0, 0, 0, 0, NULL, {&codec_map_gbk}, {0}},
    {"gb18030", 0, EXTENSION_GB18030, 0, 0, &codec_map_gb18030_changes, {&codec_map_gbk}, {0}},
    {"big5", 0, 0, 0, 0, NULL, {&codec_map_big5}, {0}},
    {"cp950", 0, 0, 0, 0, &codec_map_cp950_changes, {&codec_map_big5}, {0}},
    {"big5hkscs", 0, 0, 0, 0, &codec_map_big5hkscs_changes, {&codec_map_big5}, {0}},
    {"cp949", 0, 0, 0, 0, NULL, {&codec_map_cp949}, {0}},
    {"euc_kr", 0, EXTENSION_EUC_KR, 0, 0xA1, &codec_map_euc_kr_changes, {&codec_map_cp949}, {0}},
    {"johab", 0, 0, 0, 0, NULL, {&codec_map_johab}, {0}},
    {"shift_jis", SINGLES_KATAKANA, 0, 0xEA, 0, NULL, {&codec_map_jisx0208}, {0}},
    {"cp932", SINGLES_CP932, 0, 0xFC, 0, &codec_map_cp932_changes, {&codec_map_jisx0208}, {0}},
    {"euc_jp", 0, EXTENSION_EUC_JP, 0, 0, NULL, {&codec_map_jisx0208}, {&codec_map_jisx0212}},
    {"euc_jis_2004",
     0,
     EXTENSION_EUC_JP,
     0,
     0,
     NULL,
     {&codec_map_jisx0213_1, &codec_map_jisx0208},
     {&codec_map_jisx0213_2, &codec_map_jisx0212}},
    {"euc_jisx0213",
     0,
     EXTENSION_EUC_JP,
     0,
     0,
     NULL,
     {&codec_map_jisx0213_1_2000, &codec_map_jisx0213_1, &codec_map_jisx0208},
     {&codec_map_jisx0213_2_2000, &codec_map_jisx0213_2, &codec_map_jisx0212}},
    {"shift_jis_2004",
     SINGLES_JISX0201,
     0,
     0xFC,
     0,
     &codec_map_shift_jis_2004_changes,
     {&codec_map_jisx0213_1, &codec_map_jisx0208},
     {&codec_map_jisx0213_2}},
    {"shift_jisx0213",
     SINGLES_JISX0201,
     0,
     0xFC,
     0,
     &codec_map_shift_jisx0213_changes,
     {&codec_map_jisx0213_1_2000, &codec_map_jisx0213_1, &codec_map_jisx0208},
     {&codec_map_jisx0213_2_2000, &codec_map_jisx0213_2}},
};

uint32_t codec_map_find(const struct codec_map *map, unsigned pair)
{
    size_t low = 0;
    size_t high = map->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (map->runs[middle].first <= pair)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || pair - map->runs[low - 1].first >= map->runs[low - 1].count)
        return CODEC_NO_CHARACTER | CODEC_ABSENT;
    const struct codec_run *run = &map->runs[low - 1];
    uint32_t index = pair - run->first;
    if (run->at == CODEC_NO_VALUES)
        return run->base + index;
    uint32_t value = codec_values[run->at + index];
    return value >= CODEC_ABSENT ? CODEC_NO_CHARACTER | value : run->base + value;
}

void codec_write_found(struct codec_run_state *state, uint32_t found)
{
    if (!(found & CODEC_PAIR_BASE)) {
        codec_write(state, found);
        return;
    }
    codec_write(state, codec_pairs[found & 0xFFFF][0]);
    codec_write(state, codec_pairs[found & 0xFFFF][1]);
}

/* What the first of the maps that decides has for the pair. */
static uint32_t find_in_maps(const struct codec_map *const maps[3], unsigned pair)
{
    uint32_t found = CODEC_NO_CHARACTER | CODEC_ABSENT;
    for (int i = 0; i < 3 && maps[i] && found == (CODEC_NO_CHARACTER | CODEC_ABSENT); i++)
        found = codec_map_find(maps[i], pair);
    return found;
}

/* What a codec of the Shift JIS family has for the pair. */
static uint32_t find_shifted(const struct multibyte_codec *codec, unsigned lead, unsigned trail)
{
    bool leads = (lead >= 0x81 && lead <= 0x9F) || (lead >= 0xE0 && lead <= 0xFC);
    if (!leads || trail < 0x40 || trail == 0x7F || trail > 0xFC)
        return CODEC_NO_CHARACTER | CODEC_ILLEGAL;
    unsigned row = 2 * (lead < 0xE0 ? lead - 0x81 : lead - 0xC1);
    unsigned cell = trail < 0x80 ? trail - 0x40 : trail - 0x41;
    if (cell >= 94) {
        row++;
        cell -= 94;
    }
    if (row < 94)
        return find_in_maps(codec->maps, (row + 0xA1) << 8 | (cell + 0xA1));
    row = row >= 0x67 ? row + 7 : row >= 0x63 || row == 0x5F ? row - 0x37 : row - 0x3D;
    return find_in_maps(codec->plane2, (row | 0x80) << 8 | (cell + 0xA1));
}

/* What the codec has for the pair. */
static uint32_t find_pair(const struct multibyte_codec *codec, unsigned lead, unsigned trail)
{
    unsigned pair = lead << 8 | trail;
    if (codec->changes) {
        uint32_t found = codec_map_find(codec->changes, pair);
        if (found != (CODEC_NO_CHARACTER | CODEC_ABSENT))
            return found;
    }
    if (lead < codec->least || trail < codec->least)
        return CODEC_NO_CHARACTER | CODEC_ILLEGAL;
    return codec->last_lead ? find_shifted(codec, lead, trail) : find_in_maps(codec->maps, pair);
}

/* The character that the byte is alone; CODEC_NO_CHARACTER if none. */
static uint32_t find_single(enum singles singles, unsigned char c)
{
    if (c < 0x80) {
        if (singles == SINGLES_JISX0201 && (c == 0x5C || c == 0x7E))
            return c == 0x5C ? 0xA5 : 0x203E;
        return c;
    }
    if (singles == SINGLES_ASCII)
        return CODEC_NO_CHARACTER;
    if (c >= 0xA1 && c <= 0xDF)
        return 0xFF61u + (c - 0xA1u);
    if (singles != SINGLES_CP932)
        return CODEC_NO_CHARACTER;
    if (c >= 0xFD)
        return 0xF8F1u + (c - 0xFDu);
    return c == 0x80 ? 0x80 : c == 0xA0 ? 0xF8F0 : CODEC_NO_CHARACTER;
}

/* Fails at the byte: size bytes of it are illegal. */
static size_t fail_illegal(struct codec_run_state *state, const struct multibyte_codec *codec,
                           size_t at, size_t size)
{
    codec_fail(state, codec->name, at, at + size, "illegal multibyte sequence");
    return 0;
}

/* Fails at the byte: the input ends within a character. */
static size_t fail_incomplete(struct codec_run_state *state, const struct multibyte_codec *codec,
                              size_t at)
{
    codec_fail(state, codec->name, at, state->size, "incomplete multibyte sequence");
    return 0;
}

/* Reads four bytes of GB 18030; returns how many it took. */
static size_t read_gb18030(struct codec_run_state *state, const struct multibyte_codec *codec,
                           size_t at)
{
    const unsigned char *s = state->bytes + at;
    if (state->size - at < 4)
        return fail_incomplete(state, codec, at);
    if (s[0] < 0x81 || s[0] > 0xFE || s[2] < 0x81 || s[2] > 0xFE || s[3] < 0x30 || s[3] > 0x39)
        return fail_illegal(state, codec, at, 1);
    uint32_t lead = s[0] - 0x81u;
    uint32_t rest = (s[1] - 0x30u) * 1260 + (s[2] - 0x81u) * 10 + (s[3] - 0x30u);
    uint32_t position = lead * 12600 + rest;
    if (lead >= 15) {
        uint32_t cp = 0x10000 + (lead - 15) * 12600 + rest;
        if (cp > UNICODE_MAX)
            return fail_illegal(state, codec, at, 1);
        codec_write(state, cp);
        return 4;
    }
    if (lead >= 4 || position >= 39420)
        return fail_illegal(state, codec, at, 1);
    size_t i = codec_gb18030_count - 1;
    while (codec_gb18030[i].first > position)
        i--;
    codec_write(state, codec_gb18030[i].character + (position - codec_gb18030[i].first));
    return 4;
}

/* Reads the eight bytes of a Hangul syllable that EUC-KR spells out; returns how many it took. */
static size_t read_spelt_hangul(struct codec_run_state *state, const struct multibyte_codec *codec,
                                size_t at)
{
    /* The places of the letters of KS X 1001 among leading and trailing consonants; 31: none. */
    static const uint8_t leading[30] = {0,  1, 31, 2, 31, 31, 3,  4,  5,  31, 31, 31, 31, 31, 31,
                                        31, 6, 7,  8, 31, 9,  10, 11, 12, 13, 14, 15, 16, 17, 18};
    static const uint8_t trailing[30] = {1,  2,  3,  4,  5,  6,  7,  31, 8,  9,
                                         10, 11, 12, 13, 14, 15, 16, 17, 31, 18,
                                         19, 20, 21, 22, 31, 23, 24, 25, 26, 27};
    const unsigned char *s = state->bytes + at;
    if (state->size - at < 8)
        return fail_incomplete(state, codec, at);
    unsigned first = s[3] - 0xA1u < 30 ? leading[s[3] - 0xA1] : 31;
    unsigned vowel = s[5] - 0xBFu;
    unsigned last = s[7] == 0xD4 ? 0 : s[7] - 0xA1u < 30 ? trailing[s[7] - 0xA1] : 31;
    if (s[2] != 0xA4 || s[4] != 0xA4 || s[6] != 0xA4 || first == 31 || vowel > 20 || last == 31)
        return fail_illegal(state, codec, at, 1);
    codec_write(state, 0xAC00 + first * 588 + vowel * 28 + last);
    return 8;
}

/* Reads half-width katakana after 0x8E or three bytes after 0x8F; returns how many it took. */
static size_t read_shifted_euc(struct codec_run_state *state, const struct multibyte_codec *codec,
                               size_t at)
{
    const unsigned char *s = state->bytes + at;
    size_t size = s[0] == 0x8E ? 2 : 3;
    if (state->size - at < size)
        return fail_incomplete(state, codec, at);
    uint32_t found = CODEC_NO_CHARACTER;
    if (size == 3)
        found = find_in_maps(codec->plane2, (unsigned)s[1] << 8 | s[2]);
    else if (s[1] >= 0xA1 && s[1] <= 0xDF)
        found = 0xFF61u + (s[1] - 0xA1u);
    if (found & CODEC_NO_CHARACTER)
        return fail_illegal(state, codec, at, 1);
    codec_write_found(state, found);
    return size;
}

/* Reads the character of several bytes at; returns how many it took. */
static size_t read_character(struct codec_run_state *state, const struct multibyte_codec *codec,
                             size_t at)
{
    const unsigned char *s = state->bytes + at;
    if (codec->last_lead && codec->singles != SINGLES_CP932 &&
        !((s[0] >= 0x81 && s[0] <= 0x9F) || (s[0] >= 0xE0 && s[0] <= codec->last_lead)))
        return fail_illegal(state, codec, at, 1);
    if (codec->extension == EXTENSION_EUC_JP && (s[0] == 0x8E || s[0] == 0x8F))
        return read_shifted_euc(state, codec, at);
    if (state->size - at < 2)
        return fail_incomplete(state, codec, at);
    if (codec->extension == EXTENSION_GB18030 && s[1] >= 0x30 && s[1] <= 0x39)
        return read_gb18030(state, codec, at);
    if (codec->extension == EXTENSION_EUC_KR && s[0] == 0xA4 && s[1] == 0xD4)
        return read_spelt_hangul(state, codec, at);
    uint32_t found = find_pair(codec, s[0], s[1]);
    if (found & CODEC_NO_CHARACTER)
        return fail_illegal(state, codec, at, (found & 0xFFFF) == CODEC_ILLEGAL_PAIR ? 2 : 1);
    codec_write_found(state, found);
    return 2;
}

void codec_decode_multibyte(struct codec_run_state *state, unsigned which)
{
    const struct multibyte_codec *codec = &codecs[which];
    for (size_t at = 0; at < state->size && !state->failed;) {
        uint32_t cp = find_single(codec->singles, state->bytes[at]);
        if (cp != CODEC_NO_CHARACTER) {
            codec_write(state, cp);
            at++;
        } else {
            at += read_character(state, codec, at);
        }
    }
}
