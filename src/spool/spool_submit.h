/* SPDX-License-Identifier: BSD-3-Clause */
/* spool_submit: hands tasks in. Clients do it, many at once, with and without a service. */
#ifndef SPOOL_SUBMIT_H
#define SPOOL_SUBMIT_H

#include "spool/spool_job.h"

/* Local. Submits the tasks in `files`, one after the other, "-" and an empty list being standard
 * input; none where the job has a range. The job says how they are to be run; who, where, when and
 * what the tasks are is filled in, *number stored. It is on the disk when this returns. False with
 * fail set, and nothing was submitted: FAIL_INPUT for a file that cannot be read. */
bool spool_submit(const struct spool *spool, struct spool_job *job, char *const *files,
                  size_t files_len, struct fail *fail);

#endif
