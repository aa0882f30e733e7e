/* SPDX-License-Identifier: BSD-3-Clause */
/* The pipe for errors is made once and never ends: a command is over when its shell has ended,
 * whoever still holds the pipe is killed, and what it holds then is all there is. Everything waits
 * in one ppoll, which the end of a child interrupts. */
#include "host/shell.h"

#include "host/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
    *shell = (struct shell){.errors = {-1, -1}};
    posix_spawn_file_actions_init(&shell->actions);
    if (pipe2(shell->errors, O_CLOEXEC) != 0)
        return false;
    fcntl(shell->errors[0], F_SETFL, O_NONBLOCK);
    errno = posix_spawn_file_actions_adddup2(&shell->actions, shell->errors[1], STDERR_FILENO);
    return errno == 0 && set_signals();
}

int shell_start(struct shell *shell, const char *command, const char *argument)
{
    char *name = (char[]){"sh"}, *option = (char[]){"-c"};
    char *argv[] = {name, option, (char *)(uintptr_t)command, name, (char *)(uintptr_t)argument,
                    NULL};
    shell->tail_len = 0;
    /* A command may have made its end non-blocking, which would stay for the next one. */
    fcntl(shell->errors[1], F_SETFL, 0);
    return process_spawn(&shell->pid, "/bin/sh", &shell->actions, argv, environ);
}

/* Hands errors on, and keeps their end. Whether there may be more. */
static bool take_errors(struct shell *shell)
{
    char chunk[4096];
    ssize_t got = read(shell->errors[0], chunk, sizeof chunk);
    if (got <= 0)
        return false;
    size_t len = (size_t)got, keep = len < SHELL_TAIL_BYTES ? len : SHELL_TAIL_BYTES;
    size_t old =
        shell->tail_len < SHELL_TAIL_BYTES - keep ? shell->tail_len : SHELL_TAIL_BYTES - keep;
    memmove(shell->tail, shell->tail + shell->tail_len - old, old);
    memcpy(shell->tail + old, chunk + len - keep, keep);
    shell->tail_len = old + keep;
    for (ssize_t at = 0, put; at < got; at += put)
        if ((put = write(STDERR_FILENO, chunk + at, (size_t)(got - at))) <= 0)
            break;
    return true;
}

void shell_end(struct shell *shell)
{
    process_end_family();
    while (take_errors(shell))
        ;
}

bool shell_wait(struct shell *shell, int output, int *status)
{
    struct pollfd ends[] = {{shell->errors[0], POLLIN, 0}, {output, POLLIN, 0}};
    sigset_t none;
    sigemptyset(&none);
    if (waitpid(shell->pid, status, WNOHANG) == 0) {
        if (ppoll(ends, 2, NULL, &none) > 0)
            take_errors(shell);
        return false;
    }
    shell_end(shell);
    return true;
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
    posix_spawn_file_actions_destroy(&shell->actions);
    for (int i = 0; i < 2; i++)
        if (shell->errors[i] >= 0)
            close(shell->errors[i]);
}
