/* SPDX-License-Identifier: BSD-3-Clause */
/* tally: sums over tokens that every stage must hand on unchanged.
 *
 * The keyed sum adds the folded hash of a key once per token. It never adds the raw product, which
 * is linear enough to miss {aa, bb} taken for {ab, ba}. Sums are exact in 128 bits. */
#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>
#include <stdint.h>

struct tally {
    uint64_t tokens;
    unsigned __int128 keyed; /* sum of count * hash */
};

static inline void tally_add(struct tally *tally, uint64_t count, uint64_t hash)
{
    tally->tokens += count;
    tally->keyed += (unsigned __int128)hash * count;
}

static inline void tally_join(struct tally *tally, const struct tally *more)
{
    tally->tokens += more->tokens;
    tally->keyed += more->keyed;
}

#endif
