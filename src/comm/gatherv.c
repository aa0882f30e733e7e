/* SPDX-License-Identifier: BSD-3-Clause */
/* A round is a stretch of what rank 0 gets, of which a rank sends its part, and the seal of that.
 * Collectives: see the header. */
#include "comm/gatherv.h"

#include "comm/agree.h"
#include "comm/seal.h"
#include "job.h"

bool gatherv_init(struct job *job, struct gatherv *gatherv, const uint64_t *sizes)
{
    const size_t size = (size_t)job->comm.size;
    *gatherv = (struct gatherv){.sizes = sizes};
    for (size_t rank = 0; rank < size; rank++) {
        gatherv->before += rank < (size_t)job->comm.rank ? sizes[rank] : 0;
        gatherv->total += sizes[rank];
    }
    if (!comm_is_root(job))
        return true;
    gatherv->bytes = size * (sizeof *gatherv->seals + 2 * sizeof *gatherv->counts);
    gatherv->seals = mem_alloc(&job->env.mem, gatherv->bytes, &job->env.fail);
    gatherv->counts = gatherv->seals ? (int *)(void *)(gatherv->seals + size) : NULL;
    return gatherv->seals != NULL;
}

/* The bytes of [from, from + window) in [before, before + bytes). */
static size_t overlap(uint64_t before, uint64_t bytes, uint64_t from, uint64_t window)
{
    const uint64_t begin = before > from ? before : from;
    const uint64_t end = before + bytes < from + window ? before + bytes : from + window;
    return end > begin ? (size_t)(end - begin) : 0;
}

size_t gatherv_mine(const struct job *job, const struct gatherv *gatherv, uint64_t from,
                    size_t round_bytes)
{
    return overlap(gatherv->before, gatherv->sizes[job->comm.rank], from, round_bytes);
}

/* Rank 0: who sends how much, and where it goes. */
static void place_parts(const struct job *job, const struct gatherv *gatherv, uint64_t from,
                        size_t round_bytes)
{
    int *counts = gatherv->counts, *offsets = counts + job->comm.size, filled = 0;
    uint64_t before = 0;
    for (int rank = 0; rank < job->comm.size; rank++) {
        counts[rank] = (int)overlap(before, gatherv->sizes[rank], from, round_bytes);
        offsets[rank] = filled;
        filled += counts[rank];
        before += gatherv->sizes[rank];
    }
}

static uint64_t seal_part(uint64_t number, int from, const uint8_t *bytes, size_t len)
{
    const struct seal_label label = {.kind = SEAL_GATHER, .number = number, .from = from};
    return seal_of(&label, bytes, len);
}

/* Rank 0. */
static bool check_parts(struct job *job, const struct gatherv *gatherv, uint64_t number,
                        const uint8_t *all)
{
    const int *counts = gatherv->counts;
    bool ok = true;
    for (int rank = 0; rank < job->comm.size; rank++) {
        if (gatherv->seals[rank] != seal_part(number, rank, all, (size_t)counts[rank]))
            ok = seal_broken(job, "what was gathered", rank);
        all += counts[rank];
    }
    return ok;
}

bool gatherv_round(struct job *job, const struct gatherv *gatherv, uint64_t from,
                   size_t round_bytes, const uint8_t *mine, uint8_t *all)
{
    const bool root = comm_is_root(job);
    const uint64_t number = ++job->comm.numbers[0];
    const size_t len = gatherv_mine(job, gatherv, from, round_bytes);
    const uint64_t seal = seal_part(number, job->comm.rank, mine, len);
    MPI_Request request;
    if (root)
        place_parts(job, gatherv, from, round_bytes);
    MPI_Igatherv(mine, (int)len, MPI_BYTE, all, gatherv->counts,
                 root ? gatherv->counts + job->comm.size : NULL, MPI_BYTE, 0, job->comm.world,
                 &request);
    comm_wait(job, &request);
    MPI_Igather(&seal, sizeof seal, MPI_BYTE, gatherv->seals, sizeof seal, MPI_BYTE, 0,
                job->comm.world, &request);
    comm_wait(job, &request);
    return !root || check_parts(job, gatherv, number, all);
}

void gatherv_free(struct job *job, struct gatherv *gatherv)
{
    mem_free(&job->env.mem, gatherv->seals, gatherv->bytes);
    *gatherv = (struct gatherv){0};
}

bool gatherv_bytes(struct job *job, const uint8_t *mine, const uint64_t *sizes, uint8_t *all,
                   size_t round_bytes)
{
    const size_t most = round_bytes < INT32_MAX ? round_bytes : INT32_MAX;
    struct gatherv gatherv;
    bool whole = true, ok = agree(job, gatherv_init(job, &gatherv, sizes));
    for (uint64_t from = 0; ok && from < gatherv.total; from += most) {
        const size_t len = gatherv_mine(job, &gatherv, from, most);
        whole = gatherv_round(job, &gatherv, from, most, mine, all) && whole;
        mine = len > 0 ? mine + len : mine;
        all = all ? all + most : all;
    }
    gatherv_free(job, &gatherv);
    return ok && agree(job, whole);
}
