/* The codecs that switch character sets on the way: HZ and the family of ISO 2022.
 *
 * An ISO 2022 text designates sets to G0 (used as it stands), G1 (between SO and SI) and G2 (for
 * one character after ESC N) by escape sequences. A codec of the family is the list of sets that it
 * knows.
 *
 * Answers to Modules/cjkcodecs/_codecs_iso2022.c and the codec hz of _codecs_cn.c.
 */
#include "syntax/codec_tables.h"

#include <string.h>

#define ESCAPE 0x1B
#define LONGEST_SEQUENCE 16

/* Sets have the final letter of their escape sequence; those of two bytes have DOUBLE added. */
#define DOUBLE 0x80
#define ASCII 'B'

/* How a set is read. */
struct charset {
    unsigned char mark;
    const struct codec_map *maps[3]; /* two bytes: in turn; one byte: none */
};

#define JISX0201_ROMAN                                                                             \
    {                                                                                              \
        'J',                                                                                       \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }
#define JISX0201_KATAKANA                                                                          \
    {                                                                                              \
        'I',                                                                                       \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }
#define JISX0208_OLD                                                                               \
    {                                                                                              \
        '@' | DOUBLE,                                                                              \
        {                                                                                          \
            &codec_map_jisx0208                                                                    \
        }                                                                                          \
    }
#define JISX0208                                                                                   \
    {                                                                                              \
        'B' | DOUBLE,                                                                              \
        {                                                                                          \
            &codec_map_jisx0208                                                                    \
        }                                                                                          \
    }
#define JISX0212                                                                                   \
    {                                                                                              \
        'D' | DOUBLE,                                                                              \
        {                                                                                          \
            &codec_map_jisx0212                                                                    \
        }                                                                                          \
    }
#define KSX1001                                                                                    \
    {                                                                                              \
        'C' | DOUBLE,                                                                              \
        {                                                                                          \
            &codec_map_euc_kr_changes, &codec_map_cp949                                            \
        }                                                                                          \
    }
#define GB2312                                                                                     \
    {                                                                                              \
        'A' | DOUBLE,                                                                              \
        {                                                                                          \
            &codec_map_gb2312_changes, &codec_map_gbk                                              \
        }                                                                                          \
    }
#define JISX0213_2000_1                                                                            \
    {                                                                                              \
        'O' | DOUBLE,                                                                              \
        {                                                                                          \
            &codec_map_jisx0213_1_2000, &codec_map_jisx0213_1, &codec_map_jisx0208                 \
        }                                                                                          \
    }
#define JISX0213_2000_2                                                                            \
    {                                                                                              \
        'P' | DOUBLE,                                                                              \
        {                                                                                          \
            &codec_map_jisx0213_2_2000, &codec_map_jisx0213_2                                      \
        }                                                                                          \
    }
#define JISX0213_2004_1                                                                            \
    {                                                                                              \
        'Q' | DOUBLE,                                                                              \
        {                                                                                          \
            &codec_map_jisx0213_1, &codec_map_jisx0208                                             \
        }                                                                                          \
    }
#define JISX0213_2004_2                                                                            \
    {                                                                                              \
        'P' | DOUBLE,                                                                              \
        {                                                                                          \
            &codec_map_jisx0213_2                                                                  \
        }                                                                                          \
    }
#define ISO8859_1                                                                                  \
    {                                                                                              \
        'A',                                                                                       \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }
#define ISO8859_7                                                                                  \
    {                                                                                              \
        'F',                                                                                       \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

struct iso2022_codec {
    const char *name;
    bool shifts; /* SO and SI select G1 and G0 */
    bool uses_g2;
    bool prefixed; /* "ESC & @" may stand before the sequence for JIS X 0208 */
    struct charset charsets[9];
};

/* By the numbers that tools/make-codec-tables gives them. */
static const struct iso2022_codec codecs[] = {
    {"iso2022_kr", true, false, false, {KSX1001}},
    {"iso2022_jp", false, false, true, {JISX0208, JISX0201_ROMAN, JISX0208_OLD}},
    {"iso2022_jp_1", false, false, true, {JISX0208, JISX0212, JISX0201_ROMAN, JISX0208_OLD}},
    {"iso2022_jp_2",
     false,
     true,
     true,
     {JISX0208, JISX0212, KSX1001, GB2312, JISX0201_ROMAN, JISX0208_OLD, ISO8859_1, ISO8859_7}},
    {"iso2022_jp_2004", false, false, true, {JISX0208, JISX0213_2004_1, JISX0213_2004_2}},
    {"iso2022_jp_3", false, false, true, {JISX0208, JISX0213_2000_1, JISX0213_2000_2}},
    {"iso2022_jp_ext",
     false,
     false,
     true,
     {JISX0208, JISX0212, JISX0201_ROMAN, JISX0201_KATAKANA, JISX0208_OLD}},
};

/* A text on its way. */
struct iso2022 {
    struct codec_run_state *state;
    const struct iso2022_codec *codec;
    unsigned char designated[3]; /* the marks of G0, G1, G2 */
    bool shifted;                /* G1 is in use */
    bool in_foreign;             /* inside an escape sequence that is none of ISO 2022 */
};

/* Fails at the byte: size bytes of it are illegal. */
static size_t fail_illegal(struct iso2022 *text, size_t at, size_t size)
{
    codec_fail(text->state, text->codec->name, at, at + size, "illegal multibyte sequence");
    return 0;
}

/* Fails at the byte: the input ends too early. */
static size_t fail_incomplete(struct iso2022 *text, size_t at)
{
    codec_fail(text->state, text->codec->name, at, text->state->size,
               "incomplete multibyte sequence");
    return 0;
}

/* Whether c ends an escape sequence. */
static bool ends_sequence(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || c == '@';
}

/* The codec's set with the mark, or NULL. */
static const struct charset *find_charset(const struct iso2022_codec *codec, unsigned char mark)
{
    for (int i = 0; codec->charsets[i].mark; i++)
        if (codec->charsets[i].mark == mark)
            return &codec->charsets[i];
    return NULL;
}

/* The length of the escape sequence at; 0 if it does not end in time, SIZE_MAX if the input does
 * first. */
static size_t sequence_length(const struct iso2022 *text, size_t at)
{
    const unsigned char *s = text->state->bytes + at;
    size_t left = text->state->size - at;
    for (size_t i = 1; i < LONGEST_SEQUENCE; i++) {
        if (i >= left)
            return SIZE_MAX;
        if (ends_sequence(s[i]))
            return i + 1;
        if (text->codec->prefixed && i + 1 < left && s[i] == '&' && s[i + 1] == '@')
            i += 2;
    }
    return 0;
}

/* What the sequence of that length designates: the set's mark goes to *mark; returns G0, G1 or G2
 * as a number, -1 for nothing. */
static int read_designation(const struct iso2022_codec *codec, const unsigned char *s,
                            size_t length, unsigned char *mark)
{
    if (length == 6 && codec->prefixed && s[3] == ESCAPE && s[4] == '$' && s[5] == 'B') {
        *mark = 'B' | DOUBLE;
        return 0;
    }
    if (length != 3 && (length != 4 || s[1] != '$'))
        return -1;
    *mark = s[length - 1];
    unsigned char intermediate = s[length - 2];
    if (s[1] == '$')
        *mark |= DOUBLE;
    if (length == 3 && s[1] == '$')
        return 0;
    if (intermediate == '(')
        return 0;
    if (intermediate == ')')
        return 1;
    return length == 3 && codec->uses_g2 && intermediate == '.' ? 2 : -1;
}

/* Reads the designation at; returns its length. */
static size_t read_sequence(struct iso2022 *text, size_t at)
{
    size_t length = sequence_length(text, at);
    if (length == SIZE_MAX)
        return fail_incomplete(text, at);
    if (length == 0)
        return fail_illegal(text, at, 1);
    unsigned char mark = 0;
    int designated = read_designation(text->codec, text->state->bytes + at, length, &mark);
    if (designated < 0 || (mark != ASCII && !find_charset(text->codec, mark)))
        return fail_illegal(text, at, length);
    text->designated[designated] = mark;
    return length;
}

/* The character of ISO 8859-7 whose low seven bits are c; CODEC_NO_CHARACTER if none. */
static uint32_t iso8859_7(unsigned char c)
{
    static const uint16_t odd[] = {0xA1, 0x2018, 0xA2, 0x2019, 0xAF, 0x2015};
    unsigned whole = c ^ 0x80;
    if (whole < 0xA0)
        return whole;
    if (whole < 0xC0 && UINT32_C(0x288F3BC9) >> (whole - 0xA0) & 1)
        return whole;
    if (whole >= 0xB4 && whole <= 0xFE &&
        (whole >= 0xD4 || UINT32_C(0xBFFFFD77) >> (whole - 0xB4) & 1))
        return 0x2D0 + whole;
    for (int i = 0; i < 6; i += 2)
        if (odd[i] == whole)
            return odd[i + 1];
    return CODEC_NO_CHARACTER;
}

/* Reads ESC N and a character of G2 at; returns their length. */
static size_t read_single_shift(struct iso2022 *text, size_t at)
{
    if (text->state->size - at < 3)
        return fail_incomplete(text, at);
    unsigned char c = text->state->bytes[at + 2];
    uint32_t cp = CODEC_NO_CHARACTER;
    if (text->designated[2] == 'F')
        cp = iso8859_7(c);
    else if (text->designated[2] == 'A' && c < 0x80)
        cp = c + 0x80u;
    else if (text->designated[2] == ASCII && c < 0x80)
        cp = c;
    if (cp == CODEC_NO_CHARACTER)
        return fail_illegal(text, at, 3);
    codec_write(text->state, cp);
    return 3;
}

/* Reads what an ESC at begins; returns its length. */
static size_t read_escape(struct iso2022 *text, size_t at)
{
    if (text->state->size - at < 2)
        return fail_incomplete(text, at);
    unsigned char next = text->state->bytes[at + 1];
    if (next && strchr("()$.&", next))
        return read_sequence(text, at);
    if (next == 'N' && text->codec->uses_g2)
        return read_single_shift(text, at);
    codec_write(text->state, ESCAPE);
    text->in_foreign = true;
    return 1;
}

/* The character of a set of one byte. */
static uint32_t single_character(unsigned char mark, unsigned char c)
{
    if (mark == 'J')
        return c == 0x5C ? 0xA5 : c == 0x7E ? 0x203E : c;
    if (mark == 'I' && c >= 0x21 && c <= 0x5F)
        return 0xFF40u + c;
    return CODEC_NO_CHARACTER;
}

/* Reads a character of a set at; returns its length. */
static size_t read_character(struct iso2022 *text, size_t at)
{
    unsigned char mark = text->designated[text->shifted];
    const unsigned char *s = text->state->bytes + at;
    if (mark == ASCII) {
        codec_write(text->state, s[0]);
        return 1;
    }
    if (!(mark & DOUBLE)) {
        uint32_t cp = single_character(mark, s[0]);
        if (cp == CODEC_NO_CHARACTER)
            return fail_illegal(text, at, 1);
        codec_write(text->state, cp);
        return 1;
    }
    if (text->state->size - at < 2)
        return fail_incomplete(text, at);
    const struct charset *charset = find_charset(text->codec, mark);
    uint32_t found = CODEC_NO_CHARACTER | CODEC_ABSENT;
    if (s[0] >= 0x21 && s[0] < 0x7F && s[1] >= 0x21 && s[1] < 0x7F)
        for (int i = 0; i < 3 && charset->maps[i] && found == (CODEC_NO_CHARACTER | CODEC_ABSENT);
             i++)
            found = codec_map_find(charset->maps[i], ((unsigned)s[0] << 8 | s[1]) | 0x8080);
    if (found & CODEC_NO_CHARACTER)
        return fail_illegal(text, at, 2);
    codec_write_found(text->state, found);
    return 2;
}

/* Reads what is at; returns its length. */
static size_t read_next(struct iso2022 *text, size_t at)
{
    unsigned char c = text->state->bytes[at];
    if (text->in_foreign) {
        codec_write(text->state, c);
        text->in_foreign = !ends_sequence(c);
        return 1;
    }
    if (c == ESCAPE)
        return read_escape(text, at);
    if ((c == 0x0E || c == 0x0F) && text->codec->shifts) {
        text->shifted = c == 0x0E;
        return 1;
    }
    if (c == '\n')
        text->shifted = false;
    if (c >= 0x20 && c < 0x80)
        return read_character(text, at);
    if (c >= 0x80)
        return fail_illegal(text, at, 1);
    codec_write(text->state, c);
    return 1;
}

void codec_decode_iso2022(struct codec_run_state *state, unsigned which)
{
    struct iso2022 text = {state, &codecs[which], {ASCII, ASCII, ASCII}, false, false};
    for (size_t at = 0; at < state->size && !state->failed;)
        at += read_next(&text, at);
}

/* Takes the two bytes of HZ at that begin with '~'; false if they mean nothing here. */
static bool take_tilde(struct codec_run_state *state, size_t at, bool *chinese)
{
    unsigned char next = state->bytes[at + 1];
    if (*chinese ? next != '}' : next != '~' && next != '{' && next != '\n')
        return false;
    if (next == '~')
        codec_write(state, '~');
    else if (next != '\n')
        *chinese = next == '{';
    return true;
}

/* Takes the two bytes of GB 2312 at; false if there is no such character. */
static bool take_chinese(struct codec_run_state *state, size_t at)
{
    unsigned pair = (unsigned)state->bytes[at] << 8 | state->bytes[at + 1];
    if ((pair & 0x8080) || (pair >> 8) < 0x21 || (pair & 0x7F) < 0x21)
        return false;
    uint32_t found = codec_map_find(&codec_map_gb2312_changes, pair | 0x8080);
    if (found == (CODEC_NO_CHARACTER | CODEC_ABSENT))
        found = codec_map_find(&codec_map_gbk, pair | 0x8080);
    if (found & CODEC_NO_CHARACTER)
        return false;
    codec_write(state, found);
    return true;
}

void codec_decode_hz(struct codec_run_state *state)
{
    bool chinese = false;
    for (size_t at = 0; at < state->size;) {
        unsigned char c = state->bytes[at];
        if (c < 0x80 && c != '~' && !chinese) {
            codec_write(state, c);
            at++;
            continue;
        }
        if (c < 0x80 && state->size - at < 2) {
            codec_fail(state, "hz", at, state->size, "incomplete multibyte sequence");
            return;
        }
        if (c >= 0x80 || !(c == '~' ? take_tilde(state, at, &chinese) : take_chinese(state, at))) {
            codec_fail(state, "hz", at, at + 1, "illegal multibyte sequence");
            return;
        }
        at += 2;
    }
}
