/* SPDX-License-Identifier: BSD-3-Clause */
/* Hash tables for short and for long keys. */
#include "data/table.h"

#include "data/records.h"

enum {
    MIN_SLOTS = 64,
    FIRST_SLOTS = 4096, /* of the first parcel that is counted */
};

void table_init(struct table *table, struct mem *mem, const struct hash_seed *seed)
{
    *table = (struct table){.mem = mem, .seed = seed};
}

static size_t power_of_two(size_t slots)
{
    size_t power = MIN_SLOTS;
    while (power < slots)
        power *= 2;
    return power;
}

/* Makes *block hold at least `bytes`, all zero; the first `dirty` bytes may hold old slots. */
static bool clean(struct mem *mem, void **block, size_t *have_bytes, size_t bytes, size_t dirty,
                  struct fail *fail)
{
    if (bytes <= *have_bytes) {
        memset(*block, 0, dirty);
        return true;
    }
    mem_free(mem, *block, *have_bytes);
    *have_bytes = 0;
    *block = mem_alloc(mem, bytes, fail);
    if (*block)
        *have_bytes = bytes;
    return *block != NULL;
}

bool table_reset(struct table *table, size_t short_slots, size_t long_slots, struct fail *fail)
{
    short_slots = power_of_two(short_slots);
    long_slots = power_of_two(long_slots);
    void *shorts = table->shorts, *longs = table->longs;
    size_t short_dirty = table->short_slots * sizeof *table->shorts;
    size_t long_dirty = table->long_slots * sizeof *table->longs;
    bool ok = clean(table->mem, &shorts, &table->short_bytes, short_slots * sizeof *table->shorts,
                    short_dirty, fail);
    ok = ok
      && clean(table->mem, &longs, &table->long_bytes, long_slots * sizeof *table->longs,
               long_dirty, fail);
    table->shorts = shorts;
    table->longs = longs;
    table->short_slots = ok ? short_slots : 0;
    table->long_slots = ok ? long_slots : 0;
    table->short_used = table->long_used = 0;
    return ok;
}

bool table_grow_short(struct table *table, size_t slots, struct fail *fail)
{
    struct table bigger = *table;
    bigger.short_slots = power_of_two(slots);
    bigger.short_bytes = bigger.short_slots * sizeof *bigger.shorts;
    bigger.shorts = mem_alloc(table->mem, bigger.short_bytes, fail);
    if (!bigger.shorts)
        return false;
    for (size_t i = 0; i < table->short_slots; i++) {
        const struct table_short *slot = &table->shorts[i];
        if (slot->key.hi)
            *table_find_short(&bigger, slot->key, slot->hash) = *slot;
    }
    mem_free(table->mem, table->shorts, table->short_bytes);
    *table = bigger;
    return true;
}

bool table_grow_long(struct table *table, size_t slots, struct fail *fail)
{
    struct table bigger = *table;
    bigger.long_slots = power_of_two(slots);
    bigger.long_bytes = bigger.long_slots * sizeof *bigger.longs;
    bigger.longs = mem_alloc(table->mem, bigger.long_bytes, fail);
    if (!bigger.longs)
        return false;
    for (size_t i = 0; i < table->long_slots; i++) {
        const struct table_long *slot = &table->longs[i];
        if (slot->bytes)
            *table_find_long(&bigger, slot->bytes, slot->len, slot->hash) = *slot;
    }
    mem_free(table->mem, table->longs, table->long_bytes);
    *table = bigger;
    return true;
}

static inline bool equal_16(const uint8_t *a, const uint8_t *b)
{
    return ((key_word(a) ^ key_word(b)) | (key_word(a + 8) ^ key_word(b + 8))) == 0;
}

/* Of long keys, so there are at least 16 bytes: a key of up to 32 is two vectors that overlap. */
static inline bool equal(const uint8_t *a, const uint8_t *b, size_t len)
{
    size_t i = 0;
    for (; i + 16 < len; i += 16)
        if (!equal_16(a + i, b + i))
            return false;
    return equal_16(a + len - 16, b + len - 16);
}

struct table_long *table_find_long(const struct table *table, const uint8_t *bytes, size_t len,
                                   uint64_t hash)
{
    size_t mask = table->long_slots - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct table_long *slot = &table->longs[i];
        if (!slot->bytes
            || (slot->hash == hash && slot->len == len && equal(slot->bytes, bytes, len)))
            return slot;
    }
}

static bool sum(uint64_t *count, uint64_t more, struct fail *fail)
{
    if (__builtin_add_overflow(*count, more, count))
        return fail_set(fail, FAIL_MEMORY, "the same key occurs more than 2^64 times");
    return true;
}

static bool add_record(struct table *table, const struct record *record, struct fail *fail)
{
    if (!record->bytes) {
        uint64_t hash = hash_short(table->seed, record->key);
        struct table_short *slot = table_find_short(table, record->key, hash);
        if (slot->key.hi)
            return sum(&slot->count, record->count, fail);
        *slot = (struct table_short){record->key, record->count, hash};
        return ++table->short_used * 4 <= table->short_slots * 3
            || table_grow_short(table, table->short_slots * 2, fail);
    }
    uint64_t hash = hash_long(table->seed, record->bytes, record->len);
    struct table_long *slot = table_find_long(table, record->bytes, record->len, hash);
    if (slot->bytes)
        return sum(&slot->count, record->count, fail);
    *slot = (struct table_long){hash, record->count, record->bytes, record->len};
    return ++table->long_used * 4 <= table->long_slots * 3
        || table_grow_long(table, table->long_slots * 2, fail);
}

bool table_add(struct table *table, const struct parcel *parcel, struct fail *fail)
{
    struct records records = records_of(parcel);
    struct record record;
    while (records_next(&records, &record))
        if (!add_record(table, &record, fail))
            return false;
    return records_end(&records, "reduce", fail);
}

bool table_emit(const struct table *table, struct arena *arena, uint64_t min_count,
                struct parcel *out, struct tally *all, struct tally *kept, struct fail *fail)
{
    struct tally sum = {0}, rare = {0};
    for (size_t i = 0; i < table->short_slots && table->short_used; i++) {
        const struct table_short *slot = &table->shorts[i];
        if (!slot->key.hi)
            continue;
        tally_add(&sum, slot->count, slot->hash);
        if (slot->count < min_count) {
            tally_add(&rare, slot->count, slot->hash);
            continue;
        }
        if (!parcel_add_short(arena, out, slot->key, slot->count, fail))
            return false;
    }
    for (size_t i = 0; i < table->long_slots && table->long_used; i++) {
        const struct table_long *slot = &table->longs[i];
        if (!slot->bytes)
            continue;
        tally_add(&sum, slot->count, slot->hash);
        if (slot->count < min_count) {
            tally_add(&rare, slot->count, slot->hash);
            continue;
        }
        if (!parcel_add_long(arena, out, slot->bytes, slot->len, slot->count, fail))
            return false;
    }
    all->tokens += sum.tokens;
    all->keyed += sum.keyed;
    kept->tokens += sum.tokens - rare.tokens;
    kept->keyed += sum.keyed - rare.keyed;
    return true;
}

/* How many slots a parcel needs: as many as the last one filled, because hashing makes partitions
 * alike, and some more, but not more than there are records. A table that had to grow for every
 * one would take twice the time, most of it for fresh pages. */
static size_t slots_for(size_t last_used, size_t first, const struct parcel *parcel)
{
    size_t guess = last_used * 3 / 2 > first ? last_used * 3 / 2 : first;
    return parcel->records * 4 / 3 < guess ? parcel->records * 4 / 3 + 1 : guess;
}

bool table_count(struct table *table, struct arena *arena, struct parcel *parcel,
                 uint64_t min_count, struct parcel *out, struct tally *all, struct tally *kept,
                 struct fail *fail)
{
    parcel_settle(parcel);
    size_t shorts = slots_for(table->short_used, FIRST_SLOTS, parcel);
    size_t longs = slots_for(table->long_used, 0, parcel);
    bool ok = table_reset(table, shorts, longs, fail) && table_add(table, parcel, fail)
           && table_emit(table, arena, min_count, out, all, kept, fail);
    parcel_clear(arena, parcel);
    return ok;
}

void table_free(struct table *table)
{
    if (table->mem) {
        mem_free(table->mem, table->shorts, table->short_bytes);
        mem_free(table->mem, table->longs, table->long_bytes);
    }
    *table = (struct table){0};
}
