/* SPDX-License-Identifier: BSD-3-Clause */
/* estimate: from a sample of a text to all of it. Pure functions.
 *
 * The sample came in lots, each a fair sample of its own. How fast the number of different keys
 * grows at the end of the sample is seen without a model: a lot has so many keys that no other lot
 * has, and they are what the sample would lack without it. As a slope in a double logarithmic plot
 * that is 1 where no key occurs twice and 0 where all are known. It is seen in the same way at the
 * end of each lot before, and so how it falls with the size of the sample. It is taken to go on
 * falling like that, or somewhat faster, or hardly at all: these are the likely number, the least
 * and the most. Words of real text come in clumps, so that a piece of text has each of its rare
 * words several times: how many words occur once says less than how many are in one lot only. */
#ifndef ESTIMATE_H
#define ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ESTIMATE_LOTS = 32 };

struct estimate_range {
    double low, likely, high;
};

struct estimate_sample {
    size_t lots;
    double all_bytes;             /* of the whole, in the same measure as: */
    double bytes[ESTIMATE_LOTS];  /* of each lot */
    double tokens[ESTIMATE_LOTS]; /* in each */
    /* Keys that came first in lot [i], and the next time in lot [j]; in [ESTIMATE_LOTS]: never. */
    uint64_t keys[ESTIMATE_LOTS][ESTIMATE_LOTS + 1];
    bool beginnings; /* lots are no fair samples: each goes on where the one before has ended */
};

struct estimate {
    struct estimate_range tokens, keys; /* of the whole */
    double known_tokens, known_keys;    /* of the sample */
    double slope, trend; /* how the keys grow at its end; how the slope does, in a logarithm */
};

/* Local. Of at least one lot with tokens; of none all is 0. */
struct estimate estimate_whole(const struct estimate_sample *sample);

/* Local. How many tokens have so many different keys, about. */
double estimate_tokens_with(const struct estimate *estimate, double keys);

/* Local. The bytes of all keys, where those that came last had `mean` each, and those that are
 * known `known_bytes` together. */
struct estimate_range estimate_bytes(const struct estimate *estimate, double known_bytes,
                                     double mean);

/* Local. The part of all keys that occurs at least so often. Source: S. Karlin, Central limit
 * theorems for certain infinite urn schemes, 1967. */
double estimate_kept(const struct estimate *estimate, uint64_t min_count);

#endif
