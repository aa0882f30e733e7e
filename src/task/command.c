/* SPDX-License-Identifier: BSD-3-Clause */
/* A shell command for each task, by /bin/sh -c.
 *
 * Where the command has a {}, the task is an argument (script.h). Without {} the task is a file in
 * memory that is standard input, so that no pipe can fill while another one is waited for. The pipe
 * for output is made once and never ends, as that for errors (shell.c). */
#include "task/command.h"

#include "host/mem.h"
#include "host/script.h"
#include "host/shell.h"
#include "task/emit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    CHUNK_BYTES = 64 << 10,
    ARGUMENT_PAGES = 32 /* MAX_ARG_STRLEN of Linux */
};

#define LEAVE_OUT "leave {} out, and it comes on standard input"

struct command {
    struct mem mem;
    const char *command; /* borrowed */
    char *script;        /* NULL: the task comes on standard input */
    int input;           /* a file in memory */
    int output[2];
    uint8_t *bytes; /* of the output */
    size_t len, cap;
    char *argument;
    size_t argument_cap;
    struct shell shell;
};

static void command_free(void *state)
{
    struct command *command = state;
    shell_close(&command->shell);
    for (int i = 0; i < 2; i++)
        close(command->output[i]);
    close(command->input);
    mem_free(&command->mem, command->bytes, command->cap);
    mem_free(&command->mem, command->argument, command->argument_cap);
    free(command->script);
    free(command);
}

static bool open_streams(struct command *command)
{
    posix_spawn_file_actions_t *actions = &command->shell.actions;
    if ((command->input = memfd_create("task", MFD_CLOEXEC)) < 0
        || pipe2(command->output, O_CLOEXEC) != 0)
        return false;
    fcntl(command->output[0], F_SETFL, O_NONBLOCK);
    if (!command->script
        && (errno = posix_spawn_file_actions_adddup2(actions, command->input, STDIN_FILENO)) != 0)
        return false;
    errno = posix_spawn_file_actions_adddup2(actions, command->output[1], STDOUT_FILENO);
    return errno == 0;
}

static int command_init(const struct task_call *call, const char *arguments, void **state)
{
    struct command *command = calloc(1, sizeof *command);
    struct fail fail = {0};
    bool none;
    if (!command)
        return call->fail(call, "no memory");
    *command = (struct command){
        .mem.limit_bytes = SIZE_MAX, .command = arguments, .input = -1, .output = {-1, -1}};
    bool opened = shell_open(&command->shell);
    command->script = script_make(arguments, &none, &fail);
    if (opened && (command->script || none) && open_streams(command)) {
        *state = command;
        return 0;
    }
    call->fail(call, "%s", fail.code ? fail.text : strerror(errno));
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

static int start(struct command *command, const struct task_call *call)
{
    const bool script = command->script != NULL;
    fcntl(command->output[1], F_SETFL, 0); /* as that for errors */
    int error = shell_start(&command->shell, script ? command->script : command->command,
                            script ? command->argument : NULL);
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

/* Waits for the end of the command, and empties the pipe. False with fail set when it was ended
 * from here. */
static bool collect(struct command *command, size_t limit, int *status, struct fail *fail)
{
    char rest[4096];
    bool ok = true, more = true;
    while (ok && !shell_wait(&command->shell, command->output[0], status))
        ok = take_output(command, limit, &more, fail);
    if (!ok)
        shell_end(&command->shell);
    for (more = true; ok && more;)
        ok = take_output(command, limit, &more, fail);
    while (!ok && read(command->output[0], rest, sizeof rest) > 0)
        ; /* not for the next task */
    return ok;
}

static int command_run(void *state, const struct task_call *call, const void *data, size_t len)
{
    struct command *command = state;
    struct fail fail = {0};
    char text[SHELL_TEXT_BYTES];
    int status = -1;
    command->len = 0;
    if ((command->script ? give_argument : give_input)(command, call, data, len) != 0
        || start(command, call) != 0 || emit_group(call, command->shell.pid) != 0)
        return -1;
    bool ok = collect(command, emit_limit(call), &status, &fail);
    if (!ok)
        return call->fail(call, "%s", fail.text);
    if (status != 0)
        return call->fail(call, "%s", shell_describe(&command->shell, status, text));
    return command->len == 0 ? 0 : emit_printed(call, command->bytes, command->len);
}

const struct task command_task = {
    .abi = TASK_ABI,
    .name = "exec",
    .init = command_init,
    .run = command_run,
    .free = command_free,
};
