/* SPDX-License-Identifier: BSD-3-Clause */
/* apply_rules: the producer of a second pass. Its input are the distinct chunks of text of a first
 * one with their counts; what rules make of each has its count. The words of a vocabulary come
 * first, with a count of 0. */
#ifndef APPLY_RULES_H
#define APPLY_RULES_H

#include "data/combiner.h"
#include "stage/producer.h"
#include "stage/reduce.h"

struct apply_rules {
    struct combiner combiner;
    struct reduce *chunks; /* borrowed; becomes empty */
    struct parcel at_hand; /* chunks that are counted, but not taken */
    struct tally taken;    /* of the chunks that were taken */
    uint64_t invalid;      /* occurrences of words that are no UTF-8 */
    uint64_t outside;      /* occurrences of words that are not in the vocabulary */
    bool flushed;          /* all words are put */
    struct {
        bool left;      /* words of it are to be put */
        size_t at;      /* the place in it */
        uint64_t words; /* so far: at the end of all ranks, since each goes through all */
    } vocabulary;
};

/* Local. `chunks` is what the first pass made, with env.rules; `apply` is otherwise all zero, and
 * borrowed. Its functions fail with FAIL_INPUT (ranks have different lists of words), FAIL_MEMORY
 * and FAIL_VERIFY. */
struct producer apply_rules_producer(struct apply_rules *apply);

#endif
