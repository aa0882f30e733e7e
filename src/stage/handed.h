/* SPDX-License-Identifier: BSD-3-Clause */
/* handed: records one after another in a buffer, as one rank hands them to another. */
#ifndef HANDED_H
#define HANDED_H

#include "data/record.h"
#include "host/buffer.h"

enum { HANDED_HEAD_BYTES = 16 }; /* length and count; the key follows */

/* Local. Appends a record. False with fail set. */
static inline bool handed_put(struct buffer *to, struct mem *mem, const struct record *record,
                              struct fail *fail)
{
    const uint64_t numbers[] = {record->len, record->count};
    _Static_assert(sizeof numbers == HANDED_HEAD_BYTES, "they are what is before the key");
    return buffer_append(to, mem, numbers, sizeof numbers, fail)
        && buffer_append(to, mem, record_bytes(record), record->len, fail);
}

/* Local. Takes the record at `at`, whose bytes are borrowed, and returns where the next one begins.
 * Reads KEY_SLACK_BYTES behind it. */
static inline const uint8_t *handed_get(const uint8_t *at, struct record *record)
{
    const uint8_t *key = at + HANDED_HEAD_BYTES;
    const size_t len = key_word(at);
    const bool is_short = len <= KEY_SHORT_MAX;
    *record = (struct record){.key = is_short ? key_short(key, len) : key_long(key),
                              .count = key_word(at + 8),
                              .bytes = is_short ? NULL : key,
                              .len = len};
    return key + len;
}

#endif
