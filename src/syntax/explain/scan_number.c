/* Numbers for the exact tokenizer, with all the ways in which they can be wrong. See scanner.h.
 *
 * Each helper takes the first character that it has not looked at and returns the first one behind
 * what it read, BAD after an error. The last character read is given back before the token is made.
 */
#include "syntax/explain/scan_internal.h"

#include "util/ascii.h"

#define BAD (-2)

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex_digit(int c)
{
    return ascii_hex_value(c) >= 0;
}

static bool is_octal_digit(int c)
{
    return c >= '0' && c <= '7';
}

static bool is_binary_digit(int c)
{
    return c == '0' || c == '1';
}

/* Gives back c and sets the error of a literal of that kind. */
static int bad_literal(struct scanner *s, int c, const char *kind)
{
    scan_back(s, c);
    scan_error(s, "invalid %s literal", kind);
    return BAD;
}

/* Whether the text that comes is exactly this rest of a keyword; nothing is consumed. */
static bool rest_is(struct scanner *s, const char *rest)
{
    size_t size = strlen(rest);
    if ((size_t)(s->inp - s->cur) < size || memcmp(s->cur, rest, size) != 0)
        return false;
    return !(s->cur + size < s->inp && scan_is_name_char((unsigned char)s->cur[size]));
}

/* Whether c, which directly follows a number, begins a keyword that may. */
static bool keyword_may_follow(struct scanner *s, int c)
{
    int next = s->cur < s->inp ? (unsigned char)*s->cur : SCAN_END;
    switch (c) {
    case 'a': return rest_is(s, "nd");
    case 'e': return rest_is(s, "lse");
    case 'f': return rest_is(s, "or");
    case 'i': return next == 'f' || next == 'n' || next == 's';
    case 'o': return rest_is(s, "r");
    case 'n': return rest_is(s, "ot");
    default: return false;
    }
}

/* Checks what follows a number; false: an error. In 3.9 anything may; from 3.11 a character beyond
 * ASCII is left to the name that it begins, and a keyword is warned of. */
static bool check_end(struct scanner *s, int c, const char *kind)
{
    if (edition_in(s->edition, BEFORE(E310)) || s->liberal)
        return true;
    if (keyword_may_follow(s, c)) {
        if (diagnostic_try_warn(&s->c->diagnostics,
                                edition_in(s->edition, SINCE(E311)) ? WARNING_SYNTAX
                                                                    : WARNING_DEPRECATION,
                                s->lineno, arena_printf(s->c->arena, "invalid %s literal", kind)))
            return true;
        scan_back(s, c);
        scan_error(s, "invalid %s literal", kind);
        return false;
    }
    if (scan_is_name_char(c) && (c < 128 || edition_in(s->edition, BEFORE(E311)))) {
        scan_back(s, c);
        scan_error(s, "invalid %s literal", kind);
        return false;
    }
    return true;
}

/* Reads decimal digits and single underscores between them. */
static int decimal_tail(struct scanner *s)
{
    for (;;) {
        int c;
        do
            c = scan_char(s);
        while (is_digit(c));
        if (c != '_')
            return c;
        c = scan_char(s);
        if (!is_digit(c))
            return bad_literal(s, c, "decimal");
    }
}

/* Gives back c and makes the token. */
static void end_number(struct scanner *s, struct scan_token *t, int c)
{
    if (c == BAD) {
        scan_finish(s, t, TOKEN_ERROR);
        return;
    }
    scan_back(s, c);
    scan_finish(s, t, TOKEN_NUMBER);
}

/* Reads the optional j and checks the end. */
static int number_suffix(struct scanner *s, int c)
{
    if (c == 'j' || c == 'J') {
        c = scan_char(s);
        return check_end(s, c, "imaginary") ? c : BAD;
    }
    return check_end(s, c, "decimal") ? c : BAD;
}

/* Reads an exponent whose letter is c, and the rest. */
static int number_exponent(struct scanner *s, int letter)
{
    int c = scan_char(s);
    if (c == '+' || c == '-') {
        c = scan_char(s);
        if (!is_digit(c))
            return bad_literal(s, c, "decimal");
    } else if (!is_digit(c)) {
        scan_back(s, c);
        return check_end(s, letter, "decimal") ? letter : BAD;
    }
    c = decimal_tail(s);
    return c == BAD ? BAD : number_suffix(s, c);
}

/* Reads what may follow the whole part of a decimal number: fraction, exponent, j. */
static int number_rest(struct scanner *s, int c)
{
    if (c == '.') {
        c = scan_char(s);
        if (is_digit(c))
            c = decimal_tail(s);
    }
    if (c == BAD)
        return BAD;
    return c == 'e' || c == 'E' ? number_exponent(s, c) : number_suffix(s, c);
}

/* Sets the error of a digit that the base does not have, where one must come. */
static int bad_digit(struct scanner *s, int c, const char *kind)
{
    if (edition_in(s->edition, BEFORE(E310)))
        scan_back(s, c);
    scan_error(s, "invalid digit '%c' in %s literal", c, kind);
    return BAD;
}

/* Reads the digits of another base behind its letter. */
static int based_number(struct scanner *s, bool (*fits)(int), const char *kind)
{
    int c = scan_char(s);
    do {
        if (c == '_')
            c = scan_char(s);
        if (!fits(c)) {
            if (fits != is_hex_digit && is_digit(c))
                return bad_digit(s, c, kind);
            return bad_literal(s, c, kind);
        }
        do
            c = scan_char(s);
        while (fits(c));
    } while (c == '_');
    if (fits != is_hex_digit && is_digit(c)) {
        scan_error(s, "invalid digit '%c' in %s literal", c, kind);
        return BAD;
    }
    return check_end(s, c, kind) ? c : BAD;
}

/* Reads a number that starts with 0 and has no base letter; c follows the 0. */
static int leading_zero(struct scanner *s, int c)
{
    bool nonzero = false;
    for (;;) {
        if (c == '_') {
            c = scan_char(s);
            if (!is_digit(c))
                return bad_literal(s, c, "decimal");
        }
        if (c != '0')
            break;
        c = scan_char(s);
    }
    const char *zeros_end = s->cur;
    if (is_digit(c)) {
        nonzero = true;
        c = decimal_tail(s);
        if (c == BAD)
            return BAD;
    }
    if (c == '.' || c == 'e' || c == 'E' || c == 'j' || c == 'J' || !nonzero || s->liberal)
        return number_rest(s, c);
    scan_back(s, c);
    const char *message = "leading zeros in decimal integer literals are not permitted; "
                          "use an 0o prefix for octal integers";
    if (edition_in(s->edition, SINCE(E310)))
        scan_error_range(s, (int)(s->start + 1 - s->line_start), (int)(zeros_end - s->line_start),
                         "%s", message);
    else
        scan_error(s, "%s", message);
    return BAD;
}

void scan_number(struct scanner *s, struct scan_token *t, int c)
{
    if (c != '0') {
        c = decimal_tail(s);
        end_number(s, t, c == BAD ? BAD : number_rest(s, c));
        return;
    }
    c = scan_char(s);
    if (c == 'x' || c == 'X')
        c = based_number(s, is_hex_digit, "hexadecimal");
    else if (c == 'o' || c == 'O')
        c = based_number(s, is_octal_digit, "octal");
    else if (c == 'b' || c == 'B')
        c = based_number(s, is_binary_digit, "binary");
    else
        c = leading_zero(s, c);
    end_number(s, t, c);
}

void scan_fraction(struct scanner *s, struct scan_token *t, int c)
{
    c = decimal_tail(s);
    if (c != BAD)
        c = c == 'e' || c == 'E' ? number_exponent(s, c) : number_suffix(s, c);
    end_number(s, t, c);
}
