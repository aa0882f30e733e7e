/* SPDX-License-Identifier: BSD-3-Clause */
/* job: the context of a run: that of this rank (env.h), and the other ranks. What takes it may be
 * collective; a function without it has no communicator and cannot hang. */
#ifndef JOB_H
#define JOB_H

#include "comm/comm.h"
#include "comm/lost.h"
#include "comm/master.h"
#include "comm/progress.h"
#include "comm/verify.h"
#include "env.h"
#include "host/topo.h"
#include "status/snapshot.h"
#include "view.h"

struct job {
    struct env env;
    struct comm comm;
    struct topo topo;
    struct timing timing;
    struct progress progress;
    struct lost lost;
    struct view view;              /* rank 0 */
    struct master *master;         /* NULL: nobody asks for work */
    struct checkpoint *checkpoint; /* NULL: none, see stage/checkpoint.h */
    bool can_be_left; /* by SIGUSR1, and taken up: until all text is counted with a checkpoint */
    struct verify verify;
    struct snapshot_totals totals;
    struct failures failures;  /* rank 0 */
    bool by_host;              /* whether the first shuffle goes by way of the own host */
    uint64_t expected_bytes;   /* of input; 0 when unknown */
    uint64_t expected_read;    /* of the same, as it is stored; 0 when unknown */
    bool dealt;                /* of it each rank has as much, from the beginning */
    uint64_t ahead_bytes;      /* encoded files of so many are decoded by a thread; 0: none are */
    struct snapshot_work work; /* of this rank, so far */
    struct snapshot_running running; /* on this rank; ns is not known */
    uint64_t running_since_ns;
    uint64_t begun_ns;        /* since 1970 */
    uint64_t read_tasks;      /* rank 0: so far */
    bool all_read;            /* rank 0: there are no more */
    uint64_t submissions;     /* rank 0: of a service, that are open */
    int task_ranks;           /* those that run tasks */
    const struct job *serial; /* on rank 0 the run of one rank, for --compare; NULL: none */
};

/* Collective. Agrees on arguments, seed, memory and the sizes that follow from it; needs
 * job->env.options, comm and timing. False, agreed. */
bool job_init(struct job *job, int argc, char **argv);

/* Local. A step of the run begins on this rank, of so many pieces (0: unknown). */
void job_step(struct job *job, enum timing_phase phase, uint64_t pieces);

/* Local. What this rank has done so far. */
struct snapshot_work job_work(const struct job *job);

/* Local, on rank 0. What there is to say of the run; `ranks`, of all of them, says what each has
 * done. All of it is borrowed. The run goes on, or has failed. */
struct snapshot job_snapshot(const struct job *job, const struct snapshot_rank *ranks);

/* Local, on rank 0. The same of a run that has come to its end, as job->totals say. */
struct snapshot job_snapshot_of_end(const struct job *job, const struct snapshot_rank *ranks);

/* Local. */
void job_free(struct job *job);

#endif
