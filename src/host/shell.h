/* SPDX-License-Identifier: BSD-3-Clause */
/* shell: commands that are run one after another by /bin/sh -c, in a process of their own, which
 * has no other children (tether.h). A command ends when its shell has ended and, unless that has
 * failed, all that it left in the background, but for what has a session of its own like a daemon:
 * that is ended.
 *
 * What they write to their standard error goes to ours, and its end is kept. What a command writes
 * that soon fails comes at its end, and not again where another one has failed with the same words.
 *
 * The sequence: shell_open, for each command shell_start, shell_wait until it has ended,
 * shell_describe where it failed; shell_close. */
#ifndef SHELL_H
#define SHELL_H

#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SHELL_ARGUMENTS = 101, /* at most */
    SHELL_TAIL_BYTES = 200,
    SHELL_TEXT_BYTES = SHELL_TAIL_BYTES + 128,
    SHELL_HELD_BYTES = 4096,
    SHELL_SEEN = 64,
};

struct shell {
    posix_spawn_file_actions_t actions; /* of each command; the caller may add some */
    bool has_actions;
    const char *program; /* borrowed; /bin/sh until the caller has another one */
    int errors[2];       /* a pipe that does not end with a command */
    pid_t pid;
    bool ended; /* the shell itself, */
    int status; /* in this way */
    uint64_t ended_ns;
    bool told; /* that what it left is waited for */

    char tail[SHELL_TAIL_BYTES]; /* of the errors */
    size_t tail_len;
    char held[SHELL_HELD_BYTES]; /* errors that are not written yet */
    size_t held_len;
    uint64_t begun_ns;
    uint64_t seen[SHELL_SEEN]; /* digests of what was written for commands that have failed */
    size_t seen_len;
};

/* Local. Makes this process one for commands: the end of a child interrupts a wait, and who reads
 * our standard error may leave. False with errno; shell_close is due all the same. */
bool shell_open(struct shell *shell);

/* Local. Starts a command; the arguments, up to a NULL, are its $1 and so on. 0, or an errno. */
int shell_start(struct shell *shell, const char *command, const char *const *arguments);

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
