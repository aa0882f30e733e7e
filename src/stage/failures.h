/* SPDX-License-Identifier: BSD-3-Clause */
/* failures: the tasks that have failed for good, as rank 0 knows them. */
#ifndef FAILURES_H
#define FAILURES_H

#include "comm/master.h"

#include <stdio.h>

struct job;

enum { FAILURES_SHOWN_BYTES = 4096 }; /* that are kept of a task */

struct failures {
    struct buffer bytes;
    uint64_t len;
};

/* One of them. Texts end with NUL and are borrowed. */
struct failures_entry {
    const char *file, *reason;
    const uint8_t *task; /* the first FAILURES_SHOWN_BYTES of it */
    uint64_t offset;     /* where it begins in the file */
    uint32_t file_index; /* of the file, among the inputs */
    uint64_t task_len;   /* of all of it */
    uint32_t tries;
    int rank; /* of the last try */
};

/* Local. Copies an entry. False with fail set. */
bool failures_add(struct job *job, const struct failures_entry *entry);

/* Local. The next entry; *at begins at 0. False at the end. */
bool failures_next(const struct job *job, size_t *at, struct failures_entry *entry);

/* Local. Says on standard error what has failed: the first of them, and how many more. */
void failures_print(const struct job *job);

/* Local. */
void failures_free(struct job *job);

#endif
