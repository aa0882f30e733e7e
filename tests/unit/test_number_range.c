/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranges: what is one, and that its stretches are neighbours of nearly equal length. */
#include "input/number_range.h"

#include "check.h"

#include <inttypes.h>
#include <stdio.h>

/* Reads all lines, at most `room` bytes at a time, and checks that they are what they must be. */
static void check_lines(const char *spec, size_t room)
{
    struct number_range range;
    char *text = malloc(room);
    uint64_t next = 0, parts = 0, shortest = UINT64_MAX, longest = 0;
    assert_true(number_range_parse(spec, &range));
    int64_t expected = range.first, last = 0;
    for (size_t len; (len = number_range_read(&range, &next, text, room)) > 0;) {
        assert_true(len <= room);
        assert_int_equal(text[len - 1], '\n');
        for (char *line = text; line < text + len; line = strchr(line, '\n') + 1) {
            int64_t first;
            assert_int_equal(sscanf(line, "%" SCNd64 " %" SCNd64 "\n", &first, &last), 2);
            assert_int_equal(first, expected);
            uint64_t numbers = (uint64_t)last - (uint64_t)first + 1;
            shortest = numbers < shortest ? numbers : shortest;
            longest = numbers > longest ? numbers : longest;
            expected = (int64_t)((uint64_t)last + 1);
            parts++;
        }
    }
    assert_int_equal(last, range.last);
    assert_int_equal(parts, range.parts);
    assert_true(longest - shortest <= 1);
    free(text);
}

static void stretches_cover_the_range(void **state)
{
    (void)state;
    static const char *const specs[] = {
        "1..1000000/10",
        "1..1",
        "0..6/3",
        "-5..5/4",
        "7..16",
        "1..1000/999",
        "-9223372036854775808..9223372036854775806/7",
        "9223372036854775806..9223372036854775807",
    };
    for (size_t i = 0; i < LEN(specs); i++)
        for (size_t room = NUMBER_RANGE_LINE_BYTES; room < 3000; room = room * 3 + 1)
            check_lines(specs[i], room);
}

static void what_is_no_range_is_refused(void **state)
{
    (void)state;
    struct number_range range;
    static const char *const wrong[] = {
        "",        "1",
        "1..",     "..2",
        "1...2",   "1..2/",
        "1..2/0",  "1..2/3",
        "1..2/-1", "2..1",
        "1..2 ",   " 1..2",
        "1.. 2",   "a..b",
        "1..2/x",  "1..99999999999999999999",
        "+1..2",   "-9223372036854775808..9223372036854775807",
    };
    for (size_t i = 0; i < LEN(wrong); i++)
        if (number_range_parse(wrong[i], &range))
            fail_msg("'%s' was taken", wrong[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stretches_cover_the_range),
        cmocka_unit_test(what_is_no_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
