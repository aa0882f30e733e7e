/* SPDX-License-Identifier: BSD-3-Clause */
/* traffic: who sends how many records of up to which length to whom, and what must arrive. */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include "comm/exchange.h"
#include "stage/shuffle.h"

#include "spmd.h"

#include "../unit/listing.h"

enum { SHARE = 3, RECORDS_MAX = 300, LONGEST = 100000 };

enum { ANY = -1, OWN = -2, LAST = -3 };

/* Who sends how many records of up to which length to whom. */
struct traffic {
    int source, target;
    size_t records, longest;
};

/* A record that tells where it comes from, so that the receiver can make it again. */
struct sample {
    uint8_t bytes[LONGEST];
    size_t len, bucket;
    uint64_t count;
};

static inline int rank_named(const struct job *job, int name, int own)
{
    return name == OWN ? own : name == LAST ? job->comm.size - 1 : name;
}

static inline void make_sample(const struct job *job, const struct traffic *traffic, int source,
                               size_t number, struct sample *sample)
{
    static const uint64_t counts[] = {1, 1, 2, (uint64_t)1 << 32, UINT64_MAX};
    struct seeded seeded = {(uint64_t)source << 32 | number};
    int target = rank_named(job, traffic->target, source);
    size_t owner = target >= 0 ? (size_t)target : seeded_below(&seeded, (size_t)job->comm.size);
    uint32_t head[2] = {(uint32_t)source, (uint32_t)number};
    memcpy(sample->bytes, head, sizeof head);
    sample->len = sizeof head + seeded_below(&seeded, traffic->longest - sizeof head + 1);
    seeded_fill(&seeded, sample->bytes + sizeof head, sample->len - sizeof head);
    sample->bucket = owner * SHARE + seeded_below(&seeded, SHARE);
    sample->count = counts[seeded_below(&seeded, LEN(counts))];
}

static inline bool sends(const struct job *job, const struct traffic *traffic, int rank)
{
    return traffic->source == ANY || rank_named(job, traffic->source, rank) == rank;
}

static inline void fill(struct job *job, const struct traffic *traffic, struct box *outbox)
{
    static struct sample sample;
    for (size_t i = 0; i < traffic->records && sends(job, traffic, job->comm.rank); i++) {
        make_sample(job, traffic, job->comm.rank, i, &sample);
        EXPECT(add_key(&job->env.arena, &outbox->parcels[sample.bucket], sample.bytes, sample.len,
                       sample.count, &job->env.fail));
    }
}

static inline void make_boxes(struct job *job, struct box *outbox, struct box *inbox)
{
    EXPECT(box_init(outbox, &job->env.arena, SHARE * (size_t)job->comm.size, &job->env.fail));
    EXPECT(box_init(inbox, &job->env.arena, SHARE, &job->env.fail));
}

#endif
