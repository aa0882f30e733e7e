/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_output: the result of a run as a count file, which all ranks write. Each has a stretch of
 * the keys, in rank order, that begins and ends where chapters do (counts_writer.h); what is left
 * of a chapter that began before it belongs to the rank before.
 *
 *     counts_output_begin, counts_output_add for each record, counts_output_end;
 *     counts_output_place; where that says so, all of it but counts_output_place again;
 *     counts_output_finish
 *
 * Where its blocks are to stand a rank knows when all know how much they write: until then it holds
 * them while there is memory for them, and else they are made once more. Rank 0, whose blocks are
 * the first, writes them at once. */
#ifndef COUNTS_OUTPUT_H
#define COUNTS_OUTPUT_H

#include "counts/counts_meta.h"
#include "counts/counts_writer.h"
#include "data/ranking.h"
#include "output/output.h"

struct job;

struct counts_output {
    struct counts_writer writer;

    /* Private. */
    struct job *job;
    struct output *output; /* borrowed; that of rank 0 may be the only one that is open */
    enum counts_output_way { COUNTS_OUTPUT_HOLD, COUNTS_OUTPUT_FORGET, COUNTS_OUTPUT_WRITE } way;
    struct buffer held;
    uint64_t bytes, due; /* of the blocks so far; of the same when they were made first, 0: they
                            were not */
    uint64_t place;      /* where they stand */
    struct ranking_mark first;
};

/* Local. Begins the stretch of this rank; the first time with {0}. On rank 0 it writes the header.
 * counts_output_free is due, also where it is false with fail set. */
bool counts_output_begin(struct counts_output *out, struct job *job, struct output *output);

/* Local. Adds the next record. False with fail set. */
bool counts_output_add(struct counts_output *out, const struct record *record);

/* Local. The stretch is complete. False with fail set: also where what was made again has other
 * bytes than before. */
bool counts_output_end(struct counts_output *out);

/* Collective: Iexscan. Finds the place of each stretch, and writes what is held. *again: this rank
 * has to make its stretch once more. False with fail set, not agreed. */
bool counts_output_place(struct counts_output *out, bool *again);

/* Collective: agree, Iallgather, agree, those of gatherv_bytes, agree, agree. Writes what stands
 * behind the data blocks, and brings all of it to the disk. On rank 0 *totals are those of the
 * file, and *bytes its length. FAIL_VERIFY: the stretches do not follow each other. False, agreed.
 */
bool counts_output_finish(struct counts_output *out, const struct counts_meta *meta,
                          struct counts_totals *totals, uint64_t *bytes);

/* Local. Idempotent; also of {0}. */
void counts_output_free(struct counts_output *out);

#endif
