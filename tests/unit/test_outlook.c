/* SPDX-License-Identifier: BSD-3-Clause */
/* What a count will take, as people and programs read it. */
#include "status/outlook.h"

#include "check.h"

#include <jansson.h>

static const struct outlook about = {
    .noun = "word",
    .files = 12345,
    .bytes = 1 << 30,
    .sample_bytes = 1 << 27,
    .sample_s = 1.5,
    .ranks = 4,
    .hosts = 2,
    .tokens = {149.9e6, 152345678, 155.1e6},
    .keys = {1234567, 1500000, 1900001},
    .result_bytes = {10 << 20, 20 << 20, 40 << 20},
    .seconds = {1, 2, 4},
    .memory_bytes = 100 << 20,
    .limit_bytes = 200 << 20,
    .ranks_needed = 4,
    .spill_memory_bytes = 25 << 20,
    .spill_bytes = 1 << 30,
    .spill_s = 10,
    .command = "mpirun -n 4 wc --memory=100M 'caf\xe9' text",
};

static void expect(const struct outlook *outlook, const char *expected)
{
    char *text = NULL;
    size_t len;
    FILE *file = open_memstream(&text, &len);
    assert_non_null(file);
    outlook_print(file, outlook);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void a_range_has_the_digits_that_are_known(void **state)
{
    (void)state;
    expect(&about,
           "input:       1.0 GiB in 12,345 files, about 150,000,000 words (140,000,000 to "
           "160,000,000)\n"
           "sample:      128 MiB, 1 in 8.0, in 1.500 s\n"
           "vocabulary:  about 1,500,000 distinct words (1,200,000 to 2,000,000)\n"
           "result:      20.0 MiB (10.0 MiB to 40.0 MiB)\n"
           "in memory:   4 ranks x 100 MiB, about 2.000 s (up to 4.000 s)\n"
           "on scratch:  4 ranks x 25.0 MiB, 1.0 GiB written and read again, about 10.0 s\n"
           "suggestion:  mpirun -n 4 wc --memory=100M 'caf\xe9' text\n");
}

static void what_was_counted_whole_is_exact(void **state)
{
    (void)state;
    const struct outlook exact = {
        .noun = "line",
        .files = 1,
        .bytes = 10,
        .sample_bytes = 10,
        .exact = true,
        .ranks = 1,
        .hosts = 1,
        .tokens = {5, 5, 5},
        .keys = {3, 3, 3},
        .result_bytes = {12, 12, 12},
        .memory_bytes = 16 << 20,
        .limit_bytes = 200 << 20,
        .command = "wc --memory=16M --count=lines text",
    };
    expect(&exact,
           "input:       10 B in 1 file, 5 lines\n"
           "sample:      all of it, in 0.000 s\n"
           "vocabulary:  3 distinct lines\n"
           "result:      12 B\n"
           "in memory:   1 rank x 16.0 MiB, about 0.000 s (up to 0.000 s)\n"
           "suggestion:  wc --memory=16M --count=lines text\n");
}

static void too_little_memory_is_said(void **state)
{
    (void)state;
    struct outlook little = about;
    char *text = NULL;
    size_t len;
    little.limit_bytes = 60 << 20;
    little.ranks_needed = 9;
    FILE *file = open_memstream(&text, &len);
    assert_non_null(file);
    outlook_print(file, &little);
    fclose(file);
    assert_non_null(strstr(text, "there is less, 60.0 MiB a rank: 9 ranks would do with it\n"));
    free(text);
}

static void check_number(const json_t *object, const char *name, double expected)
{
    const json_t *value = json_object_get(object, name);
    assert_true(json_is_number(value));
    const double off = json_number_value(value) - expected;
    assert_true(off < 0.01 && off > -0.01);
}

static void the_object_has_a_member_on_each_line(void **state)
{
    (void)state;
    size_t len, lines = 0;
    json_error_t error;
    char *text = outlook_json(&about, &len);
    assert_non_null(text);
    json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(object);
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    assert_int_equal(lines, json_object_size(object) + 2);
    check_number(object, "schema", OUTLOOK_SCHEMA);
    check_number(object, "input_bytes", 1 << 30);
    check_number(object, "words", 152345678);
    check_number(object, "distinct_words_least", 1234567);
    check_number(object, "distinct_words_most", 1900001);
    check_number(object, "output_bytes_most", 40 << 20);
    check_number(object, "seconds_most", 4);
    check_number(object, "memory_bytes", 100 << 20);
    check_number(object, "spill_bytes", 1 << 30);
    assert_true(json_is_true(json_object_get(object, "fits")));
    assert_true(json_is_false(json_object_get(object, "exact")));
    assert_string_equal(json_string_value(json_object_get(object, "command")),
                        "mpirun -n 4 wc --memory=100M 'caf\xef\xbf\xbd' text");
    json_decref(object);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_has_the_digits_that_are_known),
        cmocka_unit_test(what_was_counted_whole_is_exact),
        cmocka_unit_test(too_little_memory_is_said),
        cmocka_unit_test(the_object_has_a_member_on_each_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
