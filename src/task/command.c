/* SPDX-License-Identifier: BSD-3-Clause */
/* A shell command for each task, by /bin/sh -c.
 *
 * Where the command has a {}, the task is an argument (script.h). Without {} the task is a file in
 * memory that is standard input, so that no pipe can fill while another one is waited for. The
 * pipes for output and errors are made once and never end: a command is over when its shell has
 * ended, whoever still holds them is killed, and what they hold then is all there is. Everything
 * waits in one ppoll, which the end of a child interrupts. */
#include "task/command.h"

#include "host/mem.h"
#include "task/emit.h"
#include "task/process.h"
#include "task/script.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CHUNK_BYTES = 64 << 10,
    TAIL_BYTES = 200,
    ARGUMENT_PAGES = 32 /* MAX_ARG_STRLEN of Linux */
};

#define LEAVE_OUT "leave {} out, and it comes on standard input"

struct command {
    struct mem mem;
    const char *command; /* borrowed */
    char *script;        /* NULL: the task comes on standard input */
    int input;           /* a file in memory */
    int output[2], errors[2];
    uint8_t *bytes; /* of the output */
    size_t len, cap;
    char *argument;
    size_t argument_cap;
    char tail[TAIL_BYTES]; /* of the errors */
    size_t tail_len;
    posix_spawn_file_actions_t actions;
};

static void command_free(void *state)
{
    struct command *command = state;
    posix_spawn_file_actions_destroy(&command->actions);
    for (int i = 0; i < 2; i++) {
        close(command->output[i]);
        close(command->errors[i]);
    }
    close(command->input);
    mem_free(&command->mem, command->bytes, command->cap);
    mem_free(&command->mem, command->argument, command->argument_cap);
    free(command->script);
    free(command);
}

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
    signal(SIGPIPE, SIG_IGN); /* who reads our standard error may leave */
    return sigaction(SIGCHLD, &action, NULL) == 0 && sigprocmask(SIG_BLOCK, &child, NULL) == 0;
}

static bool open_streams(struct command *command)
{
    posix_spawn_file_actions_t *actions = &command->actions;
    if ((command->input = memfd_create("task", MFD_CLOEXEC)) < 0
        || pipe2(command->output, O_CLOEXEC) != 0 || pipe2(command->errors, O_CLOEXEC) != 0)
        return false;
    fcntl(command->output[0], F_SETFL, O_NONBLOCK);
    fcntl(command->errors[0], F_SETFL, O_NONBLOCK);
    if (!command->script
        && (errno = posix_spawn_file_actions_adddup2(actions, command->input, STDIN_FILENO)) != 0)
        return false;
    errno = posix_spawn_file_actions_adddup2(actions, command->output[1], STDOUT_FILENO);
    if (!errno)
        errno = posix_spawn_file_actions_adddup2(actions, command->errors[1], STDERR_FILENO);
    return errno == 0;
}

static int command_init(const struct task_call *call, const char *arguments, void **state)
{
    struct command *command = calloc(1, sizeof *command);
    bool none;
    if (!command)
        return call->fail(call, "no memory");
    *command = (struct command){.mem.limit_bytes = SIZE_MAX,
                                .command = arguments,
                                .input = -1,
                                .output = {-1, -1},
                                .errors = {-1, -1}};
    posix_spawn_file_actions_init(&command->actions);
    command->script = script_make(arguments, &none);
    if ((command->script || none) && open_streams(command) && set_signals()) {
        *state = command;
        return 0;
    }
    call->fail(call, "%s", strerror(errno));
    command_free(command);
    return -1;
}

static int give_argument(struct command *command, const struct task_call *call, const void *data,
                         size_t len)
{
    struct fail fail = {0};
    size_t bytes = len + 1;
    if (bytes > (size_t)sysconf(_SC_PAGESIZE) * ARGUMENT_PAGES)
        return call->fail(call, "a task of %zu bytes is too long for an argument: " LEAVE_OUT, len);
    if (memchr(data, '\0', len))
        return call->fail(call, "a task with a NUL byte cannot be an argument: " LEAVE_OUT);
    if (bytes > command->argument_cap) {
        char *grown =
            mem_grow(&command->mem, command->argument, command->argument_cap, bytes, &fail);
        if (!grown)
            return call->fail(call, "%s", fail.text);
        command->argument = grown;
        command->argument_cap = bytes;
    }
    memcpy(command->argument, data, len);
    command->argument[len] = '\0';
    return 0;
}

static int give_input(struct command *command, const struct task_call *call, const void *data,
                      size_t len)
{
    bool ok = ftruncate(command->input, 0) == 0;
    for (size_t at = 0; ok && at < len;) {
        ssize_t put = pwrite(command->input, (const char *)data + at, len - at, (off_t)at);
        ok = put >= 0 || errno == EINTR;
        at += put > 0 ? (size_t)put : 0;
    }
    ok = ok && lseek(command->input, 0, SEEK_SET) == 0;
    return ok ? 0 : call->fail(call, "a file for its standard input: %s", strerror(errno));
}

static int start(struct command *command, const struct task_call *call, pid_t *pid)
{
    char *shell = (char[]){"sh"}, *option = (char[]){"-c"};
    char *text = command->script ? command->script : (char *)(uintptr_t)command->command;
    char *argv[] = {shell, option, text, shell, command->script ? command->argument : NULL, NULL};
    /* A command may have made its ends non-blocking, which would stay for the next one. */
    fcntl(command->output[1], F_SETFL, 0);
    fcntl(command->errors[1], F_SETFL, 0);
    int error = process_spawn(pid, "/bin/sh", &command->actions, argv, environ);
    if (error == E2BIG)
        return call->fail(call, "the task is too long for an argument: " LEAVE_OUT);
    return error ? call->fail(call, "/bin/sh: %s", strerror(error)) : 0;
}

/* Keeps what the output holds, up to the limit; beyond it, 1 byte too many. One read, because a
 * command that has ended may have left somebody behind who writes for ever. */
static bool take_output(struct command *command, size_t limit, bool *more, struct fail *fail)
{
    if (command->cap - command->len < CHUNK_BYTES) {
        size_t cap = 2 * command->cap + CHUNK_BYTES;
        void *grown = mem_grow(&command->mem, command->bytes, command->cap, cap, fail);
        if (!grown)
            return false;
        command->bytes = grown;
        command->cap = cap;
    }
    ssize_t got =
        read(command->output[0], command->bytes + command->len, command->cap - command->len);
    *more = got > 0;
    command->len += *more ? (size_t)got : 0;
    return command->len <= limit || emit_refuse(fail, limit);
}

/* Hands errors on, and keeps their end. Whether there may be more. */
static bool take_errors(struct command *command)
{
    char chunk[4096];
    ssize_t got = read(command->errors[0], chunk, sizeof chunk);
    if (got <= 0)
        return false;
    size_t len = (size_t)got, keep = len < TAIL_BYTES ? len : TAIL_BYTES;
    size_t old = command->tail_len < TAIL_BYTES - keep ? command->tail_len : TAIL_BYTES - keep;
    memmove(command->tail, command->tail + command->tail_len - old, old);
    memcpy(command->tail + old, chunk + len - keep, keep);
    command->tail_len = old + keep;
    for (ssize_t at = 0, put; at < got; at += put)
        if ((put = write(STDERR_FILENO, chunk + at, (size_t)(got - at))) <= 0)
            break;
    return true;
}

/* Waits for the end of the shell, then ends what it left behind, and empties both pipes. False with
 * fail set when it was ended from here. */
static bool collect(struct command *command, pid_t pid, size_t limit, int *status,
                    struct fail *fail)
{
    struct pollfd ends[2] = {{command->output[0], POLLIN, 0}, {command->errors[0], POLLIN, 0}};
    char rest[4096];
    sigset_t none;
    bool ok = true, more = true;
    sigemptyset(&none);
    while (ok && waitpid(pid, status, WNOHANG) == 0) {
        if (ppoll(ends, 2, NULL, &none) <= 0)
            continue;
        ok = take_output(command, limit, &more, fail);
        take_errors(command);
    }
    process_end_family();
    for (more = true; ok && more;)
        ok = take_output(command, limit, &more, fail);
    while (!ok && read(command->output[0], rest, sizeof rest) > 0)
        ; /* not for the next task */
    while (take_errors(command))
        ;
    return ok;
}

/* The exit of a command, and the last line that it wrote to its errors. */
static int blame(const struct command *command, const struct task_call *call, int status)
{
    char text[128];
    const char *tail = command->tail;
    size_t end = command->tail_len, begin;
    while (end > 0 && strchr(" \t\r\n", tail[end - 1])) /* a NUL too */
        end--;
    for (begin = end; begin > 0 && tail[begin - 1] != '\n'; begin--)
        ;
    process_describe(status, text, sizeof text);
    return call->fail(call, end > begin ? "%s: %.*s" : "%s", text, (int)(end - begin),
                      tail + begin);
}

static int command_run(void *state, const struct task_call *call, const void *data, size_t len)
{
    struct command *command = state;
    struct fail fail = {0};
    int status = -1;
    pid_t pid;
    command->len = command->tail_len = 0;
    if ((command->script ? give_argument : give_input)(command, call, data, len) != 0
        || start(command, call, &pid) != 0 || emit_group(call, pid) != 0)
        return -1;
    bool ok = collect(command, pid, emit_limit(call), &status, &fail);
    if (!ok)
        return call->fail(call, "%s", fail.text);
    if (status != 0)
        return blame(command, call, status);
    if (command->len == 0)
        return 0;
    return call->result(call, command->bytes,
                        command->len - (command->bytes[command->len - 1] == '\n'));
}

const struct task command_task = {
    .abi = TASK_ABI,
    .name = "exec",
    .init = command_init,
    .run = command_run,
    .free = command_free,
};
