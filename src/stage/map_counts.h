/* SPDX-License-Identifier: BSD-3-Clause */
/* map_counts: the producer of records that count files hold. They are not combined: in a file each
 * key comes once. */
#ifndef MAP_COUNTS_H
#define MAP_COUNTS_H

#include "data/tally.h"
#include "stage/count_files.h"
#include "stage/producer.h"
#include "stage/split_keys.h"

struct map_counts {
    struct count_files *files; /* given; borrowed */
    struct split_key *keys;    /* between the ranges of the ranks: one less than ranks */
    size_t file;               /* that is read */
    bool sought;               /* it is where the range of this rank begins, or behind */
    uint64_t rows;             /* of all files, that this rank has taken */
    unsigned __int128 sum;     /* of their counts */
    struct tally tally;
};

/* Local. `map` has the files, and is otherwise all zero; borrowed. Its functions fail with
 * FAIL_INPUT, FAIL_MEMORY and FAIL_VERIFY. */
struct producer map_counts_producer(struct map_counts *map);

#endif
