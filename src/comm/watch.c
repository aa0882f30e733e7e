/* SPDX-License-Identifier: BSD-3-Clause */
/* Watch. Rank 0 judges by the news of the ranks: something moves as long as any of them finishes
 * pieces of work or collectives. The others only see whether rank 0 answers.
 *
 * A rank that was away itself, in a system call or stopped, must not take its own absence for that
 * of the others: it starts anew. Nobody is blamed while results go to the disk, which may take any
 * time, nor rank 0 while it alone reads, or writes to somebody who reads slowly; nor, while tasks
 * are late that come as a stream, those who wait for them and give a sign of life. */
#include "comm/watch.h"

#include "host/clock.h"
#include "job.h"

#include <stdio.h>

enum { LOOKS = 8, NAMES = 8 };

uint64_t watch_patience_ns(const struct job *job)
{
    return (uint64_t)(job->env.options.timeout_s * 1e9);
}

uint64_t watch_interval_ns(const struct job *job)
{
    return watch_patience_ns(job) / LOOKS;
}

static void end_run(struct job *job, const char *what)
{
    job->env.fail = (struct fail){0}; /* what has failed before is not what ends it */
    fail_set(&job->env.fail, FAIL_STUCK, "nothing has moved for %g s in %s: %s",
             job->env.options.timeout_s, timing_names[job->timing.phase], what);
    comm_end(job);
}

/* Names the ranks that did not say that they wait, or said nothing for half the time, unless they
 * had said their last. */
static void blame(struct job *job, uint64_t now)
{
    const struct progress_rank *ranks = job->progress.ranks;
    char text[NAMES * (COMM_HOST_BYTES + 24) + 64];
    size_t len = 0;
    int missing = 0;
    for (int rank = 1; rank < job->comm.size; rank++) {
        if (ranks[rank].finished
            || (ranks[rank].waiting && now - ranks[rank].heard_ns < watch_patience_ns(job) / 2))
            continue;
        if (missing++ < NAMES)
            len +=
                (size_t)snprintf(text + len, sizeof text - len, "%srank %d (%s)",
                                 missing > 1 ? ", " : "no sign of ", rank, comm_host_of(job, rank));
    }
    if (missing > NAMES)
        snprintf(text + len, sizeof text - len, " and %d more", missing - NAMES);
    end_run(job, missing ? text : "all ranks wait; is a link between two hosts cut?");
}

/* Rank 0: whether any rank has got on since the last look. */
static bool anybody_moved(struct job *job)
{
    struct progress *progress = &job->progress;
    uint64_t steps = job->comm.steps;
    for (int rank = 1; rank < job->comm.size; rank++)
        steps += progress->ranks[rank].steps;
    bool moved = steps != progress->all_steps;
    progress->all_steps = steps;
    return moved;
}

/* Rank 0: whether every rank was heard of, and where `waiting`, waits for others. */
static bool all_heard(const struct job *job, uint64_t now, bool waiting)
{
    const struct progress_rank *ranks = job->progress.ranks;
    bool all = true;
    for (int rank = 1; all && rank < job->comm.size; rank++)
        all = now - ranks[rank].heard_ns < watch_patience_ns(job) / 2
           && (ranks[rank].waiting || !waiting);
    return all;
}

/* Rank 0: whether all wait for input. */
static bool all_wait_for_input(const struct job *job, uint64_t now)
{
    return job->master && job->master->idle && all_heard(job, now, false);
}

/* Whether a disk may keep somebody. Who is heard of and waits for others has done with it. */
static bool disk_is_busy(const struct job *job, uint64_t now)
{
    return job->timing.phase == TIMING_SYNC
        && !(comm_is_root(job) && (job->progress.ends || all_heard(job, now, true)));
}

/* Whether rank 0 may rightly be away for any time. */
static bool root_is_busy(const struct job *job)
{
    enum timing_phase phase = job->timing.phase;
    return phase <= TIMING_SCATTER || (phase == TIMING_GATHER && job->totals.root_output);
}

void watch_look(struct job *job)
{
    struct progress *progress = &job->progress;
    uint64_t now = clock_ns(); /* not earlier than any message was taken */
    uint64_t limit = watch_patience_ns(job);
    bool root = comm_is_root(job), away = now - progress->polled_ns > limit / 2;
    progress->polled_ns = now;
    if (limit == 0 || job->comm.size == 1)
        return;
    const bool moved = root ? anybody_moved(job) : root_is_busy(job);
    if (away || disk_is_busy(job, now) || moved || (root && all_wait_for_input(job, now)))
        progress->moved_ns = now;
    if (root && now - progress->moved_ns > limit)
        blame(job, now);
    uint64_t patience = 2 * limit + (job->comm.rank > 1 ? limit : 0); /* rank 1 says it for all */
    if (!root && now - progress->moved_ns > patience) {
        char text[COMM_HOST_BYTES + 32];
        snprintf(text, sizeof text, "no sign of rank 0 (%s)", comm_host_of(job, 0));
        end_run(job, text);
    }
}
