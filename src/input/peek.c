/* SPDX-License-Identifier: BSD-3-Clause */
#include "input/peek.h"

#include <errno.h>
#include <unistd.h>

const uint8_t *peek_at(struct peek *peek, uint64_t offset, size_t len)
{
    if (offset > peek->bytes || peek->bytes - offset < len)
        return NULL;
    if (offset < peek->at || offset - peek->at > peek->len
        || peek->len - (size_t)(offset - peek->at) < len) {
        ssize_t got = pread(peek->fd, peek->block, sizeof peek->block, (off_t)offset);
        peek->at = offset;
        peek->len = got > 0 ? (size_t)got : 0;
    }
    return peek->len - (size_t)(offset - peek->at) >= len ? peek->block + (offset - peek->at)
                                                          : NULL;
}

bool peek_read(const struct peek *peek, uint64_t offset, uint8_t *into, size_t len)
{
    while (len > 0) {
        ssize_t got = pread(peek->fd, into, len, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        into += got;
        offset += (uint64_t)got;
        len -= (size_t)got;
    }
    return true;
}
