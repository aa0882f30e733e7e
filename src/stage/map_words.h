/* SPDX-License-Identifier: BSD-3-Clause */
/* map_words: the producer of keys of text: my bytes to records, combined. What a key is, the mapper
 * knows. */
#ifndef MAP_WORDS_H
#define MAP_WORDS_H

#include "data/combiner.h"
#include "stage/extraction.h"
#include "stage/producer.h"
#include "stage/scatter.h"
#include "stage/weighted.h"

struct map_words {
    struct scatter scatter; /* where the input comes from */
    struct window window;
    struct extraction extraction; /* where kind_extracts */
    struct combiner combiner;
    struct weighted weighted; /* where lines say how often a key occurs */
    uint32_t *edges;          /* scratch of the mapper */
    bool starved;             /* the window holds only the beginning of a record */
    bool pausing;             /* it is to come to rest */
    bool flushed;             /* the input is at its end and everything is in the outbox */
};

/* Local. `map` is all zero, and borrowed. With a dynamic schedule a round is over when the outbox
 * of any rank is full. Its functions fail with FAIL_INPUT, FAIL_MEMORY and FAIL_VERIFY. */
struct producer map_words_producer(struct map_words *map);

#endif
