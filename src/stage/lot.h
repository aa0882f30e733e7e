/* SPDX-License-Identifier: BSD-3-Clause */
/* lot: a part of the input that is counted as an input is, up to the reduction, for what its keys
 * show. No result is made of it. */
#ifndef LOT_H
#define LOT_H

#include "data/census.h"
#include "stage/plan.h"

struct count_files;
struct job;

/* What was counted: [0] words, or whatever is counted; [1] with rules, chunks of which they are
 * made. Only numbers, so that those of all ranks can be added. */
struct lot_sums {
    uint64_t tokens[2], keys[2], singles[2]; /* singles: keys that occurred once */
    uint64_t record_bytes[2];                /* see census_record_bytes */
    uint64_t kept, line_bytes;               /* keys that --min-count leaves; of their lines */
    uint64_t received;                       /* records that were reduced */
    uint64_t stored_bytes;                   /* of the input */
    uint64_t map_ns, rest_ns;                /* that the bytes took, and the records */
    uint64_t asked[2], found[2]; /* keys that were looked for in count files: any, single ones */
};

struct lot {
    struct census *words, *chunks; /* borrowed; NULL: nobody wants it */
    unsigned number;               /* in these */
    struct count_files *beside;    /* borrowed; NULL: there are none */
    uint64_t most_asked;           /* of this rank's keys */
    struct lot_sums sums;          /* of this rank */
    uint64_t asked_ns;             /* that asking took */
};

/* Collective: those of pass_run, with rules twice; agree, those of reduce_check. Counts, and
 * empties the sums before. False, agreed. */
bool lot_count(struct job *job, struct lot *lot, const struct plan *plan);

#endif
