/* SPDX-License-Identifier: BSD-3-Clause */
/* stats: the table of --stats. */
#ifndef STATS_H
#define STATS_H

#include "status/snapshot.h"

#include <stdio.h>

/* Local. How long the phases took on the ranks and what they moved, how tasks and input were
 * spread, and the memory they needed. */
void stats_print(FILE *file, const struct snapshot *snapshot);

#endif
