/* SPDX-License-Identifier: BSD-3-Clause */
/* submission: tasks that a client has handed in (spool/spool.h), from the first look at them to
 * their end. On rank 0, which has several of them at a time.
 *
 * What goes wrong with one ends that one, and not the service: its failure is kept in its state,
 * and job->env.fail is as before. What was done of it is in its journal, so that the next service
 * goes on where this one was ended. */
#ifndef SUBMISSION_H
#define SUBMISSION_H

#include "cli/options.h"
#include "spool/spool_job.h"
#include "spool/spool_state.h"
#include "stage/combined.h"
#include "stage/task_queue.h"
#include "status/failures.h"

enum submission_phase {
    SUBMISSION_CHECKED, /* whether its tasks are those that were handed in */
    SUBMISSION_RUN,
    SUBMISSION_ENDED
};

struct submission {
    const struct spool *spool; /* borrowed */
    enum submission_phase phase;
    struct spool_job job;
    struct spool_job_check check;
    struct options options; /* of the service, and what this one says */
    struct plan plan;       /* its inputs, nothing else */
    struct task_queue queue;
    struct result_writer results;
    struct output part;
    XXH3_state_t *checksum;
    struct combined combined;
    struct failures failures;
    struct tally arrived; /* results that ranks have sent */
    struct buffer how;    /* its options as they go with its tasks */
    bool cancelled;
    struct spool_state state;
    uint64_t shown, saved_ns; /* of the state that was written last: what it tells; when */
    char journal[PATH_MAX], tasks[PATH_MAX], part_path[PATH_MAX];
};

/* Local. Takes up submission `number`, of which nobody knows yet whether it can be run. With `only`
 * it must not say what is run. */
void submission_begin(struct job *job, struct submission *submission, const struct spool *spool,
                      uint64_t number, bool only);

/* Local. The client wants its end: no other tasks are begun. */
void submission_cancel(struct submission *submission);

/* Local. Appends how they are run and tasks for `rank` to `work`, which is empty; MASTER_LATER:
 * there is none now; MASTER_END: it has ended, and its state is written. */
enum master_answer submission_give(struct job *job, struct submission *submission, int rank,
                                   struct buffer *work);

/* Local. What became of tasks of it; borrowed. */
void submission_take(struct job *job, struct submission *submission, int rank,
                     const uint8_t *report, size_t len);

/* Local, now and then. Brings the journal to the disk where it is due, and twice a second results
 * and state. With `all`, now, and the state says that it waits. */
void submission_save(struct job *job, struct submission *submission, bool all);

/* Local. Idempotent. */
void submission_free(struct job *job, struct submission *submission);

#endif
