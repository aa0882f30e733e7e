/* SPDX-License-Identifier: BSD-3-Clause */
/* filter: the shell command of --pre, whose output is the text in place of a file.
 *
 * The commands of a rank run one after another, in a process beside it (filter_child.h), which ends
 * with all that they started however the rank does. A command is ahead of who reads by what a pipe
 * holds. The sequence: filter_start, filter_read until it gives nothing, or filter_stop. */
#ifndef FILTER_H
#define FILTER_H

#include "host/process.h"

#include <stdint.h>

/* {0} is none. What is set here stays the caller's. */
struct filter {
    const char *command; /* as the user gave it; borrowed; NULL: none */
    bool any_format;     /* what is no text is taken, too */

    /* Is called now and then while nothing comes, so that others need not wait as well; NULL: there
     * are none. */
    void (*idle)(void *context);
    void *context;

    struct process process;
    int output;       /* what commands print; open while there is a process */
    const char *name; /* of the file whose command runs; borrowed; NULL: none does */
    bool ended;       /* it has ended, well; what the pipe holds is the rest */
};

/* Local. Starts the command for a name, borrowed until it has ended. False with fail set. */
bool filter_start(struct filter *filter, const char *name, struct fail *fail);

/* Local. Waits for what the command prints; *got, up to `room`, is 0 when it has ended and all was
 * read. False with FAIL_INPUT: it failed, and how. */
bool filter_read(struct filter *filter, uint8_t *into, size_t room, ssize_t *got,
                 struct fail *fail);

/* Local. Ends a command that runs, and the process; there will be another one for the next.
 * Idempotent. */
void filter_stop(struct filter *filter);

#endif
