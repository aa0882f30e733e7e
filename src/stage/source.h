/* SPDX-License-Identifier: BSD-3-Clause */
/* source: the tasks of the inputs, in order, read on rank 0. */
#ifndef SOURCE_H
#define SOURCE_H

#include "stage/feed.h"
#include "stage/plan.h"

struct job;

/* A task, as it is sent: its bytes follow, padded to 8. */
struct source_task {
    uint64_t offset; /* with the file, its identity: where it begins */
    uint64_t len;
    uint64_t digest; /* XXH3, where there is a journal */
    uint32_t file;
    uint32_t tries; /* so far */
};

struct source {
    struct feed feed;
    struct input input;
    uint8_t *part; /* of the inputs, as feed cuts them */
    size_t part_bytes;
    uint32_t *edges;
    struct cut cut; /* the tasks in the window */
    size_t next;    /* of them */
    bool ended;     /* all are read */
};

/* Local, on rank 0. False with fail set. */
bool source_init(struct job *job, struct source *source, const struct plan *plan);

/* Local, on rank 0. The next task; its bytes are borrowed until the next call. Adds to what
 * job->verify has seen of the inputs. False at their end, or with fail set. */
bool source_next(struct job *job, struct source *source, struct source_task *task,
                 const uint8_t **bytes);

/* Local. Idempotent. */
void source_free(struct job *job, struct source *source);

/* Local. Bytes, with what pads them. */
static inline size_t source_padded(uint64_t bytes)
{
    return (size_t)(bytes + 7) & ~(size_t)7;
}

#endif
