/* SPDX-License-Identifier: BSD-3-Clause */
/* map: my bytes to records, combined; the only stage that knows what a key is, through the mapper.
 */
#ifndef MAP_H
#define MAP_H

#include "box.h"
#include "combiner.h"
#include "deal.h"
#include "input.h"

struct job;

struct map {
    struct input input;
    struct deal *deal; /* borrowed: where the next stretch comes from, when there is job->desk */
    struct combiner combiner;
    uint32_t *edges; /* scratch of the mapper */
    bool starved;    /* the window holds only the beginning of a record */
    bool flushed;    /* the input is at its end and everything is in the outbox */
};

/* Collective: agree. Buffers and tables. FAIL_MEMORY. */
bool map_init(struct job *job, struct map *map, struct box *outbox);

/* Collective: agree. Maps until the outbox holds job->env.budget.outbox_bytes (with a dynamic
 * schedule: any rank's), or the input is at its end or has to be fed. FAIL_INPUT, FAIL_MEMORY. */
bool map_round(struct job *job, struct map *map, struct box *outbox);

/* Collective: Iallreduce. Whether any rank has input left, so that all leave the loop together. */
bool map_left(struct job *job, const struct map *map);

/* Local. Frees all but the sums of the verification; idempotent. */
void map_free(struct job *job, struct map *map);

#endif
