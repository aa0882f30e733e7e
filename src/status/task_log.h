/* SPDX-License-Identifier: BSD-3-Clause */
/* task_log: a text file with a line for each time that a task was run, as it ends. Columns with
 * tabs between them, and a line of their names at the beginning. */
#ifndef TASK_LOG_H
#define TASK_LOG_H

#include "host/fail.h"

#include <stdint.h>
#include <stdio.h>

/* {0} is none: nothing is written. */
struct task_log {
    FILE *file;
    const char *path; /* borrowed */
};

struct task_log_entry {
    uint64_t number, attempt; /* of the task, and how often it has been run, from 1 */
    int rank;
    const char *host;
    uint64_t end_ns, ns; /* since 1970; that it took */
    int exit;            /* -1: unknown */
    const char *reason;  /* why it failed; NULL: it is done */
};

/* Local. Opens a log, or goes on with one. False with fail set to FAIL_OUTPUT. */
bool task_log_open(struct task_log *log, const char *path, struct fail *fail);

/* Local. */
void task_log_add(struct task_log *log, const struct task_log_entry *entry);

/* Local. Lines are in the file when this returns. False with fail set to FAIL_OUTPUT. */
bool task_log_flush(struct task_log *log, struct fail *fail);

/* Local. Idempotent. */
void task_log_close(struct task_log *log);

#endif
