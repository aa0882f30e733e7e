/* SPDX-License-Identifier: BSD-3-Clause */
/* growth: how many different keys there are among records, and how fast new ones still come, from a
 * sample of them: those of which a part of the hash is zero, all occurrences of which are in it. */
#ifndef GROWTH_H
#define GROWTH_H

#include "data/parcel.h"

enum { GROWTH_SLOTS = 4096 };

struct growth {
    struct growth_slot {
        uint64_t hash, count; /* count 0: free */
    } slots[GROWTH_SLOTS];
    size_t used;
    unsigned shift; /* one key in 2 to the power of so many is looked at */
};

/* Local. Looks at all records of a settled parcel, beside those before; {0} has seen none. */
void growth_look(struct growth *growth, const struct hash_seed *seed, const struct parcel *parcel);

/* Local. Different keys, about, and those of them that occurred once. */
double growth_distinct(const struct growth *growth);
double growth_singles(const struct growth *growth);

#endif
