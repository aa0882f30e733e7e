/* SPDX-License-Identifier: BSD-3-Clause */
/* partitions: the distinct records of this rank, a part of them at a time, as they are wanted: from
 * a reduction, which counts them just then, or from a box, or from bins, in their order. No
 * communication. */
#ifndef PARTITIONS_H
#define PARTITIONS_H

#include "data/bins.h"
#include "stage/reduce.h"

struct partitions {
    struct reduce *reduce;     /* borrowed; NULL: it is something else */
    struct box *box;           /* borrowed; becomes empty */
    struct bins_reader reader; /* of bins */
    uint64_t limit;            /* of records, from bins */
    struct tally *left_out;    /* borrowed: of those behind it */
    size_t len;                /* of partitions, in which about as many records are expected */
    size_t done;               /* that were taken, whole; */
    double begun;              /* and how much of the next one */
};

/* Local. */
struct partitions partitions_of_reduce(struct reduce *reduce);
struct partitions partitions_of_box(struct box *box);

/* Local. The first `limit` records of bins; the others are added to a tally. */
struct partitions partitions_of_bins(struct bins *bins, uint64_t limit, struct tally *left_out);

static inline bool partitions_left(const struct partitions *partitions)
{
    return partitions->done < partitions->len;
}

/* Local. Whether the first partitions stand for all: hashing has mixed the records. */
static inline bool partitions_are_mixed(const struct partitions *partitions)
{
    return !partitions->reader.bins;
}

/* Local. Appends records of the next partition to `out`, settled. False with fail set. */
bool partitions_next(struct job *job, struct partitions *partitions, struct parcel *out);

/* Local. Idempotent. */
void partitions_close(struct partitions *partitions);

#endif
