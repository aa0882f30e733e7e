/* SPDX-License-Identifier: BSD-3-Clause */
/* lines: where lines begin, for all mappers whose records are lines or lie in one.
 *
 * A line ends behind its newline, which goes with it: whoever owns the first byte of a line
 * accounts for all of it. */
#ifndef LINES_H
#define LINES_H

#include "mapper/mapper.h"

enum { LINES_STRETCH_BYTES = 16 << 10 }; /* of one cut, about: what it looked at stays in cache */

/* Local. Where the first line of our own begins, lines ending with `end`, or its rest if begin lies
 * within it; behind the line of another range, as far as that is in the block, and into
 * cut->skipped_bytes. */
size_t lines_skip(uint8_t end, const struct block *block, struct cut *cut);

/* Local. Where a line that begins at `start` ends, or a field in it: before its newline, or before
 * the carriage return there. */
size_t lines_end(const struct mapper *mapper, const uint8_t *bytes, size_t start, size_t newline);

/* Local. The `cut` of lines. */
void lines_cut(const struct mapper *mapper, const struct block *block, const struct scan *scan,
               uint32_t *edges, struct cut *cut);

/* Local. The `part` of these mappers: behind the last newline, or the last NUL. */
size_t lines_part(const uint8_t *bytes, size_t len);
size_t lines_part_nul(const uint8_t *bytes, size_t len);

#endif
