/* SPDX-License-Identifier: BSD-3-Clause */
/* retry: whether a task that failed is worth another try, and when. */
#ifndef RETRY_H
#define RETRY_H

#include "task/worker.h"

/* How many have failed from the beginning on, and all for one reason. */
struct retry_alike {
    uint64_t len, all;
    char reason[WORKER_REASON_BYTES];
};

/* What has failed so far; {0} is nothing. */
struct retry {
    struct retry_alike tries; /* those of a command that could not be run */
    struct retry_alike tasks; /* for good */
};

/* Local. A try has failed, with the exit status `exit`, -1 where it is not known. */
void retry_note_try(struct retry *retry, int exit, const char *reason);

/* Local. A task has failed for good. */
void retry_note_task(struct retry *retry, const char *reason);

/* Local. Whether what is wrong is the command, and not a task, a host or the moment, where no task
 * was ever done and there are `ranks` ranks. */
bool retry_is_hopeless(const struct retry *retry, int ranks);

/* Local. Before the next try, when there were so many. Not so long that a run in which nothing else
 * is left seems to hang, which it does after timeout_s (0: never). */
uint64_t retry_pause_ns(uint32_t tries, double timeout_s);

#endif
