/* SPDX-License-Identifier: BSD-3-Clause */
/* Another try: not of a command that nobody can run, and later each time. */
#include "stage/retry.h"

#include "check.h"

static void a_command_that_cannot_be_run_is_hopeless(void **state)
{
    (void)state;
    struct retry retry = {0};
    for (int i = 0; i < 13; i++) {
        assert_false(retry_is_hopeless(&retry, 3));
        retry_note_try(&retry, 127, "exit 127");
    }
    assert_false(retry_is_hopeless(&retry, 3));
    retry_note_try(&retry, 127, "exit 127");
    assert_true(retry_is_hopeless(&retry, 3));
    assert_false(retry_is_hopeless(&retry, 4));
    retry_note_try(&retry, 1, "exit 1"); /* something can be run */
    assert_false(retry_is_hopeless(&retry, 3));
}

static void tasks_that_all_fail_for_one_reason_are_hopeless(void **state)
{
    (void)state;
    struct retry retry = {0}, mixed = {0};
    for (int i = 0; i < 8; i++) {
        assert_false(retry_is_hopeless(&retry, 1));
        retry_note_task(&retry, "exit 1");
        retry_note_task(&mixed, i == 3 ? "exit 2" : "exit 1");
    }
    assert_true(retry_is_hopeless(&retry, 1));
    retry_note_task(&mixed, "exit 1");
    assert_false(retry_is_hopeless(&mixed, 1));
}

static void pauses_grow_to_a_most(void **state)
{
    (void)state;
    const uint64_t ms = 1000000;
    const uint64_t expected[] = {100, 400, 1600, 6400, 25600, 25600};
    for (uint32_t i = 0; i < LEN(expected); i++)
        assert_int_equal(retry_pause_ns(i + 1, 0), expected[i] * ms);
    assert_int_equal(retry_pause_ns(4, 8), 2000 * ms);
    assert_int_equal(retry_pause_ns(1, 8), 100 * ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_that_cannot_be_run_is_hopeless),
        cmocka_unit_test(tasks_that_all_fail_for_one_reason_are_hopeless),
        cmocka_unit_test(pauses_grow_to_a_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
