/* SPDX-License-Identifier: BSD-3-Clause */
/* xz_index: the index at the end of a stream of xz data, which has a record of each block: how long
 * it is as stored, and how long its text.
 *
 * The blocks that were decoded are added, then the index is taken byte by byte. Who began in the
 * middle of the stream, or decodes nothing, knows only the last ones, or none: their records must
 * agree, and the others be such as may stand there. */
#ifndef XZ_INDEX_H
#define XZ_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { XZ_INDEX_MARK = 0 }; /* its first byte, which is that of no block */

enum xz_index_part {
    XZ_INDEX_BEGIN,
    XZ_INDEX_COUNT,
    XZ_INDEX_STORED,
    XZ_INDEX_TEXT,
    XZ_INDEX_FILL,
    XZ_INDEX_SUM,
    XZ_INDEX_END
};

/* All zeros at first. */
struct xz_index {
    bool whole;            /* all blocks of the stream are added */
    uint64_t blocks, hash; /* that were added */

    enum xz_index_part part; /* what comes next */
    uint64_t bytes;          /* taken */
    uint64_t records;        /* to come */
    uint64_t records_hash;   /* of those of the blocks */
    uint64_t number, stored;
    size_t number_bytes;
    uint32_t sum;
};

/* Local. Lengths in bytes; `stored` without what fills a block up to a multiple of four. */
void xz_index_add(struct xz_index *index, uint64_t stored, uint64_t text);

/* Local. Takes a byte, unless index->part is XZ_INDEX_END. False: it is damaged, or an index of
 * other blocks. */
bool xz_index_take(struct xz_index *index, uint8_t byte);

#endif
