/* progress: a line on standard error while the run goes on, by rank 0, without stopping anybody.
 *
 * Every rank sends rank 0 a small message now and then, from comm_poll and between blocks of input;
 * rank 0 takes what has arrived whenever it looks. Nobody waits for anybody until progress_finish.
 * Costs nothing when --progress is not given. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <mpi.h>
#include <stdint.h>

struct job;

struct progress {
    uint64_t *done; /* rank 0: bytes each rank has mapped */
    uint64_t sent;  /* what this rank last reported */
    uint64_t next_ns;
    uint64_t total_bytes; /* of the input; 0 when unknown */
    MPI_Request sending;
    int finished; /* rank 0: ranks that have said their last */
    int shown;    /* whether a line stands on the terminal */
};

/* Local. Sends or shows, if it is time. */
void progress_poll(struct job *job);

/* Collective. Takes all messages that are under way; nothing is shown afterwards. */
void progress_finish(struct job *job);

#endif
