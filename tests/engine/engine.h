/* SPDX-License-Identifier: BSD-3-Clause */
/* engine: an MPI whose ranks share one process, for tests that run millions of small cases. A rank
 * is a coroutine with a copy of the test program of its own, static variables included; another one
 * goes on only where one of them looks at a request, probes, or gives the processor away. Who goes
 * on, whether what has arrived is seen at once, and whether a message is buffered or waits to be
 * received, is drawn by a seed: the same seed is the same run. */
#ifndef ENGINE_H
#define ENGINE_H

#include "mpi.h"

#include <stdbool.h>

struct communicator {
    int size, rank;                 /* rank: in a communicator of one, whose it is */
    int *members;                   /* rank of the engine by rank; NULL: the same number */
    int *ranks;                     /* the other way round, or -1; NULL: the same number */
    int users;                      /* ranks that have not freed it */
    uint64_t *begun;                /* by rank: collectives so far */
    struct collective *collectives; /* that some have not ended */
    struct message *queue;          /* to be received, in the order of their sending */
    struct request *posted;         /* receives without a message, in their order */
};

struct datatype {
    size_t bytes;
};

struct operation {
    MPI_User_function *function;
};

/* What a rank waits for. */
struct request {
    bool (*done)(struct request *request); /* looks, and takes what has come */
    struct request *next;                  /* among receives or orphans */
    struct communicator *comm;             /* of a receive; NULL: it has got its message */
    struct message *message;               /* of a send that waits for its receiver; or NULL */
    struct collective *collective;
    int rank, from, tag; /* who receives, and what */
    int root, len;       /* of a collective */
    void *to;
    size_t room;
    const int *lens, *at; /* of each rank's part, in elements; NULL: all have `len` */
    MPI_Datatype type;
    MPI_Op op;
    MPI_Status status;
};

/* Which rank runs; how many there are. */
extern int engine_rank, engine_ranks;

/* Another rank may go on, or this one. */
void engine_give_way(void);

/* A number below `end`, by the seed. */
uint64_t engine_draw(uint64_t end);

/* Ends the process: what the program did is no MPI, or it ended itself. */
_Noreturn void engine_fail(const char *what);

/* Zeroed memory; there always is some. */
void *engine_alloc(size_t bytes);

/* The communicator that is meant, and the own rank there. */
struct communicator *communicator_of(MPI_Comm comm);
int communicator_rank(const struct communicator *comm);

/* The first one was never received, which is no fault in a run that ends. */
void message_drop(struct message **queue);

#endif
