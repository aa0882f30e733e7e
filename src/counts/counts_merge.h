/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_merge: several count files as one: their keys in order, each once, with what all of them
 * have of it. */
#ifndef COUNTS_MERGE_H
#define COUNTS_MERGE_H

#include "counts/counts_reader.h"

/* What a file has next. */
struct counts_merge_head {
    struct record record;
    uint64_t word[3]; /* its rank in the order of keys */
    bool ended;       /* it has no more */
};

struct counts_merge {
    struct record record; /* at hand; its count is the sum */
    size_t files;         /* that have its key */

    /* Private. */
    struct mem *mem;
    struct counts_reader *readers;
    struct counts_merge_head *heads;
    size_t *tree; /* the file whose key is least, then the losers of all games but the last */
    size_t len;
    uint64_t word[3]; /* of the record at hand */
    uint8_t *key;     /* a long one */
    size_t key_cap;
};

/* Local. Begins where the readers are, which stay the caller's: one at least. counts_merge_free is
 * due, also where it is false with fail set. */
bool counts_merge_init(struct counts_merge *merge, struct mem *mem, struct counts_reader *readers,
                       size_t len, struct fail *fail);

/* Local. Moves to the next key. counts, unless it is NULL, gets what each file has of it. False at
 * the end, or with fail set; FAIL_MEMORY where a sum is beyond 64 bits. */
bool counts_merge_next(struct counts_merge *merge, uint64_t *counts, struct fail *fail);

/* Local. Idempotent; also of {0}. */
void counts_merge_free(struct counts_merge *merge);

#endif
