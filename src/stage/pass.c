/* SPDX-License-Identifier: BSD-3-Clause */
/* Pass.
 *
 * Collectives, in order. agree; for each producer open, behind the first one's shuffle_init and
 * reduce_init; per round left, round, shuffle_round, reduce_add; check. At the end shuffle_check,
 * reduce_settle. */
#include "stage/pass.h"

#include "comm/agree.h"
#include "job.h"
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

/* All that one producer has. */
static bool produce(struct job *job, const struct plan *plan, const struct producer *producer,
                    struct pass *pass, struct reduce *reduce)
{
    bool ok = producer->open(job, producer->context, plan)
           && (pass->ready || make_ready(job, pass, reduce));
    while (ok && producer->left(job, producer->context)) {
        ok = producer->round(job, producer->context, &pass->outbox);
        ok = ok && shuffle_round(job, TIMING_SHUFFLE, &pass->shuffle, &pass->outbox, &pass->inbox);
        ok = ok && reduce_add(job, reduce, &pass->inbox);
    }
    ok = ok && producer->check(job, producer->context, plan);
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
    for (size_t i = 0; ok && i < len; i++)
        ok = produce(job, plan, &producers[i], &pass, reduce);
    ok = ok && shuffle_check(job, &pass.shuffle);
    shuffle_free(job, &pass.shuffle);
    box_free(&pass.outbox);
    box_free(&pass.inbox);
    return ok && reduce_settle(job, reduce);
}
