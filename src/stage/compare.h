/* SPDX-License-Identifier: BSD-3-Clause */
/* compare: the same run on one rank and then on all (--compare). */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdbool.h>

struct job;

/* Collective: agree, then all of job_run. Rank 0 runs the job alone while the others wait, and then
 * all run it; says how long both took and whether the results are the same bytes. The result of the
 * first run goes nowhere, that of the second takes its name only if they are the same. False,
 * agreed; FAIL_VERIFY when the results differ. */
bool compare_run(struct job *job, int argc, char **argv);

/* Collective: agree; without --compare nothing. Whether the result, before it has its name, is that
 * of the one rank. False, agreed, with FAIL_VERIFY. */
bool compare_results(struct job *job);

#endif
