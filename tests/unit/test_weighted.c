/* SPDX-License-Identifier: BSD-3-Clause */
/* A line of a key and its count is taken apart, or is malformed. */
#include "stage/weighted.h"

#include "check.h"

#include <string.h>

struct row {
    const char *line;
    const char *key; /* NULL: the line is malformed */
    uint64_t count;
};

static void check(const struct row *rows, size_t len, bool count_first)
{
    for (size_t i = 0; i < len; i++) {
        const struct row *row = &rows[i];
        const uint8_t *key;
        size_t key_len;
        uint64_t count;
        const bool good = weighted_parse((const uint8_t *)row->line, strlen(row->line), count_first,
                                         &key, &key_len, &count);
        if (good != (row->key != NULL))
            fail_msg("'%s'", row->line);
        if (!good)
            continue;
        assert_int_equal(key_len, strlen(row->key));
        assert_memory_equal(key, row->key, key_len);
        assert_int_equal(count, row->count);
    }
}

static void the_count_stands_behind_the_last_tab(void **state)
{
    static const struct row rows[] = {
        {"word\t7", "word", 7},
        {"\t7", "", 7},
        {"two words\t0", "two words", 0},
        {"a\tb\t0012", "a\tb", 12},
        {" a \t3", " a ", 3},
        {"a\t18446744073709551615", "a", UINT64_MAX},
        {"", NULL, 0},
        {"word", NULL, 0},
        {"word 7", NULL, 0},
        {"word\t", NULL, 0},
        {"word\t7 ", NULL, 0},
        {"word\t7\r", NULL, 0},
        {"word\t-7", NULL, 0},
        {"word\t+7", NULL, 0},
        {"word\t7.5", NULL, 0},
        {"word\t0x7", NULL, 0},
        {"a\t18446744073709551616", NULL, 0},
        {"a\t99999999999999999999999", NULL, 0},
    };
    (void)state;
    check(rows, LEN(rows), false);
}

static void the_count_comes_first_behind_blanks(void **state)
{
    static const struct row rows[] = {
        {"      7 word", "word", 7},
        {"7\tword", "word", 7},
        {"7  word", " word", 7}, /* a line may begin with a blank */
        {"\t7 two words", "two words", 7},
        {"7 ", "", 7},
        {"7\t", "", 7},
        {"0 a\t5", "a\t5", 0},
        {"18446744073709551615 a", "a", UINT64_MAX},
        {"", NULL, 0},
        {"   ", NULL, 0},
        {"7", NULL, 0},
        {"  7", NULL, 0},
        {"word 7", NULL, 0},
        {"7word", NULL, 0},
        {"18446744073709551616 a", NULL, 0},
    };
    (void)state;
    check(rows, LEN(rows), true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_count_stands_behind_the_last_tab),
        cmocka_unit_test(the_count_comes_first_behind_blanks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
