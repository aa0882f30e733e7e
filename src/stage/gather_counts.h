/* SPDX-License-Identifier: BSD-3-Clause */
/* gather_counts: the result as a count file. Every rank makes blocks of its bins and writes them to
 * its range of a file that all hosts share. Where they do not, or where there is no memory for what
 * one rank hands to another, rank 0 makes all blocks of the records that it collects. */
#ifndef GATHER_COUNTS_H
#define GATHER_COUNTS_H

#include "stage/count_files.h"
#include "stage/gather.h"

/* Collective: agree; Iallreduce, those of counts_output; where rank 0 writes, for each window of
 * records agree, Iallgather, agree, those of gatherv_bytes; Iallreduce, with late files one more,
 * agree, Iallreduce. In place of gather_run: writes the records, sorted by key, and brings them to
 * the disk. `added` is what count files were counted, too; those that are late are merged with the
 * records here, and only now come to the totals of the run. FAIL_OUTPUT, FAIL_VERIFY, FAIL_MEMORY.
 */
bool gather_counts_run(struct job *job, struct gather *gather, struct sort *sort,
                       const struct count_files *added);

#endif
