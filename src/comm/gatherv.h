/* SPDX-License-Identifier: BSD-3-Clause */
/* gatherv: from all ranks to rank 0, in rounds of bounded size, sealed (seal.h). */
#ifndef GATHERV_H
#define GATHERV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;

/* What there is to gather: rank r has `sizes[r]` bytes, which stand one rank's after another's. All
 * ranks know all sizes. */
struct gatherv {
    const uint64_t *sizes; /* borrowed */
    uint64_t before;       /* bytes of the ranks before this one */
    uint64_t total;
    int *counts;     /* rank 0: of a round, and where they go */
    uint64_t *seals; /* rank 0: of a round */
    size_t bytes;    /* rank 0: allocated */
};

/* Local. False with fail set. */
bool gatherv_init(struct job *job, struct gatherv *gatherv, const uint64_t *sizes);

/* Local. How many bytes of [from, from + round_bytes) are this rank's. */
size_t gatherv_mine(const struct job *job, const struct gatherv *gatherv, uint64_t from,
                    size_t round_bytes);

/* Collective: Igatherv, Igather. Rank 0 gets the bytes [from, from + round_bytes) of all, as far as
 * there are any, in `all`; those of them that this rank has are in `mine`. round_bytes is below
 * 2^31. False, on rank 0, with fail set, where they arrive damaged; the caller agrees. */
bool gatherv_round(struct job *job, const struct gatherv *gatherv, uint64_t from,
                   size_t round_bytes, const uint8_t *mine, uint8_t *all);

/* Local. Idempotent. */
void gatherv_free(struct job *job, struct gatherv *gatherv);

/* Collective: agree, then the rounds, then agree. Rank r has sizes[r] bytes, in `mine`; rank 0 gets
 * those of all in `all`, which is read nowhere else, at most `round_bytes` in a round. False,
 * agreed. */
bool gatherv_bytes(struct job *job, const uint8_t *mine, const uint64_t *sizes, uint8_t *all,
                   size_t round_bytes);

#endif
