/* SPDX-License-Identifier: BSD-3-Clause */
/* MPI_Iscatterv of any number of bytes. Collectives, in order: Iallreduce, agree, then Iscatterv
 * per round. */
#include "comm/scatterv.h"

#include "comm/agree.h"
#include "job.h"

bool scatterv_bytes(struct job *job, const uint8_t *bytes, const uint64_t *sizes, uint8_t *mine,
                    uint64_t my_size, size_t rank_bytes)
{
    size_t size = (size_t)job->comm.size;
    bool root = comm_is_root(job);
    uint64_t largest = my_size;
    size_t bound = rank_bytes < INT32_MAX / size ? rank_bytes : INT32_MAX / size;
    comm_max(job, &largest, 1);
    bool pack = largest > bound; /* otherwise they lie beside each other as they are */
    size_t room = root ? (pack ? bound * size : 0) + 2 * size * sizeof(int) : 0;
    uint8_t *packed = root ? mem_alloc(&job->env.mem, room, &job->env.fail) : NULL;
    if (!agree(job, packed || !root))
        return false;
    int *counts = (int *)(void *)packed; /* the blocks follow counts and offsets */
    int *offsets = counts + size;
    uint8_t *blocks = (uint8_t *)(offsets + size);
    for (uint64_t done = 0; done < largest; done += bound) {
        const uint8_t *from = bytes;
        size_t filled = 0;
        for (size_t rank = 0; root && rank < size; rank++) {
            uint64_t left = sizes[rank] > done ? sizes[rank] - done : 0;
            size_t part = left < bound ? (size_t)left : bound;
            if (pack && part > 0)
                memcpy(blocks + filled, from + done, part);
            counts[rank] = (int)part;
            offsets[rank] = (int)filled;
            filled += part;
            from += sizes[rank];
        }
        uint64_t left = my_size > done ? my_size - done : 0;
        MPI_Request request;
        MPI_Iscatterv(pack ? blocks : bytes, counts, offsets, MPI_BYTE, mine + (left ? done : 0),
                      (int)(left < bound ? left : bound), MPI_BYTE, 0, job->comm.world, &request);
        comm_wait(job, &request);
    }
    mem_free(&job->env.mem, packed, room);
    return true;
}
