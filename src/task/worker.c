/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker keeps one process at work and says how each task ended. A task counts as begun when the
 * one before it has ended and all of it was sent; its time is up to be looked at only after all
 * that came from the process was read. */
#include "task/worker.h"

#include "host/clock.h"
#include "task/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CLOSE_MS = 1000,
    LOOK_MS = 500, /* between looks whether the process has ended without a word */
    FOREVER_S = 1000000000,
};

static const char *or_none(const char *text)
{
    return text ? text : "";
}

static bool start(struct worker *worker, struct fail *fail)
{
    const struct worker_setup *setup = &worker->setup;
    char limit[24], delay[32], separator[16];
    snprintf(limit, sizeof limit, "%zu", setup->limit_bytes);
    snprintf(delay, sizeof delay, "%.9f", setup->delay_s);
    snprintf(separator, sizeof separator, "%d", setup->separator);
    const char *argv[] = {program_invocation_short_name,
                          CHILD_ARGUMENT,
                          limit,
                          delay,
                          or_none(setup->home),
                          or_none(setup->folder),
                          or_none(setup->shell),
                          separator,
                          setup->exec ? "exec" : "task",
                          setup->exec ? setup->exec : setup->task,
                          setup->arguments,
                          NULL};
    worker->started_ns = clock_ns();
    return wire_start(&worker->wire, (char *const *)(uintptr_t)argv, fail)
        && process_confine(&worker->wire.process, setup->memory_bytes, setup->processors, fail);
}

__attribute__((format(printf, 2, 3))) static void say(struct worker_outcome *outcome,
                                                      const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(outcome->reason, sizeof outcome->reason, format, arguments);
    va_end(arguments);
}

static void say_too_long(const struct worker *worker, struct worker_outcome *outcome)
{
    say(outcome, "takes longer than %g s", worker->setup.timeout_s);
}

static void say_too_much(const struct worker *worker, struct worker_outcome *outcome)
{
    struct fail fail = {0};
    emit_refuse(&fail, worker->setup.limit_bytes);
    say(outcome, "%s", fail.text);
}

static void take_outcome(struct worker *worker, const struct frame *mark,
                         struct worker_outcome *outcome)
{
    double limit_s = worker->setup.timeout_s;
    outcome->ns = (uint64_t)mark->value;
    outcome->exit = worker->wire.exit;
    if ((int)mark->kind == CHILD_FAILED)
        say(outcome, "%.*s", (int)mark->len, (const char *)mark->bytes);
    else if (limit_s > 0 && (double)outcome->ns > limit_s * 1e9)
        say_too_long(worker, outcome); /* while nobody looked */
    else
        outcome->done = true;
    wire_drop(&worker->wire);
}

/* Ends the running task with its process, which is of no more use. Returns the status of that. */
static int abandon(struct worker *worker, struct worker_outcome *outcome)
{
    struct wire *wire = &worker->wire;
    outcome->ns = wire->sent > 0 ? clock_ns() - wire->begun_ns : 0;
    wire_drop(wire);
    return process_end(&wire->process);
}

/* When the running task will have taken too long; UINT64_MAX: never, or it is not running yet. */
static uint64_t deadline_ns(const struct worker *worker)
{
    double limit_s = worker->setup.timeout_s;
    if (limit_s <= 0 || limit_s > FOREVER_S || worker->wire.sent == 0)
        return UINT64_MAX;
    return worker->wire.begun_ns + (uint64_t)(limit_s * 1e9);
}

static const char *name_of(const struct worker *worker)
{
    return worker->setup.exec ? worker->setup.exec : worker->setup.task;
}

/* The process has closed its end: in the middle of a task, as far as we know. */
static void say_lost(struct worker *worker, struct worker_outcome *outcome)
{
    char text[128];
    int status = abandon(worker, outcome);
    process_describe(status, text, sizeof text);
    say(outcome, "%s%s", WIFEXITED(status) ? "the worker ended with " : "", text);
}

enum state { WAITING, ENDED, FAILED };

/* Sets fail where the process has not become ready in its time. */
static bool is_slow_to_start(struct worker *worker, struct fail *fail)
{
    const double limit_s = worker->setup.start_s;
    if (limit_s <= 0 || limit_s > FOREVER_S
        || clock_ns() < worker->started_ns + (uint64_t)(limit_s * 1e9))
        return false;
    process_end(&worker->wire.process);
    fail_set(
        fail, FAIL_STUCK,
        "%s: not ready for a task after %g s: does it wait while it is loaded, or in its init? "
        "(--timeout gives it more)",
        name_of(worker), limit_s);
    return true;
}

/* Before the process is ready. It stays WAITING until then. */
static enum state look_at_start(struct worker *worker, struct fail *fail)
{
    struct wire *wire = &worker->wire;
    struct frame mark;
    const uint8_t *frames;
    size_t frames_len;
    char text[128];
    bool ended = process_ended(&wire->process);
    enum wire_event event = wire_receive(wire, &mark, &frames, &frames_len, fail);
    if (event == WIRE_NONE && !ended)
        return is_slow_to_start(worker, fail) ? FAILED : WAITING;
    wire->ready = event == WIRE_MARK && (int)mark.kind == CHILD_DONE;
    if (wire->ready)
        return WAITING;
    if (event == WIRE_MARK)
        fail_set(fail, (int)mark.value, "%.*s", (int)mark.len, (const char *)mark.bytes);
    process_describe(process_end(&wire->process), text, sizeof text);
    fail_set(fail, FAIL_INPUT, "%s: its process ended before the first task: %s", name_of(worker),
             text);
    return FAILED;
}

/* While it is ready: sends and receives what can be, as far as the end of a task. */
static enum state look_at_task(struct worker *worker, struct worker_outcome *outcome,
                               struct fail *fail)
{
    struct wire *wire = &worker->wire;
    struct frame mark;
    wire_send(wire);
    bool ended = process_ended(&wire->process); /* and will say no more than it has said */
    enum wire_event event = wire_receive(wire, &mark, &outcome->frames, &outcome->frames_len, fail);
    if (event == WIRE_NONE && ended)
        event = WIRE_LOST;
    bool is_late = worker->setup.timeout_s > 0 && wire->sent > 0
                && clock_ns() >= wire->begun_ns + (uint64_t)(worker->setup.timeout_s * 1e9);
    if (event == WIRE_NONE && !is_late)
        return WAITING;
    if (event == WIRE_LOST && wire->sent == 0 && wire->sent_bytes == 0) {
        process_end(&wire->process); /* it had nothing to do */
        return WAITING;
    }
    if (event == WIRE_FAILED)
        return FAILED;
    if (event == WIRE_MARK) {
        take_outcome(worker, &mark, outcome);
    } else if (event == WIRE_LOST) {
        say_lost(worker, outcome);
    } else {
        abandon(worker, outcome);
        if (event == WIRE_NONE)
            say_too_long(worker, outcome);
        else if (event == WIRE_EXCESS)
            say_too_much(worker, outcome);
        else
            say(outcome, "its worker sends nonsense");
    }
    return ENDED;
}

static enum state look(struct worker *worker, struct worker_outcome *outcome, struct fail *fail)
{
    struct wire *wire = &worker->wire;
    if (!wire->process.pid && !start(worker, fail))
        return FAILED;
    if (!wire->ready && look_at_start(worker, fail) == FAILED)
        return FAILED;
    return wire->ready && wire->queue_len > 0 ? look_at_task(worker, outcome, fail) : WAITING;
}

/* Until the process says something, takes something, or the moment comes. */
static void wait_until(const struct worker *worker, uint64_t moment_ns)
{
    const struct wire *wire = &worker->wire;
    bool unsent = wire->ready && wire->sent < wire->queue_len;
    struct pollfd socket = {wire->process.socket, unsent ? POLLIN | POLLOUT : POLLIN, 0};
    uint64_t now = clock_ns(), deadline = deadline_ns(worker);
    uint64_t next_look = now + LOOK_MS * UINT64_C(1000000);
    if (!wire->process.pid)
        return; /* there will be one at the next look */
    if (moment_ns > deadline)
        moment_ns = deadline;
    if (moment_ns > next_look)
        moment_ns = next_look;
    uint64_t left_ms = moment_ns > now ? (moment_ns - now) / 1000000 + 1 : 0;
    poll(&socket, 1, (int)left_ms);
}

static bool put_here(void *sink, const struct frame *frame, struct fail *fail)
{
    struct worker *worker = sink;
    size_t limit = worker->setup.limit_bytes, bytes = FRAME_HEADER_BYTES + frame->len;
    if (frame->len > limit || worker->frames_len + FRAME_HEADER_BYTES > limit - frame->len)
        return emit_refuse(fail, limit);
    void *frames = mem_reserve(worker->wire.mem, worker->frames, &worker->frames_cap,
                               worker->frames_len + bytes, fail);
    if (!frames)
        return false;
    worker->frames = frames;
    frame_write_header(worker->frames + worker->frames_len, frame);
    if (frame->len > 0)
        memcpy(worker->frames + worker->frames_len + FRAME_HEADER_BYTES, frame->bytes, frame->len);
    worker->frames_len += bytes;
    return true;
}

/* What a task prints is no result: it goes to standard error, as from a process of its own. */
static bool open_here(struct worker *worker, struct fail *fail)
{
    worker->output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (worker->output >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return fail_errno(fail, FAIL_OTHER, "standard output of tasks", errno);
    return runner_open(&worker->runner, &worker->setup, &worker->emit, fail);
}

static void close_here(struct worker *worker)
{
    runner_close(&worker->runner);
    fflush(stdout);
    if (worker->output > 0) {
        dup2(worker->output, STDOUT_FILENO); /* cannot fail: it was open */
        close(worker->output);
    }
}

static bool run_here(struct worker *worker, struct worker_outcome *outcome)
{
    const struct given *task = &worker->wire.queue[0];
    worker->frames_len = 0;
    outcome->done = runner_run(&worker->runner, &worker->emit, task, &outcome->ns);
    if (outcome->done) {
        outcome->frames = worker->frames;
        outcome->frames_len = worker->frames_len;
    } else {
        say(outcome, "%s", worker->emit.fail.text);
    }
    wire_drop(&worker->wire);
    return true;
}

bool worker_open(struct worker *worker, struct mem *mem, const struct worker_setup *setup,
                 struct fail *fail)
{
    struct worker_outcome none;
    *worker = (struct worker){.setup = *setup};
    wire_init(&worker->wire, mem, setup->limit_bytes);
    emit_init(&worker->emit, put_here, worker, setup->limit_bytes);
    if (!runner_check(setup, fail))
        return false;
    if (!setup->isolate)
        return open_here(worker, fail);
    while (look(worker, &none, fail) != FAILED && !worker->wire.ready)
        wait_until(worker, UINT64_MAX);
    return worker->wire.ready;
}

bool worker_has_room(const struct worker *worker)
{
    return wire_has_room(&worker->wire);
}

void worker_add(struct worker *worker, const struct given *task)
{
    wire_add(&worker->wire, task);
}

bool worker_take(struct worker *worker, int wait_ms, struct worker_outcome *outcome,
                 struct fail *fail)
{
    uint64_t until = wait_ms < 0 ? UINT64_MAX : clock_ns() + (uint64_t)wait_ms * 1000000;
    *outcome = (struct worker_outcome){.exit = -1};
    if (worker->wire.queue_len == 0)
        return false;
    if (!worker->setup.isolate)
        return run_here(worker, outcome);
    for (;;) {
        enum state state = look(worker, outcome, fail);
        if (!outcome->done)
            outcome->frames_len = 0; /* those of a task that has not ended, or has failed */
        if (state != WAITING)
            return state == ENDED;
        if (clock_ns() >= until)
            return false;
        wait_until(worker, until);
    }
}

void worker_close(struct worker *worker)
{
    struct wire *wire = &worker->wire;
    struct pollfd socket = {wire->process.socket, POLLIN, 0};
    if (wire->process.pid && wire->ready && wire->queue_len == 0) {
        shutdown(wire->process.socket, SHUT_WR);
        poll(&socket, 1, CLOSE_MS);
    }
    close_here(worker);
    if (worker->frames)
        mem_free(wire->mem, worker->frames, worker->frames_cap);
    wire_free(wire);
    *worker = (struct worker){0};
}
