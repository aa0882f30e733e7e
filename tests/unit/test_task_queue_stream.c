/* SPDX-License-Identifier: BSD-3-Clause */
/* Tasks that come through a pipe: who gets them when they are there, and that nobody waits for
 * those that are not. */
#include "stage/task_queue.h"

#include "asked.h"

#include <time.h>

/* A run whose tasks come through a pipe, to which nobody writes yet. */
static struct run *begin_pipe(int ranks, struct options options)
{
    assert_int_equal(mkfifo(folder_path("pipe"), 0600), 0);
    return begin_run_of("pipe", ranks, 1, options);
}

/* The pipe is not looked at more often than that. */
static void pause_between_looks(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void come(int pipe, const char *bytes)
{
    assert_int_equal(write(pipe, bytes, strlen(bytes)), strlen(bytes));
    pause_between_looks();
}

/* The other end is opened where the first question was. */
static int open_pipe(struct run *run)
{
    expect_none(run, 0, MASTER_LATER);
    int pipe = open(folder_path("pipe"), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(pipe >= 0);
    pause_between_looks();
    return pipe;
}

static void a_task_is_given_when_its_line_has_come(void **state)
{
    (void)state;
    struct run *run = begin_pipe(3, dynamic);
    int pipe = open_pipe(run);
    for (int rank = 0; rank < 3; rank++)
        expect_none(run, rank, MASTER_LATER);
    come(pipe, "7");
    expect_none(run, 1, MASTER_LATER);
    come(pipe, "1\n8");
    expect_given(run, 1, 1, 71);
    expect_none(run, 2, MASTER_LATER);
    expect_none(run, 0, MASTER_LATER);
    report_done(run, 1, 50 * MS);
    expect_none(run, 1, MASTER_LATER);
    come(pipe, "2\n");
    expect_given(run, 2, 1, 82);
    report_done(run, 2, 50 * MS);
    close(pipe);
    pause_between_looks();
    expect_none(run, 0, MASTER_END);
    end_run(run);
}

static void of_several_that_have_come_all_get_some(void **state)
{
    (void)state;
    struct run *run = begin_pipe(3, dynamic);
    int pipe = open_pipe(run);
    come(pipe, "0\n1\n\n2\n3\n\n\n4");
    for (int rank = 0; rank < 3; rank++) {
        expect_given(run, rank, 1, rank);
        report_done(run, rank, MS);
    }
    expect_given(run, 1, 1, 3); /* it might have 50 */
    report_done(run, 1, MS);
    expect_none(run, 1, MASTER_LATER);
    close(pipe); /* the last line needs no newline */
    pause_between_looks();
    expect_given(run, 2, 1, 4);
    expect_none(run, 0, MASTER_LATER);
    report_done(run, 2, MS);
    for (int rank = 0; rank < 3; rank++)
        expect_none(run, rank, MASTER_END);
    end_run(run);
}

static void a_task_that_failed_is_given_again_while_nothing_comes(void **state)
{
    (void)state;
    struct run *run = begin_pipe(2, dynamic);
    int pipe = open_pipe(run);
    come(pipe, "5\n");
    expect_given(run, 1, 1, 5);
    report(run, 1, 0, TASK_QUEUE_FAILED, MS);
    expect_none(run, 1, MASTER_LATER);
    expect_given(run, 0, 1, 5);
    report_done(run, 0, MS);
    expect_none(run, 0, MASTER_LATER);
    close(pipe);
    pause_between_looks();
    expect_none(run, 1, MASTER_END);
    end_run(run);
}

static void with_a_static_schedule_each_waits_for_its_own(void **state)
{
    (void)state;
    struct options fixed = {.retries = 2, .schedule = OPTIONS_SCHEDULE_STATIC};
    struct run *run = begin_pipe(2, fixed);
    int pipe = open_pipe(run);
    come(pipe, "0\n");
    expect_none(run, 1, MASTER_LATER);
    expect_given(run, 0, 1, 0);
    report_done(run, 0, MS);
    expect_none(run, 0, MASTER_LATER);
    come(pipe, "1\n2\n3\n");
    expect_given(run, 0, 1, 2);
    report_done(run, 0, MS);
    expect_given(run, 1, 1, 1);
    report_done(run, 1, MS);
    expect_given(run, 1, 1, 3);
    report_done(run, 1, MS);
    close(pipe);
    pause_between_looks();
    expect_none(run, 0, MASTER_END);
    end_run(run);
}

static void an_empty_stream_has_no_tasks(void **state)
{
    (void)state;
    struct run *run = begin_pipe(2, dynamic);
    close(open_pipe(run));
    pause_between_looks();
    expect_none(run, 1, MASTER_END);
    end_run(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_task_is_given_when_its_line_has_come),
        folder_test(of_several_that_have_come_all_get_some),
        folder_test(a_task_that_failed_is_given_again_while_nothing_comes),
        folder_test(with_a_static_schedule_each_waits_for_its_own),
        folder_test(an_empty_stream_has_no_tasks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
