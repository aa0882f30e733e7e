/* SPDX-License-Identifier: BSD-3-Clause */
/* runner: a kind of task, found, prepared and run in this process. */
#ifndef RUNNER_H
#define RUNNER_H

#include "task/emit.h"

struct worker_setup;

struct runner {
    const struct task *task; /* NULL: none */
    void *library, *state;
    bool in_rank; /* the process is that of a rank */
};

/* Local. Whether the task exists and the settings agree with each other; plug-ins are not looked
 * at. False with fail set to FAIL_USAGE. */
bool runner_check(const struct worker_setup *setup, struct fail *fail);

/* Local. Finds the task of a setup (worker.h) that was checked, and prepares it. False with fail
 * set; its frames and its reasons go through `emit`. */
bool runner_open(struct runner *runner, const struct worker_setup *setup, struct emit *emit,
                 struct fail *fail);

/* Local. Runs a task. False when it failed: emit.fail says why, and frames that it left are to be
 * dropped. Sets its nanoseconds. */
bool runner_run(struct runner *runner, struct emit *emit, const struct given *task, uint64_t *ns);

/* Local. Idempotent. */
void runner_close(struct runner *runner);

#endif
