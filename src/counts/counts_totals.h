/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_totals: what is known of all records of a count file, or of a part of it. */
#ifndef COUNTS_TOTALS_H
#define COUNTS_TOTALS_H

#include "counts/counts_layout.h"

struct counts_totals {
    unsigned __int128 sum; /* of the counts */
    uint64_t records, key_bytes;
    uint64_t longest;             /* key, in bytes */
    uint64_t largest;             /* count */
    uint64_t of[COUNTS_SPECTRUM]; /* how many have a count of 1, 2, ... */
    uint64_t blocks, block_bytes; /* of data */
};

static inline void counts_totals_count(struct counts_totals *totals, size_t key_len, uint64_t count)
{
    totals->sum += count;
    totals->records++;
    totals->key_bytes += key_len;
    totals->longest = key_len > totals->longest ? key_len : totals->longest;
    totals->largest = count > totals->largest ? count : totals->largest;
    if (count - 1 < COUNTS_SPECTRUM)
        totals->of[count - 1]++;
}

/* Local. Adds those of another part. */
static inline void counts_totals_add(struct counts_totals *totals, const struct counts_totals *part)
{
    totals->sum += part->sum;
    totals->records += part->records;
    totals->key_bytes += part->key_bytes;
    totals->longest = part->longest > totals->longest ? part->longest : totals->longest;
    totals->largest = part->largest > totals->largest ? part->largest : totals->largest;
    for (int i = 0; i < COUNTS_SPECTRUM; i++)
        totals->of[i] += part->of[i];
    totals->blocks += part->blocks;
    totals->block_bytes += part->block_bytes;
}

#endif
