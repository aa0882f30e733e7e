/* SPDX-License-Identifier: BSD-3-Clause */
/* spool_submit: hands tasks in. Clients do it, many at once, with and without a service. What is
 * not finished never was: nobody sees it, and if the client dies others remove it later.
 *
 * The sequence: spool_submit_begin; spool_submit_add for the tasks, and spool_submit_end_line where
 * a file of them ends, unless they are a range; spool_submit_finish; spool_submit_free. */
#ifndef SPOOL_SUBMIT_H
#define SPOOL_SUBMIT_H

#include "spool/spool_job.h"

/* A file that has no number yet. */
struct spool_submit_file {
    char name[SPOOL_NAME_BYTES];
    int fd; /* -1: none */
};

struct spool_submit {
    const struct spool *spool;
    struct spool_submit_file tasks, job;
    struct spool_job_sum sum; /* of the tasks */
};

/* Local. The spool is borrowed. With `ranged` there will be no tasks. False with fail set. */
bool spool_submit_begin(struct spool_submit *submit, const struct spool *spool, bool ranged,
                        struct fail *fail);

/* Local. More bytes of the tasks, which are lines. False with fail set to FAIL_OUTPUT. */
bool spool_submit_add(struct spool_submit *submit, const void *bytes, size_t len,
                      struct fail *fail);

/* Local. A newline where the last line has none. False with fail set to FAIL_OUTPUT. */
bool spool_submit_end_line(struct spool_submit *submit, struct fail *fail);

/* Local. The job says how the tasks are to be run, and with a range what they are and how many; the
 * rest is added. *number is that of the submission, which is on the disk when this returns. False
 * with fail set, as spool_job_text, or to FAIL_OUTPUT. */
bool spool_submit_finish(struct spool_submit *submit, const struct spool_job *job, uint64_t *number,
                         struct fail *fail);

/* Local. Idempotent. */
void spool_submit_free(struct spool_submit *submit);

#endif
