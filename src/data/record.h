/* SPDX-License-Identifier: BSD-3-Clause */
/* record: a key and its count, taken apart. A short key is held in its normal form, a long one lies
 * elsewhere; `bytes` tells them apart. */
#ifndef RECORD_H
#define RECORD_H

#include "text/hash.h"

struct record {
    struct key key; /* normal form */
    uint64_t count;
    const uint8_t *bytes; /* of a long key, borrowed; NULL when the key is short */
    size_t len;           /* of the key */
};

/* Local. The bytes of the key; of a short one those in `record`, where 16 may be read. */
static inline const uint8_t *record_bytes(const struct record *record)
{
    return record->bytes ? record->bytes : (const uint8_t *)&record->key;
}

/* Local. The hash of the key. */
static inline uint64_t record_hash(const struct hash_seed *seed, const struct record *record)
{
    return record->bytes ? hash_long(seed, record->bytes, record->len)
                         : hash_short(seed, record->key);
}

#endif
