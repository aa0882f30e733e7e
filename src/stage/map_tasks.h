/* SPDX-License-Identifier: BSD-3-Clause */
/* map_tasks: the producer that runs tasks: what they leave becomes records.
 *
 * A rank asks for tasks at the master of rank 0, has them run, and reports what became of them. */
#ifndef MAP_TASKS_H
#define MAP_TASKS_H

#include "data/outcome.h"
#include "stage/producer.h"
#include "stage/task_rank.h"

struct job;

struct map_tasks {
    struct result_writer *results; /* rank 0: where results go; borrowed */
    struct task_queue *task_queue; /* rank 0 */
    struct master master;
    struct task_rank rank;
    struct outcome outcome;
    struct box *outbox; /* of this round; borrowed */
    size_t full_bytes;  /* of the arena, where it is full */
    bool replayed;      /* rank 0: what the journal had is in the outbox */
    bool ended;         /* there are no more, and everything is in the outbox */
};

/* Local. `tasks` is all zero but for where results go, and borrowed. A round is over when the
 * outbox of any rank is full. Its functions fail with FAIL_USAGE (no such task, the journal of
 * others), FAIL_INPUT (no such plug-in), FAIL_MEMORY and FAIL_VERIFY. */
struct producer map_tasks_producer(struct map_tasks *tasks);

#endif
