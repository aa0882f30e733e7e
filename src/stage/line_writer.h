/* SPDX-License-Identifier: BSD-3-Clause */
/* line_writer: the sorted records of this rank as lines, a buffer at a time, checked while they are
 * written. No communication. */
#ifndef LINE_WRITER_H
#define LINE_WRITER_H

#include "data/bins.h"
#include "data/tally.h"
#include "format/format.h"

struct env;

/* What is written, and how. */
struct line_writer_part {
    const struct format *format; /* borrowed */
    uint64_t limit;              /* records to write */
    struct format_place before;  /* of the record before the first of them */
    bool head;                   /* the head of the result comes first */
};

struct line_writer {
    struct bins_reader reader;
    struct line_writer_part part;
    struct format_place place; /* of the last record written */
    uint64_t records;          /* written so far */
    uint64_t bytes;            /* written so far, those in the buffer included */
    uint8_t *buffer;
    size_t len, cap;           /* in the buffer; room */
    uint64_t last[3];          /* rank of the last record */
    const uint8_t *last_bytes; /* of a long key */
    size_t last_len;
    uint8_t *last_copy; /* of it, where the bin that it was in is gone */
    size_t last_cap;
    struct ranking_mark first_mark, last_mark;
    struct tally tally; /* of all records seen, written or not */
};

/* Local. Reads bins from the first on; `keeps`: they are read again by somebody else. False with
 * fail set. */
bool line_writer_init(struct env *env, struct line_writer *writer, struct bins *bins, bool keeps,
                      const struct line_writer_part *part);

/* Local. Appends lines to the buffer until it holds at least `want` bytes or there are no more.
 * Tallies the records. False with fail set: memory, or two records out of order. */
bool line_writer_fill(struct env *env, struct line_writer *writer, size_t want);

/* Local. Removes the first `len` bytes of the buffer. */
void line_writer_drop(struct line_writer *writer, size_t len);

/* Local. Tallies the records beyond the limit, without sorting them. False with fail set. */
bool line_writer_skip_rest(struct env *env, struct line_writer *writer);

/* Local. Idempotent. */
void line_writer_free(struct env *env, struct line_writer *writer);

#endif
