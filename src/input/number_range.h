/* SPDX-License-Identifier: BSD-3-Clause */
/* number_range: a text that nobody has to write, `A B` on each line, for tasks over the numbers
 * from A to B. */
#ifndef NUMBER_RANGE_H
#define NUMBER_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers from `first` to `last` in `parts` neighbouring stretches, whose lengths differ by 1
 * at most. */
struct number_range {
    int64_t first, last;
    uint64_t parts;
};

/* Local. Reads FIRST..LAST/PARTS; without PARTS every number is a stretch. False when it is no such
 * thing, is empty, or has more parts than numbers. */
bool number_range_parse(const char *text, struct number_range *range);

/* Local. Writes whole lines from stretch number *next on, which it moves, into `into` while they
 * fit; returns their bytes, 0 at the end. */
size_t number_range_read(const struct number_range *range, uint64_t *next, char *into, size_t room);

enum { NUMBER_RANGE_LINE_BYTES = 48 }; /* the longest line, and a NUL */

#endif
