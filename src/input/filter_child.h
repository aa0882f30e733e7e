/* SPDX-License-Identifier: BSD-3-Clause */
/* filter_child: the process that runs the commands of a filter (filter.h): this program, started
 * anew. Its standard output is that of the commands.
 *
 * Names come through the socket: length (8 bytes), bytes. When a command has ended its end goes
 * back. */
#ifndef FILTER_CHILD_H
#define FILTER_CHILD_H

#include "host/shell.h"

/* The first argument of such a process; the command is the second. */
#define FILTER_CHILD_ARGUMENT "--filter"

struct filter_child_end {
    bool done;                     /* false: it failed */
    char reason[SHELL_TEXT_BYTES]; /* then: why; one line */
};

/* Local. Whether this process is to be one. */
bool filter_child_wanted(int argc, char **argv);

/* Local. Runs commands until no more names come; its exit status. Without MPI, and before anything
 * else. */
int filter_child_main(int argc, char **argv);

#endif
