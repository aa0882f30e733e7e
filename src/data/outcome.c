/* SPDX-License-Identifier: BSD-3-Clause */
/* Outcomes. Counted keys go straight to their bucket. Values wait until a few thousand
 * have come together and are then combined: sorted by kind and key, neighbours made one. A task
 * that adds to the same sum again and again so leaves one record, not one for each time.
 *
 * The bucket of a value is that of its kind and key, so that equal keys meet. */
#include "data/outcome.h"

#include "data/order.h"
#include "data/records.h"

#include <stdlib.h>

enum { COMBINE_MIN_RECORDS = 4096 };

typedef unsigned __int128 value_bits;
static const value_bits value_bias = (value_bits)1 << 127; /* makes negative the smaller */

static void put(uint8_t *at, value_bits number, size_t bytes)
{
    for (size_t i = bytes; i-- > 0; number >>= 8)
        at[i] = (uint8_t)number;
}

static value_bits get(const uint8_t *at, size_t bytes)
{
    value_bits number = 0;
    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | at[i];
    return number;
}

static bool is_value(const struct record *record)
{
    return value_kind_is_number(record_bytes(record)[0]);
}

/* The part of a value's key that says what it is a value of. */
static size_t name_len(const struct record *record)
{
    return record->len - OUTCOME_VALUE_BYTES;
}

static uint64_t hash_of(const struct hash_seed *seed, const uint8_t *bytes, size_t len)
{
    if (len > KEY_SHORT_MAX)
        return hash_long(seed, bytes, len);
    uint8_t padded[16] = {0};
    memcpy(padded, bytes, len);
    return hash_short(seed, key_short(padded, len));
}

__int128 outcome_value(const struct record *record)
{
    return (__int128)(get(record->bytes + name_len(record), OUTCOME_VALUE_BYTES) - value_bias);
}

void outcome_init(struct outcome *outcome, struct arena *arena, const struct hash_seed *seed)
{
    *outcome = (struct outcome){.arena = arena, .seed = seed, .combine_at = COMBINE_MIN_RECORDS};
}

/* Makes the scratch hold at least `len` bytes, and those a key may be read beyond its end. */
static bool room(struct outcome *outcome, size_t len, struct fail *fail)
{
    uint8_t *key = mem_reserve(outcome->arena->mem, outcome->key, &outcome->key_cap,
                               len + KEY_SLACK_BYTES, fail);
    if (!key)
        return false;
    outcome->key = key;
    return true;
}

static bool add_bytes(struct arena *arena, struct parcel *parcel, const uint8_t *bytes, size_t len,
                      uint64_t count, struct fail *fail)
{
    if (len > KEY_SHORT_MAX)
        return parcel_add_long(arena, parcel, bytes, len, count, fail);
    return parcel_add_short(arena, parcel, key_short(bytes, len), count, fail);
}

/* Sends the key in the scratch on its way. */
static bool add_key(struct outcome *outcome, size_t len, uint64_t count, struct box *outbox,
                    struct fail *fail)
{
    uint64_t hash = hash_of(outcome->seed, outcome->key, len);
    tally_add(&outcome->tally, count, hash);
    return add_bytes(outcome->arena, &outbox->parcels[hash_bucket(hash, outbox->len)], outcome->key,
                     len, count, fail);
}

bool outcome_add_count(struct outcome *outcome, const uint8_t *key, size_t len, uint64_t count,
                       struct box *outbox, struct fail *fail)
{
    if (!room(outcome, 1 + len, fail))
        return false;
    outcome->key[0] = VALUE_KIND_COUNT;
    memcpy(outcome->key + 1, key, len);
    return add_key(outcome, 1 + len, count, outbox, fail);
}

/* What a value record adds to the sums of the verification: something that combining does not
 * change. Sums have it; of minima and maxima nothing is kept. */
static void tally_value(struct tally *tally, const struct hash_seed *seed, const uint8_t *bytes,
                        size_t len)
{
    value_bits value = get(bytes + len - OUTCOME_VALUE_BYTES, OUTCOME_VALUE_BYTES) - value_bias;
    if (bytes[0] == VALUE_KIND_SUM)
        tally->keyed += value * hash_of(seed, bytes, len - OUTCOME_VALUE_BYTES);
}

/* A value, as where it lies. */
struct value {
    const uint8_t *bytes;
    size_t name_len;
};

static int compare_names(const struct value *a, const struct value *b)
{
    return order_compare_bytes(a->bytes, a->name_len, b->bytes, b->name_len);
}

static int compare_values(const void *a, const void *b)
{
    return compare_names(a, b);
}

static value_bits combine_two(uint8_t kind, value_bits a, value_bits b)
{
    if (kind == VALUE_KIND_SUM)
        return a + b - value_bias;
    return (a < b) == (kind == VALUE_KIND_MIN) ? a : b;
}

/* Writes one record for each run of equal names. */
static bool emit_values(const struct value *values, size_t len, const struct hash_seed *seed,
                        struct arena *arena, struct parcel *out, struct tally *kept,
                        struct fail *fail)
{
    for (size_t i = 0, next; i < len; i = next) {
        const uint8_t *bytes = values[i].bytes;
        size_t name = values[i].name_len;
        value_bits value = get(bytes + name, OUTCOME_VALUE_BYTES);
        for (next = i + 1; next < len && compare_names(&values[i], &values[next]) == 0; next++)
            value =
                combine_two(bytes[0], value, get(values[next].bytes + name, OUTCOME_VALUE_BYTES));
        if (!parcel_add_long(arena, out, bytes, name + OUTCOME_VALUE_BYTES, 1, fail))
            return false;
        uint8_t *copy = out->at - name - OUTCOME_VALUE_BYTES;
        put(copy + name, value, OUTCOME_VALUE_BYTES);
        if (kept)
            tally_add(kept, 1, hash_long(seed, copy, name + OUTCOME_VALUE_BYTES));
    }
    return true;
}

/* Takes the values of a settled parcel up, and passes on what is not one. */
static bool collect(const struct parcel *parcel, const struct hash_seed *seed, struct arena *arena,
                    struct value *values, size_t *len, struct parcel *others, struct tally *all,
                    struct fail *fail)
{
    struct records records = records_of(parcel);
    struct record record;
    while (records_next(&records, &record)) {
        if (!is_value(&record)) {
            if (!parcel_add(arena, others, &record, fail))
                return false;
            continue;
        }
        values[(*len)++] = (struct value){record.bytes, name_len(&record)};
        if (all)
            tally_value(all, seed, record.bytes, record.len);
    }
    return records_end(&records, "reduce", fail);
}

static bool has_values(const struct parcel *parcel)
{
    struct records records = records_of(parcel);
    struct record record;
    while (records_next(&records, &record))
        if (is_value(&record))
            return true;
    return false;
}

/* Values of `parcel`, combined, to `out`; everything else to `others`. Empties the parcel. */
static bool combine_values(struct arena *arena, const struct hash_seed *seed, struct parcel *parcel,
                           struct parcel *out, struct parcel *others, struct tally *all,
                           struct tally *kept, struct fail *fail)
{
    size_t len = 0, bytes = parcel->records * sizeof(struct value);
    struct value *values = mem_alloc(arena->mem, bytes, fail);
    bool ok = values && collect(parcel, seed, arena, values, &len, others, all, fail);
    if (ok) {
        qsort(values, len, sizeof *values, compare_values);
        ok = emit_values(values, len, seed, arena, out, kept, fail);
    }
    mem_free(arena->mem, values, bytes);
    parcel_clear(arena, parcel);
    return ok;
}

bool outcome_combine(struct table *table, struct arena *arena, struct parcel *parcel,
                     uint64_t min_count, struct parcel *out, struct tally *all, struct tally *kept,
                     struct fail *fail)
{
    parcel_settle(parcel);
    if (!has_values(parcel))
        return table_count(table, arena, parcel, min_count, out, all, kept, fail);
    struct parcel others = {0};
    bool ok = combine_values(arena, table->seed, parcel, out, &others, all, kept, fail);
    uint64_t values = out->records;
    ok = ok && table_count(table, arena, &others, min_count, out, all, kept, fail);
    table->long_used += values; /* distinct keys, too */
    parcel_clear(arena, &others);
    return ok;
}

bool outcome_add_value(struct outcome *outcome, enum value_kind kind, const uint8_t *key,
                       size_t len, int64_t value, struct fail *fail)
{
    if (!room(outcome, 1 + 2 * len + 2 + OUTCOME_VALUE_BYTES, fail))
        return false;
    uint8_t *at = outcome->key;
    *at++ = (uint8_t)kind;
    for (size_t i = 0; i < len; i++) {
        *at++ = key[i];
        if (key[i] == 0)
            *at++ = 0xff;
    }
    *at++ = 0;
    *at++ = 0;
    put(at, (value_bits)(__int128)value + value_bias, OUTCOME_VALUE_BYTES);
    size_t bytes = (size_t)(at - outcome->key) + OUTCOME_VALUE_BYTES;
    tally_value(&outcome->tally, outcome->seed, outcome->key, bytes);
    if (!parcel_add_long(outcome->arena, &outcome->values, outcome->key, bytes, 1, fail))
        return false;
    if (outcome->values.records < outcome->combine_at)
        return true;
    struct parcel combined = {0}, none = {0};
    parcel_settle(&outcome->values);
    bool ok = combine_values(outcome->arena, outcome->seed, &outcome->values, &combined, &none,
                             NULL, NULL, fail);
    outcome->values = combined;
    outcome->combine_at =
        2 * combined.records > COMBINE_MIN_RECORDS ? 2 * combined.records : COMBINE_MIN_RECORDS;
    return ok;
}

bool outcome_flush(struct outcome *outcome, struct box *outbox, struct fail *fail)
{
    struct parcel combined = {0}, none = {0};
    parcel_settle(&outcome->values);
    bool ok = !outcome->values.head
           || combine_values(outcome->arena, outcome->seed, &outcome->values, &combined, &none,
                             NULL, NULL, fail);
    parcel_settle(&combined);
    struct records records = records_of(&combined);
    struct record record;
    while (ok && records_next(&records, &record)) {
        uint64_t hash = hash_of(outcome->seed, record.bytes, name_len(&record));
        ok = parcel_add(outcome->arena, &outbox->parcels[hash_bucket(hash, outbox->len)], &record,
                        fail);
    }
    parcel_clear(outcome->arena, &combined);
    return ok;
}

void outcome_free(struct outcome *outcome)
{
    if (!outcome->arena)
        return;
    parcel_clear(outcome->arena, &outcome->values);
    mem_free(outcome->arena->mem, outcome->key, outcome->key_cap);
    *outcome = (struct outcome){0};
}
