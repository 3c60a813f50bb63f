/* See future.h. */
#include "sema/future.h"

#include "sema/fold.h"
#include "sema/sema.h"
#include "syntax/syntax_error.h"
#include "util/utf8.h"

#include <stdio.h>

/* Features that are known and change nothing any more. */
static bool is_settled(const struct string *s)
{
    static const char *const settled[] = {
        "nested_scopes",  "generators",     "division",         "absolute_import",
        "with_statement", "print_function", "unicode_literals", "generator_stop",
    };
    for (size_t i = 0; i < sizeof settled / sizeof *settled; i++) {
        if (strlen(settled[i]) == s->length && memcmp(settled[i], s->bytes, s->length) == 0)
            return true;
    }
    return false;
}

/* Is the string this literal? */
static bool equals(const struct string *s, const char *text)
{
    return strlen(text) == s->length && memcmp(text, s->bytes, s->length) == 0;
}

/* Raise at the name or, in older releases, at the statement. */
static _Noreturn void raise_at_feature(struct compilation *c, const struct stmt *s,
                                       const struct alias *name, const char *message)
{
    if (HAS(c, FUTURE_ERROR_AT_NAME))
        syntax_error_at(c, name->loc, message);
    syntax_error_at_offset(c, s->loc.lineno, s->loc.col_offset + 1, message);
}

/* Take in the features of one statement. */
static void check_features(struct compilation *c, const struct stmt *s)
{
    const struct alias_list *names = s->v.ImportFrom.names;
    for (uint32_t i = 0; i < names->count; i++) {
        const struct alias *name = names->items[i];
        const struct string *feature = strings_get(&c->strings, name->name);
        if (is_settled(feature))
            continue;
        if (equals(feature, "barry_as_FLUFL")) {
            c->future_flags |= FUTURE_BARRY_AS_BDFL;
        } else if (equals(feature, "annotations")) {
            c->future_flags |= FUTURE_ANNOTATIONS;
        } else if (equals(feature, "braces")) {
            raise_at_feature(c, s, name, "not a chance");
        } else {
            /* At most 100 bytes of the name; a character that is cut in two is not shown in part.
             */
            uint32_t length = feature->length < 100 ? feature->length : 100;
            while (length < feature->length && length > 0 && utf8_continues(feature->bytes[length]))
                length--;
            raise_at_feature(c, s, name,
                             arena_printf(c->arena, "future feature %.*s is not defined",
                                          (int)length, feature->bytes));
        }
    }
}

/* from __future__ import ... (with or without a level, as the release sees it) */
static bool is_future_import(const struct compilation *c, const struct stmt *s)
{
    return s->kind == ImportFrom_kind && s->v.ImportFrom.module == NAME_dunder_future &&
           (s->v.ImportFrom.level == 0 || !HAS(c, FUTURE_NEEDS_LEVEL_ZERO));
}

void future_parse(struct compilation *c, struct module_ast *m)
{
    bool done = false;
    int previous_line = 0;
    c->future_flags = 0;
    c->future_location = NO_LOCATION;
    for (uint32_t i = ast_docstring(m->body) != NULL; i < m->body->count; i++) {
        const struct stmt *s = m->body->items[i];
        if (done && s->loc.lineno > previous_line)
            return;
        previous_line = s->loc.lineno;
        if (!is_future_import(c, s)) {
            if (HAS(c, FUTURE_STOPS_AT_FIRST_OTHER))
                return;
            done = true;
            continue;
        }
        if (done) {
            syntax_error_at_offset(
                c, s->loc.lineno, s->loc.col_offset,
                "from __future__ imports must occur at the beginning of the file");
        }
        check_features(c, s);
        c->future_location = s->loc;
    }
}

uint32_t future_code_flags(const struct compilation *c)
{
    const struct sema_slots *sema = c->target->sema;
    return (c->future_flags & FUTURE_ANNOTATIONS ? sema->co_future_annotations : 0) |
           (c->future_flags & FUTURE_BARRY_AS_BDFL ? sema->co_future_barry_as_bdfl : 0);
}

bool future_is_late(const struct compilation *c, const struct stmt *s)
{
    const struct location *last = &c->future_location;
    if (!is_future_import(c, s))
        return false;
    if (s->loc.lineno > last->lineno)
        return true;
    return HAS(c, FUTURE_STOPS_AT_FIRST_OTHER) && s->loc.lineno == last->end_lineno &&
           s->loc.col_offset > last->end_col_offset;
}
