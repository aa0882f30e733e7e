/* SPDX-License-Identifier: BSD-3-Clause */
/* A growing buffer. */
#include "host/buffer.h"

#include <string.h>

bool buffer_append(struct buffer *buffer, struct mem *mem, const void *bytes, size_t len,
                   struct fail *fail)
{
    if (len == 0)
        return true;
    size_t need = buffer->len + len;
    uint8_t *room = mem_reserve(mem, buffer->bytes, &buffer->cap,
                                buffer_blocks(need) * BUFFER_BLOCK_BYTES, fail);
    if (!room)
        return false;
    buffer->bytes = room;
    if (bytes)
        memcpy(room + buffer->len, bytes, len);
    buffer->len = need;
    return true;
}

void buffer_free(struct buffer *buffer, struct mem *mem)
{
    mem_free(mem, buffer->bytes, buffer->cap);
    *buffer = (struct buffer){0};
}
