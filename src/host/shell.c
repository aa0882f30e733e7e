/* SPDX-License-Identifier: BSD-3-Clause */
/* The pipe for errors is made once and never ends: a command is over when nobody of it is left, and
 * what the pipe holds then is all there is. Everything waits in one ppoll, which the end of a child
 * interrupts. */
#include "host/shell.h"

#include "host/clock.h"
#include "host/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#define MS UINT64_C(1000000)

enum {
    HOLD_MS = 200,    /* a command that runs longer is not one that fails soon */
    LOOK_MS = 50,     /* between looks at what a command has left behind */
    TELL_MS = 10000,  /* until that is named */
    PAUSE_MS = 60000, /* when nothing is due */
};

/* Only the end of a child interrupts a wait; it must not do so anywhere else. */
static void note_child(int number)
{
    (void)number;
}

static bool set_signals(void)
{
    struct sigaction action = {.sa_handler = note_child, .sa_flags = SA_RESTART};
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    signal(SIGPIPE, SIG_IGN);
    return sigaction(SIGCHLD, &action, NULL) == 0 && sigprocmask(SIG_BLOCK, &child, NULL) == 0;
}

bool shell_open(struct shell *shell)
{
    *shell = (struct shell){.program = "/bin/sh", .errors = {-1, -1}};
    errno = posix_spawn_file_actions_init(&shell->actions);
    shell->has_actions = errno == 0;
    if (!shell->has_actions || pipe2(shell->errors, O_CLOEXEC) != 0)
        return false;
    fcntl(shell->errors[0], F_SETFL, O_NONBLOCK);
    errno = posix_spawn_file_actions_adddup2(&shell->actions, shell->errors[1], STDERR_FILENO);
    return errno == 0 && set_signals();
}

int shell_start(struct shell *shell, const char *command, const char *const *arguments)
{
    const char *slash = strrchr(shell->program, '/');
    const char *name = slash ? slash + 1 : shell->program;
    const char *argv[SHELL_ARGUMENTS + 5] = {name, "-c", command, name};
    for (size_t i = 0; arguments[i]; i++)
        argv[4 + i] = arguments[i];
    shell->ended = shell->told = false;
    shell->tail_len = shell->held_len = 0;
    shell->begun_ns = clock_ns();
    /* A command may have made its end non-blocking, which would stay for the next one. */
    fcntl(shell->errors[1], F_SETFL, 0);
    return process_spawn(&shell->pid, shell->program, &shell->actions,
                         (char *const *)(uintptr_t)argv, environ);
}

static void write_errors(const char *bytes, size_t len)
{
    for (ssize_t put; len > 0; bytes += put, len -= (size_t)put)
        if ((put = write(STDERR_FILENO, bytes, len)) <= 0)
            return;
}

/* The errors that are held, unless they are known words of a command that has failed. */
static void release_errors(struct shell *shell, bool failed)
{
    if (shell->held_len == 0)
        return;
    const uint64_t digest = failed ? XXH3_64bits(shell->held, shell->held_len) : 0;
    const size_t seen = shell->seen_len < SHELL_SEEN ? shell->seen_len : SHELL_SEEN;
    bool known = false;
    for (size_t i = 0; failed && i < seen; i++)
        known = known || shell->seen[i] == digest;
    if (failed && !known)
        shell->seen[shell->seen_len++ % SHELL_SEEN] = digest;
    if (!known)
        write_errors(shell->held, shell->held_len);
    shell->held_len = 0;
}

static bool holds(const struct shell *shell)
{
    return clock_ns() - shell->begun_ns < HOLD_MS * MS;
}

static void keep_tail(struct shell *shell, const char *bytes, size_t len)
{
    const size_t keep = len < SHELL_TAIL_BYTES ? len : SHELL_TAIL_BYTES;
    const size_t room = SHELL_TAIL_BYTES - keep;
    const size_t old = shell->tail_len < room ? shell->tail_len : room;
    memmove(shell->tail, shell->tail + shell->tail_len - old, old);
    memcpy(shell->tail + old, bytes + len - keep, keep);
    shell->tail_len = old + keep;
}

/* Takes errors, to hold or to hand them on, and keeps their end. Whether there may be more. */
static bool take_errors(struct shell *shell)
{
    char chunk[SHELL_HELD_BYTES];
    const ssize_t got = read(shell->errors[0], chunk, sizeof chunk);
    if (got <= 0)
        return false;
    const size_t len = (size_t)got;
    keep_tail(shell, chunk, len);
    if (len > SHELL_HELD_BYTES - shell->held_len)
        release_errors(shell, false);
    memcpy(shell->held + shell->held_len, chunk, len);
    shell->held_len += len;
    if (!holds(shell))
        release_errors(shell, false);
    return true;
}

/* The end of a command, and of whatever is left of it. */
static void end(struct shell *shell, bool failed)
{
    process_end_family();
    while (take_errors(shell))
        ;
    release_errors(shell, failed);
}

void shell_end(struct shell *shell)
{
    end(shell, false);
}

/* Whether nobody is left that is waited for. */
static bool all_ended(struct shell *shell)
{
    char name[64];
    pid_t ended;
    int status;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
        if (ended == shell->pid) {
            shell->ended = true;
            shell->status = status;
            shell->ended_ns = clock_ns();
        }
    return shell->ended
        && (ended < 0 || shell->status != 0 || !process_in_background(name, sizeof name));
}

static void tell_what_is_left(struct shell *shell)
{
    char name[64];
    shell->told = true;
    if (process_in_background(name, sizeof name))
        fprintf(stderr, "%s: a command has ended, and what it left behind is waited for: %s\n",
                program_invocation_short_name, name);
}

/* Sleeps until there is something to read, a child ends, or something is due. */
static bool sleep_a_while(struct shell *shell, int output)
{
    const uint64_t now = clock_ns();
    uint64_t due = now + PAUSE_MS * MS;
    struct pollfd ends[] = {{shell->errors[0], POLLIN, 0}, {output, POLLIN, 0}};
    sigset_t none;
    sigemptyset(&none);
    if (shell->held_len > 0)
        due = shell->begun_ns + HOLD_MS * MS;
    else if (shell->ended)
        due = now + LOOK_MS * MS;
    const uint64_t left = due > now ? due - now : 0;
    const struct timespec time = {(time_t)(left / (1000 * MS)), (long)(left % (1000 * MS))};
    return ppoll(ends, 2, &time, &none) > 0;
}

bool shell_wait(struct shell *shell, int output, int *status)
{
    if (all_ended(shell)) {
        *status = shell->status;
        end(shell, shell->status != 0);
        return true;
    }
    if (sleep_a_while(shell, output))
        take_errors(shell);
    if (!holds(shell))
        release_errors(shell, false);
    if (shell->ended && !shell->told && clock_ns() - shell->ended_ns > TELL_MS * MS)
        tell_what_is_left(shell);
    return false;
}

char *shell_describe(const struct shell *shell, int status, char *text)
{
    const char *tail = shell->tail;
    size_t end = shell->tail_len, begin;
    while (end > 0 && strchr(" \t\r\n", tail[end - 1])) /* a NUL too */
        end--;
    for (begin = end; begin > 0 && tail[begin - 1] != '\n'; begin--)
        ;
    process_describe(status, text, SHELL_TEXT_BYTES);
    size_t len = strlen(text);
    if (end > begin)
        snprintf(text + len, SHELL_TEXT_BYTES - len, ": %.*s", (int)(end - begin), tail + begin);
    return text;
}

void shell_close(struct shell *shell)
{
    if (shell->has_actions)
        posix_spawn_file_actions_destroy(&shell->actions);
    for (int i = 0; i < 2; i++)
        if (shell->errors[i] >= 0)
            close(shell->errors[i]);
}
