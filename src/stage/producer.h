/* SPDX-License-Identifier: BSD-3-Clause */
/* producer: where the records of a pass come from. The pass calls, in this order: open; left and
 * round, until nothing is left, and rest between rounds where a checkpoint wants that; check;
 * close, however it ended. */
#ifndef PRODUCER_H
#define PRODUCER_H

#include "data/box.h"

struct job;
struct plan;

struct producer {
    void *context; /* of the functions below */
    /* Collective. Makes ready. False, agreed. */
    bool (*open)(struct job *job, void *context, const struct plan *plan);
    /* Collective. Whether any rank has more, so that all leave the loop together. */
    bool (*left)(struct job *job, void *context);
    /* Collective. Adds records to the outbox until it holds budget.outbox_bytes, on this rank or on
     * any, or there are no more. False, agreed. */
    bool (*round)(struct job *job, void *context, struct box *outbox);
    /* Collective. Comes to rest, between two records of the input: what it still holds goes to the
     * outbox, and job->checkpoint is told where it stands. *rests: it does; else it will after some
     * more rounds. False, agreed. NULL: it cannot be left and taken up again. */
    bool (*rest)(struct job *job, void *context, struct box *outbox, bool *rests);
    /* Collective. Whether everything was read, once, and became records. False, agreed. */
    bool (*check)(struct job *job, void *context, const struct plan *plan);
    /* Local. Idempotent. */
    void (*close)(struct job *job, void *context);
};

#endif
