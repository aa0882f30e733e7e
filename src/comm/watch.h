/* SPDX-License-Identifier: BSD-3-Clause */
/* watch: ends a run in which nothing moves any more. MPI itself waits for ever for a rank that was
 * stopped, and for minutes at a cut link. */
#ifndef WATCH_H
#define WATCH_H

#include <stdint.h>

struct job;

/* Local. For how long nothing may move; 0: for ever. */
uint64_t watch_patience_ns(const struct job *job);

/* Local. How often ranks must send news so that --timeout can be kept; 0: never. */
uint64_t watch_interval_ns(const struct job *job);

/* Local, at every look of progress. Ends all ranks with FAIL_STUCK when nothing has moved on
 * any of them for --timeout seconds, and names those that no news came from. A rank that works, or
 * reads a slow disk, moves. */
void watch_look(struct job *job);

#endif
