/* SPDX-License-Identifier: BSD-3-Clause */
/* Heads and checksums. */
#include "counts/counts_block.h"

#include <xxhash.h>

void counts_block_seal(uint8_t *bytes, struct counts_block *block)
{
    const size_t len = COUNTS_HEAD_BYTES + block->payload_bytes;
    counts_layout_put32(bytes, block->what);
    counts_layout_put32(bytes + 4, block->rows);
    counts_layout_put64(bytes + 8, block->payload_bytes);
    counts_layout_put64(bytes + 16, block->sum);
    counts_layout_put64(bytes + 24, block->first);
    counts_layout_put32(bytes + 32, block->part);
    counts_layout_put32(bytes + 36, 0);
    block->checksum = XXH3_64bits(bytes, len);
    counts_layout_put64(bytes + len, block->checksum);
}

const char *counts_block_open(const uint8_t *bytes, size_t len, uint32_t what, uint64_t checksum,
                              struct counts_block *block)
{
    if (len < counts_block_bytes(0))
        return "a block without room for its head";
    const size_t covered = len - COUNTS_CHECKSUM_BYTES;
    if (counts_layout_get64(bytes + covered) != checksum)
        return "another block than the one that belongs here";
    if (XXH3_64bits(bytes, covered) != checksum)
        return "the checksum of the block does not hold";
    if (counts_layout_get32(bytes) != what)
        return "a block of another kind";
    if (counts_layout_get64(bytes + 8) != covered - COUNTS_HEAD_BYTES
        || counts_layout_get32(bytes + 36) != 0)
        return "a malformed head of a block";
    *block = (struct counts_block){.what = what,
                                   .rows = counts_layout_get32(bytes + 4),
                                   .sum = counts_layout_get64(bytes + 16),
                                   .first = counts_layout_get64(bytes + 24),
                                   .part = counts_layout_get32(bytes + 32),
                                   .payload = bytes + COUNTS_HEAD_BYTES,
                                   .payload_bytes = covered - COUNTS_HEAD_BYTES,
                                   .checksum = checksum};
    return NULL;
}
