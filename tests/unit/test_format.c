/* SPDX-License-Identifier: BSD-3-Clause */
/* What every format promises to those who make room for it, and how columns are written. */
#include "format/format.h"

#include "check.h"

enum { WORD_MAX = 300, CANARY = 0xa5 };

static const char *const formats[] = {"tsv", "csv", "jsonl"};
static const char *const columns[] = {"word,count", "count",
                                      "rank,word,per-million,cumulative,count"};

static struct format format_of(const char *name, const char *list, bool escape)
{
    struct format format;
    assert_true(format_choose(name, &format));
    assert_true(format_set_columns(&format, list));
    format.noun = "field";
    format.escape = escape && format.escapes;
    format.total = UINT64_MAX;
    if (format.prepare)
        format.prepare(&format);
    return format;
}

/* The key lies in the record, or with nothing readable behind it. */
static struct record record_of(const uint8_t *exact, size_t len, uint64_t count)
{
    uint8_t padded[16] = {0};
    if (len > KEY_SHORT_MAX)
        return (struct record){key_long(exact), count, exact, len};
    if (len > 0)
        memcpy(padded, exact, len);
    return (struct record){key_short(padded, len), count, NULL, len};
}

/* Bytes that are written longest: quotes, control bytes, what is no UTF-8, and anything. */
static uint8_t *make_word(struct seeded *seeded, size_t len)
{
    static const char hard[] = "\"\1\xff\\,\n\r\t\xc2\x80";
    uint8_t *word = malloc(len ? len : 1);
    size_t kind = seeded_below(seeded, 3);
    for (size_t i = 0; i < len; i++)
        word[i] = kind == 0 ? (uint8_t)seeded_next(seeded)
                : kind == 1 ? seeded_of(seeded, hard, sizeof hard - 1)
                            : (uint8_t)hard[len % 3];
    return word;
}

static void a_record_takes_the_bytes_stated_and_no_more_than_its_room(void **state)
{
    (void)state;
    struct seeded seeded = {1};
    const struct format_place place = {UINT64_MAX, UINT64_MAX};
    for (int round = 0; round < 20000; round++) {
        struct format format =
            format_of(formats[round % 3], columns[seeded_below(&seeded, LEN(columns))],
                      seeded_below(&seeded, 2));
        size_t len = seeded_below(&seeded, round % 2 ? 20 : WORD_MAX);
        uint8_t *word = make_word(&seeded, len);
        struct record record = record_of(word, len, UINT64_MAX >> seeded_below(&seeded, 64));
        size_t most = len * format.growth + FORMAT_EXTRA_BYTES;
        uint8_t *room = malloc(most + 1);
        room[most] = CANARY;
        size_t written = (size_t)(format.write(&format, room, &record, &place) - room);
        assert_true(written <= most);
        assert_int_equal(room[most], CANARY);
        assert_int_equal(room[written - 1], '\n');
        if (!format.placed)
            assert_int_equal(format.bytes(&format, &record), written);
        free(room);
        free(word);
    }
}

static void a_head_fits_its_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(formats); i++) {
        struct format format = format_of(formats[i], columns[2], false);
        uint8_t head[FORMAT_HEAD_BYTES + 1];
        head[FORMAT_HEAD_BYTES] = CANARY;
        if (!format.head)
            continue;
        uint8_t *end = format.head(&format, head);
        assert_true(end - head <= FORMAT_HEAD_BYTES);
        assert_int_equal(head[FORMAT_HEAD_BYTES], CANARY);
        format.separator = '|';
        *format.head(&format, head) = '\0';
        assert_string_equal((char *)head, "rank|field|per-million|cumulative|count\n");
    }
}

static void keys_are_quoted_and_escaped_as_listed(void **state)
{
    (void)state;
    static const struct {
        const char *format, *word, *written;
    } rows[] = {
        {"csv", "", ",7\n"},
        {"csv", "plain", "plain,7\n"},
        {"csv", " blanks ", " blanks ,7\n"},
        {"csv", "a,b", "\"a,b\",7\n"},
        {"csv", "\"", "\"\"\"\",7\n"},
        {"csv", "a\nb", "\"a\nb\",7\n"},
        {"csv", "a\rb", "\"a\rb\",7\n"},
        {"csv", "a;b", "a;b,7\n"},
        {"jsonl", "plain", "{\"field\":\"plain\",\"count\":7}\n"},
        {"jsonl", "\"\\/", "{\"field\":\"\\\"\\\\/\",\"count\":7}\n"},
        {"jsonl", "\t\x7f", "{\"field\":\"\\u0009\\u007f\",\"count\":7}\n"},
        {"jsonl", "\xc3\xa9\xe2\x82\xac", "{\"field\":\"\xc3\xa9\xe2\x82\xac\",\"count\":7}\n"},
        {"jsonl", "\xc3", "{\"field\":\"\\udcc3\",\"count\":7}\n"},
        {"jsonl", "\xe2\x82", "{\"field\":\"\\udce2\\udc82\",\"count\":7}\n"},
        {"jsonl", "\xc0\xaf\xff", "{\"field\":\"\\udcc0\\udcaf\\udcff\",\"count\":7}\n"},
        {"jsonl", "\xed\xa0\x80", "{\"field\":\"\\udced\\udca0\\udc80\",\"count\":7}\n"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct format format = format_of(rows[i].format, NULL, false);
        struct record record = record_of((const uint8_t *)rows[i].word, strlen(rows[i].word), 7);
        uint8_t line[FORMAT_EXTRA_BYTES * 2];
        *format.write(&format, line, &record, NULL) = '\0';
        assert_string_equal((char *)line, rows[i].written);
    }
}

static void a_share_is_rounded_to_three_decimals(void **state)
{
    (void)state;
    static const struct {
        uint64_t count, total;
        const char *written;
    } rows[] = {
        {1, 1, "1000000.000\n"},
        {1, 3, "333333.333\n"},
        {2, 3, "666666.667\n"},
        {1, 2000000000, "0.001\n"}, /* a half goes up */
        {1, 2000000001, "0.000\n"},
        {7, 1000000, "7.000\n"},
        {UINT64_MAX, UINT64_MAX, "1000000.000\n"},
        {UINT64_MAX / 2, UINT64_MAX, "500000.000\n"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct format format = format_of("tsv", "per-million", false);
        struct record record = record_of((const uint8_t *)"w", 1, rows[i].count);
        uint8_t line[FORMAT_EXTRA_BYTES * 2];
        format.total = rows[i].total;
        *format.write(&format, line, &record, &(struct format_place){1, 1}) = '\0';
        assert_string_equal((char *)line, rows[i].written);
    }
}

static void lists_of_columns_are_taken_or_refused(void **state)
{
    (void)state;
    static const char *const good[] = {"word", "count,word",
                                       "cumulative,per-million,rank,count,word"};
    static const char *const bad[] = {"",      ",",    "word,",      ",word",    "word,word",
                                      "words", "Word", "word count", "rank,rank"};
    struct format format;
    assert_true(format_choose("tsv", &format));
    assert_int_equal(format.columns_len, 2);
    for (size_t i = 0; i < LEN(good); i++)
        assert_true(format_set_columns(&format, good[i]));
    assert_int_equal(format.columns_len, FORMAT_COLUMNS);
    assert_true(format.placed);
    for (size_t i = 0; i < LEN(bad); i++)
        assert_false(format_set_columns(&format, bad[i]));
    assert_false(format_choose("xml", &format));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_takes_the_bytes_stated_and_no_more_than_its_room),
        cmocka_unit_test(a_head_fits_its_room),
        cmocka_unit_test(keys_are_quoted_and_escaped_as_listed),
        cmocka_unit_test(a_share_is_rounded_to_three_decimals),
        cmocka_unit_test(lists_of_columns_are_taken_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
