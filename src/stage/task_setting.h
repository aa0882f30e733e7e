/* SPDX-License-Identifier: BSD-3-Clause */
/* task_setting: what a task finds whatever host runs it: the folder that the run was started in,
 * the variables of --env, and what says where it runs. */
#ifndef TASK_SETTING_H
#define TASK_SETTING_H

#include "host/buffer.h"
#include "host/topo.h"

#include <stdbool.h>

struct job;

struct task_setting {
    struct buffer shared; /* the folder and the variables, as rank 0 has them */
    const char *home; /* the folder, in `shared`; NULL: this process is in it, or nobody knows */
    struct topo_binding processors; /* of --task-cores */
    bool idle;                      /* there are none for this rank: it runs no tasks */
};

/* Collective: agree, Ibcast, agree, Ibcast, agree; with --task-cores agree; Iallreduce. Sets the
 * variables in this process, too, for what it starts, and job->task_ranks. FAIL_USAGE for a
 * variable that rank 0 does not have, or more cores than a host has. */
bool task_setting_share(struct job *job, struct task_setting *setting);

/* Local. Idempotent. */
void task_setting_free(struct job *job, struct task_setting *setting);

#endif
