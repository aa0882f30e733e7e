/* SPDX-License-Identifier: BSD-3-Clause */
/* simulator: what is different in the build for SimGrid, which is given this file first.
 *
 * To the simulator every look at a request is work, which takes time, and a non-blocking collective
 * is all its messages at once: a thousand ranks would keep a million flows in the air. The blocking
 * forms use its models of the algorithms of real MPI libraries, and nothing is lost, because the
 * program waits for each collective right after it has begun. */
#ifndef SIMULATOR_H
#define SIMULATOR_H

#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#define SIMULATOR_DONE(request, call) (*(request) = MPI_REQUEST_NULL, (call))

#undef MPI_Iallreduce
#undef MPI_Iallgather
#undef MPI_Ialltoall
#undef MPI_Ialltoallv
#undef MPI_Ibcast
#undef MPI_Iexscan
#undef MPI_Igather
#undef MPI_Igatherv
#undef MPI_Ireduce_scatter_block
#undef MPI_Iscatter
#undef MPI_Iscatterv
#define MPI_Iallreduce(a, b, c, d, e, f, r) SIMULATOR_DONE(r, MPI_Allreduce(a, b, c, d, e, f))
#define MPI_Iallgather(a, b, c, d, e, f, g, r) SIMULATOR_DONE(r, MPI_Allgather(a, b, c, d, e, f, g))
#define MPI_Ialltoall(a, b, c, d, e, f, g, r) SIMULATOR_DONE(r, MPI_Alltoall(a, b, c, d, e, f, g))
#define MPI_Ialltoallv(a, b, c, d, e, f, g, h, i, r)                                               \
    SIMULATOR_DONE(r, MPI_Alltoallv(a, b, c, d, e, f, g, h, i))
#define MPI_Ibcast(a, b, c, d, e, r) SIMULATOR_DONE(r, MPI_Bcast(a, b, c, d, e))
#define MPI_Iexscan(a, b, c, d, e, f, r) SIMULATOR_DONE(r, simulator_exscan(a, b, c, d, e, f))
#define MPI_Igather(a, b, c, d, e, f, g, h, r) SIMULATOR_DONE(r, MPI_Gather(a, b, c, d, e, f, g, h))
#define MPI_Igatherv(a, b, c, d, e, f, g, h, i, r)                                                 \
    SIMULATOR_DONE(r, MPI_Gatherv(a, b, c, d, e, f, g, h, i))
#define MPI_Ireduce_scatter_block(a, b, c, d, e, f, r)                                             \
    SIMULATOR_DONE(r, MPI_Reduce_scatter_block(a, b, c, d, e, f))
#define MPI_Iscatter(a, b, c, d, e, f, g, h, r)                                                    \
    SIMULATOR_DONE(r, MPI_Scatter(a, b, c, d, e, f, g, h))
#define MPI_Iscatterv(a, b, c, d, e, f, g, h, i, r)                                                \
    SIMULATOR_DONE(r, MPI_Scatterv(a, b, c, d, e, f, g, h, i))

/* Its MPI_Exscan is a message from every rank to every later one, all at once. */
static inline int simulator_exscan(const void *mine, void *before, int len, MPI_Datatype type,
                                   MPI_Op op, MPI_Comm comm)
{
    int rank, size, bytes;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    MPI_Type_size(type, &bytes);
    bytes *= len;
    char *all = malloc((size_t)size * (size_t)bytes);
    int code = MPI_Allgather(mine, len, type, all, len, type, comm);
    for (int i = 0; i < rank; i++) {
        if (i == 0)
            memcpy(before, all, (size_t)bytes);
        else
            MPI_Reduce_local(all + (size_t)i * (size_t)bytes, before, len, type, op);
    }
    free(all);
    return code;
}

/* SimGrid 3.32 leaves the flag as it was when there is nothing to wait for. */
static inline int simulator_test(MPI_Request *request, int *done, MPI_Status *status)
{
    *done = 1;
    return *request == MPI_REQUEST_NULL ? MPI_SUCCESS : MPI_Test(request, done, status);
}
#define MPI_Test(request, done, status) simulator_test(request, done, status)

#endif
