/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_entry: what an index says of a block: a key that comes behind all keys of the block before
 * and not behind the first of this one, how long it is, what is in it, and its checksum.
 *
 *     varint length of the key, the key, varints bytes, rows, sum; 8 bytes checksum
 *
 * Rows are those of the data blocks below it. */
#ifndef COUNTS_ENTRY_H
#define COUNTS_ENTRY_H

#include "counts/counts_layout.h"

struct counts_entry {
    const uint8_t *key; /* borrowed */
    uint64_t key_len;
    uint64_t bytes, rows, sum, checksum;
};

/* All of an entry but its key. */
enum { COUNTS_ENTRY_BYTES = 4 * COUNTS_VARINT_BYTES + 8 };

/* Local. Writes COUNTS_ENTRY_BYTES and the key at most; returns the end. */
static inline uint8_t *counts_entry_put(uint8_t *at, const struct counts_entry *entry)
{
    at = counts_layout_put(at, entry->key_len);
    memcpy(at, entry->key, entry->key_len);
    at = counts_layout_put(at + entry->key_len, entry->bytes);
    at = counts_layout_put(at, entry->rows);
    at = counts_layout_put(at, entry->sum);
    counts_layout_put64(at, entry->checksum);
    return at + 8;
}

/* Local. Takes the entry at `at` apart; returns its end, NULL where it is malformed. */
static inline const uint8_t *counts_entry_get(const uint8_t *at, const uint8_t *end,
                                              struct counts_entry *entry)
{
    at = counts_layout_get(at, end, &entry->key_len);
    if (!at || entry->key_len > (uint64_t)(end - at))
        return NULL;
    entry->key = at;
    at = counts_layout_get(at + entry->key_len, end, &entry->bytes);
    at = at ? counts_layout_get(at, end, &entry->rows) : NULL;
    at = at ? counts_layout_get(at, end, &entry->sum) : NULL;
    if (!at || end - at < 8)
        return NULL;
    entry->checksum = counts_layout_get64(at);
    return at + 8;
}

#endif
