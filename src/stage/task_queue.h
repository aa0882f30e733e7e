/* SPDX-License-Identifier: BSD-3-Clause */
/* task_queue: rank 0 cuts the inputs into tasks, hands them out, and keeps account of them: what
 * was given to whom, what came back, what is to be tried again and what has failed for good. */
#ifndef TASK_QUEUE_H
#define TASK_QUEUE_H

#include "comm/master.h"
#include "stage/ledger.h"
#include "stage/result_writer.h"
#include "stage/retry.h"
#include "stage/task_reader.h"
#include "status/task_log.h"
#include "task/worker.h"

struct job;

enum task_queue_state {
    TASK_QUEUE_DONE,
    TASK_QUEUE_FAILED,
    TASK_QUEUE_RETURNED /* not begun: somebody else may be faster */
};

/* What became of a task. What it left follows, if it is wanted; where it failed the reason, a text
 * ended by NUL, and the bytes of the task, to give them to another rank; where it was returned
 * these alone. All of it padded to 8. */
struct task_queue_report {
    struct task_reader_task task;
    uint64_t ns, end_ns; /* that it took; since 1970, where there is a log */
    uint64_t bytes;      /* that follow, before they are padded */
    uint32_t state;
    uint32_t reason_bytes;
    int32_t exit; /* status of what was run for it and failed; -1: unknown */
    uint32_t unused;
};

/* Tasks that wait, first in, first out: those from `taken` on. */
struct task_queue_list {
    struct buffer bytes;
    size_t taken;
};

/* What rank 0 knows of a rank. */
struct task_queue_rank {
    uint64_t given; /* and not reported yet */
    uint64_t done, failed;
    double task_ns;               /* lately; 0: unknown */
    struct task_queue_list own;   /* that a static schedule gives to it */
    struct task_queue_list again; /* that failed on it */
};

/* What belongs to the run, or to one of several. All of it is borrowed. */
struct task_queue_setup {
    const struct options *options;
    struct result_writer *results; /* where results go */
    struct failures *failures;     /* what has failed for good */
    uint64_t submission;           /* whose tasks they are; 0: there is nobody else */
    /* What a task left, also by an earlier run; NULL: nobody wants it here. False with fail set. */
    bool (*left)(struct job *job, void *context, const uint8_t *frames, size_t len);
    void *context;
};

struct task_queue {
    struct task_queue_setup setup;
    struct task_reader tasks;
    struct ledger ledger;
    struct task_queue_rank *ranks;
    struct task_queue_list returned;
    uint64_t own_bytes, again_len; /* that wait, of all ranks */
    uint64_t read, out;            /* tasks read; given and not reported */
    uint64_t done, failed, retried;
    struct retry retry;
    bool stopped;    /* more have failed than are wanted: no others are begun */
    bool wound_down; /* others were there, and wait for a run that goes on with the journal */
    struct task_log log;
    struct master_policy policy;
};

/* Local, on rank 0. Opens the journal, if there is one. False with fail set. */
bool task_queue_init(struct job *job, struct task_queue *task_queue, const struct plan *plan,
                     const struct task_queue_setup *setup);

/* Local. Idempotent. */
void task_queue_free(struct job *job, struct task_queue *task_queue);

#endif
