/* SPDX-License-Identifier: BSD-3-Clause */
/* agree: how a failure of one rank becomes the failure of all. */
#ifndef AGREE_H
#define AGREE_H

#include <stdbool.h>

struct job;

/* Collective. True on all ranks when `ok` is true on all. Otherwise all ranks return false, and
 * job->env.fail everywhere is the failure with the highest code, of the lowest rank that has it,
 * with that rank and its host appended where there is more than one rank. One Allreduce; one more
 * exchange after a failure. Between a local failure and this call there must be no other
 * collective. */
bool agree(struct job *job, bool ok);

#endif
