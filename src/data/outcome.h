/* SPDX-License-Identifier: BSD-3-Clause */
/* outcome: what of the things that tasks leave behind is combined by key, as keys that the shuffle
 * and the sort handle like words.
 *
 *   sum      2  key  0 0  value                  values of equal keys are combined; count 1
 *   minimum  3  the same
 *   maximum  4  the same
 *   counted  5  key                              counted like a word
 *
 * Numbers are big-endian, and a NUL in a key is written as 0 255, so that the order of the bytes is
 * the order of the results. A value has 128 bits: no sum of 64-bit numbers that anybody can wait
 * for overflows, whatever the order of the additions. */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "data/box.h"
#include "data/table.h"
#include "data/value_kind.h"

enum { OUTCOME_VALUE_BYTES = 16 }; /* after a key */

/* Writes outcomes to an outbox; values of equal keys are combined before. */
struct outcome {
    struct arena *arena;          /* borrowed */
    const struct hash_seed *seed; /* borrowed */
    struct tally tally;           /* of all added so far */
    struct parcel values;         /* not in the outbox yet */
    uint64_t combine_at;          /* records in it */
    uint8_t *key;                 /* scratch */
    size_t key_cap;
};

/* Local. */
void outcome_init(struct outcome *outcome, struct arena *arena, const struct hash_seed *seed);

/* Local. Adds a value to the sum, minimum or maximum of a key. False with fail set. */
bool outcome_add_value(struct outcome *outcome, enum value_kind kind, const uint8_t *key,
                       size_t len, int64_t value, struct fail *fail);

/* Local. Counts a key `count` times, at least once. False with fail set. */
bool outcome_add_count(struct outcome *outcome, const uint8_t *key, size_t len, uint64_t count,
                       struct box *outbox, struct fail *fail);

/* Local. Moves the combined values to the outbox. False with fail set. */
bool outcome_flush(struct outcome *outcome, struct box *outbox, struct fail *fail);

/* Local. Idempotent. */
void outcome_free(struct outcome *outcome);

/* Local. What table_count is for words: values of equal keys become one record, counted keys too.
 */
bool outcome_combine(struct table *table, struct arena *arena, struct parcel *parcel,
                     uint64_t min_count, struct parcel *out, struct tally *all, struct tally *kept,
                     struct fail *fail);

/* Local. The value of a sum, minimum or maximum. */
__int128 outcome_value(const struct record *record);

#endif
