/* SPDX-License-Identifier: BSD-3-Clause */
/* task_rank: a rank that runs tasks. What it was given its worker does, and what becomes of it goes
 * to rank 0, in reports to the master. */
#ifndef TASK_RANK_H
#define TASK_RANK_H

#include "host/buffer.h"
#include "stage/task_queue.h"
#include "stage/task_setting.h"
#include "task/collect.h"
#include "task/worker.h"

struct job;

/* What else is done, on this rank. Functions that are NULL are not wanted. */
struct task_rank_hooks {
    void *context; /* of these */
    /* A task has left these frames. False with fail set. */
    bool (*done)(struct job *job, void *context, const uint8_t *frames, size_t len);
    /* Whether this rank can take no more of them. */
    bool (*full)(struct job *job, void *context);
    /* Called now and then while tasks run. False with fail set. */
    bool (*poll)(struct job *job, void *context);
};

struct task_rank {
    const struct options *how; /* tasks are run; borrowed, and what it names */
    struct task_rank_hooks hooks;
    bool all_frames; /* rank 0 wants all, and not only results that are kept as they are */
    struct task_setting setting;
    struct worker worker;
    struct buffer given, report;
    uint64_t reported_ns; /* when */
    uint64_t done;        /* tasks */
    struct tally results; /* that were reported */
};

/* Local. Starts the worker, for tasks that are run as `how` says; ends the one before. False with
 * fail set: FAIL_USAGE (no such task), FAIL_INPUT (no such plug-in). */
bool task_rank_start(struct job *job, struct task_rank *rank, const struct options *how);

/* Local, but returns only with an answer. Reports, and asks for tasks, which are in `given` from
 * then on. False with fail set. */
bool task_rank_ask(struct job *job, struct task_rank *rank, enum master_answer *answer);

/* Local. Runs what was given from `at` on, or what of it is begun in time, and hands back the rest.
 * Where some rank has failed, it ends what runs, and nothing is run any more. False with fail set.
 */
bool task_rank_run(struct job *job, struct task_rank *rank, size_t at);

/* Local. Reports all that was given from `at` on as failed, for this reason. False with fail set.
 */
bool task_rank_refuse(struct job *job, struct task_rank *rank, size_t at, const char *reason);

/* Local. Idempotent. */
void task_rank_close(struct job *job, struct task_rank *rank);

#endif
