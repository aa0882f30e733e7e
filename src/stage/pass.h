/* SPDX-License-Identifier: BSD-3-Clause */
/* pass: the loop that all counting is. What a producer puts into the outbox goes to the ranks that
 * own it, and is reduced there, round by round, until nothing is left. Memory is bounded by the
 * budget, not by what the producer has. */
#ifndef PASS_H
#define PASS_H

#include "stage/producer.h"
#include "stage/reduce.h"

/* Collective: those of the producer, the shuffle and the reduction. On success `reduce` holds all
 * records, to be counted for good by reduce_next. The producer is closed. False, agreed. */
bool pass_run(struct job *job, const struct plan *plan, const struct producer *producer,
              struct reduce *reduce);

#endif
