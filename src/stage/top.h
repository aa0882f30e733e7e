/* SPDX-License-Identifier: BSD-3-Clause */
/* top: the most frequent keys of this rank, where not all are wanted. A rank has the final counts
 * of its keys, so its own first ones hold all of its share of the first ones of all ranks. */
#ifndef TOP_H
#define TOP_H

#include "data/ranking.h"
#include "stage/partitions.h"

struct job;

struct top {
    uint64_t wanted;           /* records */
    struct box best;           /* of one parcel: at most twice as many */
    bool full;                 /* there were more than wanted: */
    struct ranking_mark floor; /* what comes behind it is not among them */
    struct tally left_out;     /* of the records that were dropped */
};

/* Local. Whether it is worth it, and there is the memory, to keep only the first `wanted` records
 * of those of a rank. */
bool top_is_small(const struct job *job, uint64_t wanted);

/* Collective: agree. Takes all records of the partitions and keeps the first `wanted` of this rank,
 * and some more. False, agreed. */
bool top_run(struct job *job, struct partitions *from, uint64_t wanted, struct top *top);

/* Local. Idempotent. */
void top_free(struct top *top);

#endif
