/* SPDX-License-Identifier: BSD-3-Clause */
/* Crossing: a pattern that is said not to cross blanks finds in a text what it finds in its chunks;
 * and the patterns that people count words by are not said to cross. */
#include "ruled.h"

#include "rules/crossing.h"

#include <stdio.h>

static void patterns_of_words_do_not_cross(void **state)
{
    (void)state;
    static const char *const patterns[] = {"\\w+",
                                           "[A-Za-z]+",
                                           "[\\p{L}\\p{N}_]+",
                                           "\\b\\w\\w+\\b",
                                           "\\S+",
                                           "[^\\W\\d_]+|x",
                                           "\\p{L}+(?:['’]\\p{L}+)*",
                                           "[[:alpha:]]{2,}",
                                           "(?i:'s|'t)|[^\\s\\p{L}]+",
                                           "\\d+(?:[.,]\\d+)?",
                                           "[\\x{4e00}-\\x{9fff}]",
                                           "#\\w+|@\\w+",
                                           "é[à-ü]",
                                           "(?<!\\w)-\\w+(?!\\S)",
                                           "[]a]",
                                           "[^]\\s]+",
                                           "[\\w'-]+",
                                           "\\pL"};
    for (size_t i = 0; i < LEN(patterns); i++)
        if (crossing_possible(patterns[i]) != (i == 5))
            fail_msg("'%s'", patterns[i]);
}

static void what_may_match_a_blank_or_sees_an_end_crosses(void **state)
{
    (void)state;
    static const char *const patterns[] = {".",
                                           "^a",
                                           "a$",
                                           "\\s",
                                           "a b",
                                           "a\tb",
                                           "[^a]",
                                           "[ -~]",
                                           "[\\x00-\\xff]",
                                           "\\x20",
                                           "\\x{20}",
                                           "\\n",
                                           "\\12",
                                           "(a)\\1",
                                           "\\W",
                                           "\\D",
                                           "\\P{L}",
                                           "\\p{^L}",
                                           "\\p{Zs}",
                                           "\\p{Any}",
                                           "\\p{Common}",
                                           "\\X",
                                           "\\R",
                                           "\\h",
                                           "\\N",
                                           "\\Aa",
                                           "a\\z",
                                           "a\\Z",
                                           "\\Ga",
                                           "\\Q \\E",
                                           "(?x)a",
                                           "(?s:.)",
                                           "(*UCP)a",
                                           "(?#c)a",
                                           "(?R)?a",
                                           "[[:space:]]",
                                           "[[:^alpha:]]",
                                           "[\\s]",
                                           "[^\\S]",
                                           "[^\\s\\Q]",
                                           "[a",
                                           "\\",
                                           "[\\t-z]",
                                           "(?=\\s)a",
                                           "[[:print:]]",
                                           "\\cJ",
                                           "[^\\S\\d]",
                                           "[!-\\x{7e}\\n]",
                                           "\\v"};
    for (size_t i = 0; i < LEN(patterns); i++)
        if (!crossing_possible(patterns[i]))
            fail_msg("'%s'", patterns[i]);
}

/* Pieces that patterns are drawn from: what is known, and what is not. */
static const char *const pieces[] = {
    "a",   "B",   "1",     "_",       "-",           "é",     "\\w",     "\\d",    "\\S",
    "\\b", "\\B", "\\pL",  "\\p{Lu}", "\\.",         "[a-c]", "[^\\s1]", "[\\w-]", "+",
    "*",   "?",   "{1,2}", "|",       "(?:",         "(",     "(?=",     "(?!",    "(?<!",
    "(?>", ")",   ")",     ")",       "(?i)",        "[^a]",  "\\s",     ".",      "^",
    "$",   " ",   "\\W",   "\\x{41}", "[[:alpha:]]", "[!-~]", "\\x20",   "[ -a]"};

static size_t draw_pattern(struct seeded *seeded, char *pattern)
{
    size_t len = 0;
    for (size_t n = 1 + seeded_below(seeded, 7); n > 0; n--)
        len += (size_t)sprintf(pattern + len, "%s", pieces[seeded_below(seeded, LEN(pieces))]);
    return len;
}

static bool find(struct regex *regex, const uint8_t *text, size_t len, struct ruled *ruled)
{
    struct fail fail = {0};
    return regex_find(regex, text, len, ruled_add, ruled, &fail);
}

/* Whether a text has the matches of its chunks. */
static bool same(struct regex *regex, const char *text)
{
    static struct ruled whole, parts;
    ruled_clear(&whole);
    ruled_clear(&parts);
    bool ok = find(regex, (const uint8_t *)text, strlen(text), &whole);
    for (const char *at = text; *at; at += strspn(at, " \t\n")) {
        const size_t len = strcspn(at, " \t\n");
        ok = find(regex, (const uint8_t *)at, len, &parts) && ok;
        at += len;
    }
    return !ok || strcmp(whole.text, parts.text) == 0;
}

static void drawn_patterns_find_the_same_in_texts_and_chunks(void **state)
{
    (void)state;
    struct seeded seeded = {3};
    size_t tried = 0, differ = 0;
    for (int i = 0; i < 30000; i++) {
        char pattern[128], text[32];
        pattern[draw_pattern(&seeded, pattern)] = '\0';
        struct fail fail = {0};
        struct regex *regex = regex_compile(pattern, &fail);
        if (!regex)
            continue;
        const bool crosses = crossing_possible(pattern);
        tried += !crosses;
        for (int j = 0; j < 8; j++) {
            const size_t len = 1 + seeded_below(&seeded, 10);
            for (size_t k = 0; k < len; k++)
                text[k] = (char)seeded_of(&seeded, "aabcB1_-.! \t\n", 13);
            text[len] = '\0';
            if (same(regex, text))
                continue;
            differ++;
            if (!crosses)
                fail_msg("'%s' in '%s'", pattern, text);
        }
        regex_free(regex);
    }
    print_message("# %zu patterns that do not cross, %zu texts of others where they did\n", tried,
                  differ);
    assert_true(tried > 1000 && differ > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_of_words_do_not_cross),
        cmocka_unit_test(what_may_match_a_blank_or_sees_an_end_crosses),
        cmocka_unit_test(drawn_patterns_find_the_same_in_texts_and_chunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
