/* SPDX-License-Identifier: BSD-3-Clause */
/* desk: where ranks that have nothing to do ask rank 0 for work, and say what became of the last.
 *
 * Rank 0 answers from comm_poll, whatever else it does, and is no idle master: it asks its own desk
 * like everybody. What work is, and who gets how much, its clerk knows. Messages, not counters in a
 * window of memory: those move only while their owner is inside MPI. */
#ifndef DESK_H
#define DESK_H

#include "host/buffer.h"

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;
struct desk_mail;

enum desk_answer {
    DESK_WORK,
    DESK_LATER, /* nothing now, but somebody else's may come back; never told to a rank */
    DESK_ROUND, /* this round of map, shuffle and reduce is over; ask again in the next */
    DESK_END,   /* there is no more */
};

/* Rank 0's side of it. Both functions are local and must not wait; where one fails, it sets
 * job->env.fail and the round ends. */
struct desk_clerk {
    void *context;
    /* What became of work given to `rank` before; borrowed. False with fail set. */
    bool (*take)(struct job *job, void *context, int rank, const uint8_t *report, size_t len);
    /* Appends work for `rank` to `work`, which is empty; or says why there is none. */
    enum desk_answer (*give)(struct job *job, void *context, int rank, struct buffer *work);
};

struct desk {
    struct desk_clerk clerk; /* rank 0 */
    bool *held;              /* rank 0: ranks that wait for an answer */
    int held_len;
    bool round_over;        /* rank 0 */
    uint64_t step_ns;       /* when desk_step last looked */
    bool serving;           /* inside desk_poll */
    struct desk_mail *mail; /* rank 0: answers under way */
    MPI_Datatype block;     /* for more bytes than MPI can count */
};

/* Local. Opens the desk: from now on job->desk is served by comm_poll. The clerk is rank 0's; it is
 * ignored on the others. False with fail set. */
bool desk_open(struct job *job, struct desk *desk, const struct desk_clerk *clerk);

/* Local, but returns only with an answer. Reports, and asks for work, which replaces what is in
 * `work`. False with fail set: no memory for the answer. */
bool desk_ask(struct job *job, const struct buffer *report, enum desk_answer *answer,
              struct buffer *work);

/* Local. Reports and goes on. */
void desk_report(struct job *job, const struct buffer *report);

/* Local. Reports, and says that this rank leaves the round though there is more: its outbox is full
 * or it has failed. Everybody else is told at the next question. */
void desk_leave(struct job *job, const struct buffer *report);

/* Local, on rank 0, when all ranks have left the round (and have agreed since) and before anything
 * else is waited for. */
void desk_next_round(struct job *job);

/* Local. Serves those who ask; called from comm_poll. */
void desk_poll(struct job *job);

/* Local. The same between pieces of work, which may be short: not oftener than is of use. */
void desk_step(struct job *job);

/* Local. Nobody asks any more. Waits for answers that are still under way; idempotent. */
void desk_close(struct job *job);

#endif
