/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_ends: the header and the footer of a count file. Both are the same for the same counts.
 *
 * header   0  8  magic
 *          8  4  major, minor version, two bytes each
 *         12  4  order of the records (0: by key), what counts are (0), codec (0: none), 0
 *         16  4  where the rows of a data block reach so many bytes, it ends
 *         20  4  every such row holds its whole key
 *         24 32  0
 *         56  8  XXH3 of all bytes before
 *
 * footer   0  8  `MWCf`; major, minor version
 *          8 24  the root of the index: where it begins, its bytes, its checksum
 *         32 24  the meta block, likewise
 *         56  8  records
 *         64 16  sum of all counts, 128 bits
 *         80 32  bytes of all keys, the longest key, the largest count, data blocks
 *        112 64  how many records have a count of 1, 2, ... 8
 *        176 16  levels of the index, bytes of the file
 *        192 48  0
 *        240  8  XXH3 of all bytes before
 *        248  8  magic */
#ifndef COUNTS_ENDS_H
#define COUNTS_ENDS_H

#include "counts/counts_totals.h"

#include <stdbool.h>

/* A block, as the footer knows it. */
struct counts_ends_place {
    uint64_t at, bytes, checksum;
};

struct counts_ends_header {
    uint32_t target_bytes, restart;
};

struct counts_ends_footer {
    struct counts_ends_place root, meta;
    struct counts_totals totals;
    uint64_t levels, file_bytes;
};

/* Local. */
void counts_ends_put_header(uint8_t bytes[COUNTS_HEADER_BYTES],
                            const struct counts_ends_header *header);
void counts_ends_put_footer(uint8_t bytes[COUNTS_FOOTER_BYTES],
                            const struct counts_ends_footer *footer);

/* Local. What is wrong with them; NULL: nothing, and all places lie in a file of `file_bytes`. */
const char *counts_ends_get_header(const uint8_t bytes[COUNTS_HEADER_BYTES],
                                   struct counts_ends_header *header);
const char *counts_ends_get_footer(const uint8_t bytes[COUNTS_FOOTER_BYTES], uint64_t file_bytes,
                                   struct counts_ends_footer *footer);

#endif
