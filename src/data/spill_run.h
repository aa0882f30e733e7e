/* SPDX-License-Identifier: BSD-3-Clause */
/* spill_run: how a run lies in a file of scratch.
 *
 *   blocks    of each bucket: struct spill_head, and records as in parcel.h
 *   index     struct spill_place of each bucket, and of the end
 *
 * Of the index memory holds a window: there may be thousands of buckets in each of hundreds of
 * runs, and little memory is why there are so many. */
#ifndef SPILL_RUN_H
#define SPILL_RUN_H

#include "data/spill.h"

#include <xxhash.h>

enum { SPILL_MAGIC = 0x6b6c4253, SPILL_WINDOW = 16 };

/* In front of the records of a block. */
struct spill_head {
    uint32_t magic, bucket;
    uint64_t run, bytes;
    uint64_t checksum; /* of what is before it and of the records */
};

/* Where a bucket of a run begins; the next one begins where it ends. */
struct spill_place {
    uint64_t offset, records; /* in the file; records of the run before it */
    uint64_t checksum;        /* of both, with the number of bucket and run */
};

struct spill_run {
    size_t file;
    uint64_t index;      /* where it begins in the file */
    uint64_t given_back; /* before this offset there is nothing any more */
    size_t first;        /* bucket of the window */
    bool looked;         /* the window holds something */
    struct spill_place window[SPILL_WINDOW + 1];
};

/* Local. The seed for the checksum of the records behind a head. */
static inline uint64_t spill_seed(const struct spill_head *head)
{
    return XXH3_64bits(head, offsetof(struct spill_head, checksum));
}

static inline struct spill_place spill_place(uint64_t offset, uint64_t records, size_t bucket,
                                             size_t run)
{
    const uint64_t about[] = {offset, records, bucket, run};
    return (struct spill_place){offset, records, XXH3_64bits(about, sizeof about)};
}

#endif
