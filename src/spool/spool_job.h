/* SPDX-License-Identifier: BSD-3-Clause */
/* spool_job: what was submitted, the file N.job, and whether N.tasks is what it says. */
#ifndef SPOOL_JOB_H
#define SPOOL_JOB_H

#include "spool/spool.h"

#include <stddef.h>

enum { SPOOL_JOB_SCHEMA = 1 };

/* Texts that are NULL, and numbers below 0, the client did not say: those of the service count. */
struct spool_job {
    uint64_t number;
    const char *user, *host; /* who submitted it, and where */
    uint64_t time_s;         /* when, in seconds since 1970 */
    uint64_t tasks;          /* how many there are */
    uint64_t bytes;          /* of N.tasks; 0 with a range */
    uint64_t xxh3;           /* XXH3 of N.tasks, 64 bits; 0 with a range */

    /* The options of these names; no more is checked of them than their type. */
    const char *exec;
    const char *task; /* where it is a path it is absolute */
    const char *task_arguments;
    const char *range; /* there is no N.tasks */
    const char *collect;
    const char *shell;
    const char *chdir; /* absolute */
    double task_timeout_s;
    int64_t retries;

    struct json_t *held; /* what the texts of one that was read belong to */
};

/* Local. Whether there is such a submission. False with fail set to FAIL_INPUT. */
bool spool_job_exists(const struct spool *spool, uint64_t number, struct fail *fail);

/* Local. Reads N.job. False with fail set to FAIL_INPUT, and the job empty, when it is not what a
 * client wrote: a service refuses it for that reason, and goes on. Also when it asks for something
 * that this version does not know. */
bool spool_job_read(const struct spool *spool, uint64_t number, struct spool_job *job,
                    struct fail *fail);

/* Local. The text of N.job, of *len bytes, memory of malloc that the caller frees. NULL with fail
 * set: FAIL_USAGE for what is no UTF-8, which JSON cannot say. */
char *spool_job_text(const struct spool_job *job, size_t *len, struct fail *fail);

/* Local. Idempotent. */
void spool_job_free(struct spool_job *job);

/* What is summed up of the bytes of N.tasks. Tasks are the lines that are not empty. */
struct spool_job_sum {
    uint64_t bytes, tasks;
    bool within; /* a line has begun, and not ended */
    struct XXH3_state_s *hash;
};

/* Local. False with fail set to FAIL_MEMORY. */
bool spool_job_sum_begin(struct spool_job_sum *sum, struct fail *fail);

/* Local. */
void spool_job_sum_add(struct spool_job_sum *sum, const char *bytes, size_t len);
uint64_t spool_job_sum_hash(const struct spool_job_sum *sum);

/* Local. Idempotent. */
void spool_job_sum_end(struct spool_job_sum *sum);

/* N.tasks, while it is read to be compared with what its job says. */
struct spool_job_check {
    const struct spool *spool;
    const struct spool_job *job;
    int fd; /* -1: there is nothing to read */
    struct spool_job_sum sum;
};

/* Local. Begins to check the tasks of a job; without N.tasks there is nothing to do. Both are
 * borrowed. False with fail set to FAIL_INPUT when N.tasks cannot be what was submitted. */
bool spool_job_check_begin(struct spool_job_check *check, const struct spool *spool,
                           const struct spool_job *job, struct fail *fail);

/* Local. Reads on, up to `bytes`, 0.5 ms for each MiB, so that who checks can do other things in
 * between. *done: all of it was read, and is right. False with fail set. */
bool spool_job_check_more(struct spool_job_check *check, size_t bytes, bool *done,
                          struct fail *fail);

/* Local. Idempotent; {.fd = -1} is fine. */
void spool_job_check_end(struct spool_job_check *check);

#endif
