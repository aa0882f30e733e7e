/* SPDX-License-Identifier: BSD-3-Clause */
/* progress: what every rank tells rank 0 while the run goes on, without stopping anybody.
 *
 * A rank sends rank 0 its news now and then, while it waits and between pieces of work; rank 0
 * takes what has arrived whenever it looks, and answers. Nobody waits for anybody until
 * progress_finish. Rank 0 shows how far the run is (--progress), and all see whether the others
 * still live (watch.h).
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "host/fail.h"
#include "status/snapshot.h"

#include <mpi.h>
#include <stdint.h>

struct job;

struct progress_news {
    struct snapshot_work work;
    uint64_t steps;   /* see struct comm */
    uint32_t waiting; /* for others */
    uint32_t last;    /* this rank sends no more */
};

/* What the watch knows of a rank. */
struct progress_rank {
    uint64_t heard_ns, steps;
    bool waiting;
    bool finished; /* it has said its last */
};

struct progress {
    uint64_t interval_ns; /* between two news; 0: none are sent */
    uint64_t next_ns, show_ns;
    struct progress_rank *ranks; /* rank 0 */
    struct snapshot_rank *known; /* rank 0, with --progress or --status */
    struct progress_news sent;   /* the others: what is under way */
    MPI_Request sending;
    uint64_t sent_len, answers;
    uint64_t polled_ns; /* when this rank last looked */
    uint64_t all_steps; /* rank 0: of all ranks, at its last look */
    uint64_t
        moved_ns; /* rank 0: when anybody's steps last grew; the others: when it last answered */
};

/* Local. From now on news are sent, by one of the pollers of comm, as the options want it: for
 * --progress, for --status, and where there are several ranks for --timeout. False with fail set.
 */
bool progress_init(struct job *job, struct fail *fail);

/* Collective. Takes all messages that are under way; nothing is sent or shown afterwards. */
void progress_finish(struct job *job);

/* Local. Idempotent. */
void progress_free(struct job *job);

#endif
