/* SPDX-License-Identifier: BSD-3-Clause */
/* listing: keys of any length into a parcel, and out of it. */
#ifndef LISTING_H
#define LISTING_H

#include "data/records.h"

#include "naive.h"

/* Adds a key of any length to a parcel. */
static inline bool add_key(struct arena *arena, struct parcel *parcel, const uint8_t *bytes,
                           size_t len, uint64_t count, struct fail *fail)
{
    uint8_t padded[16] = {0};
    if (len > KEY_SHORT_MAX)
        return parcel_add_long(arena, parcel, bytes, len, count, fail);
    if (len > 0)
        memcpy(padded, bytes, len);
    return parcel_add_short(arena, parcel, key_short(padded, len), count, fail);
}

/* Adds all records of a settled parcel to a list; short keys are spelt in `store`, which moves on
 * by 16 bytes each. Returns whether all were well formed. */
static inline bool list_records(const struct parcel *parcel, struct naive *list, uint8_t **store)
{
    struct records records = records_of(parcel);
    struct record record;
    while (records_next(&records, &record)) {
        const uint8_t *bytes = record.bytes ? record.bytes : memcpy(*store, &record.key, 16);
        naive_add(list, bytes, record.len, record.count);
        *store += record.bytes ? 0 : 16;
    }
    return !records.malformed;
}

#endif
