/* SPDX-License-Identifier: BSD-3-Clause */
/* The log of tasks: lines, columns, and a file that cannot be written. */
#include "status/task_log.h"

#include "world_in_folder.h"

static const struct task_log_entry done = {.number = 7,
                                           .attempt = 1,
                                           .rank = 2,
                                           .host = "n02",
                                           .end_ns = 1700000001500000000,
                                           .ns = 250000000,
                                           .exit = -1};

static void expect_text(const char *path, const char *expected)
{
    size_t len;
    char *text = (char *)folder_get(path, &len);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(text, expected, len);
    free(text);
}

#define HEAD "task\ttry\trank\thost\tstart\tseconds\texit\treason\n"

static void a_line_for_each_try(void **state)
{
    struct task_log log;
    struct fail fail = {0};
    struct task_log_entry failed = done;
    const char *path = folder_path("log");
    (void)state;
    assert_true(task_log_open(&log, path, &fail));
    expect_text(path, HEAD);
    task_log_add(&log, &done);
    failed.exit = 3;
    failed.attempt = 2;
    failed.reason = "exit 3: a\tb\nc";
    task_log_add(&log, &failed);
    failed.exit = -1;
    task_log_add(&log, &failed);
    assert_true(task_log_flush(&log, &fail));
    expect_text(path, HEAD
                "7\t1\t2\tn02\t1700000001.250\t0.250000\t0\t\n"
                "7\t2\t2\tn02\t1700000001.250\t0.250000\t3\texit 3: a b c\n"
                "7\t2\t2\tn02\t1700000001.250\t0.250000\t-\texit 3: a b c\n");
    task_log_close(&log);
    task_log_close(&log);
}

static void a_log_goes_on(void **state)
{
    struct task_log log;
    struct fail fail = {0};
    const char *path = folder_path("log");
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_true(task_log_open(&log, path, &fail));
        task_log_add(&log, &done);
        task_log_close(&log);
    }
    expect_text(path, HEAD
                "7\t1\t2\tn02\t1700000001.250\t0.250000\t0\t\n"
                "7\t1\t2\tn02\t1700000001.250\t0.250000\t0\t\n");
}

static void without_a_log_nothing_is_written(void **state)
{
    struct task_log log = {0};
    struct fail fail = {0};
    (void)state;
    task_log_add(&log, &done);
    assert_true(task_log_flush(&log, &fail));
    task_log_close(&log);
}

static void what_cannot_be_written_is_said(void **state)
{
    struct task_log log;
    struct fail fail = {0};
    (void)state;
    assert_false(task_log_open(&log, folder_path("no/log"), &fail));
    assert_int_equal(fail.code, FAIL_OUTPUT);
    fail = (struct fail){0};
    assert_false(task_log_open(&log, "/dev/full", &fail));
    assert_int_equal(fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(fail.text, "/dev/full: No space"));
    task_log_close(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_line_for_each_try),
        folder_test(a_log_goes_on),
        folder_test(without_a_log_nothing_is_written),
        folder_test(what_cannot_be_written_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
