/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames in their wire form. Lengths come from another process, which may have lost its mind: they
 * are compared with what is there before anything is added to a pointer. */
#include "task/frame.h"

#include <string.h>

enum { PADDING_AT = 1, VALUE_AT = 8, LEN_AT = 16 };

bool frame_read_header(const uint8_t *at, struct frame *frame)
{
    static const uint8_t padding[VALUE_AT - PADDING_AT];
    uint64_t len;
    memcpy(&len, at + LEN_AT, sizeof len);
    *frame = (struct frame){.kind = at[0], .len = len};
    memcpy(&frame->value, at + VALUE_AT, sizeof frame->value);
    return memcmp(at + PADDING_AT, padding, sizeof padding) == 0;
}

void frame_write_header(uint8_t *at, const struct frame *frame)
{
    uint64_t len = frame->len;
    memset(at, 0, FRAME_HEADER_BYTES);
    at[0] = (uint8_t)frame->kind;
    memcpy(at + VALUE_AT, &frame->value, sizeof frame->value);
    memcpy(at + LEN_AT, &len, sizeof len);
}

const uint8_t *frame_next(const uint8_t *at, const uint8_t *end, struct frame *frame)
{
    if (end - at < FRAME_HEADER_BYTES || !frame_read_header(at, frame))
        return NULL;
    at += FRAME_HEADER_BYTES;
    if (!value_kind_is(frame->kind) || frame->len > (size_t)(end - at))
        return NULL;
    frame->bytes = at;
    return at + frame->len;
}
