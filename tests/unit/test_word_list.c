/* SPDX-License-Identifier: BSD-3-Clause */
/* Rules with lists of words: a stop list, and a vocabulary. */
#include "ruled.h"

#include "folder.h"

#define OPTIONS(...) ((struct rules_options){__VA_ARGS__})

static void words_of_the_stop_list_are_dropped_in_the_form_that_words_have(void **state)
{
    static const char list[] = "The\r\n\n(and)\nÉTÉ\nthe\nbad\xff\nlast";
    struct rules_options options = {.lower = true, .strip = true};
    assert_true(folder_make());
    options.stop_file = folder_put("stop", list, sizeof list - 1);
    ruled_expect(*state, options, "THE,", "");
    ruled_expect(*state, options, "and", "");
    ruled_expect(*state, options, "été", "");
    ruled_expect(*state, options, "last", "");
    ruled_expect(*state, options, "theme", "theme");
    ruled_expect(*state, OPTIONS(.stop_file = options.stop_file), "THE", "THE");
    folder_remove();
}

static void a_long_stop_list_stops_its_words_and_no_others(void **state)
{
    struct world *world = *state;
    static char list[200000];
    size_t len = 0;
    for (int i = 0; i < 10000; i++)
        len += (size_t)sprintf(list + len, "word%d\n", 2 * i);
    assert_true(folder_make());
    struct rules rules;
    ruled_init(&rules, &OPTIONS(.stop_file = folder_put("stop", list, len)), &world->mem);
    for (int i = 0; i < 20000; i++) {
        static struct ruled ruled;
        char word[16];
        ruled_clear(&ruled);
        ruled_apply(&rules, word, (size_t)sprintf(word, "word%d", i), &ruled);
        assert_int_equal(ruled.len == 0, i % 2 == 0);
    }
    rules_free(&rules);
    folder_remove();
}

static void a_mark_before_the_first_line_is_no_part_of_it(void **state)
{
    static const char list[] = "\xef\xbb\xbfone\ntwo\n";
    assert_true(folder_make());
    const char *stop = folder_put("stop", list, sizeof list - 1);
    ruled_expect(*state, OPTIONS(.stop_file = stop), "one", "");
    ruled_expect(*state, OPTIONS(.stop_file = stop), "two", "");
    folder_remove();
}

/* Fails unless these words of the chunk are in the vocabulary, and so many are not. */
static void expect_known(struct rules *rules, const char *chunk, const char *words, int outside)
{
    static struct ruled ruled;
    ruled_clear(&ruled);
    ruled_apply(rules, chunk, strlen(chunk), &ruled);
    assert_string_equal(ruled.text, words);
    assert_int_equal(rules->outside, outside);
}

static void words_that_are_not_in_the_vocabulary_are_dropped_and_counted(void **state)
{
    static const char list[] = "The\nÉté\n(and)\nbad\xff\n";
    struct world *world = *state;
    struct rules rules;
    assert_true(folder_make());
    ruled_init(&rules,
               &OPTIONS(.words = "regex:[^-]+", .lower = true, .strip = true,
                        .vocabulary_file = folder_put("words", list, sizeof list - 1)),
               &world->mem);
    expect_known(&rules, "THE-theme-ÉTÉ-été,", "the|été|été", 1);
    expect_known(&rules, "x-y", "", 2);
    expect_known(&rules, "and", "and", 0);
    expect_known(&rules, "bad\xff", "bad\xff", 0);
    assert_true(rules.invalid);
    expect_known(&rules, "worse\xff", "", 1);
    assert_false(rules.invalid);
    rules_free(&rules);
    folder_remove();
}

/* Adds what other rules leave of the vocabulary, each word once. */
static size_t all_of_it(struct rules *rules, struct ruled *ruled)
{
    const uint8_t *word;
    size_t at = 0, words = 0;
    for (size_t len; rules_vocabulary(rules, &at, &word, &len); words++)
        ruled_add(ruled, word, len);
    return words;
}

static void the_vocabulary_is_what_other_rules_leave_of_it(void **state)
{
    static const char list[] = "stopped\nx\nkept\nkept\n\n\xff\n";
    struct world *world = *state;
    static struct ruled ruled;
    struct rules rules;
    assert_true(folder_make());
    const struct rules_options options = {
        .min_length = 2,
        .stop_file = folder_put("stop", "stopped\n", 8),
        .vocabulary_file = folder_put("words", list, sizeof list - 1),
    };
    ruled_init(&rules, &options, &world->mem);
    assert_int_equal(all_of_it(&rules, &ruled), 2);
    assert_non_null(strstr(ruled.text, "kept"));
    assert_non_null(strstr(ruled.text, "\xff"));
    expect_known(&rules, "x", "", 0);
    rules_free(&rules);
    folder_remove();
}

static void an_empty_vocabulary_knows_no_word(void **state)
{
    struct world *world = *state;
    struct rules rules;
    assert_true(folder_make());
    ruled_init(&rules, &OPTIONS(.vocabulary_file = folder_put("words", "", 0)), &world->mem);
    expect_known(&rules, "word", "", 1);
    assert_int_equal(all_of_it(&rules, NULL), 0);
    rules_free(&rules);
    folder_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(words_of_the_stop_list_are_dropped_in_the_form_that_words_have),
        world_test(a_long_stop_list_stops_its_words_and_no_others),
        world_test(a_mark_before_the_first_line_is_no_part_of_it),
        world_test(words_that_are_not_in_the_vocabulary_are_dropped_and_counted),
        world_test(the_vocabulary_is_what_other_rules_leave_of_it),
        world_test(an_empty_vocabulary_knows_no_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
