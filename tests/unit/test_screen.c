/* SPDX-License-Identifier: BSD-3-Clause */
/* A screen of a run that is made up. */
#include "status/screen.h"

#include "told.h"

static struct told told;

static void print(FILE *file, const struct snapshot *snapshot)
{
    screen_write(file, snapshot, SCREEN_COLUMNS);
}

/* 12 s after it began, at the second 1 of 1970 plus 12. */
static void make(void)
{
    told_make(&told);
    told.snapshot.begun_ns = 1000000000;
    told.snapshot.now_ns = 13000000000;
    told.snapshot.share = told.snapshot.left_s = -1;
}

static const char *screen(void)
{
    return told_by(&told, print);
}

/* No line is longer, no byte is a control but newline; returns how many lines there are. */
static int expect_fits(const char *text, size_t columns)
{
    int lines = 0;
    for (const char *end; *text; text = end + 1, lines++) {
        end = strchr(text, '\n');
        assert_non_null(end);
        assert_true((size_t)(end - text) <= columns);
        for (const char *at = text; at < end; at++)
            assert_in_range((uint8_t)*at, ' ', '~');
    }
    return lines;
}

static void a_count_that_runs(void **state)
{
    (void)state;
    make();
    assert_string_equal(screen(),
                        "wc: words, 3 ranks on 2 hosts, to counts\n"
                        "running for 12.0 s: map\n"
                        "[                                        ]   ? %, time left unknown\n"
                        "input   5.7 MiB of 11.4 MiB counted, 2.9 MiB/s\n"
                        "hosts   n01                  2 ranks     2.9 MiB,  50 % of it\n"
                        "        n02                  1 rank      2.9 MiB,  50 % of it\n"
                        "written 1970-01-01 00:00:13 UTC\n");
    told.snapshot.share = 0.25;
    told.snapshot.left_s = 90;
    assert_non_null(
        strstr(screen(), "\n[##########..............................]  25 %, 1 min 30 s left\n"));
    told.snapshot.phase = TIMING_SORT;
    told.ranks[1].work.step = (struct snapshot_step){.phase = TIMING_SORT, .done = 1, .all = 3};
    told.ranks[2].work.step = (struct snapshot_step){.phase = TIMING_SORT, .done = 1, .all = 1};
    told.ranks[0].work.step = (struct snapshot_step){.phase = TIMING_REDUCE, .done = 9, .all = 9};
    assert_non_null(strstr(screen(), "\nrunning for 12.0 s: sort, 50 %\n"));
    assert_non_null(strstr(screen(), "\ninput   5.7 MiB of 11.4 MiB counted\n"));
}

static void scratch_is_shown_while_something_is_there(void **state)
{
    (void)state;
    make();
    told.snapshot.scratch = "/nvme0";
    told.snapshot.work.scratch_limit_bytes = (uint64_t)90 << 30;
    assert_null(strstr(screen(), "scratch"));
    told.snapshot.work.scratch_bytes = (uint64_t)12 << 30;
    assert_non_null(strstr(screen(), "\nscratch 12.0 GiB of 90.0 GiB in /nvme0\nhosts "));
}

static void how_it_ended_is_read_back(void **state)
{
    (void)state;
    static const struct {
        enum snapshot_state state;
        uint64_t failed;
        const char *line;
    } rows[] = {
        {SNAPSHOT_RUNS, 0, "\nrunning for 12.0 s: map\n"},
        {SNAPSHOT_DONE, 0, "\ndone in 12.0 s\n"},
        {SNAPSHOT_DONE, 2, "\ndone but for 2 tasks, in 12.0 s\n"},
        {SNAPSHOT_WOUND_DOWN, 0, "\nwound down after 12.0 s: the rest can be taken up again\n"},
        {SNAPSHOT_FAILED, 0, "\nfailed after 12.0 s: text: gone?[31m\n"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct screen_seen seen;
        make();
        told.snapshot.state = rows[i].state;
        told.snapshot.failure = "text: gone\x1b[31m";
        told.totals.failed_tasks = rows[i].failed;
        const char *text = screen();
        assert_non_null(strstr(text, rows[i].line));
        assert_true(screen_read(text, strlen(text), &seen));
        assert_int_equal(seen.state, rows[i].state);
        assert_int_equal(seen.tasks_failed, rows[i].failed > 0);
        assert_false(seen.lost);
        assert_false(screen_read(text, (size_t)(strchr(text, '\n') - text) + 5, &seen));
    }
    struct screen_seen seen;
    static const char lost[] = "wc: words\nlost: ended without a word at some time\n";
    assert_true(screen_read(lost, sizeof lost - 1, &seen) && seen.lost);
    assert_false(screen_read("", 0, &seen));
    assert_false(screen_read("a\nb\n", 4, &seen));
}

static void add_failure(struct world *world, const char *task, const char *reason)
{
    const struct failures_entry entry = {
        .file = "tasks",
        .reason = reason,
        .task = (const uint8_t *)task,
        .task_len = strlen(task),
        .tries = 3,
    };
    assert_true(failures_add(&told.failures, &world->mem, &entry, &world->fail));
}

static void tasks_with_those_that_run_longest_and_those_that_failed(void **state)
{
    struct world *world = *state;
    make();
    told.snapshot.runs_tasks = true;
    told.snapshot.read_tasks = 200;
    told.ranks[0].running = (struct snapshot_running){17, 5000000000, "sleep 5"};
    told.ranks[2].running = (struct snapshot_running){9, 185000000000, "sleep \x1b[2J"};
    add_failure(world, "false", "exit status 1");
    add_failure(world, "exit 7", "exit status 7");
    add_failure(world, "false again", "exit status 1");
    assert_string_equal(
        screen(),
        "wc: tasks, 3 ranks on 2 hosts, to counts\n"
        "running for 12.0 s: map\n"
        "[                                        ]   ? %, time left unknown\n"
        "tasks   60 done of 200 read so far, 3 running, 3 tries failed; 3 tasks failed\n"
        "hosts   n01                  2 ranks  30 done, 2 running, 1 failed, busy 100 %\n"
        "        n02                  1 rank   30 done, 1 running, 2 failed, busy 100 %\n"
        "longest task 9 for 3 min 05 s on n02: sleep ?[2J\n"
        "        task 17 for 5.000 s on n01: sleep 5\n"
        "failed  2 tasks: false and others: exit status 1\n"
        "        1 task: exit 7: exit status 7\n"
        "written 1970-01-01 00:00:13 UTC\n");
    failures_free(&told.failures, &world->mem);
}

/* Nothing that a name or a task holds makes more lines, or longer ones. */
static void the_most_there_can_be_fits_a_terminal(void **state)
{
    struct world *world = *state;
    enum { MANY = 1024 };
    static struct snapshot_rank ranks[MANY];
    char longest[SNAPSHOT_TASK_BYTES + 1], reason[16];
    make();
    memset(longest, '\n', sizeof longest);
    longest[SNAPSHOT_TASK_BYTES] = '\0';
    told.snapshot.runs_tasks = true;
    told.snapshot.size = told.snapshot.hosts = MANY;
    told.snapshot.ranks = ranks;
    told.snapshot.output = longest;
    for (int rank = 0; rank < MANY; rank++) {
        ranks[rank].host_index = (uint64_t)rank;
        memset(ranks[rank].host, rank % 2 ? 'h' : '\r', SNAPSHOT_HOST_BYTES - 1);
        ranks[rank].running.number = ranks[rank].running.ns = UINT64_MAX / 2 + (uint64_t)rank;
        memcpy(ranks[rank].running.text, longest, SNAPSHOT_TASK_BYTES);
        ranks[rank].work.tasks = (struct snapshot_tasks){UINT64_MAX, 1, 1, UINT64_MAX};
    }
    for (int i = 0; i < 5; i++) {
        snprintf(reason, sizeof reason, "%d\n", i);
        add_failure(world, longest, reason);
    }
    const int lines = expect_fits(screen(), SCREEN_COLUMNS);
    assert_int_equal(lines, 21);
    assert_true(lines < SCREEN_LINES);
    assert_non_null(strstr(screen(), "        and 1016 more\n"));
    assert_non_null(strstr(screen(), "        and 2 more\n"));
    failures_free(&told.failures, &world->mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_count_that_runs),
        cmocka_unit_test(scratch_is_shown_while_something_is_there),
        cmocka_unit_test(how_it_ended_is_read_back),
        world_test(tasks_with_those_that_run_longest_and_those_that_failed),
        world_test(the_most_there_can_be_fits_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
