/* SPDX-License-Identifier: BSD-3-Clause */
/* spread: how one number is spread over the ranks. */
#ifndef SPREAD_H
#define SPREAD_H

#include "status/snapshot.h"

#include <stddef.h>

struct spread {
    uint64_t least, most, sum;
    double mean;
};

/* Local. Of the 64-bit number that lies `at` bytes into what a rank measured. */
struct spread spread_of(const struct snapshot *snapshot, size_t at);

#define SPREAD_OF(snapshot, field) spread_of(snapshot, offsetof(struct snapshot_rank, field))

/* Local. How many times the mean the greatest is; 1 where there is nothing. */
static inline double spread_imbalance(const struct spread *spread)
{
    return spread->mean > 0 ? (double)spread->most / spread->mean : 1;
}

/* Local. How much of the greatest the mean is; 1 where there is nothing. */
static inline double spread_balance(const struct spread *spread)
{
    return spread->most > 0 ? spread->mean / (double)spread->most : 1;
}

#endif
