/* SPDX-License-Identifier: BSD-3-Clause */
/* reduce: the records of my part of the hash space, and at the end their exact counts, a partition
 * at a time as whoever comes next wants them. Local but for the agreements. */
#ifndef REDUCE_H
#define REDUCE_H

#include "data/spill.h"
#include "data/table.h"

struct job;

/* Who is shown the keys that are counted for good, a settled parcel of them at a time. False with
 * fail set. */
typedef bool reduce_visitor(struct job *job, void *context, const struct parcel *keys);

enum { REDUCE_FINGERPRINT_SEED = 1 };

struct reduce {
    uint64_t min_count;      /* given: keys below it are dropped at the end */
    reduce_visitor *visitor; /* given; NULL: nobody wants to see them */
    void *context;           /* of it, borrowed */
    bool followed;           /* given: while its partitions are counted another one is filled, */
    bool beside_spilled;     /* given: which this is, and the other one has spilled */
    const char *log;         /* given: of a checkpoint, where it spills to; NULL: to scratch */
    struct scratch_space *log_space; /* given: then that of its folder; borrowed */
    struct box parts;     /* records not counted yet, by partition: each small enough to be
                             counted in cache */
    struct spill spill;   /* what memory did not hold; in use where there is scratch space */
    size_t next_part;     /* those before it are counted for good */
    size_t pieces, piece; /* of the next one, where it is large; the next of them */
    struct table table;   /* one partition at a time */
    size_t limit_bytes;   /* of records, before they are combined in place */
    struct tally mapped;  /* given by the pass: what this rank has put out */
    struct tally reduced; /* of all keys that are counted for good */
    struct tally kept;    /* of those that --min-count leaves */
    uint64_t distinct_words, kept_words; /* how many these are */
    uint64_t fingerprint;                /* see struct snapshot_totals */
};

/* Collective: agree. */
bool reduce_init(struct job *job, struct reduce *reduce, struct box *inbox);

/* Collective: agree. Takes the records of the inbox; when there are more than the memory allows,
 * counts what is there so that equal keys become one record, and when that does not help spills all
 * of it. FAIL_OUTPUT; without a disk FAIL_MEMORY, with a lower bound of what would do. */
bool reduce_add(struct job *job, struct reduce *reduce, struct box *inbox);

/* Local, with a log. All that came so far is on the disk, in *bytes of the log. False with fail set
 * to FAIL_OUTPUT, and what is not there still in memory. */
bool reduce_put_by(struct job *job, struct reduce *reduce, uint64_t *bytes);

/* Collective: agree. All records are in: makes room for what it takes to count them. */
bool reduce_settle(struct job *job, struct reduce *reduce);

/* Local. Whether there is a disk for what memory does not hold. */
static inline bool reduce_spills(const struct reduce *reduce)
{
    return reduce->spill.arena != NULL;
}

/* Local. Whether there is another partition. */
static inline bool reduce_left(const struct reduce *reduce)
{
    return reduce->next_part < reduce->parts.len;
}

/* Local. Counts the next partition for good, or a piece of it, and appends a record for each key
 * that --min-count leaves to `out`, settled. False with fail set. */
bool reduce_next(struct job *job, struct reduce *reduce, struct parcel *out);

/* Collective: Iallreduce (totals), Iallreduce (tokens and keyed sums), agree. When all partitions
 * are counted: what was mapped is what was counted, and as many keys as there must be. The totals
 * of the run become those of this reduction. FAIL_VERIFY. */
bool reduce_check(struct job *job, const struct reduce *reduce);

/* Local. The part of a record in the fingerprint of a result, which is the sum of all: the same for
 * the same keys and counts, whatever ranks, seed or order. `fixed` is made from
 * REDUCE_FINGERPRINT_SEED. */
uint64_t reduce_fingerprint(const struct hash_seed *fixed, const struct record *record);

/* Local. Idempotent. */
void reduce_free(struct reduce *reduce);

#endif
