/* SPDX-License-Identifier: BSD-3-Clause */
/* Normal forms by libunistring. */
#include "rules/normal.h"

#include "rules/returned.h"

#include <uninorm.h>

bool normal_map(enum normal_form form, struct mem *mem, const uint8_t *bytes, size_t len,
                struct buffer *to, struct fail *fail)
{
    if (!returned_room(to, mem, len, fail))
        return false;
    size_t got = to->cap;
    uint8_t *mapped =
        u8_normalize(form == NORMAL_NFC ? UNINORM_NFC : UNINORM_NFKC, bytes, len, to->bytes, &got);
    return returned_take(to, mem, mapped, got, fail);
}
