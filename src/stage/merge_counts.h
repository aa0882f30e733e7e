/* SPDX-License-Identifier: BSD-3-Clause */
/* merge_counts: a run whose inputs are count files and whose result is one: what they are together.
 * Nothing is sent from rank to rank but what the index says of each block, and memory does not grow
 * with the files. The bytes are the same on any number of ranks, and those of a count of all that
 * was counted. */
#ifndef MERGE_COUNTS_H
#define MERGE_COUNTS_H

#include "stage/count_files.h"

struct job;

/* Collective. All of the run that is behind the plan. False, agreed. */
bool merge_counts_run(struct job *job, struct count_files *files);

#endif
