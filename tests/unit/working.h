/* SPDX-License-Identifier: BSD-3-Clause */
/* Workers for tests: a plug-in made where it is needed, tasks run one by one, processes counted.
 * The sources of plug-ins are found from the root of the tree, where tests are started. */
#ifndef WORKING_H
#define WORKING_H

#include "task/child.h"
#include "task/worker.h"

#include "slow.h"
#include "world_in_folder.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#ifdef __SANITIZE_ADDRESS__
enum { WORKING_SANITIZED = 1 };
#else
enum { WORKING_SANITIZED = 0 };
#endif

/* A test program with workers is what its workers are made of. */
#define WORKING_MAIN(tests)                                                                        \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        if (child_wanted(argc, argv))                                                              \
            return child_main(argc, argv);                                                         \
        signal(SIGPIPE, SIG_IGN); /* as the program does */                                        \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }

struct working {
    struct worker worker;
    struct worker_outcome outcome;
    struct world *world;
    uint64_t number; /* of tasks */
};

/* Builds a plug-in in the folder of the test; returns its path. */
static inline const char *working_plugin(const char *name, const char *flags)
{
    char command[3 * PATH_MAX];
    const char *path = folder_path(name);
    snprintf(command, sizeof command, "cc -shared -fPIC -Iinclude %s -o %s tests/unit/naughty.c",
             flags, path);
    assert_int_equal(system(command), 0);
    return path;
}

static inline struct worker_setup working_setup(const char *task)
{
    return (struct worker_setup){
        .task = task, .limit_bytes = 1 << 20, .isolate = true, .separator = -1};
}

static inline void working_open(struct working *working, struct world *world,
                                struct worker_setup setup)
{
    *working = (struct working){.world = world};
    if (!worker_open(&working->worker, &world->mem, &setup, &world->fail))
        fail_msg("%s", world->fail.text);
}

static inline void working_exec(struct working *working, struct world *world, const char *command)
{
    struct worker_setup setup = working_setup(NULL);
    setup.exec = command;
    working_open(working, world, setup);
}

/* Waits for the oldest task; whether it is done. */
static inline bool working_take(struct working *working)
{
    struct world *world = working->world;
    if (!worker_take(&working->worker, 60000 * (int)slow(), &working->outcome, &world->fail))
        fail_msg("no outcome: %s", world->fail.text);
    return working->outcome.done;
}

static inline void working_add(struct working *working, const void *task, size_t len)
{
    worker_add(&working->worker, &(struct given){++working->number, 1, len, task});
}

static inline bool working_run_bytes(struct working *working, const void *task, size_t len)
{
    assert_true(worker_has_room(&working->worker));
    working_add(working, task, len);
    return working_take(working);
}

static inline bool working_run(struct working *working, const char *task)
{
    return working_run_bytes(working, task, strlen(task));
}

/* The task is done and left this one result, which for a command is what it printed before the
 * newline that may end it. */
static inline void working_gives_bytes(struct working *working, const void *task, size_t len,
                                       const void *result, size_t result_len)
{
    struct frame frame;
    if (!working_run_bytes(working, task, len))
        fail_msg("%.*s: %s", (int)(len < 200 ? len : 200), (const char *)task,
                 working->outcome.reason);
    const uint8_t *end = working->outcome.frames + working->outcome.frames_len;
    assert_ptr_equal(frame_next(working->outcome.frames, end, &frame), end);
    assert_int_equal(frame.kind, VALUE_KIND_RESULT);
    if (frame.value == FRAME_PRINTED && frame.len > result_len)
        assert_int_equal(frame.bytes[--frame.len], '\n');
    assert_int_equal(frame.len, result_len);
    assert_memory_equal(frame.bytes, result, result_len);
}

static inline void working_gives(struct working *working, const char *task, const char *result)
{
    working_gives_bytes(working, task, strlen(task), result, strlen(result));
}

/* What a task is told that takes longer than this. */
static inline const char *working_too_long(double seconds)
{
    static char text[64];
    snprintf(text, sizeof text, "takes longer than %g s", seconds);
    return text;
}

/* A task that sleeps for so long. */
static inline void working_sleep(struct working *working, unsigned ms)
{
    static char tasks[16][32]; /* the worker borrows a task until it has ended */
    static size_t next;
    char *task = tasks[next++ % LEN(tasks)];
    snprintf(task, sizeof *tasks, "sleep %u", ms);
    working_add(working, task, strlen(task));
}

/* The task fails for this reason, and has no frames. */
static inline void working_fails(struct working *working, const char *task, const char *reason)
{
    assert_false(working_run(working, task));
    assert_string_equal(working->outcome.reason, reason);
    assert_int_equal(working->outcome.frames_len, 0);
}

static inline void working_close(struct working *working)
{
    worker_close(&working->worker);
    worker_close(&working->worker);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
    assert_int_equal(errno, ECHILD);
}

/* No worker for such a setup: the code, and a part of the text. */
static inline void working_refused(struct world *world, struct worker_setup setup, int code,
                                   const char *text)
{
    struct worker worker;
    assert_false(worker_open(&worker, &world->mem, &setup, &world->fail));
    if (!strstr(world->fail.text, text))
        fail_msg("expected `%s` in: %s", text, world->fail.text);
    assert_int_equal(world->fail.code, code);
    world->fail = (struct fail){0};
    worker_close(&worker);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* How many processes on this machine have this text as one of their arguments. */
static inline int working_processes(const char *text)
{
    int count = 0;
    DIR *all = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(all));) {
        char path[300], arguments[8192];
        snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
        int file = atoi(entry->d_name) > 0 ? open(path, O_RDONLY) : -1;
        ssize_t len = file >= 0 ? read(file, arguments, sizeof arguments - 1) : 0;
        bool found = false;
        arguments[len > 0 ? len : 0] = '\0';
        for (ssize_t at = 0; at < len && !found; at += (ssize_t)strlen(arguments + at) + 1)
            found = strcmp(arguments + at, text) == 0;
        count += found;
        if (file >= 0)
            close(file);
    }
    closedir(all);
    return count;
}

static inline bool working_reaches(const char *text, int processes)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    for (unsigned i = 0; i < 300 * slow(); i++) {
        if (working_processes(text) == processes)
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

#endif
