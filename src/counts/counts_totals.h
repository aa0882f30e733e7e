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

/* Of records that are added one by one: what does not follow from how many they are and the sum of
 * their counts. The last of `of` is for all counts that are larger, so that there is no branch. */
struct counts_totals_rows {
    uint64_t key_bytes, longest, largest;
    uint64_t of[COUNTS_SPECTRUM + 1];
};

static inline void counts_totals_row(struct counts_totals_rows *rows, size_t key_len,
                                     uint64_t count)
{
    rows->key_bytes += key_len;
    rows->longest = key_len > rows->longest ? key_len : rows->longest;
    rows->largest = count > rows->largest ? count : rows->largest;
    rows->of[count - 1 < COUNTS_SPECTRUM ? count - 1 : COUNTS_SPECTRUM]++;
}

/* Local. Adds a block of so many bytes, of these records; `rows` is empty then. */
static inline void counts_totals_block(struct counts_totals *totals, size_t bytes, uint32_t records,
                                       unsigned __int128 sum, struct counts_totals_rows *rows)
{
    totals->sum += sum;
    totals->records += records;
    totals->key_bytes += rows->key_bytes;
    totals->longest = rows->longest > totals->longest ? rows->longest : totals->longest;
    totals->largest = rows->largest > totals->largest ? rows->largest : totals->largest;
    for (int i = 0; i < COUNTS_SPECTRUM; i++)
        totals->of[i] += rows->of[i];
    totals->blocks++;
    totals->block_bytes += bytes;
    *rows = (struct counts_totals_rows){0};
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
