/* Reads the text of the grammar into the form that the parser runs on. See grammar.h. */
#include "syntax/explain/grammar.h"

enum line_kind { LINE_RULE, LINE_ALTERNATIVE };

/* One entry of the grammar's text. */
struct line {
    enum line_kind kind;
    unsigned editions;
    unsigned flags; /* of a rule, in these editions; PLAIN in others */
    enum result_kind result;
    int detail;
    const char *text; /* a rule's name, an alternative's pattern */
    const char *message;
};

static const struct line lines[] = {
#define A EDITIONS_ALL
#define RULE(name, flags) {LINE_RULE, A, flags, RESULT_DEFAULT, 0, #name, NULL},
#define RULE_SINCE(edition, name, flags)                                                           \
    {LINE_RULE, SINCE(edition), flags, RESULT_DEFAULT, 0, #name, NULL},
#define ALT(editions, pattern) {LINE_ALTERNATIVE, editions, 0, RESULT_DEFAULT, 0, pattern, NULL},
#define PICK(editions, pattern) {LINE_ALTERNATIVE, editions, 0, RESULT_PICK, 0, pattern, NULL},
#define MAKE(editions, kind, pattern)                                                              \
    {LINE_ALTERNATIVE, editions, 0, RESULT_MAKE, NODE_##kind, pattern, NULL},
#define CALL(editions, name, pattern)                                                              \
    {LINE_ALTERNATIVE, editions, 0, RESULT_CALL, CALL_##name, pattern, NULL},
#define FAULT(editions, place, pattern, message)                                                   \
    {LINE_ALTERNATIVE, editions, 0, RESULT_FAULT, place, pattern, message},
#include "syntax/explain/grammar_statements.def"

#include "syntax/explain/grammar_expressions.def"

#include "syntax/explain/grammar_faults.def"

#include "syntax/explain/grammar_ll1.def"
};
#define LINE_COUNT (sizeof lines / sizeof *lines)
#define MAX_ITEMS 24
#define MAX_ALTERNATIVES 32
#define NAME_SLOTS 1024

struct loader {
    struct arena *arena;
    struct grammar *g;
    const char *next; /* what is left of the pattern being read */
    const char *fault;
    uint16_t names[NAME_SLOTS]; /* rule number + 1 by hash of the name */
    struct rule **needed;       /* rules that are referred to, in that order */
    int needed_count;
    bool *seen; /* by rule number: is in `needed` */
};

/* The place of a name in the table of rules. */
static uint16_t *find_slot(struct loader *l, const char *name, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)name[i]) * 16777619u;
    for (uint32_t i = hash;; i++) {
        uint16_t *slot = &l->names[i % NAME_SLOTS];
        if (*slot == 0)
            return slot;
        const char *known = l->g->rules[*slot - 1].name;
        if (strncmp(known, name, size) == 0 && known[size] == 0)
            return slot;
    }
}

/* Notes a fault in the text; the first one counts. */
static void complain(struct loader *l)
{
    if (l->fault == NULL)
        l->fault = l->next;
    l->next = "";
}

static void skip_spaces(struct loader *l)
{
    while (*l->next == ' ')
        l->next++;
}

/* Reads on if the text has this. */
static bool accept(struct loader *l, const char *text)
{
    size_t size = strlen(text);
    if (strncmp(l->next, text, size) != 0)
        return false;
    l->next += size;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The index of a word in a list, added if it is new. */
static int word_index(struct loader *l, const char **list, int *count, const char *word,
                      size_t size)
{
    for (int i = 0; i < *count; i++)
        if (strncmp(list[i], word, size) == 0 && list[i][size] == 0)
            return i;
    if (*count == GRAMMAR_MAX_KEYWORDS) {
        complain(l);
        return 0;
    }
    list[*count] = arena_copy(l->arena, word, size);
    return (*count)++;
}

static struct element *new_element(struct loader *l, enum element_kind kind)
{
    struct element *e = arena_zalloc(l->arena, sizeof *e);
    e->kind = kind;
    return e;
}

/* Notes that a rule is used in this edition. */
static void need_rule(struct loader *l, struct rule *rule)
{
    if (!l->seen[rule->id]) {
        l->seen[rule->id] = true;
        l->needed[l->needed_count++] = rule;
    }
}

static void read_alternative(struct loader *l, struct alternative *alternative);

/* The token type of what stands between the quotes at l->next. */
static unsigned read_token(struct loader *l, const char **text)
{
    const char *start = l->next + 1;
    const char *end = strchr(start, '\'');
    if (*l->next != '\'' || end == NULL) {
        complain(l);
        return 0;
    }
    size_t size = (size_t)(end - start);
    l->next = end + 1;
    *text = arena_copy(l->arena, start, size);
    if (is_letter(*start))
        return TOKEN_KEYWORD_FIRST +
               (unsigned)word_index(l, l->g->keywords, &l->g->keyword_count, start, size);
    unsigned type = token_operator_type(start, size);
    if (type == TOKEN_OPERATOR)
        complain(l);
    return type;
}

/* Reads alternatives up to the closing bracket. A group of one plain item is that item. */
static struct element *read_group(struct loader *l, const char *close)
{
    struct alternative found[MAX_ALTERNATIVES];
    int count = 0;
    do {
        if (count == MAX_ALTERNATIVES) {
            complain(l);
            return NULL;
        }
        read_alternative(l, &found[count++]);
    } while (accept(l, "|"));
    if (!accept(l, close))
        complain(l);
    if (count == 1 && found[0].count == 1 && found[0].items[0].mode == ITEM_PLAIN)
        return found[0].items[0].element;
    struct element *e = new_element(l, ELEMENT_GROUP);
    e->group = arena_alloc(l->arena, sizeof *e->group);
    e->group->count = count;
    e->group->items = arena_alloc_array(l->arena, (size_t)count, sizeof *found);
    memcpy(e->group->items, found, (size_t)count * sizeof *found);
    return e;
}

/* Reads a word: a kind of token or a rule. */
static struct element *read_word(struct loader *l)
{
    static const struct {
        const char *name;
        enum element_kind kind;
        unsigned token;
    } words[] = {
        {"NAME", ELEMENT_NAME, 0},
        {"NUMBER", ELEMENT_NUMBER, 0},
        {"SOFT_KEYWORD", ELEMENT_SOFT_KEYWORD, 0},
        {"STRING", ELEMENT_TOKEN, TOKEN_STRING},
        {"NEWLINE", ELEMENT_TOKEN, TOKEN_NEWLINE},
        {"INDENT", ELEMENT_TOKEN, TOKEN_INDENT},
        {"DEDENT", ELEMENT_TOKEN, TOKEN_DEDENT},
        {"ENDMARKER", ELEMENT_TOKEN, TOKEN_ENDMARKER},
        {"TYPE_COMMENT", ELEMENT_TOKEN, TOKEN_TYPE_COMMENT},
        {"FSTRING_START", ELEMENT_TOKEN, TOKEN_FSTRING_START},
        {"FSTRING_MIDDLE", ELEMENT_TOKEN, TOKEN_FSTRING_MIDDLE},
        {"FSTRING_END", ELEMENT_TOKEN, TOKEN_FSTRING_END},
        {"TSTRING_START", ELEMENT_TOKEN, TOKEN_TSTRING_START},
        {"TSTRING_MIDDLE", ELEMENT_TOKEN, TOKEN_TSTRING_MIDDLE},
        {"TSTRING_END", ELEMENT_TOKEN, TOKEN_TSTRING_END},
    };
    const char *start = l->next;
    while (is_letter(*l->next))
        l->next++;
    size_t size = (size_t)(l->next - start);
    if (*start >= 'A' && *start <= 'Z') {
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (strncmp(words[i].name, start, size) == 0 && words[i].name[size] == 0) {
                struct element *e = new_element(l, words[i].kind);
                e->token = words[i].token;
                return e;
            }
        }
    }
    uint16_t *slot = find_slot(l, start, size);
    if (*slot == 0) {
        l->next = start;
        complain(l);
        return NULL;
    }
    struct element *e = new_element(l, ELEMENT_RULE);
    e->rule = &l->g->rules[*slot - 1];
    need_rule(l, e->rule);
    return e;
}

/* Reads one thing to match, without what may follow it. */
static struct element *read_primary(struct loader *l)
{
    if (*l->next == '\'') {
        struct element *e = new_element(l, ELEMENT_TOKEN);
        e->token = read_token(l, &e->text);
        return e;
    }
    if (accept(l, "`")) {
        struct element *e = new_element(l, ELEMENT_SOFT);
        const char *start = l->next;
        while (is_letter(*l->next))
            l->next++;
        int index = word_index(l, l->g->soft_keywords, &l->g->soft_keyword_count, start,
                               (size_t)(l->next - start));
        e->text = l->g->soft_keywords[index];
        if (!accept(l, "`"))
            complain(l);
        return e;
    }
    if (accept(l, "("))
        return read_group(l, ")");
    if (is_letter(*l->next))
        return read_word(l);
    complain(l);
    return NULL;
}

/* Reads one thing to match with the repetition that may follow it. */
static struct element *read_element(struct loader *l)
{
    struct element *inner = read_primary(l), *e;
    if (accept(l, "/")) {
        const char *text;
        e = new_element(l, ELEMENT_GATHER);
        e->token = read_token(l, &text);
    } else if (*l->next == '*' || *l->next == '+') {
        e = new_element(l, ELEMENT_LOOP);
        e->at_least_one = *l->next++ == '+';
    } else {
        return inner;
    }
    e->inner = inner;
    return e;
}

/* Reads one item. */
static void read_item(struct loader *l, struct item *item)
{
    *item = (struct item){.slot = -1};
    if (l->next[0] >= 'a' && l->next[0] <= 'd' && l->next[1] == ':') {
        item->slot = l->next[0] - 'a';
        l->next += 2;
    }
    if (accept(l, "~")) {
        item->mode = ITEM_CUT;
        return;
    }
    if (accept(l, "[")) {
        item->mode = ITEM_OPTIONAL;
        item->element = read_group(l, "]");
        return;
    }
    if (accept(l, "&&"))
        item->mode = ITEM_FORCED;
    else if (accept(l, "&"))
        item->mode = ITEM_AHEAD;
    else if (accept(l, "!"))
        item->mode = ITEM_NOT_AHEAD;
    item->element = read_element(l);
}

/* Reads items up to the end of an alternative. */
static void read_alternative(struct loader *l, struct alternative *alternative)
{
    struct item items[MAX_ITEMS];
    *alternative = (struct alternative){.result = RESULT_DEFAULT};
    for (skip_spaces(l); *l->next != 0 && *l->next != '|' && *l->next != ')' && *l->next != ']';
         skip_spaces(l)) {
        if (alternative->count == MAX_ITEMS) {
            complain(l);
            break;
        }
        struct item *item = &items[alternative->count++];
        read_item(l, item);
        if (item->slot >= 0)
            alternative->result = RESULT_PICK;
    }
    alternative->items = arena_alloc_array(l->arena, (size_t)alternative->count, sizeof *items);
    memcpy(alternative->items, items, (size_t)alternative->count * sizeof *items);
    const struct element *first = alternative->count == 1 ? items[0].element : NULL;
    alternative->invalid = first != NULL && first->kind == ELEMENT_RULE &&
                           strncmp(first->rule->name, "invalid_", 8) == 0;
}

/* Reads an alternative of a rule. */
static void read_line(struct loader *l, const struct line *line, struct alternative *alternative)
{
    l->next = line->text;
    read_alternative(l, alternative);
    if (*l->next != 0)
        complain(l);
    alternative->result = line->result;
    alternative->detail = line->detail;
    alternative->message = line->message;
}

/* Reads the alternatives of a rule, from line `first` on. */
static void read_rule(struct loader *l, const struct edition *edition, struct rule *rule,
                      size_t first)
{
    struct alternative found[MAX_ALTERNATIVES];
    int count = 0;
    for (size_t i = first; i < LINE_COUNT && lines[i].kind == LINE_ALTERNATIVE; i++) {
        if (!edition_in(edition, lines[i].editions))
            continue;
        if (count == MAX_ALTERNATIVES) {
            complain(l);
            return;
        }
        read_line(l, &lines[i], &found[count++]);
    }
    rule->body.count = count;
    rule->body.items = arena_alloc_array(l->arena, (size_t)count, sizeof *found);
    memcpy(rule->body.items, found, (size_t)count * sizeof *found);
}

/* The rule of a name, which must exist. */
static struct rule *named_rule(struct loader *l, const char *name)
{
    return &l->g->rules[*find_slot(l, name, strlen(name)) - 1];
}

struct grammar *grammar_load(struct arena *arena, const struct edition *edition, const char **fault)
{
    struct loader *l = arena_zalloc(arena, sizeof *l);
    struct grammar *g = arena_zalloc(arena, sizeof *g);
    size_t *first = arena_alloc_array(arena, LINE_COUNT, sizeof *first);
    l->arena = arena;
    l->g = g;
    l->needed = arena_alloc_array(arena, LINE_COUNT, sizeof *l->needed);
    l->seen = arena_zalloc(arena, LINE_COUNT);
    g->rules = arena_alloc_array(arena, LINE_COUNT, sizeof *g->rules);
    for (size_t i = 0; i < LINE_COUNT; i++) {
        if (lines[i].kind != LINE_RULE)
            continue;
        struct rule *rule = &g->rules[g->rule_count];
        *rule = (struct rule){.name = lines[i].text, .id = g->rule_count};
        rule->flags = edition_in(edition, lines[i].editions) ? lines[i].flags : PLAIN;
        first[g->rule_count] = i + 1;
        uint16_t *slot = find_slot(l, rule->name, strlen(rule->name));
        *slot = (uint16_t)++g->rule_count;
    }
    bool ll1 = edition_in(edition, E38);
    g->file = named_rule(l, ll1 ? "ll_file" : "file");
    g->fstring = named_rule(l, ll1 ? "ll_expression" : "fstring_text");
    need_rule(l, g->file);
    need_rule(l, g->fstring);
    for (int i = 0; i < l->needed_count && l->fault == NULL; i++)
        read_rule(l, edition, l->needed[i], first[l->needed[i]->id]);
    *fault = l->fault;
    return l->fault ? NULL : g;
}
