/* SPDX-License-Identifier: BSD-3-Clause */
/* A shell command for each task, by /bin/sh -c.
 *
 * Where the command has a {} or a column, the task is an argument (script.h). Without them the task
 * is a file in memory that is standard input, so that no pipe can fill while another one is waited
 * for. The pipe for output is made once and never ends, as that for errors (shell.c). */
#include "task/command.h"

#include "host/mem.h"
#include "host/script.h"
#include "host/shell.h"
#include "task/emit.h"
#include "task/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CHUNK_BYTES = 64 << 10,
    ARGUMENT_PAGES = 32, /* MAX_ARG_STRLEN of Linux */
    SIGNALLED = 128,     /* what shells add to the number of a signal */
};

#define LEAVE_OUT "leave {} out, and it comes on standard input"

_Static_assert(SCRIPT_MAX_COLUMN + 2 <= SHELL_ARGUMENTS, "there is room for all columns");

struct command {
    struct mem mem;
    const char *command; /* borrowed */
    struct script script;
    int separator; /* of columns */
    int input;     /* a file in memory */
    int output[2];
    uint8_t *bytes; /* of the output */
    size_t len, cap;
    char *texts; /* of the arguments */
    size_t texts_cap;
    const char *arguments[SHELL_ARGUMENTS + 1]; /* up to a NULL */
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
    mem_free(&command->mem, command->texts, command->texts_cap);
    script_free(&command->script);
    free(command);
}

static bool open_streams(struct command *command)
{
    posix_spawn_file_actions_t *actions = &command->shell.actions;
    if ((command->input = memfd_create("task", MFD_CLOEXEC)) < 0
        || pipe2(command->output, O_CLOEXEC) != 0)
        return false;
    fcntl(command->output[0], F_SETFL, O_NONBLOCK);
    if (!command->script.task
        && (errno = posix_spawn_file_actions_adddup2(actions, command->input, STDIN_FILENO)) != 0)
        return false;
    errno = posix_spawn_file_actions_adddup2(actions, command->output[1], STDOUT_FILENO);
    return errno == 0;
}

/* Whether there is such a shell, and it knows -c. */
static bool choose_shell(struct command *command, const char *name, struct fail *fail)
{
    int status;
    if (!name)
        return true;
    command->shell.program = name;
    const int error = shell_start(&command->shell, "exit 0", command->arguments);
    if (error)
        return fail_errno(fail, FAIL_INPUT, name, error);
    while (!shell_wait(&command->shell, -1, &status))
        ;
    return status == 0 || fail_set(fail, FAIL_INPUT, "%s: is no shell: -c 'exit 0' failed", name);
}

unsigned command_places(int separator)
{
    return SCRIPT_TASK | SCRIPT_NUMBER | (separator >= 0 ? SCRIPT_COLUMNS : 0u);
}

static bool prepare(struct command *command, const struct worker_setup *setup, struct fail *fail)
{
    const unsigned places = command_places(setup->separator);
    if (!shell_open(&command->shell))
        return fail_errno(fail, FAIL_OTHER, "streams of a command", errno);
    if (!choose_shell(command, setup->shell, fail)
        || !script_make(&command->script, command->command, places, fail))
        return false;
    return open_streams(command) || fail_errno(fail, FAIL_OTHER, "streams of a command", errno);
}

static int command_init(const struct task_call *call, const char *arguments, void **state)
{
    const struct worker_setup *setup = emit_setup(call);
    struct command *command = calloc(1, sizeof *command);
    struct fail fail = {0};
    if (!command)
        return call->fail(call, "no memory");
    command->mem.limit_bytes = SIZE_MAX;
    command->command = arguments;
    command->separator = setup->separator;
    command->input = command->output[0] = command->output[1] = -1;
    if (prepare(command, setup, &fail)) {
        *state = command;
        return 0;
    }
    call->fail(call, "%s", fail.text);
    command_free(command);
    return -1;
}

/* Cuts the task, which is at `at`, where columns end; what follows the last one that is wanted is
 * part of none. */
static int give_columns(struct command *command, const struct task_call *call, char *at)
{
    const unsigned wanted = command->script.columns;
    for (unsigned column = 1; column <= wanted; column++) {
        if (!at)
            return call->fail(call, "has no column %u", column);
        char *end = strchr(at, command->separator);
        command->arguments[1 + column] = at;
        if (end)
            *end = '\0';
        at = end ? end + 1 : NULL;
    }
    return 0;
}

/* In the order of script.h: the task, or nothing where it is standard input; its number; columns.
 */
static int give_arguments(struct command *command, const struct task_call *call, const void *data,
                          size_t len)
{
    enum { NUMBER_BYTES = 24 };
    const size_t task = command->script.task ? len : 0;
    struct fail fail = {0};
    if (task >= (size_t)sysconf(_SC_PAGESIZE) * ARGUMENT_PAGES)
        return call->fail(call, "a task of %zu bytes is too long for an argument: " LEAVE_OUT, len);
    if (memchr(data, '\0', task))
        return call->fail(call, "a task with a NUL byte cannot be an argument: " LEAVE_OUT);
    char *texts = mem_reserve(&command->mem, command->texts, &command->texts_cap,
                              NUMBER_BYTES + 2 * (task + 1), &fail);
    if (!texts)
        return call->fail(call, "%s", fail.text);
    command->texts = texts;
    char *number = texts, *whole = number + NUMBER_BYTES, *parts = whole + task + 1;
    snprintf(number, NUMBER_BYTES, "%" PRIu64, emit_given(call)->number);
    memcpy(whole, data, task);
    memcpy(parts, data, task);
    whole[task] = parts[task] = '\0';
    command->arguments[0] = whole;
    command->arguments[1] = number;
    return give_columns(command, call, parts);
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

static bool set_number(const char *name, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    return setenv(name, text, 1) == 0;
}

/* In the environment of the command. */
static bool tell_which(const struct given *given)
{
    return set_number("MPIWC_TASK", given->number) && set_number("MPIWC_TRY", given->attempt);
}

static int start(struct command *command, const struct task_call *call)
{
    const char *script = command->script.text ? command->script.text : command->command;
    fcntl(command->output[1], F_SETFL, 0); /* as that for errors */
    if (!tell_which(emit_given(call)))
        return call->fail(call, "its environment: %s", strerror(errno));
    int error = shell_start(&command->shell, script, command->arguments);
    if (error == E2BIG)
        return call->fail(call, "the task is too long for an argument: " LEAVE_OUT);
    return error ? call->fail(call, "%s: %s", command->shell.program, strerror(error)) : 0;
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
    uint8_t *into = command->bytes + command->len;
    const size_t room = command->cap - command->len;
    ssize_t got;
    while ((got = read(command->output[0], into, room)) < 0 && errno == EINTR)
        ;
    if (got < 0 && errno != EAGAIN)
        return fail_errno(fail, FAIL_OTHER, "its output", errno);
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
    if ((command->script.text && give_arguments(command, call, data, len) != 0)
        || (!command->script.task && give_input(command, call, data, len) != 0)
        || start(command, call) != 0 || emit_group(call, command->shell.pid) != 0)
        return -1;
    bool ok = collect(command, emit_limit(call), &status, &fail);
    if (!ok)
        return call->fail(call, "%s", fail.text);
    if (status != 0) {
        emit_exit(call, WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + WTERMSIG(status));
        return call->fail(call, "%s", shell_describe(&command->shell, status, text));
    }
    return command->len == 0 ? 0 : emit_printed(call, command->bytes, command->len);
}

const struct task command_task = {
    .abi = TASK_ABI,
    .name = "exec",
    .init = command_init,
    .run = command_run,
    .free = command_free,
};
