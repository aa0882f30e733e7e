/* SPDX-License-Identifier: BSD-3-Clause */
/* map_runs: the producer of records that earlier starts of the run have left in the logs of its
 * checkpoint. They are not combined: in a run each key comes once, or nearly so. */
#ifndef MAP_RUNS_H
#define MAP_RUNS_H

#include "data/spill.h"
#include "data/tally.h"
#include "stage/checkpoint.h"
#include "stage/producer.h"

struct map_runs {
    struct checkpoint *checkpoint; /* given; borrowed */
    size_t log, logs;              /* that is read; of all */
    uint64_t total_bytes;          /* of all logs, */
    uint64_t before_bytes;         /* of those before this one */
    struct spill spill;            /* this one, once it is open */
    bool open;
    char name[PATH_MAX];
    size_t begin, end;    /* of its buckets, those that this rank takes */
    size_t run, bucket;   /* the next ones */
    struct tally *starts; /* of what was read of each start, by its seed */
    struct tally tally;   /* of all of it */
    uint64_t records;
};

/* Local. `map` has the checkpoint, and is otherwise all zero; borrowed. Its functions fail with
 * FAIL_INPUT, FAIL_MEMORY and FAIL_VERIFY. */
struct producer map_runs_producer(struct map_runs *map);

#endif
