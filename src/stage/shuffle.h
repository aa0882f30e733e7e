/* SPDX-License-Identifier: BSD-3-Clause */
/* shuffle: hands every record to the rank that owns its bucket, with MPI_Ialltoallv. Used twice: by
 * hash, and by place in the order. */
#ifndef SHUFFLE_H
#define SHUFFLE_H

#include "comm/exchange.h"
#include "data/table.h"
#include "status/timing.h"

struct job;

enum { SHUFFLE_HOPS = 2 };

struct shuffle {
    int hops; /* 1: straight to the owner; 2: by way of a rank of the own host */
    struct route routes[SHUFFLE_HOPS];
    struct exchange exchanges[SHUFFLE_HOPS];
    struct box middle;  /* between the hops: what this rank passes on for its host */
    struct table table; /* combines it, one bucket at a time */
    uint64_t combined_in, combined_out; /* records, before and after */
};

/* Collective: agree. The ways and buffers of a shuffle whose owners have `share` buckets each; in
 * two hops, combining equal words of a host, where `by_host`. FAIL_MEMORY. */
bool shuffle_init(struct job *job, struct shuffle *shuffle, size_t share, bool by_host);

/* Collective: the rounds of the exchanges, then agree. Moves the outbox, which becomes empty, to
 * the inboxes, which have as many buckets as a rank owns. Time is booked to `phase`. FAIL_MEMORY,
 * FAIL_VERIFY. */
bool shuffle_round(struct job *job, enum timing_phase phase, struct shuffle *shuffle,
                   struct box *outbox, struct box *inbox);

/* Collective: Iallreduce. As many records were received as were sent, on all ranks together.
 * FAIL_VERIFY on all. */
bool shuffle_check(struct job *job, const struct shuffle *shuffle);

/* Collective. Idempotent. */
void shuffle_free(struct job *job, struct shuffle *shuffle);

#endif
