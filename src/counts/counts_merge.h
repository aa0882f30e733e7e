/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_merge: several count files as one: their keys in order, each once, with what all of them
 * have of it. */
#ifndef COUNTS_MERGE_H
#define COUNTS_MERGE_H

#include "counts/counts_reader.h"

enum { COUNTS_MERGE_ROWS = 64 };

/* A record of a file. */
struct counts_merge_row {
    uint64_t high, low; /* its key in the order of keys, see order.h; all bits: there is none */
    uint64_t count;
    size_t len, place; /* of the key; a long one lies there, in `keys` */
};

/* What a file has next. It is read ahead, so that no comparison waits for rows to be decoded. */
struct counts_merge_file {
    struct counts_merge_row *next, *end;
    uint8_t *keys; /* long ones */
    size_t keys_len, keys_cap;
    struct counts_merge_row rows[COUNTS_MERGE_ROWS];
};

struct counts_merge {
    struct record record; /* at hand; its count is the sum */
    size_t files;         /* that have its key */

    /* Private. */
    struct mem *mem;
    struct counts_reader *readers;
    struct counts_merge_file *ahead;
    size_t *tree; /* the file whose key is least, then the losers of all games but the last */
    size_t len;
    struct counts_merge_row row; /* at hand */
    const uint8_t *bytes;        /* of its key, if that is a long one */
    struct buffer key;           /* it, where the file that had it has read on */
};

/* Local. Begins where the readers are, which stay the caller's: one at least. They are somewhere
 * ahead from then on. counts_merge_free is due, also where it is false with fail set. */
bool counts_merge_init(struct counts_merge *merge, struct mem *mem, struct counts_reader *readers,
                       size_t len, struct fail *fail);

/* Local. Moves to the next key. counts, unless it is NULL, gets what each file has of it. False at
 * the end, or with fail set; FAIL_MEMORY where a sum is beyond 64 bits. */
bool counts_merge_next(struct counts_merge *merge, uint64_t *counts, struct fail *fail);

/* Local. Idempotent; also of {0}. */
void counts_merge_free(struct counts_merge *merge);

#endif
