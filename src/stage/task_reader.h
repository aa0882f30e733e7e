/* SPDX-License-Identifier: BSD-3-Clause */
/* task_reader: the tasks of the inputs, in order, read on rank 0. */
#ifndef TASK_READER_H
#define TASK_READER_H

#include "input/root_reader.h"
#include "mapper/mapper.h"
#include "stage/plan.h"

struct job;

/* A task, as it is sent: its bytes follow, padded to 8. */
struct task_reader_task {
    uint64_t offset; /* with the file, its identity: where it begins */
    uint64_t number; /* among all tasks, from 1 */
    uint64_t len;
    uint64_t digest;     /* XXH3, where there is a journal */
    uint64_t due_ns;     /* not to be given again before; by the clock of rank 0 */
    uint64_t submission; /* whose it is; 0: there is nobody else */
    uint32_t file;
    uint32_t tries; /* so far */
};

struct task_reader {
    struct root_reader reader;
    struct window window;
    uint8_t *part; /* of the inputs, as root_reader cuts them */
    size_t part_bytes;
    uint32_t *edges;
    struct cut cut;   /* the tasks in the window */
    size_t next;      /* of them */
    uint64_t read;    /* tasks so far */
    uint64_t range;   /* tasks of the range that is all there is; 0: there is something else */
    bool ended;       /* all are read */
    uint64_t late_ns; /* when a stream was last seen to have nothing; 0: it had */
};

/* Local, on rank 0. False with fail set. */
bool task_reader_init(struct job *job, struct task_reader *tasks, const struct plan *plan);

/* Local, on rank 0. The next task; its bytes are borrowed until the next call. Adds to what
 * job->verify has seen of the inputs. False at their end, which `ended` says, while a stream has
 * none, or with fail set. */
bool task_reader_next(struct job *job, struct task_reader *tasks, struct task_reader_task *task,
                      const uint8_t **bytes);

/* Local. How many tasks are known, and whether these are all. */
uint64_t task_reader_seen(const struct job *job, const struct task_reader *tasks, bool *all);

/* Local. Idempotent. */
void task_reader_free(struct job *job, struct task_reader *tasks);

#endif
