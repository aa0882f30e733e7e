/* SPDX-License-Identifier: BSD-3-Clause */
/* text: the sorted records of this rank as lines, a buffer at a time, checked while they are
 * written. No communication. */
#ifndef TEXT_H
#define TEXT_H

#include "box.h"
#include "ranking.h"

struct job;

struct text {
    struct box *bins; /* borrowed */
    uint64_t limit;   /* records to write */
    uint64_t records; /* written so far */
    uint64_t bytes;   /* written so far, those in the buffer included */
    size_t bin;       /* the next to load */
    struct ranking_run run;
    uint8_t *buffer;
    size_t len, cap;           /* in the buffer; room */
    uint64_t last[3];          /* rank of the last record */
    const uint8_t *last_bytes; /* of a long key */
    size_t last_len;
    struct ranking_mark first_mark, last_mark;
};

/* Local. Reads bins from the first on, at most `limit` records. False with fail set. */
bool text_init(struct job *job, struct text *text, struct box *bins, uint64_t limit);

/* Local. Appends lines to the buffer until it holds at least `want` bytes or there are no more.
 * Adds the records to job->verify.sorted. False with fail set: memory, or two records out of order.
 */
bool text_fill(struct job *job, struct text *text, size_t want);

/* Local. Removes the first `len` bytes of the buffer. */
void text_drop(struct text *text, size_t len);

/* Local. Adds the records beyond the limit to job->verify.sorted, without sorting them. False with
 * fail set. */
bool text_skip_rest(struct job *job, struct text *text);

/* Local. Idempotent. */
void text_free(struct job *job, struct text *text);

#endif
