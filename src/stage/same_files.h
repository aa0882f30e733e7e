/* SPDX-License-Identifier: BSD-3-Clause */
/* same_files: which files all hosts see alike. A shared input does not imply a shared output. */
#ifndef SAME_FILES_H
#define SAME_FILES_H

#include "output/output.h"
#include "stage/plan.h"

struct job;

/* Collective: Ibcast of the table, agree, Iallreduce. Compares every input on one rank of each host
 * with what rank 0 sees: size, and a checksum of sampled blocks. *root is set when some host lacks
 * a file. Fails with FAIL_INPUT, agreed, where a file differs, or is missing and --input=shared. */
bool same_files_input(struct job *job, const struct plan *plan, bool *root);

/* Collective: Ibcast, Ibcast, Iallreduce. Whether every host sees the temporary file that rank 0
 * created, found out by a nonce that rank 0 puts into it and takes away again. A failure of that is
 * left in job->env.fail for the next agreement. Never true of a direct output. */
bool same_files_output(struct job *job, struct output *output);

#endif
