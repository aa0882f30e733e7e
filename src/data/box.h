/* SPDX-License-Identifier: BSD-3-Clause */
/* box: parcels by bucket. What a stage puts out, what a shuffle carries, what the next stage holds.
 *
 * Buckets are equal parts of the hash space in the first shuffle and stretches of the frequency
 * order in the second; an outbox has `ranks * share` of them, and those of one rank lie side by
 * side, so bucket / share is the owner. */
#ifndef BOX_H
#define BOX_H

#include "data/parcel.h"

struct box {
    struct arena *arena; /* borrowed; {0} has none and is empty */
    struct parcel *parcels;
    size_t len; /* buckets */
};

/* Local. A box of `len` empty buckets. False with fail set. */
bool box_init(struct box *box, struct arena *arena, size_t len, struct fail *fail);

/* Local. Appends every bucket of `from` to the same bucket of `box`; `from` becomes empty. Both
 * have the same number of buckets. */
void box_join(struct box *box, struct box *from);

/* Local. Records in all buckets. */
uint64_t box_records(const struct box *box);

/* Local. Gives all chunks back; idempotent. */
void box_free(struct box *box);

#endif
