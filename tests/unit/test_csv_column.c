/* SPDX-License-Identifier: BSD-3-Clause */
/* The extractor of CSV: whatever ranges and blocks a text comes in, the texts of its records are
 * those that a plain reader sees, and every byte is accounted for by one range.
 *
 * A random text is its number: WC_SEED is the first, WC_CASES how many. */
#include "csv_read.h"

#include <inttypes.h>

enum { CASES = 3000 };

static size_t newlines(const char *bytes, size_t len)
{
    size_t lines = 0;
    for (size_t i = 0; i < len; i++)
        lines += bytes[i] == '\n';
    return lines;
}

/* What differs; NULL: nothing. */
static const char *difference(const struct csv_naive *naive, const struct found *read)
{
    const size_t whole = naive->bad ? naive->begins[naive->begins_len - 1] : naive->len;
    for (size_t i = naive->begins[0]; i < naive->len; i++) /* a mark may be seen by itself */
        if (read->owners[i] != (i < whole))
            return "who owns which byte";
    if (naive->bad != (read->cause != NULL) || (naive->bad && read->bad_at != naive->bad_at))
        return "what is bad";
    if (!naive->bad && read->lines != newlines(naive->bytes, naive->len))
        return "lines";
    if (read->sums.records != naive->sums.records || read->sums.without != naive->sums.without
        || read->sums.bad != naive->sums.bad)
        return "sums";
    return read->len != naive->text_len || memcmp(read->text, naive->text, read->len) != 0 ? "text"
                                                                                           : NULL;
}

/* Every size of blocks, or some, and cuts at records, where nothing is bad. */
static const char *each_way(const struct extractor *extractor, const struct csv_naive *naive,
                            size_t step)
{
    static struct found read;
    const char *differs = NULL;
    for (size_t block = 1; block <= naive->len && !differs; block += block % 3 ? 1 : step) {
        const size_t cuts = naive->bad || extractor->skip_bad ? 1 : naive->begins_len;
        const size_t cut =
            block % 2 && cuts > 1 ? naive->begins[1 + block % (cuts - 1)] : naive->len;
        csv_read(extractor, naive->bytes, naive->len, cut,
                 (struct way){block, 1 + block * 7 % 40, block % 5 == 0}, &read);
        differs = difference(naive, &read);
    }
    return differs;
}

static void texts_are_those_that_a_plain_reader_sees(void **state)
{
    (void)state;
    const uint64_t first = csv_environment("WC_SEED", 1);
    for (uint64_t i = 0; i < csv_environment("WC_CASES", CASES); i++) {
        static struct csv_naive naive;
        static char bytes[CSV_NAIVE_BYTES];
        struct seeded seeded = {first + i};
        const uint8_t separator = seeded_of(&seeded, ",;\t", 3);
        char column[] = {(char)('1' + seeded_below(&seeded, 3)), '\0'};
        const struct extractor extractor =
            csv_extractor(column, separator, seeded_below(&seeded, 2));
        const size_t len = csv_naive_draw(&seeded, (char)separator, true, bytes);
        csv_naive(&extractor, (uint64_t)(*column - '0'), bytes, len, &naive);
        const char *differs = each_way(&extractor, &naive, 1 + seeded_below(&seeded, 40));
        if (differs)
            fail_msg("%s; again: WC_SEED=%" PRIu64 " WC_CASES=1", differs, first + i);
    }
}

/* By hand, in all blocks; *read is the last. */
static void read_all(const struct extractor *extractor, const char *text, struct found *read)
{
    for (size_t block = strlen(text) + 1; block > 0; block--)
        csv_read(extractor, text, strlen(text), strlen(text),
                 (struct way){block, block, block % 3 == 0}, read);
}

static void what_is_bad_is_named_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *cause;
        size_t at;
    } rows[] = {
        {"a\"b,c\n", "a quote within", 1},
        {"\"a\",b\nc,d \"e\"\n", "a quote within", 10},
        {"\"a\"b,c\n", "something follows", 3},
        {"\"a\" ,c\n", "something follows", 3},
        {"\"a\"\r,c\n", "something follows", 4},
        {"a,\"c\"\r", "something follows", 5},
        {"a,\"c", "the file ends before", 2},
        {"a,\"b\"\"", "the file ends before", 2},
        {"\"\"\"", "the file ends before", 0},
        {"\"\",\"c\nd\",\"", "the file ends before", 9},
        {"\xef\xbb\xbf\"a\"\n\xef\xbb\xbf\"b\"\n", "a quote within", 10},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        static struct found read;
        const struct extractor extractor = csv_extractor("1", ',', false);
        read_all(&extractor, rows[i].text, &read);
        assert_non_null(read.cause);
        assert_memory_equal(read.cause, rows[i].cause, strlen(rows[i].cause));
        assert_int_equal(read.bad_at, rows[i].at);
    }
}

/* One that has no end where its range does: only in a file that is bad. */
static void a_record_ends_where_its_range_does(void **state)
{
    (void)state;
    static struct found read;
    const struct extractor extractor = csv_extractor("1", ',', false);
    const char text[] = "a,\"b\nc\",d\n";
    for (size_t block = 1; block < sizeof text; block++) {
        csv_read(&extractor, text, strlen(text), 5, (struct way){block, 100, false}, &read);
        assert_non_null(read.cause);
        assert_memory_equal(read.cause, "a record goes on", 16);
        assert_int_equal(read.bad_at, 5);
        assert_int_equal(read.sums.records, 0);
    }
}

static void a_header_says_which_column_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *found;
        uint64_t head;
    } rows[] = {
        {"b", "a,b\n1,2\n3,4\n", "2\n4\n", 2},
        {"a", "\xef\xbb\xbf\"a\",b\r\n1,2\r\n\"3\",4", "1\n3\n", 1},
        {"b \"c\"\n,", "\n\r\na,\"b \"\"c\"\"\n,\",b\n1,\"2\n\"\"\"\n3\n", "2\n\"\n", 2},
        {"c", "a,b,c,c\n1,2,3,4\n", "3\n", 3},
        {"\xc3\xa9", "\xc3\xa9\n1\n\"\"\n", "1\n\n", 1},
        {"b", "a,b", "", 2},
        {"b", "\xef\xbb\xbf", "", 0},
        {"b", "\n\n", "", 0},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        static struct found read;
        const struct extractor extractor = csv_extractor(rows[i].name, ',', false);
        read_all(&extractor, rows[i].text, &read);
        assert_null(read.lacks);
        assert_int_equal(read.head, rows[i].head);
        assert_int_equal(read.len, strlen(rows[i].found));
        assert_memory_equal(read.text, rows[i].found, read.len);
    }
}

static void a_column_that_is_not_there_is_missed(void **state)
{
    (void)state;
    static const char *const names[] = {"bc", "c", "\"b\"", " b", "A", "b\"", "1b"};
    for (size_t i = 0; i < LEN(names); i++) {
        static struct found read;
        const struct extractor extractor = csv_extractor(names[i], ',', i % 2);
        csv_read(&extractor, "a,\"b\"\n1,2\n", 10, 10, (struct way){1, 400, false}, &read);
        assert_string_equal(read.lacks, "column");
        assert_int_equal(read.len, 5);
        assert_memory_equal(read.text, "a,\"b\"", 5);
        csv_read(&extractor, "a,\"b\"\n1,2\n", 10, 10, (struct way){1, 13, false}, &read);
        assert_int_equal(read.len, 3); /* each of them might be four bytes long */
    }
}

/* Without its names nothing can be counted. */
static void a_bad_header_is_not_skipped(void **state)
{
    (void)state;
    static struct found read;
    const struct extractor extractor = csv_extractor("b", ',', true);
    read_all(&extractor, "a,b\"\nb\n1\n", &read);
    assert_non_null(read.cause);
    assert_int_equal(read.bad_at, 3);
    assert_int_equal(read.sums.records, 0);
}

/* A text takes no more room than its field has bytes, and one for the newline. */
static void a_text_without_room_says_how_much_it_needs(void **state)
{
    (void)state;
    static const char text[] = "x,\"first\"\ny,second\n";
    uint8_t bytes[1 + sizeof text + EXTRACTOR_SLACK_BYTES] = {0};
    const struct extractor extractor = csv_extractor("2", ',', false);
    struct block block = extracting_whole(bytes, text, sizeof text - 1);
    struct extracted got = {0};
    assert_false(extracting_once(&extractor, &block, 7, &got));
    assert_int_equal(got.need, 8);
    assert_true(extracting_once(&extractor, &block, 8, &got));
    assert_int_equal(got.len, strlen("first\n")); /* what is left is too little for the second */
    assert_int_equal(got.next, block.end - strlen("y,second\n"));
}

static void one_at_a_time_has_no_newline(void **state)
{
    (void)state;
    static struct found read;
    struct extractor extractor = csv_extractor("2", ',', false);
    extractor.alone = true;
    read_all(&extractor, "x,one\nx\nx,\nx,\"t\nwo\"\n", &read);
    assert_int_equal(read.len, 7);
    assert_memory_equal(read.text, "onet\nwo", 7);
    assert_int_equal(read.sums.records, 4);
    assert_int_equal(read.sums.without, 1);
}

static void an_argument_is_a_name_or_a_number(void **state)
{
    (void)state;
    static const char *const wrong[] = {"0", "00", "18446744073709551616"};
    struct extractor extractor = csv_extractor("7", ',', false);
    assert_false(extractor.header);
    assert_int_equal(extractor.column, 7);
    extractor = csv_extractor("7th", ',', false);
    assert_true(extractor.header);
    for (size_t i = 0; i < LEN(wrong); i++) {
        extractor = *extractor_find("csv");
        extractor.argument = wrong[i];
        assert_false(extractor.parse(&extractor));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_those_that_a_plain_reader_sees),
        cmocka_unit_test(what_is_bad_is_named_with_its_place),
        cmocka_unit_test(a_record_ends_where_its_range_does),
        cmocka_unit_test(a_header_says_which_column_it_is),
        cmocka_unit_test(a_column_that_is_not_there_is_missed),
        cmocka_unit_test(a_bad_header_is_not_skipped),
        cmocka_unit_test(a_text_without_room_says_how_much_it_needs),
        cmocka_unit_test(one_at_a_time_has_no_newline),
        cmocka_unit_test(an_argument_is_a_name_or_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
