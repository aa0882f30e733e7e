/* SPDX-License-Identifier: BSD-3-Clause */
/* split_queue: the inputs dealt out while they are counted, so that a slow host takes less.
 *
 * A rank that has counted its split asks rank 0 for the next one, through the master. It gets
 * what it can probably count in a twentieth of a second, and less towards the end. */
#ifndef SPLIT_QUEUE_H
#define SPLIT_QUEUE_H

#include "comm/master.h"
#include "input/split.h"
#include "stage/plan.h"

struct job;

struct split_queue {
    struct job *job; /* borrowed */
    struct master master;
    struct buffer given; /* the split that this rank counts */
    uint64_t since_ns;   /* when it began to, or went on in this round */
    uint64_t spent_ns;   /* on it, in earlier rounds */

    /* Rank 0. */
    const struct plan *plan; /* borrowed */
    struct split_place next; /* what is before it has been given */
    uint64_t left;           /* work after it: bytes, and so many for each file */
    struct split_queue_rank *ranks;
    double speed; /* of all ranks together */
};

/* Collective: agree. Opens the master, and becomes the supply of `window`: it gives the next split,
 * or nothing when this round of map, shuffle and reduce is over. FAIL_MEMORY. */
bool split_queue_open(struct job *job, struct split_queue *queue, const struct plan *plan,
                      struct window *window);

/* Local. The round is over for this rank; unless it is `done`, because nothing more was given to
 * it, it is soon over for all. */
void split_queue_leave(struct job *job, struct split_queue *queue, bool done);

/* Local, once all ranks have left the round and agreed since. */
void split_queue_next_round(struct job *job, struct split_queue *queue);

/* Local. Idempotent. */
void split_queue_free(struct job *job, struct split_queue *queue);

#endif
