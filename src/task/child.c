/* SPDX-License-Identifier: BSD-3-Clause */
/* The process that runs tasks. Frames are collected and leave with the mark of their task, or when
 * the buffer is full.
 *
 * It must never outlive its rank, not even in a task that loops for ever. A thread waits for the
 * end of the connection, which the kernel closes however the rank dies, and then ends everything. A
 * signal at the death of the parent would do less: a task can block it, it comes to one thread, and
 * its default action would leave the grandchildren behind. */
#include "task/child.h"

#include "host/mem.h"
#include "task/process.h"
#include "task/runner.h"
#include "task/worker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUT_BYTES = 64 << 10 };

struct child {
    struct mem mem;
    struct runner runner;
    struct emit emit;
    FILE *in;
    uint8_t *task;
    size_t task_cap;
    size_t out_len;
    uint8_t out[OUT_BYTES];
};

bool child_wanted(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], CHILD_ARGUMENT) == 0;
}

/* The end of this process and of all that it started. */
static _Noreturn void vanish(void)
{
    process_end_family();
    kill(0, SIGKILL);
    for (;;)
        pause();
}

/* A socket hangs up when both directions are closed; the rank closes one of them to say that no
 * more tasks come. */
static void *watch(void *nothing)
{
    struct pollfd socket = {.fd = CHILD_SOCKET};
    (void)nothing;
    while (poll(&socket, 1, -1) < 0)
        ;
    vanish();
}

static bool start_watch(void)
{
    pthread_t thread;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old); /* signals are the task's */
    int error = pthread_create(&thread, NULL, watch, NULL);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return error == 0 && pthread_detach(thread) == 0;
}

static void send_all(const void *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t put = send(CHILD_SOCKET, (const char *)bytes + at, len - at, MSG_NOSIGNAL);
        if (put < 0 && errno != EINTR)
            vanish();
        at += put > 0 ? (size_t)put : 0;
    }
}

static void flush(struct child *child)
{
    send_all(child->out, child->out_len);
    child->out_len = 0;
}

/* The rank keeps to the limit of bytes: it ends a task that goes on and on. */
static bool put_frame(void *sink, const struct frame *frame, struct fail *fail)
{
    struct child *child = sink;
    (void)fail;
    if (sizeof child->out - child->out_len < FRAME_HEADER_BYTES)
        flush(child);
    frame_write_header(child->out + child->out_len, frame);
    child->out_len += FRAME_HEADER_BYTES;
    if (sizeof child->out - child->out_len < frame->len)
        flush(child);
    if (frame->len > sizeof child->out) {
        send_all(frame->bytes, frame->len);
    } else if (frame->len > 0) {
        memcpy(child->out + child->out_len, frame->bytes, frame->len);
        child->out_len += frame->len;
    }
    if ((int)frame->kind >= CHILD_DONE)
        flush(child);
    return true;
}

static void put_mark(struct child *child, enum child_mark mark, int64_t value, const char *reason)
{
    struct frame frame = {(enum value_kind)mark, (const uint8_t *)reason, strlen(reason), value};
    put_frame(child, &frame, NULL);
}

/* False at the end of the tasks. */
static bool read_all(struct child *child, void *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t got = fread((char *)bytes + at, 1, len - at, child->in);
        at += got;
        if (got == 0 && feof(child->in))
            return false;
        if (got == 0 && errno != EINTR)
            vanish();
        clearerr(child->in);
    }
    return true;
}

static bool next_task(struct child *child, uint64_t *len)
{
    struct fail fail = {0};
    if (!read_all(child, len, sizeof *len))
        return false;
    if (*len > child->task_cap || !child->task) {
        void *grown = mem_grow(&child->mem, child->task, child->task_cap, *len, &fail);
        if (!grown) { /* to the rank it is the end of the process, and of the task */
            fprintf(stderr, "%s: %s\n", program_invocation_short_name, fail.text);
            exit(FAIL_MEMORY);
        }
        child->task = grown;
        child->task_cap = *len;
    }
    return read_all(child, child->task, *len);
}

/* What the rank has open is none of ours, and none of what a command starts. */
static void close_inherited(void)
{
    DIR *descriptors = opendir("/proc/self/fd");
    int own = descriptors ? dirfd(descriptors) : -1;
    for (struct dirent *entry; descriptors && (entry = readdir(descriptors));) {
        int number = atoi(entry->d_name);
        if (number >= CHILD_DESCRIPTORS && number != own)
            close(number);
    }
    if (descriptors)
        closedir(descriptors);
}

/* --worker LIMIT DELAY task|exec NAME [ARGUMENTS]; see worker.c */
static bool read_setup(int argc, char **argv, struct worker_setup *setup)
{
    struct stat status;
    bool from_rank = getpgrp() == getpid() && fstat(CHILD_SOCKET, &status) == 0
                  && S_ISSOCK(status.st_mode) && (argc == 6 || argc == 7);
    if (!from_rank)
        return false;
    *setup = (struct worker_setup){.limit_bytes = strtoull(argv[2], NULL, 10),
                                   .delay_s = strtod(argv[3], NULL),
                                   .arguments = argv[6]};
    if (strcmp(argv[4], "exec") == 0)
        setup->exec = argv[5];
    else
        setup->task = argv[5];
    return true;
}

static void run_tasks(struct child *child)
{
    uint64_t len, ns;
    put_mark(child, CHILD_DONE, 0, "");
    while (next_task(child, &len))
        if (runner_run(&child->runner, &child->emit, child->task, len, &ns))
            put_mark(child, CHILD_DONE, (int64_t)ns, "");
        else
            put_mark(child, CHILD_FAILED, (int64_t)ns, child->emit.fail.text);
}

int child_main(int argc, char **argv)
{
    struct worker_setup setup;
    struct fail fail = {0};
    if (!read_setup(argc, argv, &setup)) {
        fprintf(stderr, "%s: " CHILD_ARGUMENT " is for ranks alone\n",
                program_invocation_short_name);
        return FAIL_USAGE;
    }
    close_inherited();
    fcntl(CHILD_SOCKET, F_SETFD, FD_CLOEXEC);
    struct child *child = calloc(1, sizeof *child);
    if (!child || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || !start_watch()
        || !(child->in = fdopen(CHILD_SOCKET, "r"))) {
        perror(program_invocation_short_name);
        return FAIL_OTHER;
    }
    child->mem.limit_bytes = SIZE_MAX;
    emit_init(&child->emit, put_frame, child, setup.limit_bytes);
    if (runner_open(&child->runner, &setup, &child->emit, &fail))
        run_tasks(child);
    else
        put_mark(child, CHILD_FAILED, fail.code, fail.text);
    runner_close(&child->runner);
    mem_free(&child->mem, child->task, child->task_cap);
    free(child);
    return FAIL_NONE;
}
