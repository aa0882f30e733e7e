/* SPDX-License-Identifier: BSD-3-Clause */
/* records: the records of a parcel, or of a chunk, one after another. What all readers of records
 * share: which chunk is asked for ahead, and that a malformed record ends the walk and is not
 * mistaken for the end.
 *
 *     struct records records = records_of(parcel);
 *     while (records_next(&records, &record)) ...;
 *     return records_end(&records, "sort", fail);
 *
 * The chunks must stay where they are until the walk is over. */
#ifndef RECORDS_H
#define RECORDS_H

#include "data/parcel.h"

struct records {
    const uint8_t *at, *end; /* of the chunk at hand */
    const struct chunk *next;
    bool malformed;
};

/* Local. All records of a settled parcel. */
static inline struct records records_of(const struct parcel *parcel)
{
    return (struct records){.next = parcel->head};
}

/* Local. Those of one chunk; the one behind it is asked for ahead. */
static inline struct records records_of_chunk(const struct chunk *chunk)
{
    chunk_prefetch(chunk->next);
    return (struct records){.at = chunk->bytes, .end = chunk->bytes + chunk->used_bytes};
}

/* Local. The next record, whose bytes are borrowed. False at the end, or at a malformed one. */
static inline bool records_next(struct records *records, struct record *record)
{
    while (records->at == records->end) {
        const struct chunk *chunk = records->next;
        if (!chunk)
            return false;
        records->at = chunk->bytes;
        records->end = chunk->bytes + chunk->used_bytes;
        records->next = chunk->next;
        chunk_prefetch(chunk->next);
    }
    const uint8_t *next = parcel_next(records->at, records->end, record);
    if (__builtin_expect(!next, 0)) {
        *records = (struct records){.malformed = true};
        return false;
    }
    records->at = next;
    return true;
}

/* Local. Whether the walk came to the end of the records; else false with fail set, FAIL_VERIFY,
 * in the name of `stage`. */
static inline bool records_end(const struct records *records, const char *stage, struct fail *fail)
{
    return !records->malformed || fail_set(fail, FAIL_VERIFY, "%s: a malformed record", stage);
}

#endif
