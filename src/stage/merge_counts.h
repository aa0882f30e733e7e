/* SPDX-License-Identifier: BSD-3-Clause */
/* merge_counts: a run whose inputs are count files and whose result is one: what they are together.
 * Nothing is sent from rank to rank but what the index says of each block, and memory does not grow
 * with the files. The bytes are the same on any number of ranks, and those of a count of all that
 * was counted. */
#ifndef MERGE_COUNTS_H
#define MERGE_COUNTS_H

#include <stdbool.h>

struct job;

/* Collective. The whole run, as pipeline_run. False, agreed. */
bool merge_counts_run(struct job *job);

#endif
