/* SPDX-License-Identifier: BSD-3-Clause */
/* collective: small collectives whose bytes are sealed (comm/seal.h), on any of the communicators
 * of a run. What arrives damaged ends the run with FAIL_VERIFY: it is what ranks steer by. */
#ifndef COLLECTIVE_H
#define COLLECTIVE_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

struct job;

enum collective_op { COLLECTIVE_SUM, COLLECTIVE_MAX, COLLECTIVE_OPS };

enum { COLLECTIVE_ROOM_BYTES = 24 }; /* for one value on its way */

/* Collective: Iallreduce. Element-wise over all ranks of a communicator, in place. */
void collective_reduce(struct job *job, MPI_Comm among, enum collective_op op, uint64_t *values,
                       int len);

/* Collective: Iexscan. The sum over the ranks before this one. */
uint64_t collective_exscan(struct job *job, uint64_t value);

/* Collective: Ireduce_scatter_block. Every rank has a value for each rank of the run, which gets
 * the sum of those for it. `room` has COLLECTIVE_ROOM_BYTES for each. */
uint64_t collective_sum_for_each(struct job *job, const uint64_t *values, void *room);

/* Collective: Ibcast, and where it is more than a little a second one for each round. The bytes of
 * `root` to all of a communicator. Any size. */
void collective_bcast(struct job *job, MPI_Comm among, int root, void *bytes, size_t len);

/* Collective: Iallgather, Iallreduce. `len` bytes of each rank of a communicator to all, in their
 * order: `all` has room for them. len is small. */
void collective_allgather(struct job *job, MPI_Comm among, const void *mine, int len, void *all);

#endif
