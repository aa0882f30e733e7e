/* SPDX-License-Identifier: BSD-3-Clause */
/* A round is a stretch of what rank 0 gets, of which a rank sends its part. Collectives, in order:
 * agree, then Igatherv per round. */
#include "comm/gatherv.h"

#include "comm/agree.h"
#include "job.h"

/* Where the part of bytes [at, at + size) begins and ends that is in the round [from, to). */
static void part_of(uint64_t at, uint64_t size, uint64_t from, uint64_t to, uint64_t part[2])
{
    part[0] = at > from ? at : from;
    part[1] = at + size < to ? at + size : to;
    if (part[1] < part[0])
        part[1] = part[0];
}

bool gatherv_bytes(struct job *job, const uint8_t *mine, const uint64_t *sizes, uint8_t *all,
                   size_t round_bytes)
{
    const size_t size = (size_t)job->comm.size, bytes = 2 * size * sizeof(int);
    const size_t most = round_bytes < INT32_MAX ? round_bytes : INT32_MAX;
    const bool root = comm_is_root(job);
    int *counts = root ? mem_alloc(&job->env.mem, bytes, &job->env.fail) : NULL;
    uint64_t total = 0, before = 0;
    for (size_t rank = 0; rank < size; rank++) {
        before += rank < (size_t)job->comm.rank ? sizes[rank] : 0;
        total += sizes[rank];
    }
    if (!agree(job, counts || !root))
        return false;
    for (uint64_t from = 0; from < total; from += most) {
        uint64_t part[2], at = 0;
        for (size_t rank = 0; root && rank < size; at += sizes[rank++]) {
            part_of(at, sizes[rank], from, from + most, part);
            counts[rank] = (int)(part[1] - part[0]);
            counts[size + rank] = part[1] > part[0] ? (int)(part[0] - from) : 0;
        }
        part_of(before, sizes[job->comm.rank], from, from + most, part);
        const int len = (int)(part[1] - part[0]);
        MPI_Request request;
        MPI_Igatherv(len > 0 ? mine + (part[0] - before) : NULL, len, MPI_BYTE,
                     root ? all + from : NULL, counts, root ? counts + size : NULL, MPI_BYTE, 0,
                     job->comm.world, &request);
        comm_wait(job, &request);
    }
    mem_free(&job->env.mem, counts, bytes);
    return true;
}
