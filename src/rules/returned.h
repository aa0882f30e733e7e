/* SPDX-License-Identifier: BSD-3-Clause */
/* returned: what a function of libunistring returns, into a buffer. Such a function writes where it
 * is told if there is room, and else into memory of its own, which is the caller's then. */
#ifndef RETURNED_H
#define RETURNED_H

#include "host/buffer.h"

#include <stdlib.h>

/* Local. Empties the buffer, and makes room in it for what most texts of `len` bytes become. */
static inline bool returned_room(struct buffer *to, struct mem *mem, size_t len, struct fail *fail)
{
    to->len = 0;
    if (!buffer_append(to, mem, NULL, len + len / 8 + 64, fail))
        return false;
    to->len = 0;
    return true;
}

/* Local. Makes `to` what was returned; false with fail set where that is NULL. */
static inline bool returned_take(struct buffer *to, struct mem *mem, uint8_t *bytes, size_t len,
                                 struct fail *fail)
{
    if (!bytes)
        return fail_set(fail, FAIL_MEMORY, "memory: the system refuses what a long word becomes");
    if (bytes == to->bytes) {
        to->len = len;
        return true;
    }
    const bool ok = buffer_append(to, mem, bytes, len, fail);
    free(bytes);
    return ok;
}

#endif
