/* SPDX-License-Identifier: BSD-3-Clause */
/* Pass.
 *
 * Collectives, in order. agree; for each producer open, behind the first one's shuffle_init and
 * reduce_init; per round left, round, shuffle_round, reduce_add, checkpoint_due, and where that
 * says so rest, shuffle_round, reduce_add, checkpoint_commit; check. At the end shuffle_check,
 * reduce_settle. */
#include "stage/pass.h"

#include "comm/agree.h"
#include "job.h"
#include "stage/checkpoint.h"
#include "stage/shuffle.h"

/* What moves. */
struct pass {
    struct shuffle shuffle;
    struct box outbox, inbox;
    size_t buckets;
    bool ready;
};

/* The reduction comes last: what the others left is for records. */
static bool make_ready(struct job *job, struct pass *pass, struct reduce *reduce)
{
    pass->ready = true;
    return shuffle_init(job, &pass->shuffle, pass->buckets, job->by_host)
        && reduce_init(job, reduce, &pass->inbox);
}

/* What is in the outbox comes to who counts it. */
static bool move(struct job *job, struct pass *pass, struct reduce *reduce)
{
    return shuffle_round(job, TIMING_SHUFFLE, &pass->shuffle, &pass->outbox, &pass->inbox)
        && reduce_add(job, reduce, &pass->inbox);
}

/* Between two rounds: makes a commit, if it is time and the producer can be left here. */
static bool commit(struct job *job, const struct producer *producer, struct pass *pass,
                   struct reduce *reduce)
{
    bool rests;
    if (!checkpoint_due(job))
        return true;
    if (!producer->rest(job, producer->context, &pass->outbox, &rests))
        return false;
    return !rests || (move(job, pass, reduce) && checkpoint_commit(job, reduce));
}

/* All that one producer has; or less, where the run is to be left. */
static bool produce(struct job *job, const struct plan *plan, const struct producer *producer,
                    struct pass *pass, struct reduce *reduce)
{
    bool ok = producer->open(job, producer->context, plan)
           && (pass->ready || make_ready(job, pass, reduce));
    if (producer->rest)
        checkpoint_begin(job);
    while (ok && !job->totals.wound_down && producer->left(job, producer->context))
        ok = producer->round(job, producer->context, &pass->outbox) && move(job, pass, reduce)
          && commit(job, producer, pass, reduce);
    checkpoint_end(job);
    ok = ok && (job->totals.wound_down || producer->check(job, producer->context, plan));
    producer->close(job, producer->context);
    tally_join(&reduce->mapped, &job->verify.mapped);
    return ok;
}

bool pass_run(struct job *job, const struct plan *plan, const struct producer *producers,
              size_t len, struct reduce *reduce)
{
    struct pass pass = {.buckets = job->env.budget.buckets};
    bool ok = agree(job, box_init(&pass.outbox, &job->env.arena,
                                  pass.buckets * (size_t)job->comm.size, &job->env.fail));
    for (size_t i = 0; ok && i < len && !job->totals.wound_down; i++)
        ok = produce(job, plan, &producers[i], &pass, reduce);
    ok = ok && shuffle_check(job, &pass.shuffle);
    shuffle_free(job, &pass.shuffle);
    box_free(&pass.outbox);
    box_free(&pass.inbox);
    return ok && (job->totals.wound_down || reduce_settle(job, reduce));
}
