/* SPDX-License-Identifier: BSD-3-Clause */
/* dispatch: rank 0 cuts the inputs into tasks, hands them out, and keeps account of them: what was
 * given to whom, what came back, what is to be tried again and what has failed for good. */
#ifndef DISPATCH_H
#define DISPATCH_H

#include "comm/desk.h"
#include "stage/ledger.h"
#include "stage/source.h"

struct job;

enum dispatch_state {
    DISPATCH_DONE,
    DISPATCH_FAILED,
    DISPATCH_RETURNED /* not begun: somebody else may be faster */
};

/* What became of a task. What it left follows, if it is wanted; where it failed the reason, a text
 * ended by NUL, and the bytes of the task, to give them to another rank; where it was returned
 * these alone. All of it padded to 8. */
struct dispatch_report {
    struct source_task task;
    uint64_t ns;
    uint64_t bytes; /* that follow, before they are padded */
    uint32_t state;
    uint32_t reason_bytes;
};

/* Tasks that wait, first in, first out: those from `taken` on. */
struct dispatch_queue {
    struct buffer bytes;
    size_t taken;
};

/* What rank 0 knows of a rank. */
struct dispatch_rank {
    uint64_t given; /* and not reported yet */
    uint64_t done, failed;
    double task_ns;              /* lately; 0: unknown */
    struct dispatch_queue own;   /* that a static schedule gives to it */
    struct dispatch_queue again; /* that failed on it */
};

struct dispatch {
    struct source source;
    struct ledger ledger;
    struct dispatch_rank *ranks;
    struct dispatch_queue returned;
    uint64_t own_bytes, again_len; /* that wait, of all ranks */
    uint64_t read, out;            /* tasks read; given and not reported */
    uint64_t done, failed, retried;
    struct desk_clerk clerk;
};

/* Local, on rank 0. Opens the journal, if there is one. False with fail set. */
bool dispatch_init(struct job *job, struct dispatch *dispatch, const struct plan *plan);

/* Local. Idempotent. */
void dispatch_free(struct job *job, struct dispatch *dispatch);

#endif
