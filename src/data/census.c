/* SPDX-License-Identifier: BSD-3-Clause */
/* Open addressing. When the table is half full, half of the keys are left out, and all that are
 * like them from then on. */
#include "data/census.h"

#include "data/parcel.h"

/* Bits of the hash that neither say in which bucket a key is nor where it is in the table. */
enum { SAMPLE_BIT = 24, SAMPLE_BITS = 24 };

struct census_slot {
    uint64_t hash;
    uint32_t lots; /* a bit for each; 0: the slot is free */
    uint32_t record_bytes, line_bytes;
};

static bool is_in(const struct census *census, uint64_t hash)
{
    return (hash >> SAMPLE_BIT & ((UINT64_C(1) << census->shift) - 1)) == 0;
}

bool census_init(struct census *census, struct mem *mem, size_t bytes, struct fail *fail)
{
    *census = (struct census){.mem = mem, .len = 2};
    while (2 * census->len * sizeof *census->slots <= bytes)
        census->len *= 2;
    census->slots = mem_alloc(mem, census->len * sizeof *census->slots, fail);
    return census->slots != NULL;
}

static struct census_slot *find(const struct census *census, uint64_t hash)
{
    size_t at = hash & (census->len - 1);
    while (census->slots[at].lots && census->slots[at].hash != hash)
        at = (at + 1) & (census->len - 1);
    return &census->slots[at];
}

/* Goes round once, from behind a free slot: a key that is put into place again never goes beyond
 * where it was, and all that lie before it are in place. */
static void halve(struct census *census)
{
    size_t first = 0;
    while (census->slots[first].lots)
        first++;
    census->shift++;
    for (size_t i = 1; i < census->len; i++) {
        struct census_slot *slot = &census->slots[(first + i) & (census->len - 1)];
        const struct census_slot moved = *slot;
        if (!moved.lots)
            continue;
        *slot = (struct census_slot){0};
        census->used--;
        if (is_in(census, moved.hash)) {
            *find(census, moved.hash) = moved;
            census->used++;
        }
    }
}

static uint32_t at_most_32(size_t number)
{
    return number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}

size_t census_record_bytes(size_t len, uint64_t count)
{
    enum { HELD = ARENA_CHUNK_BYTES - sizeof(struct chunk) - ARENA_SLACK_BYTES };
    const size_t bytes = len > KEY_SHORT_MAX
                           ? PARCEL_LONG_HEAD_BYTES + len
                           : 1 + len + parcel_count[parcel_count_class(count)].bytes;
    if (bytes > HELD / 2) /* it has a chunk to itself */
        return (bytes + 2 * ARENA_CHUNK_BYTES - HELD - 1) / ARENA_CHUNK_BYTES * ARENA_CHUNK_BYTES;
    const size_t free = bytes * bytes / (2 * HELD - bytes); /* half a record in each chunk */
    return ((bytes + free) * ARENA_CHUNK_BYTES + HELD - 1) / HELD;
}

void census_add(struct census *census, unsigned lot, const struct census_key *key)
{
    if (!is_in(census, key->hash))
        return;
    struct census_slot *slot = find(census, key->hash);
    /* Who comes again will be counted in a byte at least. */
    const size_t record_bytes =
        census_record_bytes(key->len, key->count + (slot->lots != 0 && key->count == 1));
    census->used += slot->lots == 0;
    slot->hash = key->hash;
    slot->lots |= UINT32_C(1) << lot;
    if (record_bytes > slot->record_bytes)
        slot->record_bytes = at_most_32(record_bytes);
    if (key->line_bytes > slot->line_bytes)
        slot->line_bytes = at_most_32(key->line_bytes);
    while (2 * census->used > census->len && census->shift < SAMPLE_BITS)
        halve(census);
}

void census_sum(const struct census *census, struct census_sums *sums)
{
    for (size_t i = 0; i < census->len; i++) {
        const struct census_slot *slot = &census->slots[i];
        if (!slot->lots)
            continue;
        const uint32_t later = slot->lots & (slot->lots - 1);
        const int first = __builtin_ctz(slot->lots),
                  next = later ? __builtin_ctz(later) : CENSUS_LOTS;
        sums->keys[first][next] += UINT64_C(1) << census->shift;
        sums->record_bytes[first] += (uint64_t)slot->record_bytes << census->shift;
        sums->line_bytes[first] += (uint64_t)slot->line_bytes << census->shift;
    }
}

void census_free(struct census *census)
{
    if (census->mem)
        mem_free(census->mem, census->slots, census->len * sizeof *census->slots);
    *census = (struct census){0};
}
