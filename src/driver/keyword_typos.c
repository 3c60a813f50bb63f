/* See keyword_typos.h.
 *
 * The traceback module of 3.14 and later does this when it formats a SyntaxError. It takes the
 * lines from the last compound statement at the top to the error, reads names off them with the
 * tokenizer, and compiles the lines again and again, each time with a similar keyword in the place
 * of a name.
 *
 * Answers to TracebackException._find_keyword_typos in Lib/traceback.py, compile_command in
 * Lib/codeop.py, and textwrap.dedent.
 */
#include "driver/keyword_typos.h"

#include "sema/fold.h"
#include "sema/future.h"
#include "syntax/codec.h"
#include "syntax/decode.h"
#include "syntax/explain/scanner.h"
#include "syntax/parser.h"
#include "syntax/syntax_rules.h"
#include "util/os.h"
#include "util/similar.h"
#include "util/utf8.h"

#include <errno.h>
#include <stdlib.h>

enum {
    KEYWORDS = NAME_KEYWORD_LAST,
    LONGEST_CODE = 1024, /* characters of lines that are looked at */
    MOST_NAMES = 10,     /* names that are looked at */
    MOST_TRIES = 3,      /* keywords that are tried in the place of one */
};

#define FIELDS_OF(text)                                                                            \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const struct word keywords[NAME_FIXED_COUNT] = {
#define NAME(symbol, text) FIELDS_OF(text),
#include "util/names.def"
#undef NAME
};

/* What comes of compiling a piece of text. */
enum outcome { COMPILES, REFUSED, INCOMPLETE, FAILS };

/* One search. */
struct search {
    mkpyc_context *x;
    const struct target *target;
    struct arena arena;          /* of one attempt to compile */
    struct unwind unwind;        /* when memory runs out */
    struct compilation *attempt; /* from malloc, or NULL */
    char *file;                  /* the file that the message names, from malloc, or NULL */
    struct word code; /* the lines, indented as little as can be, without a last newline */
};

/* -- text -- */

/* Does str.splitlines break a line there? */
static bool is_line_end(uint32_t c)
{
    return (c >= '\n' && c <= '\r') || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
           c == 0x2029;
}

typedef ARRAY(struct word) word_list;

/* str.splitlines(). */
static void split_lines(struct arena *arena, const char *text, size_t size, word_list *lines)
{
    size_t start = 0, length;
    for (size_t i = 0; i < size; i += length) {
        if (!is_line_end(utf8_read(text + i, &length)))
            continue;
        array_push(arena, lines, ((struct word){text + start, i - start}));
        if (text[i] == '\r' && i + 1 < size && text[i + 1] == '\n')
            length++;
        start = i + length;
    }
    if (start < size)
        array_push(arena, lines, ((struct word){text + start, size - start}));
}

/* Is there something that is not white space? */
static bool is_blank(struct word line)
{
    size_t length;
    for (size_t i = 0; i < line.size; i += length) {
        if (!unicode_is_space(utf8_read(line.bytes + i, &length)))
            return false;
    }
    return true;
}

/* The white space that all lines with something on them begin with, as textwrap.dedent finds it. */
static size_t common_margin(const word_list *lines)
{
    const struct word *least = NULL;
    size_t margin = 0;
    for (uint32_t i = 0; i < lines->count; i++) {
        const struct word *line = &lines->items[i];
        if (is_blank(*line))
            continue;
        if (least == NULL) {
            least = line;
            while (margin < line->size && strchr(" \t", line->bytes[margin]) != NULL)
                margin++;
        }
        size_t same = 0;
        while (same < margin && same < line->size && line->bytes[same] == least->bytes[same])
            same++;
        margin = same;
    }
    return margin;
}

/* The lines [from:to] as one text without their common margin. */
static struct word join_lines(struct arena *arena, const word_list *lines, uint32_t from,
                              uint32_t to)
{
    word_list some = {lines->items + from, 0, 0};
    size_t size = 0, at = 0;
    to = to < lines->count ? to : lines->count;
    some.count = to > from ? to - from : 0;
    for (uint32_t i = 0; i < some.count; i++)
        size += some.items[i].size + 1;
    size_t margin = common_margin(&some);
    char *text = arena_alloc(arena, size + 1);
    for (uint32_t i = 0; i < some.count; i++) {
        struct word line = some.items[i];
        if (i > 0)
            text[at++] = '\n';
        if (!is_blank(line)) {
            memcpy(text + at, line.bytes + margin, line.size - margin);
            at += line.size - margin;
        }
    }
    text[at] = '\0';
    return (struct word){text, at};
}

/* -- compiling -- */

/* Hand the warnings of an attempt to the compilation, under their own name. */
static void keep_warnings(struct search *s, const struct compilation *tried)
{
    struct diagnostics *d = &s->x->compilation.diagnostics;
    for (const struct warning *w = tried->diagnostics.warnings; w != NULL; w = w->next) {
        struct warning *kept = arena_alloc(d->arena, sizeof *kept);
        *kept = *w;
        kept->message = arena_copy(d->arena, w->message, strlen(w->message));
        kept->filename = tried->filename;
        kept->next = NULL;
        *d->tail = kept;
        d->tail = &kept->next;
    }
}

/* Set up a compilation of text alone. */
static void begin_attempt(struct search *s, struct compilation *c, const char *filename)
{
    memset(c, 0, sizeof *c);
    arena_reset(&s->arena);
    s->arena.unwind = &c->unwind;
    c->target = s->target;
    c->arena = &s->arena;
    c->effects = &s->x->effects;
    c->filename = filename;
    c->future_location = NO_LOCATION;
    diagnostics_init(&c->diagnostics, c->arena, &c->unwind);
}

/* compile(text + end, '<input>', 'exec'). `partial`: to a tree only, without warnings, and what may
 * go on is told from what cannot. */
static enum outcome compile_text(struct search *s, struct word text, const char *end, bool partial)
{
    struct compilation *c = s->attempt != NULL ? s->attempt : malloc(sizeof *c);
    if (c == NULL)
        unwind_to(&s->unwind, UNWIND_NO_MEMORY);
    s->attempt = c;
    begin_attempt(s, c, "<input>");
    volatile enum outcome outcome = COMPILES;
    int reason = setjmp(c->unwind.target);
    if (reason == UNWIND_NONE) {
        size_t size = text.size + strlen(end);
        char *source = arena_alloc(c->arena, size + 1 + DECODE_SENTINEL);
        memcpy(source, text.bytes, text.size);
        memcpy(source + text.size, end, strlen(end));
        if (size == 0 || source[size - 1] != '\n')
            source[size++] = '\n';
        memset(source + size, 0, DECODE_SENTINEL);
        struct decoded_source *decoded = arena_zalloc(c->arena, sizeof *decoded);
        struct utf8_scan scan = utf8_scan(source, size);
        *decoded = (struct decoded_source){
            .text = source, .size = size, .valid_size = scan.valid_size, .ascii = scan.ascii};
        c->decoded = decoded;
        c->source = source;
        c->source_length = size;
        c->tells_incomplete = partial;
        if (!partial) {
            c->diagnostics.refuses = s->x->compilation.diagnostics.refuses;
            c->diagnostics.refuses_data = s->x->compilation.diagnostics.refuses_data;
        }
        strings_init(&c->strings, c->arena);
        constants_init(&c->constants, c->arena, &c->strings, 0);
        if (partial) {
            struct module_ast *m = parse_module(c);
            future_parse(c, m);
            fold_module(c, m);
        } else {
            compile_decoded(c);
        }
    } else if (reason == UNWIND_NO_MEMORY) {
        unwind_to(&s->unwind, UNWIND_NO_MEMORY);
    } else {
        enum exception_type type = c->diagnostics.error.type;
        outcome = type == EXCEPTION_INCOMPLETE_INPUT ? INCOMPLETE
                  : exception_is_syntax_error(type)  ? REFUSED
                                                     : FAILS;
    }
    if (!partial)
        keep_warnings(s, c);
    return outcome;
}

/* Are there blank lines and comments only? */
static bool says_nothing(struct word code)
{
    for (size_t i = 0; i < code.size;) {
        size_t end = i, length;
        while (end < code.size && code.bytes[end] != '\n')
            end++;
        while (i < end && unicode_is_space(utf8_read(code.bytes + i, &length)))
            i += length;
        if (i < end && code.bytes[i] != '#')
            return false;
        i = end + 1;
    }
    return true;
}

/* codeop.compile_command: does the code compile, or may it be the beginning of code that does? */
static enum outcome compile_command(struct search *s, struct word code)
{
    if (says_nothing(code))
        return COMPILES;
    enum outcome outcome = compile_text(s, code, "", true);
    if (outcome == FAILS)
        return outcome;
    if (outcome != COMPILES) {
        outcome = compile_text(s, code, "\n", true);
        if (outcome != REFUSED)
            return outcome == INCOMPLETE ? COMPILES : outcome;
    }
    return compile_text(s, code, "", false);
}

/* -- the search -- */

/* The lines of the file that is named in the message, or NULL if it cannot be read as text. */
static const char *read_named_file(struct search *s, size_t *size)
{
    struct arena *arena = s->x->compilation.arena;
    int error = os_read_file(s->x->compilation.filename, 0, &s->file, size);
    if (error == ENOMEM)
        unwind_to(&s->unwind, UNWIND_NO_MEMORY);
    if (error != 0)
        return NULL;
    return utf8_is_valid(s->file, *size) ? arena_copy(arena, s->file, *size) : NULL;
}

/* Find the lines to look at. `line`: of the last compound statement before the error, 0 if none.
 * Returns whether they come from the file itself. */
static bool find_lines(struct search *s, const struct diagnostic *e, int *line, int *end_line)
{
    const struct compilation *c = &s->x->compilation;
    const char *text = c->source, *encoding = c->decoded->encoding;
    size_t size = c->source_length;
    bool from_file = false;
    word_list lines = {0};
    if (encoding != NULL && strcmp(encoding, "utf-8") != 0) {
        /* what was decoded from the encoding is taken to be in it still */
        struct codec_result again =
            codec_decode(c->arena, encoding, text, size, c->target->syntax->decode.codecs);
        text = again.ok ? again.text : NULL;
        size = again.size;
    }
    if (text == NULL) {
        text = read_named_file(s, &size);
        from_file = text != NULL;
    }
    if (text == NULL) {
        text = e->text;
        size = e->text_length;
        *line = 0;
        *end_line = 1;
    }
    split_lines(c->arena, text, size, &lines);
    s->code = join_lines(c->arena, &lines, *line > 0 ? (uint32_t)*line - 1 : 0,
                         *end_line > 0 ? (uint32_t)*end_line : 0);
    return from_file;
}

/* A name among the tokens: where it is. */
struct place {
    int lineno;
    const char *line; /* where its line begins */
    size_t line_size; /* with the newline, if that is the code's own */
    struct word name;
};

/* Read on to the next name. false: no more, or an error. */
static bool next_name(struct scanner *tokens, struct word code, struct place *place)
{
    struct scan_token t;
    do {
        scan_next(tokens, &t);
        if (t.type == TOKEN_ERROR || t.type == TOKEN_ENDMARKER)
            return false;
    } while (t.type != TOKEN_NAME);
    size_t size = (size_t)(tokens->inp - tokens->line_start);
    if (tokens->inp > code.bytes + code.size)
        size--;
    *place =
        (struct place){t.lineno, tokens->line_start, size, {t.start, (size_t)(t.end - t.start)}};
    return true;
}

/* Try the keywords most like a name in its place; the one that will do, or -1. */
static int try_keywords(struct search *s, const struct place *place)
{
    struct arena *arena = s->x->compilation.arena;
    int found[MOST_TRIES + 1], count = 0;
    int best = similar_by_edits(place->name, keywords, KEYWORDS);
    if (best >= 0)
        found[count++] = best;
    count += similar_by_blocks(place->name, keywords, KEYWORDS, found + count, MOST_TRIES);
    for (int i = 0; i < count && i < MOST_TRIES; i++) {
        struct word keyword = keywords[found[i]];
        size_t before = (size_t)(place->name.bytes - s->code.bytes);
        const char *after = place->name.bytes + place->name.size;
        size_t rest = s->code.size - before - place->name.size;
        char *code = arena_alloc(arena, before + keyword.size + rest + 1);
        memcpy(code, s->code.bytes, before);
        memcpy(code + before, keyword.bytes, keyword.size);
        memcpy(code + before + keyword.size, after, rest);
        size_t size = before + keyword.size + rest;
        if (size > 0 && code[size - 1] == '\n') /* no empty last line */
            size--;
        enum outcome outcome = compile_command(s, (struct word){code, size});
        if (outcome == COMPILES)
            return found[i];
        if (outcome == FAILS)
            unwind_to(&s->unwind, UNWIND_DIAGNOSTIC);
    }
    return -1;
}

static bool is_keyword(struct word name)
{
    for (int i = 0; i < KEYWORDS; i++) {
        if (keywords[i].size == name.size && memcmp(keywords[i].bytes, name.bytes, name.size) == 0)
            return true;
    }
    return false;
}

/* The error, shown at a name that should be a keyword. */
static const struct diagnostic *hint(struct search *s, const struct place *place, int keyword)
{
    struct diagnostic *e = arena_alloc(s->x->compilation.arena, sizeof *e);
    int column = (int)utf8_count(place->line, (size_t)(place->name.bytes - place->line));
    *e = (struct diagnostic){
        .type = EXCEPTION_SYNTAX_ERROR,
        .message = arena_printf(s->x->compilation.arena, "invalid syntax. Did you mean '%s'?",
                                keywords[keyword].bytes),
        .has_location = true,
        .has_text = true,
        .lineno = place->lineno,
        .end_lineno = place->lineno,
        .offset = column + 1,
        .end_offset = column + (int)utf8_count(place->name.bytes, place->name.size) + 1,
        .text = place->line,
        .text_length = place->line_size,
    };
    return e;
}

/* The search itself; leaves through s->unwind when an exception would end it. */
static const struct diagnostic *search(struct search *s, const struct diagnostic *e)
{
    struct compilation *tokenizing = arena_alloc(s->x->compilation.arena, sizeof *tokenizing);
    struct scanner *tokens = arena_alloc(s->x->compilation.arena, sizeof *tokens);
    int line = e->statement_line, end_line = e->lineno, names = 0;
    bool from_file = find_lines(s, e, &line, &end_line);
    if (utf8_count(s->code.bytes, s->code.size) > LONGEST_CODE)
        return NULL;
    if (s->target->has[FEATURE_KEYWORD_TYPO_IN_FAULTY_CODE]) {
        enum outcome outcome = compile_command(s, s->code);
        if (outcome != REFUSED)
            return NULL;
    }
    struct diagnostic fault = {.type = EXCEPTION_NONE};
    char *text = arena_copy(s->x->compilation.arena, s->code.bytes, s->code.size + 1);
    text[s->code.size] = '\n';
    s->code.bytes = text;
    *tokenizing = s->x->compilation;
    tokenizing->filename = "<string>";
    tokenizing->diagnostics.warnings = NULL;
    tokenizing->diagnostics.tail = &tokenizing->diagnostics.warnings;
    scanner_init(tokens, tokenizing, edition_of(s->target), text, s->code.size + 1, &fault);
    tokens->liberal = true;
    for (struct place place;;) {
        bool more = next_name(tokens, s->code, &place);
        keep_warnings(s, tokenizing);
        tokenizing->diagnostics.warnings = NULL;
        tokenizing->diagnostics.tail = &tokenizing->diagnostics.warnings;
        if (!more)
            return NULL;
        if (from_file && place.lineno + line != (line == 0 ? end_line : end_line + 1))
            continue;
        if (is_keyword(place.name))
            continue;
        if (++names > MOST_NAMES)
            return NULL;
        int keyword = try_keywords(s, &place);
        if (keyword >= 0)
            return hint(s, &place, keyword);
    }
}

const struct diagnostic *keyword_typos_find(mkpyc_context *x)
{
    const struct compilation *c = &x->compilation;
    const struct diagnostic *e = &c->diagnostics.error;
    const struct diagnostic *volatile found = NULL;
    if (!HAS(c, KEYWORD_TYPOS) || e->type != EXCEPTION_SYNTAX_ERROR || !e->has_text ||
        !e->from_parser)
        return NULL;
    if (strcmp(e->message, "invalid syntax") != 0 &&
        strstr(e->message, "Perhaps you forgot a comma") == NULL)
        return NULL;
    struct search s = {.x = x, .target = c->target};
    arena_init(&s.arena, x->arena.ceiling);
    struct unwind *outer = x->arena.unwind;
    x->arena.unwind = &s.unwind;
    int reason = setjmp(s.unwind.target);
    if (reason == UNWIND_NONE)
        found = search(&s, e);
    x->arena.unwind = outer;
    arena_free(&s.arena);
    free(s.attempt);
    free(s.file);
    if (reason == UNWIND_NO_MEMORY)
        unwind_to(outer, UNWIND_NO_MEMORY);
    return found;
}
