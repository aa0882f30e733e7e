/* SPDX-License-Identifier: BSD-3-Clause */
/* Shuffle. In two hops the ranks of a host first bring together what they have for an owner, and
 * equal words become one record before they cross the network. Whether that is worth its time the
 * first sixteenth of the buckets shows, because hashing makes all alike: where it leaves nearly all
 * records, the others are passed on as they are.
 *
 * An exchange does not stop when a rank fails, so that no rank is left waiting: the failure is
 * agreed on when it is over.
 *
 * Collectives, in order. shuffle_init: agree, those of the routes, agree. shuffle_round: for each
 * hop Ialltoall and Ialltoallv in rounds (exchange); agree. shuffle_check: Iallreduce. */
#include "stage/shuffle.h"

#include "comm/agree.h"
#include "job.h"

#include <inttypes.h>

enum {
    SAMPLE_STEP = 16,  /* of so many buckets one is combined to see what it is worth */
    WORTH_PERCENT = 90 /* combining goes on when it leaves fewer records than this */
};

bool shuffle_init(struct job *job, struct shuffle *shuffle, size_t share, bool by_host)
{
    struct route *routes = shuffle->routes;
    bool ok;
    shuffle->hops = by_host ? 2 : 1;
    table_init(&shuffle->table, &job->env.mem, &job->env.seed);
    if (by_host) {
        ok = route_within_host(job, &routes[0]);
        ok = route_between_hosts(job, &routes[1]) && ok;
    } else {
        ok = route_straight(job, &routes[0]);
    }
    for (int hop = 0; ok && hop < shuffle->hops; hop++)
        ok = exchange_init(job, &shuffle->exchanges[hop], &routes[hop],
                           job->env.budget.round_bytes / (size_t)shuffle->hops, &job->env.fail);
    ok = ok
      && (!by_host
          || box_init(&shuffle->middle, &job->env.arena, share * route_owners_in(&routes[0]),
                      &job->env.fail));
    return agree(job, ok);
}

/* Makes equal words of one bucket one record. */
static bool combine_bucket(struct job *job, struct shuffle *shuffle, struct parcel *bucket)
{
    struct tally all = {0}, kept = {0};
    struct parcel combined = {0}, rest = *bucket;
    *bucket = combined;
    shuffle->combined_in += rest.records;
    bool ok = job->env.kind.value->combine(&shuffle->table, &job->env.arena, &rest, 0, &combined,
                                           &all, &kept, &job->env.fail);
    shuffle->combined_out += combined.records;
    *bucket = combined;
    comm_step(job);
    return ok;
}

static bool is_worth(const struct shuffle *shuffle)
{
    return shuffle->combined_out < shuffle->combined_in / 100 * WORTH_PERCENT;
}

/* Between the hops. */
static bool combine(struct job *job, struct shuffle *shuffle)
{
    struct box *middle = &shuffle->middle;
    shuffle->combined_in = shuffle->combined_out = 0;
    for (int sample = 1; sample >= 0; sample--)
        for (size_t i = 0; i < middle->len && (sample || is_worth(shuffle)); i++)
            if ((i % SAMPLE_STEP == 0) == sample && middle->parcels[i].head
                && !combine_bucket(job, shuffle, &middle->parcels[i]))
                return false;
    return true;
}

static void hop(struct job *job, enum timing_phase phase, struct exchange *exchange,
                struct box *outbox, struct box *inbox)
{
    uint64_t moved = exchange->moved_bytes, network = exchange->network_bytes;
    exchange_begin(job, exchange, outbox, inbox);
    exchange_finish(job, exchange);
    job->timing.bytes[phase] += exchange->moved_bytes - moved;
    job->timing.network_bytes[phase] += exchange->network_bytes - network;
}

bool shuffle_round(struct job *job, enum timing_phase phase, struct shuffle *shuffle,
                   struct box *outbox, struct box *inbox)
{
    struct exchange *exchanges = shuffle->exchanges;
    timing_enter(&job->timing, phase);
    fail_point(&job->env.fail, "shuffle", job->comm.rank);
    if (shuffle->hops == 1) {
        hop(job, phase, &exchanges[0], outbox, inbox);
    } else {
        hop(job, phase, &exchanges[0], outbox, &shuffle->middle);
        if (job->env.fail.code == FAIL_NONE && job->env.options.combine)
            combine(job, shuffle);
        hop(job, phase, &exchanges[1], &shuffle->middle, inbox);
    }
    return agree(job, job->env.fail.code == FAIL_NONE);
}

bool shuffle_check(struct job *job, const struct shuffle *shuffle)
{
    uint64_t records[2 * SHUFFLE_HOPS];
    for (int i = 0; i < SHUFFLE_HOPS; i++) {
        records[2 * i] = shuffle->exchanges[i].records_out;
        records[2 * i + 1] = shuffle->exchanges[i].records_in;
    }
    comm_sum(job, records, 2 * SHUFFLE_HOPS);
    for (int i = 0; i < SHUFFLE_HOPS; i++)
        if (records[2 * i] != records[2 * i + 1])
            return fail_set(&job->env.fail, FAIL_VERIFY,
                            "verification failed: %" PRIu64 " records were sent, %" PRIu64
                            " arrived",
                            records[2 * i], records[2 * i + 1]);
    return true;
}

void shuffle_free(struct job *job, struct shuffle *shuffle)
{
    for (int i = 0; i < SHUFFLE_HOPS; i++) {
        exchange_free(job, &shuffle->exchanges[i]);
        route_free(job, &shuffle->routes[i]);
    }
    box_free(&shuffle->middle);
    table_free(&shuffle->table);
    *shuffle = (struct shuffle){0};
}
