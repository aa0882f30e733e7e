/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 1952, 2.3: ten bytes, and what their flags say that follows. */
#include "input/gzip_head.h"

#include <isa-l/crc.h>

enum { FLAG_SUM = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16, RESERVED = 0xe0 };

/* To the next part that there is. */
static void go_on(struct gzip_head *head)
{
    static const uint8_t flags[] = {
        [GZIP_HEAD_EXTRA_LEN] = FLAG_EXTRA, [GZIP_HEAD_EXTRA] = FLAG_EXTRA,
        [GZIP_HEAD_NAME] = FLAG_NAME,       [GZIP_HEAD_COMMENT] = FLAG_COMMENT,
        [GZIP_HEAD_SUM] = FLAG_SUM,
    };
    do
        head->part++;
    while (head->part != GZIP_HEAD_END
           && (!(head->flags & flags[head->part])
               || (head->part == GZIP_HEAD_EXTRA && head->extra_len == 0)));
    head->taken = 0;
}

static const char *take_fixed(struct gzip_head *head, uint8_t byte)
{
    enum { MARK_1, MARK_2, METHOD, FLAGS, BYTES = 10, DEFLATE = 8 };
    const uint32_t at = head->taken++;
    if ((at == MARK_1 && byte != 0x1f) || (at == MARK_2 && byte != 0x8b))
        return "incorrect header check";
    if (at == METHOD && byte != DEFLATE)
        return "unknown compression method";
    if (at == FLAGS && byte & RESERVED)
        return "unknown header flags";
    if (at == FLAGS)
        head->flags = byte;
    if (head->taken == BYTES)
        go_on(head);
    return NULL;
}

static const char *take_sum(struct gzip_head *head, uint8_t byte)
{
    if (byte != (uint8_t)(head->sum >> 8 * head->taken++))
        return "incorrect header check";
    if (head->taken == 2)
        go_on(head);
    return NULL;
}

const char *gzip_head_take(struct gzip_head *head, uint8_t byte)
{
    if (head->part == GZIP_HEAD_SUM)
        return take_sum(head, byte);
    head->sum = crc32_gzip_refl(head->sum, &byte, 1);
    switch (head->part) {
    case GZIP_HEAD_FIXED:
        return take_fixed(head, byte);
    case GZIP_HEAD_EXTRA_LEN:
        head->extra_len |= (uint32_t)byte << 8 * head->taken++;
        if (head->taken == 2)
            go_on(head);
        return NULL;
    case GZIP_HEAD_EXTRA:
        if (++head->taken == head->extra_len)
            go_on(head);
        return NULL;
    default:
        if (byte == 0)
            go_on(head);
        return NULL;
    }
}
