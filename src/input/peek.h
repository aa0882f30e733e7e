/* SPDX-License-Identifier: BSD-3-Clause */
/* peek: a few bytes at any place of a file, for those who look at the heads of what it holds and
 * pass over the rest. */
#ifndef PEEK_H
#define PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is near costs no further read: heads may follow each other closely. */
enum { PEEK_BYTES = 4096 };

struct peek {
    int fd;         /* borrowed; of a file, not of a stream */
    uint64_t bytes; /* where it ends */
    uint64_t at;    /* of what was read last */
    size_t len;
    uint8_t block[PEEK_BYTES];
};

/* Local. `len` bytes at `offset`, at most PEEK_BYTES, good until the next call; NULL where the file
 * has them not, or cannot be read. */
const uint8_t *peek_at(struct peek *peek, uint64_t offset, size_t len);

/* Local. Copies `len` bytes at `offset`, any number; false where the file has them not, or cannot
 * be read. */
bool peek_read(const struct peek *peek, uint64_t offset, uint8_t *into, size_t len);

/* Numbers as the formats write them, the lowest byte first. */
static inline uint32_t peek_16(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8;
}

static inline uint32_t peek_32(const uint8_t *at)
{
    return peek_16(at) | peek_16(at + 2) << 16;
}

#endif
