/* SPDX-License-Identifier: BSD-3-Clause */
/* serve: a run that takes tasks as clients hand them in, by way of a folder (spool/spool.h), until
 * it is told to end. */
#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>

struct job;

/* Collective: those of task_setting_share and of the report, agree. Returns when the service has
 * ended: with --close, --idle or SIGUSR1, which leaves job->totals.wound_down. False, agreed:
 * FAIL_OUTPUT where the folder cannot be had or another service has it. */
bool serve_run(struct job *job);

#endif
