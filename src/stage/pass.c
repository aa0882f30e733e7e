/* SPDX-License-Identifier: BSD-3-Clause */
/* Pass.
 *
 * Collectives, in order. agree; open, shuffle_init, reduce_init; per round left, round,
 * shuffle_round, reduce_add; at the end shuffle_check, check; reduce_settle. */
#include "stage/pass.h"

#include "comm/agree.h"
#include "job.h"
#include "stage/shuffle.h"

bool pass_run(struct job *job, const struct plan *plan, const struct producer *producer,
              struct reduce *reduce)
{
    struct shuffle shuffle = {0};
    struct box outbox = {0}, inbox = {0};
    size_t buckets = job->env.budget.buckets;
    bool ok = agree(
        job, box_init(&outbox, &job->env.arena, buckets * (size_t)job->comm.size, &job->env.fail));
    ok = ok && producer->open(job, producer->context, plan);
    ok = ok && shuffle_init(job, &shuffle, buckets, job->by_host);
    ok = ok && reduce_init(job, reduce, &inbox); /* last: what the others left is for records */
    while (ok && producer->left(job, producer->context)) {
        ok = producer->round(job, producer->context, &outbox);
        ok = ok && shuffle_round(job, TIMING_SHUFFLE, &shuffle, &outbox, &inbox);
        ok = ok && reduce_add(job, reduce, &inbox);
    }
    ok = ok && shuffle_check(job, &shuffle) && producer->check(job, producer->context, plan);
    shuffle_free(job, &shuffle);
    producer->close(job, producer->context);
    box_free(&outbox);
    box_free(&inbox);
    reduce->mapped = job->verify.mapped;
    return ok && reduce_settle(job, reduce);
}
