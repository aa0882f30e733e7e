/* SPDX-License-Identifier: BSD-3-Clause */
/* wire: the rank's end of the connection to a process that runs tasks (child.h), and the queue of
 * what is to be sent. Nothing here blocks. */
#ifndef WIRE_H
#define WIRE_H

#include "host/mem.h"
#include "host/process.h"
#include "task/frame.h"
#include "task/given.h"

enum {
    WIRE_AHEAD = 64,             /* tasks that may wait behind the running one */
    WIRE_AHEAD_BYTES = 64 << 10, /* they are fewer when they are more bytes than this */
};

struct wire {
    struct mem *mem; /* borrowed */
    size_t limit_bytes;
    struct process process;
    bool ready; /* it takes tasks */

    struct given queue[WIRE_AHEAD + 1]; /* the first one is running */
    size_t queue_len, ahead_bytes;      /* tasks; bytes of all but the first */
    size_t sent, sent_bytes; /* tasks the process has; of the next one, its length included */
    int exit;                /* what CHILD_EXIT said of the running task; -1: nothing */
    uint64_t begun_ns;       /* when the process was free for the running task and had all of it */

    uint8_t *buffer; /* what was received */
    size_t begin, frames_end, end, cap;
};

enum wire_event {
    WIRE_NONE,   /* nothing more for now */
    WIRE_MARK,   /* the process is ready, or a task has ended */
    WIRE_EXCESS, /* the frames of a task take more than limit_bytes */
    WIRE_BROKEN, /* what came is no frame */
    WIRE_LOST,   /* the process has closed its end */
    WIRE_FAILED, /* no memory */
};

/* Local. For frames of at most limit_bytes a task. */
void wire_init(struct wire *wire, struct mem *mem, size_t limit_bytes);

/* Local. A process that has nothing of the queue yet. False with fail set. */
bool wire_start(struct wire *wire, char *const argv[], struct fail *fail);

/* Local. Whether the queue takes another task. It always takes one, however long. */
bool wire_has_room(const struct wire *wire);

/* Local. Queues a task. */
void wire_add(struct wire *wire, const struct given *task);

/* Local. Sends as much of the queue as the process takes now. */
void wire_send(struct wire *wire);

/* Local. Receives what has come, up to a mark; then frame.bytes is the reason of a failure, and
 * *frames are the frames before it: both good until the next call. WIRE_FAILED with fail set. */
enum wire_event wire_receive(struct wire *wire, struct frame *mark, const uint8_t **frames,
                             size_t *frames_len, struct fail *fail);

/* Local. Forgets the first task of the queue. */
void wire_drop(struct wire *wire);

/* Local. Idempotent. */
void wire_free(struct wire *wire);

#endif
