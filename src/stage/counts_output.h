/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_output: the result of a run as a count file, which all ranks write. Each gives a stretch
 * of the keys, in rank order. Who gives others than whole chapters (counts_writer.h) has what is
 * before its first chapter handed to the rank whose chapter that is.
 *
 *     counts_output_begin, counts_output_add for each record; counts_output_align, unless all are
 *     whole chapters; counts_output_end; counts_output_place; where that says so, begin, add and
 *     end again; all of that as often as is wanted, each round with keys behind those of the last;
 *     counts_output_finish
 *
 * Where its blocks are to stand a rank knows when all know how much they write in this round: until
 * then it holds them while there is memory for them, and else they are made once more. Rank 0,
 * whose blocks are the first, writes them at once. */
#ifndef COUNTS_OUTPUT_H
#define COUNTS_OUTPUT_H

#include "counts/counts_meta.h"
#include "counts/counts_writer.h"
#include "data/ranking.h"
#include "output/output.h"

struct job;

struct counts_output {
    struct counts_writer writer;
    bool scarce; /* given: memory is needed elsewhere, and no blocks are held */
    bool clumsy; /* there is no memory for what is to be handed on: one rank has to give all */

    /* Private. */
    struct job *job;
    struct output *output; /* borrowed; that of rank 0 may be the only one that is open */
    enum counts_output_way { COUNTS_OUTPUT_HOLD, COUNTS_OUTPUT_FORGET, COUNTS_OUTPUT_WRITE } way;
    struct buffer held;
    uint64_t bytes;    /* of the blocks of the stretch, so far */
    uint64_t place;    /* where they stand */
    uint64_t data_end; /* of all rounds before */
    bool again;        /* they are made once more, and come to `due` */
    uint64_t due;
    struct counts_totals totals; /* rank 0: of all rounds before, as what follows */
    struct buffer entries;
    struct ranking_mark last;
    struct ranking_mark first;
    bool any;           /* the stretch may begin within a chapter */
    bool behind;        /* a chapter has ended in it */
    bool aligned;       /* head and tail are where they belong */
    struct buffer head; /* records up to there, for a rank before */
    struct buffer tail; /* those of ranks behind, that end our last chapter */
};

/* Local. Begins the stretch of this rank; the first time with {0}, but for what is given. `any`: it
 * may begin within a chapter. On rank 0 the first one writes the header. counts_output_free is due,
 * also where it is false with fail set. */
bool counts_output_begin(struct counts_output *out, struct job *job, struct output *output,
                         bool any);

/* Local. Adds the next record. False with fail set. */
bool counts_output_add(struct counts_output *out, const struct record *record);

/* Collective: agree, Iallgather, agree, Isend and Irecv between ranks. Where chapters lie across
 * ranks, all of them comes to the rank where they begin. False, agreed. */
bool counts_output_align(struct counts_output *out);

/* Local. The stretch is complete. False with fail set: also where what was made again has other
 * bytes than before. */
bool counts_output_end(struct counts_output *out);

/* Collective: agree, Iallgather, agree, those of gatherv_bytes. Finds the place of each stretch,
 * and writes what is held. *again: this rank has to make its stretch once more. FAIL_VERIFY: the
 * stretches do not follow each other. False with fail set; what was written is not agreed on. */
bool counts_output_place(struct counts_output *out, bool *again);

/* Collective: agree, agree. Writes what stands behind the data blocks, and brings all of it to the
 * disk. On rank 0 *totals are those of the file, and *bytes its length. False, agreed. */
bool counts_output_finish(struct counts_output *out, const struct counts_meta *meta,
                          struct counts_totals *totals, uint64_t *bytes);

/* Local. Idempotent; also of {0}. */
void counts_output_free(struct counts_output *out);

#endif
