/* SPDX-License-Identifier: BSD-3-Clause */
/* range: a text that nobody has to write, `A B` on each line, for tasks over the numbers from A to
 * B. */
#ifndef RANGE_H
#define RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers from `first` to `last` in `parts` neighbouring stretches, whose lengths differ by 1
 * at most. */
struct range {
    int64_t first, last;
    uint64_t parts;
};

/* Local. Reads FIRST..LAST/PARTS; without PARTS every number is a stretch. False when it is no such
 * thing, is empty, or has more parts than numbers. */
bool range_parse(const char *text, struct range *range);

/* Local. Writes whole lines from stretch number *next on, which it moves, into `into` while they
 * fit; returns their bytes, 0 at the end. */
size_t range_read(const struct range *range, uint64_t *next, char *into, size_t room);

enum { RANGE_LINE_BYTES = 48 }; /* the longest line, and a NUL */

#endif
