/* SPDX-License-Identifier: BSD-3-Clause */
/* How a record is written as KEY<TAB>COUNT. */
#include "format/format.h"

#include "check.h"

#include <inttypes.h>
#include <stdio.h>

enum { WORD_MAX = 300, CANARY = 0xa5 };

static size_t write_line(uint8_t *line, const uint8_t *word, size_t len, uint64_t count,
                         bool escape)
{
    uint8_t padded[WORD_MAX + 16] = {0};
    struct record record = {.count = count, .len = len};
    memcpy(padded, word, len);
    record.key = len <= KEY_SHORT_MAX ? key_short(padded, len) : key_long(padded);
    record.bytes = len <= KEY_SHORT_MAX ? NULL : padded;
    struct format format;
    assert_true(format_choose("tsv", &format));
    format.escape = escape;
    format.prepare(&format);
    size_t bytes = format.bytes(&format, &record), most = len * format.growth + FORMAT_EXTRA_BYTES;
    uint8_t *room = malloc(most + 1);
    room[most] = CANARY;
    assert_ptr_equal(format.write(&format, room, &record, NULL), room + bytes);
    assert_int_equal(room[most], CANARY);
    memcpy(line, room, bytes);
    free(room);
    return bytes;
}

static void escapes_are_as_listed(void **state)
{
    (void)state;
    static const struct {
        const char *word, *shown;
    } rows[] = {
        {"plain", "plain"},
        {"\x1b[31mred", "\\x1b[31mred"},
        {"back\\slash", "back\\\\slash"},
        {"\\\\", "\\\\\\\\"},
        {"\x7f", "\\x7f"},
        {"\x01\x1f", "\\x01\\x1f"},
        {"na\xc3\xafve", "na\xc3\xafve"}, /* UTF-8 stays */
        {"\xc2\x9b"
         "31m",
         "\\xc2\\x9b31m"}, /* U+009B is a control character too */
        {"\xc2\x80", "\\xc2\\x80"},
        {"\xc2\xa0", "\xc2\xa0"}, /* U+00A0 is not */
        {"\xc2", "\xc2"},
        {"\xc2\xc2\x85", "\xc2\\xc2\\x85"},
        {"\x85", "\x85"}, /* alone it is no character at all */
        {"a\xff\xfe", "a\xff\xfe"},
        {"more than fifteen \x07 bytes \xc2\x9f", "more than fifteen \\x07 bytes \\xc2\\x9f"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        uint8_t line[200];
        char expected[200];
        const uint8_t *word = (const uint8_t *)rows[i].word;
        snprintf(expected, sizeof expected, "%s\t7\n", rows[i].shown);
        size_t len = write_line(line, word, strlen(rows[i].word), 7, true);
        assert_int_equal(len, strlen(expected));
        assert_memory_equal(line, expected, len);
        snprintf(expected, sizeof expected, "%s\t7\n", rows[i].word);
        len = write_line(line, word, strlen(rows[i].word), 7, false);
        assert_int_equal(len, strlen(expected));
        assert_memory_equal(line, expected, len);
    }
}

static void a_nul_in_a_word_is_written_or_escaped(void **state)
{
    (void)state;
    uint8_t line[64];
    assert_int_equal(write_line(line, (const uint8_t *)"a\0b", 3, 1, false), 6);
    assert_memory_equal(line, "a\0b\t1\n", 6);
    assert_int_equal(write_line(line, (const uint8_t *)"a\0b", 3, 1, true), 9);
    assert_memory_equal(line, "a\\x00b\t1\n", 9);
}

static void counts_are_written_in_decimal_from_0_to_the_last(void **state)
{
    (void)state;
    static const int off[] = {-1, 0, 1};
    uint64_t power = 1;
    for (int digits = 1; digits <= 20; digits++, power = digits <= 19 ? power * 10 : UINT64_MAX)
        for (size_t i = 0; i < LEN(off); i++) {
            uint64_t count = power + (uint64_t)off[i];
            uint8_t line[64];
            char expected[64];
            int len = snprintf(expected, sizeof expected, "w\t%" PRIu64 "\n", count);
            assert_int_equal(write_line(line, (const uint8_t *)"w", 1, count, false), len);
            assert_memory_equal(line, expected, (size_t)len);
        }
}

static size_t escape_naively(char *at, const uint8_t *word, size_t len)
{
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        bool pair = i + 1 < len && word[i] == 0xc2 && word[i + 1] >= 0x80 && word[i + 1] < 0xa0;
        if (pair)
            used += (size_t)sprintf(at + used, "\\xc2\\x%02x", word[++i]);
        else if (word[i] < 32 || word[i] == 127)
            used += (size_t)sprintf(at + used, "\\x%02x", word[i]);
        else if (word[i] == '\\')
            used += (size_t)sprintf(at + used, "\\\\");
        else
            at[used++] = (char)word[i];
    }
    return used;
}

static void any_bytes_are_written_as_by_the_oracle(void **state)
{
    (void)state;
    struct seeded seeded = {1};
    uint8_t word[WORD_MAX], line[5 * WORD_MAX];
    char expected[5 * WORD_MAX];
    for (int round = 0; round < 20000; round++) {
        size_t len = seeded_below(&seeded, round % 2 ? 40 : WORD_MAX + 1);
        for (size_t i = 0; i < len; i++)
            word[i] = seeded_below(&seeded, 2) ? (uint8_t)seeded_next(&seeded)
                                               : seeded_of(&seeded, "\xc2\x80\x9f\xa0\\\x1b", 6);
        uint64_t count = seeded_next(&seeded) >> seeded_below(&seeded, 64);
        bool escape = seeded_below(&seeded, 2);
        size_t used = escape ? escape_naively(expected, word, len) : len;
        if (!escape)
            memcpy(expected, word, len);
        used += (size_t)sprintf(expected + used, "\t%" PRIu64 "\n", count);
        assert_int_equal(write_line(line, word, len, count, escape), used);
        assert_memory_equal(line, expected, used);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_are_as_listed),
        cmocka_unit_test(a_nul_in_a_word_is_written_or_escaped),
        cmocka_unit_test(counts_are_written_in_decimal_from_0_to_the_last),
        cmocka_unit_test(any_bytes_are_written_as_by_the_oracle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
