/* SPDX-License-Identifier: BSD-3-Clause */
/* What a run says in lines, from numbers that are made up. */
#include "status/line.h"

#include "told.h"

static struct told told;

static void progress_says_how_much_of_the_input_is_counted(void **state)
{
    (void)state;
    told_make(&told);
    told.snapshot.share = 0.4;
    told.snapshot.left_s = 3.04;
    assert_string_equal(told_by(&told, line_progress),
                        "wc: map: 6.0 MB of 12.0 MB, 3.0 MB/s, 40 %, 3.0 s left\n");
    told.snapshot.left_s = -1;
    assert_string_equal(told_by(&told, line_progress), "wc: map: 6.0 MB of 12.0 MB, 3.0 MB/s\n");
    told.snapshot.expected_bytes = 0;
    told.snapshot.phase = TIMING_REDUCE;
    assert_string_equal(told_by(&told, line_progress), "wc: reduce: 6.0 MB, 3.0 MB/s\n");
    told.snapshot.seconds = 0;
    assert_string_equal(told_by(&told, line_progress), "wc: reduce: 6.0 MB, 0 B/s\n");
}

static void progress_says_how_far_a_later_phase_is(void **state)
{
    (void)state;
    told_make(&told);
    told.snapshot.share = 0.8;
    told.snapshot.left_s = 20;
    told.snapshot.phase = told.snapshot.work.step.phase = TIMING_SORT;
    told.snapshot.work.step.done = 1;
    told.snapshot.work.step.all = 4;
    assert_string_equal(told_by(&told, line_progress), "wc: sort: 25 % of it, 80 %, 20 s left\n");
}

static void progress_has_one_kind_of_units(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *said;
    } rows[] = {
        {0, "0 B"},         {999, "999 B"},        {1000, "1.0 kB"},
        {99949, "99.9 kB"}, {99950, "100 kB"},     {999499, "999 kB"},
        {999500, "1.0 MB"}, {12345678, "12.3 MB"}, {7000000000000, "7.0 TB"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char said[64];
        told_make(&told);
        told.snapshot.left_s = -1;
        told.snapshot.seconds = 1;
        told.snapshot.expected_bytes = 0;
        told.snapshot.work.mapped_bytes = rows[i].bytes;
        snprintf(said, sizeof said, "wc: map: %s, %s/s\n", rows[i].said, rows[i].said);
        assert_string_equal(told_by(&told, line_progress), said);
    }
}

static void progress_says_how_long_it_takes_yet(void **state)
{
    (void)state;
    static const struct {
        double left;
        const char *said;
    } rows[] = {
        {0, "0.0 s left\n"},          {9.94, "9.9 s left\n"},       {9.96, "10 s left\n"},
        {599, "599 s left\n"},        {600, "10 min left\n"},       {35999, "600 min left\n"},
        {36000, "10 h 0 min left\n"}, {90061, "25 h 1 min left\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        told_make(&told);
        told.snapshot.left_s = rows[i].left;
        told_by(&told, line_progress);
        assert_string_equal(strrchr(told.text, '%') + 3, rows[i].said);
        assert_true(strlen(told.text) <= 80);
    }
}

static void progress_says_how_many_tasks_ran_on_which_host(void **state)
{
    (void)state;
    told_make(&told);
    told.snapshot.runs_tasks = true;
    told.snapshot.left_s = -1;
    assert_string_equal(told_by(&told, line_progress),
                        "wc: 60 tasks done, 3 tries failed, 3 running; n01 30/1/2, n02 30/2/1\n");
    told.snapshot.hosts = 1;
    assert_string_equal(told_by(&told, line_progress),
                        "wc: 60 tasks done, 3 tries failed, 3 running\n");
    told.snapshot.read_tasks = 120;
    told.snapshot.all_read = true;
    told.snapshot.left_s = 2;
    told.snapshot.share = 0.5;
    assert_string_equal(told_by(&told, line_progress),
                        "wc: 60 of 120 tasks done, 3 tries failed, 3 running, 50 %, 2.0 s left\n");
}

static void the_closing_line_of_a_count(void **state)
{
    (void)state;
    told_make(&told);
    assert_string_equal(told_by(&told, line_closing),
                        "wc: 1,234,567 words, 1 distinct, 6,000,000 bytes in 2.000 s (3 MB/s), "
                        "3 ranks on 2 hosts, verified\n");
    told.snapshot.verifies = false;
    told.snapshot.size = told.snapshot.hosts = 1;
    told.totals.words = 1;
    told.totals.left_out_words = 2;
    told.totals.output_has_checksum = told.totals.standard_output = true;
    told.totals.output_checksum = 0xabc;
    assert_string_equal(told_by(&told, line_closing),
                        "wc: 1 word, 1 distinct, 6,000,000 bytes in 2.000 s (3 MB/s), "
                        "1 rank on 1 host, not verified; 999 bytes out, XXH3 0000000000000abc; "
                        "2 distinct words left out\n");
}

static void a_count_that_was_left_says_how_far_it_is(void **state)
{
    (void)state;
    told_make(&told);
    told.totals.resumed_bytes = 1000;
    const char *text = told_by(&told, line_closing);
    assert_non_null(strstr(text, "verified; 1,000 bytes were counted before\n"));
    told.totals.wound_down = true;
    told.snapshot.work.read_bytes = 500;
    told.snapshot.expected_read = 9000;
    assert_string_equal(told_by(&told, line_closing),
                        "wc: 1,500 of 10,000 bytes are counted, in 2.000 s, 3 ranks on 2 hosts, "
                        "wound down: the same command goes on\n");
    told.snapshot.expected_read = 0;
    text = told_by(&told, line_closing);
    assert_memory_equal(text, "wc: 1,500 bytes are counted, in", 31);
}

static void the_closing_line_of_records(void **state)
{
    (void)state;
    static const struct {
        struct snapshot_records records;
        const char *said;
    } rows[] = {
        {{false, 0, 0, 0}, "verified\n"},
        {{true, 0, 0, 0}, "verified; 0 records\n"},
        {{true, 1, 0, 0}, "verified; 1 record\n"},
        {{true, 1234, 1, 0}, "verified; 1,234 records, 1 without text\n"},
        {{true, 2, 0, 1}, "verified; 2 records, 1 malformed and skipped\n"},
        {{true, 9000, 3000, 2000},
         "verified; 9,000 records, 3,000 without text, 2,000 malformed and skipped\n"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        told_make(&told);
        told.totals.records = rows[i].records;
        const char *text = told_by(&told, line_closing);
        assert_string_equal(text + strlen(text) - strlen(rows[i].said), rows[i].said);
    }
}

static void the_closing_line_of_tasks(void **state)
{
    (void)state;
    told_make(&told);
    told.snapshot.runs_tasks = true;
    told.totals.tasks = 1000;
    assert_string_equal(told_by(&told, line_closing),
                        "wc: 1,000 tasks, 1,000 done in 2.000 s, 999 bytes of results, "
                        "3 ranks on 2 hosts, verified\n");
    told.totals.failed_tasks = 1;
    told.totals.resumed_tasks = 20;
    told.totals.retried_tasks = 3;
    assert_string_equal(told_by(&told, line_closing),
                        "wc: 1,000 tasks, 999 done, 1 failed, 20 of them before, 3 tried again "
                        "in 2.000 s, 999 bytes of results, 3 ranks on 2 hosts, verified\n");
}

static void add_failure(struct world *world, const char *reason, const char *task, uint32_t tries)
{
    const struct failures_entry entry = {
        .file = "tasks",
        .reason = reason,
        .task = (const uint8_t *)task,
        .task_len = strlen(task),
        .offset = 12,
        .tries = tries,
        .rank = 2,
    };
    assert_true(failures_add(&told.failures, &world->mem, &entry, &world->fail));
}

static void ten_failures_are_named_and_the_others_counted(void **state)
{
    struct world *world = *state;
    char longer[100], reason[32], line[200];
    told_make(&told);
    assert_string_equal(told_by(&told, line_failures), "");
    memset(longer, 'x', sizeof longer);
    longer[0] = '\x1b';
    longer[99] = '\0';
    add_failure(world, "exit 1", longer, 1);
    for (int i = 0; i < 11; i++) {
        snprintf(reason, sizeof reason, "exit %d", 2 + i);
        add_failure(world, reason, "task", 3);
    }
    const char *text = told_by(&told, line_failures);
    const char *at = strchr(text, '\n') + 1;
    assert_non_null(strstr(text, "(1 try, the last on rank 2, n02): ?xxx"));
    assert_memory_equal(at - 5, "x...\n", 5);
    for (int i = 0; i < 9; i++, at += strlen(line)) {
        snprintf(line, sizeof line,
                 "wc: tasks: the task at byte 12 failed: exit %d (3 tries, the last on rank 2, "
                 "n02): task\n",
                 2 + i);
        assert_memory_equal(at, line, strlen(line));
    }
    assert_string_equal(at, "wc: 2 more tasks failed (--json lists them)\n");
    failures_free(&told.failures, &world->mem);
}

static void failures_for_one_reason_are_one_line(void **state)
{
    struct world *world = *state;
    told_make(&told);
    for (int i = 0; i < 1500; i++) {
        add_failure(world, "exit 127", i == 0 ? "first" : "later", 3);
        if (i % 500 == 1)
            add_failure(world, "exit 1", "another", 0);
    }
    add_failure(world, "exit 2", "alone", 1);
    assert_string_equal(told_by(&told, line_failures),
                        "wc: 1,500 tasks failed: exit 127; the first is in tasks at byte 12 (3 "
                        "tries, the last on rank 2, n02): first\n"
                        "wc: 3 tasks failed: exit 1; the first is in tasks at byte 12: another\n"
                        "wc: tasks: the task at byte 12 failed: exit 2 (1 try, the last on rank 2, "
                        "n02): alone\n");
    failures_free(&told.failures, &world->mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_says_how_much_of_the_input_is_counted),
        cmocka_unit_test(progress_says_how_far_a_later_phase_is),
        cmocka_unit_test(progress_has_one_kind_of_units),
        cmocka_unit_test(progress_says_how_long_it_takes_yet),
        cmocka_unit_test(progress_says_how_many_tasks_ran_on_which_host),
        cmocka_unit_test(the_closing_line_of_a_count),
        cmocka_unit_test(a_count_that_was_left_says_how_far_it_is),
        cmocka_unit_test(the_closing_line_of_records),
        cmocka_unit_test(the_closing_line_of_tasks),
        world_test(ten_failures_are_named_and_the_others_counted),
        world_test(failures_for_one_reason_are_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
