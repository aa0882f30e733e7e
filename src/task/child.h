/* SPDX-License-Identifier: BSD-3-Clause */
/* child: the process that a worker (worker.h) runs its tasks in: this program, started anew.
 *
 * Tasks come through a socket: a head (given.h), bytes. Frames (frame.h) go back, those of a task
 * followed by a mark, which is a frame of a kind of its own. The first mark of all says that the
 * process is ready. */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>

/* The first argument of such a process. */
#define CHILD_ARGUMENT "--worker"

/* The variable that a service sets for its tasks: the path of its folder on this host. */
#define CHILD_SPOOL "MPIWC_SPOOL"

enum child_mark {
    CHILD_DONE = 64, /* value: nanoseconds of the task */
    CHILD_FAILED,    /* value: before the first task the code of the failure, then nanoseconds;
                        bytes: the reason */
    CHILD_EXIT,      /* value: the exit status of what was run for the task, which has failed */
    CHILD_GROUP,     /* value: a process group that works for the task; comes before frames */
};

/* Local. Whether this process is to be one. */
bool child_wanted(int argc, char **argv);

/* Local. Runs tasks until no more come; its exit status. Without MPI, and before anything else. */
int child_main(int argc, char **argv);

#endif
