/* SPDX-License-Identifier: BSD-3-Clause */
/* committing: one commit of a checkpoint. */
#ifndef COMMITTING_H
#define COMMITTING_H

#include <stdbool.h>

struct job;
struct reduce;

/* Collective: agree; Iallgather, agree, Igatherv in rounds, agree. Brings all that `reduce` has to
 * the logs, and replaces the commit of job->checkpoint, which has been told where the input stands.
 * False, agreed: the commit before it counts, and `reduce` has what it had, in memory or logs. */
bool committing_run(struct job *job, struct reduce *reduce);

#endif
