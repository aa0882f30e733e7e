/* SPDX-License-Identifier: BSD-3-Clause */
/* A mark, the number of records, the records, zeros up to a multiple of four, and the CRC of it
 * all. Any number of blocks is kept as the hash of their lengths. */
#include "input/xz_index.h"

#include <lzma.h>
#include <xxhash.h>

enum { FOUR = 4, BYTE_BITS = 8, LEAST_STORED = 5 /* a header is at least as long */ };

static uint64_t add(uint64_t hash, uint64_t stored, uint64_t text)
{
    const uint64_t block[] = {hash, stored, text};
    return XXH3_64bits(block, sizeof block);
}

void xz_index_add(struct xz_index *index, uint64_t stored, uint64_t text)
{
    index->hash = add(index->hash, stored, text);
    index->blocks++;
}

/* A record begins, or nothing is to come but what fills up. */
static bool next_record(struct xz_index *index)
{
    index->part = index->records > 0 ? XZ_INDEX_STORED : XZ_INDEX_FILL;
    return index->records > 0 || index->records_hash == index->hash;
}

/* Takes a number that is complete. */
static bool take_number(struct xz_index *index)
{
    const uint64_t number = index->number;
    switch (index->part) {
    case XZ_INDEX_COUNT:
        index->records = number;
        return (index->whole ? number == index->blocks : number >= index->blocks)
            && next_record(index);
    case XZ_INDEX_STORED:
        index->stored = number;
        index->part = XZ_INDEX_TEXT;
        return number >= LEAST_STORED;
    default:
        if (index->records-- <= index->blocks)
            index->records_hash = add(index->records_hash, index->stored, number);
        return next_record(index);
    }
}

static bool take_digit(struct xz_index *index, uint8_t byte)
{
    size_t taken = 0;
    switch (lzma_vli_decode(&index->number, &index->number_bytes, &byte, &taken, 1)) {
    case LZMA_OK:
        return true;
    case LZMA_STREAM_END:
        index->number_bytes = 0;
        return take_number(index);
    default:
        return false;
    }
}

static bool take_summed(struct xz_index *index, uint8_t byte)
{
    index->sum = lzma_crc32(&byte, 1, index->sum);
    if (index->part == XZ_INDEX_FILL)
        return byte == 0;
    if (index->part != XZ_INDEX_BEGIN)
        return take_digit(index, byte);
    index->part = XZ_INDEX_COUNT;
    return byte == XZ_INDEX_MARK;
}

bool xz_index_take(struct xz_index *index, uint8_t byte)
{
    const uint64_t place = index->bytes++ % FOUR;
    const bool ends_four = place + 1 == FOUR;
    if (index->part == XZ_INDEX_SUM) {
        index->part = ends_four ? XZ_INDEX_END : XZ_INDEX_SUM;
        return byte == (uint8_t)(index->sum >> BYTE_BITS * place);
    }
    const bool good = take_summed(index, byte);
    if (index->part == XZ_INDEX_FILL && ends_four)
        index->part = XZ_INDEX_SUM;
    return good;
}
