/* SPDX-License-Identifier: BSD-3-Clause */
/* bins: what a rank holds of the result, as stretches of the order that follow each other. A bin is
 * sorted when it is read. What memory does not hold of them is spilled; a bin that is too large to
 * be sorted in memory is first divided into bins of its own. */
#ifndef BINS_H
#define BINS_H

#include "data/box.h"
#include "data/ranking.h"
#include "data/spill_read.h"

struct bins {
    enum order order;
    struct box box;
    struct spill spill; /* in use where there is scratch space */
};

/* Local. Empty bins; without scratch space, or with none in it, they stay in memory. False with
 * fail set. */
bool bins_init(struct bins *bins, enum order order, struct arena *arena,
               struct scratch_space *space, size_t len, struct fail *fail);

/* Local. Whether they can be spilled. */
static inline bool bins_spill(const struct bins *bins)
{
    return bins->spill.arena != NULL;
}

/* Local. Spills all that is in memory. False with fail set. */
bool bins_empty_memory(struct bins *bins, struct fail *fail);

/* Local. */
uint64_t bins_records(const struct bins *bins);

/* Local. Shows all records of a bin, in any order. False with fail set. */
bool bins_walk(struct bins *bins, size_t bin, spill_visitor *visitor, void *context,
               struct fail *fail);

/* Local. Idempotent; {0} is fine. */
void bins_free(struct bins *bins);

/* Reads all records in their order. */
struct bins_reader {
    struct bins *bins;        /* borrowed */
    bool keeps;               /* given: what is spilled is wanted again */
    size_t next;              /* the bin to load */
    struct bins_inner *inner; /* of bin next - 1: it is read before; NULL: there are none */
    struct ranking_run run;   /* of the bin at hand */
    struct parcel at_hand;    /* its records, where they were spilled */
    size_t divided;           /* how many bins were divided */
};

/* Local. Loads the next bin that has records: its first becomes *record. What the run
 * before lent is gone. False at the end, or with fail set. */
bool bins_load(struct bins_reader *reader, struct record *record, struct fail *fail);

/* Local. The next record, whose bytes are borrowed until the next bin is loaded. False at the end,
 * or with fail set. */
static inline bool bins_next(struct bins_reader *reader, struct record *record, struct fail *fail)
{
    return ranking_next(&reader->run, record) || bins_load(reader, record, fail);
}

/* Local. Shows all records that were not read, in any order, and is at the end. False with fail
 * set. */
bool bins_skip(struct bins_reader *reader, spill_visitor *visitor, void *context,
               struct fail *fail);

/* Local. Idempotent. */
void bins_close(struct bins_reader *reader);

#endif
