/* SPDX-License-Identifier: BSD-3-Clause */
/* gzip_head: the head of a member of gzip data, taken byte by byte, so that it may come in pieces.
 * ISA-L 2.30 forgets the flags of one that it is not given whole. */
#ifndef GZIP_HEAD_H
#define GZIP_HEAD_H

#include <stddef.h>
#include <stdint.h>

enum gzip_head_part {
    GZIP_HEAD_FIXED,
    GZIP_HEAD_EXTRA_LEN,
    GZIP_HEAD_EXTRA,
    GZIP_HEAD_NAME,
    GZIP_HEAD_COMMENT,
    GZIP_HEAD_SUM,
    GZIP_HEAD_END
};

/* All zeros at first. */
struct gzip_head {
    enum gzip_head_part part; /* what comes next */
    uint32_t taken;           /* bytes of it */
    uint32_t flags, extra_len, sum;
};

/* Local. Takes a byte, unless head->part is GZIP_HEAD_END. NULL, or what is wrong with it; static.
 */
const char *gzip_head_take(struct gzip_head *head, uint8_t byte);

#endif
