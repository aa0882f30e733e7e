/* SPDX-License-Identifier: BSD-3-Clause */
/* census: the different keys of records that come in lots, in bounded memory: in which lots each of
 * them came, and how large they are.
 *
 * All keys are kept as long as they fit; then, as in growth.h, those of which a part of the hash is
 * zero: of each of these all that came is known. Of n keys that are kept the numbers are true to
 * about one part in the square root of n. */
#ifndef CENSUS_H
#define CENSUS_H

#include "host/mem.h"

#include <stdbool.h>

enum { CENSUS_LOTS = 32 };

struct census {
    struct mem *mem; /* borrowed */
    struct census_slot *slots;
    size_t len, used;
    unsigned shift; /* one key in 2 to the power of so many is looked at */
};

/* A key that came. */
struct census_key {
    uint64_t hash, count;
    size_t len;        /* of the key */
    size_t line_bytes; /* of its line in a result */
};

/* Of all keys, about. Only numbers, so that those of several ranks can be added. */
struct census_sums {
    /* That came first in lot [i], and the next time in lot [j]; in [CENSUS_LOTS]: never again. */
    uint64_t keys[CENSUS_LOTS][CENSUS_LOTS + 1];
    /* Of those that came first in lot [i]: their records, in memory, and lines. */
    uint64_t record_bytes[CENSUS_LOTS], line_bytes[CENSUS_LOTS];
};

/* Local. An empty one, for as many keys as fit `bytes`. False with fail set. */
bool census_init(struct census *census, struct mem *mem, size_t bytes, struct fail *fail);

/* Local. A key came in that lot. */
void census_add(struct census *census, unsigned lot, const struct census_key *key);

/* Local. Adds all that came. */
void census_sum(const struct census *census, struct census_sums *sums);

/* Local. Bytes that a record takes in chunks of memory, with its share of what stays free in them.
 */
size_t census_record_bytes(size_t len, uint64_t count);

/* Local. Idempotent. */
void census_free(struct census *census);

#endif
