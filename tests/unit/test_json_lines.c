/* SPDX-License-Identifier: BSD-3-Clause */
/* The extractor of JSON Lines: whatever ranges and blocks a text comes in, the texts of its records
 * are the same, and every byte is accounted for by one range. */
#include "extracting.h"

#include <stdio.h>

static struct extractor make(const char *path, bool skip_bad)
{
    return extracting_by("jsonl", path, skip_bad);
}

/* Reads a text as two ranges, in blocks that are a copy, with nothing but newlines or quotes behind
 * it. */
static struct found read_text(const struct extractor *extractor, const char *text, size_t cut,
                              struct way way)
{
    static uint8_t bytes[1 + EXTRACTING_MAX + EXTRACTOR_SLACK_BYTES];
    const size_t len = strlen(text);
    struct found found = {0};
    assert_true(len <= EXTRACTING_MAX);
    memset(bytes, way.block % 2 ? '\n' : '"', sizeof bytes);
    memcpy(bytes + 1, text, len);
    extracting_range(extractor, bytes, len, 0, cut, way, &found);
    extracting_range(extractor, bytes, len, cut, len, way, &found);
    return found;
}

/* All ways: every cut, every size of blocks, and little or much room. */
static void each_way(const struct extractor *extractor, const char *text,
                     void (*check)(const char *text, const struct found *found,
                                   const void *expected),
                     const void *expected)
{
    static const size_t rooms[] = {1, 10, EXTRACTING_MAX};
    const size_t len = strlen(text);
    for (size_t cut = 0; cut <= len; cut++)
        for (size_t block = 1; block <= len; block++) {
            const struct way way = {block, rooms[(cut + block) % LEN(rooms)], cut / 3 % 2};
            const struct found found = read_text(extractor, text, cut, way);
            check(text, &found, expected);
        }
}

static void all_ways_to_cut_a_text_give_the_same(void **state)
{
    (void)state;
    static const char records[] =
        "{\"t\": \"one\\ntwo\"}\n\n{\"t\": \"\"}\r\n \t\r\n{\"t\":7}\n{\"u\":\"v\"}\n \"t\"\n"
        "{\"t\":\"\\u00e9\\ud83d\\ude00\"} ";
    const struct expected expected = {
        "one\ntwo\n\n\xc3\xa9\xf0\x9f\x98\x80\n", {.records = 6, .without = 3}, 8};
    const struct extractor extractor = make("t", false);
    char text[EXTRACTING_MAX];
    each_way(&extractor, records, extracting_check, &expected);
    snprintf(text, sizeof text, "\xef\xbb\xbf%s\n", records);
    each_way(&extractor, text, extracting_check, &expected);
}

static void a_mark_is_skipped_only_where_a_file_begins(void **state)
{
    (void)state;
    const struct extractor extractor = make("t", true);
    const struct expected alone = {"", {0}, 1}, half = {"", {.records = 1, .bad = 1}, 1};
    const struct expected inside = {"a\n", {.records = 3, .bad = 2}, 3};
    each_way(&extractor, "\xef\xbb\xbf", extracting_check, &alone);
    each_way(&extractor, "\xef\xbb\xbf \r\n", extracting_check, &alone);
    each_way(&extractor, "\xef\xbb\n", extracting_check, &half);
    each_way(&extractor,
             "\xef\xbb\xbf\xef\xbb\xbf{\"t\":\"no\"}\n{\"t\":\"a\"}\n\xef\xbb\xbf{\"t\":\"no\"}\n",
             extracting_check, &inside);
}

static void bad_records_are_skipped_and_counted(void **state)
{
    (void)state;
    const struct extractor extractor = make("t", true);
    const struct expected expected = {"a\nb\n", {.records = 7, .without = 1, .bad = 4}, 8};
    each_way(&extractor,
             "{\"t\":\"bad\"\n{\"t\":\"a\"}\n{\"t\":\"x\",}\n\n{}\n]\n{\"t\":\"b\"}\n{\"t\":\"c",
             extracting_check, &expected);
}

/* Only the range that owns the bad record says so; the other is read to its end. */
static void check_bad(const char *text, const struct found *found, const void *expected)
{
    const size_t begin = (size_t)(strstr(text, "{\"t\":\"b\"") - text);
    assert_non_null(found->cause);
    assert_int_equal(found->bad_begin, begin);
    assert_int_equal(found->bad_at, begin + *(const size_t *)expected);
    assert_int_equal(found->sums.bad, 0);
    for (size_t i = 0; i < begin; i++)
        assert_int_equal(found->owners[i], 1);
    assert_int_equal(found->owners[begin], 0);
}

static void a_bad_record_is_where_reading_stops(void **state)
{
    (void)state;
    const struct extractor extractor = make("t", false);
    const size_t at = strlen("{\"t\":\"b\"");
    each_way(&extractor, "{\"t\":\"b\"oops}\n{\"t\":\"a\"}\n", check_bad, &at);
    each_way(&extractor, "{\"t\":\"a\"}\n\n{\"t\":\"b\"oops}\n{\"t\":\"c\"}", check_bad, &at);
    each_way(&extractor, "{\"t\":\"a\"}\n{\"t\":\"b\"", check_bad, &at);
    each_way(&extractor, "{\"t\":\"a\"}\n{\"t\":\"b\"oops}", check_bad, &at);
}

/* The place of what is wrong in a first line counts from the mark on. */
static void a_mark_counts_in_the_place_of_an_error(void **state)
{
    (void)state;
    const struct extractor extractor = make("t", false);
    const struct found found =
        read_text(&extractor, "\xef\xbb\xbf{\"t\":}\n", 1, (struct way){1, 1, false});
    assert_non_null(found.cause);
    assert_int_equal(found.bad_begin, 0);
    assert_int_equal(found.bad_at, 8);
}

/* A record takes no more room than it has bytes, and one for the newline behind its text. */
static void a_record_without_room_says_how_much_it_needs(void **state)
{
    (void)state;
    static const char text[] = "\n{}\n{\"t\":\"first\"}\n{\"t\":\"second\"}\n";
    uint8_t bytes[1 + sizeof text + EXTRACTOR_SLACK_BYTES] = {0};
    const struct extractor extractor = make("t", false);
    struct block block = extracting_whole(bytes, text, sizeof text - 1);
    struct extracted got = {0};
    assert_false(extracting_once(&extractor, &block, 13, &got));
    assert_int_equal(got.need, 14);
    assert_true(extracting_once(&extractor, &block, 14, &got));
    assert_int_equal(got.len, strlen("first\n")); /* what is left is too little for the second */
    assert_int_equal(got.next, block.end - strlen("{\"t\":\"second\"}\n"));
    block_advance(&block, got.next, 0);
    assert_false(extracting_once(&extractor, &block, 14, &got));
    assert_int_equal(got.need, 15);
    assert_true(extracting_once(&extractor, &block, 15, &got));
    assert_memory_equal(got.text, "second\n", got.len);
    assert_int_equal(got.next, block.end);
}

static void an_option_names_its_extractor(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", ".", "a..b", "a\\", "a\\b"};
    struct extractor extractor = *extractor_find("jsonl");
    assert_string_equal(extractor.option, "jsonl");
    assert_null(extractor_find("json"));
    assert_null(extractor_find("words"));
    for (size_t i = 0; i < LEN(wrong); i++) {
        extractor.argument = wrong[i];
        assert_false(extractor.parse(&extractor));
    }
    const char text[] = "{\"t\":1}\n{";
    struct parting_state begun = {0};
    assert_null(extractor.next);
    assert_int_equal(extractor.part(&extractor, (const uint8_t *)text, strlen(text), &begun),
                     strlen(text) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ways_to_cut_a_text_give_the_same),
        cmocka_unit_test(a_mark_is_skipped_only_where_a_file_begins),
        cmocka_unit_test(bad_records_are_skipped_and_counted),
        cmocka_unit_test(a_bad_record_is_where_reading_stops),
        cmocka_unit_test(a_mark_counts_in_the_place_of_an_error),
        cmocka_unit_test(a_record_without_room_says_how_much_it_needs),
        cmocka_unit_test(an_option_names_its_extractor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
