/* SPDX-License-Identifier: BSD-3-Clause */
/* The clock of a run: a rank is always in exactly one phase. */
#include "host/clock.h"
#include "status/timing.h"

#include "check.h"
#include "slow.h"

#include <time.h>

static void rest(long ns)
{
    nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

static void the_clock_goes_forward_in_nanoseconds(void **state)
{
    (void)state;
    uint64_t before = clock_ns();
    rest(20000000);
    uint64_t passed = clock_ns() - before;
    assert_in_range(passed, 20000000, slow() * UINT64_C(10000000000));
}

static void time_belongs_to_the_phase_it_passes_in(void **state)
{
    (void)state;
    struct timing timing;
    timing_init(&timing);
    assert_int_equal(timing.phase, TIMING_START);
    assert_int_equal(timing_enter(&timing, TIMING_MAP), TIMING_START);
    rest(20000000);
    assert_int_equal(timing_enter(&timing, TIMING_SORT), TIMING_MAP);
    assert_int_equal(timing_enter(&timing, TIMING_MAP), TIMING_SORT);
    rest(20000000);
    timing_enter(&timing, TIMING_SYNC);
    assert_true(timing.spent_ns[TIMING_MAP] >= 40000000);
    assert_int_equal(timing.spent_ns[TIMING_GATHER], 0);
}

static void the_phases_add_up_to_the_whole(void **state)
{
    (void)state;
    struct timing timing;
    struct seeded seeded = {1};
    uint64_t sum = 0;
    timing_init(&timing);
    uint64_t start_ns = timing.since_ns;
    for (int i = 0; i < 1000; i++)
        timing_enter(&timing, (enum timing_phase)seeded_below(&seeded, TIMING_PHASES));
    for (int phase = 0; phase < TIMING_PHASES; phase++)
        sum += timing.spent_ns[phase];
    assert_int_equal(sum, timing.since_ns - start_ns);
}

static void work_is_all_but_start_and_sync(void **state)
{
    (void)state;
    struct timing timing = {0};
    for (int phase = 0; phase < TIMING_PHASES; phase++)
        timing.spent_ns[phase] = (uint64_t)1000000000 << phase;
    double work = (1 << TIMING_SYNC) - 2; /* seconds: 2 + 4 + ... of the phases between */
    assert_true(timing_work_s(&timing) > work - 0.5 && timing_work_s(&timing) < work + 0.5);
    timing.since_ns = clock_ns() - UINT64_C(1000000000000);
    for (int phase = 0; phase < TIMING_PHASES; phase++) { /* the one that goes on counts, too */
        timing.phase = (enum timing_phase)phase;
        bool works = phase != TIMING_START && phase != TIMING_SYNC;
        assert_int_equal(timing_work_s(&timing) > work + 999, works);
    }
}

static void every_phase_has_a_name(void **state)
{
    (void)state;
    for (int a = 0; a < TIMING_PHASES; a++) {
        assert_non_null(timing_names[a]);
        for (int b = 0; b < a; b++)
            assert_string_not_equal(timing_names[a], timing_names[b]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_goes_forward_in_nanoseconds),
        cmocka_unit_test(time_belongs_to_the_phase_it_passes_in),
        cmocka_unit_test(the_phases_add_up_to_the_whole),
        cmocka_unit_test(work_is_all_but_start_and_sync),
        cmocka_unit_test(every_phase_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
