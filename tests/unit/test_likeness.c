/* SPDX-License-Identifier: BSD-3-Clause */
/* Names that were meant. */
#include "text/likeness.h"

#include "check.h"
#include "seeded.h"

#include <string.h>

static size_t distance(const char *a, const char *b)
{
    return likeness_distance(a, strlen(a), b, strlen(b));
}

static void each_kind_of_typo_counts_once(void **state)
{
    (void)state;
    assert_int_equal(distance("top", "top"), 0);
    assert_int_equal(distance("tpo", "top"), 1);
    assert_int_equal(distance("to", "top"), 1);
    assert_int_equal(distance("toop", "top"), 1);
    assert_int_equal(distance("tap", "top"), 1);
    assert_int_equal(distance("", "top"), 3);
    assert_int_equal(distance("top", ""), 3);
    assert_int_equal(distance("outptu", "output"), 1);
    assert_int_equal(distance("kitten", "sitting"), 3);
    assert_int_equal(distance("ca", "abc"), 3); /* a pair that was swapped is not parted again */
}

static void what_is_too_long_is_like_nothing(void **state)
{
    (void)state;
    char name[65];
    memset(name, 'a', 64);
    name[64] = '\0';
    assert_true(likeness_distance(name, 63, name, 63) == 0);
    assert_true(likeness_distance(name, 64, name, 63) == SIZE_MAX);
    assert_true(likeness_distance(name, 63, name, 64) == SIZE_MAX);
}

/* By its definition, without a table. */
static size_t naive(const char *a, size_t m, const char *b, size_t n)
{
    if (m == 0 || n == 0)
        return m + n;
    size_t best = naive(a, m - 1, b, n - 1) + (a[m - 1] != b[n - 1]), other;
    if ((other = naive(a, m - 1, b, n) + 1) < best)
        best = other;
    if ((other = naive(a, m, b, n - 1) + 1) < best)
        best = other;
    if (m > 1 && n > 1 && a[m - 1] == b[n - 2] && a[m - 2] == b[n - 1]
        && (other = naive(a, m - 2, b, n - 2) + 1) < best)
        best = other;
    return best;
}

static void random_names_are_as_far_apart_as_by_definition(void **state)
{
    (void)state;
    struct seeded seeded = {7};
    for (int i = 0; i < 2000; i++) {
        char a[7], b[7];
        const size_t a_len = seeded_below(&seeded, 7), b_len = seeded_below(&seeded, 7);
        for (size_t j = 0; j < 7; j++) {
            a[j] = (char)('a' + seeded_below(&seeded, 3));
            b[j] = (char)('a' + seeded_below(&seeded, 3));
        }
        assert_int_equal(likeness_distance(a, a_len, b, b_len), naive(a, a_len, b, b_len));
    }
}

static const char *meant(const char *given)
{
    static const char *const names[] = {"top", "output", "only", "info", "topology"};
    struct likeness likeness = {.given = given, .given_len = strlen(given)};
    for (size_t i = 0; i < LEN(names); i++)
        likeness_try(&likeness, names[i]);
    return likeness.best;
}

static void the_nearest_name_is_meant_and_none_that_is_far(void **state)
{
    (void)state;
    assert_string_equal(meant("tpo"), "top");
    assert_string_equal(meant("otput"), "output");
    assert_string_equal(meant("uotptu"), "output");
    assert_string_equal(meant("tpologz"), "topology");
    assert_null(meant("tpq"));
    assert_null(meant("unfo1"));
    assert_null(meant("banana"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_typo_counts_once),
        cmocka_unit_test(what_is_too_long_is_like_nothing),
        cmocka_unit_test(random_names_are_as_far_apart_as_by_definition),
        cmocka_unit_test(the_nearest_name_is_meant_and_none_that_is_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
