/* SPDX-License-Identifier: BSD-3-Clause */
/* survey: what a count will take, by counting a sample (--plan). No result is made. */
#ifndef SURVEY_H
#define SURVEY_H

#include "stage/plan.h"

struct count_files;
struct job;

/* Collective. Counts parts of the inputs, or all of a small input, merges parts of count files, and
 * says on rank 0 what follows, on standard output and in the file of --json. Fails with FAIL_INPUT
 * where nothing can be sampled, and as a count does. False, agreed. */
bool survey_run(struct job *job, const struct plan *plan, struct count_files *files);

#endif
