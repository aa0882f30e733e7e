/* exchange: what travels between ranks in bulk, in rounds of bounded size.
 *
 * Sizes go before bytes, a round is bounded on the sending and on the receiving side before any
 * size becomes an int, and every block says what it is, where it comes from and where it goes, and
 * carries a checksum. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "box.h"

#include <mpi.h>

struct job;

/* What a rank tells every other before a round. */
struct exchange_notice {
    uint64_t bytes; /* of the block to this rank */
    uint64_t more;  /* there will be another round */
};

/* One shuffle of an outbox into an inbox. */
struct exchange {
    struct box *outbox; /* emptied as it goes */
    struct box *inbox;  /* gets the buckets of this rank */
    size_t share;       /* buckets of each rank */
    size_t pair_bytes;  /* bound of a block */
    size_t round;
    enum { EXCHANGE_IDLE, EXCHANGE_SIZES, EXCHANGE_DATA } state;
    MPI_Request request;
    struct exchange_notice *notices_out, *notices_in;
    int *counts_out, *counts_in, *offsets_out, *offsets_in;
    uint8_t *bytes_out, *bytes_in;
    struct exchange_cursor *cursors; /* where each outgoing flow stands */
    struct chunk **partial;          /* a chunk of each incoming flow that is not whole yet */
    uint64_t records_out, records_in;
    uint64_t moved_bytes; /* to other ranks */
};

/* Local. Buffers for rounds of at most about `round_bytes` in and out together. False with fail
 * set. */
bool exchange_init(struct job *job, struct exchange *exchange, size_t round_bytes,
                   struct fail *fail);

/* Collective. Starts to move everything in `outbox` to the owner of its bucket, which gets it in
 * `inbox`. */
void exchange_begin(struct job *job, struct exchange *exchange, struct box *outbox,
                    struct box *inbox);

/* Local between the rounds, which are collective: all ranks must keep calling until it is over.
 * Moves on if it can; true when all has arrived. Failures are recorded in job->fail; the caller
 * agrees after the end. */
bool exchange_poll(struct job *job, struct exchange *exchange);

/* Collective. Polls until it is over. */
void exchange_finish(struct job *job, struct exchange *exchange);

/* Local. Idempotent. */
void exchange_free(struct job *job, struct exchange *exchange);

/* Collective. Rank 0 has bytes for every rank, one rank's after another's, `sizes[r]` of them for
 * rank r; each rank gets its own `my_size` bytes in `mine`. Rounds of MPI_Scatterv with at most
 * `rank_bytes` for each rank. bytes and sizes are read on rank 0 only. False, agreed. */
bool exchange_scatter(struct job *job, const uint8_t *bytes, const uint64_t *sizes, uint8_t *mine,
                      uint64_t my_size, size_t rank_bytes);

#endif
