/* SPDX-License-Identifier: BSD-3-Clause */
/* Who gets which tasks, and how many: the policy of rank 0, asked by ranks that are only numbers
 * and report times that are made up. */
#include "stage/task_queue.h"

#include "job.h"

#include "world_in_folder.h"

#include <inttypes.h>

enum { RANKS = 4, MS = 1000000, TASKS_MAX = 20000, MEMORY_BYTES = 64 << 20 };

/* Rank 0 of a run. Tasks are the lines `0`, `1`, `2` ... */
struct run {
    struct job job;
    struct plan plan;
    struct task_queue task_queue;
    struct comm_place places[RANKS];
    char names[RANKS][COMM_HOST_BYTES];
    struct buffer work;
    struct task_reader_task given[TASKS_MAX]; /* by the last answer that gave some */
    int numbers[TASKS_MAX];
    size_t given_len;
};

static void put_tasks(int tasks)
{
    FILE *file = fopen(folder_path("tasks"), "w");
    assert_non_null(file);
    for (int i = 0; i < tasks; i++)
        fprintf(file, "%d\n", i);
    assert_int_equal(fclose(file), 0);
}

/* A run of so many tasks, with `ranks` ranks on `hosts` hosts, neighbours together. */
static struct run *begin_run(int tasks, int ranks, int hosts, struct options options)
{
    static struct run run;
    struct job *job = &run.job;
    memset(&run, 0, sizeof run);
    options.program = "wc";
    options.task = "squares";
    *job =
        (struct job){.env = {.options = options, .kind.mapper = lines_mapper, .scan = scan_at(0)}};
    job->env.mem.limit_bytes = job->env.budget.memory_bytes = MEMORY_BYTES;
    job->env.budget.block_bytes = 4096;
    job->comm =
        (struct comm){.size = ranks, .hosts = hosts, .places = run.places, .host_names = run.names};
    for (int rank = 0; rank < ranks; rank++)
        run.places[rank].host = rank * hosts / ranks;
    put_tasks(tasks);
    catalog_init(&run.plan.catalog, &job->env.mem);
    assert_true(catalog_add(&run.plan.catalog, folder_path("tasks"), false, &job->env.fail));
    if (!task_queue_init(job, &run.task_queue, &run.plan))
        fail_msg("%s", job->env.fail.text);
    return &run;
}

static void end_run(struct run *run)
{
    assert_int_equal(run->job.env.fail.code, FAIL_NONE);
    buffer_free(&run->work, &run->job.env.mem);
    task_queue_free(&run->job, &run->task_queue);
    catalog_free(&run->plan.catalog);
    failures_free(&run->job);
    assert_int_equal(run->job.env.mem.used_bytes, 0);
}

/* What a rank that asks is given. */
static enum master_answer ask(struct run *run, int rank)
{
    struct master_policy *policy = &run->task_queue.policy;
    run->work.len = 0;
    enum master_answer answer = policy->give(&run->job, policy->context, rank, &run->work);
    assert_true((answer == MASTER_WORK) == (run->work.len > 0));
    if (answer == MASTER_WORK)
        run->given_len = 0;
    for (size_t at = 0; at < run->work.len;) {
        struct task_reader_task *task = &run->given[run->given_len];
        memcpy(task, run->work.bytes + at, sizeof *task);
        at += sizeof *task;
        char text[32] = "";
        assert_true(task->len < sizeof text && at + task->len <= run->work.len);
        memcpy(text, run->work.bytes + at, task->len);
        run->numbers[run->given_len++] = atoi(text);
        at += task_reader_padded(task->len);
    }
    return answer;
}

/* A rank that asks is given some tasks, of which the first is this one. */
static void expect_given(struct run *run, int rank, size_t len, int first)
{
    assert_int_equal(ask(run, rank), MASTER_WORK);
    assert_int_equal(run->given_len, len);
    assert_int_equal(run->numbers[0], first);
}

static void expect_none(struct run *run, int rank, enum master_answer answer)
{
    assert_int_equal(ask(run, rank), answer);
}

/* What became of task number i of the last answer. */
static void report(struct run *run, int rank, size_t i, enum task_queue_state state, uint64_t ns)
{
    struct master_policy *policy = &run->task_queue.policy;
    uint8_t bytes[256] = {0};
    char text[32];
    struct task_queue_report head = {.task = run->given[i], .ns = ns, .state = state};
    size_t len = (size_t)snprintf(text, sizeof text, "%d", run->numbers[i]);
    if (state == TASK_QUEUE_FAILED)
        head.reason_bytes = sizeof "ill";
    head.bytes = state == TASK_QUEUE_DONE ? 0 : head.reason_bytes + len;
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, "ill", head.reason_bytes);
    memcpy(bytes + sizeof head + head.reason_bytes, text, len);
    assert_true(policy->take(&run->job, policy->context, rank, bytes,
                             sizeof head + task_reader_padded(head.bytes)));
}

/* All of the last answer are done, each in this time. */
static void report_done(struct run *run, int rank, uint64_t ns)
{
    for (size_t i = 0; i < run->given_len; i++)
        report(run, rank, i, TASK_QUEUE_DONE, ns);
}

#define dynamic ((struct options){.retries = 2, .schedule = OPTIONS_SCHEDULE_DYNAMIC})

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
        assert_true(failures_next(&run->job, &at, &failure));
        assert_int_equal(failure.tries, retries + 1);
        assert_int_equal(failure.rank, retries % 2);
        assert_string_equal(failure.reason, "ill");
        assert_false(failures_next(&run->job, &at, &failure));
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
    /* One that failed may be done by another. */
    assert_int_equal(ask(run, 0), MASTER_WORK);
    int failed = run->numbers[0];
    report(run, 0, 0, TASK_QUEUE_FAILED, 10 * MS);
    for (size_t k = 1; k < run->given_len; k++)
        report(run, 0, k, TASK_QUEUE_DONE, 10 * MS);
    assert_int_equal(ask(run, 2), MASTER_WORK);
    assert_int_equal(run->numbers[0], failed);
    report_done(run, 2, 10 * MS);
    end_run(run);
}

static void what_is_given_at_once_is_a_small_part_of_the_memory(void **state)
{
    (void)state;
    struct run *run = begin_run(TASKS_MAX, 2, 1, dynamic);
    run->job.env.budget.memory_bytes =
        64 << 10; /* of which 1 KB is a 64th: 25 tasks of 40 bytes, and one */
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
        folder_test(a_rank_gets_one_task_and_then_a_twentieth_of_a_second),
        folder_test(tasks_longer_than_that_are_given_one_by_one),
        folder_test(a_rank_that_becomes_slow_soon_gets_fewer),
        folder_test(shares_follow_the_speed_and_all_end_together),
        folder_test(a_task_that_failed_goes_to_another_host),
        folder_test(on_one_host_it_goes_to_another_rank_and_alone_to_the_same),
        folder_test(after_its_retries_a_task_has_failed_for_good),
        folder_test(what_is_given_back_is_the_next_that_anybody_gets),
        folder_test(nobody_is_sent_home_before_all_is_reported),
        folder_test(with_a_static_schedule_task_i_is_that_of_rank_i_modulo_ranks),
        folder_test(what_is_given_at_once_is_a_small_part_of_the_memory),
        folder_test(what_an_earlier_run_has_done_is_not_given_again),
        folder_test(a_journal_whose_tasks_have_changed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
