/* SPDX-License-Identifier: BSD-3-Clause */
/* weighted: lines of text that say how often a key occurs, as
 *
 *     KEY<TAB>COUNT            the last tab of the line is meant
 *     COUNT<TAB or space>KEY   behind any blanks, as `uniq -c` writes it: with --count-first */
#ifndef WEIGHTED_H
#define WEIGHTED_H

#include "data/combiner.h"

struct job;
struct window;

struct weighted {
    uint64_t lines; /* seen */
    uint64_t bad;   /* of these, that are malformed and were skipped */
};

/* Local. Takes a line apart: *len bytes from *key on, and the count. False if it is malformed: it
 * has no count, which is a number of digits below 2^64, or nothing between count and key. */
bool weighted_parse(const uint8_t *line, size_t line_len, bool count_first, const uint8_t **key,
                    size_t *len, uint64_t *count);

/* Local. Counts the keys of the lines of a batch, which lie in the window. False with fail set: a
 * malformed line without --skip-bad, or more than 62 bits of counts: FAIL_INPUT; FAIL_MEMORY. */
bool weighted_add(struct job *job, struct weighted *weighted, const struct window *window,
                  const struct batch *batch, struct combiner *combiner, struct box *outbox);

/* Collective: Iallreduce. Whether the counts of all ranks can be added, and how many lines there
 * were into the totals. False with fail set to FAIL_INPUT, on all. */
bool weighted_check(struct job *job, const struct weighted *weighted, uint64_t tokens);

#endif
