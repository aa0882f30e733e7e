/* SPDX-License-Identifier: BSD-3-Clause */
/* master: where ranks that have nothing to do ask rank 0 for work, and say what became of the last.
 *
 * Rank 0 answers while it waits and between pieces of work, whatever else it does, and works
 * itself: it asks itself like everybody. What work is, and who gets how much, its policy knows.
 * Messages, not counters in a window of memory: those move only while their owner is inside MPI. */
#ifndef MASTER_H
#define MASTER_H

#include "host/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;
struct master_peer;
struct master_reply;

enum master_answer {
    MASTER_WORK,
    MASTER_LATER, /* nothing now, but somebody else's may come back, or the input has more; never
                     told to a rank */
    MASTER_ROUND, /* this round of map, shuffle and reduce is over; ask again in the next */
    MASTER_END,   /* there is no more */
};

/* Rank 0's side of it. The functions are local and must not wait; where one fails, it sets
 * job->env.fail and the round ends. */
struct master_policy {
    void *context;
    /* What became of work given to `rank` before; borrowed. False with fail set. */
    bool (*take)(struct job *job, void *context, int rank, const uint8_t *report, size_t len);
    /* Appends work for `rank` to `work`, which is empty; or says why there is none. */
    enum master_answer (*give)(struct job *job, void *context, int rank, struct buffer *work);
    /* The work that `rank` has not reported is for others. NULL: where ranks may be lost, there is
     * none. */
    void (*lost)(struct job *job, void *context, int rank);
};

struct master {
    struct master_policy policy; /* rank 0 */
    struct master_peer *peers;   /* rank 0: all ranks; the others: one, rank 0 */
    int parked_len;              /* rank 0: ranks that wait for an answer */
    uint64_t number;             /* of this master */
    bool idle;                   /* rank 0: all wait, itself too: the input is late */
    bool round_over;             /* rank 0 */
    uint64_t step_ns;            /* when it last looked between pieces of work */
    bool serving;                /* looking just now */
    bool over;                   /* some rank has failed: what runs is not wanted any more */
    struct master_reply *reply;  /* rank 0: answers under way */
};

/* Local. Opens the master: from now on rank 0 answers, as one of the pollers of comm. The policy is
 * rank 0's; it is ignored on the others. Nobody may ask before all ranks have opened it: they agree
 * that they have. False with fail set. */
bool master_open(struct job *job, struct master *master, const struct master_policy *policy);

/* Local, but returns only with an answer. Reports, and asks for work, which replaces what is in
 * `work`. False with fail set: no memory for the answer. */
bool master_ask(struct job *job, const struct buffer *report, enum master_answer *answer,
                struct buffer *work);

/* Local. Reports and goes on. */
void master_report(struct job *job, const struct buffer *report);

/* Local. Whether some rank has failed meanwhile, so that nobody should wait for what is being done:
 * the next question is answered by the end of the round. */
bool master_is_over(struct job *job);

/* Local. Reports, and says that this rank leaves the round though there is more: its outbox is full
 * or it has failed. Everybody else is told at the next question. */
void master_leave(struct job *job, const struct buffer *report);

/* Local, on rank 0, when all ranks have left the round (and have agreed since) and before anything
 * else is waited for. */
void master_next_round(struct job *job);

/* Local, on rank 0. A rank is gone: nothing of it is waited for. */
void master_lost(struct job *job, int rank);

/* Local. Nobody asks any more. Waits for answers that are still under way; idempotent. */
void master_close(struct job *job);

#endif
