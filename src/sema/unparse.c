/* See unparse.h. */
#include "sema/unparse.h"

#include "sema/sema.h"
#include "syntax/syntax_rules.h"
#include "syntax/unicode.h"
#include "util/bigint.h"
#include "util/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Integers with more digits than this have no decimal text in Python. */
#define MAX_STR_DIGITS 4300

/* Precedence, loosest first. */
enum priority {
    PR_TUPLE,
    PR_TEST,
    PR_OR,
    PR_AND,
    PR_NOT,
    PR_CMP,
    PR_EXPR,
    PR_BOR = PR_EXPR,
    PR_BXOR,
    PR_BAND,
    PR_SHIFT,
    PR_ARITH,
    PR_TERM,
    PR_FACTOR,
    PR_POWER,
    PR_AWAIT,
    PR_ATOM,
};

/* Text in the making. */
struct text {
    struct compilation *c;
    ARRAY(char) bytes;
};

static void write_expr(struct text *t, const struct expr *e, int level);
static void write_joined(struct text *t, const struct expr *e, bool is_format_spec);

/* ---- text ---- */

/* Append bytes. */
static void write_bytes(struct text *t, const char *bytes, size_t length)
{
    if (length > UINT32_MAX / 4 || t->bytes.count > UINT32_MAX / 2)
        unwind_to(t->c->arena->unwind, UNWIND_NO_MEMORY);
    array_reserve(t->c->arena, &t->bytes, (uint32_t)length);
    if (length != 0)
        memcpy(t->bytes.items + t->bytes.count, bytes, length);
    t->bytes.count += (uint32_t)length;
}

/* Append a literal. */
static void write_text(struct text *t, const char *text)
{
    write_bytes(t, text, strlen(text));
}

/* Append one character. */
static void write_char(struct text *t, char ch)
{
    write_bytes(t, &ch, 1);
}

/* Append an identifier. */
static void write_name(struct text *t, identifier name)
{
    const struct string *s = strings_get(&t->c->strings, name);
    write_bytes(t, s->bytes, s->length);
}

/* ", " before all but the first. */
static void write_comma(struct text *t, bool *first)
{
    if (!*first)
        write_text(t, ", ");
    *first = false;
}

/* ---- repr of constants ---- */

/* repr() of a str. */
static void write_str_repr(struct text *t, const char *bytes, size_t length)
{
    enum unicode_version version = t->c->target->syntax->unicode.version;
    char quote = unicode_repr_quote(bytes, length), shown[10];
    write_char(t, quote);
    for (size_t at = 0, size; at < length; at += size) {
        uint32_t cp = utf8_read(bytes + at, &size);
        write_bytes(t, shown, unicode_write_repr(shown, cp, quote, version));
    }
    write_char(t, quote);
}

/* repr() of bytes. */
static void write_bytes_repr(struct text *t, const char *bytes, size_t length)
{
    char quote = unicode_repr_quote(bytes, length), shown[10];
    write_char(t, 'b');
    write_char(t, quote);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        size_t size = byte < 0x80 ? unicode_write_repr(shown, byte, quote, UNICODE_17_0)
                                  : (size_t)snprintf(shown, sizeof shown, "\\x%02x", byte);
        write_bytes(t, shown, size);
    }
    write_char(t, quote);
}

/* The shortest digits that read back as the (finite, not negative) number, and the place of the
 * point behind the first. */
static int shortest_digits(double value, char digits[20], int *exponent)
{
    char buffer[40];
    for (int precision = 0; precision < 17; precision++) {
        snprintf(buffer, sizeof buffer, "%.*e", precision, value);
        if (precision == 16 || strtod(buffer, NULL) == value)
            break;
    }
    int count = 0;
    const char *p = buffer;
    for (; *p != 'e'; p++) {
        if (*p >= '0' && *p <= '9')
            digits[count++] = *p;
    }
    *exponent = atoi(p + 1);
    while (count > 1 && digits[count - 1] == '0')
        count--;
    return count;
}

/* repr() of a float; parts of a complex number have no ".0". Infinity is what reads back as
 * infinity. */
static void write_float_repr(struct text *t, double value, bool add_dot_zero)
{
    char digits[20], exponent_text[8];
    int exponent;
    if (isnan(value)) {
        write_text(t, "nan");
        return;
    }
    if (signbit(value))
        write_char(t, '-');
    if (isinf(value)) {
        write_text(t, HAS(t->c, UNPARSE_INFINITY_AS_NUMBER) ? "1e309" : "inf");
        return;
    }
    int count = shortest_digits(fabs(value), digits, &exponent);
    if (exponent < -4 || exponent >= 16) {
        write_bytes(t, digits, 1);
        if (count > 1) {
            write_char(t, '.');
            write_bytes(t, digits + 1, (size_t)count - 1);
        }
        int length = snprintf(exponent_text, sizeof exponent_text, "e%c%02d",
                              exponent < 0 ? '-' : '+', abs(exponent));
        write_bytes(t, exponent_text, (size_t)length);
        return;
    }
    if (exponent < 0) {
        write_text(t, "0.");
        for (int i = -1; i > exponent; i--)
            write_char(t, '0');
        write_bytes(t, digits, (size_t)count);
        return;
    }
    for (int i = 0; i <= exponent; i++)
        write_char(t, i < count ? digits[i] : '0');
    if (count > exponent + 1) {
        write_char(t, '.');
        write_bytes(t, digits + exponent + 1, (size_t)(count - exponent - 1));
    } else if (add_dot_zero) {
        write_text(t, ".0");
    }
}

/* repr() of a complex number. */
static void write_complex_repr(struct text *t, double real, double imag)
{
    bool pure = real == 0 && !signbit(real);
    if (!pure) {
        write_char(t, '(');
        write_float_repr(t, real, false);
        if (!signbit(imag) || isnan(imag))
            write_char(t, '+');
    }
    write_float_repr(t, imag, false);
    write_text(t, pure ? "j" : "j)");
}

/* repr() of an int that does not fit 64 bits. */
static void write_bigint_repr(struct text *t, constant c)
{
    const char *digits = bigint_to_decimal(
        t->c->arena, (struct bigint){c->v.big.negative, c->length, c->v.big.limbs});
    if (strlen(digits) - c->v.big.negative > MAX_STR_DIGITS) {
        diagnostic_raise_plain(
            &t->c->diagnostics, EXCEPTION_VALUE_ERROR,
            HAS(t->c, SAYS_DIGITS_OF_LIMIT)
                ? "Exceeds the limit (4300 digits) for integer string conversion; use "
                  "sys.set_int_max_str_digits() to increase the limit"
                : "Exceeds the limit (4300) for integer string conversion; use "
                  "sys.set_int_max_str_digits() to increase the limit");
    }
    write_text(t, digits);
}

/* A constant as repr() writes it. */
static void write_constant(struct text *t, constant c)
{
    char number[24];
    switch ((enum constant_kind)c->kind) {
    case CONSTANT_NONE: write_text(t, "None"); break;
    case CONSTANT_FALSE: write_text(t, "False"); break;
    case CONSTANT_TRUE: write_text(t, "True"); break;
    case CONSTANT_ELLIPSIS: write_text(t, "Ellipsis"); break;
    case CONSTANT_INT:
        write_bytes(t, number,
                    (size_t)snprintf(number, sizeof number, "%lld", (long long)c->v.integer));
        break;
    case CONSTANT_BIGINT: write_bigint_repr(t, c); break;
    case CONSTANT_FLOAT: write_float_repr(t, c->v.number, true); break;
    case CONSTANT_COMPLEX: write_complex_repr(t, c->v.complex.real, c->v.complex.imag); break;
    case CONSTANT_STR: {
        const struct string *s = strings_get(&t->c->strings, c->v.str);
        write_str_repr(t, s->bytes, s->length);
        break;
    }
    case CONSTANT_BYTES: write_bytes_repr(t, c->v.bytes, c->length); break;
    case CONSTANT_TUPLE:
    case CONSTANT_FROZENSET: {
        bool tuple = c->kind == CONSTANT_TUPLE, first = true;
        constant *items = arena_alloc_array(t->c->arena, c->length, sizeof *items);
        for (uint32_t i = 0; i < c->length; i++)
            items[i] = c->v.items[i];
        if (!tuple)
            set_table_order(t->c->arena, &t->c->strings, &t->c->target->sema->addresses, items,
                            c->length);
        write_text(t, tuple ? "(" : "frozenset({");
        for (uint32_t i = 0; i < c->length; i++) {
            write_comma(t, &first);
            write_constant(t, items[i]);
        }
        if (tuple && c->length == 1)
            write_char(t, ',');
        write_text(t, tuple ? ")" : "})");
        break;
    }
    case CONSTANT_SLICE:
    case CONSTANT_CODE: break;
    }
}

/* ---- expressions ---- */

/* A list between brackets. */
static void write_list(struct text *t, const struct expr_list *elts, const char *open,
                       const char *close)
{
    bool first = true;
    write_text(t, open);
    for (uint32_t i = 0; i < elts->count; i++) {
        write_comma(t, &first);
        write_expr(t, elts->items[i], PR_TEST);
    }
    write_text(t, close);
}

/* and, or */
static void write_boolop(struct text *t, const struct expr *e)
{
    bool is_and = e->v.BoolOp.op == And;
    const struct expr_list *values = e->v.BoolOp.values;
    for (uint32_t i = 0; i < values->count; i++) {
        if (i > 0)
            write_text(t, is_and ? " and " : " or ");
        write_expr(t, values->items[i], (is_and ? PR_AND : PR_OR) + 1);
    }
}

/* What to write for an operator, and how tightly it binds. */
static const struct {
    const char *text;
    int priority;
} operators[] = {
    [Add] = {" + ", PR_ARITH},      [Sub] = {" - ", PR_ARITH},     [Mult] = {" * ", PR_TERM},
    [MatMult] = {" @ ", PR_TERM},   [Div] = {" / ", PR_TERM},      [Mod] = {" % ", PR_TERM},
    [Pow] = {" ** ", PR_POWER},     [LShift] = {" << ", PR_SHIFT}, [RShift] = {" >> ", PR_SHIFT},
    [BitOr] = {" | ", PR_BOR},      [BitXor] = {" ^ ", PR_BXOR},   [BitAnd] = {" & ", PR_BAND},
    [FloorDiv] = {" // ", PR_TERM},
};

/* left op right; ** groups to the right */
static void write_binop(struct text *t, const struct expr *e)
{
    int priority = operators[e->v.BinOp.op].priority;
    bool to_right = e->v.BinOp.op == Pow;
    write_expr(t, e->v.BinOp.left, priority + to_right);
    write_text(t, operators[e->v.BinOp.op].text);
    write_expr(t, e->v.BinOp.right, priority + !to_right);
}

/* op operand */
static void write_unaryop(struct text *t, const struct expr *e)
{
    static const char *const texts[] = {[Invert] = "~", [Not] = "not ", [UAdd] = "+", [USub] = "-"};
    write_text(t, texts[e->v.UnaryOp.op]);
    write_expr(t, e->v.UnaryOp.operand, e->v.UnaryOp.op == Not ? PR_NOT : PR_FACTOR);
}

/* a < b <= c */
static void write_compare(struct text *t, const struct expr *e)
{
    static const char *const texts[] = {
        [Eq] = " == ", [NotEq] = " != ",     [Lt] = " < ",  [LtE] = " <= ",
        [Gt] = " > ",  [GtE] = " >= ",       [Is] = " is ", [IsNot] = " is not ",
        [In] = " in ", [NotIn] = " not in ",
    };
    write_expr(t, e->v.Compare.left, PR_CMP + 1);
    for (uint32_t i = 0; i < e->v.Compare.ops->count; i++) {
        write_text(t, texts[e->v.Compare.ops->items[i]]);
        write_expr(t, e->v.Compare.comparators->items[i], PR_CMP + 1);
    }
}

/* A parameter. */
static void write_arg(struct text *t, const struct arg *arg)
{
    write_name(t, arg->arg);
    if (arg->annotation != NULL) {
        write_text(t, ": ");
        write_expr(t, arg->annotation, PR_TEST);
    }
}

/* =default */
static void write_default(struct text *t, const struct expr *value)
{
    if (value != NULL) {
        write_char(t, '=');
        write_expr(t, value, PR_TEST);
    }
}

/* The parameters of a lambda. */
static void write_arguments(struct text *t, const struct arguments *a)
{
    bool first = true;
    uint32_t only = a->posonlyargs->count, count = only + a->args->count,
             without = count - a->defaults->count;
    for (uint32_t i = 0; i < count; i++) {
        write_comma(t, &first);
        write_arg(t, i < only ? a->posonlyargs->items[i] : a->args->items[i - only]);
        if (i >= without)
            write_default(t, a->defaults->items[i - without]);
        if (i + 1 == only)
            write_text(t, ", /");
    }
    if (a->vararg != NULL || a->kwonlyargs->count > 0) {
        write_comma(t, &first);
        write_char(t, '*');
        if (a->vararg != NULL)
            write_arg(t, a->vararg);
    }
    for (uint32_t i = 0; i < a->kwonlyargs->count; i++) {
        write_comma(t, &first);
        write_arg(t, a->kwonlyargs->items[i]);
        write_default(t, a->kw_defaults->items[i]);
    }
    if (a->kwarg != NULL) {
        write_comma(t, &first);
        write_text(t, "**");
        write_arg(t, a->kwarg);
    }
}

/* lambda a: b; without positional parameters there is no space */
static void write_lambda(struct text *t, const struct expr *e)
{
    const struct arguments *a = e->v.Lambda.args;
    write_text(t, a->args->count + a->posonlyargs->count > 0 ? "lambda " : "lambda");
    write_arguments(t, a);
    write_text(t, ": ");
    write_expr(t, e->v.Lambda.body, PR_TEST);
}

/* a if b else c */
static void write_ifexp(struct text *t, const struct expr *e)
{
    write_expr(t, e->v.IfExp.body, PR_TEST + 1);
    write_text(t, " if ");
    write_expr(t, e->v.IfExp.test, PR_TEST + 1);
    write_text(t, " else ");
    write_expr(t, e->v.IfExp.orelse, PR_TEST);
}

/* {a: b, **c} */
static void write_dict(struct text *t, const struct expr *e)
{
    bool first = true;
    write_char(t, '{');
    for (uint32_t i = 0; i < e->v.Dict.values->count; i++) {
        const struct expr *key = e->v.Dict.keys->items[i];
        write_comma(t, &first);
        if (key == NULL) {
            write_text(t, "**");
            write_expr(t, e->v.Dict.values->items[i], PR_EXPR);
        } else {
            write_expr(t, key, PR_TEST);
            write_text(t, ": ");
            write_expr(t, e->v.Dict.values->items[i], PR_TEST);
        }
    }
    write_char(t, '}');
}

/* (a, b) */
static void write_tuple(struct text *t, const struct expr *e, int level)
{
    const struct expr_list *elts = e->v.Tuple.elts;
    bool parentheses = level > PR_TUPLE || elts->count == 0;
    write_list(t, elts, parentheses ? "(" : "", elts->count == 1 ? "," : "");
    if (parentheses)
        write_char(t, ')');
}

/* for ... in ... if ..., as often as it is there */
static void write_generators(struct text *t, const struct comprehension_list *generators)
{
    for (uint32_t i = 0; i < generators->count; i++) {
        const struct comprehension *g = generators->items[i];
        write_text(t, g->is_async ? " async for " : " for ");
        write_expr(t, g->target, PR_TUPLE);
        write_text(t, " in ");
        write_expr(t, g->iter, PR_TEST + 1);
        for (uint32_t j = 0; j < g->ifs->count; j++) {
            write_text(t, " if ");
            write_expr(t, g->ifs->items[j], PR_TEST + 1);
        }
    }
}

/* [elt for ...] and its kin */
static void write_comprehension(struct text *t, const struct expr *elt,
                                const struct comprehension_list *generators, char open, char close)
{
    write_char(t, open);
    write_expr(t, elt, PR_TEST);
    write_generators(t, generators);
    write_char(t, close);
}

/* {key: value for ...} and {**key for ...} */
static void write_dictcomp(struct text *t, const struct expr *e)
{
    write_char(t, '{');
    if (e->v.DictComp.value == NULL) {
        write_text(t, "**");
        write_expr(t, e->v.DictComp.key, PR_EXPR);
    } else {
        write_expr(t, e->v.DictComp.key, PR_TEST);
        write_text(t, ": ");
        write_expr(t, e->v.DictComp.value, PR_TEST);
    }
    write_generators(t, e->v.DictComp.generators);
    write_char(t, '}');
}

/* func(args) */
static void write_call(struct text *t, const struct expr *e)
{
    const struct expr_list *args = e->v.Call.args;
    const struct keyword_list *keywords = e->v.Call.keywords;
    write_expr(t, e->v.Call.func, PR_ATOM);
    if (args->count == 1 && keywords->count == 0 && args->items[0]->kind == GeneratorExp_kind) {
        write_expr(t, args->items[0], PR_ATOM);
        return;
    }
    write_list(t, args, "(", "");
    for (uint32_t i = 0; i < keywords->count; i++) {
        const struct keyword *k = keywords->items[i];
        if (i > 0 || args->count > 0)
            write_text(t, ", ");
        if (k->arg == 0) {
            write_text(t, "**");
        } else {
            write_name(t, k->arg);
            write_char(t, '=');
        }
        write_expr(t, k->value, PR_TEST);
    }
    write_char(t, ')');
}

/* value.attr; a space after an int keeps it from being a float */
static void write_attribute(struct text *t, const struct expr *e)
{
    const struct expr *value = e->v.Attribute.value;
    bool is_int =
        value->kind == Constant_kind && (value->v.Constant.value->kind == CONSTANT_INT ||
                                         value->v.Constant.value->kind == CONSTANT_BIGINT);
    write_expr(t, value, PR_ATOM);
    write_text(t, is_int ? " ." : ".");
    write_name(t, e->v.Attribute.attr);
}

/* lower:upper:step */
static void write_slice(struct text *t, const struct expr *e)
{
    if (e->v.Slice.lower != NULL)
        write_expr(t, e->v.Slice.lower, PR_TEST);
    write_char(t, ':');
    if (e->v.Slice.upper != NULL)
        write_expr(t, e->v.Slice.upper, PR_TEST);
    if (e->v.Slice.step != NULL) {
        write_char(t, ':');
        write_expr(t, e->v.Slice.step, PR_TEST);
    }
}

/* Is there an element of this kind in the tuple? */
static bool tuple_has(const struct expr *e, enum expr_kind kind)
{
    for (uint32_t i = 0; e->kind == Tuple_kind && i < e->v.Tuple.elts->count; i++) {
        if (e->v.Tuple.elts->items[i]->kind == kind)
            return true;
    }
    return false;
}

/* value[slice] */
static void write_subscript(struct text *t, const struct expr *e)
{
    const struct expr *slice = e->v.Subscript.slice;
    write_expr(t, e->v.Subscript.value, PR_ATOM);
    write_char(t, '[');
    if (HAS(t->c, UNPARSE_EXTENDED_SLICES) && tuple_has(slice, Slice_kind)) {
        for (uint32_t i = 0; i < slice->v.Tuple.elts->count; i++) {
            if (i > 0)
                write_text(t, ", ");
            write_expr(t, slice->v.Tuple.elts->items[i], PR_TUPLE);
        }
        if (slice->v.Tuple.elts->count == 1)
            write_char(t, ',');
    } else {
        bool star =
            HAS(t->c, UNPARSE_STARRED_SUBSCRIPT_IN_PARENTHESES) && tuple_has(slice, Starred_kind);
        write_expr(t, slice, star ? PR_TUPLE + 1 : PR_TUPLE);
    }
    write_char(t, ']');
}

/* ---- f-strings and t-strings ---- */

/* Literal text of an f-string, braces doubled. */
static void write_fstring_literal(struct text *t, identifier str)
{
    struct string s = *strings_get(&t->c->strings, str);
    for (uint32_t i = 0; i < s.length; i++) {
        if (s.bytes[i] == '{' || s.bytes[i] == '}')
            write_char(t, s.bytes[i]);
        write_char(t, s.bytes[i]);
    }
}

static void write_fstring_element(struct text *t, const struct expr *e, bool is_format_spec);

/* What follows the expression in a replacement field. */
static void write_field_end(struct text *t, int conversion, const struct expr *format_spec)
{
    if (conversion > 0)
        write_bytes(t, (char[]){'!', (char)conversion}, 2);
    if (format_spec != NULL) {
        write_char(t, ':');
        write_fstring_element(t, format_spec, true);
    }
    write_char(t, '}');
}

/* {value!r:spec}; a value that starts with a brace is set off */
static void write_field(struct text *t, const char *value, size_t length, int conversion,
                        const struct expr *format_spec)
{
    write_text(t, length > 0 && value[0] == '{' ? "{ " : "{");
    write_bytes(t, value, length);
    write_field_end(t, conversion, format_spec);
}

/* The body of an f-string or t-string, between its quotes. */
static void write_fstring_body(struct text *t, const struct expr_list *values, bool is_format_spec)
{
    for (uint32_t i = 0; i < values->count; i++)
        write_fstring_element(t, values->items[i], is_format_spec);
}

/* One part of an f-string or t-string. */
static void write_fstring_element(struct text *t, const struct expr *e, bool is_format_spec)
{
    switch ((enum expr_kind)e->kind) {
    case Constant_kind: write_fstring_literal(t, e->v.Constant.value->v.str); break;
    case JoinedStr_kind: write_joined(t, e, is_format_spec); break;
    case FormattedValue_kind: {
        struct text value = {.c = t->c};
        write_expr(&value, e->v.FormattedValue.value, PR_TEST + 1);
        write_field(t, value.bytes.items, value.bytes.count, e->v.FormattedValue.conversion,
                    e->v.FormattedValue.format_spec);
        break;
    }
    case Interpolation_kind: {
        struct string s = *strings_get(&t->c->strings, e->v.Interpolation.str->v.str);
        write_field(t, s.bytes, s.length, e->v.Interpolation.conversion,
                    e->v.Interpolation.format_spec);
        break;
    }
    default: write_expr(t, e, PR_ATOM); break;
    }
}

/* f'...' or, inside a format specification, its body alone */
static void write_joined(struct text *t, const struct expr *e, bool is_format_spec)
{
    bool template = e->kind == TemplateStr_kind;
    const struct expr_list *values = template ? e->v.TemplateStr.values : e->v.JoinedStr.values;
    if (is_format_spec) {
        write_fstring_body(t, values, true);
        return;
    }
    struct text body = {.c = t->c};
    write_fstring_body(&body, values, false);
    write_char(t, template ? 't' : 'f');
    write_str_repr(t, body.bytes.count == 0 ? "" : body.bytes.items, body.bytes.count);
}

/* ---- dispatch ---- */

/* How tightly an expression holds together: it needs parentheses where more is asked for. */
static int priority_of(const struct expr *e)
{
    switch ((enum expr_kind)e->kind) {
    case BoolOp_kind: return e->v.BoolOp.op == And ? PR_AND : PR_OR;
    case BinOp_kind: return operators[e->v.BinOp.op].priority;
    case UnaryOp_kind: return e->v.UnaryOp.op == Not ? PR_NOT : PR_FACTOR;
    case Lambda_kind:
    case IfExp_kind: return PR_TEST;
    case Compare_kind: return PR_CMP;
    case Await_kind: return PR_AWAIT;
    case NamedExpr_kind: return PR_TUPLE;
    default: return PR_ATOM;
    }
}

/* Any expression, without parentheses of its own. */
static void write_bare(struct text *t, const struct expr *e, int level)
{
    switch ((enum expr_kind)e->kind) {
    case Name_kind: write_name(t, e->v.Name.id); break;
    case Constant_kind:
        if (e->v.Constant.value->kind == CONSTANT_ELLIPSIS) {
            write_text(t, "...");
            break;
        }
        if (e->u_prefix && HAS(t->c, UNPARSE_STRING_PREFIX))
            write_name(t, NAME_u);
        write_constant(t, e->v.Constant.value);
        break;
    case Attribute_kind: write_attribute(t, e); break;
    case Subscript_kind: write_subscript(t, e); break;
    case Call_kind: write_call(t, e); break;
    case BoolOp_kind: write_boolop(t, e); break;
    case BinOp_kind: write_binop(t, e); break;
    case UnaryOp_kind: write_unaryop(t, e); break;
    case Lambda_kind: write_lambda(t, e); break;
    case IfExp_kind: write_ifexp(t, e); break;
    case Compare_kind: write_compare(t, e); break;
    case Dict_kind: write_dict(t, e); break;
    case Set_kind: write_list(t, e->v.Set.elts, "{", "}"); break;
    case List_kind: write_list(t, e->v.List.elts, "[", "]"); break;
    case Tuple_kind: write_tuple(t, e, level); break;
    case ListComp_kind:
        write_comprehension(t, e->v.ListComp.elt, e->v.ListComp.generators, '[', ']');
        break;
    case SetComp_kind:
        write_comprehension(t, e->v.SetComp.elt, e->v.SetComp.generators, '{', '}');
        break;
    case GeneratorExp_kind:
        write_comprehension(t, e->v.GeneratorExp.elt, e->v.GeneratorExp.generators, '(', ')');
        break;
    case DictComp_kind: write_dictcomp(t, e); break;
    case Yield_kind:
        write_text(t, e->v.Yield.value == NULL ? "(yield" : "(yield ");
        if (e->v.Yield.value != NULL)
            write_expr(t, e->v.Yield.value, PR_TEST);
        write_char(t, ')');
        break;
    case YieldFrom_kind:
        write_text(t, "(yield from ");
        write_expr(t, e->v.YieldFrom.value, PR_TEST);
        write_char(t, ')');
        break;
    case Await_kind:
        write_text(t, "await ");
        write_expr(t, e->v.Await.value, PR_ATOM);
        break;
    case JoinedStr_kind:
    case TemplateStr_kind: write_joined(t, e, false); break;
    case FormattedValue_kind:
    case Interpolation_kind: write_fstring_element(t, e, false); break;
    case Starred_kind:
        write_char(t, '*');
        write_expr(t, e->v.Starred.value, PR_EXPR);
        break;
    case Slice_kind: write_slice(t, e); break;
    case NamedExpr_kind:
        write_expr(t, e->v.NamedExpr.target, PR_ATOM);
        write_text(t, HAS(t->c, UNPARSE_STRING_PREFIX) ? " := " : ":=");
        write_expr(t, e->v.NamedExpr.value, PR_ATOM);
        break;
    case expr_kind_none:
    case expr_kind_count: break;
    }
}

/* An expression where something that binds as tightly as `level` is wanted. */
static void write_expr(struct text *t, const struct expr *e, int level)
{
    bool parentheses = level > priority_of(e);
    if (parentheses)
        write_char(t, '(');
    write_bare(t, e, level);
    if (parentheses)
        write_char(t, ')');
}

identifier unparse_expr(struct compilation *c, const struct expr *e)
{
    struct text t = {.c = c};
    write_expr(&t, e, PR_TEST);
    return strings_intern(&c->strings, t.bytes.count == 0 ? "" : t.bytes.items, t.bytes.count);
}
