/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_block: what all blocks of a count file have in common, a head and a checksum.
 *
 *      0  4  what it is: COUNTS_DATA, COUNTS_INDEX or COUNTS_META
 *      4  4  rows, or entries
 *      8  8  bytes of the payload
 *     16  8  sum of all counts in it, or below it, modulo 2^64
 *     24  8  of an index block: where the first of the blocks begins that it lists, else 0
 *     32  4  of a data block: how many rows hold their whole key; of an index block: its level
 *     36  4  0
 *     40     payload
 *         8  XXH3 (64 bits) of all bytes before */
#ifndef COUNTS_BLOCK_H
#define COUNTS_BLOCK_H

#include "counts/counts_layout.h"

#include <stdbool.h>

struct counts_block {
    uint32_t what, rows;
    uint64_t sum, first;
    uint32_t part; /* restarts, or the level */
    const uint8_t *payload;
    size_t payload_bytes;
    uint64_t checksum;
};

/* Local. How long a block is in the file. */
static inline uint64_t counts_block_bytes(uint64_t payload_bytes)
{
    return COUNTS_HEAD_BYTES + payload_bytes + COUNTS_CHECKSUM_BYTES;
}

/* Local. Writes head and checksum around the payload that lies at bytes + COUNTS_HEAD_BYTES, and
 * sets the checksum of the block. */
void counts_block_seal(uint8_t *bytes, struct counts_block *block);

/* Local. Takes apart a block of `len` bytes that is known by its checksum. NULL where it is what it
 * should be; else what is wrong with it, and *block is not to be used. */
const char *counts_block_open(const uint8_t *bytes, size_t len, uint32_t what, uint64_t checksum,
                              struct counts_block *block);

#endif
