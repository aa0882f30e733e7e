/* SPDX-License-Identifier: BSD-3-Clause */
/* worker: runs tasks for a rank, in a process of its own, so that a task can neither harm the rank
 * nor hang it.
 *
 * Tasks wait in a queue and end in its order. A task that kills its process, takes too long or
 * leaves too much fails, and only that: the process is started anew, and what waits is sent again,
 * so a task may be begun more than once, but ends once. */
#ifndef WORKER_H
#define WORKER_H

#include "host/mem.h"
#include "task/runner.h"
#include "task/wire.h"

enum { WORKER_REASON_BYTES = 256 };

/* Plain data, strings borrowed. */
struct worker_setup {
    const char *task; /* name of a built-in, or path (contains '/') of a plug-in; NULL with exec */
    const char *exec; /* shell command; NULL with task */
    const char *arguments;       /* text passed to the plug-in's init; NULL: none */
    const char *home;            /* the folder that the run was started in; NULL: this one */
    const char *folder;          /* that tasks run in, relative to `home`; NULL: `home` */
    const char *shell;           /* that runs commands; NULL: /bin/sh */
    int separator;               /* between the columns of a task; -1: it has none */
    double delay_s;              /* of each task, for the built-in squares; 0: none */
    double timeout_s;            /* a task that takes longer fails; 0: none */
    double start_s;              /* a process that is not ready by then fails; 0: it never does */
    uint64_t memory_bytes;       /* of data, in each of its processes; 0: any number */
    const cpu_set_t *processors; /* they run on; NULL: those of this process */
    size_t limit_bytes;          /* a task whose frames take more fails */
    bool isolate;                /* in a process of its own, or here */
};

struct worker_outcome {
    bool done;                        /* false: it failed, and has no frames */
    char reason[WORKER_REASON_BYTES]; /* of the failure; one line */
    const uint8_t *frames;            /* see frame.h */
    size_t frames_len;                /* bytes */
    int exit;                         /* status of what was run for it and failed; -1: unknown */
    uint64_t ns;                      /* the task took */
};

struct worker {
    struct worker_setup setup;
    struct wire wire;     /* the queue, and the process where there is one */
    uint64_t started_ns;  /* that process */
    struct runner runner; /* isolate off: the task, its calls, the frames it left */
    struct emit emit;
    int output; /* standard output, while tasks have another one; not over 0: they have not */
    uint8_t *frames;
    size_t frames_len, frames_cap;
};

/* Local. Starts and prepares. False with fail set: FAIL_USAGE for a task that does not exist or
 * settings that contradict each other, FAIL_INPUT for a plug-in that cannot be used, FAIL_STUCK for
 * one that cannot be loaded, or whose init does not return, in start_s: without isolation its
 * caller has to see to that. */
bool worker_open(struct worker *worker, struct mem *mem, const struct worker_setup *setup,
                 struct fail *fail);

/* Local. Whether the queue takes another task: a bounded number of them and of their bytes
 * (wire.h), but always one, however long. */
bool worker_has_room(const struct worker *worker);

/* Local. Queues a task; the bytes are borrowed until its outcome was taken. */
void worker_add(struct worker *worker, const struct given *task);

/* Local. Waits up to wait_ms (-1: as long as it takes) for the end of the oldest task. True: it has
 * ended, its frames are borrowed until the next call. False: not yet, or there is none, or with
 * fail set this rank has failed: no memory, or a process that cannot be started again. */
bool worker_take(struct worker *worker, int wait_ms, struct worker_outcome *outcome,
                 struct fail *fail);

/* Local. Ends the process and all that descends from it; with an empty queue it is given a second
 * to end by itself. Idempotent. */
void worker_close(struct worker *worker);

#endif
