/* SPDX-License-Identifier: BSD-3-Clause */
/* process: processes that are started, and ended with all that they started themselves. */
#ifndef PROCESS_H
#define PROCESS_H

#include "host/fail.h"

#include <sched.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The descriptor at which a child finds its end of the socket, and the first one behind it. */
enum { PROCESS_SOCKET = 3, PROCESS_DESCRIPTORS };

/* A child that talks through a socket; {0} is none. */
struct process {
    pid_t pid; /* and process group; 0: none */
    int socket;
    pid_t group; /* another one to end with it; 0: none */
};

/* Local. Starts this program anew with these arguments: in a process group of its own, with the
 * socket as its descriptor PROCESS_SOCKET, nothing to read, its output to the descriptor `output`,
 * default signals and no environment by which it, or what it starts, could take itself for a rank.
 * It should be tethered (tether.h). False with fail set. */
bool process_start(struct process *process, char *const argv[], int output, struct fail *fail);

/* Local. What the child may have, and what it starts from now on: so many bytes of data in each of
 * them, 0 for any number, and these processors; NULL: those that we have. What the system refuses
 * it has not; false with fail set. */
bool process_confine(const struct process *process, uint64_t data_bytes,
                     const cpu_set_t *processors, struct fail *fail);

/* Local. Whether the child has ended. Its end of the socket may stay open all the same, in a
 * process that it forked. */
bool process_ended(const struct process *process);

/* Local. Closes the connection and ends the child with all that descends from it: a child that
 * watches its socket does that itself (process_end_family). After a second, what is left of its
 * process groups is killed from here. Idempotent. Returns its status as waitpid has it, -1 where it
 * is not known. */
int process_end(struct process *process);

/* Local. Ends all that descends from this process, which must be PR_SET_CHILD_SUBREAPER: whoever
 * loses his parent becomes our child, so that nobody is left when there are no children. */
void process_end_family(void);

/* Local. Whether one of our children is still at work, one that has not begun a session of its own
 * like a daemon; writes which: `sleep (process 123)`. */
bool process_in_background(char *text, size_t bytes);

/* Local. Starts a program, found like a command of the shell, in a process group of its own, with
 * default signals. 0, or an errno. */
int process_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                  char *const argv[], char *const environment[]);

/* Local. `exit 3` or `killed by signal 9 (Killed)`; returns text. */
char *process_describe(int status, char *text, size_t bytes);

#endif
