/* SPDX-License-Identifier: BSD-3-Clause */
/* A growing buffer: it doubles, so that what is appended is copied a bounded number of times. */
#include "host/buffer.h"

#include <string.h>

bool buffer_append(struct buffer *buffer, struct mem *mem, const void *bytes, size_t len,
                   struct fail *fail)
{
    size_t need = buffer->len + len;
    if (need > buffer->cap) {
        size_t cap = need > 2 * buffer->cap ? need : 2 * buffer->cap;
        cap = buffer_blocks(cap) * BUFFER_BLOCK_BYTES;
        uint8_t *grown = mem_grow(mem, buffer->bytes, buffer->cap, cap, fail);
        if (!grown)
            return false;
        buffer->bytes = grown;
        buffer->cap = cap;
    }
    if (len > 0 && bytes)
        memcpy(buffer->bytes + buffer->len, bytes, len);
    buffer->len = need;
    return true;
}

void buffer_free(struct buffer *buffer, struct mem *mem)
{
    mem_free(mem, buffer->bytes, buffer->cap);
    *buffer = (struct buffer){0};
}
