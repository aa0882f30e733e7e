/* SPDX-License-Identifier: BSD-3-Clause */
/* comm: communicators, the one way to wait, and the few small collectives everything else is made
 * of.
 *
 * Every collective is started in its non-blocking form and waited for in comm_wait, which backs off
 * to sleep: so ranks that wait leave the core to those that work, what goes on beside the work is
 * served from there, and there is one place to look when something stands still.
 *
 * MPI errors never reach a caller: a handler on our own communicator names error, rank and host,
 * and aborts. What arrives damaged does not either: see collective.h. */
#ifndef COMM_H
#define COMM_H

#include "host/fail.h"
#include "status/snapshot.h"

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

struct job;

enum {
    COMM_HOST_BYTES = SNAPSHOT_HOST_BYTES,
    COMM_LOOKS =
        8, /* Open MPI looks at its sockets in every eighth call only: so many are one look */
    COMM_POLLERS = 4,
};

/* Local; must not wait. What is to be done now and then, whatever a rank does: answering others,
 * sending news. It is called at every look while this rank waits, and with `working` at every step
 * of its own work, which may be as short as a microsecond. */
typedef void comm_poller(struct job *job, bool working);

/* Where a rank is. */
struct comm_place {
    int host;  /* its number */
    int local; /* its rank on that host */
};

struct comm {
    MPI_Comm world;   /* our own duplicate */
    MPI_Comm host;    /* the ranks of this host */
    MPI_Comm leaders; /* the first rank of each host; MPI_COMM_NULL on the others */
    int rank, size;
    int host_rank, host_size;
    int host_index, hosts;       /* hosts are numbered in the order of their first ranks */
    uint64_t numbers[3];         /* of collectives so far: of the world, the host, the leaders */
    uint64_t exchanges, masters; /* so far */
    char host_name[COMM_HOST_BYTES];
    struct comm_place *places;           /* of all ranks */
    char (*host_names)[COMM_HOST_BYTES]; /* of all hosts */
    comm_poller *pollers[COMM_POLLERS];
    size_t pollers_len;
    bool waiting;              /* for other ranks */
    uint64_t steps;            /* pieces of work and collectives that this rank has finished */
    uint64_t crowded_until_ns; /* others want this core: until then who waits sleeps at once */
};

/* Local, before MPI is up. Whether a launcher started this process. */
bool comm_launched(void);

/* Local. Whether the launcher was PRRTE, the mpirun of Open MPI 5, which does not pass standard
 * streams on as they are: standard input is repeated and lost in blocks of 4,096 bytes when it is
 * read slowly (seen with 5.0.7: 16.9 MB arrived as 22 to 25 MB), and the end of standard output is
 * moved into standard error when something is written there right after it, or at any time after
 * it where it is no newline. */
bool comm_launched_by_prrte(void);

/* Local, before MPI is up. The rank that the launcher says we have; 0 without one. */
int comm_launched_rank(void);

/* Collective. Initialises MPI if need be and the communicators. Aborts where the launcher started
 * processes that do not know of each other. */
void comm_init(struct job *job, int *argc, char ***argv);

/* Local. The same for rank 0 alone, with MPI up. */
void comm_init_alone(struct job *job);

/* Collective on job->comm.world. Finds out who is on which host, given the ranks of this one, a
 * communicator that is taken. False on all where one has no memory, with fail set there. */
bool comm_group(struct job *job, MPI_Comm host);

/* Collective: those of comm_group. The ranks of `world`, some of those that there were, become all;
 * the communicators that the others had part in are left to MPI. Ends the run where there is no
 * memory.
 */
void comm_replace(struct job *job, MPI_Comm world);

/* Collective. */
void comm_free(struct job *job);

/* Local. From here on an error of MPI is no failure of this rank: all that others wait for is
 * rank 0's to miss. */
void comm_settle(void);

/* Collective: comm_settle, comm_free, and the end of MPI. */
void comm_finish(struct job *job);

/* Local. Ends all ranks with the failure of this one, which it prints. */
_Noreturn void comm_end(struct job *job);

/* Local. A poller is called from now on; or no longer, whether it was or not. */
void comm_add_poller(struct job *job, comm_poller *poller);
void comm_remove_poller(struct job *job, comm_poller *poller);

/* Local, but returns only when the request is done. Sleeps after a short while; calls the pollers
 * meanwhile. */
void comm_wait(struct job *job, MPI_Request *request);

/* Local. One look at a request, and a call of the pollers; true when it is done. */
bool comm_poll(struct job *job, MPI_Request *request);

/* Local. A call of the pollers, where something else than a request is waited for. */
void comm_look(struct job *job);

/* Local. A piece of work is done, of less than a second as a rule: calls the pollers. */
void comm_step(struct job *job);

/* Collective. Element-wise over all ranks, in place. */
void comm_sum(struct job *job, uint64_t *values, int len);
void comm_max(struct job *job, uint64_t *values, int len);

/* Collective. The sum over the ranks before this one. */
uint64_t comm_exscan(struct job *job, uint64_t value);

/* Collective. Rank 0's bytes to all. Any size. */
void comm_bcast(struct job *job, void *bytes, size_t len);

/* Collective. `len` bytes of every rank to all, in rank order: `all` has room for size * len. len
 * is small. */
void comm_allgather(struct job *job, const void *mine, int len, void *all);

/* Local. The name of the host of any rank. */
const char *comm_host_of(const struct job *job, int rank);

/* Local. Whether a rank is on another host than this one. */
bool comm_is_far(const struct job *job, int rank);

/* Local. Whether this is rank 0. */
bool comm_is_root(const struct job *job);

#endif
