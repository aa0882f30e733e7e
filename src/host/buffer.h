/* SPDX-License-Identifier: BSD-3-Clause */
/* buffer: bytes that grow, under the limit of --memory. */
#ifndef BUFFER_H
#define BUFFER_H

#include "host/mem.h"

enum { BUFFER_BLOCK_BYTES = 1 << 16 };

/* {0} is empty. There is room for whole blocks: what has to be moved in units may be taken to end
 * with one. */
struct buffer {
    uint8_t *bytes;
    size_t len, cap;
};

/* Local. Appends `len` bytes; with NULL it makes room for them. False with fail set. */
bool buffer_append(struct buffer *buffer, struct mem *mem, const void *bytes, size_t len,
                   struct fail *fail);

/* Local. Idempotent. */
void buffer_free(struct buffer *buffer, struct mem *mem);

/* Local. How many blocks hold so many bytes. */
static inline size_t buffer_blocks(size_t len)
{
    return (len + BUFFER_BLOCK_BYTES - 1) / BUFFER_BLOCK_BYTES;
}

#endif
