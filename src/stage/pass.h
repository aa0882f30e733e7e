/* SPDX-License-Identifier: BSD-3-Clause */
/* pass: the loop that all counting is. What producers, one after another, put into the outbox goes
 * to the ranks that own it, and is reduced there, round by round, until nothing is left. Memory is
 * bounded by the budget, not by what the producer has. */
#ifndef PASS_H
#define PASS_H

#include "stage/producer.h"
#include "stage/reduce.h"

/* Collective: those of the `len` producers, the shuffle and the reduction. On success `reduce`
 * holds all records, to be counted for good by reduce_next. The producers are closed. False,
 * agreed. */
bool pass_run(struct job *job, const struct plan *plan, const struct producer *producers,
              size_t len, struct reduce *reduce);

#endif
