/* SPDX-License-Identifier: BSD-3-Clause */
/* progress: what every rank tells rank 0 while the run goes on, without stopping anybody.
 *
 * A rank sends rank 0 its news now and then, while it waits and between pieces of work; rank 0
 * takes what has arrived whenever it looks, and answers. Nobody waits for anybody until
 * progress_finish. Rank 0 shows how far the run is (--progress), and all see whether the others
 * still live (watch.h). SIGUSR2 to any rank shows it once; SIGUSR1 winds down what can be taken up
 * again, which rank 0 sees by winds_down.
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
    struct snapshot_running running;
    uint64_t steps;   /* see struct comm */
    uint32_t waiting; /* for others */
    uint32_t asked;   /* by signals to this rank */
    uint64_t seal;
};

/* What the watch knows of a rank. */
struct progress_rank {
    uint64_t heard_ns, steps;
    uint64_t running_ns; /* its task, when it was heard of */
    bool waiting;
    bool finished; /* it has said its last */
};

struct progress {
    uint64_t interval_ns; /* between two news; 0: none are sent */
    uint64_t next_ns;
    uint64_t show_ns, show_every_ns;    /* rank 0: when a line is due; 0: none is */
    bool redraws;                       /* rank 0: it is one line of a terminal */
    unsigned asked;                     /* by signals, and not passed on to rank 0 */
    uint64_t asked_ns;                  /* rank 0: when a line was shown because of one */
    bool winds_down;                    /* what runs is the last of it; rank 0 knows for all,
                                           and with a checkpoint tells them */
    uint64_t point_ns, points_every_ns; /* rank 0: of the history */
    struct snapshot_history history;    /* rank 0 */
    struct progress_rank *ranks;        /* rank 0 */
    struct snapshot_rank *known;        /* rank 0 */
    size_t size;                        /* rank 0: of both, also when ranks are lost */
    struct progress_news sent;          /* the others: what is under way */
    MPI_Request sending;
    uint64_t sent_len, answers;
    bool ends;          /* the last messages are awaited */
    uint64_t polled_ns; /* when this rank last looked */
    uint64_t all_steps; /* rank 0: of all ranks, at its last look */
    uint64_t
        moved_ns; /* rank 0: when anybody's steps last grew; the others: when it last answered */
};

/* Local. From now on news are sent, by one of the pollers of comm, and signals are heeded. False
 * with fail set. */
bool progress_init(struct job *job, struct fail *fail);

/* Local, on rank 0, until progress_finish. How the run stands now; borrowed until the next call. */
struct snapshot progress_snapshot(struct job *job);

/* Collective. Takes all messages that are under way; nothing is sent or shown afterwards. Where one
 * arrives damaged, rank 0 has fail set. */
void progress_finish(struct job *job);

/* Local. Idempotent. */
void progress_free(struct job *job);

#endif
