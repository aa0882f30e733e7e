/* SPDX-License-Identifier: BSD-3-Clause */
/* sort: my stretch of the total order. A sample sort. */
#ifndef SORT_H
#define SORT_H

#include "data/bins.h"
#include "stage/partitions.h"

struct count_files;
struct job;

/* What a rank holds after the sort: bins, each before the next in the order, each sorted when it is
 * read. */
struct sort {
    const struct count_files *beside; /* given: each rank takes its stretch of these as well, and
                                         stretches are as long with them; NULL: nothing */
    struct bins bins;
    uint64_t records;                   /* of this rank */
    uint64_t text_bytes;                /* that they take when written */
    struct ranking_splitters splitters; /* between all bins of all ranks */
    struct tally left_out;              /* of the records that sort_top dropped */
};

/* Collective: agree, Iallreduce, agree, Igather, agree, Igatherv, Ibcast, agree; then per round
 * Iallreduce, agree, the exchange, agree. Takes the distinct records as they come; every record
 * goes to the rank whose stretch it lies in. Ranks get as many records as each other, also when all
 * counts are equal, because splitters carry the word. FAIL_MEMORY. Source: W. D. Frazer, A. C.
 * McKellar, Samplesort: a sampling approach to minimal storage tree sorting, JACM 17(3), 1970. */
bool sort_run(struct job *job, struct partitions *from, enum order order, struct sort *sort);

/* Collective: Iexscan. How many records of this rank are among the first `top` of all; 0: all. */
uint64_t sort_limit(struct job *job, const struct sort *sort, uint64_t top);

/* Collective: Iexscan, those of sort_run. Of what is sorted by count, keeps the first `top`
 * records of all ranks, and sorts them by key. False, agreed. */
bool sort_top(struct job *job, struct sort *sort, uint64_t top);

/* Local. Idempotent. */
void sort_free(struct sort *sort);

#endif
