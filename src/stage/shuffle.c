/* Shuffle. The exchange does not stop when a rank fails, so that no rank is left waiting: the
 * failure is agreed on when it is over.
 *
 * Collectives, in order. shuffle_round: Ialltoall and Ialltoallv in rounds (exchange), agree.
 * shuffle_check: Iallreduce. */
#include "shuffle.h"

#include "agree.h"
#include "job.h"

#include <inttypes.h>

bool shuffle_round(struct job *job, enum timing_phase phase, struct exchange *exchange,
                   struct box *outbox, struct box *inbox)
{
    timing_enter(&job->timing, phase);
    uint64_t moved = exchange->moved_bytes;
    fail_point(&job->fail, "shuffle", job->comm.rank);
    exchange_begin(job, exchange, outbox, inbox);
    exchange_finish(job, exchange);
    job->timing.bytes[phase] += exchange->moved_bytes - moved;
    return agree(job, job->fail.code == FAIL_NONE);
}

bool shuffle_check(struct job *job, const struct exchange *exchange)
{
    uint64_t records[2] = {exchange->records_out, exchange->records_in};
    comm_sum(job, records, 2);
    return records[0] == records[1]
        || fail_set(&job->fail, FAIL_VERIFY,
                    "verification failed: %" PRIu64 " records were sent, %" PRIu64 " arrived",
                    records[0], records[1]);
}
