/* SPDX-License-Identifier: BSD-3-Clause */
/* job: the context of a run: that of this rank (env.h), and the other ranks. What takes it may be
 * collective; a function without it has no communicator and cannot hang. */
#ifndef JOB_H
#define JOB_H

#include "comm/comm.h"
#include "comm/master.h"
#include "comm/progress.h"
#include "comm/timing.h"
#include "comm/verify.h"
#include "env.h"
#include "host/topo.h"
#include "stage/failures.h"

/* Counts over all ranks, known to rank 0 at the end. */
struct job_totals {
    uint64_t input_bytes;
    uint64_t files;
    uint64_t words, distinct;
    uint64_t written_words;  /* lines of the result */
    uint64_t left_out_words; /* distinct, by --top and --min-count */
    uint64_t output_bytes;
    uint64_t output_checksum; /* XXH3 of the result, where one rank wrote all of it */
    bool output_has_checksum;
    uint64_t fingerprint; /* see struct verify */
    uint64_t rounds;      /* of map, shuffle and reduce */
    uint64_t tasks, failed_tasks, retried_tasks;
    uint64_t resumed_tasks; /* whose results came from the journal */
    bool root_input, root_output;
    bool standard_input;  /* is among the files, as rank 0 knows */
    bool standard_output; /* takes the result, as rank 0 knows */
};

struct job {
    struct env env;
    struct comm comm;
    struct topo topo;
    struct timing timing;
    struct progress progress;
    struct master *master; /* NULL: nobody asks for work */
    struct verify verify;
    struct job_totals totals;
    struct failures failures; /* rank 0 */
    bool by_host;             /* whether the first shuffle goes by way of the own host */
    uint64_t mapped_bytes;    /* so far, for progress */
};

/* Collective. Agrees on arguments, seed, memory and the sizes that follow from it; needs
 * job->env.options, comm and timing. False, agreed. */
bool job_init(struct job *job, int argc, char **argv);

/* Local. */
void job_free(struct job *job);

#endif
