/* SPDX-License-Identifier: BSD-3-Clause */
/* table: exact counts by key, open addressing with linear probing.
 *
 * Short keys are compared whole, as two words; long ones by hash, length, and then all their bytes.
 * The hash picks the slot with its low bits and is kept beside the key, so nothing is hashed twice.
 */
#ifndef TABLE_H
#define TABLE_H

#include "data/parcel.h"

struct table_short {
    struct key key; /* all zero: the slot is empty */
    uint64_t count;
    uint64_t hash;
};

struct table_long {
    uint64_t hash;
    uint64_t count;
    const uint8_t *bytes; /* borrowed; NULL: the slot is empty */
    size_t len;
};

struct table {
    struct mem *mem;              /* borrowed */
    const struct hash_seed *seed; /* borrowed */
    struct table_short *shorts;
    struct table_long *longs;
    size_t short_slots, long_slots; /* in use: powers of two */
    size_t short_used, long_used;
    size_t short_bytes, long_bytes; /* allocated */
};

/* Local. An empty table without slots. */
void table_init(struct table *table, struct mem *mem, const struct hash_seed *seed);

/* Local. Empties the table and gives it at least that many slots of each kind. False with fail set.
 */
bool table_reset(struct table *table, size_t short_slots, size_t long_slots, struct fail *fail);

/* Local. More slots, all keys kept. False with fail set and the table unchanged. */
bool table_grow_short(struct table *table, size_t slots, struct fail *fail);
bool table_grow_long(struct table *table, size_t slots, struct fail *fail);

/* Local. The slot of a key, or the empty one where it belongs. */
static inline struct table_short *table_find_short(const struct table *table, struct key key,
                                                   uint64_t hash)
{
    size_t mask = table->short_slots - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct table_short *slot = &table->shorts[i];
        if (((slot->key.lo ^ key.lo) | (slot->key.hi ^ key.hi)) == 0 || slot->key.hi == 0)
            return slot;
    }
}

struct table_long *table_find_long(const struct table *table, const uint8_t *bytes, size_t len,
                                   uint64_t hash);

/* Local. Adds all records of a settled parcel; the table then borrows the bytes of its long keys.
 * Grows as needed. False with fail set: no memory, a malformed record, or a count beyond 64 bits.
 */
bool table_add(struct table *table, const struct parcel *parcel, struct fail *fail);

/* Local. Appends one record for each key whose count is at least `min_count` to `out`, and adds all
 * counts to `all` and those it appends to `kept`. The table keeps its keys. False with fail set. */
bool table_emit(const struct table *table, struct arena *arena, uint64_t min_count,
                struct parcel *out, struct tally *all, struct tally *kept, struct fail *fail);

/* Local. Counts a parcel, which becomes empty: reset, add, emit. False with fail set. */
bool table_count(struct table *table, struct arena *arena, struct parcel *parcel,
                 uint64_t min_count, struct parcel *out, struct tally *all, struct tally *kept,
                 struct fail *fail);

/* Local. Frees the slots; idempotent. */
void table_free(struct table *table);

#endif
