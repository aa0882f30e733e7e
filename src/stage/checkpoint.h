/* SPDX-License-Identifier: BSD-3-Clause */
/* checkpoint: a count that can be taken up again where it was left, by any number of ranks, on
 * other hosts and with other memory.
 *
 * While text is counted all that was counted goes to the logs of a shared folder now and then, and
 * a commit says how much of them counts, and what of the input that is: both or neither, whatever
 * happens. A later start counts the rest; in the end it adds up what all logs hold (map_runs.h).
 * What comes behind the text, sort and gather, is done again where it was interrupted.
 *
 *     checkpoint_open; for the pass with the text: checkpoint_begin, checkpoint_due and
 *     checkpoint_commit after its rounds, checkpoint_end; when the result is in place
 *     checkpoint_clear; checkpoint_close */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include "comm/comm.h"
#include "host/clock.h"
#include "host/scratch_space.h"
#include "stage/committed.h"
#include "store/log_folder.h"

struct plan;
struct reduce;

struct checkpoint {
    struct log_folder folder;
    char log[PATH_MAX];         /* of this rank */
    struct scratch_space space; /* the folder, for logs */
    struct commit commit; /* what was committed: on rank 0 all of it, on the others starts, logs and
                             runs, as they were when this run was started */
    uint64_t start;       /* number of this one */
    uint64_t logs, runs;  /* rank 0: of the starts before it, in the commit */
    bool resumed;         /* there are starts before it */
    bool root;            /* then: rank 0 reads for all */
    struct committed_sums sums; /* rank 0: seen in the starts before it */

    uint64_t due_ns; /* the next commit */
    bool asked;      /* agreed: to do so, */
    bool stops;      /* and to end then */
    uint64_t commits;

    /* Given by who counts, for a commit. */
    struct done finished;           /* of this rank, in this start */
    struct committed_sums seen;     /* of this rank; on rank 0 with `sums` */
    struct root_reader_place place; /* rank 0, where it reads for all */
};

/* Collective: agree, Ibcast, agree, Ibcast. Opens the folder, and where there is a commit makes
 * `plan` one of what is left. The checkpoint, all zero, becomes job->checkpoint. False, agreed,
 * with FAIL_OUTPUT: it cannot be used, or is in use; FAIL_USAGE: it is of another run; FAIL_INPUT:
 * it cannot be gone on from. checkpoint_close is due either way. */
bool checkpoint_open(struct job *job, struct checkpoint *checkpoint, struct plan *plan);

/* Local. What can be left between two records begins, and ends. */
void checkpoint_begin(struct job *job);
void checkpoint_end(struct job *job);

/* Local. Whether this rank should come to where it can be left. */
bool checkpoint_wanted(const struct job *job);

/* Collective where there is a checkpoint: Iallreduce. Whether any rank wants a commit. */
bool checkpoint_due(struct job *job);

/* Collective: those of committing_run. All that was counted is in `reduce`:
 * makes it part of the next commit. Where that fails, for want of space as a rule, rank 0 warns and
 * the run goes on, unless it was to end. Sets job->totals.wound_down where it does. False, agreed,
 * with FAIL_OUTPUT. */
bool checkpoint_commit(struct job *job, struct reduce *reduce);

/* Local, on all ranks. Nothing needs to be taken up again. Failures are no more than said. */
void checkpoint_clear(struct job *job);

/* Local. Idempotent. */
void checkpoint_close(struct job *job);

#endif
