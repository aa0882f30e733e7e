/* shuffle: hands every record to the rank that owns its bucket, with MPI_Ialltoallv. Used twice: by
 * hash, and by place in the order. */
#ifndef SHUFFLE_H
#define SHUFFLE_H

#include "exchange.h"
#include "timing.h"

struct job;

/* Collective: the rounds of the exchange, then agree. Moves the outbox, which becomes empty, to the
 * inboxes, which have as many buckets as a rank owns. Time is booked to `phase`.
 * FAIL_MEMORY, FAIL_VERIFY. */
bool shuffle_round(struct job *job, enum timing_phase phase, struct exchange *exchange,
                   struct box *outbox, struct box *inbox);

/* Collective: Iallreduce. As many records were received as were sent, on all ranks together.
 * FAIL_VERIFY on all. */
bool shuffle_check(struct job *job, const struct exchange *exchange);

#endif
