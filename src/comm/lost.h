/* SPDX-License-Identifier: BSD-3-Clause */
/* lost: ranks that are gone while the others go on, where the launcher lets them: the mpirun of
 * Open MPI 5 with --with-ft ulfm does. Anywhere else the launcher ends all ranks when it has lost
 * one.
 *
 * Between lost_begin and lost_end no collective may be used: rank 0 learns of the loss of others
 * and goes on; all end where rank 0 is lost. */
#ifndef LOST_H
#define LOST_H

#include "host/fail.h"

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

struct job;

struct lost {
    bool *ranks;      /* on rank 0, those that are gone; NULL: nobody looks */
    int len, all;     /* of them; of all ranks */
    int hosts;        /* that have no ranks left */
    uint64_t look_ns; /* when to look again */
};

/* Local. Whether the launcher lets ranks go on without others; the same on all ranks. */
bool lost_allowed(void);

/* Local. From now on ranks look for lost ones, by one of the pollers of comm; rank 0 tells the
 * master (comm/master.h) of each. False with fail set. */
bool lost_begin(struct job *job, struct fail *fail);

/* Collective: progress_finish, MPIX_Comm_shrink, and those of comm_group. Those that are left
 * become all ranks, in their order: job->comm is new, and what was sized by it must have been
 * freed. Nothing where lost_allowed is false. Ends the run where there is no memory for it. */
void lost_end(struct job *job);

/* Local. Receives a short message from a rank, one that a probe has found. False where the rank was
 * lost before it had arrived: then nobody would ever send the rest. */
bool lost_receive(struct job *job, void *bytes, int len, int rank, int tag);

/* Local. comm_wait, for a message from a rank; false where the rank was lost. */
bool lost_wait(struct job *job, MPI_Request *request, int rank);

/* Local, before MPI_Finalize, where ranks may be lost: that may wait for them without end (seen
 * once in twenty times with 5.0.7). After a few seconds the process ends with this status. */
void lost_hurry(int status);

/* Local, for the error handler of comm. Whether an error only says that another rank is gone, while
 * this one looks for such. */
bool lost_tolerates(int code);

/* Local. Whether a rank is gone, as far as this one knows; and after a look. */
bool lost_is(const struct job *job, int rank);
bool lost_look(struct job *job, int rank);

#endif
