/* SPDX-License-Identifier: BSD-3-Clause */
/* shell: commands that are run one after another by /bin/sh -c, in a process of their own, which
 * has no other children (tether.h). What they write to their standard error goes to ours, and its
 * end is kept.
 *
 * The sequence: shell_open, for each command shell_start, shell_wait until it has ended,
 * shell_describe where it failed; shell_close. */
#ifndef SHELL_H
#define SHELL_H

#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>

enum { SHELL_TAIL_BYTES = 200, SHELL_TEXT_BYTES = SHELL_TAIL_BYTES + 128 };

struct shell {
    posix_spawn_file_actions_t actions; /* of each command; the caller may add some */
    int errors[2];                      /* a pipe that does not end with a command */
    pid_t pid;
    char tail[SHELL_TAIL_BYTES]; /* of the errors */
    size_t tail_len;
};

/* Local. Makes this process one for commands: the end of a child interrupts a wait, and who reads
 * our standard error may leave. False with errno; shell_close is due all the same. */
bool shell_open(struct shell *shell);

/* Local. Starts a command, with `argument` as its $1, or with NULL without. 0, or an errno. */
int shell_start(struct shell *shell, const char *command, const char *argument);

/* Local. Waits for the end of the command, for errors, which it takes, or, unless `output` is -1,
 * until there is something in `output`, a non-blocking pipe. True: the command has ended, *status
 * says how, as waitpid has it, and so has all that it left behind. */
bool shell_wait(struct shell *shell, int output, int *status);

/* Local. Ends the command that runs, and all that it started. */
void shell_end(struct shell *shell);

/* Local. How a command ended, and the last line that it wrote to its errors; returns text, with
 * room for SHELL_TEXT_BYTES. */
char *shell_describe(const struct shell *shell, int status, char *text);

/* Local. */
void shell_close(struct shell *shell);

#endif
