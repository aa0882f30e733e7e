/* SPDX-License-Identifier: BSD-3-Clause */
/* The hot loop of the program: 64 keys at a time are brought into normal form and hashed, their
 * slots are prefetched, and then they are counted. By the time the first is looked up its cache
 * line has arrived; without batches a large vocabulary counts half as fast.
 *
 * No branch depends on a key's length: a long key is overwritten by the next one, and a batch that
 * had any is gone through once more for them. */
#include "data/combiner.h"

enum {
    BATCH_KEYS = 64,
    FIRST_SLOTS = 4096,
    GROWTH = 4,
    LONG_SHARE = 8,          /* one slot in eight for long keys */
    STORED_KEY_BYTES = 1024, /* longer keys are not kept here */
    PATIENCE = 4, /* a frozen table is emptied when this many times its keys passed it by */
};

struct hashed {
    struct key key;
    uint64_t hash;
    struct table_short *slot; /* where its hash points */
};

static size_t long_slots(const struct combiner *combiner)
{
    return combiner->max_slots / LONG_SHARE;
}

/* How many slots may be used. While the table may grow, a quarter: nearly every key is then where
 * its hash points, and a branch that is foreseen is worth more than a smaller table. (kjv: map
 * 0.237 s, 0.25 s at three eighths, 0.275 s at five eighths.) At its full size, five eighths:
 * beyond that searches become long. */
static size_t limit(size_t slots, size_t max_slots)
{
    return slots < max_slots ? slots / 4 : slots / 8 * 5;
}

bool combiner_init(struct combiner *combiner, struct arena *arena, const struct hash_seed *seed,
                   size_t max_bytes, bool verify, struct fail *fail)
{
    *combiner = (struct combiner){.arena = arena, .verify = verify};
    size_t slots = 512;
    while (slots * 2 * sizeof(struct table_short) <= max_bytes)
        slots *= 2;
    combiner->max_slots = max_bytes ? slots : 0;
    combiner->frozen = max_bytes == 0;
    table_init(&combiner->table, arena->mem, seed);
    return table_reset(&combiner->table, slots < FIRST_SLOTS ? slots : FIRST_SLOTS, 64, fail);
}

/* Counts a key that others have pushed on from where its hash points. If the key there is rarer the
 * two change places, so that frequent keys come to be found at once: all slots between are taken,
 * and a search for either still passes them. */
static void count_displaced(struct table *table, struct table_short *slot, uint64_t count)
{
    struct table_short *home = &table->shorts[slot->hash & (table->short_slots - 1)];
    slot->count += count;
    if (slot->count > home->count) {
        struct table_short frequent = *slot;
        *slot = *home;
        *home = frequent;
    }
}

static bool pass_short(struct combiner *combiner, struct key key, uint64_t hash, uint64_t count,
                       struct box *outbox, struct fail *fail)
{
    combiner->passed++;
    return parcel_add_short(combiner->arena, &outbox->parcels[hash_bucket(hash, outbox->len)], key,
                            count, fail);
}

/* A key that is not where its hash points: it has been pushed on by others, or is new. */
static __attribute__((noinline)) bool count_elsewhere(struct combiner *combiner, struct key key,
                                                      uint64_t hash, uint64_t count,
                                                      struct box *outbox, struct fail *fail)
{
    struct table *table = &combiner->table;
    struct table_short *slot = table_find_short(table, key, hash);
    if (slot->key.hi) {
        count_displaced(table, slot, count);
        return true;
    }
    if (table->short_used >= limit(table->short_slots, combiner->max_slots)) {
        if (table->short_slots == combiner->max_slots) {
            combiner->frozen = true;
            return pass_short(combiner, key, hash, count, outbox, fail);
        }
        size_t more = table->short_slots * GROWTH;
        if (!table_grow_short(table, more < combiner->max_slots ? more : combiner->max_slots, fail))
            return false;
        slot = table_find_short(table, key, hash);
    }
    *slot = (struct table_short){key, count, hash};
    table->short_used++;
    return true;
}

static bool miss_long(struct combiner *combiner, struct table_long *slot, const uint8_t *bytes,
                      size_t len, uint64_t hash, uint64_t count, struct box *outbox,
                      struct fail *fail)
{
    struct table *table = &combiner->table;
    bool full = combiner->max_slots == 0
             || table->long_used >= limit(table->long_slots, long_slots(combiner));
    if (full && table->long_slots < long_slots(combiner)) {
        if (!table_grow_long(table, table->long_slots * 4, fail))
            return false;
        slot = table_find_long(table, bytes, len, hash);
        full = false;
    }
    if (full || len > STORED_KEY_BYTES) {
        combiner->passed++;
        return parcel_add_long(combiner->arena, &outbox->parcels[hash_bucket(hash, outbox->len)],
                               bytes, len, count, fail);
    }
    uint8_t *copy = parcel_room(combiner->arena, &combiner->stored, mem_padded(len), fail);
    if (!copy)
        return false;
    combiner->stored.records++;
    memcpy(copy, bytes, len);
    *slot = (struct table_long){hash, count, copy, len};
    table->long_used++;
    return true;
}

static bool count_long(struct combiner *combiner, const uint8_t *bytes, size_t len, uint64_t hash,
                       uint64_t count, struct box *outbox, struct fail *fail)
{
    struct table_long *slot = table_find_long(&combiner->table, bytes, len, hash);
    if (!slot->bytes)
        return miss_long(combiner, slot, bytes, len, hash, count, outbox, fail);
    slot->count += count;
    return true;
}

static bool add_long(struct combiner *combiner, const uint8_t *bytes, size_t len,
                     struct box *outbox, struct fail *fail)
{
    uint64_t hash = hash_long(combiner->table.seed, bytes, len);
    if (combiner->verify)
        combiner->tally.keyed += hash;
    return count_long(combiner, bytes, len, hash, 1, outbox, fail);
}

/* Normal forms, hashes and slots of the short keys among `len`. Returns how many are short. */
static inline __attribute__((always_inline)) size_t load(const struct table *table,
                                                         const uint8_t *base, const uint32_t *edges,
                                                         size_t len, struct hashed *shorts)
{
    const struct hash_seed seed = *table->seed;
    struct table_short *slots = table->shorts;
    const size_t mask = table->short_slots - 1;
    struct hashed *next = shorts;
    for (size_t i = 0; i < len; i++) {
        uint32_t start = edges[2 * i], key_len = edges[2 * i + 1] - start;
        key_vector key = key_short_vector(base + start, key_len & KEY_SHORT_MAX);
        next->key = key_from_vector(key);
        next->hash = hash_short_vector(&seed, key);
        next->slot = &slots[next->hash & mask];
        __builtin_prefetch(next->slot, 1);
        next += key_len <= KEY_SHORT_MAX;
    }
    return (size_t)(next - shorts);
}

static inline bool is_at(const struct table_short *slot, struct key key)
{
    return ((slot->key.lo ^ key.lo) | (slot->key.hi ^ key.hi)) == 0;
}

/* Once more, after the table has grown. */
static void find_slots(const struct table *table, struct hashed *word, const struct hashed *end)
{
    for (; word < end; word++)
        word->slot = &table->shorts[word->hash & (table->short_slots - 1)];
}

static __attribute__((noinline)) bool add_longs(struct combiner *combiner, const uint8_t *base,
                                                const uint32_t *edges, size_t len,
                                                struct box *outbox, struct fail *fail)
{
    for (size_t i = 0; i < 2 * len; i += 2) {
        uint32_t key_len = edges[i + 1] - edges[i];
        if (key_len > KEY_SHORT_MAX && !add_long(combiner, base + edges[i], key_len, outbox, fail))
            return false;
    }
    return true;
}

/* Counts `len` short keys while the table may take up new ones. */
static inline __attribute__((always_inline)) bool count_shorts(struct combiner *combiner,
                                                               struct hashed *word, size_t len,
                                                               struct box *outbox,
                                                               struct fail *fail, const bool verify)
{
    const struct hashed *end = word + len;
    const struct table_short *slots = combiner->table.shorts;
    unsigned __int128 keyed = 0;
    for (; word < end; word++) {
        struct table_short *slot = word->slot;
        if (verify)
            keyed += word->hash;
        if (__builtin_expect(is_at(slot, word->key), 1)) {
            slot->count++;
            continue;
        }
        if (!count_elsewhere(combiner, word->key, word->hash, 1, outbox, fail))
            return false;
        if (combiner->table.shorts != slots) {
            slots = combiner->table.shorts;
            find_slots(&combiner->table, word + 1, end);
        }
    }
    combiner->tally.keyed += keyed;
    return true;
}

/* Counts `len` short keys when the table is full: one that is not where its hash points is passed
 * on, even if it could be found elsewhere, and without a branch, because nobody can foresee which.
 * (zipf: map 0.40 s, against 0.62 s with a search for each.) */
static inline __attribute__((always_inline)) bool
count_or_pass(struct combiner *combiner, struct hashed *words, size_t len, struct box *outbox,
              struct fail *fail, const bool verify)
{
    struct hashed *passed = words;
    unsigned __int128 keyed = 0;
    for (const struct hashed *word = words; word < words + len; word++) {
        if (verify)
            keyed += word->hash;
        bool here = is_at(word->slot, word->key);
        word->slot->count += here;
        *passed = *word;
        passed += !here;
    }
    combiner->tally.keyed += keyed;
    combiner->passed += (size_t)(passed - words);
    for (const struct hashed *word = words; word < passed; word++)
        if (!parcel_add_short(combiner->arena,
                              &outbox->parcels[hash_bucket(word->hash, outbox->len)], word->key, 1,
                              fail))
            return false;
    return true;
}

/* Up to BATCH_KEYS keys, from `edges`. */
static inline __attribute__((always_inline)) bool
add_some(struct combiner *combiner, const uint8_t *base, const uint32_t *edges, size_t len,
         struct box *outbox, struct fail *fail, const bool verify)
{
    _Alignas(64) struct hashed shorts[BATCH_KEYS + 1]; /* two to a line (kjv: 12 % faster) */
    size_t shorts_len = load(&combiner->table, base, edges, len, shorts);
    bool ok = combiner->frozen ? count_or_pass(combiner, shorts, shorts_len, outbox, fail, verify)
                               : count_shorts(combiner, shorts, shorts_len, outbox, fail, verify);
    return ok && (shorts_len == len || add_longs(combiner, base, edges, len, outbox, fail));
}

/* Two copies of the loop, so that the one without verification does not even ask. */
static bool add_verified(struct combiner *combiner, const uint8_t *base, const uint32_t *edges,
                         size_t len, struct box *outbox, struct fail *fail)
{
    return add_some(combiner, base, edges, len, outbox, fail, true);
}

static bool add_plain(struct combiner *combiner, const uint8_t *base, const uint32_t *edges,
                      size_t len, struct box *outbox, struct fail *fail)
{
    return add_some(combiner, base, edges, len, outbox, fail, false);
}

/* Whether so many keys passed the table by that what it holds is no longer frequent. */
static bool is_stale(const struct combiner *combiner)
{
    return combiner->max_slots
        && combiner->passed > PATIENCE * limit(combiner->max_slots, combiner->max_slots);
}

bool combiner_add(struct combiner *combiner, const struct batch *batch, struct box *outbox,
                  struct fail *fail)
{
    for (size_t i = 0; i < batch->len; i += BATCH_KEYS) {
        size_t len = batch->len - i < BATCH_KEYS ? batch->len - i : BATCH_KEYS;
        const uint32_t *edges = batch->edges + 2 * i;
        if (combiner->verify ? !add_verified(combiner, batch->base, edges, len, outbox, fail)
                             : !add_plain(combiner, batch->base, edges, len, outbox, fail))
            return false;
    }
    combiner->tally.tokens += batch->len;
    return !is_stale(combiner) || combiner_flush(combiner, outbox, fail);
}

/* Counts the keys that are waiting. */
static bool count_waiting(struct combiner *combiner, struct box *outbox, struct fail *fail)
{
    const struct table_short *key = combiner->waiting, *end = key + combiner->waiting_len;
    const struct table *table = &combiner->table;
    bool ok = true;
    for (; ok && key < end; key++) {
        struct table_short *slot = &table->shorts[key->hash & (table->short_slots - 1)];
        if (is_at(slot, key->key))
            slot->count += key->count;
        else if (combiner->frozen)
            ok = pass_short(combiner, key->key, key->hash, key->count, outbox, fail);
        else
            ok = count_elsewhere(combiner, key->key, key->hash, key->count, outbox, fail);
    }
    combiner->waiting_len = 0;
    return ok;
}

bool combiner_put(struct combiner *combiner, const struct record *record, struct box *outbox,
                  struct fail *fail)
{
    const struct table *table = &combiner->table;
    const uint64_t hash = record_hash(table->seed, record), count = record->count;
    combiner->tally.tokens += count;
    if (combiner->verify)
        combiner->tally.keyed += (unsigned __int128)hash * count;
    if (record->bytes)
        return count_long(combiner, record->bytes, record->len, hash, count, outbox, fail);
    __builtin_prefetch(&table->shorts[hash & (table->short_slots - 1)], 1);
    combiner->waiting[combiner->waiting_len++] = (struct table_short){record->key, count, hash};
    return combiner->waiting_len < COMBINER_WAITING
        || (count_waiting(combiner, outbox, fail)
            && (!is_stale(combiner) || combiner_flush(combiner, outbox, fail)));
}

bool combiner_flush(struct combiner *combiner, struct box *outbox, struct fail *fail)
{
    struct table *table = &combiner->table;
    if (!count_waiting(combiner, outbox, fail))
        return false;
    for (size_t i = 0; i < table->short_slots && table->short_used; i++) {
        const struct table_short *slot = &table->shorts[i];
        struct parcel *bucket = &outbox->parcels[hash_bucket(slot->hash, outbox->len)];
        if (slot->key.hi
            && !parcel_add_short(combiner->arena, bucket, slot->key, slot->count, fail))
            return false;
    }
    for (size_t i = 0; i < table->long_slots && table->long_used; i++) {
        const struct table_long *slot = &table->longs[i];
        struct parcel *bucket = &outbox->parcels[hash_bucket(slot->hash, outbox->len)];
        if (slot->bytes
            && !parcel_add_long(combiner->arena, bucket, slot->bytes, slot->len, slot->count, fail))
            return false;
    }
    parcel_clear(combiner->arena, &combiner->stored);
    combiner->flushed += combiner->passed + table->short_used + table->long_used;
    combiner->passed = 0;
    combiner->frozen = combiner->max_slots == 0;
    return table_reset(table, table->short_slots, table->long_slots, fail);
}

uint64_t combiner_records(const struct combiner *combiner)
{
    const struct table *table = &combiner->table;
    return combiner->flushed + combiner->passed + table->short_used + table->long_used;
}

void combiner_free(struct combiner *combiner)
{
    if (combiner->arena)
        parcel_clear(combiner->arena, &combiner->stored);
    table_free(&combiner->table);
    *combiner = (struct combiner){0};
}
