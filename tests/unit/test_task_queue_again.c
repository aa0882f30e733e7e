/* SPDX-License-Identifier: BSD-3-Clause */
/* What becomes of tasks that fail, that are given back, and that an earlier run has done. */
#include "stage/task_queue.h"

#include "asked.h"

static void a_task_that_failed_goes_to_another_host(void **state)
{
    (void)state;
    struct run *run = begin_run(1, RANKS, 2, dynamic); /* 0 and 1 here, 2 and 3 there */
    expect_given(run, 0, 1, 0);
    expect_none(run, 1, MASTER_LATER);
    report(run, 0, 0, TASK_QUEUE_FAILED, MS);
    expect_none(run, 0, MASTER_LATER);
    expect_none(run, 1, MASTER_LATER);
    expect_given(run, 2, 1, 0);
    assert_int_equal(run->given[0].tries, 1);
    report(run, 2, 0, TASK_QUEUE_FAILED, MS);
    expect_none(run, 3, MASTER_LATER);
    expect_given(run, 1, 1, 0);
    assert_int_equal(run->given[0].tries, 2);
    report(run, 1, 0, TASK_QUEUE_DONE, MS);
    expect_none(run, 3, MASTER_END);
    assert_int_equal(run->task_queue.retried, 2);
    assert_int_equal(run->task_queue.done, 1);
    assert_int_equal(run->task_queue.failed, 0);
    end_run(run);
}

static void on_one_host_it_goes_to_another_rank_and_alone_to_the_same(void **state)
{
    (void)state;
    struct run *run = begin_run(1, 3, 1, dynamic);
    expect_given(run, 1, 1, 0);
    report(run, 1, 0, TASK_QUEUE_FAILED, MS);
    expect_none(run, 1, MASTER_LATER);
    expect_given(run, 2, 1, 0);
    report(run, 2, 0, TASK_QUEUE_DONE, MS);
    end_run(run);
    run = begin_run(1, 1, 1, dynamic);
    expect_given(run, 0, 1, 0);
    report(run, 0, 0, TASK_QUEUE_FAILED, MS);
    expect_given(run, 0, 1, 0);
    report(run, 0, 0, TASK_QUEUE_DONE, MS);
    expect_none(run, 0, MASTER_END);
    end_run(run);
}

static void after_its_retries_a_task_has_failed_for_good(void **state)
{
    (void)state;
    for (uint64_t retries = 0; retries < 4; retries++) {
        struct run *run = begin_run(1, 2, 2, dynamic);
        struct failures_entry failure;
        size_t at = 0;
        run->job.env.options.retries = retries;
        for (uint64_t tried = 0; tried <= retries; tried++) {
            expect_given(run, (int)tried % 2, 1, 0);
            assert_int_equal(run->given[0].tries, tried);
            report(run, (int)tried % 2, 0, TASK_QUEUE_FAILED, MS);
        }
        expect_none(run, 0, MASTER_END);
        expect_none(run, 1, MASTER_END);
        assert_int_equal(run->task_queue.failed, 1);
        assert_int_equal(run->task_queue.retried, retries);
        assert_true(failures_next(&run->job.failures, &at, &failure));
        assert_int_equal(failure.tries, retries + 1);
        assert_int_equal(failure.rank, retries % 2);
        assert_string_equal(failure.reason, "ill");
        assert_false(failures_next(&run->job.failures, &at, &failure));
        end_run(run);
    }
}

static void what_is_given_back_is_the_next_that_anybody_gets(void **state)
{
    (void)state;
    struct run *run = begin_run(20, 2, 1, dynamic);
    expect_given(run, 1, 1, 0);
    report_done(run, 1, 10 * MS);
    expect_given(run, 1, 5, 1);
    report(run, 1, 0, TASK_QUEUE_DONE, 10 * MS);
    for (size_t i = 1; i < 5; i++)
        report(run, 1, i, TASK_QUEUE_RETURNED, 0); /* whose time is none, and not learnt */
    expect_given(run, 0, 1, 2);
    assert_int_equal(run->given[0].tries, 0);
    report_done(run, 0, 10 * MS);
    expect_given(run, 1, 5,
                 3); /* 3, 4 and 5 of those, and two new ones; the rank that had them, too */
    assert_int_equal(run->numbers[2], 5);
    assert_int_equal(run->numbers[3], 6);
    report_done(run, 1, 10 * MS);
    assert_int_equal(run->task_queue.retried, 0);
    end_run(run);
}

/* While something is out, it may come back. */
static void nobody_is_sent_home_before_all_is_reported(void **state)
{
    (void)state;
    struct run *run = begin_run(2, 3, 1, dynamic);
    expect_given(run, 0, 1, 0);
    struct task_reader_task first = run->given[0];
    expect_given(run, 1, 1, 1);
    expect_none(run, 2, MASTER_LATER);
    report_done(run, 1, MS);
    expect_none(run, 1, MASTER_LATER);
    run->given[0] = first;
    run->numbers[0] = 0;
    report(run, 0, 0, TASK_QUEUE_RETURNED, 0);
    expect_given(run, 2, 1, 0);
    expect_none(run, 1, MASTER_LATER);
    report_done(run, 2, MS);
    for (int rank = 0; rank < 3; rank++)
        expect_none(run, rank, MASTER_END);
    end_run(run);
}

/* All that is given to one rank, which does it; the first `failing` fail for good. */
static size_t do_all(struct run *run, size_t failing, size_t most)
{
    size_t tasks = 0;
    while (tasks < most && ask(run, 0) == MASTER_WORK)
        for (size_t i = 0; i < run->given_len; i++, tasks++)
            report(run, 0, i, tasks < failing ? TASK_QUEUE_FAILED : TASK_QUEUE_DONE, 60 * MS);
    return tasks;
}

static void what_an_earlier_run_has_done_is_not_given_again(void **state)
{
    (void)state;
    struct options kept = dynamic;
    kept.journal = folder_path("journal");
    kept.retries = 0;
    struct run *run = begin_run(100, 1, 1, kept);
    assert_int_equal(do_all(run, 3, 40), 40);
    assert_int_equal(run->task_queue.ledger.known, 0);
    assert_true(ledger_save(&run->job.env, &run->task_queue.ledger, true));
    assert_int_equal(do_all(run, 0, 10), 10); /* lost: never saved */
    end_run(run);
    run = begin_run(100, 1, 1, kept);
    expect_given(run, 0, 1, 0); /* failed then */
    report(run, 0, 0, TASK_QUEUE_DONE, 60 * MS);
    expect_given(run, 0, 1, 1);
    report(run, 0, 0, TASK_QUEUE_DONE, 60 * MS);
    expect_given(run, 0, 1, 2);
    report(run, 0, 0, TASK_QUEUE_DONE, 60 * MS);
    expect_given(run, 0, 1, 40);
    report(run, 0, 0, TASK_QUEUE_DONE, 60 * MS);
    assert_int_equal(run->task_queue.ledger.known, 37);
    assert_int_equal(do_all(run, 0, 1000), 59);
    end_run(run);
    run = begin_run(100, 1, 1, kept);
    expect_none(run, 0, MASTER_END);
    assert_int_equal(run->task_queue.ledger.known, 100);
    struct ledger_entry entry;
    uint64_t offset = 0;
    for (int i = 0; i < 100; i++, offset += i <= 10 ? 2 : 3) {
        assert_true(ledger_next(&run->job.env, &run->task_queue.ledger, &entry));
        assert_int_equal(entry.task.offset, offset);
    }
    assert_false(ledger_next(&run->job.env, &run->task_queue.ledger, &entry));
    end_run(run);
}

static void a_journal_whose_tasks_have_changed_is_refused(void **state)
{
    (void)state;
    struct options kept = dynamic;
    kept.journal = folder_path("journal");
    struct run *run = begin_run(10, 1, 1, kept);
    assert_int_equal(do_all(run, 0, 100), 10);
    end_run(run);
    run = begin_run(10, 1, 1, kept);
    int file = open(folder_path("tasks"), O_WRONLY);
    assert_int_equal(pwrite(file, "7", 1, 4), 1); /* in place of task 2 */
    close(file);
    ask(run, 0);
    assert_int_equal(run->job.env.fail.code, FAIL_USAGE);
    assert_non_null(strstr(run->job.env.fail.text, "the input has changed"));
    run->job.env.fail = (struct fail){0};
    end_run(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_task_that_failed_goes_to_another_host),
        folder_test(on_one_host_it_goes_to_another_rank_and_alone_to_the_same),
        folder_test(after_its_retries_a_task_has_failed_for_good),
        folder_test(what_is_given_back_is_the_next_that_anybody_gets),
        folder_test(nobody_is_sent_home_before_all_is_reported),
        folder_test(what_an_earlier_run_has_done_is_not_given_again),
        folder_test(a_journal_whose_tasks_have_changed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
