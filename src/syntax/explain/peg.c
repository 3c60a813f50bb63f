/* The machine that runs the grammar; see peg.h.
 *
 * A frame is something under way. The loop takes the topmost one on until it needs the value of
 * another element (which is then started) or has its own value, which goes to the frame below.
 * Rules, groups and repetitions each count as one level, since each is a function in CPython's
 * parser.
 */
#include "syntax/explain/peg.h"

#include "syntax/syntax_rules.h"
#include "util/utf8.h"

void peg_init(struct parser *p, struct compilation *c)
{
    memset(p, 0, sizeof *p);
    p->c = c;
    p->edition = edition_of(c->target);
    p->max_level = c->target->syntax->parser_stack;
    p->wanted_indent = -1;
    p->pair = peg_new_node(p, NODE_PAIR, NO_LOCATION);
    scanner_init(&p->scanner, c, p->edition, c->source, c->source_length, &p->error);
}

/* The type of a name token: a keyword's, or TOKEN_NAME. */
static unsigned name_type(const struct parser *p, const char *text, size_t size)
{
    for (int i = 0; i < p->grammar->keyword_count; i++)
        if (strncmp(p->grammar->keywords[i], text, size) == 0 && p->grammar->keywords[i][size] == 0)
            return TOKEN_KEYWORD_FIRST + (unsigned)i;
    return TOKEN_NAME;
}

/* Puts a newline before the end of the source, as 3.8 does, with all indentation taken back behind
 * it. */
static void end_last_line(struct parser *p, struct scan_token *t)
{
    if (t->type != TOKEN_ENDMARKER || !p->started) {
        p->started = true;
        return;
    }
    t->type = TOKEN_NEWLINE;
    p->started = false;
    p->scanner.pending = -p->scanner.indent;
    p->scanner.indent = 0;
}

bool peg_fill(struct parser *p)
{
    struct scan_token read;
    scan_next(&p->scanner, &read);
    if (edition_in(p->edition, E38))
        end_last_line(p, &read);
    struct peg_token *t = arena_zalloc(p->c->arena, sizeof *t);
    t->type = read.type;
    t->level = read.level;
    t->node.kind = NODE_TOKEN;
    int lines = p->first_line - p->scanner.first_counted;
    int shift = p->in_fstring && !edition_in(p->edition, E38) &&
                        p->scanner.lineno == p->scanner.first_counted
                    ? p->first_column
                    : 0;
    if (!p->in_fstring || edition_in(p->edition, E38))
        lines = 0;
    t->node.loc = (struct location){read.lineno + lines, read.col_offset + shift,
                                    read.end_lineno + lines, read.end_col_offset + shift};
    if (read.start != NULL) {
        t->node.text = read.start;
        t->node.text_size = (size_t)(read.end - read.start);
    }
    if (read.type == TOKEN_NAME) {
        t->type = name_type(p, t->node.text, t->node.text_size);
        if (t->type == TOKEN_NAME)
            t->node.kind = NODE_Name;
    }
    array_push(p->c->arena, &p->tokens, t);
    if (edition_in(p->edition, E38) && read.type == TOKEN_NOTEQUAL && read.start[0] == '<') {
        t->node.loc.col_offset = -1;
        peg_stuck(p);
        p->failed = true;
        return false;
    }
    if (read.type != TOKEN_ERROR)
        return true;
    if (p->scanner.status == SCAN_DECODE)
        peg_decode_error(p);
    else
        peg_tokenizer_error(p);
    p->failed = true;
    return false;
}

/* The next token; NULL: an error. */
static struct peg_token *next_token(struct parser *p)
{
    if (p->mark == (int)p->tokens.count && !peg_fill(p)) {
        p->failed = true;
        return NULL;
    }
    return p->tokens.items[p->mark];
}

struct peg_token *peg_last_token(struct parser *p)
{
    struct peg_token *t = NULL;
    for (int i = p->mark - 1; i >= 0; i--) {
        t = p->tokens.items[i];
        if (t->type != TOKEN_ENDMARKER && (t->type < TOKEN_NEWLINE || t->type > TOKEN_DEDENT))
            break;
    }
    return t;
}

/* Remembers what a rule made of the place `mark`. */
static void insert_memo(struct parser *p, int mark, int rule, struct node *value)
{
    struct memo *m = arena_alloc(p->c->arena, sizeof *m);
    *m = (struct memo){
        .next = p->tokens.items[mark]->memo, .rule = rule, .mark = p->mark, .value = value};
    p->tokens.items[mark]->memo = m;
}

/* What a rule made of a token, or NULL. */
static struct memo *find_memo(struct peg_token *t, int rule)
{
    struct memo *m = t->memo;
    while (m != NULL && m->rule != rule)
        m = m->next;
    return m;
}

/* Whether something is a level of its own: in 3.8 rules are, but not groups and repetitions. */
static bool is_level(const struct parser *p, const struct rule *rule)
{
    return !edition_in(p->edition, E38) || (rule != NULL && !(rule->flags & GROUP));
}

/* Whether a bracket is closed next: in 3.8, which looks at the next token first, no rule starts
 * there. */
static bool closes_bracket(const struct parser *p)
{
    if (!edition_in(p->edition, E38) || p->mark >= (int)p->tokens.count)
        return false;
    unsigned type = p->tokens.items[p->mark]->type;
    return type == TOKEN_RPAR || type == TOKEN_RSQB || type == TOKEN_RBRACE;
}

/* Goes one level down, if it is one; false: too deep. */
static bool go_down(struct parser *p, bool level)
{
    if (!level || p->level++ < p->max_level || closes_bracket(p))
        return true;
    p->failed = true;
    p->error = (struct diagnostic){
        .type = EXCEPTION_MEMORY_ERROR,
        .message = edition_in(p->edition, BEFORE(E312))
                       ? ""
                       : "Parser stack overflowed - Python source too complex to parse",
    };
    return false;
}

static struct frame *push_frame(struct parser *p, enum frame_kind kind)
{
    array_reserve(p->c->arena, &p->frames, 1);
    struct frame *f = &p->frames.items[p->frames.count++];
    memset(f, 0, sizeof *f);
    f->kind = kind;
    f->mark = f->start = p->mark;
    f->called_invalid = p->call_invalid;
    f->values = p->values.count;
    f->level = true;
    return f;
}

/* Starts the alternatives of a rule or group, one level down already. */
static void start_alternatives(struct parser *p, const struct rule *rule,
                               const struct alternatives *alternatives)
{
    struct frame *f = push_frame(p, FRAME_ALTERNATIVES);
    f->level = is_level(p, rule);
    f->rule = rule;
    f->alternatives = alternatives;
    if (rule != NULL && rule->flags & VALID)
        p->call_invalid = false;
}

/* Goes down and starts the alternatives of a rule or group; true: it has ended already, with no
 * value. */
static bool begin_alternatives(struct parser *p, const struct rule *rule,
                               const struct alternatives *alternatives)
{
    go_down(p, is_level(p, rule));
    if (p->failed) {
        p->level -= is_level(p, rule);
        return true;
    }
    start_alternatives(p, rule, alternatives);
    return false;
}

/* Starts a rule; true: it has ended already, *value is its value. */
static bool begin_rule(struct parser *p, const struct rule *rule, struct node **value)
{
    bool level = is_level(p, rule);
    *value = NULL;
    go_down(p, level);
    struct peg_token *t = p->failed ? NULL : next_token(p);
    if (t == NULL) {
        p->level -= level;
        return true;
    }
    if (rule->flags & (MEMO | LEFT)) {
        struct memo *m = find_memo(t, rule->id);
        if (m != NULL) {
            p->mark = m->mark;
            *value = m->value;
            p->level -= level;
            return true;
        }
    }
    if (rule->flags & LEFT) {
        struct frame *f = push_frame(p, FRAME_LEFT);
        f->rule = rule;
        f->look = p->mark;
    } else {
        start_alternatives(p, rule, &rule->body);
    }
    return false;
}

/* Starts a repetition; true: it has ended already, with no value. */
static bool begin_repetition(struct parser *p, const struct element *e, enum frame_kind kind)
{
    go_down(p, is_level(p, NULL));
    if (p->failed) {
        p->level -= is_level(p, NULL);
        return true;
    }
    struct frame *f = push_frame(p, kind);
    f->level = is_level(p, NULL);
    f->element = e;
    return false;
}

/* Matches a soft keyword, or any of them. */
static struct node *match_soft(struct parser *p, struct peg_token *t, const struct element *e)
{
    if (t->type != TOKEN_NAME)
        return NULL;
    for (int i = 0; i < p->grammar->soft_keyword_count; i++) {
        const char *word = p->grammar->soft_keywords[i];
        if (e->kind == ELEMENT_SOFT && word != e->text)
            continue;
        /* Releases before 3.13.15 take the start of a soft keyword for one where any is asked for.
         */
        bool whole = e->kind == ELEMENT_SOFT || !edition_in(p->edition, BEFORE(E313P));
        if (strncmp(word, t->node.text, t->node.text_size) == 0 &&
            (!whole || strlen(word) == t->node.text_size)) {
            p->mark++;
            return &t->node;
        }
    }
    return NULL;
}

/* A name token's value; a name that only is None, True or False once normalised is a ValueError. */
static struct node *match_name(struct parser *p, struct peg_token *t)
{
    static const char *const reserved[] = {"None", "True", "False"};
    p->mark++;
    size_t plain = 0, size;
    while (plain < t->node.text_size && (unsigned char)t->node.text[plain] < 0x80)
        plain++;
    if (plain == t->node.text_size || edition_in(p->edition, BEFORE(E313P)))
        return &t->node;
    const char *normal = unicode_nfkc(p->c->arena, t->node.text, t->node.text_size,
                                      p->c->target->syntax->unicode.version, &size);
    for (int i = 0; i < 3; i++) {
        if (strlen(reserved[i]) == size && memcmp(reserved[i], normal, size) == 0 &&
            !peg_error_set(p)) {
            p->failed = true;
            p->error = (struct diagnostic){
                .type = EXCEPTION_VALUE_ERROR,
                .message = arena_printf(
                    p->c->arena, "identifier field can't represent '%s' constant", reserved[i]),
            };
            return NULL;
        }
    }
    return &t->node;
}

/* Starts to match an element; true: that is done already, *value is its value or NULL. */
static bool begin(struct parser *p, const struct element *e, struct node **value)
{
    struct peg_token *t;
    *value = NULL;
    switch (e->kind) {
    case ELEMENT_RULE: return begin_rule(p, e->rule, value);
    case ELEMENT_GROUP: return begin_alternatives(p, NULL, e->group);
    case ELEMENT_LOOP: return begin_repetition(p, e, FRAME_LOOP);
    case ELEMENT_GATHER: return begin_repetition(p, e, FRAME_GATHER);
    case ELEMENT_TOKEN:
        t = next_token(p);
        if (t != NULL && t->type == e->token) {
            p->mark++;
            *value = &t->node;
        } else if (e->token == TOKEN_INDENT) {
            p->wanted_indent = p->mark;
        }
        return true;
    case ELEMENT_NAME:
        t = next_token(p);
        if (t != NULL && t->type == TOKEN_NAME)
            *value = match_name(p, t);
        return true;
    case ELEMENT_NUMBER:
        t = next_token(p);
        if (t != NULL && t->type == TOKEN_NUMBER) {
            p->mark++;
            *value = peg_number(p, t);
        }
        return true;
    case ELEMENT_SOFT:
    case ELEMENT_SOFT_KEYWORD:
        t = next_token(p);
        if (t != NULL)
            *value = match_soft(p, t, e);
        return true;
    }
    return true;
}

/* Ends the topmost frame with a value. Always true. */
static bool finish(struct parser *p, struct node **value, struct node *result)
{
    struct frame *f = &p->frames.items[--p->frames.count];
    p->values.count = f->values;
    p->call_invalid = f->called_invalid;
    p->level -= f->level;
    *value = result;
    return true;
}

/* Ends a rule or group in the regular way: its result is remembered. */
static bool finish_rule(struct parser *p, struct frame *f, struct node **value, struct node *result)
{
    if (f->rule != NULL && f->rule->flags & MEMO)
        insert_memo(p, f->start, f->rule->id, result);
    return finish(p, value, result);
}

/* Makes the next alternative that counts current; false: there is none. */
static bool next_alternative(struct parser *p, struct frame *f)
{
    while (f->alternative < f->alternatives->count) {
        const struct alternative *a = &f->alternatives->items[f->alternative];
        if (!a->invalid || p->call_invalid) {
            f->item = 0;
            f->cut = false;
            f->value_count = 0;
            f->value = NULL;
            memset(f->slots, 0, sizeof f->slots);
            return true;
        }
        f->alternative++;
    }
    return false;
}

/* Takes note of an item's value; false: the alternative has failed. */
static bool take_value(struct parser *p, struct frame *f, const struct item *item,
                       struct node *value)
{
    switch (item->mode) {
    case ITEM_AHEAD:
    case ITEM_NOT_AHEAD: p->mark = f->look; return (value != NULL) == (item->mode == ITEM_AHEAD);
    case ITEM_OPTIONAL:
        if (p->failed)
            return false;
        break;
    case ITEM_FORCED:
        if (p->failed)
            return false;
        if (value == NULL) {
            peg_raise_range(p, &p->tokens.items[p->mark]->node, &p->tokens.items[p->mark]->node,
                            arena_printf(p->c->arena, "expected '%s'", item->element->text));
            p->failed = true;
            return false;
        }
        break;
    default:
        if (value == NULL)
            return false;
    }
    if (f->value_count++ == 0)
        f->value = value;
    if (item->slot >= 0)
        f->slots[item->slot] = value;
    return true;
}

/* Starts the items of the current alternative until one takes time (0), all have matched (1) or one
 * has failed (-1). */
static int run_items(struct parser *p, struct frame *f)
{
    const struct alternative *a = &f->alternatives->items[f->alternative];
    while (f->item < a->count) {
        const struct item *item = &a->items[f->item];
        if (item->mode == ITEM_CUT) {
            f->cut = true;
            f->item++;
            continue;
        }
        f->look = p->mark;
        struct node *value;
        size_t index = (size_t)(f - p->frames.items);
        if (item->mode == ITEM_FORCED && p->failed)
            return -1;
        if (!begin(p, item->element, &value)) {
            p->frames.items[index].waiting = true;
            return 0;
        }
        f = &p->frames.items[index];
        if (!take_value(p, f, item, value))
            return -1;
        f->item++;
    }
    return 1;
}

/* Takes a rule or group on; true: it has ended. */
static bool advance_alternatives(struct parser *p, struct frame *f, struct node **value)
{
    size_t index = (size_t)(f - p->frames.items);
    int state = 1;
    if (f->waiting) {
        const struct item *item = &f->alternatives->items[f->alternative].items[f->item];
        f->waiting = false;
        state = take_value(p, f, item, *value) ? 2 : -1;
        f->item++;
    } else if (!next_alternative(p, f)) {
        return finish_rule(p, f, value, NULL);
    } else {
        state = 2;
    }
    for (;;) {
        if (state == 2)
            state = run_items(p, f);
        f = &p->frames.items[index];
        if (state == 0)
            return false;
        if (state == 1) {
            struct node *result = peg_act(p, &f->alternatives->items[f->alternative], f);
            if (result == NULL && peg_error_set(p)) {
                p->failed = true;
                return finish(p, value, NULL);
            }
            return finish_rule(p, f, value, result);
        }
        p->mark = f->start;
        if (f->cut || p->failed)
            return finish(p, value, NULL);
        f->alternative++;
        if (!next_alternative(p, f))
            return finish_rule(p, f, value, NULL);
        state = 2;
    }
}

/* Ends a repetition with what it has collected. */
static bool finish_repetition(struct parser *p, struct frame *f, struct node **value)
{
    uint32_t count = p->values.count - f->values;
    bool loop = f->kind == FRAME_LOOP;
    if ((loop && f->element->at_least_one && (count == 0 || p->failed)) || (!loop && count == 0))
        return finish(p, value, NULL);
    struct node *sequence = peg_new_node(p, NODE_SEQUENCE, NO_LOCATION);
    sequence->count = count;
    sequence->items = arena_alloc_array(p->c->arena, count, sizeof *sequence->items);
    if (count > 0)
        memcpy(sequence->items, p->values.items + f->values, count * sizeof *sequence->items);
    return finish(p, value, sequence);
}

/* Takes a repetition on; true: it has ended. */
static bool advance_loop(struct parser *p, struct frame *f, struct node **value)
{
    size_t index = (size_t)(f - p->frames.items);
    bool have = f->waiting;
    for (;;) {
        if (have) {
            if (*value == NULL) {
                p->mark = f->mark;
                return finish_repetition(p, f, value);
            }
            array_push(p->c->arena, &p->values, *value);
            f->mark = p->mark;
        }
        f->waiting = true;
        have = begin(p, f->element->inner, value);
        f = &p->frames.items[index];
        if (!have)
            return false;
    }
}

/* Takes a repetition with separators on; true: it has ended. The first element counts as one level,
 * the others as two. */
static bool advance_gather(struct parser *p, struct frame *f, struct node **value)
{
    size_t index = (size_t)(f - p->frames.items);
    bool have = f->waiting;
    for (;;) {
        if (have) {
            bool first = p->values.count == f->values;
            if (*value == NULL) {
                p->mark = f->mark;
                if (!first)
                    p->level -= f->level;
                return finish_repetition(p, f, value);
            }
            array_push(p->c->arena, &p->values, *value);
            f->mark = p->mark;
            if (first && !go_down(p, f->level)) {
                p->level -= f->level;
                return finish_repetition(p, f, value);
            }
            struct peg_token *t = next_token(p);
            if (t == NULL || t->type != f->element->token) {
                p->level -= f->level;
                p->mark = f->mark;
                return finish_repetition(p, f, value);
            }
            p->mark++;
        }
        f->waiting = true;
        have = begin(p, f->element->inner, value);
        f = &p->frames.items[index];
        if (!have)
            return false;
    }
}

/* Takes a left-recursive rule on: tries its body again and again, each time with the result of the
 * time before standing for itself, as long as more is matched. True: it has ended. */
static bool advance_left(struct parser *p, struct frame *f, struct node **value)
{
    size_t index = (size_t)(f - p->frames.items);
    bool have = f->waiting;
    for (;;) {
        if (have) {
            if (p->failed)
                return finish(p, value, NULL);
            if (*value == NULL || p->mark <= f->look) {
                p->mark = f->look;
                return finish(p, value, f->value);
            }
            f->look = p->mark;
            f->value = *value;
        }
        struct memo *m = find_memo(p->tokens.items[f->start], f->rule->id);
        if (m != NULL) {
            m->mark = p->mark;
            m->value = f->value;
        } else {
            insert_memo(p, f->start, f->rule->id, f->value);
        }
        p->mark = f->start;
        f->waiting = true;
        *value = NULL;
        have = begin_alternatives(p, f->rule, &f->rule->body);
        f = &p->frames.items[index];
        if (!have)
            return false;
    }
}

/* Runs the parser from the start; NULL: rejected. */
static struct node *run_pass(struct parser *p)
{
    struct node *value = NULL;
    p->frames.count = 0;
    p->values.count = 0;
    p->level = 0;
    if (begin_rule(p, p->in_fstring ? p->grammar->fstring : p->grammar->file, &value))
        return value;
    while (p->frames.count > 0) {
        struct frame *f = &p->frames.items[p->frames.count - 1];
        switch (f->kind) {
        case FRAME_ALTERNATIVES: advance_alternatives(p, f, &value); break;
        case FRAME_LOOP: advance_loop(p, f, &value); break;
        case FRAME_GATHER: advance_gather(p, f, &value); break;
        case FRAME_LEFT: advance_left(p, f, &value); break;
        }
    }
    return value;
}

/* Goes back to the start for the second pass. */
static void begin_second_pass(struct parser *p)
{
    for (uint32_t i = 0; i < p->tokens.count; i++)
        p->tokens.items[i]->memo = NULL;
    p->mark = 0;
    p->call_invalid = true;
}

/* Whether the source has been read to its end. */
static bool is_at_end(const struct parser *p)
{
    return p->scanner.status == SCAN_EOF || p->scanner.status == SCAN_EOFS ||
           p->scanner.status == SCAN_EOLS;
}

/* Parses as 3.8 does: the syntax of all of the source first. */
static bool parse_one_token_ahead(struct parser *p)
{
    const struct node *tree = run_pass(p);
    if (peg_error_set(p))
        return false;
    if (tree == NULL) {
        peg_stuck(p);
        return false;
    }
    return tree_check(p, tree);
}

bool peg_parse(struct parser *p)
{
    if (edition_in(p->edition, E38))
        return parse_one_token_ahead(p);
    if (run_pass(p) != NULL && !peg_error_set(p))
        return true;
    if (p->c->tells_incomplete && is_at_end(p)) {
        p->error =
            (struct diagnostic){.type = EXCEPTION_INCOMPLETE_INPUT, .message = "incomplete input"};
        return false;
    }
    if (peg_error_set(p) && !exception_is_syntax_error(p->error.type))
        return false;
    struct peg_token *last = p->tokens.items[p->tokens.count - 1];
    begin_second_pass(p);
    run_pass(p);
    peg_conclude(p, last);
    p->error.from_parser = true;
    p->error.statement_line = p->statement_line;
    return false;
}

bool peg_run_expression(struct parser *p, const char *text, size_t size, int line, int column)
{
    struct parser *q = p->inner;
    if (q == NULL) {
        q = p->inner = arena_alloc(p->c->arena, sizeof *q);
        peg_init(q, p->c);
        q->grammar = p->grammar;
        q->in_fstring = true;
    }
    q->tokens.count = 0;
    q->error.type = EXCEPTION_NONE;
    q->failed = q->call_invalid = false;
    q->barry = p->barry;
    q->mark = 0;
    q->started = false;
    q->error_token = NULL;
    q->wanted_indent = -1;
    q->first_line = line;
    q->first_column = column;
    scanner_init(&q->scanner, p->c, p->edition, text, size, &q->error);
    q->scanner.first_counted = edition_in(p->edition, BEFORE(E310))
                                   ? 1
                                   : line; /* to 3.9 the tokenizer does not know the line */
    q->scanner.lineno = q->scanner.first_counted - 1;
    if (peg_parse(q))
        return true;
    p->error = q->error;
    if (edition_in(p->edition, E38))
        p->error.filename = "<fstring>"; /* to 3.8 an expression is compiled apart */
    return false;
}
