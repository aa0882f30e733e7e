/* SPDX-License-Identifier: BSD-3-Clause */
/* partitions: the distinct records of this rank, a part of them at a time, as they are wanted: from
 * a reduction, which counts them just then, or from a box. No communication. */
#ifndef PARTITIONS_H
#define PARTITIONS_H

#include "stage/reduce.h"

struct partitions {
    struct reduce *reduce; /* borrowed; NULL: it is a box */
    struct box *box;       /* borrowed; becomes empty */
    size_t len;            /* of partitions, in which about as many records are expected */
    size_t done;           /* that were taken, whole */
};

/* Local. */
struct partitions partitions_of_reduce(struct reduce *reduce);
struct partitions partitions_of_box(struct box *box);

static inline bool partitions_left(const struct partitions *partitions)
{
    return partitions->done < partitions->len;
}

/* Local. Appends records of the next partition to `out`, settled. False with fail set. */
bool partitions_next(struct job *job, struct partitions *partitions, struct parcel *out);

#endif
