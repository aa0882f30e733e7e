/* SPDX-License-Identifier: BSD-3-Clause */
/* exchange: what travels between ranks in bulk, in rounds of bounded size.
 *
 * Sizes go before bytes, a round is bounded on the sending and on the receiving side before any
 * size becomes an int, and every notice of a size, and every block, is sealed (comm/seal.h). */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "comm/route.h"
#include "data/box.h"

struct job;

/* What a rank tells every other before a round. */
struct exchange_notice {
    uint64_t bytes; /* of the block to this rank */
    uint64_t more;  /* there will be another round */
    uint64_t seal;
};

/* One hop of a shuffle: of an outbox into an inbox. */
struct exchange {
    const struct route *route; /* borrowed */
    struct box *outbox;        /* emptied as it goes */
    struct box *inbox;         /* gets the buckets that the route leads here */
    size_t share;              /* buckets of each owner */
    size_t pair_bytes;         /* bound of a block */
    uint64_t number;           /* of this hop, and in it of the round */
    enum { EXCHANGE_IDLE, EXCHANGE_SIZES, EXCHANGE_DATA } state;
    MPI_Request request;
    struct exchange_notice *notices_out, *notices_in;
    int *counts_out, *counts_in, *offsets_out, *offsets_in;
    uint8_t *bytes_out, *bytes_in;
    struct exchange_cursor *cursors; /* where each outgoing flow stands */
    struct chunk **partial;          /* a chunk of each incoming flow that is not whole yet */
    uint64_t *missing_bytes;         /* of it */
    uint64_t records_out, records_in;
    uint64_t begun_records, all_records; /* sent before this exchange; of it */
    uint64_t moved_bytes;                /* to other ranks */
    uint64_t network_bytes;              /* of these, to other hosts */
};

/* Local. Buffers for rounds of at most about `round_bytes` in and out together, on a route. False
 * with fail set. */
bool exchange_init(struct job *job, struct exchange *exchange, const struct route *route,
                   size_t round_bytes, struct fail *fail);

/* Collective, on the route. Starts to move everything in `outbox` to where the route leads it,
 * which gets it in `inbox`. */
void exchange_begin(struct job *job, struct exchange *exchange, struct box *outbox,
                    struct box *inbox);

/* Local between the rounds, which are collective: all ranks must keep calling until it is over.
 * Moves on if it can; true when all has arrived. Failures are recorded in job->env.fail; the caller
 * agrees after the end. */
bool exchange_poll(struct job *job, struct exchange *exchange);

/* Collective. Polls until it is over. */
void exchange_finish(struct job *job, struct exchange *exchange);

/* Local. Idempotent. */
void exchange_free(struct job *job, struct exchange *exchange);

#endif
