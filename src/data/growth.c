/* SPDX-License-Identifier: BSD-3-Clause */
/* When the sample is full, half of it is left out, and all that is like it from then on. */
#include "data/growth.h"

#include "data/records.h"

#include <string.h>

/* Bits of the hash that neither say in which bucket a key is nor where it is in the table. */
enum { SAMPLE_BIT = 16, SAMPLE_BITS = 24 };

static bool is_in(const struct growth *growth, uint64_t hash)
{
    return (hash >> SAMPLE_BIT & ((UINT64_C(1) << growth->shift) - 1)) == 0;
}

static struct growth_slot *find(struct growth *growth, uint64_t hash)
{
    size_t at = hash % GROWTH_SLOTS;
    while (growth->slots[at].count && growth->slots[at].hash != hash)
        at = (at + 1) % GROWTH_SLOTS;
    return &growth->slots[at];
}

static void halve(struct growth *growth)
{
    struct growth_slot kept[GROWTH_SLOTS];
    size_t len = 0;
    growth->shift++;
    for (size_t i = 0; i < GROWTH_SLOTS; i++)
        if (growth->slots[i].count && is_in(growth, growth->slots[i].hash))
            kept[len++] = growth->slots[i];
    memset(growth->slots, 0, sizeof growth->slots);
    for (size_t i = 0; i < len; i++)
        *find(growth, kept[i].hash) = kept[i];
    growth->used = len;
}

static void add(struct growth *growth, uint64_t hash, uint64_t count)
{
    struct growth_slot *slot = find(growth, hash);
    growth->used += slot->count == 0;
    slot->hash = hash;
    slot->count += count ? count : 1;
    while (growth->used > GROWTH_SLOTS / 2 && growth->shift < SAMPLE_BITS)
        halve(growth);
}

void growth_look(struct growth *growth, const struct hash_seed *seed, const struct parcel *parcel)
{
    struct records records = records_of(parcel);
    struct record record;
    while (growth->used < GROWTH_SLOTS - 1 && records_next(&records, &record)) {
        const uint64_t hash = record_hash(seed, &record);
        if (is_in(growth, hash))
            add(growth, hash, record.count);
    }
}

static double scaled(const struct growth *growth, size_t keys)
{
    return (double)keys * (double)(UINT64_C(1) << growth->shift);
}

double growth_distinct(const struct growth *growth)
{
    return scaled(growth, growth->used);
}

double growth_singles(const struct growth *growth)
{
    size_t singles = 0;
    for (size_t i = 0; i < GROWTH_SLOTS; i++)
        singles += growth->slots[i].count == 1;
    return scaled(growth, singles);
}
