/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers as people write them. */
#include "status/number.h"

#include "check.h"

#define NBSP "\xc2\xa0"

static void threes_of_digits_are_grouped(void **state)
{
    (void)state;
    char text[NUMBER_BYTES];
    assert_string_equal(number_grouped(text, 0), "0");
    assert_string_equal(number_grouped(text, 999), "999");
    assert_string_equal(number_grouped(text, 1000), "1,000");
    assert_string_equal(number_grouped(text, 1234567), "1,234,567");
    assert_string_equal(number_grouped(text, UINT64_MAX), "18,446,744,073,709,551,615");
}

static void sizes_have_three_digits_or_so(void **state)
{
    (void)state;
    char text[NUMBER_BYTES];
    assert_string_equal(number_size(text, 0), "0" NBSP "B");
    assert_string_equal(number_size(text, 1023), "1023" NBSP "B");
    assert_string_equal(number_size(text, 1024), "1.0" NBSP "KiB");
    assert_string_equal(number_size(text, 1024 * 99.94), "99.9" NBSP "KiB");
    assert_string_equal(number_size(text, 1024 * 99.96), "100" NBSP "KiB");
    assert_string_equal(number_size(text, 1024 * 1023.6), "1.0" NBSP "MiB");
    assert_string_equal(number_size(text, 1.8e19), "15.6" NBSP "EiB");
}

static void times_never_show_sixty_seconds(void **state)
{
    (void)state;
    char text[NUMBER_BYTES];
    assert_string_equal(number_time(text, 0.25), "0.250" NBSP "s");
    assert_string_equal(number_time(text, 9.9999), "10.0" NBSP "s");
    assert_string_equal(number_time(text, 59.94), "59.9" NBSP "s");
    assert_string_equal(number_time(text, 59.96), "1" NBSP "min 00" NBSP "s");
    assert_string_equal(number_time(text, 252), "4" NBSP "min 12" NBSP "s");
    assert_string_equal(number_time(text, 3599.6), "1" NBSP "h 00" NBSP "min");
    assert_string_equal(number_time(text, 11100), "3" NBSP "h 05" NBSP "min");
    assert_string_equal(number_time(text, 1e300), "277777777" NBSP "h 46" NBSP "min");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threes_of_digits_are_grouped),
        cmocka_unit_test(sizes_have_three_digits_or_so),
        cmocka_unit_test(times_never_show_sixty_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
