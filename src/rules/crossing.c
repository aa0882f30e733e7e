/* SPDX-License-Identifier: BSD-3-Clause */
/* A pattern whose every element matches no ASCII blank cannot go past the end of a chunk: in the
 * text there is a blank, which it does not match, and in the chunk there is nothing. Looking ahead
 * and behind is made of the same elements, so it comes out the same as well; so does \b, to which a
 * blank and an end are both no part of a word. What asks for the end of a text does not.
 *
 * This reads a pattern only as far as it knows all of it; any other counts as one that crosses. */
#include "rules/crossing.h"

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { CLASS = -1 }; /* an escape that is no single character */

static bool has_blank(long from, long to)
{
    return (from <= '\r' && to >= '\t') || (from <= ' ' && to >= ' ');
}

/* Whether `name` of `len` bytes is one of a list, whose names stand between blanks. */
static bool listed(const char *name, size_t len, const char *list)
{
    for (const char *at = list; *at; at += strcspn(at, " "), at += *at == ' ')
        if (strcspn(at, " ") == len && memcmp(at, name, len) == 0)
            return true;
    return false;
}

/* \p, of which *at is what follows. */
static bool property_is_safe(const char **at)
{
    static const char safe[] =
        "L L& Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Arabic "
        "Armenian Bengali Cyrillic Devanagari Georgian Greek Han Hangul Hebrew Hiragana Katakana "
        "Latin Tamil Thai Alphabetic Lowercase Uppercase Xan Xwd";
    const bool braced = **at == '{';
    const char *name = *at + braced;
    const size_t len = braced ? strcspn(name, "}") : *name != '\0';
    if (braced && name[len] == '\0')
        return false;
    *at = name + len + braced;
    return listed(name, len, safe);
}

/* \x, of which *at is what follows: two digits, or any between braces. */
static bool read_hex(const char **at, long *code)
{
    const bool braced = **at == '{';
    *at += braced;
    *code = 0;
    size_t digits = 0;
    for (; isxdigit((unsigned char)**at) && digits < (braced ? 6 : 2); ++*at, digits++)
        *code = *code * 16 + (isdigit((unsigned char)**at) ? **at - '0' : (**at | 32) - 'a' + 10);
    if (braced && *(*at)++ != '}')
        return false;
    return digits > 0;
}

/* After a backslash: moves past the escape; *code is its character, or CLASS. False if it may match
 * a blank, or is not known. */
static bool escape_is_safe(const char **at, long *code)
{
    const unsigned char letter = (unsigned char)*(*at)++;
    *code = CLASS;
    if (letter != '\0' && strchr("wdSbB", letter))
        return true;
    if (letter == 'p')
        return property_is_safe(at);
    if (letter == 'x')
        return read_hex(at, code) && !has_blank(*code, *code);
    *code = letter;
    return ispunct(letter);
}

/* [:name:], of which *at is what follows the bracket. */
static bool posix_is_safe(const char **at)
{
    const char *name = *at + 1;
    const size_t len = strcspn(name, ":");
    *at = name + len;
    if (strncmp(*at, ":]", 2) != 0)
        return false;
    *at += 2;
    return listed(name, len, "alnum alpha digit graph lower punct upper word xdigit");
}

/* A character or class of a set; *code as for an escape. */
static bool member_is_safe(const char **at, long *code)
{
    *code = CLASS;
    if (**at == '\\') {
        ++*at;
        return escape_is_safe(at, code);
    }
    if (**at == '[' && (*at)[1] != '\0' && strchr(":.=", (*at)[1])) {
        ++*at;
        return posix_is_safe(at);
    }
    *code = (unsigned char)*(*at)++;
    return !has_blank(*code, *code);
}

/* After `[`: moves past the set. */
static bool set_is_safe(const char **at)
{
    const bool negated = **at == '^';
    bool excludes_blanks = false;
    *at += negated;
    for (bool first = true; first || **at != ']'; first = false) {
        long from, to;
        if (**at == '\0')
            return false;
        if (negated && strncmp(*at, "\\s", 2) == 0) {
            excludes_blanks = true;
            *at += 2;
            continue;
        }
        if (!member_is_safe(at, &from))
            return false;
        if (**at != '-' || (*at)[1] == ']')
            continue;
        ++*at;
        if (**at == '\0' || !member_is_safe(at, &to))
            return false;
        if (from == CLASS || to == CLASS || has_blank(from, to))
            return false;
    }
    ++*at;
    return !negated || excludes_blanks;
}

/* After `(`: moves past what says the kind of group. */
static bool group_is_safe(const char **at)
{
    static const char *const kinds[] = {"?:", "?i:", "?i)", "?>", "?|", "?=", "?!", "?<=", "?<!"};
    if (**at != '?')
        return **at != '*';
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(*at, kinds[i], strlen(kinds[i])) == 0) {
            *at += strlen(kinds[i]);
            return true;
        }
    return false;
}

bool crossing_possible(const char *pattern)
{
    for (const char *at = pattern; *at;) {
        const unsigned char letter = (unsigned char)*at++;
        long code;
        const bool safe = letter == '\\' ? escape_is_safe(&at, &code)
                        : letter == '['  ? set_is_safe(&at)
                        : letter == '('  ? group_is_safe(&at)
                                         : !strchr(".^$", letter) && !has_blank(letter, letter);
        if (!safe)
            return true;
    }
    return false;
}
