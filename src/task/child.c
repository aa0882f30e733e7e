/* SPDX-License-Identifier: BSD-3-Clause */
/* The process that runs tasks. Frames are collected and leave with the mark of their task, or when
 * the buffer is full. */
#include "task/child.h"

#include "host/mem.h"
#include "host/signals.h"
#include "host/tether.h"
#include "task/runner.h"
#include "task/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUT_BYTES = 64 << 10 };

struct child {
    struct mem mem;
    struct runner runner;
    struct emit emit;
    FILE *in;
    struct given given;
    uint8_t *task;
    size_t task_cap;
    size_t out_len;
    uint8_t out[OUT_BYTES];
};

bool child_wanted(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], CHILD_ARGUMENT) == 0;
}

static void flush(struct child *child)
{
    tether_send(child->out, child->out_len);
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
        tether_send(frame->bytes, frame->len);
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
static bool next_task(struct child *child)
{
    struct fail fail = {0};
    struct given *given = &child->given;
    if (!tether_receive(child->in, given, GIVEN_HEAD_BYTES))
        return false;
    if (given->len > child->task_cap || !child->task) {
        void *grown = mem_grow(&child->mem, child->task, child->task_cap, given->len, &fail);
        if (!grown) { /* to the rank it is the end of the process, and of the task */
            fprintf(stderr, "%s: %s\n", program_invocation_short_name, fail.text);
            exit(FAIL_MEMORY);
        }
        child->task = grown;
        child->task_cap = given->len;
    }
    given->bytes = child->task;
    return tether_receive(child->in, child->task, given->len);
}

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

/* --worker LIMIT DELAY HOME FOLDER SHELL SEPARATOR task|exec NAME [ARGUMENTS]; see worker.c */
static bool read_setup(int argc, char **argv, struct worker_setup *setup)
{
    if (!tether_held() || (argc != 10 && argc != 11))
        return false;
    *setup = (struct worker_setup){.limit_bytes = strtoull(argv[2], NULL, 10),
                                   .delay_s = strtod(argv[3], NULL),
                                   .home = or_null(argv[4]),
                                   .folder = or_null(argv[5]),
                                   .shell = or_null(argv[6]),
                                   .separator = atoi(argv[7]),
                                   .arguments = argv[10],
                                   .isolate = true};
    if (strcmp(argv[8], "exec") == 0)
        setup->exec = argv[9];
    else
        setup->task = argv[9];
    return true;
}

static bool enter(const char *folder, const char *hint, struct fail *fail)
{
    if (!folder || chdir(folder) == 0)
        return true;
    return fail_set(fail, FAIL_INPUT, "%s: %s%s", folder, strerror(errno), hint);
}

/* Goes where tasks run. What has no full path is seen from where the run was started. */
static bool enter_folder(struct worker_setup *setup, char plugin[PATH_MAX], struct fail *fail)
{
    const bool full = setup->folder && *setup->folder == '/';
    if (!full
        && !enter(setup->home,
                  ": the run was started there; --chdir names another folder for tasks", fail))
        return false;
    if (setup->folder && setup->task && strchr(setup->task, '/') && realpath(setup->task, plugin))
        setup->task = plugin;
    return enter(setup->folder, " (--chdir)", fail);
}

static void run_tasks(struct child *child)
{
    uint64_t ns;
    put_mark(child, CHILD_DONE, 0, "");
    while (next_task(child))
        if (runner_run(&child->runner, &child->emit, &child->given, &ns))
            put_mark(child, CHILD_DONE, (int64_t)ns, "");
        else
            put_mark(child, CHILD_FAILED, (int64_t)ns, child->emit.fail.text);
}

int child_main(int argc, char **argv)
{
    struct worker_setup setup;
    struct fail fail = {0};
    char plugin[PATH_MAX];
    signals_ignore_requests();
    if (!read_setup(argc, argv, &setup)) {
        fprintf(stderr, "%s: " CHILD_ARGUMENT " is for ranks alone\n",
                program_invocation_short_name);
        return FAIL_USAGE;
    }
    struct child *child = calloc(1, sizeof *child);
    if (!child || !(child->in = tether_begin())) {
        perror(program_invocation_short_name);
        return FAIL_OTHER;
    }
    child->mem.limit_bytes = SIZE_MAX;
    if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0) { /* what a task prints is no result */
        perror(program_invocation_short_name);
        return FAIL_OTHER;
    }
    emit_init(&child->emit, put_frame, child, setup.limit_bytes);
    if (enter_folder(&setup, plugin, &fail)
        && runner_open(&child->runner, &setup, &child->emit, &fail))
        run_tasks(child);
    else
        put_mark(child, CHILD_FAILED, fail.code, fail.text);
    runner_close(&child->runner);
    mem_free(&child->mem, child->task, child->task_cap);
    free(child);
    return FAIL_NONE;
}
