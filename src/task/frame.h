/* SPDX-License-Identifier: BSD-3-Clause */
/* frame: one of the things that a task leaves behind, and its wire form.
 *
 * Frames of a task follow each other in the order of their emission: kind (1 byte), 7 bytes 0,
 * value (8 bytes), length (8 bytes), bytes; in the byte order of the machine, not aligned. */
#ifndef FRAME_H
#define FRAME_H

#include "data/value_kind.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_HEADER_BYTES = 24 };

/* The value of a result that is what a command printed: a newline at its end ends its last line. */
enum { FRAME_PRINTED = 1 };

struct frame {
    enum value_kind kind;
    const uint8_t *bytes; /* the result, or the key; borrowed */
    size_t len;
    int64_t value; /* 0 or FRAME_PRINTED in results, 1 in counts */
};

/* Local. Reads a header: kind, value and len, but no bytes. The kind may be one that is no kind of
 * frame. False when this is no header. */
bool frame_read_header(const uint8_t *at, struct frame *frame);

/* Local. Writes the FRAME_HEADER_BYTES before the bytes of a frame. */
void frame_write_header(uint8_t *at, const struct frame *frame);

/* Local. Reads the frame at `at` of what ends at `end`; frame.bytes points into it. Returns what
 * follows the frame, or NULL when this is no whole frame. */
const uint8_t *frame_next(const uint8_t *at, const uint8_t *end, struct frame *frame);

#endif
