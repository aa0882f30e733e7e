/* SPDX-License-Identifier: BSD-3-Clause */
/* reduce: the records of my part of the hash space, and at the end their exact counts. Local but
 * for the agreements. */
#ifndef REDUCE_H
#define REDUCE_H

#include "data/box.h"
#include "data/table.h"

struct job;

struct reduce {
    uint64_t min_count; /* given: keys below it are dropped at the end */
    struct box
        parts; /* records not counted yet, by partition: each small enough to be counted in cache */
    struct table table;      /* one partition at a time */
    size_t limit_bytes;      /* of records, before they are combined in place */
    struct box distinct;     /* after reduce_finish: one record a key, by partition */
    uint64_t distinct_words; /* of this rank, before --min-count */
    uint64_t kept_words;     /* and after it */
};

/* Collective: agree. */
bool reduce_init(struct job *job, struct reduce *reduce, struct box *inbox);

/* Collective: agree. Takes the records of the inbox; when there are more than the memory allows,
 * counts what is there so that equal keys become one record. FAIL_MEMORY, with a lower bound of
 * what would do, when that does not help. */
bool reduce_add(struct job *job, struct reduce *reduce, struct box *inbox);

/* Collective: agree, then the sums of the verification. Counts every partition for good and drops
 * keys below --min-count. */
bool reduce_finish(struct job *job, struct reduce *reduce);

/* Local. Idempotent. */
void reduce_free(struct reduce *reduce);

#endif
