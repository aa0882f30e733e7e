/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline: the chain of stages that a run is. */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <stdbool.h>

struct job;

/* Collective. Counts, or runs tasks, from the inputs to the result under its name. False, agreed.
 */
bool pipeline_run(struct job *job);

#endif
