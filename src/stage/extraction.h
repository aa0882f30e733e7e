/* SPDX-License-Identifier: BSD-3-Clause */
/* extraction: the text of records, between the window and the mapper. */
#ifndef EXTRACTION_H
#define EXTRACTION_H

#include "extract/extractor.h"

struct job;

struct extraction {
    struct block block; /* of the text that was extracted last; empty when it is dealt with */
    uint8_t *text;
    size_t text_bytes;
    size_t mapped;  /* bytes of the block that the mapper has accounted for */
    uint64_t head;  /* of the file in the window, see extractor.h */
    uint64_t lines; /* of the file, or its range, that are dealt with */
    struct extractor_sums sums;
};

/* Local. False with fail set. */
bool extraction_init(struct job *job, struct extraction *extraction);

/* Local. Extracts what it can from the window, accounts for it, and moves the window on. False with
 * FAIL_INPUT: a malformed record; with FAIL_MEMORY: no room for one. */
bool extraction_more(struct job *job, struct extraction *extraction, struct window *window);

/* Local. The block is dealt with up to `next`, by so many bytes of records and gaps. False with
 * FAIL_VERIFY where it ends and these are not all. */
bool extraction_advance(struct job *job, struct extraction *extraction, size_t next,
                        uint64_t within, uint64_t bytes);

/* Local. Idempotent. */
void extraction_free(struct job *job, struct extraction *extraction);

#endif
