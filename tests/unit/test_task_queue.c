/* SPDX-License-Identifier: BSD-3-Clause */
/* Who gets which tasks, and how many: the policy of rank 0, asked by ranks that are only numbers
 * and report times that are made up. */
#include "stage/task_queue.h"

#include "asked.h"

#include <time.h>

static void a_rank_gets_one_task_and_then_a_twentieth_of_a_second(void **state)
{
    (void)state;
    struct run *run = begin_run(1000, RANKS, 1, dynamic);
    expect_given(run, 1, 1, 0);
    report_done(run, 1, MS);
    expect_given(run, 2, 1, 1);
    report_done(run, 2, 4 * MS);
    expect_given(run, 1, 50, 2);
    report_done(run, 1, MS);
    expect_given(run, 2, 12, 52);
    report_done(run, 2, 4 * MS);
    expect_given(run, 1, 50, 64);
    report_done(run, 1, MS);
    end_run(run);
}

static void tasks_longer_than_that_are_given_one_by_one(void **state)
{
    (void)state;
    struct run *run = begin_run(20, 2, 1, dynamic);
    for (int i = 0; i < 20; i++) {
        expect_given(run, i % 2, 1, i);
        report_done(run, i % 2, 50 * MS + 1);
    }
    expect_none(run, 0, MASTER_END);
    end_run(run);
}

static void a_rank_that_becomes_slow_soon_gets_fewer(void **state)
{
    (void)state;
    struct run *run = begin_run(2000, 2, 1, dynamic);
    expect_given(run, 1, 1, 0);
    report_done(run, 1, MS);
    expect_given(run, 1, 50, 1);
    report_done(run, 1, 10 * MS); /* ten times slower now */
    assert_int_equal(ask(run, 1), MASTER_WORK);
    assert_in_range(run->given_len, 5, 6);
    report(run, 1, 0, TASK_QUEUE_DONE, 0); /* no time at all is a time */
    for (size_t i = 1; i < run->given_len; i++)
        report(run, 1, i, TASK_QUEUE_DONE, 10 * MS);
    end_run(run);
}

/* Whole runs, in a time that is only counted: ranks ask when they have done what they had. */
static void shares_follow_the_speed_and_all_end_together(void **state)
{
    (void)state;
    static const uint64_t task_ns[RANKS] = {MS, MS, 4 * MS, 20 * MS};
    struct run *run = begin_run(TASKS_MAX, RANKS, 2, dynamic);
    uint64_t free_ns[RANKS] = {0}, done[RANKS] = {0}, last_ns = 0, first_end_ns = UINT64_MAX;
    for (int ended = 0; ended < RANKS;) {
        int rank = 0;
        for (int other = 1; other < RANKS; other++)
            rank = free_ns[other] < free_ns[rank] ? other : rank;
        if (ask(run, rank) == MASTER_WORK) {
            report_done(run, rank, task_ns[rank]);
            done[rank] += run->given_len;
            free_ns[rank] += run->given_len * task_ns[rank];
            continue;
        }
        last_ns = free_ns[rank] > last_ns ? free_ns[rank] : last_ns;
        first_end_ns = free_ns[rank] < first_end_ns ? free_ns[rank] : first_end_ns;
        free_ns[rank] = UINT64_MAX;
        ended++;
    }
    assert_int_equal(done[0] + done[1] + done[2] + done[3], TASKS_MAX);
    for (int rank = 0; rank < RANKS; rank++) { /* 1 : 1 : 1/4 : 1/20, but for the last questions */
        uint64_t fair = TASKS_MAX * 20 / 46 / (task_ns[rank] / MS);
        assert_in_range(done[rank], fair - 60, fair + 60);
    }
    assert_true(last_ns - first_end_ns <= 50 * MS);
    end_run(run);
}

static void with_a_static_schedule_task_i_is_that_of_rank_i_modulo_ranks(void **state)
{
    (void)state;
    struct options fixed = {.retries = 2, .schedule = OPTIONS_SCHEDULE_STATIC};
    struct run *run = begin_run(100, RANKS, 2, fixed);
    static const int order[] = {3, 3, 3, 0, 2, 2, 1, 0, 3};
    int next[RANKS] = {0, 1, 2, 3};
    for (size_t i = 0; i < LEN(order); i++) {
        int rank = order[i];
        assert_int_equal(ask(run, rank), MASTER_WORK);
        for (size_t k = 0; k < run->given_len; k++, next[rank] += RANKS)
            assert_int_equal(run->numbers[k], next[rank]);
        report_done(run, rank, 10 * MS);
    }
    /* One that failed may be done by another, after a pause. */
    assert_int_equal(ask(run, 0), MASTER_WORK);
    int failed = run->numbers[0];
    report(run, 0, 0, TASK_QUEUE_FAILED, 10 * MS);
    for (size_t k = 1; k < run->given_len; k++)
        report(run, 0, k, TASK_QUEUE_DONE, 10 * MS);
    assert_int_equal(ask(run, 2), MASTER_WORK);
    assert_int_not_equal(run->numbers[0], failed);
    report_done(run, 2, 10 * MS);
    nanosleep(&(struct timespec){.tv_nsec = 110 * MS}, NULL);
    assert_int_equal(ask(run, 2), MASTER_WORK);
    assert_int_equal(run->numbers[0], failed);
    report_done(run, 2, 10 * MS);
    end_run(run);
}

static void what_is_given_at_once_is_a_small_part_of_the_memory(void **state)
{
    (void)state;
    struct run *run = begin_run(TASKS_MAX, 2, 1, dynamic);
    run->job.env.budget.memory_bytes = 64 << 10; /* of which 1 KB is a 64th: 16 tasks of 64 bytes */
    expect_given(run, 0, 1, 0);
    report_done(run, 0, 1);
    assert_int_equal(ask(run, 0), MASTER_WORK);
    assert_in_range(run->work.len, 1024, 1024 + 48);
    report_done(run, 0, 1);
    run->job.env.budget.memory_bytes = 64; /* but always one task */
    expect_given(run, 1, 1, (int)run->given_len + 1);
    report_done(run, 1, 1);
    end_run(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_rank_gets_one_task_and_then_a_twentieth_of_a_second),
        folder_test(tasks_longer_than_that_are_given_one_by_one),
        folder_test(a_rank_that_becomes_slow_soon_gets_fewer),
        folder_test(shares_follow_the_speed_and_all_end_together),
        folder_test(with_a_static_schedule_task_i_is_that_of_rank_i_modulo_ranks),
        folder_test(what_is_given_at_once_is_a_small_part_of_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
