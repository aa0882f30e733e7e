/* SPDX-License-Identifier: BSD-3-Clause */
/* What was committed to a journal is there again. */
#include "store/journal.h"

#include "journaled.h"

#include <sqlite3.h>

static enum journal_state state_of(struct world *world, struct journal *journal, uint64_t file,
                                   uint64_t offset)
{
    enum journal_state state;
    if (!journal_find(journal, file, offset, digest_of(file, offset), &state, &world->fail))
        fail_msg("%s", world->fail.text);
    return state;
}

static void committed_tasks_come_back_in_order(void **state)
{
    struct world *world = *state;
    struct journal journal;
    static const struct {
        uint64_t file, offset;
        size_t len;
    } tasks[] = {
        {0, 0, 0},  {0, 1, 1},
        {0, 2, 16}, {0, 1000, 5000},
        {1, 0, 77}, {1, 5, JOURNAL_ROW_BYTES},
        {1, 6, 1},  {1, 7, LARGE_BYTES},
        {2, 0, 0},  {2, (uint64_t)1 << 40, MAX_BYTES},
        {9, 0, 10}, {(uint64_t)1 << 40, INT64_MAX - 1, 100},
    };
    must_open(world, &journal);
    for (size_t i = 0; i < LEN(tasks); i++) {
        size_t at = i * 5 % LEN(tasks); /* 5 and 12 have no common divisor */
        must_add(world, &journal, done_task(tasks[at].file, tasks[at].offset, tasks[at].len));
        if (i % 4 == 3)
            must_commit(world, &journal);
    }
    expect_no_next(world, &journal);
    journal_close(&journal);
    for (int start = 0; start < 2; start++) {
        must_open(world, &journal);
        for (size_t i = 0; i < LEN(tasks); i++)
            expect_next(world, &journal, done_task(tasks[i].file, tasks[i].offset, tasks[i].len));
        expect_no_next(world, &journal);
        journal_close(&journal);
    }
}

static void what_was_not_committed_is_lost(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    must_add(world, &journal, done_task(0, 0, 10));
    must_commit(world, &journal);
    must_add(world, &journal, done_task(0, 10, 10));
    must_add(world, &journal, done_task(0, 20, LARGE_BYTES));
    journal_close(&journal);
    must_open(world, &journal);
    expect_next(world, &journal, done_task(0, 0, 10));
    expect_no_next(world, &journal);
    assert_int_equal(access(folder_path("tasks.db.d/0-20"), F_OK), -1);
    journal_close(&journal);
}

static void nothing_to_commit_and_nothing_open_is_fine(void **state)
{
    struct world *world = *state;
    struct journal journal = {0};
    journal_close(&journal);
    must_open(world, &journal);
    must_commit(world, &journal);
    assert_false(journal_due(&journal));
    assert_int_equal(state_of(world, &journal, 0, 0), JOURNAL_MISSING);
    assert_int_equal(state_of(world, &journal, 7, 1), JOURNAL_MISSING);
    expect_no_next(world, &journal);
    journal_close(&journal);
    journal_close(&journal);
}

/* Every third task is done, every fifth failed; what this start adds changes nothing. */
static void tasks_of_earlier_starts_are_known(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    for (uint64_t i = 0; i < 300; i++)
        if (i % 3 == 0)
            must_add(world, &journal, done_task(i / 100, i, i));
        else if (i % 5 == 0)
            must_add(world, &journal, failed_task(i / 100, i, "a task"));
    must_commit(world, &journal);
    journal_close(&journal);
    for (int mode = 0; mode < 3; mode++) {
        must_open(world, &journal);
        for (uint64_t i = 0; i < 300; i++) {
            if (mode == 1 && i % 7 != 0) /* not all are asked for */
                continue;
            assert_int_equal(state_of(world, &journal, i / 100, i), i % 3 == 0   ? JOURNAL_DONE
                                                                    : i % 5 == 0 ? JOURNAL_FAILED
                                                                                 : JOURNAL_MISSING);
            if (mode == 2 && i % 3 != 0 && i % 5 != 0) /* no failed one, ahead */
                must_add(world, &journal, done_task((i + 20) / 100, i + 20, 1));
            if (mode == 2 && i % 10 == 9)
                must_commit(world, &journal);
        }
        journal_close(&journal);
    }
}

static void done_tasks_are_read_while_others_are_added(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    for (uint64_t i = 0; i < 100; i++)
        must_add(world, &journal,
                 i % 10 == 5 ? failed_task(0, i * 2, "x") : done_task(0, i * 2, i));
    must_commit(world, &journal);
    journal_close(&journal);
    must_open(world, &journal);
    for (uint64_t i = 0; i < 100; i++) {
        if (i % 10 != 5)
            expect_next(world, &journal, done_task(0, i * 2, i));
        must_add(world, &journal, done_task(0, i * 2 + 3, 9));
        if (i % 10 == 0)
            must_add(world, &journal, done_task(0, (i + 5) * 2, 9)); /* failed before */
        if (i % 3 == 0)
            must_commit(world, &journal);
    }
    expect_no_next(world, &journal);
    journal_close(&journal);
}

static void a_failed_task_is_replaced_and_a_done_one_is_not(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    must_add(world, &journal, failed_task(0, 0, "x"));
    must_add(world, &journal, failed_task(0, 1, "x"));
    must_add(world, &journal, done_task(0, 2, 10));
    must_add(world, &journal, done_task(0, 3, LARGE_BYTES));
    must_commit(world, &journal);
    for (int start = 0; start < 2; start++) {
        must_add(world, &journal, done_task(0, 0, 20));
        must_add(world, &journal, done_task(0, 1, LARGE_BYTES));
        must_add(world, &journal, failed_task(0, 2, "x"));
        struct journal_entry other = done_task(7, 7, LARGE_BYTES + 5);
        other.file = 0, other.offset = 3;
        must_add(world, &journal, other);
        must_commit(world, &journal);
        journal_close(&journal);
        must_open(world, &journal);
    }
    expect_next(world, &journal, done_task(0, 0, 20));
    expect_next(world, &journal, done_task(0, 1, LARGE_BYTES));
    expect_next(world, &journal, done_task(0, 2, 10));
    expect_next(world, &journal, done_task(0, 3, LARGE_BYTES));
    expect_no_next(world, &journal);
    journal_close(&journal);
}

static void a_task_with_other_bytes_is_refused(void **state)
{
    struct world *world = *state;
    char expected[PATH_MAX + 100];
    for (int done = 0; done < 2; done++) {
        struct journal journal;
        enum journal_state found;
        must_open(world, &journal);
        must_add(world, &journal, done ? done_task(4, 70, 1) : failed_task(4, 70, "x"));
        must_commit(world, &journal);
        journal_close(&journal);
        must_open(world, &journal);
        assert_true(journal_find(&journal, 4, 0, 1, &found, &world->fail));
        assert_false(journal_find(&journal, 4, 70, 1, &found, &world->fail));
        assert_int_equal(world->fail.code, FAIL_USAGE);
        snprintf(expected, sizeof expected,
                 "%s: the task at byte 70 of input 5 is not the one of the journal: the input has "
                 "changed",
                 path());
        assert_string_equal(world->fail.text, expected);
        world->fail = (struct fail){0};
        journal_close(&journal);
        assert_int_equal(unlink(path()), 0);
    }
}

static void files_that_no_row_names_are_removed_and_no_others(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    must_add(world, &journal, done_task(0, 5, LARGE_BYTES));
    must_add(world, &journal, done_task(0, 6, 5));
    must_commit(world, &journal);
    journal_close(&journal);
    static const struct {
        const char *name;
        bool stays;
    } rows[] = {
        {"0-5", true},   {"0-6", false},    {"0-7", false}, {"3-18446744073709551615", false},
        {"notes", true}, {"0-5.old", true}, {"00-7", true}, {"-1-1", true}};
    for (size_t i = 1; i < LEN(rows); i++) {
        char name[100];
        snprintf(name, sizeof name, "tasks.db.d/%s", rows[i].name);
        folder_put(name, "x", 1);
    }
    must_open(world, &journal);
    for (size_t i = 0; i < LEN(rows); i++) {
        char name[100];
        snprintf(name, sizeof name, "tasks.db.d/%s", rows[i].name);
        assert_int_equal(access(folder_path(name), F_OK), rows[i].stays ? 0 : -1);
    }
    folder_put("tasks.db.d/0-9", done_task(0, 9, MAX_BYTES).frames,
               MAX_BYTES); /* of a lost batch */
    must_add(world, &journal, done_task(0, 9, LARGE_BYTES));
    must_commit(world, &journal);
    journal_close(&journal);
    must_open(world, &journal);
    expect_next(world, &journal, done_task(0, 5, LARGE_BYTES));
    expect_next(world, &journal, done_task(0, 6, 5));
    expect_next(world, &journal, done_task(0, 9, LARGE_BYTES));
    journal_close(&journal);
}

static void a_batch_that_fails_is_lost_and_the_next_one_is_not(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    folder_put("tasks.db.d", "in the way", 10);
    must_add(world, &journal, done_task(0, 0, 5));
    struct journal_entry large = done_task(0, 1, LARGE_BYTES);
    assert_false(journal_add(&journal, &large, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(world->fail.text, "tasks.db.d/0-1: Not a directory"));
    world->fail = (struct fail){0};
    must_commit(world, &journal);
    must_add(world, &journal, done_task(0, 2, 5));
    must_commit(world, &journal);
    journal_close(&journal);
    assert_int_equal(unlink(folder_path("tasks.db.d")), 0);
    must_open(world, &journal);
    expect_next(world, &journal, done_task(0, 2, 5));
    expect_no_next(world, &journal);
    journal_close(&journal);
}

static void it_is_time_to_commit_after_a_thousand_or_a_fifth_of_a_second(void **state)
{
    struct world *world = *state;
    struct journal journal;
    clock_ns = 5000000000;
    must_open(world, &journal);
    must_add(world, &journal, done_task(0, 0, 1));
    clock_ns += 100000000;
    must_add(world, &journal, done_task(0, 1, 1)); /* it is the first that counts */
    clock_ns += 99999999;
    assert_false(journal_due(&journal));
    clock_ns++;
    assert_true(journal_due(&journal));
    must_commit(world, &journal);
    assert_false(journal_due(&journal));
    clock_ns += 1000000000;
    assert_false(journal_due(&journal)); /* nothing waits */
    for (uint64_t i = 2; i < 1002; i++) {
        assert_false(journal_due(&journal));
        must_add(world, &journal, done_task(0, i, 1));
    }
    assert_true(journal_due(&journal));
    clock_ns = 0;
    journal_close(&journal);
}

static void people_read_it_with_the_shell(void **state)
{
    struct world *world = *state;
    struct journal journal;
    static char long_task[2 * JOURNAL_TASK_BYTES];
    memset(long_task, 't', sizeof long_task - 1);
    must_open(world, &journal);
    must_add(world, &journal, done_task(0, 4, 3));
    must_add(world, &journal, done_task(0, 8, LARGE_BYTES));
    must_add(world, &journal, failed_task(1, 0, "a task"));
    must_add(world, &journal, failed_task(1, 7, long_task));
    must_commit(world, &journal);
    journal_close(&journal);
    must_open(world, &journal);
    journal_close(&journal);
    assert_string_equal(asked("select state, count(*) from task group by state"),
                        "done|2\nfailed|2\n");
    assert_string_equal(asked("select * from run"),
                        "input|a.txt 1000 bytes\ninput|b.txt\ntask|squares\n");
    assert_string_equal(asked("select file, offset, tries, rank, host, seconds, result_bytes,"
                              " result_file, length(result) from task where state = 'done'"),
                        "0|4|2|4|lab01|0.5|3||3\n0|8|3|3|lab01|1.0|1048577|0-8|\n");
    assert_string_equal(asked("select reason, task, typeof(result) from task where offset = 0"),
                        "exit 3: no such number|a task|null\n");
    assert_string_equal(asked("select length(task) from task where offset = 7"), "4096\n");
    assert_string_equal(asked("select number, time > '2020' from start"), "1|1\n2|1\n");
    assert_string_equal(asked("pragma user_version; pragma journal_mode; pragma integrity_check"),
                        "2\nwal\nok\n");
}

/* While tasks of an earlier start are looked up and read, the log must not grow with each commit,
 * and SQLite must stay small. */
static void many_tasks_take_little_memory_and_a_short_log(void **state)
{
    struct world *world = *state;
    struct journal journal;
    struct stat log;
    struct timespec begun;
    off_t longest = 0;
    for (uint64_t start = 0; start < 2; start++) {
        must_open(world, &journal);
        clock_gettime(CLOCK_MONOTONIC, &begun);
        for (uint64_t i = 0; i < MANY; i++) {
            assert_int_equal(state_of(world, &journal, 0, 2 * i),
                             start ? JOURNAL_DONE : JOURNAL_MISSING);
            must_add(world, &journal, done_task(0, 2 * i + start, 60));
            if (!journal_due(&journal))
                continue;
            must_commit(world, &journal);
            if (stat(folder_path("tasks.db-wal"), &log) == 0 && log.st_size > longest)
                longest = log.st_size;
        }
        must_commit(world, &journal);
        print_message("# start %" PRIu64 ": %.0f tasks a second found and added\n", start,
                      MANY / seconds_since(begun));
        journal_close(&journal);
    }
    must_open(world, &journal);
    clock_gettime(CLOCK_MONOTONIC, &begun);
    for (uint64_t i = 0; i < 2 * MANY; i++)
        assert_int_equal(state_of(world, &journal, 0, i), JOURNAL_DONE);
    print_message("# %.0f tasks a second found\n", 2 * MANY / seconds_since(begun));
    for (uint64_t i = 0; i < 2 * MANY; i++)
        expect_next(world, &journal, done_task(0, i, 60));
    expect_no_next(world, &journal);
    journal_close(&journal);
    print_message("# log of %jd bytes, SQLite took %lld at most\n", (intmax_t)longest,
                  (long long)sqlite3_memory_highwater(0));
    assert_int_equal(access(folder_path("tasks.db-wal"), F_OK),
                     -1); /* a run that ends leaves none */
    assert_true(longest > 0 && longest < 32 << 20);
    assert_true(sqlite3_memory_highwater(0) < 16 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(committed_tasks_come_back_in_order),
        folder_test(what_was_not_committed_is_lost),
        folder_test(nothing_to_commit_and_nothing_open_is_fine),
        folder_test(tasks_of_earlier_starts_are_known),
        folder_test(done_tasks_are_read_while_others_are_added),
        folder_test(a_failed_task_is_replaced_and_a_done_one_is_not),
        folder_test(a_task_with_other_bytes_is_refused),
        folder_test(files_that_no_row_names_are_removed_and_no_others),
        folder_test(a_batch_that_fails_is_lost_and_the_next_one_is_not),
        folder_test(it_is_time_to_commit_after_a_thousand_or_a_fifth_of_a_second),
        folder_test(people_read_it_with_the_shell),
        folder_test(many_tasks_take_little_memory_and_a_short_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
