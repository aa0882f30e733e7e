/* SPDX-License-Identifier: BSD-3-Clause */
/* The rank's end. The pipe for output does not end with a command, and is made anew with the
 * process only: that the command has ended comes through the socket, after all that it printed went
 * into the pipe. So what was printed ends where the pipe is empty and the end was known before. */
#include "input/filter.h"

#include "input/filter_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIPE_BYTES = 1 << 20, IDLE_MS = 5 };

static bool open_process(struct filter *filter, struct fail *fail)
{
    const char *argv[] = {program_invocation_short_name, FILTER_CHILD_ARGUMENT, filter->command,
                          NULL};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail_errno(fail, FAIL_OTHER, "a pipe for --pre", errno);
    bool ok = process_start(&filter->process, (char *const *)(uintptr_t)argv, ends[1], fail);
    close(ends[1]);
    if (!ok) {
        close(ends[0]);
        return false;
    }
    filter->output = ends[0];
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    fcntl(ends[0], F_SETPIPE_SZ, PIPE_BYTES); /* as far as the system allows */
    return true;
}

/* The process has ended, which it does not by itself. */
static bool lost(struct filter *filter, struct fail *fail)
{
    char text[128];
    const char *name = filter->name;
    process_describe(process_end(&filter->process), text, sizeof text);
    close(filter->output);
    filter->name = NULL;
    return fail_set(fail, FAIL_INPUT, "%s: --pre: what runs the command: %s", name, text);
}

static bool send_all(const struct filter *filter, const void *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t put =
            send(filter->process.socket, (const char *)bytes + at, len - at, MSG_NOSIGNAL);
        if (put < 0 && errno != EINTR)
            return false;
        at += put > 0 ? (size_t)put : 0;
    }
    return true;
}

bool filter_start(struct filter *filter, const char *name, struct fail *fail)
{
    const uint64_t len = strlen(name);
    if (filter->process.pid == 0 && !open_process(filter, fail))
        return false;
    filter->name = name;
    filter->ended = false;
    return (send_all(filter, &len, sizeof len) && send_all(filter, name, len))
        || lost(filter, fail);
}

/* What the process says of the command when it has ended. */
static bool take_end(struct filter *filter, struct fail *fail)
{
    struct filter_child_end end;
    ssize_t got;
    while ((got = recv(filter->process.socket, &end, sizeof end, MSG_WAITALL)) < 0
           && errno == EINTR)
        ;
    if (got != sizeof end)
        return lost(filter, fail);
    filter->ended = end.done;
    if (end.done)
        return true;
    fail_set(fail, FAIL_INPUT, "%s: --pre: %.*s", filter->name, (int)sizeof end.reason, end.reason);
    filter_stop(filter); /* with what is left in the pipe */
    return false;
}

/* Waits for output, or the end. */
static bool await(struct filter *filter, struct fail *fail)
{
    struct pollfd ends[] = {{filter->output, POLLIN, 0}, {filter->process.socket, POLLIN, 0}};
    if (poll(ends, 2, filter->idle ? IDLE_MS : -1) == 0)
        filter->idle(filter->context);
    return ends[1].revents == 0 || take_end(filter, fail);
}

bool filter_read(struct filter *filter, uint8_t *into, size_t room, ssize_t *got, struct fail *fail)
{
    for (;;) {
        const bool ended = filter->ended;
        *got = read(filter->output, into, room);
        if (*got > 0)
            return true;
        if (*got < 0 && errno == EINTR)
            continue;
        if (*got < 0 && errno != EAGAIN) {
            fail_set(fail, FAIL_INPUT, "%s: --pre: %s", filter->name, strerror(errno));
            filter_stop(filter);
            return false;
        }
        if (ended) {
            *got = 0;
            filter->name = NULL;
            return true;
        }
        if (!await(filter, fail))
            return false;
    }
}

void filter_stop(struct filter *filter)
{
    if (filter->process.pid != 0) {
        process_end(&filter->process);
        close(filter->output);
    }
    filter->name = NULL;
}
