/* SPDX-License-Identifier: BSD-3-Clause */
/* asked: rank 0 of a run of tasks, asked by ranks that are only numbers. */
#ifndef ASKED_H
#define ASKED_H

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
    struct result_writer results; /* not in use: nobody wants what tasks leave */
    struct comm_place places[RANKS];
    char names[RANKS][COMM_HOST_BYTES];
    struct buffer work;
    struct task_reader_task given[TASKS_MAX]; /* by the last answer that gave some */
    int numbers[TASKS_MAX];
    size_t given_len;
};

static inline void put_tasks(int tasks)
{
    FILE *file = fopen(folder_path("tasks"), "w");
    assert_non_null(file);
    for (int i = 0; i < tasks; i++)
        fprintf(file, "%d\n", i);
    assert_int_equal(fclose(file), 0);
}

/* A run of the tasks in a file of the folder, or as they come where it is a pipe, with `ranks`
 * ranks on `hosts` hosts, neighbours together. */
static inline struct run *begin_run_of(const char *name, int ranks, int hosts,
                                       struct options options)
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
    job->task_ranks = ranks;
    for (int rank = 0; rank < ranks; rank++)
        run.places[rank].host = rank * hosts / ranks;
    catalog_init(&run.plan.catalog, &job->env.mem);
    run.plan.catalog.live = true;
    assert_true(catalog_add(&run.plan.catalog, folder_path(name), false, &job->env.fail));
    if (!task_queue_init(job, &run.task_queue, &run.plan,
                         &(struct task_queue_setup){.options = &job->env.options,
                                                    .results = &run.results,
                                                    .failures = &job->failures}))
        fail_msg("%s", job->env.fail.text);
    return &run;
}

/* A run of so many tasks. */
static inline struct run *begin_run(int tasks, int ranks, int hosts, struct options options)
{
    put_tasks(tasks);
    return begin_run_of("tasks", ranks, hosts, options);
}

static inline void end_run(struct run *run)
{
    assert_int_equal(run->job.env.fail.code, FAIL_NONE);
    buffer_free(&run->work, &run->job.env.mem);
    task_queue_free(&run->job, &run->task_queue);
    catalog_free(&run->plan.catalog);
    failures_free(&run->job.failures, &run->job.env.mem);
    assert_int_equal(run->job.env.mem.used_bytes, 0);
}

/* What a rank that asks is given. */
static inline enum master_answer ask(struct run *run, int rank)
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
        at += mem_padded(task->len);
    }
    return answer;
}

/* A rank that asks is given some tasks, of which the first is this one. */
static inline void expect_given(struct run *run, int rank, size_t len, int first)
{
    assert_int_equal(ask(run, rank), MASTER_WORK);
    assert_int_equal(run->given_len, len);
    assert_int_equal(run->numbers[0], first);
}

static inline void expect_none(struct run *run, int rank, enum master_answer answer)
{
    assert_int_equal(ask(run, rank), answer);
}

/* What became of task number i of the last answer. */
static inline void report(struct run *run, int rank, size_t i, enum task_queue_state state,
                          uint64_t ns)
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
                             sizeof head + mem_padded(head.bytes)));
}

/* All of the last answer are done, each in this time. */
static inline void report_done(struct run *run, int rank, uint64_t ns)
{
    for (size_t i = 0; i < run->given_len; i++)
        report(run, rank, i, TASK_QUEUE_DONE, ns);
}

/* The pause before another try is a quarter of the timeout at most: none. */
#define dynamic                                                                                    \
    ((struct options){.retries = 2, .timeout_s = 1e-9, .schedule = OPTIONS_SCHEDULE_DYNAMIC})

#endif
