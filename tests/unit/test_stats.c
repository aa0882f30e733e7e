/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of --stats, from numbers that are made up. */
#include "status/stats.h"

#include "told.h"

static struct told told;

static void a_line_for_each_phase(void **state)
{
    (void)state;
    told_make(&told);
    const char *text = told_by(&told, stats_print);
    assert_non_null(strstr(
        text, "phase         min s     mean s      max s imbalance      moved  between hosts\n"));
    assert_non_null(strstr(
        text, "\nmap          0.2500     0.5000     0.7500      1.50          -              -\n"));
    assert_non_null(strstr(
        text, "\nshuffle      0.2500     0.5000     0.7500      1.50       3.0M           1.0M\n"));
    assert_non_null(strstr(text,
                           "\nrounds 2, input imbalance 1.50, peak memory of a rank 3.0M of "
                           "1.0G (resident 6.0M), kernel avx2\n"));
    assert_null(strstr(text, "tasks"));
}

static void nothing_at_all_is_not_uneven(void **state)
{
    (void)state;
    told_make(&told);
    memset(told.ranks, 0, sizeof told.ranks);
    const char *text = told_by(&told, stats_print);
    assert_non_null(strstr(
        text, "\nmap          0.0000     0.0000     0.0000      1.00          -              -\n"));
    assert_non_null(strstr(text, "input imbalance 1.00"));
}

static void tasks_have_a_line_of_their_own(void **state)
{
    (void)state;
    told_make(&told);
    told.snapshot.runs_tasks = true;
    assert_non_null(strstr(told_by(&told, stats_print),
                           "\ntasks of a rank 20.0 (at most 30), busy 1.000 s (at most 1.500), "
                           "balance 0.67\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_for_each_phase),
        cmocka_unit_test(nothing_at_all_is_not_uneven),
        cmocka_unit_test(tasks_have_a_line_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
