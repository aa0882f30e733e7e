/* SPDX-License-Identifier: BSD-3-Clause */
/* scatterv: from rank 0 to all, in rounds of bounded size, sealed (seal.h). */
#ifndef SCATTERV_H
#define SCATTERV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;

/* What a rank is told of its part. */
struct scatterv_part {
    uint64_t bytes;
    uint64_t number; /* of the scatter */
    uint64_t sum;    /* of the bytes, as a seal */
    uint64_t seal;   /* of all that */
};

/* Collective: Iscatter. Rank 0 has bytes for every rank, one rank's after another's, and in `parts`
 * says how many for each; it fills in the rest of them. Each rank learns of its own part, in
 * `mine`. bytes and parts are read on rank 0 only. */
void scatterv_tell(struct job *job, const uint8_t *bytes, struct scatterv_part *parts,
                   struct scatterv_part *mine);

/* Collective: Iallreduce, agree, Iscatterv per round, agree. Each rank gets its part, of which it
 * was told, in `to`. Rounds of MPI_Scatterv with at most `rank_bytes` for each rank. bytes and
 * parts are read on rank 0 only. False, agreed. */
bool scatterv_bytes(struct job *job, const uint8_t *bytes, const struct scatterv_part *parts,
                    const struct scatterv_part *mine, uint8_t *to, size_t rank_bytes);

#endif
