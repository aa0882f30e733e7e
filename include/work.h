/* SPDX-License-Identifier: BSD-3-Clause */
/* work: what map is for words: tasks to records, in the outbox.
 *
 * A rank asks for tasks at the desk of rank 0, has them run, and reports what became of them. */
#ifndef WORK_H
#define WORK_H

#include "collect.h"
#include "dispatch.h"
#include "outcome.h"
#include "worker.h"

struct job;

struct work {
    struct dispatch *dispatch; /* rank 0 */
    struct desk desk;
    struct worker worker;
    struct outcome outcome;
    struct buffer given, report;
    uint64_t reported_ns;  /* when */
    bool replayed;         /* rank 0: what the journal had is in the outbox */
    uint64_t replayed_len; /* tasks */
    bool ended;            /* there are no more, and everything is in the outbox */
};

/* Collective: agree. Starts the workers. FAIL_USAGE (no such task), FAIL_INPUT (no such plug-in),
 * FAIL_MEMORY. */
bool work_init(struct job *job, const struct plan *plan, struct work *work, struct box *outbox);

/* Collective: agree. Runs tasks until any rank's outbox holds job->env.budget.outbox_bytes or there
 * are no more. FAIL_MEMORY, FAIL_INPUT. */
bool work_round(struct job *job, struct work *work, struct box *outbox);

/* Collective: Iallreduce. Whether any rank has work left. */
bool work_left(struct job *job, const struct work *work);

/* Collective: Iallreduce, agree. Every task that was read has been done or has failed, once. Shares
 * these numbers in job->totals. FAIL_VERIFY. */
bool work_check(struct job *job, const struct work *work);

/* Local. Ends the worker; idempotent. */
void work_free(struct job *job, struct work *work);

#endif
