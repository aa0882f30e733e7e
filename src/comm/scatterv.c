/* SPDX-License-Identifier: BSD-3-Clause */
/* MPI_Iscatterv of any number of bytes. The seals go before the bytes, with their number.
 * Collectives: see the header. */
#include "comm/scatterv.h"

#include "comm/agree.h"
#include "comm/seal.h"
#include "job.h"

#include <stddef.h>

static struct seal_label label(enum seal_kind kind, uint64_t number, int rank)
{
    return (struct seal_label){.kind = kind, .number = number, .to = rank};
}

static uint64_t seal_part(const struct scatterv_part *part, int rank)
{
    const struct seal_label due = label(SEAL_PART, part->number, rank);
    return seal_of(&due, part, offsetof(struct scatterv_part, seal));
}

void scatterv_tell(struct job *job, const uint8_t *bytes, struct scatterv_part *parts,
                   struct scatterv_part *mine)
{
    const uint64_t number = ++job->comm.numbers[0];
    MPI_Request request;
    for (int rank = 0; comm_is_root(job) && rank < job->comm.size; rank++) {
        const struct seal_label sent = label(SEAL_SCATTER, number, rank);
        parts[rank].number = number;
        parts[rank].sum = seal_of(&sent, bytes, parts[rank].bytes);
        parts[rank].seal = seal_part(&parts[rank], rank);
        bytes += parts[rank].bytes;
    }
    MPI_Iscatter(parts, sizeof *parts, MPI_BYTE, mine, sizeof *mine, MPI_BYTE, 0, job->comm.world,
                 &request);
    comm_wait(job, &request);
    if (mine->number != number || mine->seal != seal_part(mine, job->comm.rank))
        seal_end(job, "the size of a part", 0);
}

/* Rank 0: the next round of all parts. */
static void place_round(const struct scatterv_part *parts, size_t size, const uint8_t *from,
                        uint64_t done, size_t bound, int *counts, uint8_t *packed)
{
    int *offsets = counts + size;
    size_t filled = 0;
    for (size_t rank = 0; rank < size; rank++) {
        const uint64_t left = parts[rank].bytes > done ? parts[rank].bytes - done : 0;
        const size_t some = left < bound ? (size_t)left : bound;
        if (packed && some > 0)
            memcpy(packed + filled, from + done, some);
        counts[rank] = (int)some;
        offsets[rank] = (int)filled;
        filled += some;
        from += parts[rank].bytes;
    }
}

bool scatterv_bytes(struct job *job, const uint8_t *bytes, const struct scatterv_part *parts,
                    const struct scatterv_part *mine, uint8_t *to, size_t rank_bytes)
{
    const size_t size = (size_t)job->comm.size;
    const bool root = comm_is_root(job);
    const size_t bound = rank_bytes < INT32_MAX / size ? rank_bytes : INT32_MAX / size;
    uint64_t largest = mine->bytes;
    comm_max(job, &largest, 1);
    const bool pack = largest > bound; /* otherwise they lie beside each other as they are */
    const size_t room = root ? (pack ? bound * size : 0) + 2 * size * sizeof(int) : 0;
    int *counts = root ? mem_alloc(&job->env.mem, room, &job->env.fail) : NULL;
    if (!agree(job, counts || !root))
        return false;
    /* The blocks follow counts and offsets. */
    uint8_t *packed = root && pack ? (uint8_t *)(counts + 2 * size) : NULL;
    for (uint64_t done = 0; done < largest; done += bound) {
        const uint64_t left = mine->bytes > done ? mine->bytes - done : 0;
        MPI_Request request;
        if (root)
            place_round(parts, size, bytes, done, bound, counts, packed);
        MPI_Iscatterv(pack ? packed : bytes, counts, root ? counts + size : NULL, MPI_BYTE,
                      to + (left ? done : 0), (int)(left < bound ? left : bound), MPI_BYTE, 0,
                      job->comm.world, &request);
        comm_wait(job, &request);
    }
    mem_free(&job->env.mem, counts, room);
    const struct seal_label due = label(SEAL_SCATTER, mine->number, job->comm.rank);
    return agree(job, mine->sum == seal_of(&due, to, mine->bytes) || seal_broken(job, "a part", 0));
}
