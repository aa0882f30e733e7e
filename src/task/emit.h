/* SPDX-License-Identifier: BSD-3-Clause */
/* emit: the calls of a running task (task.h), made into frames for whoever runs it. */
#ifndef EMIT_H
#define EMIT_H

#include "host/fail.h"
#include "task.h"
#include "task/frame.h"
#include "task/given.h"

struct worker_setup;

struct emit {
    struct task_call call; /* first: what a task hands back */
    bool (*put)(void *sink, const struct frame *frame, struct fail *fail);
    void *sink;                       /* borrowed */
    size_t limit_bytes;               /* for the frames of a task */
    const struct worker_setup *setup; /* borrowed */
    const struct given *given;        /* the running task */
    bool running;                     /* frames may be emitted */
    struct fail fail;                 /* of the task */
};

/* Local. Frames go to put(sink, ...), which keeps to the limit or leaves that to who reads them. */
void emit_init(struct emit *emit, bool (*put)(void *, const struct frame *, struct fail *),
               void *sink, size_t limit_bytes);

/* Local. What tasks that are no plug-ins may ask: how much a task may leave behind, how tasks are
 * run, and which task this is. */
size_t emit_limit(const struct task_call *call);
const struct worker_setup *emit_setup(const struct task_call *call);
const struct given *emit_given(const struct task_call *call);

/* Local. Fails a task that leaves more than that. Returns false. */
bool emit_refuse(struct fail *fail, size_t limit_bytes);

/* Local. A result that is what a command printed. 0, or -1. */
int emit_printed(const struct task_call *call, const void *bytes, size_t len);

/* Local. Says, before any frame, which process group works for the task, so that it can be ended
 * even when the process that waits for it is gone. 0, or -1. */
int emit_group(const struct task_call *call, int64_t group);

/* Local. Says with which exit status the task has failed. 0, or -1. */
int emit_exit(const struct task_call *call, int status);

#endif
